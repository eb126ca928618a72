// Infobip: SMS API v3 (or v2); webhooks are batches, proven by HTTP Basic (the HMAC scheme's
// header and signed text are not in the published specification, so it is not offered).
// Facts: the provider's specification and documentation; see its page for what is unconfirmed.
#include "providers/infobip.hpp"

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/parts.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

// ---- Settings ----

FieldTable fields() {
  FieldTable out{
      {.name = "api_url",
       .type = FieldType::url,
       .required = true,
       .help = "your own base address, https://XXXXX.api.infobip.com"},
      {.name = "api_key", .type = FieldType::secret, .required = true, .help = "API key"},
      {.name = "from", .required = true, .help = "sending number or sender name"},
      {.name = "api_version",
       .type = FieldType::word,
       .fallback = "3",
       .help = "version of the SMS API to send through",
       .choices = {"2", "3"}},
      {.name = "callback_username",
       .required = true,
       .help = "user name of the subscription's BASIC security"},
      {.name = "callback_password",
       .type = FieldType::secret,
       .required = true,
       .help = "password of the subscription's BASIC security"},
      {.name = "callback_password_next",
       .type = FieldType::secret,
       .help = "a second callback password, taken while it is changed"},
  };
  kit::add_webhook_fields(out);
  return out;
}

class Infobip final : public Provider {
 public:
  explicit Infobip(const config::Block& s)
      : api_url_(kit::base_url(s, "api_url", "")),
        api_key_(s.text("api_key")),
        from_(s.text("from")),
        version_2_(s.text("api_version") == "2"),
        callback_url_(kit::callback_url(s)),
        callback_username_(s.text("callback_username")),
        callback_passwords_(kit::Secrets::of(s, "callback_password")) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 1600, .segments_per_s = 1.0};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;

 private:
  std::string api_url_;
  std::string api_key_;
  std::string from_;
  bool version_2_;
  std::string callback_url_;
  std::string callback_username_;
  kit::Secrets callback_passwords_;
};

// ---- Call ----

constexpr int minutes_max = 2880;  // the API's longest validity, 48 hours

Result<HttpCall> Infobip::send_call(const Sms& sms, Instant /*wire_now*/) const {
  json::object destination{{"to", kit::without_plus(sms.to)}};
  if (!sms.reference.empty()) destination["messageId"] = sms.reference;
  const json::array to{std::move(destination)};
  const std::string from = kit::without_plus(kit::sender_or(sms, from_));
  json::object message;
  const int minutes = std::min((sms.validity_s + 59) / 60, minutes_max);
  if (version_2_) {
    message = {{"from", from}, {"destinations", to}, {"text", sms.text}};
    if (!callback_url_.empty()) message["notifyUrl"] = callback_url_;
    if (minutes > 0) message["validityPeriod"] = minutes;
  } else {
    message = {{"sender", from}, {"destinations", to}, {"content", {{"text", sms.text}}}};
    if (!callback_url_.empty())
      message["webhooks"] = {{"delivery", {{"url", callback_url_}, {"intermediateReport", true}}}};
    if (minutes > 0)
      message["options"] = {{"validityPeriod", {{"amount", minutes}, {"timeUnit", "MINUTES"}}}};
  }
  return kit::json_call(api_url_ + (version_2_ ? "/sms/2/text/advanced" : "/sms/3/messages"),
                        "App " + api_key_, {{"messages", json::array{std::move(message)}}});
}

// ---- Answer ----

SendReply Infobip::read_reply(const HttpReply& reply) const {
  const auto body = kit::read_json(reply.body);
  const auto text = [&](std::string_view pointer) {
    return body ? kit::text_at(*body, pointer) : std::string();
  };
  if (reply.status / 100 != 2) {
    SendReply out = kit::classify(reply);
    for (const auto* pointer :
         {"/errorCode", "/requestError/serviceException/messageId", "/violations/0/property"})
      if (std::string code = text(pointer); !code.empty()) {
        out.code = std::move(code);
        break;
      }
    return out;
  }
  const std::string group = text("/messages/0/status/groupId");
  // 1 pending and 3 delivered are accepted; 2, 4 and 5 say no at once, each for this text alone.
  if (kit::one_of(group, {"1", "3"})) return kit::accepted(text("/messages/0/messageId"));
  if (!kit::one_of(group, {"2", "4", "5"})) return kit::accepted("");
  const std::string name = text("/messages/0/status/name");
  SendReply out = kit::rejected(name);
  out.halt_route = name == "REJECTED_NOT_ENOUGH_CREDITS";
  out.bad_number = name == "REJECTED_DESTINATION" || name == "REJECTED_PREFIX_MISSING";
  return out;
}

// ---- Authenticity ----

