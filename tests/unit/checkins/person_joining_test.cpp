// The person's lines about joining, choosing and answering.
#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

TEST_CASE("person: are invited") {
  Rig r;
  const auto p = r.enrol(r.someone());
  REQUIRE(r.sent_to(mj).size() == 1);
  const std::string invitation = r.last_to(mj);
  CHECK(has(invitation, "Northside Check-in"));    // who runs this
  CHECK(has(invitation, "Sam Reed invited you"));  // who invited them
  CHECK(has(invitation, "standard text"));         // the cost
  CHECK(has(invitation, "Mon to Fri 9 to 5"));     // when texts are read
  CHECK(has(invitation, "not an emergency service"));
  CHECK(has(invitation, "AGREE " + p.agree_code));
  CHECK(segments(invitation) <= 2);

  SUBCASE("nothing else is sent before AGREE") {
    r.forget();
    r.advance(24 * 9);
    CHECK(r.sent_to(mj).empty());
  }
  SUBCASE("a bare YES is no agreement") {
    for (const char* yes : {"YES", "yes", "Yes please", "OK", "AGREE 00", "Y"}) r.says(mj, yes);
    CHECK(r.person(mj).status == store::PersonStatus::invited);
    r.forget();
    r.advance(48);
    CHECK(r.sent_to(mj).empty());
  }
  SUBCASE("AGREE and the code begins") {
    r.says(mj, "Agree " + p.agree_code + " thanks");
    CHECK(r.person(mj).status == store::PersonStatus::active);
    r.until(TimeOfDay::hm(18, 1));
    CHECK(r.last_to(mj) == question);
  }
  SUBCASE("enrolling them twice is refused, and texts nobody") {
    r.forget();
    const auto again = r.try_enrol(r.someone());
    REQUIRE_FALSE(again);
    CHECK(again.error().code == "number_in_use");
    CHECK(r.texts().empty());
  }
}

TEST_CASE("person: are invited: refused without who agreed it with them, and when") {
  Rig r;
  auto n = r.someone();
  n.agreed_with.clear();
  CHECK(r.try_enrol(n).error().code == "no_consent");
  n = r.someone();
  n.agreed_on.reset();
  CHECK(r.try_enrol(n).error().code == "no_consent");
  n.agreed_on = r.now() + day;
  CHECK(r.try_enrol(n).error().code == "no_consent");
  CHECK(r.texts().empty());
  const auto p = r.enrol(r.someone());
  CHECK(p.enrolled_by == "Sam Reed");
  CHECK(p.enrolled_at < p.created_at);
}

TEST_CASE("person: choose what to track") {
  Options o;
  o.edit = [](Files& f) {
    f["programmes/all.yaml"] = R"(format: moodline-programme/1
id: all
name: "Several measures"
prompts:
- id: morning
  measures: [sleep, medication]
  template: ask-morning
  schedule: {daily: "09:00"}
- id: evening
  measures: [mood, anxiety]
  template: ask-evening
  schedule: {daily: "19:00"}
rules: [safety-words@1]
)";
    for (const char* lang : {"en", "cy"}) {
      replace_in(f, std::string("texts/") + lang + ".yaml", "  ask-now:",
                 "  ask-morning: \"Hours of sleep, and tablets TAKEN or MISSED?\"\n"
                 "  ask-evening: \"Mood and anxiety today, each 0 to 10?\"\n  ask-now:");
    }
  };
  Rig r(o);
  auto n = r.someone();
  n.programme = "all";
  n.measures = {{"mood", "to see my friends more", {}},
                {"sleep", "to sleep through", "How long did you sleep, love?"},
                {"anxiety", "to dare the bus", {}}};
  r.join(n);
  r.advance(1);
  r.until(TimeOfDay::hm(9, 1));
  CHECK(r.last_to(mj) == "How long did you sleep, love?");  // their wording; no tablets: not chosen
  r.says(mj, "7.5");
  CHECK(has(r.last_to(mj), "7.5"));
  r.until(TimeOfDay::hm(19, 1));
  CHECK(r.last_to(mj) == "Mood and anxiety today, each 0 to 10?");
  r.says(mj, "6 4");
  CHECK(has(r.last_to(mj), "6"));
  CHECK(has(r.last_to(mj), "4"));
  CHECK(has(r.answer(mj, "WHY"), "to dare the bus"));
}

