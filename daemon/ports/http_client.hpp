// The HTTP client as a port. What matters most about a failed call is whether it may have been
// carried out: a text that may have gone is not sent again.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <string>
#include <tl/expected.hpp>

#include "providers/provider.hpp"

namespace moodline::ports {

namespace asio = boost::asio;

enum class HttpFailureKind {
  could_not_connect,  // not one byte of the request was sent: safe to try again
  maybe_sent,         // the request may have arrived and been acted on
};

struct HttpFailure {
  HttpFailureKind kind = HttpFailureKind::maybe_sent;
  /// Stable short word for metrics: "dns", "connect", "tls", "timeout", "cut", "reply_too_large",
  /// "bad_reply", "bad_call", "busy", "closed".
  std::string code;
  /// For the log: no URL, header or body.
  std::string detail;
};

/// Any status at all is a reply; only its absence is a failure.
using HttpResult = tl::expected<providers::HttpReply, HttpFailure>;

struct HttpLimits {
  int timeout_s = 30;                       // the whole call
  std::size_t body_bytes_max = 256 * 1024;  // of the reply
};

/// Thread: io.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual asio::awaitable<HttpResult> fetch(providers::HttpCall call, HttpLimits limits) = 0;
};

}  // namespace moodline::ports
