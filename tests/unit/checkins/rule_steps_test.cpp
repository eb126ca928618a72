// What the rules learn of what people text, where the neutral cases have no words for it.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/unit/checkins/rig.hpp"

namespace moodline::rig {
namespace {

std::size_t crisis_texts(const Rig& r) {
  const auto all = r.texts_to(mj);
  return static_cast<std::size_t>(std::count_if(
      all.begin(), all.end(), [](const Text& t) { return t.purpose == store::Purpose::crisis; }));
}

TEST_CASE("UNDO takes a reading back for the rules too") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.evenings(mj, {"2", "2", "2"});
  r.advance(0.5);  // ten minutes to settle
  REQUIRE(r.alerts_of(mj).size() == 1);
  r.says(mj, "UNDO");
  CHECK(r.alerts_of(mj).front().status == store::AlertStatus::withdrawn);
}

TEST_CASE("danger words bring one crisis text, with and without the rule") {
  Rig r;
  r.join(r.someone(), {"safety-words"});
  r.forget();
  r.says(mj, "I want to die");
  CHECK(crisis_texts(r) == 1);
  CHECK(r.alerts_of(mj).size() == 1);
  r.advance(0.2);
  r.says(mj, "I want to die");
  CHECK(crisis_texts(r) == 1);  // twelve minutes later
  r.advance(0.06);
  r.says(mj, "I want to die");
  CHECK(crisis_texts(r) == 2);
}

TEST_CASE("STOP leaves an urgent alert to the duty worker") {
  Rig r;
  r.join(r.someone(), {"safety-words"});
  r.says(mj, "I want to die");
  r.forget();
  r.says(mj, "STOP");
  r.advance(0.5);
  const auto to_duty = r.texts_to(gwen);
  CHECK(std::any_of(to_duty.begin(), to_duty.end(), [&](const Text& t) {
    return t.text.find(r.code_of(mj)) != std::string::npos;
  }));
}

TEST_CASE("a rule agreed after UNSHARE starts from nothing") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.evenings(mj, {"2", "2"});
  r.says(mj, "UNSHARE Sam");
  r.says(mj, "SHARE");
  r.answer_offers(mj, {"low-streak"});
  r.evenings(mj, {"2", "2"});
  r.advance(0.5);
  CHECK(r.alerts_of(mj).empty());
  r.evenings(mj, {"2"});
  r.advance(0.5);
  CHECK(r.alerts_of(mj).size() == 1);
}

TEST_CASE("nobody is alerted about somebody who has died") {
  Rig r;
  r.join(r.someone(), {"low-streak", "gone-quiet"});
  r.evenings(mj, {"2", "2", "2"});
  r.advance(0.5);  // ten minutes to settle
  REQUIRE(r.alerts_of(mj).size() == 1);
  r.says(mj, "this is his wife, he died on sunday");
  REQUIRE(r.person(mj).status == store::PersonStatus::deceased);
  r.forget();
  r.advance(24.0 * 6);
  CHECK(r.alerts_of(mj).size() == 1);
  CHECK(r.alerts_of(mj).front().status == store::AlertStatus::closed);
  for (const Text& t : r.texts_to(sam)) CHECK(t.text.find("MJ") == std::string::npos);
}

void wider(Files& f) {
  replace_in(f, "rules/low-mood.yaml", "days: {default: 3,", "days: {default: 2,");
}

TEST_CASE("a no to a wider rule leaves the agreed one running") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.reload(wider);
  std::string offered;
  for (const auto& a : r.agreements_of(mj)) {
    if (a.status == store::AgreementStatus::offered && a.rule == "low-streak") offered = a.code;
  }
  REQUIRE(!offered.empty());
  r.says(mj, "DISAGREE " + offered);
  r.evenings(mj, {"2", "2"});
  r.advance(0.5);
  CHECK(r.alerts_of(mj).empty());  // the wider one would have acted
  r.evenings(mj, {"2"});
  r.advance(0.5);
  CHECK(r.alerts_of(mj).size() == 1);
}

}  // namespace
}  // namespace moodline::rig
