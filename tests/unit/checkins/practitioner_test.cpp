// The practitioner's lines, by text.
#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

namespace {
// MJ's third low evening is over and it is the next morning in working hours.
std::string alerted(Rig& r, const std::string& needs = {}) {
  auto n = r.someone();
  n.needs = needs;
  r.join(n, {"low-streak"});
  r.forget();
  low_streak(r);
  next_morning(r);
  return r.code_of(mj);
}
}  // namespace

TEST_CASE("practitioner: accepts the role by text before any alert is sent") {
  Options o;
  o.staff_accept = false;
  Rig r(o);
  const std::string request = r.last_to(sam);
  CHECK(has(request, "Gwen Shaw asks you"));  // who invited, by name
  CHECK_FALSE(has(request, "Northside Check-in: Northside Check-in"));
  CHECK_FALSE(has(r.last_to(gwen), "Northside Check-in: Northside Check-in"));
  r.join(r.someone(), {"low-streak"});
  low_streak(r);
  next_morning(r);
  CHECK_FALSE(any_has(r.sent_to(sam), "MJ"));
  CHECK(any_has(r.sent_to(gwen), "Sam Reed has not accepted"));  // the admin is warned until then
  const auto at = request.find("ACCEPT ");
  r.says(sam, request.substr(at, 9));
  r.advance(1);
  CHECK(any_has(r.sent_to(sam), "MJ"));
}

TEST_CASE("practitioner: an alert says who, which agreed sentence, since when, how to answer") {
  Rig r;
  const std::string code = alerted(r, "text only, deaf");
  REQUIRE(r.sent_to(sam).size() == 1);
  const std::string alert = r.last_to(sam);
  CHECK(has(alert, "MJ"));
  CHECK(has(alert, r.agreement(mj, "low-streak")));
  CHECK(has(alert, "Wed"));  // since when: the evening the line was crossed
  CHECK(has(alert, "ACK " + code));
  CHECK(has(alert, "Needs: text only, deaf"));  // agreed needs
  CHECK(segments(alert) == 1);
  for (const char* clinical : {"mood", "score", "below", " 2", " 3", " 4", "low"}) {
    CHECK_MESSAGE(!has(alert, clinical), clinical);
  }
}

TEST_CASE("practitioner: needs are cut to the room, never the alert") {
  Rig r;
  alerted(r, std::string(180, 'x'));
  CHECK(segments(r.last_to(sam)) == 1);
  CHECK(has(r.last_to(sam), "Not live monitored."));
}

TEST_CASE("practitioner: the answer to ACK says until when, as the agreed rule does") {
  Options o;
  o.edit = [](Files& f) {
    replace_in(f, "rules/low-mood.yaml", "ack_expires: \"24h\"", "ack_expires: \"2h\"");
  };
  Rig r(o);
  const std::string code = alerted(r);
  const auto ends = Zone::find("Europe/London")->local(r.now() + Millis{2LL * 3'600'000});
  const std::string said = r.answer(sam, "ACK " + code);
  CHECK_MESSAGE(has(said, to_hm({ends.time.s / 60 * 60})), said);
}

TEST_CASE("practitioner: ACK, DONE note, STATUS, bare OK") {
  Rig r;
  const std::string code = alerted(r);
  SUBCASE("ACK") {
    CHECK(has(r.answer(sam, "ACK " + code), code + " is yours"));
    CHECK(r.alerts_of(mj)[0].acked_by == "sam");
    CHECK(has(r.answer(sam, "STATUS"), code));
  }
  SUBCASE("ack, in any spelling of the same") {
    for (const char* form : {"ack %", "% ACK", "Ack %.", "ACK: %"}) {
      std::string text = form;
      text.replace(text.find('%'), 1, code);
      CHECK_MESSAGE(has(r.answer(sam, text), code + " is yours"), text);
    }
  }
  SUBCASE("OK works when one alert is open") {
    CHECK(has(r.answer(sam, "OK"), code + " is yours"));
  }
  SUBCASE("OK with two open lists the codes") {
    r.join(r.someone(kit, "KT"), {"low-streak"});
    r.evenings(kit, {"7", "7", "7", "2", "2", "2"});  // the third low one is on Tuesday
    r.until(TimeOfDay::hm(9, 40));
    const std::string a = r.answer(sam, "ok");
    CHECK(has(a, code));
    CHECK(has(a, r.code_of(kit)));
    CHECK(r.alerts_of(mj)[0].acked_by.empty());
  }
  SUBCASE("DONE keeps the note and closes") {
    CHECK(has(r.answer(sam, "DONE " + code + " rang, all fine"), "closed"));
    CHECK(r.alerts_of(mj)[0].note == "rang, all fine");
    CHECK(has(r.answer(sam, "STATUS"), "Nothing is open"));
    CHECK(has(r.answer(sam, "ACK " + code), "Nothing is open"));
  }
  SUBCASE("nonsense, another's code, somebody else's number") {
    CHECK(has(r.answer(sam, "hello?"), "ACK"));
    CHECK(has(r.answer(sam, "ACK Z99"), code));
    CHECK(has(r.answer(ana, "ACK " + code), "Nothing is open"));
    r.says("+447700900999", "ACK " + code);
    CHECK(r.sent_to("+447700900999").empty());
    CHECK(r.alerts_of(mj)[0].acked_by.empty());
  }
  SUBCASE("every answer is one segment, but STATUS and help") {
    for (const std::string& t : {"ACK " + code, std::string("OK"), std::string("ACK Z9"),
                                 "DONE " + code + " " + std::string(300, 'x')}) {
      CHECK(segments(r.answer(sam, t)) == 1);
    }
  }
}

