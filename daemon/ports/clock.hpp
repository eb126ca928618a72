// The three clocks, as ports. Nothing outside daemon/ports asks the operating system for the time.
// ServiceClock: schedules and rules; may run fast in a demo. WireClock: signatures, tokens, TLS;
// always real. Monotonic: time-outs and back-off; never steps.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>

#include "rules/base/instant.hpp"

namespace moodline::ports {

namespace asio = boost::asio;

/// Ends a sleep early: `wakeup.call()` after a change. A call made while nobody sleeps is kept for
/// the next sleep, so no change is missed. One sleeper at a time. Thread: io only.
class Wakeup {
 public:
  void call();
  /// For clocks: true once after a call.
  bool take();
  /// For clocks: what a call runs while somebody sleeps.
  struct State {
    bool called = false;
    std::function<void()> on_call;
  };
  [[nodiscard]] std::shared_ptr<State> state() const { return state_; }

 private:
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

enum class Wake { due, called };

/// The service's time. `now` from any thread; sleeping on the io thread.
class ServiceClock {
 public:
  virtual ~ServiceClock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  /// A provider's (real) timestamp in service time. Pass each one through here once, at the inbox.
  [[nodiscard]] virtual Instant at(Instant wire) const = 0;
  /// Returns when now() >= t, or at wakeup->call(). Instant::max() sleeps until called.
  /// `wakeup` may be null. Cancelling the task throws boost::system::system_error
  /// (operation_aborted). A step of the system's clock is noticed within clock_step_notice_s_max.
  virtual asio::awaitable<Wake> sleep_until(Instant t, Wakeup* wakeup) = 0;
  asio::awaitable<Wake> sleep_until(Instant t) { return sleep_until(t, nullptr); }
};

/// Real time, for what leaves the machine. Any thread.
class WireClock {
 public:
  virtual ~WireClock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

/// Time that only moves forward; its zero means nothing. `elapsed` from any thread.
class Monotonic {
 public:
  virtual ~Monotonic() = default;
  [[nodiscard]] virtual std::chrono::nanoseconds elapsed() const = 0;
  /// Throws boost::system::system_error (operation_aborted) when the task is cancelled.
  virtual asio::awaitable<void> sleep_for(Millis d) = 0;
};

}  // namespace moodline::ports