Result<Authentic> Infobip::authenticate(const Webhook& hook, Instant /*wire_now*/) const {
  // Nothing is signed and nothing is unique: repeats are found by event id.
  return kit::check_basic(hook, callback_username_, callback_passwords_);
}

// ---- Events ----

void set_report_status(Event& e, const json::value& item);

Event read_event(const json::value& item) {
  const auto text = [&](std::string_view pointer) { return kit::text_at(item, pointer); };
  Event e{.provider_message_id = text("/messageId"), .from = text("/from"), .to = text("/to")};
  if (kit::at(item, "/status") != nullptr) {
    e.type = EventType::dlr;
    e.from = text("/sender").empty() ? e.from : text("/sender");
    // The message id is ours: it was set to the reference when the text was handed over.
    e.reference = e.provider_message_id;
    e.at = kit::read_time(text("/doneAt"));
    e.raw_status = text("/status/name");
    set_report_status(e, item);
    e.event_id = e.provider_message_id + ":" + e.raw_status + ":" + e.error_code;
  } else if (kit::at(item, "/text") != nullptr && !e.from.empty()) {
    e.type = EventType::mo;
    e.detail.emplace_back(kit::bare_numbers_detail, "true");
    e.text = text("/text");  // cleanText lacks the keyword, which may be the answer itself
    e.at = kit::read_time(text("/receivedAt"));
    e.event_id = e.provider_message_id;
  }
  return e;
}

Result<std::vector<Event>> Infobip::read_events(const Webhook& hook) const {
  const auto body = kit::read_json(hook.body);
  if (!body) return tl::unexpected(body.error());
  const json::value* results = kit::at(*body, "/results");
  if (results == nullptr || !results->is_array())
    return fault("bad_json", "The Infobip webhook holds no array of results.");
  std::vector<Event> events;
  for (const auto& item : results->get_array()) events.push_back(read_event(item));
  return events;
}

// ---- Status table ----

// By status.groupId; REJECTED is final whatever error.permanent says of the network's error.
constexpr kit::StatusRow groups[] = {
    {"1", DeliveryStatus::queued},         // PENDING_*
    {"2", DeliveryStatus::failed},         // UNDELIVERABLE_*
    {"3", DeliveryStatus::sent},           // DELIVERED_TO_OPERATOR; see below for the handset
    {"4", DeliveryStatus::failed, false},  // EXPIRED_*
    {"5", DeliveryStatus::failed, true},   // REJECTED_*
};

void set_report_status(Event& e, const json::value& item) {
  const std::string group = kit::text_at(item, "/status/groupId");
  if (const auto* row = kit::find_status(groups, group)) {
    e.status = row->status;
    e.permanent = row->permanent;
  }
  // DELIVERED_TO_OPERATOR (id 2) is intermediate; DELIVERED_TO_HANDSET is id 5.
  if (group == "3" && kit::text_at(item, "/status/id") != "2") e.status = DeliveryStatus::delivered;
  if (std::string id = kit::text_at(item, "/error/id"); id != "0") e.error_code = std::move(id);
  const json::value* permanent = kit::at(item, "/error/permanent");
  if (kit::one_of(group, {"2", "4"}) && permanent != nullptr && permanent->is_bool())
    e.permanent = permanent->get_bool();
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const auto text = [&](std::string_view pointer) { return kit::text_at(body, pointer); };
  const bool v2 = kit::captured(vector, "/url").find("/sms/2/") != std::string::npos;
  return config::Block::of(
      {{"api_url", kit::captured_origin(vector)},
       {"api_key", kit::captured_token(vector)},
       {"api_version", v2 ? "2" : "3"},
       {"from", text(v2 ? "/messages/0/from" : "/messages/0/sender")},
       {"webhook_url", text(v2 ? "/messages/0/notifyUrl" : "/messages/0/webhooks/delivery/url")},
       {"callback_username", kit::captured(vector, "/secret/username")},
       {"callback_password", kit::captured(vector, "/secret/password")}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const auto text = [&](std::string_view pointer) { return kit::text_at(body, pointer); };
  Sms sms{.reference = text("/messages/0/destinations/0/messageId"),
          .to = "+" + text("/messages/0/destinations/0/to"),
          .text = text("/messages/0/text")};
  if (sms.text.empty()) sms.text = text("/messages/0/content/text");
  return sms;
}

}  // namespace

ProviderType infobip_type() {
  return {.name = "infobip",
          .help = "Infobip SMS (v3 or v2)",
          .fields = fields(),
          .make = kit::make_provider<Infobip>,
          .replay = {.settings = replay_settings, .sms = replay_sms, .not_ours = {"/type"}}};
}

}  // namespace moodline::providers
