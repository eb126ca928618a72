#include "daemon/net/control_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "daemon/net/curl_call.hpp"

namespace moodline::net {
namespace {

constexpr std::size_t control_reply_bytes_max = 256UL * 1024 * 1024;  // an export may be large

std::size_t on_answer_body(char* data, std::size_t, std::size_t size, void* self) {
  auto* reply = static_cast<providers::HttpReply*>(self);
  if (reply->body.size() + size > control_reply_bytes_max) return 0;
  reply->body.append(data, size);
  return size;
}

std::size_t on_answer_header(char* data, std::size_t, std::size_t size, void* self) {
  constexpr std::string_view name = "Content-Type:";
  auto* reply = static_cast<providers::HttpReply*>(self);
  const std::string_view line(data, size);
  if (line.starts_with(name)) {
    const auto value = line.substr(name.size());
    const auto first = value.find_first_not_of(' ');
    const auto last = value.find_last_not_of("\r\n ");
    if (first < last) {
      reply->headers.emplace_back("content-type", value.substr(first, last - first + 1));
    }
  }
  return size;
}

tl::unexpected<Fault> not_reached(CURL* easy, const std::string& socket_path, CURLcode code) {
  long os_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return fault("timeout", "the daemon did not answer in time; see its log");
  }
  if (code == CURLE_COULDNT_CONNECT && (os_error == EACCES || os_error == EPERM)) {
    return fault("not_permitted",
                 fmt::format("you may not use {}; run this as root or as a member of the "
                             "moodline group",
                             socket_path));
  }
  if (code == CURLE_COULDNT_CONNECT) {
    return fault(
        "daemon_not_running",
        fmt::format("no daemon answers on {}; start moodlined, or name its socket", socket_path));
  }
  return fault("control_failed",
               fmt::format("the call to {} failed: {}", socket_path, curl_easy_strerror(code)));
}

}  // namespace

Result<providers::HttpReply> control_call(const std::string& socket_path, const std::string& method,
                                          const std::string& path, const std::string& json,
                                          int timeout_s) {
  const Easy easy(curl_easy_init());
  if (!easy) return fault("control_failed", "libcurl could not start");
  List headers(curl_slist_append(nullptr, "Content-Type: application/json"));
  const std::string url = "http://moodline" + path;
  providers::HttpReply reply;
  CURL* handle = easy.get();
  curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, socket_path.c_str());
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(timeout_s));
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  if (method != "GET") {
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, json.c_str());
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_answer_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &reply);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_answer_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &reply);
  const CURLcode code = curl_easy_perform(handle);
  if (code != CURLE_OK) return not_reached(handle, socket_path, code);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  return reply;
}

}  // namespace moodline::net
