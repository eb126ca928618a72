// Vonage's Messages API: texts as JSON under an application's RS256 token (or Basic); webhooks
// proven by an HS256 token. The vendor's SDKs check the token alone; here its payload_hash, its
// account and its age are checked too. Settings stand in vonage.cpp.
// Facts: the provider's SDKs and documentation; see its page for what is unconfirmed.
#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/jwt.hpp"
#include "providers/kit/parts.hpp"
#include "providers/vonage.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

constexpr int token_s = 900;  // how long a token of ours holds, as the vendor's SDK has it
constexpr std::string_view bearer = "Bearer ";

class VonageMessages final : public Provider {
 public:
  explicit VonageMessages(const config::Block& s)
      : api_key_(s.text("api_key")),
        api_secret_(s.text("api_secret")),
        application_id_(s.text("application_id")),
        private_key_(s.text("private_key")),
        from_(s.text("from")),
        secrets_(kit::Secrets::of(s, "signature_secret")),
        token_only_(s.text("captured_token_only") == "true"),
        callback_url_(kit::callback_url(s)),
        api_url_(kit::base_url(s, "api_url", "https://api.nexmo.com")) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 1000, .segments_per_s = 30.0};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;

 private:
  std::string api_key_;
  std::string api_secret_;
  std::string application_id_;
  std::string private_key_;
  std::string from_;
  kit::Secrets secrets_;
  bool token_only_;
  std::string callback_url_;
  std::string api_url_;
};

// ---- Call ----

Result<HttpCall> VonageMessages::send_call(const Sms& sms, Instant wire_now) const {
  std::string authorization = kit::basic_auth(api_key_, api_secret_);
  if (!private_key_.empty()) {
    const std::int64_t now_s = wire_now.ms / 1000;
    // The reference is unique per attempt, which is all that jti asks for.
    const json::object claims{{"application_id", application_id_},
                              {"iat", now_s},
                              {"exp", now_s + token_s},
                              {"jti", sms.reference}};
    const auto token = kit::sign_jwt_rs256(claims, private_key_);
    if (!token) return tl::unexpected(token.error());
    authorization = std::string(bearer) + *token;
  }
  json::object body{{"channel", "sms"},
                    {"message_type", "text"},
                    {"to", kit::without_plus(sms.to)},
                    {"from", kit::without_plus(kit::sender_or(sms, from_))},
                    {"text", sms.text}};
  if (!sms.reference.empty()) body["client_ref"] = sms.reference;
  if (!callback_url_.empty()) body["webhook_url"] = callback_url_;
  if (sms.validity_s > 0) body["ttl"] = sms.validity_s;
  return kit::json_call(api_url_ + "/v1/messages", authorization, body);
}

// ---- Answer ----

SendReply VonageMessages::read_reply(const HttpReply& reply) const {
  const auto body = kit::read_json(reply.body);
  if (reply.status / 100 == 2)
    return kit::accepted(body ? kit::text_at(*body, "/message_uuid") : "");
  SendReply out = kit::classify(reply);
  // problem+json: the code ends the address of its page, ".../messages#1420".
  const std::string type = body ? kit::text_at(*body, "/type") : "";
  if (const auto hash = type.rfind('#'); hash != std::string::npos)
    out.code = type.substr(hash + 1);
  return out;
}

// ---- Authenticity ----

bool claim_is(const json::object& claims, std::string_view name, std::string_view expected) {
  const json::value* v = claims.if_contains(name);
  return v != nullptr && v->is_string() && !expected.empty() &&
         kit::equal_in_constant_time(kit::text_of(*v), expected);
}

Result<Authentic> VonageMessages::authenticate(const Webhook& hook, Instant wire_now) const {
  const std::string* header = kit::sole_header(hook.headers, "authorization");
  if (header == nullptr || !header->starts_with(bearer))
    return kit::refuse("unsigned", "the webhook bears no token");
  const auto jwt =
      kit::verify_jwt(std::string_view(*header).substr(bearer.size()), secrets_, {"HS256"});
  if (!jwt) return tl::unexpected(jwt.error());
  const json::object& claims = jwt->claims;
  const json::value* iat = claims.if_contains("iat");
  const json::value* jti = claims.if_contains("jti");
  if (iat == nullptr || jti == nullptr || kit::text_of(*jti).empty())
    return kit::refuse("bad_signature", "the token lacks iat or jti");
  const auto at = kit::check_timestamp(kit::text_of(*iat), wire_now);
  if (!at) return tl::unexpected(at.error());
  if (const auto times = kit::check_times(claims, wire_now, kit::timestamp_window); !times)
    return tl::unexpected(times.error());
  if (!claim_is(claims, "iss", "Vonage"))
    return kit::refuse("bad_signature", "the token's issuer is not Vonage");
  Authentic proven{.replay_key = "vonage:" + kit::text_of(*jti),
                   .replay_until = *at + kit::timestamp_window};
  if (token_only_) return proven;
  if (!claim_is(claims, "payload_hash", kit::to_hex(kit::digest(kit::Digest::sha256, hook.body))))
    return kit::refuse("bad_signature", "the token is for another body");
  if (!claim_is(claims, "api_key", api_key_))
    return kit::refuse("bad_signature", "the token is for another account; check api_key");
  if (!application_id_.empty() && !claim_is(claims, "application_id", application_id_))
    return kit::refuse("bad_signature", "the token is for another application_id");
  return proven;
}

// ---- Events ----

void set_report_status(Event& e);

Result<std::vector<Event>> VonageMessages::read_events(const Webhook& hook) const {
  const auto body = kit::read_json(hook.body);
  if (!body) return tl::unexpected(body.error());
  const auto text = [&](std::string_view pointer) { return kit::text_at(*body, pointer); };
  Event e{.provider_message_id = text("/message_uuid"),
          .from = text("/from"),
          .to = text("/to"),
          .at = kit::read_time(text("/timestamp"))};
  const bool sms = text("/channel").empty() || text("/channel") == "sms";
  const bool mms = text("/channel") == "mms";
  if (!text("/status").empty()) {
    e.type = sms ? EventType::dlr : EventType::ignored;
    e.reference = text("/client_ref");
    e.raw_status = text("/status");
    e.error_code = text("/error/title");
    e.event_id = e.provider_message_id + ":" + e.raw_status;
    set_report_status(e);
  } else if (!e.from.empty() && (mms || kit::at(*body, "/text") != nullptr)) {
    // A picture is an answer too, if only to be looked at by somebody.
    e.type = sms || mms ? EventType::mo : EventType::ignored;
    e.text = text("/text");
    e.detail.emplace_back(kit::bare_numbers_detail, "true");
    e.event_id = e.provider_message_id;
  }
  return std::vector<Event>{std::move(e)};
}

// ---- Status table ----

constexpr kit::StatusRow statuses[] = {
    {"submitted", DeliveryStatus::sent},
    {"delivered", DeliveryStatus::delivered},
    {"read", DeliveryStatus::delivered},
    {"rejected", DeliveryStatus::failed},  // for what reason, only error.title says
    {"undeliverable", DeliveryStatus::failed, false},
};

void set_report_status(Event& e) {
  kit::set_status(e, statuses);
}

}  // namespace

std::unique_ptr<Provider> make_vonage_messages(const config::Block& settings) {
  return std::make_unique<VonageMessages>(settings);
}

}  // namespace moodline::providers
