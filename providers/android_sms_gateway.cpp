// Android SMS Gateway: a phone as a modem, by its cloud relay or on the local network. Webhooks
// are signed (HMAC-SHA256 over body and timestamp). Facts: its OpenAPI file and documentation.
#include "providers/android_sms_gateway.hpp"

#include <array>
#include <boost/json/array.hpp>

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

constexpr std::string_view api_default = "https://api.sms-gate.app/3rdparty/v1";

// ---- Settings ----

FieldTable fields() {
  FieldTable f{
      {.name = "api_url",
       .type = FieldType::url,
       .fallback = api_default,
       .help = "the cloud, or http://PHONE:8080 on the local network"},
      {.name = "username", .help = "as the app shows it"},
      {.name = "password", .type = FieldType::secret, .help = "as the app shows it"},
      {.name = "token", .type = FieldType::secret, .help = "a JWT, instead of user and password"},
      {.name = "signing_key",
       .type = FieldType::secret,
       .required = true,
       .help = "Settings > Webhooks > Signing Key on the phone"},
      {.name = "signing_key_next",
       .type = FieldType::secret,
       .help = "a second one, accepted too (another phone, or while it changes)"},
      {.name = "device", .help = "device id; empty: any phone of the account"},
      {.name = "sim",
       .type = FieldType::integer,
       .help = "SIM slot; empty: the phone's default",
       .min = Decimal::of(1),
       .max = Decimal::of(3)},
      {.name = "priority",
       .type = FieldType::integer,
       .help = "100 and more pass by the phone's own limits",
       .min = Decimal::of(-128),
       .max = Decimal::of(127)}};
  kit::add_webhook_fields(f);
  return f;
}

