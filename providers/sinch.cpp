// Sinch: the XMS batches API; webhooks proven by HMAC-SHA256 over "body.nonce.timestamp".
// Facts: the provider's SDK and documentation; what is unconfirmed is marked in its page.
#include "providers/sinch.hpp"

#include <fmt/format.h>

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/parts.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

constexpr std::string_view algorithm = "HmacSHA256";

// ---- Settings ----

FieldTable fields() {
  FieldTable out{
      {.name = "service_plan_id", .required = true, .help = "service plan, from the dashboard"},
      {.name = "api_token",
       .type = FieldType::secret,
       .required = true,
       .help = "API token of the service plan"},
      {.name = "region",
       .type = FieldType::word,
       .fallback = "us",
       .help = "region of the service plan",
       .choices = {"us", "eu", "au", "br", "ca"}},
      {.name = "from", .required = true, .help = "sending number, short code or sender name"},
      {.name = "webhook_secret",
       .type = FieldType::secret,
       .required = true,
       .help = "secret of signed callbacks; the account manager turns them on"},
      {.name = "webhook_secret_next",
       .type = FieldType::secret,
       .help = "a second secret, taken while it is changed"},
      {.name = "api_url",
       .type = FieldType::url,
       .help = "base address of the API; empty: the region's own"},
  };
  kit::add_webhook_fields(out);
  return out;
}

class Sinch final : public Provider {
 public:
  explicit Sinch(const config::Block& s)
      : plan_(s.text("service_plan_id")),
        token_(s.text("api_token")),
        from_(s.text("from")),
        secrets_(kit::Secrets::of(s, "webhook_secret")),
        callback_url_(kit::callback_url(s)),
        api_url_(kit::base_url(
            s, "api_url",
            fmt::format("https://{}.sms.api.sinch.com", kit::setting_or(s, "region", "us")))) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 2000, .segments_per_s = 1.0};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;

 private:
  std::string plan_;
  std::string token_;
  std::string from_;
  kit::Secrets secrets_;
  std::string callback_url_;
  std::string api_url_;
};

// ---- Call ----

Result<HttpCall> Sinch::send_call(const Sms& sms, Instant wire_now) const {
  json::object body{{"to", json::array{kit::without_plus(sms.to)}},
                    {"from", kit::without_plus(kit::sender_or(sms, from_))},
                    {"body", sms.text},
                    {"delivery_report", "per_recipient"}};
  if (!sms.reference.empty()) body["client_reference"] = sms.reference;
  if (!callback_url_.empty()) body["callback_url"] = callback_url_;
  if (sms.validity_s > 0)
    body["expire_at"] = to_iso(wire_now + std::chrono::seconds{sms.validity_s});
  return kit::json_call(fmt::format("{}/xms/v1/{}/batches", api_url_, plan_), "Bearer " + token_,
                        body);
}

// ---- Answer ----

SendReply Sinch::read_reply(const HttpReply& reply) const {
  const auto body = kit::read_json(reply.body);
  if (reply.status / 100 == 2) return kit::accepted(body ? kit::text_at(*body, "/id") : "");
  SendReply out = kit::classify(reply);
  if (std::string code = body ? kit::text_at(*body, "/code") : ""; !code.empty())
    out.code = std::move(code);
  return out;
}

// ---- Authenticity ----

Result<Authentic> Sinch::authenticate(const Webhook& hook, Instant wire_now) const {
  const auto named = [&](std::string_view part) {
    return kit::sole_header(hook.headers, fmt::format("x-sinch-webhook-signature{}", part));
  };
  const std::string* signature = named("");
  const std::string* nonce = named("-nonce");
  const std::string* timestamp = named("-timestamp");
  const std::string* named_algorithm = named("-algorithm");
  if (!signature || !nonce || !timestamp || !named_algorithm || nonce->empty())
    return kit::refuse("unsigned", "one of the four x-sinch-webhook-signature headers is missing");
  if (*named_algorithm != algorithm)
    return kit::refuse("bad_signature", "the signature's algorithm is not HmacSHA256");
  if (secrets_.empty()) return kit::refuse("not_configured", "webhook_secret is not set");
  const auto at = kit::check_timestamp(*timestamp, wire_now);
  if (!at) return tl::unexpected(at.error());
  const std::string text = fmt::format("{}.{}.{}", hook.body, *nonce, *timestamp);
  const bool good = secrets_.any([&](const std::string& secret) {
    const std::string mac = kit::hmac(kit::Digest::sha256, secret, text);
    return kit::equal_in_constant_time(kit::to_base64(mac), *signature);
  });
  if (!good) return kit::refuse("bad_signature", "the signature does not match webhook_secret");
  return Authentic{.replay_key = "sinch:" + *nonce, .replay_until = *at + kit::timestamp_window};
}

