// One email over SMTP as libcurl sees it. Internal to daemon/net.
#pragma once
#include "daemon/net/curl_call.hpp"

namespace moodline::net {

struct MailTransfer final : Transfer {
  using Transfer::Transfer;
  /// False: an address or header line is malformed.
  bool prepare(const Mail& mail, const SmtpOptions& smtp, Instant date, const CurlOptions& options);
  MailReply take_result();

  std::string message;  // RFC 5322, curl reads from here
  std::size_t read = 0;
};

/// The message as sent: headers, text and, where there is one, HTML as an alternative; UTF-8 in
/// base64 throughout. Lines end in CRLF.
std::string mime_message(const Mail& mail, Instant date);

}  // namespace moodline::net
