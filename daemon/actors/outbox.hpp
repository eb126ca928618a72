// Outbox: owns every text from due to settled. Survives kill -9 at any line: a text is claimed and
// committed before the call, and whatever was `sending` at a start is `unknown`, never resent
// blindly. Thread: io.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <string>
#include <vector>

#include "daemon/actors/gateway.hpp"
#include "daemon/actors/supervise.hpp"
#include "daemon/checkins/sending.hpp"

namespace moodline::actors {

class Outbox {
 public:
  static constexpr int in_flight_max = 64;
  static constexpr int read_max = 256;  // due texts looked at in one round

  Outbox(Gateway& gateway, Supervisor& tasks) : g_(gateway), tasks_(tasks) {}
  /// Before anything else at a start. Returns how many texts were left in doubt.
  asio::awaitable<int> recover();
  asio::awaitable<void> run();
  [[nodiscard]] int in_flight() const { return in_flight_; }
  /// No new claims from now on; what is in flight finishes.
  void close() { closed_ = true; }

 private:
  // A route's throttle: when the next segment may leave, by the monotonic clock.
  struct Throttle {
    std::chrono::nanoseconds free_at{0};
  };
  struct Pick {
    store::RowId message;
    const config::Route* route;
    std::string reference;
  };
  asio::awaitable<void> send(checkins::Claimed claimed);
  /// Asks the provider what became of a text whose fate is unknown, where it can say.
  asio::awaitable<void> look_up(std::string provider, std::string reference);
  asio::awaitable<std::vector<checkins::Claimed>> claim(std::shared_ptr<const Live> live,
                                                        std::vector<Pick> picks);
  std::vector<Pick> pick(const Live& live, Instant now, std::optional<Instant>& next);
  bool throttled(const Live& live, const config::Route& route, int segments,
                 std::optional<Instant>& next, Instant now);
  [[nodiscard]] std::string new_reference();

  Gateway& g_;
  Supervisor& tasks_;
  std::map<std::string, Throttle> throttles_;
  int in_flight_ = 0;
  bool closed_ = false;
};

}  // namespace moodline::actors
