// The one file with Beast in it. A connection is one coroutine: read a request under its bounds,
// hand it over, write the answer, again. Pipelined requests wait in a bounded buffer.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "daemon/net/server_core.hpp"

namespace moodline::net {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;
using Plain = beast::basic_stream<asio::generic::stream_protocol, asio::any_io_executor>;
using Tls = beast::ssl_stream<Plain>;
using std::chrono::seconds;

constexpr std::size_t read_chunk_bytes = 4096;
constexpr std::size_t linger_bytes_max = 256 * 1024;  // read and dropped after a refusal
constexpr int linger_s = 2;

auto into(error_code& ec) {
  return asio::redirect_error(asio::use_awaitable, ec);
}

std::string http_date(Instant t) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(t.ms / 1000));
}

/// A header of ours that would break the answer apart is dropped, and said.
bool header_is_safe(const std::string& name, const std::string& value) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !name.empty() && std::none_of(name.begin(), name.end(), control) &&
         std::none_of(value.begin(), value.end(), control);
}

/// Why a request was not read, or the request.
struct Incoming {
  bool ended = false;  // nothing to answer
  int status = 0;      // 0: `request` is there
  std::string_view why;
  Request request;
  bool keep_alive = false;
  unsigned version = 11;
};

/// One connection. Owns its stream; signs on and off with the core.
template <class Stream>
struct Session final : SessionBase {
  template <class... Args>
  Session(std::shared_ptr<ServerCore> c, std::shared_ptr<Listener> l, Request o, std::string key,
          Args&&... args)
      : core(std::move(c)),
        listener(std::move(l)),
        origin(std::move(o)),
        stream(std::forward<Args>(args)...),
        buffer(core->limits.header_bytes_max + core->limits.body_bytes_max + read_chunk_bytes),
        read_timer(core->io) {
    address_key = std::move(key);
    since = core->monotonic.elapsed();
    core->sessions.insert(this);
  }
  ~Session() override {
    if (!address_key.empty()) core->addresses.closed(address_key);
    core->leave(this);
  }
  void close() override { beast::get_lowest_layer(stream).close(); }
  void limit(int s) { beast::get_lowest_layer(stream).expires_after(seconds(s)); }
  void no_limit() { beast::get_lowest_layer(stream).expires_never(); }
  void start_reading();

  asio::awaitable<Incoming> read();
  asio::awaitable<bool> wait_for_first_byte();
  Incoming refusal(const error_code& ec, std::string_view target) const;
  asio::awaitable<Response> handle(Request request);
  asio::awaitable<bool> write(Response response, const Incoming& in, bool keep_alive);
  asio::awaitable<void> linger();
  asio::awaitable<void> handshake(bool& ok);

  std::shared_ptr<ServerCore> core;
  std::shared_ptr<Listener> listener;
  Request origin;  // remote, listener and peer; the rest is empty
  Stream stream;
  beast::flat_buffer buffer;
  // Beast's own time-out closes the socket; this one leaves it open for a 408.
  asio::steady_timer read_timer;
  std::shared_ptr<Session*> self = std::make_shared<Session*>(this);
  bool timed_out = false;
};

template <class Stream>
void Session<Stream>::start_reading() {
  no_limit();
  reading = true;
  since = core->monotonic.elapsed();
  read_timer.expires_after(seconds(core->limits.read_s));
  read_timer.async_wait([weak = std::weak_ptr(self)](error_code ec) {
    const auto session = weak.lock();
    // A timer that fired just as the request was complete must not cut its answer.
    if (ec || !session || !(*session)->reading) return;
    (*session)->timed_out = true;
    beast::get_lowest_layer((*session)->stream).cancel();
  });
}

template <class Stream>
asio::awaitable<bool> Session<Stream>::wait_for_first_byte() {
  if (buffer.size() > 0) co_return true;
  limit(core->limits.idle_s);
  error_code ec;
  const auto n = co_await stream.async_read_some(buffer.prepare(read_chunk_bytes), into(ec));
  buffer.commit(n);
  co_return !ec;
}

