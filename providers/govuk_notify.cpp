// GOV.UK Notify: templates only. A text goes out as a template that the service has approved,
// filled with its values; callbacks are proven by a bearer token that the admin chose.
// Facts: the provider's SDK and technical documentation; see its page for what is unconfirmed.
#include "providers/govuk_notify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/jwt.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

constexpr std::string_view api_default = "https://api.notifications.service.gov.uk";
constexpr std::size_t uuid_characters = 36;
constexpr int day_s = 86'400;

// ---- Settings ----

FieldTable fields() {
  FieldTable out{
      {.name = "api_key",
       .type = FieldType::secret,
       .required = true,
       .help = "API key: name, service id and secret joined by hyphens"},
      {.name = "templates",
       .type = FieldType::mapping,
       .required = true,
       .help = "our template names to Notify's template ids"},
      {.name = "sms_sender_id", .help = "id of a sender; empty: the service's default"},
      {.name = "callback_token",
       .type = FieldType::secret,
       .required = true,
       .help = "bearer token you set on both callbacks"},
      {.name = "callback_token_next",
       .type = FieldType::secret,
       .help = "a second callback token, taken while it is changed"},
      {.name = "api_url",
       .type = FieldType::url,
       .fallback = api_default,
       .help = "base address of the API"},
  };
  kit::add_webhook_fields(out);
  return out;
}

