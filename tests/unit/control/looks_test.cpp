// Looking at what is known of a person leaves a row in the trail, which they can ask for; and what
// an admin agreed with them can be put in, seen and taken out again.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "tests/unit/checkins/rig.hpp"

namespace moodline::rig {
namespace {

int rows_of(Rig& r, std::string_view action) {
  int n = 0;
  r.read([&](store::ReadTx& tx) {
    for (const store::AuditRow& row : tx.audit(0, 10'000)) n += row.action == action ? 1 : 0;
  });
  return n;
}

TEST_CASE("each way of looking at a person is written down, once an hour, and told to them") {
  struct Way {
    const char* action;
    json::object args;
  };
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.says(mj, "my sister came round and we talked for hours");
  const std::string code = r.agreements_of(mj)[0].code;
  const Way ways[] = {{"explain", {{"person", "MJ"}}},
                      {"agreement.show", {{"person", "MJ"}, {"agreement", code}}},
                      {"replies.unread", {}}};
  for (const Way& w : ways) {
    CAPTURE(w.action);
    REQUIRE(r.act(w.action, w.args).has_value());
    CHECK(rows_of(r, w.action) == 1);
    REQUIRE(r.act(w.action, w.args).has_value());  // a page that asks again and again
    CHECK(rows_of(r, w.action) == 1);
  }
  r.advance(1.5);
  for (const Way& w : ways) {
    REQUIRE(r.act(w.action, w.args).has_value());
    CHECK(rows_of(r, w.action) == 2);
  }
  const std::string log = r.answer(mj, "LOG");
  CHECK_MESSAGE(log.find("our admin 6x") != std::string::npos, log);
}

TEST_CASE("the switches of a mass silence are in the trail") {
  Rig r;
  REQUIRE(r.act("alert.release").has_value());
  REQUIRE(r.act("alert.drop").has_value());
  CHECK(rows_of(r, "alert.release") == 1);
  CHECK(rows_of(r, "alert.drop") == 1);
}

TEST_CASE("what was agreed with a person is seen in their record, and can end") {
  Rig r;
  auto n = r.someone();
  n.needs = "hard of hearing";
  n.plan = "If I wake at 4, I put the radio on";
  n.times = {TimeOfDay::hm(19, 30)};
  n.safe_from = TimeOfDay::hm(18, 0);
  n.safe_to = TimeOfDay::hm(20, 30);
  r.join(n);
  const auto seen = r.act("person.show", {{"person", "MJ"}});
  REQUIRE(seen.has_value());
  CHECK(seen->at("needs").as_string() == "hard of hearing");
  CHECK(seen->at("plan").as_string() == "If I wake at 4, I put the radio on");
  CHECK(seen->at("safe").as_string() == "18:00-20:30");
  CHECK(seen->at("times").as_array().at(0).as_string() == "19:30");

  REQUIRE(r.act("person.set", {{"person", "MJ"}, {"needs", "none"}, {"safe", "none"}}).has_value());
  const auto after = r.act("person.show", {{"person", "MJ"}});
  CHECK(after->at("needs").as_string() == "");
  CHECK(after->at("safe").is_null());
}

TEST_CASE("a safe window is given when somebody is enrolled") {
  Rig r;
  json::object args{{"number", "07700 900321"},
                    {"as", "SW"},
                    {"programme", "evening-mood"},
                    {"practitioner", "sam"},
                    {"track", {{"mood", "sleep better"}}},
                    {"agreed_with", "Sam Reed"},
                    {"agreed_on", "2026-03-01"},
                    {"safe", "18:00-20:30"}};
  REQUIRE(r.act("person.add", args).has_value());
  CHECK(r.act("person.show", {{"person", "SW"}})->at("safe").as_string() == "18:00-20:30");
  r.advance(8);
  CHECK(r.sent_to("+447700900321").empty());  // the invitation keeps to it too
  r.advance(2);
  CHECK(r.sent_to("+447700900321").size() == 1);
  const auto imported =
      r.act("person.import",
            {{"csv",
              "number,as,programme,practitioner,track,agreed_with,agreed_on,safe\n"
              "07700 900323,SY,evening-mood,sam,mood=rest,Sam Reed,2026-03-01,10:00-12:00\n"}});
  REQUIRE(imported.has_value());
  CHECK(r.act("person.show", {{"person", "SY"}})->at("safe").as_string() == "10:00-12:00");
  for (const char* wrong : {"18:00", "20:30-18:00", "evenings", "18:00-25:00"}) {
    args["number"] = "07700 900322";
    args["as"] = "SX";
    args["safe"] = wrong;
    const auto refused = r.act("person.add", args);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == "bad_argument");
  }
}

}  // namespace
}  // namespace moodline::rig
