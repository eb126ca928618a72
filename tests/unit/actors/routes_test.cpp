// Routes: fail-over by health and country, halting, rests, slow re-opening, throttling in segments.
#include <sqlite3.h>

#include "daemon/control/actions.hpp"
#include "tests/unit/actors/script.hpp"

namespace moodline::actors::test {
namespace {

using store::MessageStatus;
using store::Purpose;

const Instant start{1'795'290'000'000};

struct Scene {
  Script script;
  std::shared_ptr<Live> live;
  std::optional<Rig> rig;
  std::map<std::string, int> status;  // what each route answers; 200 where it is not there
  std::map<std::string, std::string> retry_after;
  Millis latency{100};

  explicit Scene(std::vector<config::Route> routes) {
    live = sample_with([&](config::Service& s) {
      plain_texts(s);
      s.routes = routes;
      for (config::Route& r : s.routes) r.from = r.name;
    });
    for (const config::Route& r : routes)
      live->providers[r.provider] = carried(r.provider, script, any_wire());
    rig.emplace(live, script, start);
    script.rig = &*rig;
    script.answer = [this](Script::Call c) { return answer(std::move(c)); };
    rig->start();
  }
  asio::awaitable<ports::HttpResult> answer(Script::Call c) {
    co_await rig->monotonic.sleep_for(latency);
    const int s = status.contains(c.route) ? status[c.route] : 200;
    providers::HttpReply r = reply(s, s == 200 ? "{\"id\":\"" + c.reference + "\"}" : "");
    if (retry_after.contains(c.route)) r.headers.emplace_back("retry-after", retry_after[c.route]);
    co_return r;
  }
  std::vector<store::RowId> queue(int n, const std::string& to, const std::string& words = "x",
                                  Purpose purpose = Purpose::notice, int priority = 5) {
    std::vector<store::RowId> ids;
    rig->write([&](store::Tx& tx) {
      for (int i = 0; i < n; ++i) {
        store::Message m;
        m.practitioner = "sam";
        m.purpose = purpose;
        m.priority = priority;
        m.to = to;
        m.language = "en";
        m.template_name = "t";
        m.values["n"] = words;
        m.due_at = m.created_at = rig->time.now();
        REQUIRE(tx.put(m).has_value());
        ids.push_back(m.id);
      }
    });
    return ids;
  }
  int calls(const std::string& route) {
    return static_cast<int>(std::count_if(script.calls.begin(), script.calls.end(),
                                          [&](const auto& c) { return c.route == route; }));
  }
  int settled(const std::vector<store::RowId>& ids, MessageStatus status_wanted) {
    int n = 0;
    for (const auto id : ids) n += rig->message(id).status == status_wanted ? 1 : 0;
    return n;
  }
};

TEST_CASE("what the provider answered is written down however long the disk refuses") {
  Scene s({route("world")});
  s.latency = Millis{5'000};
  const auto id = s.queue(1, "+447700900123");
  s.rig->pass(Millis{3'000});  // claimed and called; the answer is on its way
  REQUIRE(s.calls("world") == 1);
  testing::DiskFault full;
  full.rc = SQLITE_FULL;
  s.rig->disk.fail(full);
  s.rig->pass(Millis{60'000});
  s.rig->disk.hold(true);
  CHECK(s.settled(id, MessageStatus::sending) == 1);
  CHECK(s.rig->metrics.text().find("store_errors_total") != std::string::npos);
  s.rig->disk.hold(false);
  s.rig->disk.heal();
  s.rig->pass(Millis{60'000});
  CHECK(s.settled(id, MessageStatus::accepted) == 1);
  CHECK(s.calls("world") == 1);  // and never again
}

TEST_CASE("a webhook that could not be written gets no 2xx; it comes again and is kept once") {
  Scene s({route("world")});
  const auto post = [&s](const char* event) {
    int status = 0;
    s.rig->tasks->supervise(
        "hook",
        [](Rig& rig, std::string body,
           int& out) -> asio::awaitable<void> {
          std::string provider = "world";
          net::Request request = hook(provider, std::move(body));
          const net::Response r =
              co_await rig.inbox->webhook(std::move(request), std::move(provider));
          out = r.status;
        }(*s.rig,
                     json::serialize(json::object{{"type", "mo"},
                                                  {"event_id", event},
                                                  {"from", "+447700900199"},
                                                  {"text", "who is this"}}),
                     status),
        OnFailure::give_up);
    s.rig->poll();
    return status;
  };
  const auto kept = [&s] {
    bool known = false;
    s.rig->disk.hold(true);
    s.rig->read([&](store::ReadTx& tx) { known = tx.inbound_known("world", "e1"); });
    s.rig->disk.hold(false);
    return known;
  };
  testing::DiskFault full;
  full.rc = SQLITE_FULL;
  s.rig->disk.fail(full);
  CHECK(post("e1") == 503);
  s.rig->disk.heal();
  CHECK_FALSE(kept());
  CHECK(post("e1") == 200);
  CHECK(kept());
  CHECK(post("e1") == 200);  // the provider had missed our answer
  CHECK(s.rig->metrics.text().find("what=\"duplicate\"} 1") != std::string::npos);
}

TEST_CASE("a text takes the route of its country, and the next where that one fails") {
  Scene s({route("british", {"+44"}), route("american", {"+1"}), route("world")});
  s.queue(1, "+447700900123");
  s.queue(1, "+15550100");
  s.queue(1, "+33612345678");
  s.rig->pass(Millis{10'000});
  CHECK(s.calls("british") == 1);
  CHECK(s.calls("american") == 1);
  CHECK(s.calls("world") == 1);
  s.status["british"] = 503;
  const auto one = s.queue(1, "+447700900123");
  s.rig->pass(Millis{1'000});
  CHECK(s.calls("british") == 2);  // tried, refused for now
  CHECK(s.calls("world") == 2);    // and at once by the next
  CHECK(s.settled(one, MessageStatus::accepted) == 1);
  // American texts do not fall back on the British route.
  s.status["american"] = s.status["world"] = 503;
  const auto stuck = s.queue(1, "+15550100");
  s.rig->pass(Millis{60'000});
  CHECK(s.settled(stuck, MessageStatus::queued) == 1);
  CHECK(s.calls("british") == 2);
}

TEST_CASE("a refused account halts the route, tells the admin, and the text goes another way") {
  for (const int refusal : {401, 402, 403}) {
    CAPTURE(refusal);
    Scene s({route("first"), route("second")});
    s.status["first"] = refusal;
    const auto texts = s.queue(5, "+447700900123");
    s.rig->pass(Millis{30'000});
    CHECK(s.settled(texts, MessageStatus::accepted) == 5);
    CHECK(s.rig->routes().at("first").halted);
    int told = 0;
    for (const auto& c : s.script.calls) told += c.text.find("first") != std::string::npos ? 1 : 0;
    CHECK(told == 1);
    const int tried = s.calls("first");
    s.status["first"] = 200;
    const auto later = s.queue(5, "+447700900123");
    s.rig->pass(Millis{24 * 3'600'000LL});
    CHECK(s.calls("first") == tried);  // however long it lasts
    CHECK(s.settled(later, MessageStatus::accepted) == 5);
  }
}

TEST_CASE("an only route that is halted keeps its texts, and reopens slowly") {
  Scene s({route("only")});
  s.status["only"] = 401;
  const auto texts = s.queue(40, "+447700900123");
  s.rig->pass(Millis{3'600'000});
  CHECK(s.settled(texts, MessageStatus::queued) == 40);
  const auto before = s.script.calls.size();
  s.status["only"] = 200;
  s.rig->pass(Millis{3'600'000});
  CHECK(s.script.calls.size() == before);
  Result<control::json::value> done = fault("not_run", "");
  Result<control::json::value> no_such = fault("not_run", "");
  s.rig->write([&](store::Tx& tx) {
    Dice dice(1);
    const checkins::Setting setting{*s.live->service, nullptr, s.rig->time.now(), dice};
    control::ActionContext c{tx, setting, "admin:test"};
    done = control::run_action(c, "route.reopen", {{"route", "only"}});
    no_such = control::run_action(c, "route.reopen", {{"route", "onyl"}});
  });
  REQUIRE(done.has_value());
  REQUIRE(!no_such.has_value());
  CHECK(no_such.error().code == "no_such_route");
  // The halted texts look again within a quarter of an hour; the first goes alone.
  int most = 0;
  std::vector<int> steps;
  for (int i = 0; i < 20'000 && s.settled(texts, MessageStatus::accepted) < 40; ++i) {
    s.rig->pass(Millis{50});
    const int now = s.script.in_flight_by_route["only"];
    if (now > most) steps.push_back(most = now);
  }
  CHECK(s.settled(texts, MessageStatus::accepted) == 40);
  REQUIRE(!steps.empty());
  CHECK(steps.front() == 1);
  for (std::size_t i = 1; i < steps.size(); ++i) CHECK(steps[i] <= 2 * steps[i - 1]);
}

TEST_CASE("texts that fail together are one failure, and the rest is not longer for it") {
  Scene s({route("only")});
  s.status["only"] = 503;
  s.queue(64, "+447700900123");
  s.rig->pass(Millis{1'000});
  const int burst = s.calls("only");
  CHECK(burst > 1);
  CHECK(s.rig->routes().at("only").failures == 1);
  s.rig->pass(Millis{6'000});
  CHECK(s.calls("only") == burst + 1);  // one alone asks whether it is back
  CHECK(s.rig->routes().at("only").failures == 2);
  s.status["only"] = 200;
  s.rig->pass(Millis{120'000});
  CHECK(s.calls("only") >= burst + 64);
  CHECK(s.rig->routes().at("only").failures == 0);
}

TEST_CASE("Retry-After rests the whole route, as seconds and for as long as it says") {
  Scene s({route("only")});
  s.status["only"] = 429;
  s.retry_after["only"] = "600";
  const auto first = s.queue(1, "+447700900123");
  s.rig->pass(Millis{1'000});
  s.status["only"] = 200;
  const auto second = s.queue(1, "+447700900124");
  s.rig->pass(Millis{590'000});
  CHECK(s.calls("only") == 1);
  s.rig->pass(Millis{20'000});
  CHECK(s.settled(first, MessageStatus::accepted) == 1);
  CHECK(s.settled(second, MessageStatus::accepted) == 1);
}

TEST_CASE("the throttle counts segments as rendered") {
  const std::string three(400, 'x');  // GSM-7 parts of 153
  Scene s({route("slow", {}, 1)});
  s.latency = Millis{10};
  s.queue(100, "+447700900123", three);
  s.rig->pass(Millis{60'000});
  CHECK(s.calls("slow") >= 19);
  CHECK(s.calls("slow") <= 22);
  Scene single({route("slow", {}, 1)});
  single.latency = Millis{10};
  single.queue(100, "+447700900123", "x");
  single.rig->pass(Millis{60'000});
  CHECK(single.calls("slow") >= 58);
  CHECK(single.calls("slow") <= 63);
}

TEST_CASE("texts that wait for one route do not hold up another's") {
  Scene s({route("british", {"+44"}), route("american", {"+1"})});
  s.status["british"] = 401;
  s.queue(600, "+447700900123", "x", Purpose::notice, 1);
  s.rig->pass(Millis{60'000});
  const auto american = s.queue(3, "+15550100", "x", Purpose::notice, 9);
  s.rig->pass(Millis{60'000});
  CHECK(s.settled(american, MessageStatus::accepted) == 3);
  // Nor where the first route is merely slow.
  Scene slow({route("british", {"+44"}, 1), route("american", {"+1"})});
  slow.queue(600, "+447700900123", "x", Purpose::notice, 1);
  slow.rig->pass(Millis{5'000});
  const auto quick = slow.queue(3, "+15550100", "x", Purpose::notice, 9);
  slow.rig->pass(Millis{5'000});
  CHECK(slow.settled(quick, MessageStatus::accepted) == 3);
}

TEST_CASE("alerts keep to a route that is well while another tries whether it is back") {
  Scene s({route("first"), route("second")});
  s.status["first"] = 503;
  s.queue(1, "+447700900123");
  s.rig->pass(Millis{1'000});
  s.rig->pass(Millis{6'000});  // the rest is over; whether it is well nobody knows
  const int tried = s.calls("first");
  s.queue(1, "+447700900123", "x", Purpose::alert);
  s.rig->pass(Millis{1'000});
  CHECK(s.calls("first") == tried);
  s.queue(1, "+447700900123");
  s.rig->pass(Millis{1'000});
  CHECK(s.calls("first") == tried + 1);
}

}  // namespace
}  // namespace moodline::actors::test
