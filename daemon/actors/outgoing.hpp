// Carriers of what is no text: emails over SMTP, and events signed for another system (the Standard
// Webhooks scheme, https://www.standardwebhooks.com). Thread: io.
#pragma once
#include <functional>
#include <string>

#include "daemon/actors/route.hpp"
#include "daemon/net/curl_client.hpp"

namespace moodline::actors {

using SendMail =
    std::function<asio::awaitable<net::MailReply>(net::Mail, net::SmtpOptions, Instant)>;

class EmailCarrier final : public Carrier {
 public:
  EmailCarrier(SendMail send, net::SmtpOptions smtp, std::string from, ports::WireClock& wire)
      : send_(std::move(send)), smtp_(std::move(smtp)), from_(std::move(from)), wire_(wire) {}
  [[nodiscard]] providers::Capabilities capabilities() const override;
  asio::awaitable<providers::SendReply> submit(providers::Sms sms) override;

 private:
  SendMail send_;
  net::SmtpOptions smtp_;
  std::string from_;
  ports::WireClock& wire_;
};

class WebhookCarrier final : public Carrier {
 public:
  /// `secret`: the key's bytes.
  WebhookCarrier(std::string url, std::string secret, ports::HttpClient& http,
                 ports::WireClock& wire)
      : url_(std::move(url)), secret_(std::move(secret)), http_(http), wire_(wire) {}
  [[nodiscard]] providers::Capabilities capabilities() const override;
  asio::awaitable<providers::SendReply> submit(providers::Sms sms) override;

 private:
  std::string url_;
  std::string secret_;
  ports::HttpClient& http_;
  ports::WireClock& wire_;
};

/// "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body".
std::string webhook_signature(std::string_view key, std::string_view id, std::string_view timestamp,
                              std::string_view body);
/// The key's bytes of "whsec_BASE64". Fails with "bad_secret": another shape, or under 24 bytes.
Result<std::string> webhook_key(std::string_view secret);

}  // namespace moodline::actors
