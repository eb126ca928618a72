#include "daemon/ports/clocks.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <map>
#include <utility>

namespace moodline::ports {

void Wakeup::call() {
  state_->called = true;
  if (state_->on_call) state_->on_call();
}

bool Wakeup::take() {
  return std::exchange(state_->called, false);
}

/// Everybody asleep on one clock, in order of (due, order of falling asleep). Shared with each
/// sleeping frame, so that frames destroyed after the clock still have somewhere to sign off.
class Sleepers {
 public:
  using Timer = asio::steady_timer;
  using Map = std::multimap<Instant, std::shared_ptr<Timer>>;

  /// One sign-in; signs off when the frame ends, however it ends.
  class Stay {
   public:
    Stay(std::shared_ptr<Sleepers> all, Instant due, std::shared_ptr<Timer> timer, Wakeup* wakeup)
        : all_(std::move(all)), at_(all_->map_.emplace(due, timer)) {
      if (wakeup == nullptr) return;
      wakeup_ = wakeup->state();
      wakeup_->on_call = [timer] { timer->cancel(); };
    }
    Stay(const Stay&) = delete;
    Stay& operator=(const Stay&) = delete;
    ~Stay() {
      all_->map_.erase(at_);
      if (wakeup_) wakeup_->on_call = nullptr;
    }
    [[nodiscard]] bool called() const { return wakeup_ && std::exchange(wakeup_->called, false); }

   private:
    std::shared_ptr<Sleepers> all_;
    Map::iterator at_;
    std::shared_ptr<Wakeup::State> wakeup_;
  };

  /// Everybody due by `t` looks at the clock again.
  void rouse(Instant t) {
    for (auto& [due, timer] : map_) {
      if (due > t) break;
      timer->cancel();
    }
  }
  [[nodiscard]] std::optional<Instant> next_due() const {
    if (map_.empty() || map_.begin()->first == Instant::max()) return std::nullopt;
    return map_.begin()->first;
  }

 private:
  Map map_;
};

namespace {

std::chrono::nanoseconds steady_ticks() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

Instant system_now() {
  const auto t = std::chrono::system_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<Millis>(t).count()};
}

/// At most this long until the sleeper looks at the clock again.
constexpr Millis nap_max{std::int64_t{clock_step_notice_s_max} * 1000};

/// How long to nap when `left` of service time remain at `factor` times real speed.
Millis nap(Instant now, Instant due, double factor) {
  if (factor <= 0 || due == Instant::max()) return nap_max;
  const double real_ms = static_cast<double>((due - now).count()) / factor;
  if (real_ms >= static_cast<double>(nap_max.count())) return nap_max;
  return Millis{std::max<std::int64_t>(1, static_cast<std::int64_t>(real_ms + 0.999))};
}

struct Pace {
  std::function<Instant()> now;
  std::function<double()> factor;  // empty: only a driver ends the nap
};

asio::awaitable<Wake> sleep(std::shared_ptr<Sleepers> all, Pace pace, Instant due, Wakeup* wakeup) {
  if (wakeup != nullptr && wakeup->take()) co_return Wake::called;
  auto timer = std::make_shared<Sleepers::Timer>(co_await asio::this_coro::executor);
  const Sleepers::Stay stay(all, due, timer, wakeup);
  for (Instant now = pace.now(); now < due; now = pace.now()) {
    if (pace.factor) {
      timer->expires_after(nap(now, due, pace.factor()));
    } else {
      timer->expires_at(Sleepers::Timer::time_point::max());
    }
    boost::system::error_code ec;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ec));
    if ((co_await asio::this_coro::cancellation_state).cancelled() !=
        asio::cancellation_type::none) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (stay.called()) co_return Wake::called;
  }
  co_return Wake::due;
}

}  // namespace

RealClock::RealClock() : sleepers_(std::make_shared<Sleepers>()) {}

Instant RealClock::now() const {
  return system_now();
}

asio::awaitable<Wake> RealClock::sleep_until(Instant t, Wakeup* wakeup) {
  return sleep(sleepers_, Pace{system_now, [] { return 1.0; }}, t, wakeup);
}

