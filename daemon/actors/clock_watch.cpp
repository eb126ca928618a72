#include "daemon/actors/clock_watch.hpp"

#include <spdlog/spdlog.h>

#include "daemon/actors/commit.hpp"
#include "daemon/checkins/clock_jump.hpp"

namespace moodline::actors {
namespace {

constexpr int people_batches_max = 1'000'000;

}  // namespace

ClockWatch::ClockWatch(Gateway& gateway) : g_(gateway) {
  agree();
}

void ClockWatch::agree() {
  wire_ = g_.wire.now();
  elapsed_ = g_.monotonic.elapsed();
}

Millis ClockWatch::drift() const {
  const Instant wire = g_.wire.now();
  if (g_.clock.at(wire) != wire) return Millis{0};  // a demo's clock goes its own way
  const auto passed = std::chrono::duration_cast<Millis>(g_.monotonic.elapsed() - elapsed_);
  return (wire - wire_) - passed;
}

asio::awaitable<void> ClockWatch::look() {
  const Millis by = drift();
  const bool jumped = std::chrono::abs(by) >= checkins::clock_jump_min;
  bool unfinished = false;  // by a crash
  if (!jumped && !begun_) {
    g_.store.read([&](store::ReadTx& tx) { unfinished = checkins::hold_unfinished(tx); });
  }
  if (!jumped && !unfinished) {
    begun_ = true;
    agree();  // the clock is steered by small amounts all the time
    co_return;
  }
  const auto live = g_.live;
  const auto more = std::make_shared<bool>(false);
  if (jumped) {
    spdlog::error(
        "the machine's clock went {} by {} s (or the machine slept); deadline rules hold until it "
        "has kept pace for an hour; see to the time service",
        by.count() > 0 ? "forward" : "back", std::chrono::abs(by).count() / 1000);
    g_.metrics.count("clock_jumps", {{"direction", by.count() > 0 ? "forward" : "back"}});
  }
  for (int i = 0; i < people_batches_max; ++i) {
    store::Write write = [live, by, more, first = jumped && i == 0, now = g_.clock.now(),
                          seed = g_.seed()](store::Tx& tx) {
      Dice dice(seed);
      const checkins::Setting s{*live->service, live->reader.get(), now, dice};
      if (first) checkins::clock_jumped(tx, s, by);
      *more = checkins::hold_some(tx, s);
    };
    co_await commit(g_.store, std::move(write));
    if (!*more) break;
  }
  begun_ = true;
  agree();
  if (jumped) g_.wake();  // both loops plan anew by the clock as it is
}

asio::awaitable<void> ClockWatch::run() {
  for (;;) {
    try {
      co_await look();
    } catch (const store::StoreError& e) {
      spdlog::error("clock watch: {}: {}", e.code(), e.what());
      g_.metrics.count("store_errors", {{"actor", "clock"}, {"code", e.code()}});
    }
    co_await g_.monotonic.sleep_for(look_every);
  }
}

}  // namespace moodline::actors
