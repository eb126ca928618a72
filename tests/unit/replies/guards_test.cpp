// Numbers that stand where answers stand and are said of something else, beside their near misses.
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "support.hpp"

namespace moodline::replies::test {
namespace {

bool reads(std::string_view text) {
  const Verdict v = reader().read(text, mood());
  return v.kind == Kind::reading || v.kind == Kind::readings || v.kind == Kind::correction;
}

struct Pair {
  std::string_view guarded;   // asked back, or a note
  std::string_view answered;  // its near miss: a reading
};

constexpr Pair pairs[] = {
    // A mark given to a thing.
    {"the film was a 7", "today was a 7"},
    {"service was 10/10", "mood 10/10"},
    {"new boss is a 3", "everything is a 3"},
    {"that curry was 9/10", "my day was 9/10"},
    {"outfit 10/10 today", "feeling 10/10 today"},
    {"10/10 for effort", "10/10 for once"},
    {"2/10 for that cup of coffee", "2/10 for mood"},
    {"im a 7 in heels", "im a 7 in myself"},
    {"9 out of 10 plumbers", "9 out of 10 thanks"},
    // A deed and how many.
    {"i knitted 4", "i would say 4"},
    {"planted 8", "relaxed 8"},
    {"conceded 4", "exhausted 4"},
    {"did a 10", "im a 10"},
    // Somebody else's, or only quoted, supposed or taken back.
    {"therapist put me at a 4", "put me at a 4"},
    {"nobody is ever a 10", "im a 10"},
    {"she looks a 5", "i feel a 5"},
    {"wish i was at a 7", "im at a 7"},
    {"at my worst 2", "today 2"},
    {"hypothetically a 7", "honestly a 7"},
    {"lets pretend its 6", "lets say its 6"},
    {"a 4 would be a lie", "a 4 i would say"},
    {"5 is what my mate would say", "5 is what id say"},
    {"dont put me down as a 7", "put me down as a 7"},
    // Names, times and shares.
    {"husband number 2", "number 2"},
    {"coffee number 4", "my number is 4"},
    {"today is day 8", "today is 8"},
    {"1 in 4 people", "4 and people are kind"},
    {"6 x eggs", "6 x"},
    {"when i was 7", "im 7"},
    {"went to bed about 9", "feeling about 9"},
    {"on a waiting list of about 9", "pretty good about 9"},
    {"3 dice", "3 nice"},
    {"us 4 are fine", "4 im fine"},
    {"ticket says 8", "id say 8"},
    {"two very good films on tonight", "two but a lovely walk"},
    {"last week id have said 8", "id say 8"},
    {"everyone in group said 8", "i said 8"},
    {"it was 8 when they took me in", "it was 8"},
    {"could be a 3 could be an 8", "could be an 8"},
    {"are you okay 8 or not", "8 and okay"},
};

}  // namespace

TEST_CASE("numbers said of something else are asked back, their near misses are read") {
  for (const Pair& p : pairs) {
    CAPTURE(p.guarded);
    CAPTURE(p.answered);
    CHECK_FALSE(reads(p.guarded));
    CHECK(reads(p.answered));
  }
}

}  // namespace moodline::replies::test
