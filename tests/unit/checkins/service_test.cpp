// What the service does by itself: spend ceiling, retention, the daily word to the operator, the
// dead-man's switch.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

TEST_CASE("admin: a spend ceiling halts bulk and tells the admin") {
  Options o;
  o.edit = [](Files& f) {
    replace_in(f, "service.yaml", "segments_per_day: 2000", "segments_per_day: 40");
  };
  Rig r(o);
  for (int i = 0; i < 10; ++i) {
    auto n = r.someone("+44770090021" + std::to_string(i), "P" + std::to_string(i));
    n.rules = {"low-streak"};
    r.join(n, i == 0 ? std::set<std::string>{"low-streak"} : std::set<std::string>{});
  }
  // Agreeing has spent it: bulk waits, answers go.
  CHECK(count_has(r.sent_to(gwen), "spend ceiling is reached") == 1);
  r.forget();
  r.until(TimeOfDay::hm(18, 30));
  for (const Text& t : r.texts()) CHECK(t.purpose != store::Purpose::prompt);
  CHECK(has(r.answer("+447700900210", "HELP"), "116 123"));
  // The next day begins anew.
  r.until(TimeOfDay::hm(18, 30));
  CHECK(any_has(r.sent_to("+447700900211"), "mood"));
}

TEST_CASE("operator: a daily text says that the service runs") {
  Rig r;
  r.join(r.someone());
  r.forget();
  r.advance(24 * 3);
  CHECK(count_has(r.sent_to(gwen), "The check-ins run") == 3);
  for (const Text& t : r.texts_to(gwen)) {
    const auto local = Zone::find("Europe/London")->local(t.at);
    if (has(t.text, "The check-ins run")) CHECK(local.time < TimeOfDay::hm(9, 5));
  }
}

TEST_CASE("operator: the daily text counts everybody, though few are read in one transaction") {
  Rig r;
  r.advance(0.5);
  constexpr int people = 120;
  for (int i = 0; i < people; ++i) {
    r.enrol(r.someone("+447700900" + std::to_string(300 + i), "P" + std::to_string(i)));
  }
  r.until(TimeOfDay::hm(8, 55));
  const auto all = r.texts();
  const auto texts = std::count_if(all.begin(), all.end(), [](const Text& t) { return t.person; });
  CHECK(texts >= people);
  r.until(TimeOfDay::hm(9, 5));
  const std::string daily = r.last_to(gwen);
  CHECK_MESSAGE(has(daily, "texts " + std::to_string(texts) + ","), daily);
  r.read([](store::ReadTx& tx) { CHECK(tx.setting("walk.daily") == ""); });
}

TEST_CASE("operator: retention is enforced each night") {
  Options o;
  o.edit = [](Files& f) { replace_in(f, "service.yaml", "readings_days: 0", "readings_days: 60"); };
  Rig r(o);
  const auto p = r.join(r.someone(), {"low-streak"});
  r.evenings(mj, {"7", "2", "2", "2"});
  r.advance(24 * 30);
  r.evenings(mj, {"6"});
  r.advance(24 * 45);
  r.read([&](store::ReadTx& tx) {
    const Instant before = r.now() - 61 * day;
    std::size_t young = 0;
    for (const auto& x : tx.readings_of(p.id, Instant::min())) {
      CHECK(x.at > before);
      young += x.at > before ? 1 : 0;
    }
    CHECK(young == 1);
    for (const auto& x : tx.inbound_of(p.id, Instant::min())) CHECK(x.received_at > before);
    for (const auto& x : tx.prompts_of(p.id, Instant::min())) CHECK(x.due_at > before);
    for (const auto& x : tx.log_of(p.id, 0, 10'000)) CHECK(x.ingested > before);
    for (const auto& x : tx.messages_of(p.id, Instant::min())) {
      if (x.created_at < r.now() - 31 * day) CHECK(x.text.empty());
    }
    CHECK_FALSE(tx.audit_broken_at());
  });
  // The rule still stands: its open alert clears, and the next one fires and clears too.
  r.evenings(mj, {"8", "8"});
  r.advance(0.5);
  REQUIRE(r.alerts_of(mj).size() == 1);
  CHECK(r.alerts_of(mj)[0].status == store::AlertStatus::cleared);
  r.advance(24 * 3);
  CHECK(r.alerts_of(mj).empty());  // ended and past its time
  low_streak(r);
  r.advance(0.5);
  REQUIRE(r.alerts_of(mj).size() == 1);
  r.evenings(mj, {"8", "8"});
  r.advance(0.5);
  CHECK(r.alerts_of(mj)[0].status == store::AlertStatus::cleared);
}

TEST_CASE("operator: a heartbeat every five minutes to a dead-man's switch") {
  SUBCASE("over HTTP") {
    Options o;
    o.edit = [](Files& f) {
      f["service.yaml"] += "\nheartbeat: {url: \"https://watch.example.org/beat/abc\"}\n";
    };
    Rig r(o);
    r.calls.clear();
    r.advance(1);
    REQUIRE(r.calls.size() == 12);
    CHECK(r.calls[0].url == "https://watch.example.org/beat/abc");
    CHECK(r.calls[1].at - r.calls[0].at == 5 * minute);
    // A disk that no longer commits is silent: that is the alarm.
    testing::DiskFault fault;
    fault.op = testing::DiskOp::sync;
    fault.rc = 10;  // SQLITE_IOERR
    r.disk().fail(fault);
    r.calls.clear();
    r.advance(0.5);
    CHECK(r.calls.empty());
    r.disk().heal();
    r.advance(0.5);
    CHECK_FALSE(r.calls.empty());
  }
  SUBCASE("as a file") {
    const auto file = std::filesystem::temp_directory_path() / "moodline-beat-test";
    Options o;
    o.edit = [&](Files& f) {
      f["service.yaml"] += "\nheartbeat: {file: \"" + file.string() + "\"}\n";
    };
    Rig r(o);
    r.advance(0.2);
    std::ifstream in(file);
    std::string first;
    in >> first;
    const auto beat = from_iso(first);
    REQUIRE(beat);
    CHECK(r.now() - *beat <= 5 * minute);
    std::filesystem::remove(file);
  }
}
