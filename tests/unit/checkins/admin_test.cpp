// The admin's lines that are about texts and the service as a whole: hold, cost, the outbox, an
// outage, the routes, the practitioners. By the actions that `moodline` and the HTTP API call.
#include <boost/json/serialize.hpp>

#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

namespace {

std::string field(const json::value& row, const char* name) {
  const json::value& v = row.at(name);
  return v.is_string() ? std::string(v.get_string()) : json::serialize(v);
}

// The row of a list whose field has this value; fails the test where there is none.
json::value row_of(const Result<json::value>& list, const char* name, const std::string& value) {
  REQUIRE(list);
  for (const json::value& row : list->as_array()) {
    if (field(row, name) == value) return row;
  }
  FAIL_CHECK("no row with " << name << " = " << value << " in " << json::serialize(*list));
  return {};
}

}  // namespace

TEST_CASE("admin: hold stops all sending but urgent, and off sends again") {
  Rig r;
  r.join(r.someone(), {"low-streak", "safety-words"});
  REQUIRE(r.act("hold", {}));
  CHECK(r.act("service.routes")->at("hold").as_bool());
  r.forget();
  r.until(TimeOfDay::hm(18, 1));
  CHECK(r.sent_to(mj).empty());  // the question waits
  CHECK(r.answer(mj, "WHY").empty());
  SUBCASE("urgent texts go: crisis contacts to the person, the alert to who agreed to be told") {
    r.says(mj, "I want to kill myself");
    r.advance(0.3);
    CHECK(any_has(r.sent_to(mj), "116 123"));
    CHECK(any_has(r.sent_to(sam), "URGENT"));
    CHECK(any_has(r.sent_to(gwen), "URGENT"));
  }
  SUBCASE("STOP is confirmed, once") {
    CHECK(has(r.answer(mj, "STOP"), "no more check-ins"));
  }
  SUBCASE("off: what waited goes, the question within its shelf life") {
    r.advance(1);
    REQUIRE(r.act("hold", {{"off", true}}));
    CHECK_FALSE(r.act("service.routes")->at("hold").as_bool());
    r.advance(0.1);
    CHECK(count_has(r.sent_to(mj), "mood been") == 1);
    CHECK(any_has(r.sent_to(mj), "to see what helps"));
  }
  SUBCASE("off too late: a question past its shelf life is never sent") {
    r.advance(3);
    REQUIRE(r.act("hold", {{"off", true}}));
    r.advance(1);
    CHECK(count_has(r.sent_to(mj), "mood been") == 0);
  }
  SUBCASE("both are in the trail") {
    REQUIRE(r.act("hold", {{"off", true}}));
    const auto trail = r.act("audit.list", {});
    row_of(trail, "action", "hold.on");
    row_of(trail, "action", "hold.off");
  }
}

TEST_CASE("admin: cost counts segments by programme and language") {
  Rig r;
  r.join(r.someone());
  auto n = r.someone(kit, "KT");
  n.language = "cy";
  r.join(n);
  r.until(TimeOfDay::hm(18, 30));
  int texts = 0;
  int segments_sum = 0;
  for (const Text& t : r.texts_to(mj)) {
    ++texts;
    segments_sum += t.segments;
  }
  const auto cost = r.act("cost", {{"days", 30}});
  REQUIRE(cost);
  REQUIRE(cost->as_array().size() == 2);
  const json::value en = row_of(cost, "language", "en");
  CHECK(field(en, "programme") == "evening-mood");
  CHECK(en.at("texts") == texts);
  CHECK(en.at("segments") == segments_sum);
  CHECK(segments_sum > texts);  // the invitation alone is two
  const json::value cy = row_of(cost, "language", "cy");
  CHECK(cy.at("segments").as_int64() > cy.at("texts").as_int64());
  // What is older than the days asked about does not count.
  r.advance(24 * 3);
  r.says(mj, "STOP");
  r.says(kit, "STOP");
  r.advance(24 * 2);
  CHECK(r.act("cost", {{"days", 1}})->as_array().empty());
}