TEST_CASE("practitioner: PASS hands it to the deputy at once") {
  Rig r;
  const std::string code = alerted(r);
  CHECK(has(r.answer(sam, "PASS " + code), "Ana Price"));
  r.advance(0.2);
  CHECK(any_has(r.sent_to(ana), code));
  CHECK(has(r.answer(ana, "ACK"), code + " is yours"));
}

TEST_CASE("practitioner: OFF until monday, ON, STOP is OFF without end") {
  Rig r;
  const std::string code = alerted(r);
  SUBCASE("OFF until monday: what is open goes to the deputy at once, and so do new ones") {
    const std::string a = r.answer(sam, "OFF until monday");
    CHECK(has(a, "Mon"));
    CHECK(has(a, "Ana Price"));
    r.advance(0.2);
    CHECK(any_has(r.sent_to(ana), code));
    r.join(r.someone(kit, "KT"), {"gone-quiet", "low-some-days"});
    r.forget();
    r.until(TimeOfDay::hm(12, 0));
    CHECK_FALSE(any_has(r.sent_to(sam), "KT"));
    // Monday: on again by itself.
    r.advance(24 * 4);
    r.read([&](store::ReadTx& tx) {
      const auto st = tx.practitioner("sam");
      REQUIRE(st);
      REQUIRE(st->off_until);
      CHECK(*st->off_until <= r.now());
    });
  }
  SUBCASE("STOP from a practitioner: open alerts go on, and nothing more comes until ON") {
    r.says(sam, "STOP");
    r.advance(0.2);
    CHECK(any_has(r.sent_to(ana), code));
    r.forget();
    r.advance(24 * 8);
    CHECK(r.sent_to(sam).empty());
    CHECK(has(r.answer(sam, "ON"), "on again"));
  }
}

TEST_CASE("practitioner: a practitioner texting as a person is answered as a practitioner") {
  Rig r;
  r.join(r.someone());
  CHECK(has(r.answer(sam, "HISTORY"), "ACK"));
  CHECK(has(r.answer(sam, "7"), "ACK"));
  bool none = true;
  r.read([&](store::ReadTx& tx) { none = !tx.person_by_number(sam); });
  CHECK(none);
}

TEST_CASE("practitioner: weekly digest") {
  Rig r;
  const auto monday = [&] {
    r.until(TimeOfDay::hm(9, 0));
    while (Zone::find("Europe/London")->local(r.now()).date.weekday() != Weekday::mon)
      r.advance(24);
    r.until(TimeOfDay::hm(10, 0));
  };
  const auto digest = [&] {
    std::string text;
    for (const Text& t : r.texts_to(sam)) {
      if (t.template_name == "digest") text += t.text + "\n";
    }
    return text;
  };
  auto well = r.someone(mj, "MJ");
  auto quiet = r.someone(kit, "KT");
  auto cut = r.someone("+447700900202", "CU");
  for (auto& n : {well, quiet, cut}) r.join(n, {"weekly-digest"});
  monday();
  r.advance(24);
  r.forget();
  SUBCASE("all well, nobody replied and gateway broken look different") {
    r.unreachable.insert(cut.number);
    for (int i = 0; i < 6; ++i) {
      r.until(TimeOfDay::hm(19, 0));
      r.says(mj, "7");
    }
    monday();
    const std::string d = digest();
    CHECK(has(d, "All well: MJ"));
    CHECK(has(d, "No reply: KT"));
    CHECK(has(d, "Not asked or not delivered: CU"));
    const auto broken = d.find("CU");
    CHECK(d.find(" Tue ", broken) != std::string::npos);  // from when
    CHECK(d.find("-Sun ", broken) != std::string::npos);  // to when
    CHECK_FALSE(has(d, "7,"));
    CHECK(segments(d) <= 3);
    CHECK(count_has(r.sent_to(sam), "All well") == 1);
  }
  SUBCASE("a line crossed stands in it by its code") {
    r.join(r.someone("+447700900203", "LO"), {"weekly-digest", "low-streak"});
    r.evenings("+447700900203", {"2", "2", "2"});
    monday();
    CHECK(has(digest(), r.alerts_of("+447700900203")[0].code));
  }
  SUBCASE("somebody who stopped is not in it") {
    r.says(kit, "STOP");
    monday();
    CHECK_FALSE(has(digest(), "KT"));
  }
  SUBCASE("stopped after it was made, before it left") {
    r.until(TimeOfDay::hm(9, 0));
    while (Zone::find("Europe/London")->local(r.now()).date.weekday() != Weekday::mon)
      r.advance(24);
    r.provider_down = true;
    r.advance(0.75);
    r.says(kit, "STOP");
    r.provider_down = false;
    r.advance(2);
    CHECK_FALSE(has(digest(), "KT"));
    CHECK(has(digest(), "MJ"));
  }
}

