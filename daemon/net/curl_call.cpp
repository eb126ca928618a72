#include "daemon/net/curl_call.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace moodline::net {
namespace {

using ports::HttpFailure;
using ports::HttpFailureKind;

constexpr std::size_t reply_header_bytes_max = 64 * 1024;

template <class T>
bool set(CURL* easy, CURLoption option, T value) {
  return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

/// Curl calls this each time it is about to send the request. The second time means that a kept
/// connection died under us and curl wants to repeat it; the first may have been acted on, so we
/// do not let it.
int on_request(void* self, char*, char*, int, int) {
  auto* transfer = static_cast<Transfer*>(self);
  return ++transfer->requests_begun > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
  auto* transfer = static_cast<HttpTransfer*>(self);
  if (transfer->reply.body.size() + size > transfer->body_bytes_max) {
    transfer->too_large = true;
    return 0;
  }
  transfer->reply.body.append(data, size);
  return size;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
  auto* transfer = static_cast<HttpTransfer*>(self);
  const std::string_view line(data, size);
  transfer->header_bytes += size;
  if (transfer->header_bytes > reply_header_bytes_max) {
    transfer->too_large = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) {  // again after 100 Continue
    transfer->reply.headers.clear();
    transfer->headers_complete = false;
  } else if (trimmed(line).empty()) {
    transfer->headers_complete = true;
  } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    std::string name(trimmed(line.substr(0, colon)));
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    transfer->reply.headers.emplace_back(std::move(name), trimmed(line.substr(colon + 1)));
  }
  return size;
}

bool breaks_a_line(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool append(List& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return false;
  (void)list.release();
  list.reset(longer);
  return true;
}

bool add_headers(List& list, const providers::HttpCall& call) {
  bool has_type = false;
  for (const auto& [name, value] : call.headers) {
    if (name.empty() || breaks_a_line(name) || breaks_a_line(value)) return false;
    has_type = has_type || name == "content-type" || name == "Content-Type";
    // Curl drops a header with an empty value unless it ends in a semicolon.
    if (!append(list, value.empty() ? name + ";" : name + ": " + value)) return false;
  }
  // No 100-continue round trip, and no content type that we did not choose.
  return append(list, "Expect:") && (has_type || append(list, "Content-Type:"));
}

bool set_method(CURL* easy, const providers::HttpCall& call) {
  bool ok = true;
  if (call.method == "GET" && call.body.empty()) {
    ok = set(easy, CURLOPT_HTTPGET, 1L);
  } else if (call.method == "HEAD") {
    ok = set(easy, CURLOPT_NOBODY, 1L);
  } else {
    ok = set(easy, CURLOPT_POST, 1L) &&
         set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size())) &&
         set(easy, CURLOPT_POSTFIELDS, call.body.c_str());
    if (call.method != "POST") ok = ok && set(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
  }
  return ok;
}

bool set_signing(CURL* easy, const providers::HttpCall& call) {
  if (call.sign != providers::Signing::aws_sigv4) return true;
  const std::string scope = "aws:amz:" + call.aws_region + ":" + call.aws_service;
  return set(easy, CURLOPT_AWS_SIGV4, scope.c_str()) &&
         set(easy, CURLOPT_USERNAME, call.aws_key_id.c_str()) &&
         set(easy, CURLOPT_PASSWORD, call.aws_secret.c_str());
}

const char* failure_code(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "dns";
    case CURLE_COULDNT_CONNECT:
      return "connect";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return "tls";
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
      return "bad_call";
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_BAD_CONTENT_ENCODING:
      return "bad_reply";
    default:
      return "cut";
  }
}

}  // namespace

bool Transfer::sent() const {
  if (requests_begun == 0) return false;
  long request_bytes = 0;
  curl_off_t upload_bytes = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_REQUEST_SIZE, &request_bytes);
  curl_easy_getinfo(easy.get(), CURLINFO_SIZE_UPLOAD_T, &upload_bytes);
  return request_bytes > 0 || upload_bytes > 0;
}

void set_common(Transfer& transfer, const CurlOptions& options, int timeout_s) {
  CURL* easy = transfer.easy.get();
  set(easy, CURLOPT_PRIVATE, &transfer);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_TIMEOUT_MS, std::max(1, timeout_s) * 1000L);
  set(easy, CURLOPT_CONNECTTIMEOUT_MS,
      std::max(1, std::min(timeout_s, options.connect_timeout_s)) * 1000L);
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // Empty, not unset: curl would otherwise take a proxy from the environment.
  set(easy, CURLOPT_PROXY, options.proxy.c_str());
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  if (!options.ca_file.empty()) set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  set(easy, CURLOPT_PREREQFUNCTION, on_request);
  set(easy, CURLOPT_PREREQDATA, &transfer);
}

bool HttpTransfer::prepare(providers::HttpCall the_call, const ports::HttpLimits& limits,
                           const CurlOptions& options) {
  call = std::move(the_call);
  body_bytes_max = limits.body_bytes_max;
  if (!easy || breaks_a_line(call.url) || breaks_a_line(call.method)) return false;
  set_common(*this, options, limits.timeout_s);
  CURL* handle = easy.get();
  return add_headers(lines, call) && set(handle, CURLOPT_PROTOCOLS_STR, "http,https") &&
         set(handle, CURLOPT_URL, call.url.c_str()) &&
         // 1.1: with HTTP/2 a server may refuse a stream and curl repeat it on another.
         set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1)) &&
         set(handle, CURLOPT_HTTPHEADER, lines.get()) && set_method(handle, call) &&
         set_signing(handle, call) && set(handle, CURLOPT_USERAGENT, options.user_agent.c_str()) &&
         set(handle, CURLOPT_WRITEFUNCTION, on_body) &&
         set(handle, CURLOPT_WRITEDATA, static_cast<void*>(this)) &&
         set(handle, CURLOPT_HEADERFUNCTION, on_header) &&
         set(handle, CURLOPT_HEADERDATA, static_cast<void*>(this));
}

ports::HttpResult HttpTransfer::take_result() {
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  // A connection closed inside the headers is no error to curl; it is to us.
  if (result == CURLE_OK && headers_complete && status >= 200) {
    reply.status = static_cast<int>(status);
    return std::move(reply);
  }
  const auto kind = sent() ? HttpFailureKind::maybe_sent : HttpFailureKind::could_not_connect;
  std::string code = result == CURLE_OK ? "cut" : failure_code(result);
  if (gave_up) code = "closed";
  if (too_large) code = "reply_too_large";
  return tl::unexpected(HttpFailure{kind, code, curl_easy_strerror(result)});
}

}  // namespace moodline::net
