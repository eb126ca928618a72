// Bandwidth: the v2 messaging API; webhooks are batches, proven by HTTP Basic alone.
// Facts: the provider's SDK and documentation; what is unconfirmed is marked in its page.
#include "providers/bandwidth.hpp"

#include <fmt/format.h>

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

constexpr std::string_view api_default = "https://messaging.bandwidth.com";

// ---- Settings ----

FieldTable fields() {
  FieldTable out{
      {.name = "account_id", .required = true, .help = "account number, from the dashboard"},
      {.name = "username", .required = true, .help = "API user"},
      {.name = "password",
       .type = FieldType::secret,
       .required = true,
       .help = "password of the API user"},
      {.name = "application_id",
       .required = true,
       .help = "messaging application the number belongs to"},
      {.name = "from", .required = true, .help = "sending number (E.164) or short code"},
      {.name = "priority",
       .type = FieldType::word,
       .help = "place in the account's queue; empty: default",
       .choices = {"default", "high"}},
      {.name = "callback_username",
       .required = true,
       .help = "user name you set on the application's callbacks"},
      {.name = "callback_password",
       .type = FieldType::secret,
       .required = true,
       .help = "password you set on the application's callbacks"},
      {.name = "callback_password_next",
       .type = FieldType::secret,
       .help = "a second callback password, taken while it is changed"},
      {.name = "api_url",
       .type = FieldType::url,
       .fallback = api_default,
       .help = "base address of the API"},
  };
  kit::add_webhook_fields(out);
  return out;
}

class Bandwidth final : public Provider {
 public:
  explicit Bandwidth(const config::Block& s)
      : account_(s.text("account_id")),
        authorization_(kit::basic_auth(s.text("username"), s.text("password"))),
        application_(s.text("application_id")),
        from_(s.text("from")),
        priority_(s.text("priority")),
        callback_username_(s.text("callback_username")),
        callback_passwords_(kit::Secrets::of(s, "callback_password")),
        api_url_(kit::base_url(s, "api_url", api_default)) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 2048, .segments_per_s = 1.0};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;

 private:
  std::string account_;
  std::string authorization_;
  std::string application_;
  std::string from_;
  std::string priority_;
  std::string callback_username_;
  kit::Secrets callback_passwords_;
  std::string api_url_;
};

// ---- Call ----

Result<HttpCall> Bandwidth::send_call(const Sms& sms, Instant wire_now) const {
  json::object body{{"applicationId", application_},
                    {"to", json::array{sms.to}},
                    {"from", kit::sender_or(sms, from_)},
                    {"text", sms.text}};
  if (!sms.reference.empty()) body["tag"] = sms.reference;
  if (!priority_.empty()) body["priority"] = priority_;
  if (sms.validity_s > 0)
    body["expiration"] = to_iso(wire_now + std::chrono::seconds{sms.validity_s});
  return kit::json_call(fmt::format("{}/api/v2/users/{}/messages", api_url_, account_),
                        authorization_, body);
}

// ---- Answer ----

SendReply Bandwidth::read_reply(const HttpReply& reply) const {
  const auto body = kit::read_json(reply.body);
  if (reply.status / 100 == 2) return kit::accepted(body ? kit::text_at(*body, "/id") : "");
  // "Any 4xx or 5xx is neither billed nor sent", so even a gateway's 504 may be tried again.
  SendReply out = kit::classify(reply);
  if (reply.status >= 500) out = kit::later(reply, out.code);
  if (!body) return out;
  if (std::string type = kit::text_at(*body, "/type"); !type.empty()) out.code = std::move(type);
  out.bad_number =
      reply.status == 400 && kit::text_at(*body, "/fieldErrors/0/fieldName").starts_with("to");
  return out;
}

// ---- Authenticity ----

Result<Authentic> Bandwidth::authenticate(const Webhook& hook, Instant /*wire_now*/) const {
  // Nothing is signed and nothing is unique: repeats are found by event id.
  return kit::check_basic(hook, callback_username_, callback_passwords_);
}

// ---- Events ----

void set_report_status(Event& e);

Event read_event(const json::value& item) {
  Event e{.provider_message_id = kit::text_at(item, "/message/id"),
          .from = kit::text_at(item, "/message/from"),
          .to = kit::text_at(item, "/to"),
          .at = kit::read_time(kit::text_at(item, "/time")),
          .raw_status = kit::text_at(item, "/type")};
  e.event_id = e.provider_message_id + ":" + e.raw_status;
  if (e.to.empty()) e.to = kit::text_at(item, "/message/to/0");
  if (e.raw_status == "message-received") {
    e.type = EventType::mo;
    e.text = kit::text_at(item, "/message/text");
    e.raw_status.clear();
  } else if (kit::one_of(e.raw_status,
                         {"message-sending", "message-delivered", "message-failed"})) {
    e.type = EventType::dlr;
    e.reference = kit::text_at(item, "/message/tag");
    e.error_code = kit::text_at(item, "/errorCode");
    set_report_status(e);
  }
  return e;
}

Result<std::vector<Event>> Bandwidth::read_events(const Webhook& hook) const {
  const auto body = kit::read_json(hook.body);
  if (!body) return tl::unexpected(body.error());
  if (!body->is_array()) return fault("bad_json", "The Bandwidth webhook is not a JSON array.");
  std::vector<Event> events;
  for (const auto& item : body->get_array()) events.push_back(read_event(item));
  return events;
}

// ---- Status table ----

constexpr kit::StatusRow statuses[] = {
    {"message-sending", DeliveryStatus::sent},
    {"message-delivered", DeliveryStatus::delivered},
    {"message-failed", DeliveryStatus::failed},
};

void set_report_status(Event& e) {
  kit::set_status(e, statuses);
  if (e.status != DeliveryStatus::failed) return;
  if (e.error_code == "9902") {  // no receipt came in time: what became of the text is unknown
    e.status = DeliveryStatus::sent;
  } else if (e.error_code.size() == 4 && e.error_code.starts_with('4')) {
    e.permanent = !kit::one_of(e.error_code, {"4702", "4780", "4781", "4785"});
    e.opted_out = kit::one_of(e.error_code, {"4775", "4482"});
  } else if (e.error_code.size() == 4 && e.error_code.starts_with('5')) {
    e.permanent = false;
  }
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const auto [user, password] = kit::captured_basic(vector);
  const auto url = kit::split_url(kit::captured(vector, "/url"));
  std::string account = url ? url->path : "";
  account.erase(0, std::string_view("/api/v2/users/").size());
  account.erase(std::min(account.find('/'), account.size()));
  return config::Block::of({{"account_id", account},
                            {"username", user},
                            {"password", password},
                            {"application_id", kit::text_at(body, "/applicationId")},
                            {"from", kit::text_at(body, "/from")},
                            {"priority", kit::text_at(body, "/priority")},
                            {"callback_username", kit::captured(vector, "/secret/username")},
                            {"callback_password", kit::captured(vector, "/secret/password")}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  return Sms{.reference = kit::text_at(body, "/tag"),
             .to = kit::text_at(body, "/to/0"),
             .text = kit::text_at(body, "/text"),
             .validity_s = kit::captured_validity_s(vector, "/expiration")};
}

}  // namespace

ProviderType bandwidth_type() {
  return {.name = "bandwidth",
          .help = "Bandwidth messaging (v2)",
          .fields = fields(),
          .make = kit::make_provider<Bandwidth>,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
