// MessageBird: the REST messages API; webhooks proven by a JWT over the full URL and the body.
// Facts: the provider's SDK, its reference tests and documentation; see its page for what is
// unconfirmed.
#include "providers/messagebird.hpp"

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/jwt.hpp"
#include "providers/kit/parts.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

constexpr std::string_view api_default = "https://rest.messagebird.com";

// ---- Settings ----

FieldTable fields() {
  FieldTable out{
      {.name = "access_key", .type = FieldType::secret, .required = true, .help = "live API key"},
      {.name = "signing_key",
       .type = FieldType::secret,
       .required = true,
       .help = "signing key, from Developer settings; proves the webhooks"},
      {.name = "signing_key_next",
       .type = FieldType::secret,
       .help = "a second signing key, taken while it is changed"},
      {.name = "clock_leeway",
       .type = FieldType::duration,
       .fallback = "5s",
       .help = "by how much the token's times may disagree with our clock, 0s to 5s"},
      {.name = "from", .required = true, .help = "sending number or sender name"},
      {.name = "api_url",
       .type = FieldType::url,
       .fallback = api_default,
       .help = "base address of the API"},
  };
  kit::add_webhook_fields(out);
  return out;
}

class MessageBird final : public Provider {
 public:
  explicit MessageBird(const config::Block& s)
      : access_key_(s.text("access_key")),
        signing_keys_(kit::Secrets::of(s, "signing_key")),
        leeway_(s.has("clock_leeway") ? s.duration("clock_leeway") : std::chrono::seconds{5}),
        from_(s.text("from")),
        callback_url_(kit::callback_url(s)),
        api_url_(kit::base_url(s, "api_url", api_default)) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 1377, .segments_per_s = 1.0};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;
  [[nodiscard]] WebhookAnswer answer() const override { return {.body = "OK"}; }

 private:
  std::string access_key_;
  kit::Secrets signing_keys_;
  std::chrono::seconds leeway_;
  std::string from_;
  std::string callback_url_;
  std::string api_url_;
};

// ---- Call ----

Result<HttpCall> MessageBird::send_call(const Sms& sms, Instant /*wire_now*/) const {
  json::object body{{"originator", kit::without_plus(kit::sender_or(sms, from_))},
                    {"recipients", kit::without_plus(sms.to)},
                    {"body", sms.text}};
  if (!sms.reference.empty()) body["reference"] = sms.reference;  // without it no report is sent
  if (!callback_url_.empty()) body["reportUrl"] = callback_url_;
  if (sms.validity_s > 0) body["validity"] = sms.validity_s;
  if (sms.unicode) body["datacoding"] = "auto";  // the default, "plain", garbles other alphabets
  return kit::json_call(api_url_ + "/messages", "AccessKey " + access_key_, body);
}

// ---- Answer ----

SendReply MessageBird::read_reply(const HttpReply& reply) const {
  const auto body = kit::read_json(reply.body);
  if (reply.status / 100 == 2) return kit::accepted(body ? kit::text_at(*body, "/id") : "");
  SendReply out = kit::classify(reply);
  const std::string code = body ? kit::text_at(*body, "/errors/0/code") : "";
  if (code.empty() || reply.status == 429 || reply.status >= 500) return out;
  out.code = code;
  out.halt_route = out.halt_route || kit::one_of(code, {"2", "25"});  // credentials, balance
  const std::string parameter = kit::text_at(*body, "/errors/0/parameter");
  out.bad_number = kit::one_of(code, {"9", "10"}) && parameter.starts_with("recipient");
  return out;
}

// ---- Authenticity ----

bool claim_is(const json::object& claims, std::string_view name, std::string_view expected) {
  const json::value* v = claims.if_contains(name);
  return v != nullptr && v->is_string() && kit::equal_in_constant_time(kit::text_of(*v), expected);
}

