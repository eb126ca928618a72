// One HTTP call as libcurl sees it: an easy handle, what came back, and whether it was sent.
// Internal to daemon/net.
#pragma once
#include <curl/curl.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>

#include "daemon/net/curl_client.hpp"

namespace moodline::net {

struct EasyCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;
using List = std::unique_ptr<curl_slist, ListCleanup>;

/// Anything the multi handle runs: an HTTP call or an email.
struct Transfer {
  explicit Transfer(const asio::any_io_executor& io)
      : easy(curl_easy_init()), done(io, asio::steady_timer::time_point::max()) {}
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  virtual ~Transfer() = default;

  /// Ends the wait of the coroutine that started it. Posts, never resumes in place.
  void finish(CURLcode code) {
    result = code;
    finished = true;
    done.cancel();
  }
  /// Whether a byte of ours may have left, judged while the easy handle still knows.
  [[nodiscard]] bool sent() const;

  Easy easy;
  List lines;  // headers or recipients
  asio::steady_timer done;
  CURLcode result = CURLE_OK;
  bool finished = false;
  bool running = false;    // handed to the multi handle
  bool gave_up = false;    // dropped by us: the client closes
  int requests_begun = 0;  // how often curl was about to send the request
};

struct HttpTransfer final : Transfer {
  using Transfer::Transfer;
  /// False: the call cannot be made ("bad_call").
  bool prepare(providers::HttpCall call, const ports::HttpLimits& limits,
               const CurlOptions& options);
  ports::HttpResult take_result();

  providers::HttpCall call;  // curl reads the body from here
  providers::HttpReply reply;
  std::size_t body_bytes_max = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;
  bool headers_complete = false;
};

/// Options that every transfer has: time-outs, TLS, proxy, no redirects, no environment.
void set_common(Transfer& transfer, const CurlOptions& options, int timeout_s);

}  // namespace moodline::net