class AndroidSmsGateway final : public Provider {
 public:
  explicit AndroidSmsGateway(config::Block settings)
      : s_(std::move(settings)),
        keys_(kit::Secrets::of(s_, "signing_key")),
        messages_url_(kit::base_url(s_, "api_url", api_default) + "/messages"),
        authorization_(s_.text("token").empty()
                           ? kit::basic_auth(s_.text("username"), s_.text("password"))
                           : "Bearer " + s_.text("token")) {}
  [[nodiscard]] Capabilities capabilities() const override {
    // A phone sends about one text in six seconds before networks take it for a robot.
    return {.text_characters_max = 1600, .segments_per_s = 0.15, .lookup = Lookup::by_reference};
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
  config::Block s_;
  kit::Secrets keys_;
  std::string messages_url_;
  std::string authorization_;
};

// ---- Call ----

Result<HttpCall> AndroidSmsGateway::send_call(const Sms& sms, Instant /*wire_now*/) const {
  constexpr int ttl_s_min = 5;
  json::object body;
  if (!sms.reference.empty()) body["id"] = sms.reference;
  body["textMessage"] = json::object{{"text", sms.text}};
  body["phoneNumbers"] = json::array{sms.to};
  body["withDeliveryReport"] = true;
  if (sms.validity_s > 0) body["ttl"] = std::max(sms.validity_s, ttl_s_min);
  if (!s_.text("device").empty()) body["deviceId"] = s_.text("device");
  if (!s_.text("sim").empty()) body["simNumber"] = s_.integer("sim");
  if (!s_.text("priority").empty()) body["priority"] = s_.integer("priority");
  return kit::json_call(messages_url_, authorization_, body);
}

// ---- Answer ----

SendReply AndroidSmsGateway::read_reply(const HttpReply& reply) const {
  SendReply r = kit::classify(reply);
  const auto body = kit::read_json(reply.body);
  if (r.outcome == SendOutcome::accepted)
    return kit::accepted(body ? kit::text_at(*body, "/id") : "");
  // 409: it already has a text of this id, and ids are ours. The receipt follows as usual.
  if (reply.status == 409) return {.outcome = SendOutcome::accepted, .code = "duplicate"};
  return r;
}

// ---- Authenticity ----

Result<Authentic> AndroidSmsGateway::authenticate(const Webhook& hook, Instant wire_now) const {
  if (keys_.empty()) return kit::refuse("not_configured", "signing_key is not set");
  const std::string* signature = kit::sole_header(hook.headers, "x-signature");
  const std::string* timestamp = kit::sole_header(hook.headers, "x-timestamp");
  if (signature == nullptr || timestamp == nullptr)
    return kit::refuse("unsigned", "X-Signature or X-Timestamp is missing");
  if (!keys_.any([&](const std::string& key) {
        return kit::equal_in_constant_time(
            kit::to_hex(kit::hmac(kit::Digest::sha256, key, hook.body + *timestamp)), *signature);
      }))
    return kit::refuse("bad_signature", "the signature does not match; check signing_key");
  // Retries are signed anew when they are sent, so the window holds for them too; repeats inside
  // it are found by event id.
  if (const auto fresh = kit::check_timestamp(*timestamp, wire_now); !fresh)
    return tl::unexpected(fresh.error());
  return Authentic{};
}

// ---- Events ----

Result<std::vector<Event>> AndroidSmsGateway::read_events(const Webhook& hook) const {
  const auto body = kit::read_json(hook.body);
  if (!body) return tl::unexpected(body.error());
  const auto text = [&body](std::string_view pointer) { return kit::text_at(*body, pointer); };
  const auto first = [&text](std::string_view a, std::string_view b) {
    const std::string value = text(a);
    return value.empty() ? text(b) : value;
  };
  const std::string kind = text("/event");
  // messageId is made from the content and not unique: the envelope's id is.
  Event e{.event_id = text("/id"), .provider_message_id = text("/payload/messageId")};
  if (kind == "sms:received") {
    e.type = EventType::mo;
    e.from = first("/payload/sender", "/payload/phoneNumber");
    e.to = text("/payload/recipient");
    e.text = text("/payload/message");
    e.at = kit::read_time(text("/payload/receivedAt"));
  } else if (kind == "mms:downloaded") {
    // mms:received only announces it, without its words.
    e.type = EventType::mo;
    e.from = first("/payload/sender", "/payload/phoneNumber");
    e.to = text("/payload/recipient");
    e.text = first("/payload/body", "/payload/subject");
    e.at = kit::read_time(text("/payload/receivedAt"));
  } else if (kind == "sms:sent" || kind == "sms:delivered" || kind == "sms:failed") {
    e.type = EventType::dlr;
    e.reference = e.provider_message_id;
    e.to = first("/payload/recipient", "/payload/phoneNumber");
    e.raw_status = kind;
    e.error_code = text("/payload/reason");
    e.at = kit::read_time(text("/payload/" + kind.substr(4) + "At"));
  }
  // ---- Status table ----
  constexpr std::array<kit::StatusRow, 3> statuses{{{"sms:sent", DeliveryStatus::sent},
                                                    {"sms:delivered", DeliveryStatus::delivered},
                                                    {"sms:failed", DeliveryStatus::failed, false}}};
  kit::set_status(e, statuses);
  return std::vector{std::move(e)};
}

// ---- Look-up: ids are ours, so a lost answer can be asked for ----

std::optional<HttpCall> AndroidSmsGateway::lookup_call(std::string_view reference,
                                                       Instant /*wire_now*/) const {
  return HttpCall{.method = "GET",
                  .url = messages_url_ + '/' + kit::percent_encode(reference),
                  .headers = {{"accept", "application/json"}, {"authorization", authorization_}}};
}

Result<std::vector<Event>> AndroidSmsGateway::read_lookup(const HttpReply& reply) const {
  if (reply.status == 404) return std::vector<Event>{};
  const auto body = kit::read_json(reply.body);
  if (reply.status != 200 || !body || kit::text_at(*body, "/id").empty())
    return fault("no_answer", "The gateway does not say what became of the text; ask again later.");
  constexpr std::array<kit::StatusRow, 5> states{{{"Pending", DeliveryStatus::queued},
                                                  {"Processed", DeliveryStatus::queued},
                                                  {"Sent", DeliveryStatus::sent},
                                                  {"Delivered", DeliveryStatus::delivered},
                                                  {"Failed", DeliveryStatus::failed, false}}};
  Event e{.type = EventType::dlr,
          .provider_message_id = kit::text_at(*body, "/id"),
          .reference = kit::text_at(*body, "/id"),
          .to = kit::text_at(*body, "/recipients/0/phoneNumber"),
          .raw_status = kit::text_at(*body, "/state"),
          .error_code = kit::text_at(*body, "/recipients/0/error")};
  kit::set_status(e, states);
  return std::vector{std::move(e)};
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  std::string api = kit::captured(vector, "/url");
  if (api.ends_with("/messages")) api.resize(api.size() - 9);
  const auto [user, password] = kit::captured_basic(vector);
  const json::value body = kit::captured_body(vector);
  return config::Block::of({{"api_url", api},
                            {"username", user},
                            {"password", password},
                            {"token", user.empty() ? kit::captured_token(vector) : ""},
                            {"device", kit::text_at(body, "/deviceId")},
                            {"sim", kit::text_at(body, "/simNumber")},
                            {"priority", kit::text_at(body, "/priority")},
                            {"signing_key", kit::captured(vector, "/secret")}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  return Sms{.reference = kit::text_at(body, "/id"),
             .to = kit::text_at(body, "/phoneNumbers/0"),
             .text = kit::text_at(body, "/textMessage/text"),
             .validity_s = static_cast<int>(kit::integer_at(body, "/ttl").value_or(0))};
}

}  // namespace

ProviderType android_sms_gateway_type() {
  return {.name = "android-sms-gateway",
          .help = "Android SMS Gateway: a phone as a modem",
          .fields = fields(),
          .make = kit::make_provider<AndroidSmsGateway>,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
