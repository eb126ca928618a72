// One run of the daemon's actors over real SQLite, wired as the daemon wires them, on virtual time.
// Disk, phones and configuration outlive it. What the simulation, the rule cases and the people's
// lines share; each adds its world. Thread: the test's.
#pragma once
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/actors/deadlines.hpp"
#include "daemon/actors/inbox.hpp"
#include "daemon/actors/live.hpp"
#include "daemon/actors/outbox.hpp"
#include "daemon/actors/supervise.hpp"
#include "daemon/ports/clocks.hpp"
#include "daemon/ports/crash_points.hpp"
#include "daemon/ports/http_client.hpp"
#include "daemon/store/open.hpp"
#include "tests/support/fault_disk.hpp"

namespace moodline::testing {

namespace asio = boost::asio;

/// Configuration is loaded once and outlives every run; its clock and client point to whichever
/// daemon runs.
class Wire final : public ports::HttpClient, public ports::WireClock {
 public:
  ports::HttpClient* client = nullptr;
  ports::WireClock* clock = nullptr;
  asio::awaitable<ports::HttpResult> fetch(providers::HttpCall call,
                                           ports::HttpLimits limits) override {
    return client->fetch(std::move(call), limits);
  }
  [[nodiscard]] Instant now() const override { return clock->now(); }
};

/// Every byte of the key the same.
store::KeyRingPtr ring(unsigned char byte);
/// A store in line on `disk`, with the same keys in every run: they must not decide what is seen.
store::StoreOptions store_options(const FaultDisk& disk);

class VirtualDaemon : public ports::HttpClient {
 public:
  VirtualDaemon(Wire& wire, Instant now, std::uint64_t seed);
  /// A subclass closes before its own members go.
  ~VirtualDaemon() override;
  VirtualDaemon(const VirtualDaemon&) = delete;
  VirtualDaemon& operator=(const VirtualDaemon&) = delete;

  /// Opens the store (`post` and `monotonic_us` are set here) and makes the actors. `errands`:
  /// calls that a webhook causes, such as fetching a certificate.
  void open(store::StoreOptions options, std::shared_ptr<const actors::Live> live,
            ports::CrashPoints& crash, ports::HttpClient& errands);
  /// Recovers and starts the loops, as the daemon does.
  asio::awaitable<void> begin();
  /// Runs what is ready at `now`, until nothing is or `enough` says so; throws where it spins.
  void run(Instant now, const std::function<bool()>& enough);
  /// A provider's webhook; the daemon's answer.
  asio::awaitable<net::Response> hand_in(std::string body, std::string secret,
                                         std::string provider);
  /// The same of the handsets that the sample calls phones.
  asio::awaitable<net::Response> hand_in(std::string body, std::string secret);
  asio::awaitable<void> commit(store::Write write);
  /// Ends the tasks inside the loop, then the store: some wait for its answer.
  void close();

  [[nodiscard]] std::optional<Instant> next_due() const { return time.next_due(); }
  [[nodiscard]] store::Store& store() { return *db; }
  [[nodiscard]] std::uint64_t seed() { return random.uniform(UINT64_MAX); }
  /// A task whose failure ends the process has failed.
  virtual void on_fatal(std::string_view task) { failed = task; }

  asio::io_context io{1};
  ports::VirtualTime time;
  ports::VirtualClock clock{time};
  ports::VirtualWireClock wire_clock{time};
  ports::VirtualMonotonic monotonic{time};
  ports::SeededRandom random;
  actors::Metrics metrics;
  std::unique_ptr<store::Store> db;
  std::optional<actors::Gateway> gateway;
  std::optional<actors::Supervisor> tasks;
  std::optional<actors::Outbox> outbox;
  std::optional<actors::Inbox> inbox;
  std::optional<actors::Deadlines> deadlines;
  std::string failed;

 private:
  Wire& wire_;
  bool closed_ = false;
};

}  // namespace moodline::testing
