// Parts: what a Daemon owns, in the order it must be destroyed (last first).
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <optional>

#include "daemon/actors/deadlines.hpp"
#include "daemon/actors/heartbeat.hpp"
#include "daemon/actors/inbox.hpp"
#include "daemon/actors/outbox.hpp"
#include "daemon/actors/supervise.hpp"
#include "daemon/net/curl_client.hpp"
#include "daemon/net/http_server.hpp"
#include "daemon/store/open.hpp"
#include "daemon/wiring/daemon.hpp"

namespace moodline::wiring {

/// What an admin's tool or a program may send at once: a CSV file of people to import.
constexpr std::size_t import_bytes_max = 9UL * 1024 * 1024;

/// Who asks over the control socket, as the audit trail names them.
inline std::string admin_of(const net::Request& request) {
  return request.peer ? "admin:uid=" + std::to_string(request.peer->uid) : std::string("admin");
}

struct Daemon::Parts {
  DaemonOptions options;
  boost::asio::io_context io{1};
  ports::RealWireClock wire;
  ports::RealMonotonic monotonic;
  ports::SystemRandom random;
  std::unique_ptr<ports::ServiceClock> clock;
  ports::ScaledClock* scaled = nullptr;
  std::unique_ptr<ports::CrashPoints> crash;
  actors::Metrics metrics;
  net::CurlClient http{io.get_executor(), {}};
  std::unique_ptr<store::Store> store;
  std::optional<actors::Gateway> gateway;
  std::optional<actors::Supervisor> tasks;
  std::optional<actors::Outbox> outbox;
  std::optional<actors::Inbox> inbox;
  std::optional<actors::Deadlines> deadlines;
  std::optional<actors::Heartbeat> heartbeat;
  net::Router hooks;
  net::Router pages;
  net::Router control;
  net::Router api;
  std::optional<net::HttpServer> hook_server;
  std::optional<net::HttpServer> page_server;
  std::optional<net::HttpServer> control_server;
  std::optional<net::HttpServer> api_server;
  std::uint16_t hook_port = 0;
  std::uint16_t page_port = 0;
  std::uint16_t api_port = 0;
  boost::asio::signal_set signals{io};
  boost::asio::thread_pool aside{1};  // configurations, backups; joined before anything else goes
  bool stopping = false;
  int exit_code = 0;

  explicit Parts(DaemonOptions o) : options(std::move(o)) {}

  Result<void> load_and_open();
  Result<void> open_store(const config::Settings& settings);
  Result<void> listen(const config::Settings& settings);
  void add_routes();
  void add_pages();
  void add_api();
  Result<void> listen_api(const config::Endpoint& where, net::ServerHooks hooks_of);
  net::Response jump(const net::Request& request);
  void start_actors(Daemon& daemon);
  void finish_writes();
  boost::asio::awaitable<void> begin();
  boost::asio::awaitable<void> tell_changes();
  void tell_changes_surely();
  boost::asio::awaitable<void> watch_spools();
  boost::asio::awaitable<void> watchdog();
  boost::asio::awaitable<void> shut_down();
  boost::asio::awaitable<void> await_signals(Daemon& daemon);
};

/// systemd's readiness and watchdog messages; nothing when not run by it.
void notify_systemd(const char* state);

}  // namespace moodline::wiring
