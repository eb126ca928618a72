// Listening, admitting and draining; what happens on a connection is http_session.cpp's.
#include "daemon/net/http_server.hpp"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/net/listen_socket.hpp"
#include "daemon/net/server_core.hpp"

namespace moodline::net {
namespace {

using boost::system::error_code;
using tcp = asio::ip::tcp;
using unix_socket = asio::local::stream_protocol;

constexpr std::chrono::milliseconds accept_pause{100};  // after running out of descriptors

auto into(error_code& ec) {
  return asio::redirect_error(asio::use_awaitable, ec);
}

std::optional<PeerCredentials> credentials(int descriptor) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return std::nullopt;
  return PeerCredentials{who.uid, who.gid, who.pid};
}

/// Best effort: a full server neither waits for nor spends a coroutine on whom it turns away.
template <class Socket>
void turn_away(Socket& socket) {
  static constexpr std::string_view answer =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n";
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(answer), ignored);
  socket.shutdown(asio::socket_base::shutdown_send, ignored);
}

bool may_enter(ServerCore& core, const Listener& listener, const std::string& address_key) {
  const bool full = static_cast<int>(core.sessions.size()) >= core.limits.connections_max;
  if (full && !core.make_room(listener, {})) {
    core.refused(listener, "connections");
    return false;
  }
  if (address_key.empty() || core.addresses.opened(address_key)) return true;
  if (core.make_room(listener, address_key) && core.addresses.opened(address_key)) return true;
  core.refused(listener, "address");
  return false;
}

void admit(const std::shared_ptr<ServerCore>& core, const std::shared_ptr<Listener>& listener,
           tcp::socket socket) {
  error_code ec;
  const auto end = socket.remote_endpoint(ec);
  if (ec) return;  // gone already
  std::string key = AddressLimits::key_of(end.address());
  if (!may_enter(*core, *listener, key)) return turn_away(socket);
  socket.set_option(tcp::no_delay(true), ec);
  Request origin;
  origin.remote = end.address().to_string();
  origin.listener = listener->name;
  start_session(core, listener, std::move(socket), std::move(origin), std::move(key));
}

void admit(const std::shared_ptr<ServerCore>& core, const std::shared_ptr<Listener>& listener,
           unix_socket::socket socket) {
  if (!may_enter(*core, *listener, {})) return turn_away(socket);
  Request origin;
  origin.listener = listener->name;
  origin.peer = credentials(socket.native_handle());
  start_session(core, listener, std::move(socket), std::move(origin), {});
}

template <class Acceptor>
asio::awaitable<void> accept_all(std::shared_ptr<ServerCore> core,
                                 std::shared_ptr<Listener> listener) {
  auto& acceptor = std::get<Acceptor>(listener->acceptor);
  while (acceptor.is_open()) {
    error_code ec;
    auto socket = co_await acceptor.async_accept(into(ec));
    if (ec == asio::error::operation_aborted || !acceptor.is_open()) co_return;
    if (!ec) {
      admit(core, listener, std::move(socket));
      continue;
    }
    if (ec == asio::error::connection_aborted) continue;
    spdlog::error("listener {}: cannot accept: {}", listener->name, ec.message());
    if (ec == asio::error::no_descriptors) core->make_room(*listener, {});
    asio::steady_timer pause(core->io, accept_pause);
    co_await pause.async_wait(into(ec));
  }
}

}  // namespace

bool ServerCore::make_room(const Listener& listener, const std::string& key) {
  const auto now = monotonic.elapsed();
  SessionBase* longest = nullptr;
  for (SessionBase* s : sessions) {
    const bool slow = s->reading && now - s->since > arriving_grace;
    if ((s->busy && !slow) || (!key.empty() && s->address_key != key)) continue;
    const bool rather = longest == nullptr || (longest->busy && !s->busy) ||
                        (longest->busy == s->busy && s->since < longest->since);
    if (rather) longest = s;
  }
  if (longest == nullptr) return false;
  refused(listener, longest->busy ? "too_slow" : "idle");
  // Its coroutine ends a little later; the place is free now.
  sessions.erase(longest);
  if (!longest->address_key.empty()) addresses.closed(std::exchange(longest->address_key, {}));
  longest->close();
  return true;
}

