// CurlClient: the HTTP client of production, libcurl's multi interface on our io_context.
// Says exactly whether a failed call may have been carried out, and never lets curl repeat one.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "daemon/ports/http_client.hpp"

namespace moodline::net {

namespace asio = boost::asio;

struct CurlOptions {
  int in_flight_max = 64;      // calls beyond wait for a place
  int waiting_max = 10'000;    // calls beyond fail at once: could_not_connect, "busy"
  int connect_timeout_s = 10;  // name look-up, TCP and TLS together
  int idle_connections_max = 64;
  std::string proxy;    // "http://host:port"; empty: none, whatever the environment says
  std::string ca_file;  // empty: the system's
  std::string user_agent = "moodline";
};

/// An email to send, addresses without names: "a@example.org". UTF-8.
struct Mail {
  std::string from;
  std::string to;
  std::string subject;
  std::string text;
  std::string html;        // may be empty
  std::string message_id;  // "<...@...>", ours: the same on a repeat
};

struct SmtpOptions {
  std::string url;  // "smtps://host:465" or "smtp://host:587"; smtp:// off loopback needs STARTTLS
  std::string user;
  std::string password;
  int timeout_s = 60;
};

enum class MailOutcome { accepted, retry_later, rejected, unknown };

struct MailReply {
  MailOutcome outcome = MailOutcome::unknown;
  int code = 0;        // the server's last reply code, where there was one
  std::string detail;  // no address or text
};

/// Thread: io. Calls under way when it is destroyed end with maybe_sent, "closed".
class CurlClient final : public ports::HttpClient {
 public:
  CurlClient(asio::any_io_executor io, CurlOptions options);
  ~CurlClient() override;
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  /// Cancelling the task drops the call and throws operation_aborted.
  asio::awaitable<ports::HttpResult> fetch(providers::HttpCall call,
                                           ports::HttpLimits limits) override;
  /// `date` is the Date header (wire time).
  asio::awaitable<MailReply> send_mail(Mail mail, SmtpOptions options, Instant date);
  [[nodiscard]] int in_flight() const;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace moodline::net
