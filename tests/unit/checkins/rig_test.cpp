// The rig itself: a fortnight of a person, in texts.
#include <doctest/doctest.h>

#include "tests/unit/checkins/rig.hpp"

using namespace moodline;
using namespace moodline::rig;

TEST_CASE("rig: enrolled, asked, answered, alerted, acknowledged") {
  Rig r;
  const auto p = r.enrol(r.someone());
  REQUIRE(r.sent_to(mj).size() == 1);
  CHECK(r.last_to(mj).find("AGREE " + p.agree_code) != std::string::npos);
  r.says(mj, "AGREE " + p.agree_code);
  r.answer_offers(mj, {"low-streak"});
  r.forget();
  r.until(TimeOfDay::hm(18, 1));
  CHECK(r.sent_to(mj) == std::vector<std::string>{"How has your mood been today, 0 to 10?"});
  r.evenings(mj, {"2", "two", "2"});
  r.until(TimeOfDay::hm(9, 30));
  REQUIRE(r.alerts_of(mj).size() == 1);
  const std::string code = r.code_of(mj);
  CHECK(r.last_to(sam).find(code) != std::string::npos);
  CHECK(r.answer(sam, "ACK " + code).find(code) != std::string::npos);
  CHECK(r.alerts_of(mj).front().acked_by == "sam");
}

TEST_CASE("rig: a restart forgets nothing") {
  Rig r;
  r.join(r.someone());
  r.restart();
  r.forget();
  r.until(TimeOfDay::hm(18, 1));
  CHECK(r.sent_to(mj).size() == 1);
}

TEST_CASE(
    "what fell due while the service was down is done when it starts, and goes on from there") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.until(TimeOfDay::hm(17, 0));
  r.forget();
  r.restart(Millis{100 * 60'000});  // past the question of 18:00, within its shelf life
  CHECK(r.sent_to(mj) == std::vector<std::string>{"How has your mood been today, 0 to 10?"});
  r.says(mj, "2");
  r.until(TimeOfDay::hm(12, 0));
  r.evenings(mj, {"2", "2"});
  CHECK(r.alerts_of(mj).empty());
  r.forget();
  r.restart(Millis{16 * 3'600'000LL});  // past the moment at which the alert was to go
  r.advance(1);
  CHECK(r.alerts_of(mj).size() == 1);
  CHECK(r.last_to(sam).find(r.code_of(mj)) != std::string::npos);
}
