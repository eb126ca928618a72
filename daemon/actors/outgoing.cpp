#include "daemon/actors/outgoing.hpp"

#include <fmt/format.h>

#include "providers/kit/bytes.hpp"

namespace moodline::actors {
namespace {

namespace kit = providers::kit;
using providers::SendOutcome;
using providers::SendReply;

constexpr int webhook_timeout_s = 15;
constexpr double per_s = 20;
constexpr std::size_t key_bytes_min = 24;

std::string value_of(const providers::Sms& sms, std::string_view name) {
  for (const auto& [k, v] : sms.personalisation) {
    if (k == name) return v;
  }
  return {};
}

providers::Capabilities no_text() {
  providers::Capabilities c;
  c.two_way = false;
  c.receipts = false;
  c.segments_per_s = per_s;
  return c;
}

}  // namespace

providers::Capabilities EmailCarrier::capabilities() const {
  return no_text();
}

asio::awaitable<SendReply> EmailCarrier::submit(providers::Sms sms) {
  net::Mail mail;
  mail.from = from_;
  mail.to = sms.to;
  mail.subject = value_of(sms, "subject");
  mail.text = sms.text;
  mail.html = value_of(sms, "html");
  mail.message_id = "<" + sms.reference + from_.substr(from_.find('@')) + ">";
  const net::MailReply reply = co_await send_(std::move(mail), smtp_, wire_.now());
  SendReply out;
  out.code = reply.code == 0 ? std::string("smtp") : fmt::format("smtp_{}", reply.code);
  switch (reply.outcome) {
    case net::MailOutcome::accepted:
      out.outcome = SendOutcome::accepted;
      out.code.clear();
      break;
    case net::MailOutcome::retry_later:
      out.outcome = SendOutcome::retry_later;
      break;
    case net::MailOutcome::rejected:
      out.outcome = SendOutcome::rejected;
      out.halt_route = reply.code == 535 || reply.code == 530;  // the log-in, not the address
      break;
    case net::MailOutcome::unknown:
      out.outcome = SendOutcome::unknown;
      break;
  }
  co_return out;
}

std::string webhook_signature(std::string_view key, std::string_view id, std::string_view timestamp,
                              std::string_view body) {
  const std::string signed_text = fmt::format("{}.{}.{}", id, timestamp, body);
  return "v1," + kit::to_base64(kit::hmac(kit::Digest::sha256, key, signed_text));
}

Result<std::string> webhook_key(std::string_view secret) {
  constexpr std::string_view prefix = "whsec_";
  const auto key = secret.starts_with(prefix) ? kit::from_base64(secret.substr(prefix.size()))
                                              : std::optional<std::string>{};
  if (!key || key->size() < key_bytes_min) {
    return fault("bad_secret",
                 "the secret of an outgoing webhook is whsec_ and the base64 of at least 24 random "
                 "bytes; make one with: echo whsec_$(openssl rand -base64 32)");
  }
  return *key;
}

providers::Capabilities WebhookCarrier::capabilities() const {
  return no_text();
}

asio::awaitable<SendReply> WebhookCarrier::submit(providers::Sms sms) {
  const std::string body = value_of(sms, "body");
  // The row's id stays the same on a repeat, so that the receiver can drop one it has.
  const std::string id = value_of(sms, "id");
  const std::string timestamp = std::to_string(wire_.now().ms / 1000);
  providers::HttpCall call;
  call.url = url_;
  call.headers = {{"Content-Type", "application/json"},
                  {"webhook-id", id},
                  {"webhook-timestamp", timestamp},
                  {"webhook-signature", webhook_signature(secret_, id, timestamp, body)}};
  call.body = body;
  const ports::HttpLimits limits{.timeout_s = webhook_timeout_s};
  const auto reply = co_await http_.fetch(std::move(call), limits);
  SendReply out;
  if (!reply) {
    // The scheme is at-least-once: whatever went wrong is tried again.
    out.outcome = SendOutcome::retry_later;
    out.code = reply.error().code;
  } else if (reply->status >= 200 && reply->status < 300) {
    out.outcome = SendOutcome::accepted;
  } else {
    out.outcome = reply->status == 410 ? SendOutcome::rejected : SendOutcome::retry_later;
    out.code = fmt::format("http_{}", reply->status);
  }
  co_return out;
}

}  // namespace moodline::actors
