// The machine's clock steps under a running service.
#include "daemon/checkins/clock_jump.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/checkins/rig.hpp"

using namespace moodline;
using namespace moodline::rig;

namespace {

bool held(Rig& r) {
  bool out = false;
  r.read([&out](store::ReadTx& tx) { out = checkins::clock_held(tx); });
  return out;
}

/// MJ agreed to hear from us after three unanswered check-ins, and has left three unanswered: the
/// third one's reply window is over at noon on Thursday.
void quiet_for_three_evenings(Rig& r) {
  r.join(r.someone(), {"gone-quiet"});
  for (int evening = 0; evening < 3; ++evening) r.until(TimeOfDay::hm(19, 0));
  r.forget();
}

int alerts(Rig& r) {
  return static_cast<int>(r.alerts_of(mj).size());
}

bool told(const Rig& r, const std::string& number, const std::string& words) {
  const auto texts = r.sent_to(number);
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& t) { return t.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("with a clock that keeps pace, silence is noticed at its deadline") {
  Rig r;
  quiet_for_three_evenings(r);
  r.advance(24);
  CHECK(alerts(r) == 1);
  CHECK_FALSE(held(r));
}

TEST_CASE(
    "a clock that jumps ahead makes nobody silent; the admin is told; an hour later it counts") {
  Rig r;
  quiet_for_three_evenings(r);
  r.step_clock(day);
  CHECK(held(r));
  CHECK(alerts(r) == 0);
  CHECK(told(r, gwen, "clock jumped"));
  r.advance(0.9);
  CHECK(alerts(r) == 0);
  r.advance(0.2);
  CHECK_FALSE(held(r));
  r.advance(0.3);  // a rule's settle time counts anew
  CHECK(alerts(r) == 1);
}

TEST_CASE("a clock that is put back again before the hour is over has alerted about nobody") {
  Rig r;
  quiet_for_three_evenings(r);
  r.step_clock(day);
  r.advance(0.5);
  r.step_clock(-day);
  r.advance(2);
  CHECK_FALSE(held(r));
  CHECK(alerts(r) == 0);
  r.says(mj, "7");
  r.advance(24);
  CHECK(alerts(r) == 0);
}

TEST_CASE(
    "an admin who knows that the clock is right ends the hold; there is nothing to end twice") {
  Rig r;
  quiet_for_three_evenings(r);
  r.step_clock(day);
  REQUIRE(held(r));
  CHECK(r.act("clock.ok").has_value());
  r.advance(0.01);
  CHECK_FALSE(held(r));
  r.advance(0.3);  // a rule's settle time counts anew
  CHECK(alerts(r) == 1);
  const auto again = r.act("clock.ok");
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().code == "clock_not_held");
}

TEST_CASE("a hold outlives a restart; small steps hold nothing") {
  Rig r;
  quiet_for_three_evenings(r);
  r.step_clock(4 * minute);
  r.step_clock(-4 * minute);
  CHECK_FALSE(held(r));
  r.step_clock(day);
  r.restart();
  r.advance(0.5);
  CHECK(held(r));
  CHECK(alerts(r) == 0);
  r.advance(0.6);
  CHECK_FALSE(held(r));
  r.advance(0.3);  // a rule's settle time counts anew
  CHECK(alerts(r) == 1);
}

TEST_CASE("replies are read and judged while deadlines are held") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.evenings(mj, {"2", "2"});
  r.step_clock(6 * minute);
  REQUIRE(held(r));
  r.evenings(mj, {"2"});
  r.until(TimeOfDay::hm(9, 30));
  CHECK(alerts(r) == 1);
}