template <class Stream>
Incoming Session<Stream>::refusal(const error_code& ec, std::string_view target) const {
  Incoming in;
  if (ec == http::error::header_limit) {
    in.status = target.empty() ? 414 : 431;
    in.why = "too_large";
  } else if (ec == http::error::body_limit) {
    in.status = 413;
    in.why = "too_large";
  } else if (timed_out) {
    in.status = 408;
    in.why = "timeout";
  } else if (ec.category() == http::make_error_code(http::error::bad_method).category() &&
             ec != http::error::end_of_stream && ec != http::error::partial_message) {
    in.status = 400;
    in.why = "malformed";
  } else {
    in.ended = true;
  }
  return in;
}

/// Rules of HTTP/1.1 that the parser leaves to us; 0 when all is well.
template <class Parser>
int header_fault(const Parser& parser, const ServerLimits& limits) {
  const auto& head = parser.get();
  if (head.target().size() > limits.target_bytes_max) return 414;
  if (head.version() == 11 && head.count(http::field::host) != 1) return 400;
  const auto verb = head.method();
  const bool sends =
      verb == http::verb::post || verb == http::verb::put || verb == http::verb::patch;
  if (sends && !parser.content_length() && !parser.chunked()) return 411;
  return 0;
}

/// The whole message as our plain Request.
template <class Message>
Request plain(Message&& message, const Request& origin) {
  Request out = origin;
  out.method = std::string(message.method_string());
  out.target = std::string(message.target());
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    out.headers.emplace_back(std::move(name), std::string(field.value()));
  }
  out.body = std::move(message.body());
  return out;
}

template <class Stream>
asio::awaitable<Incoming> Session<Stream>::read() {
  Incoming in;
  if (!co_await wait_for_first_byte()) {
    in.ended = true;
    co_return in;
  }
  busy = true;
  start_reading();
  http::request_parser<http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(core->limits.header_bytes_max));
  parser.body_limit(core->limits.body_bytes_max);
  error_code ec;
  co_await http::async_read_header(stream, buffer, parser, into(ec));
  if (ec) co_return refusal(ec, parser.get().target());
  in.version = parser.get().version();
  if (const int status = header_fault(parser, core->limits)) {
    in.status = status;
    in.why = status == 414 ? "too_large" : "malformed";
    co_return in;
  }
  if (beast::iequals(parser.get()[http::field::expect], "100-continue") && !parser.is_done()) {
    http::response<http::empty_body> go_on{http::status::continue_, in.version};
    co_await http::async_write(stream, go_on, into(ec));
  }
  if (!ec) co_await http::async_read(stream, buffer, parser, into(ec));
  if (ec) co_return refusal(ec, parser.get().target());
  reading = false;
  read_timer.cancel();
  in.keep_alive = parser.get().keep_alive();
  in.request = plain(parser.release(), origin);
  co_return in;
}

template <class Stream>
asio::awaitable<Response> Session<Stream>::handle(Request request) {
  if (!address_key.empty() && !core->addresses.request(address_key, core->monotonic.elapsed())) {
    core->refused(*listener, "rate");
    Response slow = error_response(429, "too_many_requests", "too many requests; wait and repeat");
    slow.headers.emplace_back("Retry-After", std::to_string(core->addresses.retry_after_s()));
    co_return slow;
  }
  try {
    co_return co_await listener->handler(std::move(request));
  } catch (const std::exception& e) {
    spdlog::error("listener {}: a handler failed: {}", listener->name, e.what());
  }
  Response ours = error_response(503, "unavailable", "the service has a fault; repeat later");
  ours.headers.emplace_back("Retry-After", "30");
  co_return ours;
}