void Listener::close() {
  error_code ignored;
  if (auto* t = std::get_if<tcp::acceptor>(&acceptor)) t->close(ignored);
  if (auto* u = std::get_if<unix_socket::acceptor>(&acceptor)) u->close(ignored);
  if (!path.empty()) ::unlink(std::exchange(path, {}).c_str());
}

struct HttpServer::Core : ServerCore {
  void close_listeners() {
    draining = true;
    for (const auto& listener : listeners) listener->close();
  }
  void close_sessions(bool busy_too) {
    // A copy: a session may leave while it is being closed.
    for (SessionBase* session : std::set(sessions)) {
      if (busy_too || !session->busy) session->close();
    }
  }
};

HttpServer::HttpServer(asio::any_io_executor io, const ports::WireClock& wire,
                       ports::Monotonic& monotonic, ServerLimits limits, ServerHooks hooks)
    : core_(std::make_shared<Core>(
          Core{{std::move(io),
                wire,
                monotonic,
                limits,
                std::move(hooks),
                AddressLimits(limits.connections_per_address_max, limits.requests_per_s_per_address,
                              limits.burst_per_address),
                {},
                {},
                nullptr,
                false}})) {}

HttpServer::~HttpServer() {
  core_->close_listeners();
  core_->close_sessions(true);
}

Result<std::uint16_t> HttpServer::listen(const TcpListener& where, Handler handler) {
  auto listener = std::make_shared<Listener>();
  listener->name = where.name;
  listener->handler = std::move(handler);
  listener->tcp = where;
  if (!where.tls_certificate_file.empty()) {
    auto tls = load_tls(where);
    if (!tls) return tl::unexpected(tls.error());
    listener->tls = std::move(*tls);
  }
  auto acceptor = open_tcp(core_->io, where);
  if (!acceptor) return tl::unexpected(acceptor.error());
  const auto port = acceptor->local_endpoint().port();
  listener->acceptor = std::move(*acceptor);
  core_->listeners.push_back(listener);
  asio::co_spawn(core_->io, accept_all<tcp::acceptor>(core_, listener), asio::detached);
  return port;
}

Result<void> HttpServer::listen(const UnixListener& where, Handler handler) {
  auto acceptor = open_unix(core_->io, where);
  if (!acceptor) return tl::unexpected(acceptor.error());
  auto listener = std::make_shared<Listener>();
  listener->name = where.name;
  listener->handler = std::move(handler);
  listener->path = where.path;
  listener->acceptor = std::move(*acceptor);
  core_->listeners.push_back(listener);
  asio::co_spawn(core_->io, accept_all<unix_socket::acceptor>(core_, listener), asio::detached);
  return {};
}

Result<void> HttpServer::reload_certificates() {
  for (const auto& listener : core_->listeners) {
    if (!listener->tls) continue;
    auto tls = load_tls(listener->tcp);
    if (!tls) return tl::unexpected(tls.error());
    listener->tls = std::move(*tls);
  }
  return {};
}

asio::awaitable<void> HttpServer::drain(Millis limit) {
  const auto core = core_;
  core->close_listeners();
  core->close_sessions(false);
  if (core->sessions.empty()) co_return;
  core->drained = std::make_shared<asio::steady_timer>(core->io, limit);
  error_code ec;
  co_await core->drained->async_wait(into(ec));
  core->drained = nullptr;
  core->close_sessions(true);
}

int HttpServer::connections() const {
  return static_cast<int>(core_->sessions.size());
}

}  // namespace moodline::net
