// A child's or a parent's age in each language, and spans of time, are no answers.
#include <doctest/doctest.h>

#include <string_view>

#include "support.hpp"

namespace moodline::replies::test {
namespace {

struct Said {
  const char* language;
  std::string_view text;
};

bool reads(const Said& said) {
  Context c = mood();
  c.languages = {said.language};
  const Verdict v = reader().read(said.text, c);
  return v.kind == Kind::reading || v.kind == Kind::readings || v.kind == Kind::correction;
}

}  // namespace

TEST_CASE("ages are no answers, and the same number alone is one") {
  const Said ages[] = {{"en", "my lad is 6"},          {"bn", "আমার মেয়ের বয়স ৭"},
                       {"bn", "amar cheler boyosh 8"}, {"ar", "ابنتي عمرها 7"},
                       {"ur", "meri beti ki umar 7"},  {"pa", "munde di umar 9"},
                       {"pl", "mam córkę w wieku 8"},  {"es", "mi nieta cumple 6"},
                       {"fr", "mon fils âgé de 7"},    {"pt", "a minha neta, idade 6"}};
  for (const Said& age : ages) {
    CAPTURE(age.text);
    CHECK_FALSE(reads(age));
    CHECK(reads({age.language, "7"}));
  }
}

TEST_CASE("a span of time is no answer, whichever end is looked at") {
  for (const char* text : {"back in 3-5", "delivery from 4-6", "in the region of 3-5"}) {
    CAPTURE(text);
    CHECK_FALSE(reads({"en", text}));
  }
  CHECK(reads({"en", "back in work, 5"}));
}

}  // namespace moodline::replies::test
