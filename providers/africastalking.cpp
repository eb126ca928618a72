// Africa's Talking: the version1 messaging API. Its webhooks bear no proof at all, so the path
// must end in a secret segment, and a receipt counts only for a text that was sent.
// Facts: the provider's SDK and documentation; what is unconfirmed is marked in its page.
#include "providers/africastalking.hpp"

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

constexpr std::string_view live = "https://api.africastalking.com";
constexpr std::string_view sandbox = "https://api.sandbox.africastalking.com";

// ---- Settings ----

FieldTable fields() {
  FieldTable out{
      {.name = "username",
       .required = true,
       .help = "name of the app; \"sandbox\" sends to the sandbox"},
      {.name = "api_key", .type = FieldType::secret, .required = true, .help = "API key"},
      {.name = "from", .help = "short code or sender name; empty: the provider's shared one"},
      {.name = "enqueue",
       .type = FieldType::boolean,
       .help = "true: answer at once and send from their queue"},
      {.name = "api_url",
       .type = FieldType::url,
       .help = "base address of the API; empty: live, or the sandbox by username"},
  };
  kit::add_webhook_fields(out);
  for (auto& field : out)
    if (field.name == "path_secret") field.required = true;
  return out;
}

class AfricasTalking final : public Provider {
 public:
  explicit AfricasTalking(const config::Block& s)
      : username_(s.text("username")),
        api_key_(s.text("api_key")),
        from_(s.text("from")),
        enqueue_(s.text("enqueue") == "true"),
        path_secrets_(kit::Secrets::of(s, "path_secret")),
        api_url_(kit::base_url(s, "api_url", username_ == "sandbox" ? sandbox : live)) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 1600, .segments_per_s = 1.0, .body_is_signed = false};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;

 private:
  std::string username_;
  std::string api_key_;
  std::string from_;
  bool enqueue_;
  kit::Secrets path_secrets_;
  std::string api_url_;
};

// ---- Call ----

Result<HttpCall> AfricasTalking::send_call(const Sms& sms, Instant /*wire_now*/) const {
  kit::Fields form{{"username", username_}, {"to", sms.to}, {"message", sms.text}};
  if (std::string from = kit::sender_or(sms, from_); !from.empty())
    form.emplace_back("from", std::move(from));
  form.emplace_back("bulkSMSMode", "1");
  if (enqueue_) form.emplace_back("enqueue", "1");
  HttpCall call = kit::form_call(api_url_ + "/version1/messaging", "", form);
  call.headers.emplace_back("apikey", api_key_);
  return call;
}

// ---- Answer ----

// Per-recipient statusCode: 100-102 taken, 401-409 refused, 5xx the provider's own gateway.
SendReply read_recipient(const HttpReply& reply, const json::value& recipient) {
  std::string code = kit::text_at(recipient, "/statusCode");
  if (kit::one_of(code, {"100", "101", "102"}))
    return kit::accepted(kit::text_at(recipient, "/messageId"));
  if (code.size() == 3 && code.starts_with('5')) return kit::later(reply, std::move(code));
  if (code.size() != 3 || !code.starts_with('4')) return kit::accepted("");
  SendReply out = kit::rejected(std::move(code));
  out.halt_route = kit::one_of(out.code, {"402", "405"});  // sender name, balance
  out.opted_out = out.code == "406";                       // on the blacklist
  out.bad_number = kit::one_of(out.code, {"403", "404"});  // invalid, or of no supported type
  return out;
}

SendReply AfricasTalking::read_reply(const HttpReply& reply) const {
  if (reply.status / 100 != 2) return kit::classify(reply);
  const auto body = kit::read_json(reply.body);
  if (!body) return kit::accepted("");
  if (const auto* recipient = kit::at(*body, "/SMSMessageData/Recipients/0"))
    return read_recipient(reply, *recipient);
  // No recipient at all: nothing was sent. "InvalidSenderId" and its like need the admin.
  const std::string message = kit::text_at(*body, "/SMSMessageData/Message");
  if (message.empty()) return kit::accepted("");
  return message.find("Sender") != std::string::npos ? kit::halted(message)
                                                     : kit::rejected(message);
}

// ---- Authenticity ----

Result<Authentic> AfricasTalking::authenticate(const Webhook& hook, Instant /*wire_now*/) const {
  return kit::check_path(hook, path_secrets_);
}

// ---- Events ----

void set_report_status(Event& e);

Result<std::vector<Event>> AfricasTalking::read_events(const Webhook& hook) const {
  const auto form = kit::fields_of(hook);
  if (!form) return tl::unexpected(form.error());
  const auto text = [&](std::string_view name) { return kit::text_of(*form, name); };
  Event e{.provider_message_id = text("id")};
  if (kit::find(*form, "status") != nullptr) {
    e.type = EventType::dlr;
    e.to = text("phoneNumber");
    e.raw_status = text("status");
    e.error_code = text("failureReason");
    e.event_id = e.provider_message_id + ":" + e.raw_status + ":" + e.error_code;
    set_report_status(e);
  } else if (kit::find(*form, "senderId") != nullptr &&
             kit::find(*form, "phoneNumber") != nullptr) {
    e.type = EventType::opt_out;
    e.from = text("phoneNumber");
    e.to = text("senderId");
  } else if (kit::find(*form, "text") != nullptr && kit::find(*form, "from") != nullptr) {
    e.type = EventType::mo;
    e.event_id = e.provider_message_id;
    e.from = text("from");
    e.to = text("to");
    e.text = text("text");
    e.at = kit::read_time(text("date"));
  }
  return std::vector<Event>{std::move(e)};
}

// ---- Status table ----

constexpr kit::StatusRow statuses[] = {
    {"Sent", DeliveryStatus::sent},
    {"Submitted", DeliveryStatus::sent},
    {"Buffered", DeliveryStatus::sent},
    {"Success", DeliveryStatus::delivered},
    {"Failed", DeliveryStatus::failed},
    {"Rejected", DeliveryStatus::failed},
    {"Expired", DeliveryStatus::failed, false},
};

void set_report_status(Event& e) {
  kit::set_status(e, statuses);
  if (e.status != DeliveryStatus::failed) return;
  if (kit::one_of(e.error_code, {"AbsentSubscriber", "InsufficientCredit"})) e.permanent = false;
  // The provider's pages write both UserInBlackList and UserInBlacklist.
  e.opted_out = kit::one_of(e.error_code, {"UserInBlackList", "UserInBlacklist"});
  if (e.opted_out || kit::one_of(e.error_code, {"UserIsInactive", "DeliveryFailure"}))
    e.permanent = true;
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const bool sends = kit::captured(vector, "/kind") == "outbound-request";
  return config::Block::of({{"username", kit::text_at(body, "/username")},
                            {"api_key", kit::captured(vector, "/headers/apikey")},
                            {"from", kit::text_at(body, "/from")},
                            {"enqueue", kit::text_at(body, "/enqueue") == "1" ? "true" : ""},
                            {"api_url", kit::captured_origin(vector)},
                            {"path_secret", sends ? "" : kit::captured_path_secret(vector)}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  return Sms{.to = kit::text_at(body, "/to"), .text = kit::text_at(body, "/message")};
}

}  // namespace

ProviderType africastalking_type() {
  return {.name = "africastalking",
          .help = "Africa's Talking bulk SMS",
          .fields = fields(),
          .make = kit::make_provider<AfricasTalking>,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