TEST_CASE("admin: outbox lists what failed, and retry sends it again") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  low_streak(r);
  next_morning(r);
  CHECK_FALSE(r.act("outbox.retry", {{"id", 999'999}}));
  CHECK(r.act("outbox.retry", {{"id", 999'999}}).error().code == "no_such_text");
  // One that was delivered is not sent twice.
  store::RowId delivered = 0;
  for (const Text& t : r.texts_to(mj)) delivered = t.message;
  CHECK(r.act("outbox.retry", {{"id", delivered}}).error().code == "not_retryable");
  // One that the provider refused is.
  store::RowId failed = 0;
  r.with([&](store::Tx& tx, const checkins::Setting& s) {
    for (store::Message& m : tx.messages_of(r.person(mj).id, Instant::min())) {
      if (m.template_name != "confirmed") continue;
      m.status = store::MessageStatus::failed;
      m.outcome_code = "rejected";
      m.settled_at = s.now;
      REQUIRE(tx.put(m));
      failed = m.id;
    }
  });
  REQUIRE(failed != 0);
  const json::value row = row_of(r.act("outbox.list"), "id", std::to_string(failed));
  CHECK(field(row, "status") == "failed");
  CHECK(field(row, "to") == "person");
  CHECK(row.as_object().if_contains("number") == nullptr);  // lists hold no number and no word
  CHECK(row.as_object().if_contains("text") == nullptr);
  r.forget();
  REQUIRE(r.act("outbox.retry", {{"id", failed}}));
  r.advance(0.1);
  REQUIRE(r.sent_to(mj).size() == 1);
  CHECK(has(r.last_to(mj), "Got 2"));
  CHECK(field(row_of(r.act("audit.list"), "action", "outbox.retry"), "subject") ==
        std::to_string(failed));
}

TEST_CASE("admin: practitioner list says who was asked, who accepted, who is off") {
  Options o;
  o.staff_accept = false;
  Rig r(o);
  const auto listed = [&](const char* id) { return row_of(r.act("practitioner.list"), "id", id); };
  CHECK(field(listed("sam"), "name") == "Sam Reed");
  CHECK_FALSE(listed("sam").at("invited").is_null());
  CHECK(listed("sam").at("accepted").is_null());
  r.says(sam, "ACCEPT " + field(listed("sam"), "role_code"));
  CHECK_FALSE(listed("sam").at("accepted").is_null());
  CHECK(listed("ana").at("accepted").is_null());
  CHECK(listed("sam").at("off_until").is_null());
  r.says(sam, "OFF until friday");
  CHECK(has(field(listed("sam"), "off_until"), "2026-03-06"));
}

TEST_CASE("admin: outage lists who was not asked or told, and nobody else") {
  Rig r;
  r.join(r.someone());
  r.join(r.someone(kit, "KT"));
  r.says(kit, "TIME 20:45");
  r.until(TimeOfDay::hm(17, 30));
  const Instant from = r.now();
  r.provider_down = true;
  r.says(mj, "WHY");  // the answer is late
  r.advance(3);       // MJ's question is past its shelf life; KT's is not due yet
  r.provider_down = false;
  const Instant to = r.now();
  r.advance(2);
  const auto out = r.act("outage", {{"from", to_iso(from)}, {"to", to_iso(to)}});
  REQUIRE(out);
  int questions = 0;
  int answers = 0;
  for (const json::value& row : out->as_array()) {
    CHECK(field(row, "person") == r.person(mj).key);
    questions += field(row, "what") == "question" && field(row, "fate") == "not asked" ? 1 : 0;
    answers += field(row, "what") == "why" && field(row, "fate") == "late" ? 1 : 0;
  }
  CHECK_MESSAGE(questions == 1, json::serialize(*out));
  CHECK_MESSAGE(answers == 1, json::serialize(*out));
  CHECK(count_has(r.sent_to(kit), "mood been") == 1);
  // Before it, nothing is missing; nonsense is answered.
  const auto before =
      r.act("outage", {{"from", to_iso(from - hour)}, {"to", to_iso(from - minute)}});
  CHECK(before->as_array().empty());
  CHECK(r.act("outage", {{"from", "yesterday"}, {"to", to_iso(to)}}).error().code ==
        "bad_argument");
}

TEST_CASE("admin: service shows each route, what it can carry, and how it is") {
  Rig r;
  const auto service = r.act("service.routes");
  REQUIRE(service);
  const json::value route = service->at("routes").as_array().at(0);
  CHECK(field(route, "route") == "phones");
  CHECK(route.at("two_way").as_bool());
  CHECK(route.at("receipts").as_bool());
  CHECK(route.at("unicode").as_bool());
  CHECK(field(route, "purposes") == "all");
  CHECK_FALSE(route.at("halted").as_bool());
  CHECK_FALSE(r.act("route.reopen", {{"route", "nowhere"}}));
}