TEST_CASE("person: choose what to track: blood pressure as a pair, tablets, weight") {
  Rig r;
  auto n = r.someone();
  n.programme = "heart";
  n.measures = {{"blood_pressure", "to come off a tablet", {}},
                {"medication", "not to forget", {}},
                {"weight", "to fit my suit", {}}};
  r.join(n);
  r.until(TimeOfDay::hm(18, 31));
  CHECK(has(r.last_to(mj), "128/82"));
  r.says(mj, "131 over 84");
  CHECK(has(r.last_to(mj), "131/84"));
  r.until(TimeOfDay::hm(20, 1));
  r.says(mj, "taken");
  CHECK(r.texts_to(mj).back().template_name == "confirmed");
  CHECK(has(r.answer(mj, "HISTORY"), "131/84"));
}

TEST_CASE("person: choose what to track: TIME and DAYS for one question alone") {
  Rig r;
  auto n = r.someone();
  n.programme = "heart";  // weekdays 08:30 and 18:30, tablets at 20:00, weight on Mondays at 08:15
  n.measures = {{"blood_pressure", "to come off a tablet", {}},
                {"medication", "not to forget", {}},
                {"weight", "to fit my suit", {}}};
  r.join(n);
  const auto says = [&](const char* text) {
    const std::string answer = r.answer(mj, text);
    CHECK_MESSAGE(segments(answer) == 1, answer);
    return answer;
  };
  // What was asked, and when, on the seven days from tomorrow.
  const auto week = [&] {
    r.until(TimeOfDay::hm(23, 0));
    r.forget();
    r.advance(7 * 24);
    std::map<std::string, std::set<std::string>> out;
    for (const Text& t : r.texts_to(mj)) {
      if (t.purpose != store::Purpose::prompt) continue;
      const auto local = Zone::find("Europe/London")->local(t.at);
      const std::string about = has(t.text, "128/82")  ? "pressure"
                                : has(t.text, "weigh") ? "weight"
                                : has(t.text, "TAKEN") ? "tablets"
                                                       : t.text;
      out[about].insert(std::string(short_name(local.date.weekday())) + " " + to_hm(local.time));
    }
    return out;
  };
  const std::set<std::string> monday_weight = {"mon 08:15"};
  SUBCASE("one of three, by its name of two words") {
    CHECK(has(says("TIME blood pressure 9:00 17:00"), "blood pressure now comes at 09:00, 17:00"));
    auto w = week();
    CHECK(w["pressure"].size() == 10);
    CHECK(w["pressure"].contains("tue 09:00"));
    CHECK(w["pressure"].contains("fri 17:00"));
    CHECK(w["tablets"].contains("sat 20:00"));
    CHECK(w["weight"] == monday_weight);
  }
  SUBCASE("the name after the time, days of one") {
    CHECK(has(says("TIME 9pm medication"), "8:00"));  // the window's end
    CHECK(has(says("TIME 7pm medication"), "medication now comes at 19:00"));
    CHECK(has(says("DAYS medication mon wed"), "medication now comes on Mon, Wed"));
    auto w = week();
    CHECK(w["tablets"] == std::set<std::string>{"mon 19:00", "wed 19:00"});
    CHECK(w["pressure"].size() == 10);
  }
  SUBCASE("two in one text") {
    CHECK(has(says("TIME medication 19:00 weight 9:15"), "19:00 (medication), 09:15 (weight)"));
    auto w = week();
    CHECK(w["tablets"].contains("sun 19:00"));
    CHECK(w["weight"] == std::set<std::string>{"mon 09:15"});
  }
  SUBCASE("for all, which is said with how to have it for one; a weekly question stays weekly") {
    says("TIME weight 9:15");
    CHECK(has(says("TIME 10:00"),
              "All your check-ins now come at 10:00. For one alone text, say, "
              "TIME blood pressure 9:00."));
    CHECK(has(says("DAYS tue thu"), "Tue, Thu (blood pressure, medication), Tue (weight)"));
    auto w = week();
    const std::set<std::string> both = {"tue 10:00", "thu 10:00"};
    CHECK(w["pressure"] == both);
    CHECK(w["tablets"] == both);
    CHECK(w["weight"] == std::set<std::string>{"tue 10:00"});
  }
  SUBCASE("set by the admin for somebody who asked on the telephone, in the same words") {
    const auto set = [&](const char* what, const char* words) {
      return r.act("person.set", {{"person", "MJ"}, {what, words}});
    };
    REQUIRE(set("time", "Medication 19:00"));
    REQUIRE(set("days", "medication Mon Wed"));
    CHECK(set("time", "medication 23:00").error().code == "bad_argument");
    CHECK(set("days", "medication now and then").error().code == "bad_argument");
    CHECK(week()["tablets"] == std::set<std::string>{"mon 19:00", "wed 19:00"});
    const auto shown = r.act("person.show", {{"person", "MJ"}});
    REQUIRE(shown);
    CHECK(shown->at("own_times").at("tablets") == "19:00 mon wed");
  }
  SUBCASE("what is not understood changes nothing") {
    CHECK(has(says("TIME medication 19:00 weight soon"), "Which time?"));
    CHECK(has(says("TIME mood 19:00"), "Which time?"));  // not asked of them
    CHECK(has(says("DAYS weight sometimes mon"), "Which days?"));
    auto w = week();
    CHECK(w["tablets"].contains("sun 20:00"));
    CHECK(w["weight"] == monday_weight);
  }
  SUBCASE("one measure for today: the day is skipped, and nothing is left out for good") {
    CHECK(has(says("skip medication today"), "Skipped"));
    CHECK(week()["tablets"].size() == 7);
  }
  SUBCASE("one measure is left out, by its name of two words") {
    CHECK(has(says("no more texts about my blood pressure"), "No more questions about your blood"));
    CHECK_FALSE(week().contains("pressure"));
  }
}

