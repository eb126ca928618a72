// Heartbeat: every five minutes a dead-man's switch hears that the store still commits. Silence is
// the alarm: whatever is broken here says nothing. Thread: io.
#pragma once
#include "daemon/actors/gateway.hpp"

namespace moodline::actors {

class Heartbeat {
 public:
  static constexpr Millis every{5 * 60'000};
  static constexpr int timeout_s = 20;
  Heartbeat(Gateway& gateway, ports::HttpClient& http) : g_(gateway), http_(http) {}
  asio::awaitable<void> run();
  /// One beat; false where there is no switch, or it was not reached.
  asio::awaitable<bool> beat();
  void close() { closed_ = true; }

 private:
  Gateway& g_;
  ports::HttpClient& http_;
  bool closed_ = false;
};

}  // namespace moodline::actors
