// HttpServer: HTTP/1.1 over TCP, TLS and Unix sockets, with a bound on everything a stranger may
// send, hold open or repeat. Bodies and targets are never logged.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "daemon/net/message.hpp"
#include "daemon/ports/clock.hpp"
#include "rules/base/result.hpp"

namespace moodline::net {

struct ServerLimits {
  std::size_t header_bytes_max = 8 * 1024;  // request line and headers: 431, or 414 for the line
  std::size_t target_bytes_max = 4 * 1024;  // 414
  std::size_t body_bytes_max = 64 * 1024;   // 413
  int connections_max = 1024;               // of the whole server: 503 and close
  int connections_per_address_max = 256;    // 503 and close; IPv6 by /64; not on Unix sockets
  int requests_per_connection_max = 1000;   // then Connection: close
  int idle_s = 60;                          // between requests
  int read_s = 15;                          // first byte of a request to its last: 408
  int write_s = 15;                         // one answer
  int tls_handshake_s = 10;
  double requests_per_s_per_address = 0;  // 429 beyond it; 0: no limit
  int burst_per_address = 200;            // requests at once under that limit
};

struct TcpListener {
  std::string name;     // for metrics and Request::listener
  std::string address;  // "127.0.0.1", "::"; an IP address
  std::uint16_t port = 0;
  std::string tls_certificate_file;  // PEM chain; empty: plain HTTP
  std::string tls_key_file;
};

struct UnixListener {
  std::string name;
  std::string path;           // a stale socket there is replaced, a live one is refused
  std::uint32_t mode = 0660;  // of the socket file
};

/// For metrics. Both may be empty.
struct ServerHooks {
  std::function<void(const std::string& listener, int status, std::chrono::nanoseconds took)>
      on_answer;
  /// "connections", "address", "rate", "timeout", "malformed", "too_large", "tls"
  std::function<void(const std::string& listener, std::string_view why)> on_refused;
};

/// Thread: io, everything. Must be destroyed before `wire` and `monotonic`; connections still open
/// then end with the io_context.
class HttpServer {
 public:
  HttpServer(asio::any_io_executor io, const ports::WireClock& wire, ports::Monotonic& monotonic,
             ServerLimits limits, ServerHooks hooks);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Binds and starts to accept. Returns the port (chosen by the system for port 0).
  /// Faults: "bad_address", "port_in_use", "not_permitted", "cannot_listen", "bad_certificate".
  Result<std::uint16_t> listen(const TcpListener& where, Handler handler);
  /// Faults: "socket_in_use", "not_permitted", "cannot_listen".
  Result<void> listen(const UnixListener& where, Handler handler);
  /// Reads certificate and key files again; connections made from now on use them.
  Result<void> reload_certificates();

  /// Accepts no more, closes idle connections, lets requests under way be answered (with
  /// Connection: close), and closes what is left after `limit`.
  asio::awaitable<void> drain(Millis limit);
  [[nodiscard]] int connections() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace moodline::net