TEST_CASE("practitioner: replies nobody has looked at are flagged to the admin") {
  Rig r;
  r.join(r.someone());
  r.until(TimeOfDay::hm(18, 1));
  r.says(mj, "the dog is ill");
  r.forget();
  r.advance(24 * 2);
  CHECK_FALSE(any_has(r.sent_to(gwen), "not been looked at"));
  r.advance(24 * 2);
  CHECK(any_has(r.sent_to(gwen), "1 answers have not been looked at for 3 days"));
}

TEST_CASE("practitioner: SEEN is relayed to the person") {
  Rig r;
  r.join(r.someone(), {"weekly-digest"});
  r.says(mj, "planted the beans today");
  r.forget();
  CHECK(has(r.answer(sam, "SEEN MJ lovely to hear about the beans"), "MJ is told"));
  REQUIRE(r.sent_to(mj).size() == 1);
  CHECK(r.last_to(mj) == "Sam has read your answers: lovely to hear about the beans");
  std::size_t unread = 9;
  r.read([&](store::ReadTx& tx) { unread = tx.inbound_unseen(10).size(); });
  CHECK(unread == 0);
  SUBCASE("without words") {
    r.advance(0.1);
    r.says(sam, "SEEN");
    CHECK(r.last_to(mj) == "Sam has read your answers.");
  }
  SUBCASE("a long one is cut to one segment") {
    r.advance(0.1);
    r.says(sam, "SEEN MJ " + std::string(300, 'y'));
    CHECK(segments(r.last_to(mj)) == 1);
  }
  SUBCASE("only by somebody the person shares with") {
    CHECK(has(r.answer(ana, "SEEN MJ hello"), "Whose answers"));
    r.says(mj, "UNSHARE");
    r.forget();
    CHECK(has(r.answer(sam, "SEEN MJ hello"), "Whose answers"));
    CHECK(r.sent_to(mj).empty());
  }
}

TEST_CASE("practitioner: never nobody: deputy, then lead, then the admin") {
  Rig r;
  const std::string code = alerted(r);
  CHECK(r.sent_to(ana).empty());
  r.until(TimeOfDay::hm(14, 0));  // four working hours later
  CHECK(any_has(r.sent_to(ana), code));
  r.advance(24 * 2);
  CHECK(any_has(r.sent_to(gwen), code));
  SUBCASE("on leave: the deputy instead") {
    r.says(sam, "ON");
    Rig away({.start = *from_iso("2026-08-03T09:00:00Z")});
    away.join(away.someone(), {"low-streak"});
    low_streak(away);
    next_morning(away);
    CHECK(away.sent_to(sam).empty());
    CHECK(any_has(away.sent_to(ana), "MJ"));
  }
}

TEST_CASE("practitioner: an alert that does not arrive goes on, and the admin is told") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.unreachable.insert(sam);
  low_streak(r);
  next_morning(r);
  r.advance(0.5);
  const std::string code = r.code_of(mj);
  CHECK(any_has(r.sent_to(ana), code));
  CHECK(any_has(r.sent_to(gwen), "The alert " + code + " could not be delivered"));
}

TEST_CASE("practitioner: a cap turns the rest into one digest, except urgent ones") {
  Options o;
  o.edit = [](Files& f) { replace_in(f, "practitioners.yaml", "daily_cap: 20", "daily_cap: 1"); };
  Rig r(o);
  for (int i = 0; i < 3; ++i) {
    r.join(r.someone("+44770090021" + std::to_string(i), "P" + std::to_string(i)),
           {"low-streak", "safety-words"});
  }
  r.forget();
  for (int day = 0; day < 3; ++day) {
    r.until(TimeOfDay::hm(19, 0));
    for (int i = 0; i < 3; ++i) r.says("+44770090021" + std::to_string(i), "2");
  }
  r.until(TimeOfDay::hm(16, 0));
  CHECK(r.sent_to(sam).size() == 1);  // all three in one text
  r.says("+447700900210", "i want to kill myself");
  CHECK(any_has(r.sent_to(sam), "URGENT"));
}