Result<Authentic> MessageBird::authenticate(const Webhook& hook, Instant wire_now) const {
  const std::string* token = kit::sole_header(hook.headers, "messagebird-signature-jwt");
  if (token == nullptr) return kit::refuse("unsigned", "messagebird-signature-jwt is missing");
  const auto jwt = kit::verify_jwt(*token, signing_keys_, {"HS256", "HS384", "HS512"});
  if (!jwt) return tl::unexpected(jwt.error());
  const json::object& claims = jwt->claims;
  for (const auto* name : {"nbf", "exp", "jti"})
    if (!claims.contains(name))
      return kit::refuse("bad_signature", "the token lacks nbf, exp or jti");
  if (!claim_is(claims, "iss", "MessageBird"))
    return kit::refuse("bad_signature", "the token's issuer is not MessageBird");
  if (const auto times = kit::check_times(claims, wire_now, leeway_); !times)
    return tl::unexpected(times.error());
  const auto sha256_hex = [](std::string_view bytes) {
    return kit::to_hex(kit::digest(kit::Digest::sha256, bytes));
  };
  if (!claim_is(claims, "url_hash", sha256_hex(hook.url)))
    return kit::refuse("bad_signature", "the token is for another URL; check public_url");
  // An empty body has no hash, and no hash means an empty body: neither may be swapped.
  const bool body_holds = hook.body.empty()
                              ? !claims.contains("payload_hash")
                              : claim_is(claims, "payload_hash", sha256_hex(hook.body));
  if (!body_holds) return kit::refuse("bad_signature", "the token is for another body");
  const std::string jti = kit::text_of(claims.at("jti"));
  if (jti.empty()) return kit::refuse("bad_signature", "the token's jti is empty");
  const auto expiry_s = static_cast<std::int64_t>(claims.at("exp").to_number<double>());
  return Authentic{.replay_key = "messagebird:" + jti,
                   .replay_until = Instant{expiry_s * 1000} + leeway_};
}

// ---- Events ----

void set_report_status(Event& e, const std::string& reason);

Result<std::vector<Event>> MessageBird::read_events(const Webhook& hook) const {
  // Reports come as GET with a query, texts as POST with a form; either is taken either way.
  const auto form = kit::fields_of(hook);
  if (!form) return tl::unexpected(form.error());
  const auto text = [&](std::string_view name) { return kit::text_of(*form, name); };
  const auto either = [&](std::string_view a, std::string_view b) {
    return kit::find(*form, a) != nullptr ? text(a) : text(b);
  };
  Event e{.provider_message_id = either("id", "mid")};
  if (kit::find(*form, "status") != nullptr) {
    e.type = EventType::dlr;
    e.reference = text("reference");
    e.to = text("recipient");
    e.raw_status = text("status");
    e.error_code = text("statusErrorCode");
    e.at = kit::read_time(text("statusDatetime"));
    e.event_id = e.provider_message_id + ":" + e.to + ":" + e.raw_status + ":" + e.error_code;
    set_report_status(e, text("statusReason"));
  } else if (kit::find(*form, "body") != nullptr || kit::find(*form, "message") != nullptr) {
    e.type = EventType::mo;
    e.detail.emplace_back(kit::bare_numbers_detail, "true");
    e.from = text("originator");
    e.to = either("recipient", "shortcode");
    e.text = either("body", "message");
    e.at = kit::read_time(either("createdDatetime", "receive_datetime"));
    e.event_id = e.provider_message_id;
  }
  return std::vector<Event>{std::move(e)};
}

// ---- Status table ----

constexpr kit::StatusRow statuses[] = {
    {"scheduled", DeliveryStatus::sent},        {"sent", DeliveryStatus::sent},
    {"buffered", DeliveryStatus::sent},         {"delivered", DeliveryStatus::delivered},
    {"expired", DeliveryStatus::failed, false}, {"delivery_failed", DeliveryStatus::failed},
};

// By the network's error (3GPP 29.002 numbers, as the provider passes them on), then by the
// provider's own reason. The provider calls these "permanent" and "intermediate".
void set_report_status(Event& e, const std::string& reason) {
  kit::set_status(e, statuses);
  if (e.error_code == "0") e.error_code.clear();
  if (e.raw_status != "delivery_failed") return;
  e.opted_out = e.error_code == "103" || reason == "opted out";
  if (e.opted_out || kit::one_of(e.error_code, {"1", "5", "9", "10", "11", "12", "13", "21"}) ||
      kit::one_of(reason, {"unknown subscriber", "carrier rejected", "invalid recipient"}))
    e.permanent = true;
  else if (kit::one_of(e.error_code, {"6", "27", "28", "31", "32", "33", "34"}) ||
           kit::one_of(reason, {"unavailable subscriber", "received network error",
                                "capacity limit exceeded", "insufficient balance"}))
    e.permanent = false;
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  return config::Block::of({{"access_key", kit::captured_token(vector)},
                            {"signing_key", kit::captured(vector, "/secret")},
                            {"from", kit::text_at(body, "/originator")},
                            {"webhook_url", kit::text_at(body, "/reportUrl")}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  return Sms{.reference = kit::text_at(body, "/reference"),
             .to = "+" + kit::text_at(body, "/recipients"),
             .text = kit::text_at(body, "/body"),
             .validity_s = static_cast<int>(kit::integer_at(body, "/validity").value_or(0)),
             .unicode = kit::text_at(body, "/datacoding") == "auto"};
}

}  // namespace

ProviderType messagebird_type() {
  return {.name = "messagebird",
          .help = "MessageBird (Bird) REST messages",
          .fields = fields(),
          .make = kit::make_provider<MessageBird>,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
