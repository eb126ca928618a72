// Process: the production actors over real SQLite, wired as the daemon wires them, on a virtual
// clock. It may stop at any named point; the world and the disk go on. Thread: the simulation's.
#pragma once
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "daemon/actors/deadlines.hpp"
#include "daemon/actors/inbox.hpp"
#include "daemon/actors/live.hpp"
#include "daemon/actors/outbox.hpp"
#include "daemon/actors/supervise.hpp"
#include "daemon/ports/clocks.hpp"
#include "daemon/ports/http_client.hpp"
#include "daemon/store/open.hpp"
#include "tests/sim/world.hpp"
#include "tests/support/fault_disk.hpp"

namespace moodline::sim {

namespace asio = boost::asio;

/// What a named point throws when the process stops there.
struct Crash final : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "the simulated process stops"; }
};

/// Configuration is loaded once and outlives every process; its clock and client point to whichever
/// process runs.
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

struct CrashPlan {
  int of_ten_thousand = 0;  // chance at each visit of a named point
};

/// No errand of a webhook leaves the simulation: simulated handsets need no certificate.
class NoHttp final : public ports::HttpClient {
 public:
  asio::awaitable<ports::HttpResult> fetch(providers::HttpCall call,
                                           ports::HttpLimits limits) override {
    (void)call;
    (void)limits;
    ports::HttpFailure f;
    f.kind = ports::HttpFailureKind::could_not_connect;
    co_return tl::unexpected(f);
  }
};

class Process final : public ports::HttpClient, public ports::CrashPoints {
 public:
  Process(World& world, testing::FaultDisk& disk, Wire& wire,
          std::shared_ptr<const actors::Live> live, std::uint64_t seed, CrashPlan plan);
  ~Process() override;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Opens the store, recovers, starts the loops. False where it stopped on the way.
  bool start();
  /// Moves on to the world's time and runs what is ready; ends early when it crashed.
  void run();
  [[nodiscard]] bool crashed() const { return crashed_; }
  [[nodiscard]] const std::string& crashed_at() const { return crashed_at_; }
  [[nodiscard]] std::optional<Instant> next_due() const { return time_.next_due(); }
  void carry(Hook hook);
  /// A write by an admin; not run once crashed.
  void admin(store::Write write);
  [[nodiscard]] store::Store& store() { return *store_; }
  [[nodiscard]] const actors::Live& live() const { return *live_; }
  void set_plan(CrashPlan plan) { plan_ = plan; }
  [[nodiscard]] std::uint64_t seed() { return random_.uniform(UINT64_MAX); }

  asio::awaitable<ports::HttpResult> fetch(providers::HttpCall call,
                                           ports::HttpLimits limits) override;
  void at(std::string_view name) override;

 private:
  asio::awaitable<void> begin();
  asio::awaitable<void> take(std::uint64_t id);
  asio::awaitable<void> write(store::Write w);
  Handed describe(const std::string& body);

  World& world_;
  testing::FaultDisk& disk_;
  Wire& wire_;
  std::shared_ptr<const actors::Live> live_;
  CrashPlan plan_;
  asio::io_context io_{1};
  ports::VirtualTime time_;
  ports::VirtualClock clock_{time_};
  ports::VirtualWireClock wire_clock_{time_};
  ports::VirtualMonotonic monotonic_{time_};
  ports::SeededRandom random_;
  Dice crash_dice_;
  actors::Metrics metrics_;
  std::unique_ptr<store::Store> store_;
  std::optional<actors::Gateway> gateway_;
  std::optional<actors::Supervisor> tasks_;
  std::optional<actors::Outbox> outbox_;
  NoHttp no_http_;
  std::optional<actors::Inbox> inbox_;
  std::optional<actors::Deadlines> deadlines_;
  std::map<std::uint64_t, Hook> hooks_;  // taken, not answered yet
  std::uint64_t next_hook_ = 0;
  bool crashed_ = false;
  std::string crashed_at_;
};

/// The same keys in every run: they must not decide anything that is seen.
store::StoreOptions store_options(const testing::FaultDisk& disk);
inline constexpr const char* webhook_secret = "simulated-handsets";

}  // namespace moodline::sim
