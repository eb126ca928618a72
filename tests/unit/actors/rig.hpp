// Rig: outbox and inbox over real SQLite (a disk in memory), wired as the daemon wires them, on a
// virtual clock. The service is the sample one with the routes and providers of the test.
#pragma once
#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <map>
#include <optional>

#include "daemon/actors/deadlines.hpp"
#include "daemon/actors/inbox.hpp"
#include "daemon/actors/live.hpp"
#include "daemon/actors/outbox.hpp"
#include "daemon/actors/supervise.hpp"
#include "daemon/ports/clocks.hpp"
#include "daemon/replies/reader.hpp"
#include "daemon/store/open.hpp"
#include "tests/support/virtual_daemon.hpp"

namespace moodline::actors::test {

using testing::ring;

/// The sample service, its packs and reader; loaded once a program, for packs are big.
inline const Live& sample_live() {
  struct Nothing final : ports::HttpClient, ports::WireClock {
    asio::awaitable<ports::HttpResult> fetch(providers::HttpCall, ports::HttpLimits) override {
      co_return tl::unexpected(ports::HttpFailure{});
    }
    [[nodiscard]] Instant now() const override { return {}; }
  };
  static Nothing nothing;
  static const std::shared_ptr<const Live> live = [] {
    LiveOptions o;
    o.config_dir = MOODLINE_SOURCE_DIR "/config/sample";
    o.languages_dir = MOODLINE_SOURCE_DIR "/config/languages";
    auto loaded = load_live(o, nothing, nothing);
    if (!loaded.live) throw std::runtime_error(config::to_text(loaded.problems));
    return loaded.live;
  }();
  return *live;
}

/// A copy to change: `edit` gets the service before it is frozen.
inline std::shared_ptr<Live> sample_with(const std::function<void(config::Service&)>& edit) {
  auto live = std::make_shared<Live>(sample_live());
  auto service = std::make_shared<config::Service>(*live->service);
  edit(*service);
  live->service = std::move(service);
  live->providers.clear();
  return live;
}

class Rig {
 public:
  Rig(std::shared_ptr<const Live> live, ports::HttpClient& http, Instant start)
      : disk(name()), time(start) {
    store::StoreOptions o;
    o.path = "moodline.db";
    o.vfs = disk.vfs();
    o.master_key = ring(7);
    o.lookup_key = ring(9);
    o.executor = store::Executor::inline_;
    o.post = [this](std::function<void()> f) { asio::post(io, std::move(f)); };
    o.monotonic_us = [this] { return monotonic.elapsed().count() / 1000; };
    store = store::open_sqlite(std::move(o));
    gateway.emplace(
        Gateway{clock, wire, monotonic, random, crash, *store, metrics, std::move(live), {}, {}});
    SupervisorHooks hooks;
    hooks.on_fatal = [this](std::string_view task) { fatal = task; };
    tasks.emplace(io.get_executor(), monotonic, std::move(hooks));
    outbox.emplace(*gateway, *tasks);
    inbox.emplace(*gateway, http);
    deadlines.emplace(*gateway);
  }
  ~Rig() {
    asio::post(io, [this] { tasks->stop(); });
    poll();
    store.reset();
    poll();
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  /// Starts the loops that send and that wake timers.
  void start() {
    tasks->supervise("outbox", [this] { return outbox->run(); });
    tasks->supervise("deadlines", [this] { return deadlines->run(); });
    poll();
  }
  /// Runs what is ready at this instant.
  void poll() {
    io.restart();
    while (io.poll() > 0) io.restart();
  }
  /// Lets virtual time pass, stopping at everything that is due.
  void pass(Millis d) {
    const Instant end = time.now() + d;
    while (const auto next = time.next_due()) {
      if (*next > end) break;
      time.advance_to(*next);
      poll();
      REQUIRE(fatal.empty());
    }
    time.advance_to(end);
    poll();
  }
  void write(const store::Write& w) {
    store->write(w);
    asio::post(io, [this] { gateway->wake(); });
    poll();
  }
  template <class F>
  void read(F&& f) {
    store->read(std::forward<F>(f));
  }
  store::Message message(store::RowId id) {
    std::optional<store::Message> m;
    read([&](store::ReadTx& tx) { m = tx.message(id); });
    REQUIRE(m.has_value());
    return *m;
  }
  std::map<std::string, store::RouteState> routes() {
    std::map<std::string, store::RouteState> out;
    read([&](store::ReadTx& tx) {
      for (const auto& r : tx.route_states()) out[r.route] = r;
    });
    return out;
  }

  testing::FaultDisk disk;
  asio::io_context io{1};
  ports::VirtualTime time;
  ports::VirtualClock clock{time};
  ports::VirtualWireClock wire{time};
  ports::VirtualMonotonic monotonic{time};
  ports::SeededRandom random{1};
  ports::NoCrashPoints crash;
  Metrics metrics;
  std::unique_ptr<store::Store> store;
  std::optional<Gateway> gateway;
  std::optional<Supervisor> tasks;
  std::optional<Outbox> outbox;
  std::optional<Inbox> inbox;
  std::optional<Deadlines> deadlines;
  std::string fatal;

 private:
  static std::string name() {
    static int n = 0;
    return "rig" + std::to_string(++n);
  }
};

}  // namespace moodline::actors::test