TEST_CASE("person: choose what to track: times drawn by lot are not moved by TIME") {
  Rig r;
  auto n = r.someone();
  n.programme = "day-samples";
  r.join(n);
  CHECK(has(r.answer(mj, "TIME 19:30"), "drawn by lot"));
  CHECK(segments(r.last_to(mj)) == 1);
  CHECK(has(r.answer(mj, "DAYS sat sun"), "Sat, Sun"));
}

TEST_CASE("person: choose what to track: a pair reaches the rule that they agreed for it") {
  Rig r;
  auto n = r.someone();
  n.programme = "heart";
  n.measures = {{"blood_pressure", "to come off a tablet", {}}};
  r.join(n, {"high-pressure"});
  for (const char* pair : {"171/95", "168 over 92"}) {  // Monday, Tuesday
    r.until(TimeOfDay::hm(18, 31));
    r.says(mj, pair);
  }
  r.until(TimeOfDay::hm(18, 0));
  REQUIRE(r.alerts_of(mj).size() == 1);
  CHECK(r.alerts_of(mj)[0].rule == "high-pressure");
  CHECK(any_has(r.sent_to(sam), "MJ"));
  CHECK_FALSE(any_has(r.sent_to(sam), "171"));
}

TEST_CASE("person: answer") {
  Rig r;
  r.join(r.someone());
  r.until(TimeOfDay::hm(18, 1));
  r.forget();

  SUBCASE("one short reply, echoed in one segment") {
    CHECK(has(r.answer(mj, "7"), "7"));
    CHECK(r.sent_to(mj).size() == 1);
    CHECK(segments(r.last_to(mj)) == 1);
  }
  SUBCASE("in words") {
    CHECK(has(r.answer(mj, "about a six tonight"), "6"));
  }
  SUBCASE("at most one clarifying question") {
    r.says(mj, "5 or 6");
    CHECK(has(r.last_to(mj), "5 or 6"));
    r.says(mj, "no really, 5 or 6");
    CHECK(r.sent_to(mj).size() == 1);
    // Somebody reads what was not understood.
    std::size_t unread = 0;
    r.read([&](store::ReadTx& tx) { unread = tx.inbound_unseen(10).size(); });
    CHECK(unread == 1);
  }
  SUBCASE("doubled: the provider's repeat changes nothing") {
    r.says_twice(mj, "4");
    CHECK(r.sent_to(mj).size() == 1);
  }
  SUBCASE("late: the next morning still belongs to the evening before") {
    r.until(TimeOfDay::hm(8, 0));
    r.says(mj, "3");
    CHECK(has(r.last_to(mj), "Monday"));
  }
  SUBCASE("early, before the question: it is today's") {
    r.until(TimeOfDay::hm(16, 0));
    r.forget();
    r.says(mj, "8");
    CHECK(has(r.last_to(mj), "8"));
  }
  SUBCASE("corrected") {
    r.says(mj, "9");
    r.says(mj, "sorry i meant 6");
    CHECK(has(r.last_to(mj), "6"));
    CHECK(has(r.answer(mj, "HISTORY"), "6"));
    CHECK_FALSE(has(r.last_to(mj), "9"));
  }
  SUBCASE("taken back") {
    r.says(mj, "9");
    r.says(mj, "UNDO");
    CHECK(r.texts_to(mj).back().template_name == "undone");
  }
}

