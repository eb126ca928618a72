// Process: the production actors over real SQLite, wired as the daemon wires them, on a virtual
// clock. It may stop at any named point; the world and the disk go on. Thread: the simulation's.
#pragma once
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tests/sim/world.hpp"
#include "tests/support/virtual_daemon.hpp"

namespace moodline::sim {

namespace asio = boost::asio;

/// What a named point throws when the process stops there.
struct Crash final : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "the simulated process stops"; }
};

using testing::Wire;

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

class Process final : public testing::VirtualDaemon, public ports::CrashPoints {
 public:
  Process(World& world, testing::FaultDisk& disk, Wire& wire,
          std::shared_ptr<const actors::Live> live, std::uint64_t seed, CrashPlan plan,
          Millis clock_off);
  ~Process() override;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Opens the store, recovers, starts the loops. False where it stopped on the way.
  bool start();
  /// Moves on to the world's time and runs what is ready; ends early when it crashed.
  void run();
  [[nodiscard]] bool crashed() const { return crashed_; }
  [[nodiscard]] const std::string& crashed_at() const { return crashed_at_; }
  void carry(Hook hook);
  /// A write by an admin; not run once crashed. `done`: told once it is committed.
  void admin(store::Write write, std::function<void()> done = {});
  void set_plan(CrashPlan plan) { plan_ = plan; }
  /// As the world's clock shows it: this machine's own may be wrong.
  [[nodiscard]] std::optional<Instant> next_due() const;
  /// The machine's clock goes by so much, forward or back; the monotonic one does not.
  void step(Millis by);
  /// A new configuration was read and is in use.
  void reload(std::shared_ptr<const actors::Live> live);
  /// A copy under this name; stops the process after so many changes of the disk, where given.
  Result<void> back_up(const std::string& name, std::optional<std::uint64_t> stop_after);

  asio::awaitable<ports::HttpResult> fetch(providers::HttpCall call,
                                           ports::HttpLimits limits) override;
  void at(std::string_view name) override;
  /// Told of every visit of a named point. May be empty.
  std::function<void(std::string_view)> on_point;
  void on_fatal(std::string_view task) override;

 private:
  asio::awaitable<void> take(std::uint64_t id);
  asio::awaitable<void> begin_all();
  asio::awaitable<void> tell_changes();
  asio::awaitable<void> write_then(store::Write write, std::function<void()> done);
  std::string told_on_leave(store::ReadTx& tx, const store::Message& message);
  void stop_at(std::string_view where);
  Handed describe(const std::string& body);

  World& world_;
  testing::FaultDisk& disk_;
  std::shared_ptr<const actors::Live> live_;
  CrashPlan plan_;
  Millis clock_off_;
  Dice crash_dice_;
  NoHttp no_http_;
  std::map<std::uint64_t, Hook> hooks_;  // taken, not answered yet
  std::uint64_t next_hook_ = 0;
  bool crashed_ = false;
  std::string crashed_at_;
};

store::StoreOptions sim_store_options(const testing::FaultDisk& disk);
inline constexpr const char* webhook_secret = "simulated-handsets";

}  // namespace moodline::sim
