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

}  // namespace
}  // namespace moodline::rules
