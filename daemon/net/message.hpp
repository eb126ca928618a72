// A request and an answer as our handlers see them: plain data, no HTTP library in sight.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "providers/provider.hpp"

namespace moodline::net {

namespace asio = boost::asio;
using providers::Headers;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Who is at the other end of a Unix socket, as the kernel says (SO_PEERCRED).
struct PeerCredentials {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int32_t pid = 0;
};

struct Request {
  std::string method;                   // "GET"
  std::string target;                   // raw, as sent: "/hooks/x?a=%20b"
  Headers headers;                      // names in lower case, order kept
  std::string body;                     // raw bytes
  std::string remote;                   // IP address without port; empty on a Unix socket
  std::string listener;                 // the name it was given
  std::optional<PeerCredentials> peer;  // Unix sockets only

  /// The first header of that (lower-case) name; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  Headers headers;  // besides Content-Type, Content-Length, Date and Connection
  std::string body;
};

/// Runs on the io thread; owns its request. An exception becomes 503 with Retry-After: a fault of
/// ours must never look like a fault of the caller, some providers drop a text on 4xx.
using Handler = std::function<asio::awaitable<Response>(Request)>;

/// {"error": {"code": ..., "message": ...}} as application/json.
Response error_response(int status, std::string_view code, std::string_view message);
/// "Not Found" for 404; empty for numbers nobody uses.
std::string_view reason(int status);

/// A raw target cut at the first "?".
struct Target {
  std::vector<std::string> segments;  // of the path, percent-decoded: "/a/b%2Fc" is {"a", "b/c"}
  Pairs query;                        // decoded, order kept, "+" is a space
};
/// Nothing for a target that does not start with "/", a broken percent escape, or a NUL.
std::optional<Target> parse_target(std::string_view target);
/// application/x-www-form-urlencoded; nothing on a broken escape.
std::optional<Pairs> parse_form(std::string_view body);
/// The first value of that name.
std::optional<std::string> value_of(const Pairs& pairs, std::string_view name);
/// Percent-encodes everything but unreserved characters (RFC 3986).
std::string percent_encode(std::string_view text);

}  // namespace moodline::net
