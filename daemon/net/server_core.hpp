// What the server and its connections share. Internal to daemon/net.
#pragma once
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "daemon/net/address_limits.hpp"
#include "daemon/net/http_server.hpp"

namespace moodline::net {

/// An honest request has arrived whole by then; one that has not may lose its place.
constexpr std::chrono::seconds arriving_grace{2};

struct Listener {
  std::string name;
  Handler handler;
  TcpListener tcp;   // for TLS files to read again
  std::string path;  // of a Unix socket, removed at the end
  std::variant<std::monostate, asio::ip::tcp::acceptor, asio::local::stream_protocol::acceptor>
      acceptor;
  std::shared_ptr<asio::ssl::context> tls;  // null: plain

  void close();
};

/// One connection, as the server sees it.
class SessionBase {
 public:
  SessionBase() = default;
  SessionBase(const SessionBase&) = delete;
  SessionBase& operator=(const SessionBase&) = delete;
  virtual ~SessionBase() = default;
  virtual void close() = 0;
  bool busy = false;                  // from a request's first byte to its answer's last
  bool reading = false;               // the request is still arriving
  std::chrono::nanoseconds since{0};  // it waits for a request, or the request arrives, since then
  std::string address_key;            // counted by AddressLimits::opened; empty: counted nowhere
};

struct ServerCore {
  asio::any_io_executor io;
  const ports::WireClock& wire;
  ports::Monotonic& monotonic;
  ServerLimits limits;
  ServerHooks hooks;
  AddressLimits addresses;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::set<SessionBase*> sessions;
  std::shared_ptr<asio::steady_timer> drained;  // cancelled when the last session leaves
  bool draining = false;

  void refused(const Listener& listener, std::string_view why) const {
    if (hooks.on_refused) hooks.on_refused(listener.name, why);
  }
  void leave(SessionBase* session) {
    sessions.erase(session);
    if (sessions.empty() && drained) drained->cancel();
  }
  /// A place for somebody new: whoever has kept one the longest without asking for anything goes,
  /// else whose request has been arriving for over arriving_grace. Of this address, or of any
  /// where `key` is empty. False where everybody is being served.
  bool make_room(const Listener& listener, const std::string& key);
};

/// Spawns the connection's coroutine; it signs on and off with the core. `origin` holds remote,
/// listener and peer; `address_key` was counted by AddressLimits::opened, or is empty.
void start_session(const std::shared_ptr<ServerCore>& core,
                   const std::shared_ptr<Listener>& listener,
                   asio::generic::stream_protocol::socket socket, Request origin,
                   std::string address_key);

}  // namespace moodline::net