// ---- Events ----

void set_report_status(Event& e);

Result<std::vector<Event>> Sinch::read_events(const Webhook& hook) const {
  const auto body = kit::read_json(hook.body);
  if (!body) return tl::unexpected(body.error());
  const auto text = [&](std::string_view pointer) { return kit::text_at(*body, pointer); };
  const std::string type = text("/type");
  Event e{.raw_status = type};
  if (kit::one_of(type, {"mo_text", "mo_binary", "mo_media"})) {
    e = {.type = EventType::mo,
         .event_id = text("/id"),
         .provider_message_id = text("/id"),
         .from = text("/from"),
         .to = text("/to"),
         .text = text("/body"),
         .at = kit::read_time(text("/received_at"))};
    e.detail.emplace_back(kit::bare_numbers_detail, "true");
    // A binary body is base64 of no text, a media body is an object: neither has words to read.
    if (type == "mo_binary") e.text.clear();
    if (type == "mo_media") e.text = text("/body/message");
  } else if (type == "recipient_delivery_report_sms") {
    e = {.type = EventType::dlr,
         .provider_message_id = text("/batch_id"),
         .reference = text("/client_reference"),
         .to = text("/recipient"),
         .at = kit::read_time(text("/at")),
         .raw_status = text("/status"),
         .error_code = text("/code")};
    e.event_id = e.provider_message_id + ":" + e.to + ":" + e.raw_status + ":" + e.error_code;
    set_report_status(e);
  }
  return std::vector<Event>{std::move(e)};
}

// ---- Status table ----

constexpr kit::StatusRow statuses[] = {
    {"Queued", DeliveryStatus::queued},          {"Dispatched", DeliveryStatus::sent},
    {"Delivered", DeliveryStatus::delivered},    {"Failed", DeliveryStatus::failed, false},
    {"Expired", DeliveryStatus::failed, false},  {"Aborted", DeliveryStatus::failed, true},
    {"Cancelled", DeliveryStatus::failed, true}, {"Rejected", DeliveryStatus::failed, true},
    {"Deleted", DeliveryStatus::failed, true},  // a bad number, or opted out: it does not say which
    {"Unknown", DeliveryStatus::sent},          // it left; whether it came is not known
};

void set_report_status(Event& e) {
  kit::set_status(e, statuses);
  if (e.error_code == "0") e.error_code.clear();
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const auto url = kit::split_url(kit::captured(vector, "/url"));
  std::string plan = url ? url->path : "";
  plan.erase(0, std::string_view("/xms/v1/").size());
  plan.erase(std::min(plan.find('/'), plan.size()));
  return config::Block::of({{"service_plan_id", plan},
                            {"api_token", kit::captured_token(vector)},
                            {"api_url", kit::captured_origin(vector)},
                            {"from", kit::text_at(body, "/from")},
                            {"webhook_url", kit::text_at(body, "/callback_url")},
                            {"webhook_secret", kit::captured(vector, "/secret")}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  return Sms{.reference = kit::text_at(body, "/client_reference"),
             .to = "+" + kit::text_at(body, "/to/0"),
             .text = kit::text_at(body, "/body"),
             .validity_s = kit::captured_validity_s(vector, "/expire_at")};
}

}  // namespace

ProviderType sinch_type() {
  return {.name = "sinch",
          .help = "Sinch SMS (XMS batches)",
          .fields = fields(),
          .make = kit::make_provider<Sinch>,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
