#include "tests/support/virtual_daemon.hpp"

#include <boost/asio/post.hpp>
#include <stdexcept>
#include <utility>

#include "daemon/actors/commit.hpp"
#include "daemon/checkins/upkeep.hpp"
#include "rules/base/dice.hpp"

namespace moodline::testing {
namespace {
constexpr int polls_max = 2'000'000;  // handlers of one instant; beyond: something spins
}

store::KeyRingPtr ring(unsigned char byte) {
  auto r = std::make_shared<store::KeyRing>();
  std::array<unsigned char, store::key_bytes> bytes{};
  bytes.fill(byte);
  r->add(1, store::Secret::of(bytes));
  return r;
}

store::StoreOptions store_options(const FaultDisk& disk) {
  static const store::KeyRingPtr master = ring(7);
  static const store::KeyRingPtr lookup = ring(9);
  store::StoreOptions o;
  o.path = "moodline.db";
  o.vfs = disk.vfs();
  o.master_key = master;
  o.lookup_key = lookup;
  o.executor = store::Executor::inline_;
  return o;
}

VirtualDaemon::VirtualDaemon(Wire& wire, Instant now, std::uint64_t seed)
    : time(now), random(seed), wire_(wire) {
  wire_.client = this;
  wire_.clock = &wire_clock;
}

VirtualDaemon::~VirtualDaemon() {
  close();
  wire_.client = nullptr;
}

void VirtualDaemon::close() {
  if (std::exchange(closed_, true)) return;
  if (tasks) {
    asio::post(io, [this] { tasks->stop(); });
    io.restart();
    io.poll();
  }
  db.reset();
  io.restart();
  io.poll();
}

void VirtualDaemon::open(store::StoreOptions options, std::shared_ptr<const actors::Live> live,
                         ports::CrashPoints& crash, ports::HttpClient& errands) {
  options.post = [this](std::function<void()> f) { asio::post(io, std::move(f)); };
  options.monotonic_us = [this] { return monotonic.elapsed().count() / 1000; };
  db = store::open_sqlite(std::move(options));
  gateway.emplace(actors::Gateway{
      clock, wire_clock, monotonic, random, crash, *db, metrics, std::move(live), {}, {}});
  actors::SupervisorHooks hooks;
  hooks.on_fatal = [this](std::string_view task) { on_fatal(task); };
  tasks.emplace(io.get_executor(), monotonic, std::move(hooks));
  outbox.emplace(*gateway, *tasks);
  inbox.emplace(*gateway, errands);
  deadlines.emplace(*gateway);
}

asio::awaitable<void> VirtualDaemon::begin() {
  co_await outbox->recover();
  store::Write write = [live = gateway->live, now = clock.now(), seed = seed()](store::Tx& tx) {
    Dice dice(seed);
    checkins::ensure_upkeep(tx, {*live->service, live->reader.get(), now, dice});
  };
  co_await actors::commit(*db, std::move(write));
  tasks->supervise("outbox", [this] { return outbox->run(); });
  tasks->supervise("deadlines", [this] { return deadlines->run(); });
}

void VirtualDaemon::run(Instant now, const std::function<bool()>& enough) {
  if (now > time.now()) time.advance_to(now);
  io.restart();
  for (int i = 0; i < polls_max; ++i) {
    if (enough() || io.poll_one() == 0) return;
    if (io.stopped()) io.restart();
  }
  throw std::runtime_error("the process spins without time moving on");
}

asio::awaitable<net::Response> VirtualDaemon::hand_in(std::string body, std::string secret,
                                                      std::string provider) {
  net::Request request;
  request.method = "POST";
  request.target = "/hooks/" + provider;
  request.headers = {{"authorization", "Bearer " + secret}, {"content-type", "application/json"}};
  request.body = std::move(body);
  co_return co_await inbox->webhook(std::move(request), std::move(provider));
}

asio::awaitable<net::Response> VirtualDaemon::hand_in(std::string body, std::string secret) {
  return hand_in(std::move(body), std::move(secret), "phones");
}

asio::awaitable<void> VirtualDaemon::commit(store::Write write) {
  co_await actors::commit(*db, std::move(write));
  gateway->wake();
}

}  // namespace moodline::testing
