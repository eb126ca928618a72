// Routes: webhooks, health and metrics, and the control socket's /api/v1.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/json.hpp>

#include "daemon/actors/commit.hpp"
#include "daemon/checkins/clock_jump.hpp"
#include "daemon/control/actions.hpp"
#include "daemon/control/readiness.hpp"
#include "daemon/wiring/parts.hpp"

namespace moodline::wiring {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using net::Request;
using net::Response;

Response json_response(int status, const json::value& v) {
  return {status, "application/json", {}, json::serialize(v)};
}

int status_of(const Fault& f) {
  if (f.code.starts_with("no_such")) return 404;
  return 422;
}

asio::awaitable<Response> do_action(actors::Gateway& g, Request request, std::string name) {
  json::object args;
  if (!request.body.empty()) {
    boost::system::error_code ec;
    const json::value v = json::parse(request.body, ec);
    if (ec || !v.is_object()) {
      co_return net::error_response(400, "bad_json", "the body must be a JSON object");
    }
    args = v.get_object();
  }
  auto result = co_await run_in_store(g, name, std::move(args), admin_of(request));
  if (!result) {
    const bool known = result.error().code != "no_such_action";
    g.metrics.count("actions_refused",
                    {{"action", known ? name : "unknown"}, {"code", result.error().code}});
    co_return net::error_response(status_of(result.error()), result.error().code,
                                  result.error().message);
  }
  co_return json_response(200, *result);
}

// What is due next, timers and texts alike.
std::optional<Instant> next_due(store::Store& store) {
  std::optional<Instant> next;
  store.read([&next](store::ReadTx& tx) {
    next = tx.next_timer_due();
    const auto text = tx.next_message_due();
    if (text && (!next || *text < *next)) next = text;
  });
  return next;
}

Response clock_state(actors::Gateway& g, const actors::Outbox& outbox) {
  const auto due = next_due(g.store);
  return json_response(200, {{"now", to_iso(g.clock.now())},
                             {"due", control::or_null(due)},
                             {"in_flight", outbox.in_flight()},
                             {"idle", outbox.in_flight() == 0 && (!due || *due > g.clock.now())}});
}

asio::awaitable<Response> answer_now(Response response) {
  co_return response;
}

asio::awaitable<Response> healthz() {
  co_return Response{200, "text/plain", {}, "ok\n"};
}

void look_at(store::ReadTx& tx, control::Readiness& look) {
  look.clock_held = checkins::clock_held(tx);
  for (const store::RouteState& r : tx.route_states()) {
    const bool ours =
        std::find(look.routes.begin(), look.routes.end(), r.route) != look.routes.end();
    if (ours && r.halted) look.halted.push_back(r.route);
  }
}

asio::awaitable<Response> readyz(actors::Gateway& g) {
  control::Readiness look;
  try {
    // A real row: an empty write would not meet a full disk.
    store::Write write = [now = g.clock.now()](store::Tx& tx) {
      tx.put_setting("ready.looked", to_iso(now));
    };
    co_await actors::commit(g.store, std::move(write));
  } catch (const store::StoreError& e) {
    look.store_error = e.code();
  }
  const config::Service& service = *g.live->service;
  look.clock_matters = service.settings.mode == config::Mode::live;
  look.clock = ports::clock_sync();
  for (const config::Route& r : service.routes) look.routes.push_back(r.name);
  if (look.store_error.empty()) g.store.read([&look](store::ReadTx& tx) { look_at(tx, look); });
  co_return control::ready_answer(look);
}

asio::awaitable<Response> metrics_page(actors::Gateway& g) {
  g.store.read([&](store::ReadTx& tx) {
    g.metrics.gauge("alerts_open", static_cast<double>(tx.alerts_open(10'000).size()));
    g.metrics.gauge("clock_held", checkins::clock_held(tx) ? 1 : 0);
    g.metrics.gauge("replies_unread", static_cast<double>(tx.inbound_unseen(10'000).size()));
  });
  const store::Store::Stats stats = g.store.stats();
  g.metrics.gauge("store_writes", static_cast<double>(stats.writes));
  g.metrics.gauge("store_commits", static_cast<double>(stats.commits));
  const ports::ClockSync clock = ports::clock_sync();
  if (clock != ports::ClockSync::unknown) {
    g.metrics.gauge("clock_synchronised", clock == ports::ClockSync::synchronised ? 1 : 0);
  }
  g.metrics.gauge("info", 1, {{"tzdb", tzdb_version()}});
  co_return Response{200, "text/plain; version=0.0.4; charset=utf-8", {}, g.metrics.text()};
}

}  // namespace

asio::awaitable<Result<json::value>> run_in_store(actors::Gateway& g, std::string action,
                                                  json::object args, std::string actor) {
  const auto live = g.live;
  const auto out = std::make_shared<Result<json::value>>(fault("not_run", "not run"));
  try {
    store::Write write = [live, out, action, args = std::move(args), actor, now = g.clock.now(),
                          seed = g.seed()](store::Tx& tx) {
      Dice dice(seed);
      const checkins::Setting s{*live->service, live->reader.get(), now, dice};
      control::ActionContext c{tx, s, actor, live.get()};
      *out = control::run_action(c, action, args);
    };
    co_await actors::commit(g.store, std::move(write));
  } catch (const store::StoreError& e) {
    co_return fault(e.code(), e.what());
  }
  g.wake();
  co_return std::move(*out);
}

// Test and demo modes only: moves the service clock on to the next due row, at most to `to`, so
// that nothing is late; without `to` it only says where it stands. Call it until `now` is `to`.
Response Daemon::Parts::jump(const Request& request) {
  if (scaled == nullptr) {
    return net::error_response(
        422, "clock_fixed",
        "the clock moves by command only in mode demo or test with clock: in service.yaml");
  }
  boost::system::error_code ec;
  const json::value v = json::parse(request.body.empty() ? "{}" : request.body, ec);
  if (ec || !v.is_object()) return net::error_response(400, "bad_json", "write a JSON object");
  const std::string text = control::text_arg(v.get_object(), "to");
  if (!text.empty()) {
    const auto to = from_iso(text);
    if (!to) return net::error_response(422, "bad_argument", "to: such as 2026-03-02T18:00:00Z");
    const auto due = next_due(*store);
    scaled->jump_to(due && *due < *to ? *due : *to);
    gateway->wake();
  }
  return clock_state(*gateway, *outbox);
}

void Daemon::Parts::add_routes() {
  actors::Gateway& g = *gateway;
  inbox->routes(hooks);
  add_pages();
  add_api();
  for (net::Router* r : {&hooks, &pages, &control, &api}) {
    r->add("GET", "/healthz", [](Request, const net::Params&) { return healthz(); });
  }
  pages.add("GET", "/readyz", [&g](Request, const net::Params&) { return readyz(g); });
  pages.add("GET", "/metrics", [&g](Request, const net::Params&) { return metrics_page(g); });
  control.add("POST", "/api/v1/clock.jump",
              [this](Request r, const net::Params&) { return answer_now(jump(r)); });
  control.add("POST", "/api/v1/{action}", [&g](Request r, const net::Params& p) {
    return do_action(g, std::move(r), p["action"]);
  });
}

}  // namespace moodline::wiring
