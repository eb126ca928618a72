// Telnyx: the v2 messages API, and webhooks proven by Ed25519 over "timestamp|raw body".
// Facts: the provider's SDK and documentation; what is unconfirmed is marked in its page.
#include "providers/telnyx.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

constexpr std::string_view api_default = "https://api.telnyx.com";
constexpr std::size_t public_key_bytes = 32;
constexpr std::size_t signature_bytes = 64;

// ---- Settings ----

FieldTable fields() {
  FieldTable out{
      {.name = "api_key", .type = FieldType::secret, .required = true, .help = "API v2 key"},
      {.name = "public_key",
       .required = true,
       .help = "webhook public key: 32 bytes in base64, as the portal shows it"},
      {.name = "public_key_next", .help = "a second public key, taken while keys are changed"},
      {.name = "from",
       .required = true,
       .help = "sending number (E.164), short code or sender name"},
      {.name = "messaging_profile_id", .help = "messaging profile; a sender name needs it"},
      {.name = "api_url",
       .type = FieldType::url,
       .fallback = api_default,
       .help = "base address of the API"},
  };
  kit::add_webhook_fields(out);
  return out;
}

class Telnyx final : public Provider {
 public:
  explicit Telnyx(const config::Block& s)
      : api_key_(s.text("api_key")),
        public_keys_(kit::Secrets::of(s, "public_key")),
        from_(s.text("from")),
        profile_(s.text("messaging_profile_id")),
        callback_url_(kit::callback_url(s)),
        api_url_(kit::base_url(s, "api_url", api_default)) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 1600, .segments_per_s = 1.0};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;

 private:
  std::string api_key_;
  kit::Secrets public_keys_;
  std::string from_;
  std::string profile_;
  std::string callback_url_;
  std::string api_url_;
};

// ---- Call ----

Result<HttpCall> Telnyx::send_call(const Sms& sms, Instant /*wire_now*/) const {
  json::object body{{"from", kit::sender_or(sms, from_)}, {"to", sms.to}, {"text", sms.text}};
  if (!profile_.empty()) body["messaging_profile_id"] = profile_;
  if (!callback_url_.empty()) body["webhook_url"] = callback_url_;
  if (!sms.reference.empty()) body["tags"] = json::array{sms.reference};
  return kit::json_call(api_url_ + "/v2/messages", "Bearer " + api_key_, body);
}

// ---- Answer ----

SendReply read_refusal(const HttpReply& reply, const std::string& code) {
  // The provider's own code says more than the HTTP status, so it is asked first.
  if (kit::one_of(code, {"10007", "10008", "10011", "40011"})) return kit::later(reply, code);
  if (kit::one_of(code, {"10009", "10010"})) return kit::halted(code);
  SendReply out =
      kit::one_of(code, {"40300", "10002", "10016"}) ? kit::rejected(code) : kit::classify(reply);
  if (!code.empty()) out.code = code;
  out.opted_out = code == "40300";
  out.bad_number = kit::one_of(code, {"10002", "10016"});
  return out;
}

SendReply Telnyx::read_reply(const HttpReply& reply) const {
  const auto body = kit::read_json(reply.body);
  if (reply.status / 100 != 2)
    return read_refusal(reply, body ? kit::text_at(*body, "/errors/0/code") : "");
  return kit::accepted(body ? kit::text_at(*body, "/data/id") : "");
}

// ---- Authenticity ----

bool ed25519_holds(std::string_view key_base64, std::string_view text, std::string_view signature) {
  const auto key = kit::from_base64(key_base64);
  if (!key || key->size() != public_key_bytes) return false;
  const auto bytes = [](std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
  };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(*key), key->size()),
      &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> ctx(EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free);
  return pkey && ctx &&
         EVP_DigestVerifyInit(ctx.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(ctx.get(), bytes(signature), signature.size(), bytes(text),
                          text.size()) == 1;
}

