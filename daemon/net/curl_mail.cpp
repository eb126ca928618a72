#include "daemon/net/curl_mail.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

namespace moodline::net {
namespace {

constexpr std::size_t base64_line_bytes = 57;  // gives lines of 76 characters

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(bytes.data()),
                                static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

std::string base64_lines(std::string_view bytes) {
  std::string out;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), base64_line_bytes))) {
    out += base64(bytes.substr(0, base64_line_bytes)) + "\r\n";
  }
  return out;
}

/// RFC 2047 encoded words, each of whole characters and at most 75 bytes.
std::string encoded_words(std::string_view text) {
  constexpr std::size_t bytes_max = 42;
  std::string out;
  while (!text.empty()) {
    std::size_t n = std::min(text.size(), bytes_max);
    const auto inside = [&text](std::size_t i) {
      return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
    };
    while (n > 1 && inside(n)) --n;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + base64(text.substr(0, n)) + "?=";
    text.remove_prefix(n);
  }
  return out;
}

bool plain_line(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f;
  });
}

bool address_ok(std::string_view address) {
  const auto at = address.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < address.size() && plain_line(address) &&
         address.find_first_of(" <>,;\"()") == std::string_view::npos;
}

std::string part(std::string_view type, std::string_view body) {
  return fmt::format("Content-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
                     type) +
         base64_lines(body);
}

std::size_t on_read(char* out, std::size_t, std::size_t room, void* self) {
  auto* transfer = static_cast<MailTransfer*>(self);
  const std::size_t n = std::min(room, transfer->message.size() - transfer->read);
  std::copy_n(transfer->message.data() + transfer->read, n, out);
  transfer->read += n;
  return n;
}

std::size_t drop(char*, std::size_t, std::size_t size, void*) {
  return size;
}

bool on_this_machine(std::string_view url) {
  return url.starts_with("smtp://127.0.0.1:") || url.starts_with("smtp://localhost:") ||
         url.starts_with("smtp://[::1]:");
}

}  // namespace

std::string mime_message(const Mail& mail, Instant date) {
  std::string out = fmt::format(
      "Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\nFrom: <{}>\r\nTo: <{}>\r\nMessage-ID: {}\r\n"
      "Subject: {}\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
      fmt::gmtime(date.ms / 1000), mail.from, mail.to, mail.message_id,
      plain_line(mail.subject) && mail.subject.size() < 60 ? mail.subject
                                                           : encoded_words(mail.subject));
  if (mail.html.empty()) return out + part("text/plain", mail.text);
  // Base64 has no "=_", so the boundary cannot stand in a part.
  out += "Content-Type: multipart/alternative; boundary=\"=_moodline\"\r\n\r\n";
  out += "--=_moodline\r\n" + part("text/plain", mail.text);
  out += "--=_moodline\r\n" + part("text/html", mail.html);
  return out + "--=_moodline--\r\n";
}

bool MailTransfer::prepare(const Mail& mail, const SmtpOptions& smtp, Instant date,
                           const CurlOptions& options) {
  const bool id_ok = mail.message_id.starts_with('<') && mail.message_id.ends_with('>') &&
                     plain_line(mail.message_id);
  if (!easy || !address_ok(mail.from) || !address_ok(mail.to) || !id_ok) return false;
  if (mail.subject.find_first_of("\r\n") != std::string::npos) return false;
  message = mime_message(mail, date);
  set_common(*this, options, smtp.timeout_s);
  CURL* handle = easy.get();
  lines.reset(curl_slist_append(nullptr, mail.to.c_str()));
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(handle, CURLOPT_URL, smtp.url.c_str());
  const long tls = on_this_machine(smtp.url) ? CURLUSESSL_TRY : CURLUSESSL_ALL;
  curl_easy_setopt(handle, CURLOPT_USE_SSL, tls);
  if (!smtp.user.empty()) {
    curl_easy_setopt(handle, CURLOPT_USERNAME, smtp.user.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, smtp.password.c_str());
  }
  curl_easy_setopt(handle, CURLOPT_MAIL_FROM, mail.from.c_str());
  curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, lines.get());
  curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(handle, CURLOPT_READDATA, static_cast<void*>(this));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
  return true;
}

MailReply MailTransfer::take_result() {
  long code = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &code);
  MailReply reply{MailOutcome::unknown, static_cast<int>(code), curl_easy_strerror(result)};
  if (result == CURLE_OK) {
    reply.outcome = MailOutcome::accepted;
  } else if (code >= 500 && code < 600) {
    reply.outcome = MailOutcome::rejected;
  } else if ((code >= 400 && code < 500) || read < message.size()) {
    // Before the last byte of the message there is nothing the server could have taken.
    reply.outcome = MailOutcome::retry_later;
  }
  return reply;
}

}  // namespace moodline::net