template <class Stream>
asio::awaitable<bool> Session<Stream>::write(Response response, const Incoming& in,
                                             bool keep_alive) {
  http::response<http::string_body> out;
  out.version(in.version);
  out.result(static_cast<unsigned>(response.status));
  out.reason(reason(response.status));
  out.set(http::field::date, http_date(core->wire.now()));
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) out.set(http::field::content_type, response.content_type);
  out.set("X-Content-Type-Options", "nosniff");
  out.set(http::field::cache_control, "no-store");
  for (const auto& [name, value] : response.headers) {
    if (header_is_safe(name, value)) {
      // Set-Cookie is the one header that repeats.
      if (beast::iequals(name, "set-cookie")) {
        out.insert(name, value);
      } else {
        out.set(name, value);
      }
    } else {
      spdlog::error("listener {}: a header with control characters was dropped", listener->name);
    }
  }
  out.keep_alive(keep_alive);
  if (!bodiless) out.content_length(response.body.size());
  if (!bodiless && in.request.method != "HEAD") out.body() = std::move(response.body);
  limit(core->limits.write_s);
  error_code ec;
  co_await http::async_write(stream, out, into(ec));
  co_return !ec;
}

/// A refused sender may still be sending; closing at once would reset the connection and lose our
/// answer on its way.
template <class Stream>
asio::awaitable<void> Session<Stream>::linger() {
  error_code ec;
  auto& socket = beast::get_lowest_layer(stream).socket();
  socket.shutdown(Socket::shutdown_send, ec);
  limit(linger_s);
  std::array<char, read_chunk_bytes> dropped{};
  for (std::size_t n = 0; !ec && n < linger_bytes_max;) {
    n += co_await beast::get_lowest_layer(stream).async_read_some(asio::buffer(dropped), into(ec));
  }
}

template <class Stream>
asio::awaitable<void> Session<Stream>::handshake(bool& ok) {
  ok = true;
  if constexpr (std::is_same_v<Stream, Tls>) {
    limit(core->limits.tls_handshake_s);
    error_code ec;
    co_await stream.async_handshake(asio::ssl::stream_base::server, into(ec));
    if (ec) {
      core->refused(*listener, "tls");
      ok = false;
    }
  }
  co_return;
}

template <class Stream>
asio::awaitable<void> serve(std::unique_ptr<Session<Stream>> session) {
  auto& s = *session;
  const auto core = s.core;
  bool ok = false;
  co_await s.handshake(ok);
  for (int served = 1; ok; ++served) {
    s.busy = false;
    s.since = core->monotonic.elapsed();
    if (core->draining && s.buffer.size() == 0) break;
    Incoming in = co_await s.read();
    if (in.ended) break;
    const auto began = core->monotonic.elapsed();
    Response response;
    if (in.status != 0) {
      core->refused(*s.listener, in.why);
      response = error_response(in.status, in.why, reason(in.status));
    } else {
      Request request = std::move(in.request);
      in.request.method = request.method;
      response = co_await s.handle(std::move(request));
    }
    const bool keep = in.status == 0 && in.keep_alive && !core->draining &&
                      served < core->limits.requests_per_connection_max;
    const int status = response.status;
    ok = co_await s.write(std::move(response), in, keep);
    if (core->hooks.on_answer) {
      core->hooks.on_answer(s.listener->name, status, core->monotonic.elapsed() - began);
    }
    if (!keep) {
      if (ok) co_await s.linger();
      break;
    }
  }
}

template <class Stream, class... Args>
void start(const std::shared_ptr<ServerCore>& core, Args&&... args) {
  auto session = std::make_unique<Session<Stream>>(core, std::forward<Args>(args)...);
  asio::co_spawn(core->io, serve(std::move(session)), [](const std::exception_ptr& error) {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      spdlog::warn("a connection ended with an exception: {}", e.what());
    }
  });
}

}  // namespace

void start_session(const std::shared_ptr<ServerCore>& core,
                   const std::shared_ptr<Listener>& listener, Socket socket, Request origin,
                   std::string address_key) {
  if (listener->tls) {
    start<Tls>(core, listener, std::move(origin), std::move(address_key), Plain(std::move(socket)),
               *listener->tls);
  } else {
    start<Plain>(core, listener, std::move(origin), std::move(address_key), std::move(socket));
  }
}

}  // namespace moodline::net