TEST_CASE("person: answer: one reminder, and none to who answered") {
  Rig r;
  r.join(r.someone());
  r.forget();
  r.until(TimeOfDay::hm(18, 1));
  SUBCASE("unanswered") {
    r.until(TimeOfDay::hm(23, 0));
    REQUIRE(r.sent_to(mj).size() == 2);
    CHECK(has(r.last_to(mj), "still time to answer"));
    CHECK(r.texts_to(mj)[1].at - r.texts_to(mj)[0].at >= 2 * hour);
  }
  SUBCASE("answered") {
    r.says(mj, "5");
    r.forget();
    r.until(TimeOfDay::hm(23, 0));
    CHECK(r.sent_to(mj).empty());
  }
  SUBCASE("not after STOP") {
    r.says(mj, "STOP");
    r.forget();
    r.advance(48);
    CHECK(r.sent_to(mj).empty());
  }
}

TEST_CASE("person: TIME, DAYS, PAUSE, RESUME, SKIP, LANG") {
  Rig r;
  r.join(r.someone());
  r.forget();
  const auto one = [&](const std::string& text) {
    const std::string a = r.answer(mj, text);
    CHECK_MESSAGE(segments(a) == 1, a);
    CHECK_MESSAGE(!has(a, "\n"), a);
    return a;
  };
  SUBCASE("TIME 19:30 moves today's question") {
    CHECK(has(one("TIME 19:30"), "19:30"));
    r.until(TimeOfDay::hm(18, 30));
    CHECK_FALSE(any_has(r.sent_to(mj), "mood"));
    r.until(TimeOfDay::hm(19, 31));
    CHECK(r.last_to(mj) == question);
  }
  SUBCASE("TIME outside the window, or without a time, says how") {
    CHECK(has(one("TIME 23:30"), "08:00"));
    CHECK(has(one("TIME"), "TIME 19:30"));
  }
  SUBCASE("DAYS mon wed fri") {
    CHECK(has(one("DAYS mon wed fri"), "Wed"));
    r.forget();
    r.until(TimeOfDay::hm(17, 0));
    r.advance(7 * 24);
    CHECK(count_has(r.sent_to(mj), "mood") == 3);
  }
  SUBCASE("PAUSE 3 days, and RESUME") {
    CHECK(has(one("PAUSE 3 days"), "RESUME"));
    r.forget();
    r.advance(48);
    CHECK(r.sent_to(mj).empty());
    one("RESUME");
    r.until(TimeOfDay::hm(18, 1));
    CHECK(r.last_to(mj) == question);
  }
  SUBCASE("PAUSE ends by itself") {
    one("PAUSE 2 days");
    r.forget();
    r.advance(24 * 4);
    CHECK(any_has(r.sent_to(mj), "mood"));
  }
  SUBCASE("PAUSE cancels a question that waits to leave") {
    r.provider_down = true;
    r.until(TimeOfDay::hm(18, 1));
    r.says(mj, "PAUSE 2 days");
    r.forget();
    r.provider_down = false;
    r.advance(1);
    CHECK_FALSE(any_has(r.sent_to(mj), "mood"));
  }
  SUBCASE("SKIP leaves today out") {
    one("SKIP");
    r.forget();
    r.until(TimeOfDay::hm(23, 0));
    CHECK(r.sent_to(mj).empty());
    r.until(TimeOfDay::hm(18, 1));
    CHECK(r.last_to(mj) == question);
  }
  SUBCASE("LANG") {
    CHECK(has(one("LANG cymraeg"), "Gymraeg"));
    r.until(TimeOfDay::hm(18, 1));
    CHECK(has(r.last_to(mj), "hwyliau"));
    CHECK(has(one("LANG polski"), "Cymraeg"));
    CHECK(any_has(r.sent_to(gwen), "polski"));
  }
}

