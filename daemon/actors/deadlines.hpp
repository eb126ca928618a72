// Deadlines: every timer is a row; this loop sleeps to the next one and runs what is due, in order,
// a bounded number in one transaction. Planner (slots) and escalator (rules, desk, reviews) are its
// handlers. Thread: io; handlers on the store's.
#pragma once
#include "daemon/actors/clock_watch.hpp"
#include "daemon/actors/gateway.hpp"
#include "daemon/checkins/setting.hpp"

namespace moodline::actors {

class Deadlines {
 public:
  static constexpr int batch_max = 200;
  explicit Deadlines(Gateway& gateway) : g_(gateway), clock_(gateway) {}
  asio::awaitable<void> run();
  /// Runs everything due once; returns how many. For the simulator and start-up.
  asio::awaitable<int> run_due();
  void close() { closed_ = true; }
  /// Asked before every look at what is due; has a loop of its own beside.
  ClockWatch& clock_watch() { return clock_; }

 private:
  Gateway& g_;
  ClockWatch clock_;
  bool closed_ = false;
};

/// One due timer inside a transaction; false for a kind nobody knows (it is dropped and counted).
bool timer_due(store::Tx& tx, const checkins::Setting& s, const store::Timer& timer);

}  // namespace moodline::actors