ScaledClock::ScaledClock(Instant start, double factor)
    : piece_{start, system_now(), steady_ticks(), std::clamp(factor, 0.0, factor_max)},
      sleepers_(std::make_shared<Sleepers>()) {}

ScaledClock::Piece ScaledClock::piece() const {
  const std::lock_guard lock(mutex_);
  return piece_;
}

Instant ScaledClock::now() const {
  const Piece p = piece();
  const double real_ms =
      std::chrono::duration<double, std::milli>(steady_ticks() - p.ticks).count();
  return p.service + Millis{static_cast<std::int64_t>(real_ms * p.factor)};
}

Instant ScaledClock::at(Instant wire) const {
  const Piece p = piece();
  const auto real_ms = static_cast<double>((wire - p.wire).count());
  return p.service + Millis{static_cast<std::int64_t>(real_ms * p.factor)};
}

double ScaledClock::factor() const {
  return piece().factor;
}

asio::awaitable<Wake> ScaledClock::sleep_until(Instant t, Wakeup* wakeup) {
  return sleep(sleepers_, Pace{[this] { return now(); }, [this] { return factor(); }}, t, wakeup);
}

void ScaledClock::steer(Instant service, double factor) {
  {
    const std::lock_guard lock(mutex_);
    piece_ = {service, system_now(), steady_ticks(), std::clamp(factor, 0.0, factor_max)};
  }
  sleepers_->rouse(Instant::max());
}

void ScaledClock::set_factor(double factor) {
  steer(now(), factor);
}

void ScaledClock::jump_to(Instant t) {
  steer(std::max(now(), t), factor());
}

struct VirtualTime::State {
  Instant mono;
  Millis stepped{};  // service time minus mono
  std::shared_ptr<Sleepers> service = std::make_shared<Sleepers>();
  std::shared_ptr<Sleepers> timeouts = std::make_shared<Sleepers>();  // due in mono
};

VirtualTime::VirtualTime(Instant start) : state_(std::make_shared<State>()) {
  state_->mono = start;
}

Instant VirtualTime::now() const {
  return state_->mono + state_->stepped;
}

std::chrono::nanoseconds VirtualTime::elapsed() const {
  return Millis{state_->mono.ms};
}

std::optional<Instant> VirtualTime::next_due() const {
  const auto service = state_->service->next_due();
  auto timeout = state_->timeouts->next_due();
  if (timeout) *timeout = *timeout + state_->stepped;
  if (!service || !timeout) return service ? service : timeout;
  return std::min(*service, *timeout);
}

void VirtualTime::advance_to(Instant t) {
  state_->mono = std::max(state_->mono, t - state_->stepped);
  state_->service->rouse(now());
  state_->timeouts->rouse(state_->mono);
}

bool VirtualTime::advance_to_next() {
  const auto due = next_due();
  if (!due) return false;
  advance_to(*due);
  return true;
}

void VirtualTime::step(Millis d) {
  state_->stepped += d;
  state_->service->rouse(now());
}

asio::awaitable<Wake> VirtualTime::sleep_until(Instant t, Wakeup* wakeup) {
  auto state = state_;
  return sleep(state->service, Pace{[state] { return state->mono + state->stepped; }, {}}, t,
               wakeup);
}

asio::awaitable<void> VirtualTime::sleep_for(Millis d) {
  auto state = state_;
  // Named first: gcc 12 destroys an aggregate temporary of a co_await expression twice.
  Pace pace{[state] { return state->mono; }, {}};
  co_await sleep(state->timeouts, std::move(pace), state->mono + d, nullptr);
}

asio::awaitable<void> VirtualMonotonic::sleep_for(Millis d) {
  return time_.sleep_for(d);
}

Instant RealWireClock::now() const {
  return system_now();
}

std::chrono::nanoseconds RealMonotonic::elapsed() const {
  return steady_ticks();
}

asio::awaitable<void> RealMonotonic::sleep_for(Millis d) {
  asio::steady_timer timer(co_await asio::this_coro::executor, d);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace moodline::ports