TEST_CASE("person: discreet, and a safe window outside which nothing is ever sent") {
  Rig r;
  auto n = r.someone();
  n.safe_from = TimeOfDay::hm(18, 30);
  n.safe_to = TimeOfDay::hm(19, 30);
  const auto p = r.enrol(n);
  CHECK(r.sent_to(mj).empty());  // 09:00 is outside
  r.until(TimeOfDay::hm(18, 31));
  REQUIRE(r.sent_to(mj).size() == 1);
  r.says(mj, "AGREE " + p.agree_code);
  r.answer_offers(mj, {});
  r.says(mj, "TIME 19:00");
  r.advance(24 * 5);
  r.says(mj, "HELP");
  r.advance(24);
  CHECK(has(r.answer(mj, "TIME 20:00"), "between 18:30 and 19:30"));  // it would never be asked
  for (const Text& t : r.texts_to(mj)) {
    const auto local = Zone::find("Europe/London")->local(t.at);
    CHECK(local.time >= TimeOfDay::hm(18, 30));
    CHECK(local.time < TimeOfDay::hm(19, 30));
  }
  CHECK(count_has(r.sent_to(mj), "mood") == 6);
  for (const auto& t : r.sent_to(mj)) {
    if (has(t, "mood been")) CHECK_FALSE(has(t, "Northside"));
  }
  SUBCASE("unless chosen: then the question says who asks, in one segment still") {
    CHECK(r.act("person.set", {{"person", p.key}, {"discreet", "perhaps"}}).error().code ==
          "bad_argument");
    REQUIRE(r.act("person.set", {{"person", p.key}, {"discreet", "no"}}));
    r.until(TimeOfDay::hm(19, 1));
    CHECK(r.last_to(mj) == std::string("Northside Check-in: ") + question);
    CHECK(segments(r.last_to(mj)) == 1);
    REQUIRE(r.act("person.set", {{"person", p.key}, {"discreet", "yes"}}));
    r.until(TimeOfDay::hm(19, 1));
    CHECK(r.last_to(mj) == question);
  }
  SUBCASE("set and taken away by the admin, as agreed with them") {
    CHECK(r.act("person.set", {{"person", p.key}, {"safe", "20:00-20:30"}}));
    r.forget();
    r.says(mj, "WHY");
    CHECK(r.sent_to(mj).empty());
    r.until(TimeOfDay::hm(20, 5));
    CHECK(any_has(r.sent_to(mj), "to see what helps"));
    CHECK(r.act("person.set", {{"person", p.key}, {"safe", "none"}}));
    CHECK_FALSE(r.act("person.set", {{"person", p.key}, {"safe", "20:30-20:00"}}));
    CHECK_FALSE(r.person(mj).safe_from);
  }
}

