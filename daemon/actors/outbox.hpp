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
  static constexpr int read_max = 256;     // due texts looked at in one round
  static constexpr int read_most = 4'096;  // where all of those wait for their route

  Outbox(Gateway& gateway, Supervisor& tasks) : g_(gateway), tasks_(tasks) {}
  /// Before anything else at a start. Returns how many texts were left in doubt.
  asio::awaitable<int> recover();
  asio::awaitable<void> run();
  [[nodiscard]] int in_flight() const { return in_flight_; }
  /// No new claims from now on; what is in flight finishes.
  void close() { closed_ = true; }

 private:
  // What this process remembers of a route. `free_at`: when the next segment may leave, by the
  // monotonic clock. `window`: how many texts may be under way at once; one after a failure, one
  // more after every answer, so that a provider that is back is not run over.
  struct Way {
    std::chrono::nanoseconds free_at{0};
    int window = in_flight_max;
    int in_flight = 0;
  };
  struct Pick {
    store::RowId message;
    const config::Route* route;
    std::string reference;
    int segments;  // charged to the throttle; the true number is known once it is rendered
  };
  struct Round {
    std::vector<Pick> picks;
    std::optional<Instant> next;
    std::map<std::string, int> picked;  // by route
    bool full = false;                  // as many rows as were asked for
    bool some_way_open = false;         // a route that nothing holds back
  };
  asio::awaitable<void> send(checkins::Claimed claimed, std::string route);
  /// Hands a text over; where it is refused as blocked and answers a START, the block is lifted
  /// first.
  asio::awaitable<providers::SendReply> submit(std::shared_ptr<Carrier> carrier,
                                               checkins::Claimed claimed);
  /// The gate, asked again at this moment about a text that is under way. False where the store
  /// cannot say.
  bool may_go(store::RowId message);
  /// Asks the provider what became of a text whose fate is unknown, where it can say.
  asio::awaitable<void> look_up(std::string provider, std::string reference);
  asio::awaitable<std::vector<checkins::Claimed>> claim(std::shared_ptr<const Live> live,
                                                        std::vector<Pick> picks);
  Round pick(const Live& live, Instant now);
  Round look(const Live& live, Instant now, int limit);
  /// May one more text leave this way now? If not, `next` says when to look again, if time helps.
  bool open(const Live& live, const config::Route& route, const store::RouteState* state,
            int picked, std::optional<Instant>& next, Instant now);
  void charge(const Live& live, const config::Route& route, int segments);
  void answered(const std::string& route, providers::SendOutcome outcome, bool halted);
  void start(const Live& live, const std::vector<Pick>& picks,
             std::vector<checkins::Claimed> claimed);
  [[nodiscard]] std::string new_reference();

  Gateway& g_;
  Supervisor& tasks_;
  std::map<std::string, Way> ways_;  // by route: as many as are configured
  int in_flight_ = 0;
  bool closed_ = false;
};

}  // namespace moodline::actors
