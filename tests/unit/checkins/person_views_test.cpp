// The person's lines about seeing what is held, and having it deleted.
#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

TEST_CASE("person: HISTORY / WEEK") {
  Rig r;
  r.join(r.someone());
  r.evenings(mj, {"7", "6", "nothing to say", "5"});
  const std::string week = r.answer(mj, "HISTORY");
  CHECK(has(week, "76-5"));
  CHECK(text::lint(week).encoding == text::SmsEncoding::gsm7);
  CHECK(segments(week) == 1);
  CHECK(r.answer(mj, "WEEK") == week);
  const std::string month = r.answer(mj, "HISTORY 28");
  CHECK(has(month, "76-5"));
  CHECK(month.size() > week.size() + 20);
  CHECK(segments(month) <= 3);
  for (const char* blame : {"missed", "streak", "fail", "should"}) {
    CHECK_FALSE(has(week, blame));
    CHECK_FALSE(has(month, blame));
  }
}

TEST_CASE("person: HISTORY / WEEK: blood pressure as pairs, beside one-digit measures") {
  Rig r;
  auto n = r.someone();
  n.programme = "heart";
  n.measures = {{"blood_pressure", "to come off a tablet", {}},
                {"medication", "not to forget", {}},
                {"weight", "to fit my suit", {}}};
  r.join(n);
  for (const char* pair : {"131/84", "128 over 79", ""}) {  // Monday to Wednesday
    r.until(TimeOfDay::hm(18, 31));
    if (*pair != 0) CHECK_MESSAGE(has(r.answer(mj, pair), "Got"), r.last_to(mj));
    r.until(TimeOfDay::hm(20, 1));
    r.says(mj, "taken");
  }
  r.until(TimeOfDay::hm(18, 31));  // Thursday: two readings of one day, the last is shown
  r.says(mj, "140/90");
  r.says(mj, "135/85");
  const std::string week = r.answer(mj, "HISTORY");
  CHECK_MESSAGE(has(week, "blood pressure --- 131/84 128/79 - 135/85"), week);
  CHECK_MESSAGE(has(week, "medication ---111-"), week);
  CHECK_MESSAGE(has(week, "weight -------"), week);
  CHECK(text::lint(week).encoding == text::SmsEncoding::gsm7);
  CHECK(segments(week) <= 3);
  SUBCASE("a month of pairs fits, too") {
    for (int i = 0; i < 27; ++i) {
      r.until(TimeOfDay::hm(18, 31));
      r.says(mj, "118/76");
    }
    const std::string month = r.answer(mj, "HISTORY 28");
    CHECK(count_has({month}, "118/76") == 1);
    CHECK_MESSAGE(segments(month) <= 3, month);
    CHECK_FALSE(has(month, ".."));  // nothing was cut
  }
}

TEST_CASE("person: WHY") {
  Rig r;
  r.join(r.someone());
  CHECK(has(r.answer(mj, "WHY"), "to see what helps"));
  CHECK(segments(r.last_to(mj)) == 1);
}

TEST_CASE("person: PLAN") {
  Rig r;
  r.join(r.someone(), {"my-plan"});
  CHECK(r.texts_to(mj).back().template_name != "plan");
  CHECK(has(r.answer(mj, "PLAN"), "no plan yet"));
  CHECK(has(r.answer(mj, "PLAN walk to the harbour, then ring Jo"), "walk to the harbour"));
  CHECK(has(r.answer(mj, "PLAN"), "walk to the harbour, then ring Jo"));
  r.forget();
  r.evenings(mj, {"2"});
  r.advance(1);
  REQUIRE(any_has(r.sent_to(mj), "Your own plan: walk to the harbour, then ring Jo"));
  for (const std::string& t : r.sent_to(mj)) {
    if (!has(t, "Your own plan")) continue;
    CHECK(has(t, "Ana"));           // one name
    CHECK(has(t, "07700 900102"));  // and one number
  }
  CHECK(r.sent_to(sam).empty());
}

TEST_CASE("person: WHO") {
  Rig r;
  r.join(r.someone());
  CHECK(has(r.answer(mj, "WHO"), "Nobody is told"));
  auto n = r.someone(kit, "KT");
  r.join(n, {"low-streak"});
  const std::string who = r.answer(kit, "WHO");
  CHECK(has(who, "Sam Reed"));
  CHECK(has(who, r.agreement(kit, "low-streak")));
  CHECK(has(who, "2 Mar"));  // since
  CHECK(segments(who) <= 3);
  // Who has looked.
  r.act("person.series", {{"person", "KT"}});
  CHECK(has(r.answer(kit, "WHO"), "admin"));
}

TEST_CASE("person: DATA") {
  Rig r;
  r.join(r.someone());
  const std::string a = r.answer(mj, "DATA");
  CHECK(has(a, "Ana"));
  CHECK(has(a, "07700 900102"));
  CHECK(any_has(r.sent_to(gwen), "MJ asked for everything"));
}

TEST_CASE("person: LOG") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  CHECK(has(r.answer(mj, "LOG"), "Nothing about you"));
  low_streak(r);
  next_morning(r);
  const std::string code = r.code_of(mj);
  std::string log = r.answer(mj, "LOG");
  CHECK(has(log, code));
  CHECK(has(log, r.agreement(mj, "low-streak")));
  CHECK(has(log, "Sam"));
  r.says(sam, "ACK " + code);
  r.says(sam, "DONE " + code + " rang her");
  log = r.answer(mj, "LOG");
  CHECK(has(log, "closed"));
  CHECK_FALSE(has(log, "rang her"));
  CHECK(segments(log) <= 3);
}

TEST_CASE("person: DELETE + code") {
  Rig r;
  const auto p = r.join(r.someone(), {"low-streak"});
  r.evenings(mj, {"2"});
  const std::string ask = r.answer(mj, "DELETE");
  const auto at = ask.find("DELETE ");
  REQUIRE(at != std::string::npos);
  CHECK(has(ask, "By law we keep"));
  const std::string code = ask.substr(at + 7, 4);
  SUBCASE("a wrong code erases nothing") {
    CHECK(has(r.answer(mj, "DELETE 0000"), "Nothing was erased"));
    CHECK(r.person(mj).key == p.key);
  }
  SUBCASE("the code is good for a day") {
    r.advance(25);
    r.says(mj, "DELETE " + code);
    r.advance(1);
    CHECK(r.person(mj).key == p.key);
  }
  SUBCASE("erased: nothing is left but the opt-out") {
    CHECK(has(r.answer(mj, "DELETE " + code), "Erased"));
    r.advance(1);
    bool gone = false;
    r.read([&](store::ReadTx& tx) {
      gone = !tx.person_by_number(mj) && !tx.person(p.id);
      CHECK(tx.readings_of(p.id, Instant::min()).empty());
      CHECK(tx.opt_out(mj));
    });
    CHECK(gone);
    r.forget();
    r.advance(24 * 8);
    r.says(mj, "3");
    CHECK(r.sent_to(mj).empty());
    CHECK(r.try_enrol(r.someone()).error().code == "opted_out");
  }
}
