// The sixteen questions the product is judged by, each asked of the running service.
#include <boost/json/serialize.hpp>

#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

TEST_CASE("question 1: nobody is tracked without having been asked, or without a stated goal") {
  Rig r;
  auto n = r.someone();
  n.measures[0].goal.clear();
  CHECK(r.try_enrol(n).error().code == "no_goal");
  n.measures.clear();
  CHECK(r.try_enrol(n).error().code == "no_goal");
  r.enrol(r.someone());
  r.says(mj, "3");  // not asked, not agreed: nothing is kept as a reading
  r.read(
      [&](store::ReadTx& tx) { CHECK(tx.readings_of(r.person(mj).id, Instant::min()).empty()); });
  r.forget();
  r.advance(24 * 3);
  CHECK(r.sent_to(mj).empty());
}

TEST_CASE("question 2: somebody who dislikes sharing uses it fully, and sees that nobody watches") {
  Rig r;
  auto n = r.someone();
  n.practitioner.clear();
  r.join(n, {"my-plan", "brighter"});
  r.evenings(mj, {"2", "2", "1", "2"});
  CHECK(has(r.answer(mj, "WHO"), "Nobody is told"));
  CHECK(has(r.answer(mj, "HISTORY"), "2212"));
  CHECK(has(r.answer(mj, "LOG"), "Nothing about you"));
  r.advance(24 * 4);
  CHECK(r.sent_to(sam).empty());
  CHECK(r.sent_to(ana).empty());
}

TEST_CASE("question 3: thirty replies that nobody uses do not go unnoticed") {
  Rig r;
  SUBCASE("words") {
    r.join(r.someone());
    for (int i = 0; i < 30; ++i)
      r.evenings(mj, {"nothing new, day " + std::string(i % 2 ? "a" : "b")});
  }
  SUBCASE("plain numbers that reach nobody, by agreement with somebody") {
    r.join(r.someone(), {"low-streak"});
    for (int i = 0; i < 30; ++i) r.evenings(mj, {"7"});
  }
  bool noticed = false;
  for (const std::string& t : r.sent_to(gwen)) noticed |= has(t, "not been looked at");
  CHECK(noticed);
}

TEST_CASE("question 4: a measure is added without code") {
  Options o;
  o.edit = [](Files& f) {
    f["measures.yaml"] += R"(
- id: pain
  shape: scale
  name: {en: pain, cy: poen}
  ask: {en: "How bad was the pain today, 0 to 5?", cy: "Pa mor ddrwg oedd y poen heddiw, 0 i 5?"}
  min: 0
  max: 5
  direction: higher_is_worse
  alarm: {}
)";
    f["programmes/pain.yaml"] = R"(format: moodline-programme/1
id: pain
name: "Pain"
prompts:
- id: evening
  measures: [pain]
  schedule: {daily: "18:00"}
rules: [safety-words@1]
)";
  };
  Rig r(o);
  auto n = r.someone();
  n.programme = "pain";
  n.measures = {{"pain", "to garden again", {}}};
  r.join(n);
  r.until(TimeOfDay::hm(18, 1));
  CHECK(r.last_to(mj) == "How bad was the pain today, 0 to 5?");
  CHECK(has(r.answer(mj, "four"), "4"));
  CHECK(has(r.answer(mj, "9"), "0 to 5"));
}

TEST_CASE("question 5: a day's entry is one short reply on a ten-year-old phone") {
  Rig r;
  r.join(r.someone());
  r.until(TimeOfDay::hm(18, 1));
  const std::string asked = r.last_to(mj);
  const std::string echoed = r.answer(mj, "6");
  for (const std::string& t : {asked, echoed}) {
    CHECK(segments(t) == 1);
    CHECK(text::lint(t).encoding == text::SmsEncoding::gsm7);
    CHECK_FALSE(has(t, "http"));
  }
}

TEST_CASE("question 6: closeness to the goal is seen, and review points are scheduled") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.evenings(mj, {"3", "4", "5", "6"});
  CHECK(has(r.answer(mj, "HISTORY"), "3456"));
  CHECK(has(r.answer(mj, "WHY"), "to see what helps"));
  REQUIRE(r.agreements_of(mj)[0].review_at);
  CHECK(*r.agreements_of(mj)[0].review_at > r.now());
}

TEST_CASE("question 7: every reach-out was agreed before, dated, and fires exactly then") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  const auto agreed = r.agreements_of(mj)[0];
  CHECK(has(agreed.sentence, "below 4 for 3 days running"));
  CHECK(agreed.answered_at);
  CHECK(agreed.inbound != 0);              // the very text that said yes
  r.evenings(mj, {"3.5", "4", "3", "3"});  // 4 is not below 4
  CHECK(r.alerts_of(mj).empty());
  r.evenings(mj, {"3"});
  r.advance(0.5);
  REQUIRE(r.alerts_of(mj).size() == 1);
  CHECK(r.alerts_of(mj)[0].fired_at > *agreed.answered_at);
  CHECK(r.alerts_of(mj)[0].agreement_code == agreed.code);
}

