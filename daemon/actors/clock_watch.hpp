// ClockWatch: notices that the machine's clock was stepped (or the machine slept), by time that
// only moves forward, before any deadline is looked at. What it means is checkins/clock_jump's.
// Thread: io.
#pragma once
#include "daemon/actors/gateway.hpp"

namespace moodline::actors {

class ClockWatch {
 public:
  static constexpr Millis look_every{20'000};
  explicit ClockWatch(Gateway& gateway);
  /// Compares the clocks; after a jump returns when every rule that waits for time is held.
  /// Throws store::StoreError, and then looks again at the next call.
  asio::awaitable<void> look();
  /// Looks now and then, for a daemon with nothing due.
  asio::awaitable<void> run();

 private:
  /// How far the clock went by itself since it was last agreed with.
  [[nodiscard]] Millis drift() const;
  void agree();

  Gateway& g_;
  Instant wire_;
  std::chrono::nanoseconds elapsed_{};
  bool begun_ = false;  // what a crash left unfinished has been looked for
};

}  // namespace moodline::actors
