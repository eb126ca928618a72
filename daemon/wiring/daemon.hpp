// Daemon: the one place where ports, store, actors and listeners are put together. Used by
// moodlined, by `moodline demo` and by tests of the whole. Thread: io, but for run().
#pragma once
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/actors/gateway.hpp"
#include "daemon/actors/live.hpp"
#include "daemon/net/router.hpp"
#include "daemon/ports/clocks.hpp"

namespace moodline::wiring {

struct DaemonOptions {
  actors::LiveOptions live;
  std::string master_key_file;     // empty: the credential that service.yaml names
  std::string lookup_key_file;     // empty: the credential "moodline-lookup-key"
  bool ephemeral_keys = false;     // demo: keys that are in no file
  std::string database;            // not empty: instead of service.yaml's paths
  std::string control_socket;      // not empty: instead of service.yaml's
  const char* crash_at = nullptr;  // MOODLINE_CRASH_AT; demo and test modes only
};

class Daemon {
 public:
  explicit Daemon(DaemonOptions options);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Loads, opens, recovers, listens. Faults: "bad_config" (message: every problem, one a line),
  /// a store's code, or a listener's. Nothing has been sent when it fails.
  Result<void> start();
  /// Serves until stop(); then finishes or parks what is in flight. Returns an exit code.
  int run();
  /// Any thread, and signal handlers through the io_context.
  void stop();
  /// Swaps the whole configuration or keeps the old one. The message says which, and
  /// what only a restart takes up; `by` is who asked, for the trail. Files and packs
  /// are read on a thread of their own, so that webhooks and the watchdog do not wait for them.
  boost::asio::awaitable<Result<std::string>> reload(std::string by);

  [[nodiscard]] actors::Gateway& gateway();
  /// Routes of the pages listener; add to it before start().
  [[nodiscard]] net::Router& pages();
  /// The scaled clock of demo and test modes; null in live mode.
  [[nodiscard]] ports::ScaledClock* scaled_clock();
  [[nodiscard]] boost::asio::any_io_executor executor();
  [[nodiscard]] std::uint16_t webhooks_port() const;
  [[nodiscard]] std::uint16_t pages_port() const;
  [[nodiscard]] std::uint16_t api_port() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Runs one action over the store inside a transaction, as socket and API do.
boost::asio::awaitable<Result<boost::json::value>> run_in_store(actors::Gateway& g,
                                                                std::string action,
                                                                boost::json::object args,
                                                                std::string actor);

}  // namespace moodline::wiring