TEST_CASE("question 9: by text: what is held, who sees it, who looked, and have it deleted") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.act("person.show", {{"person", "MJ"}});
  CHECK(r.answer(mj, "DATA") != "");
  const std::string who = r.answer(mj, "WHO");
  CHECK(has(who, "Sam Reed"));
  CHECK(has(who, "Looked at by"));
  CHECK(has(r.answer(mj, "LOG"), "Looked at by: our admin 1x 2 Mar"));
  CHECK(has(r.answer(mj, "DELETE"), "DELETE "));
}

TEST_CASE("question 10: in a bad moment one text returns one name and one number") {
  Rig r;
  r.join(r.someone());
  for (const char* cry : {"HELP", "help me", "i cant go on", "Help!!"}) {
    r.forget();
    r.advance(1);
    r.says(mj, cry);
    REQUIRE_MESSAGE(!r.sent_to(mj).empty(), cry);
    const std::string t = r.sent_to(mj).front();
    CHECK_MESSAGE(has(t, "Ana"), t);
    CHECK_MESSAGE(has(t, "07700 900102"), t);
  }
}

TEST_CASE("question 11: the practitioner knows who, which sentence, since when, how to answer") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  low_streak(r);
  next_morning(r);
  const std::string alert = r.last_to(sam);
  for (const std::string& part :
       {std::string("MJ"), r.agreement(mj, "low-streak"), std::string("ACK "), r.code_of(mj)}) {
    CHECK(has(alert, part));
  }
  // And what happens if they do not answer: the explanation of the alert.
  const auto explained = r.act("explain", {{"alert", r.code_of(mj)}});
  REQUIRE(explained);
  CHECK_MESSAGE(has(json::serialize(*explained), "if no answer"), json::serialize(*explained));
}

TEST_CASE("question 13: a stopped, paused or unshared person never triggers another alert") {
  Rig r;
  r.join(r.someone(), {"low-streak", "gone-quiet", "cannot-reach"});
  r.evenings(mj, {"2", "2"});
  SUBCASE("stopped") {
    r.says(mj, "STOP");
  }
  SUBCASE("unshared") {
    r.says(mj, "UNSHARE");
  }
  SUBCASE("paused") {
    r.says(mj, "PAUSE");
  }
  r.forget();
  if (r.person(mj).status != store::PersonStatus::active || !r.person(mj).sharing) {
    r.evenings(mj, {"2", "2", "2"});
  }
  r.advance(24 * 10);
  CHECK(r.alerts_of(mj).empty());
  CHECK(r.sent_to(sam).empty());
  CHECK(r.sent_to(ana).empty());
}

TEST_CASE("question 14: who is told at 3 a.m., and what the person reads") {
  Rig r;
  r.join(r.someone(), {"low-streak", "safety-words"});
  r.evenings(mj, {"2", "2"});
  r.until(TimeOfDay::hm(3, 0));
  r.forget();
  SUBCASE("danger: practitioner at once, duty soon; the person reads crisis numbers at once") {
    r.says(mj, "i want to kill myself");
    CHECK(any_has(r.sent_to(sam), "URGENT"));
    CHECK(any_has(r.sent_to(mj), "116 123"));
    r.advance(0.3);
    CHECK(any_has(r.sent_to(gwen), "URGENT"));
  }
  SUBCASE("an agreed line: nobody is woken; the person reads when it will be seen") {
    r.says(mj, "2 for tonight");
    CHECK(r.sent_to(sam).empty());
    r.until(TimeOfDay::hm(8, 30));
    if (!r.alerts_of(mj).empty()) {
      CHECK(any_has(r.sent_to(mj), "is told and will see it"));
      CHECK(any_has(r.sent_to(mj), "9:00"));
    }
  }
}

TEST_CASE("question 14: a line crossed in the evening: the person is told when it will be seen") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.forget();
  low_streak(r);
  r.advance(0.5);
  REQUIRE(any_has(r.sent_to(mj), "is told and will see it Thursday 09:00"));
  CHECK(count_has(r.sent_to(mj), "will see it") == 1);
  CHECK(any_has(r.sent_to(mj), "116 123"));
}

TEST_CASE("question 15: somebody needing another language takes part") {
  Rig r;
  auto n = r.someone();
  n.language = "cy";
  const auto p = r.enrol(n);
  CHECK(has(r.last_to(mj), "gwahodd"));
  r.says(mj, "AGREE " + p.agree_code);
  r.answer_offers(mj, {});
  r.until(TimeOfDay::hm(18, 1));
  CHECK(has(r.last_to(mj), "hwyliau"));
  CHECK(has(r.answer(mj, "chwech"), "6"));
  CHECK(segments(r.last_to(mj)) == 1);
}

TEST_CASE("question 16: the service shows who is invited but not reached") {
  Rig r;
  r.unreachable.insert(kit);
  r.enrol(r.someone());
  r.enrol(r.someone(kit, "KT"));
  const auto list = r.act("person.list", {{"status", "invited"}});
  REQUIRE(list);
  int reached = 0;
  int not_reached = 0;
  for (const auto& p : list->as_array()) {
    (p.at("reached").as_bool() ? reached : not_reached) += 1;
    if (p.at("as") == "KT") CHECK_FALSE(p.at("reached").as_bool());
  }
  CHECK(reached == 1);
  CHECK(not_reached == 1);
}
