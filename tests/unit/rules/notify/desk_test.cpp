// The desk: what the neutral cases cannot say, because they know one practitioner and one rule.
#include <doctest/doctest.h>

#include "rules/notify/desk.hpp"

namespace moodline::rules {
namespace {

Instant at(const char* text) {
  return *from_iso(std::string("2026-03-") + text + "Z");
}

Calendar office(const char* from = "09:00", const char* to = "17:00") {
  Calendar c;
  c.zone = *Zone::find("Europe/London");
  for (int d = 0; d < 5; ++d) {
    c.week[static_cast<std::size_t>(d)] = {OpenHours{*time_from_hm(from), *time_from_hm(to)}};
  }
  return c;
}

Step step_to(const char* role, const char* after = nullptr) {
  Step s;
  s.role = role;
  s.template_id = "please-look";
  if (after != nullptr) REQUIRE(set_after(s, after).has_value());
  return s;
}

Rule plain(const char* id = "low") {
  Rule r;
  r.id = id;
  r.key = id;
  r.cooldown = {};
  r.when.line = {Test::below, Decimal::of(4)};
  r.then = {step_to("practitioner")};
  return r;
}

AlertFired fired(const char* alert, Rule rule, const char* person = "p1") {
  return {{alert,
           person,
           std::make_shared<const Rule>(std::move(rule)),
           {{"practitioner", "sam"},
            {"deputy", "dee"},
            {"lead", "lee"},
            {"duty", "dot"},
            {"person", person}}}};
}

Desk desk() {
  Desk d;
  d.put(Recipient{"sam", office(), "", 0, false});
  d.put(Recipient{"dee", office("12:00", "20:00"), "", 0, false});
  d.put(Recipient{"lee", office(), "", 0, false});
  d.put(Recipient{"dot", Calendar::always(Zone::utc()), "", 0, false});
  d.put(Recipient{"admin", Calendar::always(Zone::utc()), "", 0, false});
  Calendar waking = Calendar::always(*Zone::find("Europe/London"));
  for (auto& day : waking.week) day = {OpenHours{TimeOfDay::hm(8, 0), TimeOfDay::hm(21, 0)}};
  d.put(Recipient{"p1", waking, "", 0, true});
  return d;
}

// Everything that goes up to `end`, as "05T09:00:00 sam notify K1".
std::string run(Desk& d, const char* end) {
  std::string out;
  for (auto due = d.next_deadline(); due && *due <= at(end); due = d.next_deadline()) {
    for (const Message& m : d.advance(*due)) {
      out += to_iso(m.at).substr(8, 11) + " " + m.to;
      for (const auto& l : m.lines) out += " " + std::string(name_of(l.kind)) + " " + l.alert;
      out += "\n";
    }
  }
  return out;
}

std::string lines(const std::vector<Message>& messages) {
  std::string out;
  for (const Message& m : messages) {
    out += m.to;
    for (const auto& l : m.lines) out += " " + std::string(name_of(l.kind)) + " " + l.alert;
    out += "\n";
  }
  return out;
}

TEST_CASE("steps count in the first recipient's hours and wait for their own") {
  Desk d = desk();
  Rule r = plain();
  r.escalate = {step_to("deputy", "1 working hour"), step_to("lead", "1 working day")};
  d.take({fired("K1", r)}, at("05T07:00:00"));
  // 10:00 is closed for the deputy, who opens at 12:00; a working day is 8 hours, so Friday 09:00.
  CHECK(run(d, "08T00:00:00") ==
        "05T09:00:00 sam notify K1\n05T12:00:00 dee escalate K1\n06T09:00:00 lee escalate K1\n");
}

TEST_CASE("a working day is as long as the next opening day") {
  Desk d = desk();
  Calendar part = office();
  part.week[4] = {OpenHours{TimeOfDay::hm(9, 0), TimeOfDay::hm(11, 0)}};  // Friday: two hours
  d.put(Recipient{"sam", part, "", 0, false});
  Rule r = plain();
  r.escalate = {step_to("lead", "1 working day")};
  d.take({fired("K1", r)}, at("05T07:00:00"));
  CHECK(run(d, "08T00:00:00") == "05T09:00:00 sam notify K1\n05T11:00:00 lee escalate K1\n");
}

TEST_CASE("leave: the cover is told instead") {
  Desk d = desk();
  Calendar away = office();
  away.leave = {{date_of(2026, 3, 5), date_of(2026, 3, 6)}};
  SUBCASE("with cover") {
    d.put(Recipient{"sam", away, "dee", 0, false});
    d.take({fired("K1", plain())}, at("05T10:00:00"));
    CHECK(run(d, "12T00:00:00") == "05T12:00:00 dee notify K1\n");
  }
  SUBCASE("leave that begins while a message waits") {
    d.take({fired("K1", plain())}, at("04T20:00:00"));
    d.put(Recipient{"sam", away, "dee", 0, false});
    d.advance(at("05T08:00:00"));
    CHECK(run(d, "12T00:00:00") == "05T12:00:00 dee notify K1\n");
  }
  SUBCASE("leave that begins while a message waits, and nothing else happens") {
    d.put(Recipient{"sam", away, "dee", 0, false});
    d.take({fired("K1", plain())}, at("04T20:00:00"));
    CHECK(run(d, "12T00:00:00") == "05T12:00:00 dee notify K1\n");
  }
  SUBCASE("leave that is over when it is looked at again") {
    d.put(Recipient{"sam", away, "dee", 0, false});
    d.take({fired("K1", plain())}, at("04T20:00:00"));
    d.advance(at("07T12:00:00"));  // a Saturday: sam opens before dee
    REQUIRE(d.next_deadline());
    CHECK(*d.next_deadline() > at("07T12:00:00"));
    CHECK(run(d, "12T00:00:00") == "09T09:00:00 sam notify K1\n");
  }
  SUBCASE("without cover it waits") {
    d.put(Recipient{"sam", away, "", 0, false});
    d.take({fired("K1", plain())}, at("05T10:00:00"));
    CHECK(run(d, "12T00:00:00") == "09T09:00:00 sam notify K1\n");
  }
}

Rule urgent() {
  Rule r = plain("danger");
  r.when.kind = Kind::phrase;
  r.urgent = true;
  r.settle = {};
  r.escalate = {step_to("duty", "15m")};
  return r;
}

TEST_CASE("urgent: repeats, restart after ACK, and duty") {
  Desk d = desk();
  CHECK(lines(d.take({fired("K1", urgent())}, at("07T02:00:00"))) == "sam notify K1\n");
  CHECK(lines(d.take({AlertMatched{"K1"}}, at("07T02:14:59"))).empty());
  SUBCASE("not acknowledged") {
    CHECK(run(d, "07T02:15:00") == "07T02:15:00 dot escalate K1\n");
    // Fifteen minutes after the last text about it, a match is texted to all again.
    CHECK(lines(d.take({AlertMatched{"K1"}}, at("07T02:29:59"))).empty());
    CHECK(lines(d.take({AlertMatched{"K1"}}, at("07T02:30:00"))) ==
          "sam notify K1\ndot notify K1\n");
  }
  SUBCASE("acknowledged, then matched again") {
    d.take({AckedAlert{"K1"}}, at("07T02:10:00"));
    CHECK(run(d, "07T03:00:00").empty());
    CHECK(lines(d.take({AlertMatched{"K1"}}, at("07T03:00:00"))) == "sam notify K1\n");
    CHECK(run(d, "07T04:00:00") == "07T03:15:00 dot escalate K1\n");
  }
  SUBCASE("DONE ends it") {
    d.take({AlertClosed{"K1", true}}, at("07T02:10:00"));
    CHECK(run(d, "09T00:00:00").empty());
  }
  SUBCASE("STOP leaves it to duty alone") {
    d.take({PersonGone{"p1"}}, at("07T02:10:00"));
    CHECK(run(d, "09T00:00:00") == "07T02:15:00 dot escalate K1\n");
  }
}

TEST_CASE("urgent: whoever is on leave is not told, the cover is, at once") {
  Desk d = desk();
  Calendar away = office();
  away.leave = {{date_of(2026, 3, 5), date_of(2026, 3, 6)}};
  d.put(Recipient{"sam", away, "dee", 0, false});
  CHECK(lines(d.take({fired("K1", urgent())}, at("05T10:00:00"))) == "dee notify K1\n");
}

TEST_CASE("urgent raised by the STOP itself goes to duty only, at once") {
  Desk d = desk();
  Rule r = urgent();
  CHECK(lines(d.take({fired("K1", r), PersonGone{"p1"}}, at("07T02:00:00"))) ==
        "dot escalate K1\n");
  CHECK(run(d, "09T00:00:00").empty());
}

TEST_CASE("texts to the person keep their hours, wait out a pause and carry one thing each") {
  Desk d = desk();
  Rule r = plain("quiet");
  Step hello;
  hello.kind = StepKind::text_person;
  hello.template_id = "gentle-hello";
  r.then = {hello, step_to("practitioner", "24h")};
  SUBCASE("at the next allowed hour; the later step counts from it") {
    d.take({fired("K1", r)}, at("04T23:00:00"));
    CHECK(run(d, "07T00:00:00") == "05T08:00:00 p1 notify K1\n06T09:00:00 sam escalate K1\n");
  }
  SUBCASE("paused") {
    d.take({PersonPaused{"p1", true}, fired("K1", r)}, at("04T10:00:00"));
    CHECK(run(d, "05T00:00:00").empty());
    CHECK(lines(d.take({PersonPaused{"p1", false}}, at("05T10:00:00"))) == "p1 notify K1\n");
  }
  SUBCASE("cleared meanwhile: nothing is said") {
    d.take({fired("K1", r)}, at("04T23:00:00"));
    d.take({AlertCleared{"K1"}}, at("05T01:00:00"));
    CHECK(run(d, "07T00:00:00").empty());
  }
}

TEST_CASE("a pause with an end: their texts wait for it, others' do not") {
  Desk d = desk();
  Rule r = plain("quiet");
  Step hello;
  hello.kind = StepKind::text_person;
  hello.template_id = "gentle-hello";
  r.then = {hello, step_to("practitioner")};
  Recipient p1{"p1", Calendar::always(Zone::utc()), "", 0, true};
  SUBCASE("until an instant") {
    p1.paused_until = at("05T12:00:00");
    d.put(p1);
    d.take({fired("K1", r)}, at("04T10:00:00"));
    CHECK(run(d, "04T23:00:00") == "04T10:05:00 sam notify K1\n");
    CHECK(run(d, "07T00:00:00") == "05T12:00:00 p1 notify K1\n");
  }
  SUBCASE("until they text RESUME") {
    p1.paused_until = Instant::max();
    d.put(p1);
    d.take({fired("K1", r)}, at("04T10:00:00"));
    CHECK(run(d, "07T00:00:00") == "04T10:05:00 sam notify K1\n");
    p1.paused_until.reset();
    d.put(p1);
    CHECK(lines(d.advance(at("08T10:00:00"))) == "p1 notify K1\n");
  }
}

TEST_CASE("two who are told at once: the second is not cooled down by the first") {
  Desk d = desk();
  Rule r = plain();
  r.cooldown = TimeSpan::of_days(3);
  r.then = {step_to("practitioner"), step_to("deputy")};
  d.take({fired("K1", r)}, at("05T10:00:00"));
  CHECK(run(d, "09T00:00:00") == "05T10:05:00 sam notify K1\n05T12:00:00 dee notify K1\n");
}

TEST_CASE("one agreement is ended: only its alert is over") {
  Desk d = desk();
  d.take({fired("K1", plain("low")), fired("K2", plain("other"))}, at("05T10:00:00"));
  d.take({PersonGone{"p1", "K1"}}, at("05T10:01:00"));
  CHECK(run(d, "06T00:00:00") == "05T10:05:00 sam notify K2\n");
}

TEST_CASE("good news waits while a low alert is open") {
  Desk d = desk();
  Rule bright = plain("brighter");
  bright.when.kind = Kind::rise;
  Step text;
  text.kind = StepKind::text_person;
  bright.then = {text};
  d.take({fired("K1", plain())}, at("05T09:00:00"));
  CHECK(lines(d.take({fired("K2", bright)}, at("05T10:00:00"))) == "sam notify K1\n");
  CHECK(run(d, "05T12:00:00").empty());
  CHECK(lines(d.take({AlertCleared{"K1"}}, at("05T12:00:00"))) == "p1 notify K2\n");
}

TEST_CASE("a bare OK needs exactly one") {
  Desk d = desk();
  d.take({fired("K1", plain("a")), fired("K2", plain("b"))}, at("05T10:00:00"));
  CHECK(d.awaiting("sam").empty());  // nothing has been sent yet
  CHECK(*d.seen_at("K1") == at("05T10:05:00"));
  run(d, "05T11:00:00");
  CHECK(d.awaiting("sam") == std::vector<std::string>{"K1", "K2"});
  d.take({AckedAlert{"K1"}}, at("05T11:00:00"));
  CHECK(d.awaiting("sam") == std::vector<std::string>{"K2"});
}

TEST_CASE("nobody left: the admin is told once") {
  Desk d = desk();
  d.take({fired("K1", plain())}, at("05T10:00:00"));
  run(d, "05T11:00:00");
  CHECK(lines(d.take({MessageFailed{"K1", "sam"}}, at("05T11:00:00"))) == "admin exhausted K1\n");
  CHECK(lines(d.take({MessageFailed{"K1", "sam"}}, at("05T11:01:00"))).empty());
}

TEST_CASE("after an outage one message an alert, the steps keep their distance") {
  Desk d = desk();
  Rule r = plain();
  r.escalate = {step_to("deputy", "4 working hours"), step_to("lead", "5 working hours")};
  d.take({fired("K1", r)}, at("05T09:00:00"));
  run(d, "05T09:30:00");
  const auto late = d.advance(at("05T15:30:00"), true);
  REQUIRE(late.size() == 1);
  CHECK(late[0].to == "dee");
  CHECK(late[0].late);
  CHECK(run(d, "06T00:00:00") == "05T16:30:00 lee escalate K1\n");
}

TEST_CASE("an alert muted by unsettled goes when 21 days hold fewer than three") {
  Desk d = desk();
  const Rule r = plain();
  for (const char* day : {"02", "03", "04"}) {
    const std::string k = std::string("K") + day;
    d.take({fired(k.c_str(), r)}, at((std::string(day) + "T10:00:00").c_str()));
    run(d, (std::string(day) + "T11:00:00").c_str());
    d.take({AlertCleared{k}}, at((std::string(day) + "T12:00:00").c_str()));
    run(d, (std::string(day) + "T13:00:00").c_str());
  }
  d.take({fired("K9", r)}, at("05T10:00:00"));
  // The fires of 3, 4 and 5 March are fewer than three inside 21 days from 24 March 10:00.
  CHECK(run(d, "24T09:59:59").empty());
  CHECK(run(d, "25T00:00:00") == "24T10:05:00 sam notify K9\n");
}

TEST_CASE("damaged rows are refused") {
  Queue q;
  q.recipient = "sam";
  q.waiting.push_back(
      {{"K1", LineKind::note, "t", "r"}, at("05T09:00:00"), at("05T09:05:00"), true, true});
  const std::string good = to_text(q);
  CHECK(to_text(*queue_from_text(good)) == good);
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    CHECK_FALSE(queue_from_text(good.substr(0, cut)).has_value());
  }
  CHECK(queue_from_text("9" + good.substr(1)).error().code == "state_format");
}

TEST_CASE("what is said of an alert that nobody knows, or that is over, changes nothing") {
  const auto every = [](const std::string& id) {
    return std::vector<DeskEvent>{
        AlertCleared{id}, AlertWithdrawn{id}, AlertClosed{id, true},   AlertMatched{id},
        AckedAlert{id},   PassedAlert{id},    MessageFailed{id, "sam"}};
  };
  Desk d = desk();
  for (const DeskEvent& e : every("K9")) CHECK(d.take({e}, at("05T10:00:00")).empty());
  CHECK(d.chases().empty());
  d.take({fired("K1", plain())}, at("05T10:00:00"));
  run(d, "05T11:00:00");
  d.take({AlertCleared{"K1"}}, at("05T11:00:00"));
  for (const DeskEvent& e : every("K1")) d.take({e}, at("05T11:01:00"));
  CHECK(run(d, "12T00:00:00") == "05T11:05:00 sam resolve_notice K1\n");
  d.take({fired("K2", plain("other"))}, at("12T10:00:00"));
  run(d, "12T11:00:00");
  d.take({AlertWithdrawn{"K2"}}, at("12T11:00:00"));
  for (const DeskEvent& e : every("K2")) {
    if (!std::holds_alternative<AlertWithdrawn>(e)) d.take({e}, at("12T11:01:00"));
  }
  CHECK(run(d, "20T00:00:00") == "12T11:05:00 sam corrected_notice K2\n");
  d.take({fired("K3", plain("third"))}, at("20T10:00:00"));
  run(d, "20T11:00:00");
  d.take({AlertClosed{"K3", false}}, at("20T11:00:00"));
  for (const DeskEvent& e : every("K3")) {
    if (std::holds_alternative<AlertCleared>(e) || std::holds_alternative<AlertWithdrawn>(e))
      continue;
    d.take({e}, at("20T11:01:00"));
  }
  CHECK(run(d, "28T00:00:00").empty());
}

TEST_CASE("hours: leave to its last day, midnight, an hour that the clock skips") {
  Calendar away = office();
  away.leave = {{date_of(2026, 3, 3), date_of(2026, 3, 5)}};
  for (const auto& [day, on] :
       {std::pair{"02", false}, std::pair{"03", true}, std::pair{"04", true}, std::pair{"05", true},
        std::pair{"06", false}}) {
    CAPTURE(day);
    CHECK(away.on_leave(at((std::string(day) + "T12:00:00").c_str())) == on);
    CHECK(away.open_at(at((std::string(day) + "T12:00:00").c_str())) != on);
  }
  Calendar late = Calendar::always(Zone::utc());
  for (auto& day : late.week) day = {OpenHours{TimeOfDay::hm(22, 0), TimeOfDay{86'400}}};
  CHECK(*late.next_open(at("05T20:00:00")) == at("05T22:00:00"));
  CHECK(*late.add_working(at("05T22:00:00"), 5400) == at("05T23:30:00"));
  CHECK(*late.add_working(at("05T22:00:00"), 3 * 3600) == at("06T23:00:00"));
  CHECK(late.working_days_s(at("05T12:00:00"), 2) == 4 * 3600);
  // Closing time is closed: what ends then ends at the next opening.
  CHECK(*office().add_working(at("05T13:00:00"), 4 * 3600) == at("06T09:00:00"));
  CHECK(*office().add_working(at("05T13:00:00"), 4 * 3600 - 1) == at("05T16:59:59"));
  Calendar night;
  night.zone = *Zone::find("Europe/London");
  night.week[6] = {OpenHours{TimeOfDay::hm(1, 0), TimeOfDay::hm(2, 0)}};
  // On 29 March London has no 01:00 to 02:00: that Sunday has no opening.
  CHECK(*night.next_open(at("23T12:00:00")) == *from_iso("2026-04-05T00:00:00Z"));
  CHECK(night.working_days_s(at("23T12:00:00"), 1) == 3600);
}

TEST_CASE("an opening is looked for a certain time, and no longer") {
  Calendar c = Calendar::always(Zone::utc());
  const LocalDate today = date_of(2026, 3, 5);
  c.leave = {{today, today + (calendar_days_max - 1)}};
  const auto found = c.next_open(at("05T12:00:00"));
  REQUIRE(found);
  CHECK(Zone::utc().local(*found).date == today + calendar_days_max);
  c.leave = {{today, today + calendar_days_max}};
  CHECK_FALSE(c.next_open(at("05T12:00:00")));
  CHECK(c.working_days_s(at("05T12:00:00"), 1) == 0);
}

TEST_CASE("when each of two will be seen, and the earliest deadline of several") {
  Desk d = desk();
  d.put(Recipient{"p2", Calendar::always(Zone::utc()), "", 0, true});
  Rule to_person = plain("hello");
  to_person.then = {step_to("person")};
  to_person.then[0].kind = StepKind::text_person;
  d.take({fired("K1", plain())}, at("05T20:00:00"));
  d.take({fired("K2", to_person)}, at("05T22:00:00"));
  CHECK(*d.seen_at("K1") == at("06T09:00:00"));
  CHECK(*d.seen_at("K2") == at("06T08:00:00"));
  CHECK_FALSE(d.seen_at("K3"));
  CHECK(*d.next_deadline() == at("06T08:00:00"));
}

// Fires and clears of one rule, each alone in its day.
std::string third_fire(Desk& d, const Rule& r, const std::vector<const char*>& moments) {
  std::string last;
  int n = 0;
  for (const char* moment : moments) {
    const std::string k = "K" + std::to_string(++n);
    run(d, moment);
    d.take({fired(k.c_str(), r)}, at(moment));
    const Instant later = at(moment) + std::chrono::hours{1};
    last = run(d, to_iso(later).substr(8, 11).c_str());
    d.take({AlertCleared{k}}, later);
  }
  return last;
}

TEST_CASE("unsettled: the third inside 21 days, and not one on the day they are over") {
  Desk inside = desk();
  CHECK(third_fire(inside, plain(), {"03T10:00:00", "10T10:00:00", "24T09:59:59"}) ==
        "24T10:04:59 sam unsettled K3\n");
  Desk over = desk();
  CHECK(third_fire(over, plain(), {"03T10:00:00", "10T10:00:00", "24T10:00:00"}) ==
        "24T10:05:00 sam notify K3\n");
  // Muted to 24 March 10:00: a fire of that instant says "unsettled" again, one after it too.
  Desk again = desk();
  CHECK(third_fire(again, plain(), {"03T10:00:00", "10T10:00:00", "11T10:00:00", "24T10:00:00"}) ==
        "24T10:05:00 sam unsettled K4\n");
  Desk muted = desk();
  CHECK(third_fire(muted, plain(), {"03T10:00:00", "10T10:00:00", "11T10:00:00", "24T09:59:59"})
            .empty());
  Desk after = desk();
  CHECK(third_fire(after, plain(), {"02T10:00:00", "03T10:00:00", "04T10:00:00", "26T10:00:00"}) ==
        "26T10:05:00 sam notify K4\n");
}

TEST_CASE("an urgent alert with nobody behind it is texted again after an ACK") {
  Desk d = desk();
  Rule r = urgent();
  r.escalate.clear();
  CHECK(lines(d.take({fired("K1", r)}, at("05T22:00:00"))) == "sam notify K1\n");
  d.take({AckedAlert{"K1"}}, at("05T22:05:00"));
  CHECK(lines(d.take({AlertMatched{"K1"}}, at("05T22:15:00"))) == "sam notify K1\n");
}

TEST_CASE("the cap is of a day, and a new day has its own") {
  Desk d = desk();
  d.put(Recipient{"sam", office(), "", 1, false});
  d.take({fired("K1", plain("a"))}, at("05T10:00:00"));
  run(d, "05T10:30:00");
  d.take({fired("K2", plain("b"))}, at("05T11:00:00"));
  CHECK(run(d, "06T09:30:00") ==
        "06T09:00:00 sam notify K2\n");  // past the cap: a digest at opening
  d.take({fired("K3", plain("c"))}, at("09T10:00:00"));
  CHECK(run(d, "09T12:00:00") == "09T10:05:00 sam notify K3\n");
}

TEST_CASE("rows keep every mark they carry") {
  for (int bits = 0; bits < 4; ++bits) {
    const MassSilence m{(bits & 1) != 0, (bits & 2) != 0};
    const auto read = mass_from_text(to_text(m));
    REQUIRE(read);
    CHECK(read->held == m.held);
    CHECK(read->told == m.told);
  }
  for (int bits = 0; bits < 16; ++bits) {
    Chase c;
    c.facts = fired("K1", plain()).facts;
    c.duty_only = (bits & 1) != 0;
    c.unsettled = (bits & 2) != 0;
    c.muted = (bits & 4) != 0;
    c.exhausted = (bits & 8) != 0;
    const auto read = chase_from_text(to_text(c), [&](std::string_view) { return c.facts.rule; });
    REQUIRE(read);
    CHECK(read->duty_only == c.duty_only);
    CHECK(read->unsettled == c.unsettled);
    CHECK(read->muted == c.muted);
    CHECK(read->exhausted == c.exhausted);
  }
}

TEST_CASE("PASS where no step names the deputy tells the deputy all the same") {
  Desk d = desk();
  Rule r = plain();
  r.escalate = {step_to("lead", "4 working hours")};
  d.take({fired("K1", r)}, at("05T12:00:00"));
  run(d, "05T12:10:00");
  CHECK(lines(d.take({PassedAlert{"K1"}}, at("05T12:15:00"))) == "dee escalate K1\n");
}

TEST_CASE("who leaves takes their alerts along, and nobody else's") {
  Desk d = desk();
  Rule r = plain();
  r.escalate = {step_to("deputy", "4 working hours")};
  d.take({fired("K1", r)}, at("05T10:00:00"));
  run(d, "05T10:30:00");
  d.take({PersonGone{"p1"}}, at("05T11:00:00"));
  CHECK(d.take({MessageFailed{"K1", "sam"}}, at("05T12:00:00")).empty());
  CHECK(run(d, "12T00:00:00").empty());
  // What was raised in the very instant of leaving: theirs is not sent, another's is.
  CHECK(lines(d.take({fired("K2", urgent(), "p1"), fired("K3", urgent(), "p2"), PersonGone{"p1"}},
                     at("12T22:00:00"))) == "sam notify K3\ndot escalate K2\n");
  Desk one = desk();
  Rule other = urgent();
  other.id = other.key = "other";
  CHECK(lines(one.take({fired("K2", urgent()), fired("K3", other), PersonGone{"p1", "K2"}},
                       at("12T22:00:00"))) == "sam notify K3\ndot escalate K2\n");
}

TEST_CASE("an urgent alert that is over, or has nobody on duty, ends with who leaves") {
  Desk over = desk();
  over.take({fired("K1", urgent())}, at("05T22:00:00"));
  over.take({AlertClosed{"K1", true}}, at("05T22:05:00"));
  CHECK(over.take({PersonGone{"p1"}}, at("05T22:06:00")).empty());
  CHECK(run(over, "07T00:00:00").empty());
  Desk nobody = desk();
  Rule r = urgent();
  r.escalate.clear();
  nobody.take({fired("K1", r)}, at("05T22:00:00"));
  CHECK(nobody.take({PersonGone{"p1"}}, at("05T22:06:00")).empty());
  CHECK(run(nobody, "07T00:00:00").empty());
  CHECK(nobody.chases().at("K1").alert == Chase::Alert::closed);
}

TEST_CASE("silent people are texted at once, and dropping silence drops nothing else") {
  Desk d = desk();
  Rule silence = plain("quiet");
  silence.when.kind = Kind::silence;
  Step hello = step_to("");
  for (const StepKind kind : {StepKind::text_person, StepKind::text_own_words}) {
    hello.kind = kind;
    silence.then = {hello};
    Desk one = desk();
    CHECK(lines(one.take({fired("K1", silence)}, at("05T10:00:00"))) == "p1 notify K1\n");
  }
  silence.then = {step_to("practitioner")};
  std::vector<DeskEvent> all{fired("L1", plain())};
  for (int n = 0; n < mass_silence_min; ++n) {
    const std::string name = "S" + std::to_string(n);
    Rule own = silence;
    own.id = own.key = name;
    all.push_back(fired(name.c_str(), own, ("q" + std::to_string(n)).c_str()));
  }
  CHECK(lines(d.take(all, at("05T10:00:00"))).starts_with("admin mass_silence S0"));
  d.take({MassSilenceDropped{}}, at("05T10:02:00"));
  CHECK(run(d, "06T00:00:00") == "05T10:05:00 sam notify L1\n");
}

TEST_CASE("unsettled has no steps, and waits for the cooldown as any alert") {
  Rule r = plain();
  r.escalate = {step_to("deputy", "1 working hour")};
  Desk d = desk();
  std::string last;
  for (const char* day : {"02", "03", "04"}) {
    const std::string k = std::string("K") + day;
    run(d, (std::string(day) + "T09:30:00").c_str());
    d.take({fired(k.c_str(), r)}, at((std::string(day) + "T10:00:00").c_str()));
    last = run(d, (std::string(day) + "T10:30:00").c_str());
    if (day != std::string_view("04"))
      d.take({AlertCleared{k}}, at((std::string(day) + "T10:40:00").c_str()));
  }
  CHECK(last == "04T10:05:00 sam unsettled K04\n");
  const std::string rest = run(d, "12T00:00:00");
  CHECK(rest.find("escalate") == std::string::npos);
}

TEST_CASE("a later match tells whoever was told at once, and not the person over again") {
  Desk d = desk();
  Rule r = urgent();
  Step numbers = step_to("");
  numbers.kind = StepKind::text_person;
  numbers.template_id = "crisis-numbers";
  r.then = {numbers, step_to("practitioner"), step_to("lead", "24h")};
  r.escalate.clear();
  CHECK(lines(d.take({fired("K1", r)}, at("05T02:00:00"))) == "p1 notify K1\nsam notify K1\n");
  const auto again = d.take({AlertMatched{"K1"}}, at("05T02:30:00"));
  REQUIRE(lines(again) == "sam notify K1\n");
  CHECK(again[0].lines[0].role == "practitioner");
  CHECK(again[0].lines[0].template_id == "please-look");
}

TEST_CASE("a routine alert ends with who leaves, also where duty stands behind it") {
  Desk d = desk();
  Rule r = plain();
  r.escalate = {step_to("duty", "4 working hours")};
  d.take({fired("K1", r)}, at("05T10:00:00"));
  run(d, "05T10:30:00");
  d.take({PersonGone{"p1"}}, at("05T11:00:00"));
  CHECK(run(d, "12T00:00:00").empty());
  CHECK(d.chases().at("K1").alert == Chase::Alert::closed);
}

TEST_CASE("what ten silent people are told themselves is no mass silence") {
  for (const StepKind kind : {StepKind::text_person, StepKind::text_own_words}) {
    Desk d = desk();
    std::vector<DeskEvent> all;
    std::string morning;
    for (int n = 0; n < mass_silence_min; ++n) {
      const std::string who = "q" + std::to_string(n);
      Calendar waking = Calendar::always(*Zone::find("Europe/London"));
      for (auto& day : waking.week) day = {OpenHours{TimeOfDay::hm(8, 0), TimeOfDay::hm(21, 0)}};
      d.put(Recipient{who, waking, "", 0, true});
      Rule silence = plain("quiet");
      silence.when.kind = Kind::silence;
      Step hello = step_to("");
      hello.kind = kind;
      silence.then = {hello};
      all.push_back(fired(("S" + std::to_string(n)).c_str(), silence, who.c_str()));
      morning += "05T08:00:00 " + who + " notify S" + std::to_string(n) + "\n";
    }
    CHECK(d.take(all, at("04T22:00:00")).empty());
    CHECK(run(d, "05T12:00:00") == morning);
  }
}

TEST_CASE("a step that was due before the one in front of it goes with it") {
  Desk d = desk();
  Rule r = plain();
  r.escalate = {step_to("deputy", "4 working hours"), step_to("lead", "24h")};
  d.take({fired("K1", r)}, at("06T15:00:00"));
  // Friday 15:05 and four working hours are Monday 11:05, when the day is long over.
  CHECK(run(d, "10T00:00:00") ==
        "06T15:05:00 sam notify K1\n09T11:05:00 lee escalate K1\n09T12:00:00 dee escalate K1\n");
}

TEST_CASE("after an outage that ends when the next step is due, it keeps its distance too") {
  Desk d = desk();
  Rule r = plain();
  r.escalate = {step_to("deputy", "4 working hours"), step_to("lead", "5 working hours")};
  d.take({fired("K1", r)}, at("05T09:00:00"));
  run(d, "05T09:30:00");
  CHECK(lines(d.advance(at("05T14:05:00"), true)) == "dee escalate K1\n");
  CHECK(run(d, "06T00:00:00") == "05T15:05:00 lee escalate K1\n");
}

TEST_CASE("the cooldown holds alerts and the word that it is unsettled, and no step") {
  Rule r = plain();
  r.cooldown = TimeSpan::of_days(3);
  SUBCASE("a step after an ACK that ran out") {
    Desk d = desk();
    r.escalate = {step_to("lead", "1 working day")};
    r.ack_expires = TimeSpan::of_hours(24);
    d.take({fired("K1", r)}, at("04T10:00:00"));
    run(d, "04T10:05:00");
    d.take({AckedAlert{"K1"}}, at("04T10:10:00"));
    CHECK(run(d, "12T00:00:00") == "05T10:10:00 lee escalate K1\n");
  }
  SUBCASE("unsettled waits for its end") {
    Desk d = desk();
    d.take({fired("K1", r)}, at("02T10:00:00"));
    run(d, "02T10:30:00");
    d.take({AlertWithdrawn{"K1"}}, at("02T10:40:00"));
    CHECK(run(d, "02T10:50:00") == "02T10:45:00 sam corrected_notice K1\n");
    for (const char* day : {"02T11:00:00", "02T12:00:00", "02T13:00:00"}) {
      d.take({fired(day, r)}, at(day));
    }
    CHECK(run(d, "05T10:04:59").empty());
    CHECK(run(d, "05T10:05:00").find("unsettled 02T13:00:00") != std::string::npos);
  }
}

TEST_CASE("what waits on its own stays when something else leaves") {
  SUBCASE("an alert in its cooldown") {
    Desk d = desk();
    Rule slow = plain("slow");
    slow.cooldown = TimeSpan::of_days(3);
    d.take({fired("A1", slow)}, at("02T10:00:00"));
    run(d, "02T10:30:00");
    d.take({AlertWithdrawn{"A1"}}, at("02T10:40:00"));
    run(d, "02T12:00:00");
    d.take({fired("A2", slow)}, at("03T10:00:00"));
    d.take({fired("B1", plain())}, at("03T11:00:00"));
    CHECK(run(d, "12T00:00:00") == "03T11:05:00 sam notify B1\n05T10:05:00 sam notify A2\n");
  }
  SUBCASE("a mass silence") {
    Desk d = desk();
    std::vector<DeskEvent> all;
    for (int n = 0; n < mass_silence_min; ++n) {
      Rule silence = plain("quiet");
      silence.when.kind = Kind::silence;
      const std::string k = std::to_string(n);
      all.push_back(fired(("S" + k).c_str(), silence, ("q" + k).c_str()));
    }
    d.take(all, at("05T10:00:00"));
    d.take({fired("L1", plain())}, at("05T10:20:00"));
    CHECK(run(d, "12T00:00:00") == "05T10:25:00 sam notify L1\n");
  }
}

TEST_CASE("a queue that lost a line is written back, and only that one") {
  Desk d = desk();
  Rule r = plain();
  r.then = {step_to("practitioner")};
  d.take({fired("K1", r)}, at("04T20:00:00"));
  Rule other = plain("other");
  other.then = {step_to("lead")};
  d.take({fired("K2", other)}, at("04T20:00:00"));
  (void)d.take_dirty();
  d.take({AlertWithdrawn{"K1"}}, at("04T21:00:00"));
  const auto dirty = d.take_dirty();
  CHECK(dirty.queues == std::set<std::string>{"sam"});
  CHECK(run(d, "06T00:00:00") == "05T09:00:00 lee notify K2\n");
}

}  // namespace
}  // namespace moodline::rules