class GovukNotify final : public Provider {
 public:
  explicit GovukNotify(const config::Block& s)
      : templates_(s.mapping("templates")),
        sender_id_(s.text("sms_sender_id")),
        tokens_(kit::Secrets::of(s, "callback_token")),
        api_url_(kit::base_url(s, "api_url", api_default)) {
    // The key is NAME-SERVICE_ID-SECRET; both ids are UUIDs of 36 characters.
    const std::string& key = s.text("api_key");
    if (key.size() > 2 * uuid_characters) {
      secret_ = key.substr(key.size() - uuid_characters);
      service_id_ = key.substr(key.size() - 2 * uuid_characters - 1, uuid_characters);
    }
  }
  [[nodiscard]] Capabilities capabilities() const override {
    return {.template_only = true,
            .text_characters_max = 918,
            .segments_per_s = 50.0,
            .lookup = Lookup::by_reference};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;
  [[nodiscard]] std::optional<HttpCall> lookup_call(std::string_view reference,
                                                    Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_lookup(const HttpReply& reply) const override;

 private:
  [[nodiscard]] std::string bearer(Instant wire_now) const {
    const json::object claims{{"iss", service_id_}, {"iat", wire_now.ms / 1000}};
    return "Bearer " + kit::sign_jwt_hs256(claims, secret_);
  }
  std::string service_id_;
  std::string secret_;
  std::map<std::string, std::string> templates_;
  std::string sender_id_;
  kit::Secrets tokens_;
  std::string api_url_;
};

// ---- Call ----

Result<HttpCall> GovukNotify::send_call(const Sms& sms, Instant wire_now) const {
  const auto id = templates_.find(sms.template_name);
  if (id == templates_.end())
    return fault("cannot_send",
                 fmt::format("GOV.UK Notify has no free text: add \"{}\" to the route's templates.",
                             sms.template_name));
  json::object values;
  for (const auto& [name, value] : sms.personalisation) values[name] = value;
  json::object body{{"phone_number", sms.to},
                    {"template_id", id->second},
                    {"personalisation", std::move(values)}};
  if (!sms.reference.empty()) body["reference"] = sms.reference;
  if (const std::string sender = kit::sender_or(sms, sender_id_); !sender.empty())
    body["sms_sender_id"] = sender;
  return kit::json_call(api_url_ + "/v2/notifications/sms", bearer(wire_now), body);
}

std::optional<HttpCall> GovukNotify::lookup_call(std::string_view reference,
                                                 Instant wire_now) const {
  HttpCall call{.method = "GET", .url = api_url_ + "/v2/notifications"};
  call.url = kit::with_query(call.url, "reference", reference);
  call.headers = {{"accept", "application/json"}, {"authorization", bearer(wire_now)}};
  return call;
}

// ---- Answer ----

// The daily limit lasts until 00:00 UTC; the answer's own Date says how long that is. Asking
// again every hour is the fallback: a 429 sends nothing and costs nothing.
int until_midnight_s(const HttpReply& reply) {
  constexpr int hour_s = 3600;
  const std::string_view date = kit::header(reply.headers, "date");  // "... 19:40:00 GMT"
  const auto colon = date.find(':');
  if (colon == std::string_view::npos || colon < 2 || date.size() < colon + 6) return hour_s;
  const auto time = time_from_hm(date.substr(colon - 2, 8));
  return time ? day_s - time->s : hour_s;
}

SendReply GovukNotify::read_reply(const HttpReply& reply) const {
  const auto body = kit::read_json(reply.body);
  if (reply.status / 100 == 2) return kit::accepted(body ? kit::text_at(*body, "/id") : "");
  SendReply out = kit::classify(reply);
  const std::string error = body ? kit::text_at(*body, "/errors/0/error") : "";
  if (!error.empty()) out.code = error;
  const std::string message = body ? kit::text_at(*body, "/errors/0/message") : "";
  // The specification's own example calls the limit a minute by this name too.
  const bool minute = message.find("rate limit") != std::string::npos;
  if (error == "TooManyRequestsError" && reply.status == 429 && !minute) {
    out.retry_after_s = until_midnight_s(reply);
  } else if (reply.status == 403 && message.find("system clock") != std::string::npos) {
    // The same error as for a wrong key, told apart by its message alone: the text is not at
    // fault and goes once the clock is right, but nothing goes before an admin looked.
    out = {.outcome = SendOutcome::retry_later, .code = "clock_skew", .halt_route = true};
  } else if (error == "ValidationError" && message.find("phone_number") != std::string::npos) {
    out.bad_number = true;
  }
  return out;
}

// ---- Authenticity ----

Result<Authentic> GovukNotify::authenticate(const Webhook& hook, Instant /*wire_now*/) const {
  return kit::check_bearer(hook, tokens_);  // nothing is signed: repeats are found by event id
}

// ---- Events ----

void set_report_status(Event& e);

Event read_report(const json::value& v, std::string_view to) {
  const auto text = [&](std::string_view pointer) { return kit::text_at(v, pointer); };
  Event e{.type = EventType::dlr,
          .provider_message_id = text("/id"),
          .reference = text("/reference"),
          .to = text(to),
          .raw_status = text("/status")};
  for (const auto* pointer : {"/completed_at", "/sent_at", "/created_at"})
    if (!e.at) e.at = kit::read_time(text(pointer));
  e.event_id = e.provider_message_id + ":" + e.raw_status;
  set_report_status(e);
  return e;
}

Result<std::vector<Event>> GovukNotify::read_events(const Webhook& hook) const {
  const auto body = kit::read_json(hook.body);
  if (!body) return tl::unexpected(body.error());
  const auto text = [&](std::string_view pointer) { return kit::text_at(*body, pointer); };
  Event e;
  if (kit::at(*body, "/source_number") != nullptr) {
    e = {.type = EventType::mo,
         .event_id = text("/id"),
         .provider_message_id = text("/id"),
         .from = text("/source_number"),
         .to = text("/destination_number"),
         .text = text("/message"),
         .at = kit::read_time(text("/date_received"))};
  } else if (!text("/status").empty()) {
    e = read_report(*body, "/to");
    // Only texts are ours: a service may also send emails and letters.
    if (const std::string kind = text("/notification_type"); !kind.empty() && kind != "sms")
      e.type = EventType::ignored;
  }
  return std::vector<Event>{std::move(e)};
}

Result<std::vector<Event>> GovukNotify::read_lookup(const HttpReply& reply) const {
  const auto body = kit::read_json(reply.body);
  if (reply.status != 200 || !body)
    return fault("lookup_failed", "GOV.UK Notify did not answer the look-up; ask again later.");
  const json::value* list = kit::at(*body, "/notifications");
  if (list == nullptr || !list->is_array())
    return fault("lookup_failed", "GOV.UK Notify's answer holds no list of notifications.");
  std::vector<Event> events;
  for (const auto& item : list->get_array()) events.push_back(read_report(item, "/phone_number"));
  return events;
}

// ---- Status table ----

constexpr kit::StatusRow statuses[] = {
    {"created", DeliveryStatus::queued},
    {"sending", DeliveryStatus::sent},
    {"pending", DeliveryStatus::sent},
    {"sent", DeliveryStatus::sent},  // abroad: the last word, no receipt follows
    {"delivered", DeliveryStatus::delivered},
    {"permanent-failure", DeliveryStatus::failed, true},
    {"temporary-failure", DeliveryStatus::failed, false},
    {"technical-failure", DeliveryStatus::failed, false},
};

void set_report_status(Event& e) {
  kit::set_status(e, statuses);
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const bool sends = kit::captured(vector, "/kind") == "outbound-request";
  config::Block out =
      config::Block::of({{sends ? "api_key" : "callback_token", kit::captured(vector, "/secret")},
                         {"sms_sender_id", kit::text_at(body, "/sms_sender_id")}});
  const std::string id = kit::text_at(body, "/template_id");
  config::Value templates;
  templates.table[id] = id;
  out.set("templates", std::move(templates));
  return out;
}

Result<std::unique_ptr<Provider>> make(const config::Block& settings) {
  const std::size_t size = settings.text("api_key").size();
  if (size != 0 && size < 2 * uuid_characters + 1)
    return fault("bad_setting",
                 "api_key is not a GOV.UK Notify key; copy it whole: NAME-SERVICE_ID-SECRET.");
  return std::make_unique<GovukNotify>(settings);
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  Sms sms{.reference = kit::text_at(body, "/reference"),
          .to = kit::text_at(body, "/phone_number"),
          .template_name = kit::text_at(body, "/template_id")};
  if (const json::value* values = kit::at(body, "/personalisation"); values && values->is_object())
    for (const auto& [name, value] : values->get_object())
      sms.personalisation.emplace_back(name, kit::text_of(value));
  return sms;
}

}  // namespace

ProviderType govuk_notify_type() {
  return {.name = "govuk-notify",
          .help = "GOV.UK Notify (approved templates only)",
          .fields = fields(),
          .make = make,
          .replay = {.settings = replay_settings, .sms = replay_sms},
          .template_only = true};
}

}  // namespace moodline::providers
