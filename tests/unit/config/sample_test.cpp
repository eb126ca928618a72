// The sample service loads cleanly, and means what its files say.
#include <doctest/doctest.h>

#include "config/load.hpp"
#include "config/templates.hpp"

using namespace moodline;
using namespace moodline::config;

namespace {
Registries registries() {
  return {{{"simulated", {}, true, false, true},
           {"kannel", {{"url", FieldType::url, true, "", "sendsms"}}, true, false, false},
           {"oneway", {}, false, false, false}}};
}
}  // namespace

TEST_CASE("the sample service loads without a problem") {
  const Loaded loaded = load(MOODLINE_SOURCE_DIR "/config/sample", registries());
  CHECK(to_text(loaded.problems) == "");
  REQUIRE(loaded.service);
  const Service& s = *loaded.service;
  CHECK(s.measures.size() == 10);
  CHECK(s.practitioners.size() == 3);
  CHECK(s.programmes.size() == 3);
  CHECK(s.hash.size() == 64);
}