TEST_CASE("person: sending window 08:00 to 21:00 in their own zone") {
  Rig r;
  auto n = r.someone();
  n.zone = "America/New_York";
  r.enrol(n);
  CHECK(r.sent_to(mj).empty());  // 04:00 there
  r.until(TimeOfDay::hm(13, 1));
  CHECK(r.sent_to(mj).size() == 1);
}

TEST_CASE("person: a move to another zone takes their hours along, and asks no date twice") {
  Rig r;
  const auto p = r.join(r.someone());
  const auto move = [&](const char* zone) {
    return r.act("person.set", {{"person", p.key}, {"timezone", zone}});
  };
  const auto dates = [&] {
    std::multiset<LocalDate> all;
    r.read([&](store::ReadTx& tx) {
      for (const store::Prompt& q : tx.prompts_of(p.id, Instant::min())) all.insert(q.local_date);
    });
    return all;
  };
  SUBCASE("a zone that nobody knows is refused, with what to write, and nothing changes") {
    const auto wrong = move("Europe/Warsow");
    REQUIRE_FALSE(wrong.has_value());
    CHECK(wrong.error().code == "unknown_zone");
    CHECK(has(wrong.error().message, "did you mean Europe/Warsaw?"));
    CHECK_FALSE(move("").has_value());
    CHECK(r.person(mj).zone == "Europe/London");
  }
  SUBCASE("to and fro across the world, after the question of the day and before it") {
    const char* zones[] = {"Pacific/Auckland",    "America/Los_Angeles", "Europe/London",
                           "Pacific/Kiritimati",  "Pacific/Pago_Pago",   "Asia/Kolkata",
                           "America/Los_Angeles", "Pacific/Auckland"};
    int hours = 0;
    for (const char* zone : zones) {
      r.advance(20 + 3 * (hours++ % 4));
      REQUIRE(move(zone).has_value());
    }
    r.advance(48);
    const auto all = dates();
    CHECK(all.size() >= 5);
    for (const LocalDate d : all) CHECK(all.count(d) == 1);
  }
  SUBCASE("asked at their hour in the new place, and looked up in the trail") {
    r.until(TimeOfDay::hm(20, 0));
    r.forget();
    REQUIRE(move("America/New_York").has_value());
    const auto asked = dates();
    r.advance(30);
    auto texts = r.texts_to(mj);
    std::erase_if(texts, [](const Text& t) { return t.text != question; });  // and its reminder
    REQUIRE(texts.size() == 1);
    const auto there = Zone::find("America/New_York")->local(texts[0].at);
    CHECK(there.time >= TimeOfDay::hm(18, 0));
    CHECK(there.time < TimeOfDay::hm(18, 1));
    CHECK(there.date == *asked.rbegin() + 1);
    bool trail = false;
    r.read([&](store::ReadTx& tx) {
      for (const auto& row : tx.audit(0, 1000)) trail |= row.action == "person.moved";
    });
    CHECK(trail);
  }
}

TEST_CASE("person: erased, their number is left alone until it texts START") {
  Rig r;
  const auto p = r.join(r.someone());
  REQUIRE(r.act("person.erase", {{"person", p.key}, {"confirm", p.key}}).has_value());
  r.forget();
  r.says(mj, "start again maybe");
  REQUIRE_FALSE(r.try_enrol(r.someone()).has_value());
  CHECK(r.try_enrol(r.someone()).error().code == "opted_out");
  r.says(mj, "Start");
  CHECK(r.sent_to(mj).empty());  // nothing is said to whoever holds it now
  CHECK(r.try_enrol(r.someone()).has_value());
  CHECK(r.sent_to(mj).size() == 1);
}