Result<Authentic> Telnyx::authenticate(const Webhook& hook, Instant wire_now) const {
  const std::string* signature = kit::sole_header(hook.headers, "telnyx-signature-ed25519");
  const std::string* timestamp = kit::sole_header(hook.headers, "telnyx-timestamp");
  if (signature == nullptr || timestamp == nullptr)
    return kit::refuse("unsigned", "telnyx-signature-ed25519 or telnyx-timestamp is missing");
  if (public_keys_.empty()) return kit::refuse("not_configured", "public_key is not set");
  const auto at = kit::check_timestamp(*timestamp, wire_now);
  if (!at) return tl::unexpected(at.error());
  const auto raw = kit::from_base64(*signature);
  if (!raw || raw->size() != signature_bytes)
    return kit::refuse("bad_signature", "telnyx-signature-ed25519 is not 64 bytes in base64");
  const std::string text = fmt::format("{}|{}", *timestamp, hook.body);
  if (!public_keys_.any([&](const std::string& key) { return ed25519_holds(key, text, *raw); }))
    return kit::refuse("bad_signature", "the Ed25519 signature does not match public_key");
  // A retry is signed afresh: the same signature twice is a copy.
  return Authentic{.replay_key = "telnyx:" + kit::to_hex(*raw),
                   .replay_until = *at + kit::timestamp_window};
}

// ---- Events ----

void set_report_status(Event& e);

Result<std::vector<Event>> Telnyx::read_events(const Webhook& hook) const {
  const auto body = kit::read_json(hook.body);
  if (!body) return tl::unexpected(body.error());
  const auto text = [&](std::string_view pointer) { return kit::text_at(*body, pointer); };
  const std::string type = text("/data/event_type");
  Event e{.event_id = text("/data/id"),
          .provider_message_id = text("/data/payload/id"),
          .from = text("/data/payload/from/phone_number"),
          .to = text("/data/payload/to/0/phone_number"),
          .at = kit::read_time(text("/data/occurred_at"))};
  if (type == "message.received") {
    e.type = EventType::mo;
    e.text = text("/data/payload/text");
    if (const auto at = kit::read_time(text("/data/payload/received_at"))) e.at = at;
  } else if (type == "message.sent" || type == "message.finalized") {
    e.type = EventType::dlr;
    e.reference = text("/data/payload/tags/0");
    e.raw_status = text("/data/payload/to/0/status");
    e.error_code = text("/data/payload/errors/0/code");
    set_report_status(e);
  } else {
    e.raw_status = type;
  }
  return std::vector<Event>{std::move(e)};
}

// ---- Status table ----

constexpr kit::StatusRow statuses[] = {
    {"queued", DeliveryStatus::queued},
    {"sending", DeliveryStatus::queued},
    {"sent", DeliveryStatus::sent},
    {"delivery_unconfirmed", DeliveryStatus::sent},
    {"delivered", DeliveryStatus::delivered},
    {"sending_failed", DeliveryStatus::failed},
    {"delivery_failed", DeliveryStatus::failed},
    {"expired", DeliveryStatus::failed, false},
};

void set_report_status(Event& e) {
  kit::set_status(e, statuses);
  if (e.status != DeliveryStatus::failed) return;
  if (kit::one_of(e.error_code, {"40002", "40004", "40006", "40011"})) e.permanent = false;
  if (kit::one_of(e.error_code, {"40001", "40003", "40008", "40009", "40300"})) e.permanent = true;
  e.opted_out = e.error_code == "40300";
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  return config::Block::of({{"api_key", kit::captured_token(vector)},
                            {"public_key", kit::captured(vector, "/public_key")},
                            {"from", kit::text_at(body, "/from")},
                            {"messaging_profile_id", kit::text_at(body, "/messaging_profile_id")},
                            {"webhook_url", kit::text_at(body, "/webhook_url")}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  return Sms{.reference = kit::text_at(body, "/tags/0"),
             .to = kit::text_at(body, "/to"),
             .text = kit::text_at(body, "/text")};
}

}  // namespace

ProviderType telnyx_type() {
  return {.name = "telnyx",
          .help = "Telnyx messages (v2)",
          .fields = fields(),
          .make = kit::make_provider<Telnyx>,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
