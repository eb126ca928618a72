#include "daemon/wiring/daemon.hpp"

#include <spdlog/spdlog.h>
#include <systemd/sd-daemon.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <csignal>
#include <filesystem>

#include "daemon/actors/commit.hpp"
#include "daemon/actors/spool_route.hpp"
#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/upkeep.hpp"
#include "daemon/wiring/parts.hpp"

namespace moodline::wiring {
namespace {

namespace asio = boost::asio;

constexpr Millis drain_limit{10'000};
constexpr Millis flight_step{50};
constexpr int flight_steps_max = 400;  // 20 s for texts under way to settle
constexpr int finish_rounds = 2;  // a task that is let through may write once more before it ends

asio::awaitable<net::Response> reload_now(Daemon& daemon, std::string by) {
  const auto done = co_await daemon.reload(std::move(by));
  if (!done) co_return net::error_response(422, done.error().code, done.error().message);
  co_return net::Response{200, "application/json", {}, "{\"reload\":\"" + *done + "\"}"};
}

using Loading = std::shared_ptr<actors::LiveLoaded>;

Loading load(const actors::LiveOptions& options, ports::HttpClient& http, ports::WireClock& wire) {
  auto out = std::make_shared<actors::LiveLoaded>();
  try {
    *out = actors::load_live(options, http, wire);
  } catch (const std::exception& e) {
    out->live = nullptr;
    out->problems.push_back({options.config_dir, 0, 0, "", e.what(), "mend it and reload"});
  }
  return out;
}

/// On the aside thread; the completion comes back to the loop.
template <class Out>
struct RunAside {
  template <class Handler>
  void operator()(Handler&& handler, asio::io_context* io, asio::thread_pool* aside,
                  std::function<Out()> work) const {
    auto shared = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
    asio::post(*aside, [shared, io, work = std::move(work)]() mutable {
      // The handler is handed over: it must be destroyed on the loop's thread, never here.
      asio::post(*io, [h = std::move(shared), out = work()] { std::move (*h)(out); });
    });
  }
};

/// What takes seconds and touches nothing of the loop's: reading a configuration, a backup.
template <class Out>
asio::awaitable<Out> aside(asio::io_context& io, asio::thread_pool& pool,
                           std::function<Out()> work) {
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(Out)>(
      RunAside<Out>{}, asio::use_awaitable, &io, &pool, std::move(work));
}

void add_audit(actors::Gateway& g, std::string actor, std::string action, std::string subject) {
  g.store.submit(
      [live = g.live, now = g.clock.now(), seed = g.seed(), actor = std::move(actor),
       action = std::move(action), subject = std::move(subject)](store::Tx& tx) {
        Dice dice(seed);
        checkins::audit(tx, {*live->service, nullptr, now, dice}, actor, action, subject, 0);
      },
      [&g](const std::exception_ptr&) { g.wake(); });
}

asio::awaitable<net::Response> back_up(asio::io_context& io, asio::thread_pool& pool,
                                       actors::Gateway& g, net::Request request) {
  boost::system::error_code ec;
  const auto body = boost::json::parse(request.body, ec);
  const auto* file = !ec && body.is_object() ? body.get_object().if_contains("file") : nullptr;
  if (file == nullptr || !file->is_string()) {
    co_return net::error_response(422, "bad_argument", "say where to: {\"file\": \"/path\"}");
  }
  const std::string path(file->get_string());
  using Done = std::shared_ptr<Result<void>>;
  std::function<Done()> work = [&store = g.store, path, now = g.wire.now()] {
    auto done = std::make_shared<Result<void>>(store.backup(path));
    // The keys of somebody erased are soon in no copy: older ones in this folder go.
    const auto folder = std::filesystem::path(path).parent_path();
    if (*done) (void)store::drop_old_key_copies(folder.empty() ? "." : folder.string(), now);
    return done;
  };
  const Done done = co_await aside<Done>(io, pool, std::move(work));
  if (!*done) co_return net::error_response(422, done->error().code, done->error().message);
  add_audit(g, admin_of(request), "backup", path);
  boost::json::object o;
  o["backup"] = path;
  co_return net::Response{200, "application/json", {}, boost::json::serialize(o)};
}

void refused(actors::Gateway& g, std::size_t problems, const std::string& text) {
  spdlog::error("reload: the old configuration goes on, until this is mended:\n{}", text);
  g.metrics.count("reloads", {{"outcome", "refused"}});
  g.metrics.gauge("config_bad", 1);
  g.store.submit(
      [live = g.live, now = g.clock.now(), seed = g.seed(), problems](store::Tx& tx) {
        Dice dice(seed);
        checkins::tell_admin(tx, {*live->service, nullptr, now, dice}, "admin-reload-failed",
                             {{"count", std::to_string(problems)}}, "reload");
      },
      [&g](const std::exception_ptr&) { g.wake(); });
}

// The settings that only a start reads and that are no longer as they were, by name.
std::string needs_restart(const config::Settings& was, const config::Settings& is) {
  const auto at = [](const config::Endpoint& a, const config::Endpoint& b) {
    return a.address == b.address && a.port == b.port;
  };
  const std::pair<const char*, bool> same[] = {
      {"mode", was.mode == is.mode},
      {"listeners.webhooks", at(was.webhooks, is.webhooks)},
      {"listeners.pages", at(was.pages, is.pages)},
      {"listeners.api", at(was.api, is.api)},
      {"listeners.control", was.control_socket == is.control_socket},
      {"store", was.store.database == is.store.database && was.store.keys == is.store.keys &&
                    was.store.erasures == is.store.erasures &&
                    was.store.master_secret == is.store.master_secret},
      {"clock", was.clock.scale == is.clock.scale && was.clock.start == is.clock.start}};
  std::string out;
  for (const auto& [name, as_before] : same) {
    if (!as_before) out += (out.empty() ? "" : ", ") + std::string(name);
  }
  return out;
}

// What a new configuration means for what is already there; people's rules come after it.
void upkeep_may_have_changed(actors::Gateway& g) {
  g.store.submit(
      [live = g.live, now = g.clock.now(), seed = g.seed()](store::Tx& tx) {
        Dice dice(seed);
        const checkins::Setting s{*live->service, live->reader.get(), now, dice};
        checkins::ensure_upkeep(tx, s);
      },
      [&g](const std::exception_ptr&) { g.wake(); });
}

Result<std::string> use(actors::Gateway& g, const actors::LiveLoaded& loaded,
                        const std::string& by) {
  if (!loaded.live) {
    refused(g, loaded.problems.size(), config::to_log(loaded.problems));
    return fault("bad_config", config::to_text(loaded.problems));
  }
  const std::string later =
      needs_restart(g.live->service->settings, loaded.live->service->settings);
  g.live = loaded.live;
  g.metrics.count("reloads", {{"outcome", "loaded"}});
  g.metrics.gauge("config_bad", 0);
  upkeep_may_have_changed(g);
  std::string said = "the new configuration is in use";
  if (!later.empty()) said += "; restart moodlined for what it reads only then: " + later;
  spdlog::info("reload: {}", said);
  add_audit(g, by, "config.reload", loaded.live->service->hash);
  return said;
}

}  // namespace

void notify_systemd(const char* state) {
  sd_notify(0, state);
}

Daemon::Daemon(DaemonOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}

Daemon::~Daemon() {
  parts_->aside.join();
  // Nobody is answered any more: a request would meet a store that is gone.
  parts_->hook_server.reset();
  parts_->page_server.reset();
  parts_->control_server.reset();
  // Inside the loop: a cancellation that is posted from outside could outlive its task.
  if (parts_->tasks && !parts_->stopping) {
    asio::post(parts_->io, [p = parts_.get()] { p->tasks->stop(); });
  }
  parts_->finish_writes();
  // The store's thread ends before anything its completions touch goes.
  parts_->store.reset();
  parts_->io.restart();
  parts_->io.poll();
}

// Whoever waits for a write reads the store when it is done: they are let through while it is
// there.
void Daemon::Parts::finish_writes() {
  const auto guard = asio::make_work_guard(io);
  const auto done = std::make_shared<int>(0);
  for (int round = 1; store && round <= finish_rounds; ++round) {
    try {
      store->submit([](store::Tx&) {}, [done](const std::exception_ptr&) { ++*done; });
    } catch (const store::StoreError& e) {
      spdlog::error("stop: {}: {}", e.code(), e.what());
      return;
    }
    io.restart();
    while (*done < round) io.run_one();
    io.poll();
  }
}

Result<void> Daemon::start() {
  if (auto ok = parts_->load_and_open(); !ok) return ok;
  parts_->add_routes();
  parts_->control.add("POST", "/api/v1/reload", [this](net::Request r, const net::Params&) {
    return reload_now(*this, admin_of(r));
  });
  parts_->control.add("POST", "/api/v1/backup", [this](net::Request r, const net::Params&) {
    return back_up(parts_->io, parts_->aside, *parts_->gateway, std::move(r));
  });
  // Before anything is spawned that needs the store: a port may be in use.
  if (auto ok = parts_->listen(parts_->gateway->live->service->settings); !ok) return ok;
  parts_->start_actors(*this);
  return {};
}

int Daemon::run() {
  parts_->io.run();
  return parts_->exit_code;
}

void Daemon::stop() {
  asio::post(parts_->io, [p = parts_.get()] {
    if (p->stopping) return;
    p->stopping = true;
    asio::co_spawn(p->io, p->shut_down(), asio::detached);
  });
}

actors::Gateway& Daemon::gateway() {
  return *parts_->gateway;
}
net::Router& Daemon::pages() {
  return parts_->pages;
}
ports::ScaledClock* Daemon::scaled_clock() {
  return parts_->scaled;
}
asio::any_io_executor Daemon::executor() {
  return parts_->io.get_executor();
}
std::uint16_t Daemon::webhooks_port() const {
  return parts_->hook_port;
}
std::uint16_t Daemon::pages_port() const {
  return parts_->page_port;
}
std::uint16_t Daemon::api_port() const {
  return parts_->api_port;
}

asio::awaitable<Result<std::string>> Daemon::reload(std::string by) {
  notify_systemd("RELOADING=1");
  std::function<Loading()> work = [p = parts_.get()] {
    return load(p->options.live, p->http, p->wire);
  };
  const Loading loaded = co_await aside<Loading>(parts_->io, parts_->aside, std::move(work));
  auto done = use(*parts_->gateway, *loaded, by);
  if (done) parts_->tell_changes_surely();
  notify_systemd("READY=1");
  co_return done;
}

// Narrowings apply and widenings are offered, some people a transaction, so that a text that comes
// meanwhile is not kept waiting. A start finishes what a stop cut short, or files edited meanwhile.
asio::awaitable<void> Daemon::Parts::tell_changes() {
  constexpr int people_at_once = 50;
  const auto live = gateway->live;
  const auto next = std::make_shared<store::RowId>(0);
  do {
    store::Write write = [live, next, now = clock->now(), seed = gateway->seed()](store::Tx& tx) {
      Dice dice(seed);
      const checkins::Setting s{*live->service, live->reader.get(), now, dice};
      *next = checkins::rules_changed_for(tx, s, *next, people_at_once);
    };
    co_await actors::commit(*store, std::move(write));
    gateway->wake();
  } while (*next != 0 && gateway->live == live && !stopping);
}

// A full disk must not leave an edit told to some people only: it is tried until it is done.
void Daemon::Parts::tell_changes_surely() {
  tasks->supervise("rules", [this] { return tell_changes(); });
}

asio::awaitable<void> Daemon::Parts::begin() {
  const int doubtful = co_await outbox->recover();
  if (doubtful > 0) metrics.count("texts_in_doubt_at_start", {}, doubtful);
  const auto live = gateway->live;
  store::Write write = [live, now = clock->now(), seed = gateway->seed()](store::Tx& tx) {
    Dice dice(seed);
    checkins::ensure_upkeep(tx, {*live->service, live->reader.get(), now, dice});
  };
  co_await actors::commit(*store, std::move(write));
  tasks->supervise("outbox", [this] { return outbox->run(); });
  tasks->supervise("deadlines", [this] { return deadlines->run(); });
  tasks->supervise("clock", [this] { return deadlines->clock_watch().run(); });
  tasks->supervise("spools", [this] { return watch_spools(); });
  tasks->supervise("heartbeat", [this] { return heartbeat->run(); });
  bool seen = false;
  store->read([&](store::ReadTx& tx) {
    seen = tx.setting(checkins::rules_seen_setting) == live->service->hash;
  });
  if (!seen) tell_changes_surely();
  tasks->supervise("watchdog", [this] { return watchdog(); });
  notify_systemd("READY=1");
  spdlog::info("moodlined is ready");
}

void Daemon::Parts::start_actors(Daemon& daemon) {
  tasks->supervise("begin", begin(), actors::OnFailure::stop_process);
  signals.add(SIGINT);
  signals.add(SIGTERM);
  signals.add(SIGHUP);
  tasks->supervise("signals", [this, &daemon] { return await_signals(daemon); });
}

asio::awaitable<void> Daemon::Parts::await_signals(Daemon& daemon) {
  while (!stopping) {
    const int signal = co_await signals.async_wait(asio::use_awaitable);
    if (signal == SIGHUP) {
      (void)co_await daemon.reload("signal");
    } else {
      spdlog::info("asked to stop");
      daemon.stop();
    }
  }
}

asio::awaitable<void> Daemon::Parts::watchdog() {
  std::uint64_t usec = 0;
  if (sd_watchdog_enabled(0, &usec) <= 0) co_return;
  const Millis half{static_cast<std::int64_t>(usec / 2000)};
  while (!stopping) {
    // The store answers, so the watchdog may be told that we live.
    store::Write write = [](store::Tx&) {};
    co_await actors::commit(*store, std::move(write));
    notify_systemd("WATCHDOG=1");
    co_await monotonic.sleep_for(half);
  }
}

asio::awaitable<void> Daemon::Parts::watch_spools() {
  constexpr Millis step{1'000};
  while (!stopping) {
    const auto live = gateway->live;
    for (const auto& [name, p] : live->providers) {
      if (!p.spool) continue;
      for (const actors::SpoolRoute::Group& group : p.spool->collect()) {
        if (!group.bad) co_await inbox->take(name, group.events);
        p.spool->done(group);
      }
    }
    co_await monotonic.sleep_for(step);
  }
}

asio::awaitable<void> Daemon::Parts::shut_down() {
  notify_systemd("STOPPING=1");
  outbox->close();
  deadlines->close();
  heartbeat->close();
  gateway->wake();
  if (hook_server) co_await hook_server->drain(drain_limit);
  if (page_server) co_await page_server->drain(drain_limit);
  if (api_server) co_await api_server->drain(drain_limit);
  for (int i = 0; i < flight_steps_max && outbox->in_flight() > 0; ++i) {
    co_await monotonic.sleep_for(flight_step);
  }
  if (outbox->in_flight() > 0) {
    spdlog::warn("stopped with {} texts under way; the next start waits for their receipts",
                 outbox->in_flight());
  }
  if (control_server) co_await control_server->drain(Millis{1'000});
  tasks->stop();
  signals.cancel();
  io.stop();
  spdlog::info("stopped");
}

}  // namespace moodline::wiring
