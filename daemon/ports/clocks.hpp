// The clocks there are: real (production), scaled (demo and tests), virtual (simulation).
#pragma once
#include <memory>
#include <mutex>
#include <optional>

#include "daemon/ports/clock.hpp"

namespace moodline::ports {

/// A sleeper looks at the clock again at least this often, so that a step of the system's clock
/// (or a resumed laptop) delays nothing for longer.
constexpr int clock_step_notice_s_max = 60;

class Sleepers;

class RealClock final : public ServiceClock {
 public:
  RealClock();
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] Instant at(Instant wire) const override { return wire; }
  asio::awaitable<Wake> sleep_until(Instant t, Wakeup* wakeup) override;
  using ServiceClock::sleep_until;

 private:
  std::shared_ptr<Sleepers> sleepers_;
};

/// Starts at a chosen instant and runs `factor` times as fast as real time; both can be steered.
/// Only for demo and test configurations: the caller refuses it elsewhere.
class ScaledClock final : public ServiceClock {
 public:
  static constexpr double factor_max = 1e6;
  /// factor is clamped to 0..factor_max; 0 stands still.
  ScaledClock(Instant start, double factor);
  [[nodiscard]] Instant now() const override;
  [[nodiscard]] Instant at(Instant wire) const override;
  asio::awaitable<Wake> sleep_until(Instant t, Wakeup* wakeup) override;
  using ServiceClock::sleep_until;
  /// From now on run at `factor`. Sleepers re-plan. Thread: io.
  void set_factor(double factor);
  /// Jump to `t`; an earlier instant is ignored, service time never goes back. Thread: io.
  void jump_to(Instant t);
  [[nodiscard]] double factor() const;

 private:
  struct Piece {
    Instant service;
    Instant wire;
    std::chrono::nanoseconds ticks;
    double factor;
  };
  void steer(Instant service, double factor);
  [[nodiscard]] Piece piece() const;

  mutable std::mutex mutex_;
  Piece piece_;
  std::shared_ptr<Sleepers> sleepers_;
};

/// Stands still until a driver moves it; the three clocks of a simulation show the same time.
/// Thread: io (single-threaded simulation).
class VirtualTime {
 public:
  explicit VirtualTime(Instant start);
  [[nodiscard]] Instant now() const;
  /// When the first sleeper is due; nothing when nobody sleeps until a known time.
  [[nodiscard]] std::optional<Instant> next_due() const;
  /// Moves on (never back) and posts the completion of every sleeper due by then, in order of
  /// (due, order of falling asleep). Run the io_context afterwards.
  void advance_to(Instant t);
  /// advance_to(next_due()); false when nobody sleeps until a known time.
  bool advance_to_next();
  /// Moves the service's and the wire's time without the monotonic one: a clock step. May go back.
  void step(Millis d);
  [[nodiscard]] std::chrono::nanoseconds elapsed() const;
  asio::awaitable<Wake> sleep_until(Instant t, Wakeup* wakeup);
  /// By the monotonic time, which no step moves.
  asio::awaitable<void> sleep_for(Millis d);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

class VirtualClock final : public ServiceClock {
 public:
  explicit VirtualClock(VirtualTime& time) : time_(time) {}
  [[nodiscard]] Instant now() const override { return time_.now(); }
  [[nodiscard]] Instant at(Instant wire) const override { return wire; }
  asio::awaitable<Wake> sleep_until(Instant t, Wakeup* wakeup) override {
    return time_.sleep_until(t, wakeup);
  }
  using ServiceClock::sleep_until;

 private:
  VirtualTime& time_;
};

class VirtualWireClock final : public WireClock {
 public:
  explicit VirtualWireClock(VirtualTime& time) : time_(time) {}
  [[nodiscard]] Instant now() const override { return time_.now(); }

 private:
  VirtualTime& time_;
};

class VirtualMonotonic final : public Monotonic {
 public:
  explicit VirtualMonotonic(VirtualTime& time) : time_(time) {}
  [[nodiscard]] std::chrono::nanoseconds elapsed() const override { return time_.elapsed(); }
  asio::awaitable<void> sleep_for(Millis d) override;

 private:
  VirtualTime& time_;
};

class RealWireClock final : public WireClock {
 public:
  [[nodiscard]] Instant now() const override;
};

/// For tests of signatures and tokens.
class FrozenWireClock final : public WireClock {
 public:
  explicit FrozenWireClock(Instant t) : t_(t) {}
  [[nodiscard]] Instant now() const override { return t_; }
  void set(Instant t) { t_ = t; }

 private:
  Instant t_;
};

class RealMonotonic final : public Monotonic {
 public:
  [[nodiscard]] std::chrono::nanoseconds elapsed() const override;
  asio::awaitable<void> sleep_for(Millis d) override;
};

}  // namespace moodline::ports
