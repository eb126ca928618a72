// What an echo names, and what a plan keeps.
#include <doctest/doctest.h>

#include "tests/unit/checkins/rig.hpp"

using namespace moodline;
using namespace moodline::rig;

TEST_CASE("echo: a correction names the day whose reading it changed") {
  Rig r;
  r.join(r.someone());
  r.until(TimeOfDay::hm(18, 1));
  CHECK(r.answer(mj, "3") == "Got 3 for today. Text again to change.");
  CHECK(r.answer(mj, "sorry, I meant 4") == "Changed to 4 for today.");
  r.until(TimeOfDay::hm(18, 1));
  // Tuesday's question is open and unanswered: what is corrected is still Monday's.
  CHECK(r.answer(mj, "sorry, I meant 5") == "Changed to 5 for Monday.");
}

TEST_CASE("echo: a plan is kept as it was written") {
  Rig r;
  r.join(r.someone());
  const std::string plan =
      "Walk to the harbour, then ring Jo; if Jo is out I make soup. Bed by 11 \xF0\x9F\x8C\x8A";
  CHECK(r.answer(mj, "PLAN: " + plan) == "Kept. Your plan: " + plan);
}
