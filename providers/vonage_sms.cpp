// Vonage's SMS API: every answer is HTTP 200, the truth is in messages[].status; webhooks are
// proven by a signature over their sorted parameters. Settings stand in vonage.cpp.
// Facts: the provider's SDKs, specification and documentation; see its page for the unconfirmed.
#include <algorithm>

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/parts.hpp"
#include "providers/vonage.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

class VonageSms final : public Provider {
 public:
  explicit VonageSms(const config::Block& s)
      : api_key_(s.text("api_key")),
        api_secret_(s.text("api_secret")),
        from_(s.text("from")),
        secrets_(kit::Secrets::of(s, "signature_secret")),
        method_(kit::setting_or(s, "signature_method", "sha256")),
        form_(s.text("encoding") == "form"),
        callback_url_(kit::callback_url(s)),
        api_url_(kit::base_url(s, "api_url", "https://rest.nexmo.com")) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 3200, .segments_per_s = 30.0};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;

 private:
  std::string api_key_;
  std::string api_secret_;
  std::string from_;
  kit::Secrets secrets_;
  std::string method_;
  bool form_;
  std::string callback_url_;
  std::string api_url_;
};

// ---- Call ----

// The API takes 20 seconds to seven days, in milliseconds.
std::int64_t ttl_ms(int validity_s) {
  return std::clamp<std::int64_t>(std::int64_t{validity_s} * 1000, 20'000, 604'800'000);
}

Result<HttpCall> VonageSms::send_call(const Sms& sms, Instant /*wire_now*/) const {
  kit::Fields fields{{"to", kit::without_plus(sms.to)},
                     {"from", kit::without_plus(kit::sender_or(sms, from_))},
                     {"text", sms.text},
                     {"type", sms.unicode ? "unicode" : "text"}};
  if (!sms.reference.empty()) fields.emplace_back("client-ref", sms.reference);
  if (!callback_url_.empty()) fields.emplace_back("callback", callback_url_);
  const std::string url = api_url_ + "/sms/json";
  if (form_) {
    fields.emplace_back("status-report-req", "true");
    if (sms.validity_s > 0) fields.emplace_back("ttl", std::to_string(ttl_ms(sms.validity_s)));
    fields.emplace_back("api_key", api_key_);
    fields.emplace_back("api_secret", api_secret_);
    return kit::form_call(url, "", fields);
  }
  json::object body;
  for (const auto& [name, value] : fields) body[name] = value;
  body["status-report-req"] = true;
  if (sms.validity_s > 0) body["ttl"] = ttl_ms(sms.validity_s);
  return kit::json_call(url, kit::basic_auth(api_key_, api_secret_), body);
}

// ---- Answer ----

// "Throughput Rate Exceeded - please wait [ 250 ] and retry": milliseconds.
std::optional<int> wait_s(const std::string& error_text) {
  constexpr std::size_t digits_max = 7;
  const auto open = error_text.find('[');
  if (open == std::string::npos) return std::nullopt;
  std::string digits;
  for (const char c : error_text.substr(open + 1)) {
    if (c == ']') break;
    if (c >= '0' && c <= '9') digits += c;
  }
  if (digits.empty() || digits.size() > digits_max) return std::nullopt;
  return (std::stoi(digits) + 999) / 1000;
}

SendReply read_status(const HttpReply& reply, const json::value& message) {
  const std::string status = kit::text_at(message, "/status");
  if (kit::one_of(status, {"1", "5", "10"})) {
    SendReply out = kit::later(reply, status);
    if (const auto wait = wait_s(kit::text_at(message, "/error-text"))) out.retry_after_s = wait;
    return out;
  }
  if (status ==
      "9") {  // quota: the text may go once there is credit, but not before an admin looked
    SendReply out = kit::later(reply, status);
    out.halt_route = true;
    return out;
  }
  if (kit::one_of(status, {"4", "8", "11", "14", "32"})) return kit::halted(status);
  SendReply out = kit::rejected(status);
  out.bad_number = status == "33";  // the number has been given up
  return out;
}

SendReply VonageSms::read_reply(const HttpReply& reply) const {
  if (reply.status / 100 != 2) return kit::classify(reply);
  const auto body = kit::read_json(reply.body);
  const json::value* messages = body ? kit::at(*body, "/messages") : nullptr;
  if (messages == nullptr || !messages->is_array()) return kit::accepted("");
  SendReply out;
  const json::value* refused = nullptr;
  for (const auto& message : messages->get_array()) {
    if (kit::text_at(message, "/status") == "0")
      out.provider_message_ids.push_back(kit::text_at(message, "/message-id"));
    else if (refused == nullptr)
      refused = &message;
  }
  if (refused == nullptr && !out.provider_message_ids.empty()) {
    out.outcome = SendOutcome::accepted;
  } else if (refused != nullptr && out.provider_message_ids.empty()) {
    if (kit::text_at(*refused, "/status").empty()) return kit::accepted("");
    return read_status(reply, *refused);
  } else {
    // Some parts went and some did not: sending the whole again would text twice.
    out.outcome = SendOutcome::unknown;
    out.code = refused != nullptr ? kit::text_at(*refused, "/status") : "unreadable";
  }
  return out;
}

// ---- Authenticity ----

// "&name=value" by sorted names; "&" and "=" in values become "_", as the provider does.
std::string text_to_sign(kit::Fields fields) {
  std::sort(fields.begin(), fields.end());
  std::string out;
  for (auto& [name, value] : fields) {
    if (name == "sig") continue;
    std::replace(value.begin(), value.end(), '&', '_');
    std::replace(value.begin(), value.end(), '=', '_');
    out.append("&").append(name).append("=").append(value);
  }
  return out;
}

std::string signature_of(const std::string& text, const std::string& method,
                         const std::string& secret) {
  if (method == "md5hash") return kit::to_hex(kit::digest(kit::Digest::md5, text + secret));
  const auto digest = kit::digest_from(method);
  return digest ? kit::to_hex(kit::hmac(*digest, secret, text)) : std::string();
}

Result<Authentic> VonageSms::authenticate(const Webhook& hook, Instant wire_now) const {
  const auto fields = kit::fields_of(hook);  // GET, form or JSON, by a setting of the account
  if (!fields) return kit::refuse("unsigned", "the webhook's parameters cannot be read");
  const auto sole = [&](std::string_view name) -> const std::string* {
    const auto named = [&](const auto& field) { return field.first == name; };
    return std::count_if(fields->begin(), fields->end(), named) == 1 ? kit::find(*fields, name)
                                                                     : nullptr;
  };
  const std::string* sig = sole("sig");
  const std::string* timestamp = sole("timestamp");
  if (sig == nullptr || timestamp == nullptr)
    return kit::refuse("unsigned",
                       "sig or timestamp is missing; ask the provider to sign webhooks");
  if (secrets_.empty()) return kit::refuse("not_configured", "signature_secret is not set");
  const auto at = kit::check_timestamp(*timestamp, wire_now);
  if (!at) return tl::unexpected(at.error());
  const auto raw = kit::from_hex(*sig);  // either case
  const std::string text = text_to_sign(*fields);
  const bool good = raw && !raw->empty() && secrets_.any([&](const std::string& secret) {
    return kit::equal_in_constant_time(signature_of(text, method_, secret), kit::to_hex(*raw));
  });
  if (!good) return kit::refuse("bad_signature", "sig does not match signature_secret and method");
  const std::string nonce = kit::text_of(*fields, "nonce");
  return Authentic{.replay_key = "vonage:" + (nonce.empty() ? kit::to_hex(*raw) : nonce),
                   .replay_until = *at + kit::timestamp_window};
}

// ---- Events ----

void set_report_status(Event& e);

int small_number(const std::string& text) {
  constexpr std::size_t digits_max = 5;
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return text.empty() || text.size() > digits_max || !digits ? 0 : std::stoi(text);
}

Result<std::vector<Event>> VonageSms::read_events(const Webhook& hook) const {
  const auto fields = kit::fields_of(hook);
  if (!fields) return tl::unexpected(fields.error());
  const auto text = [&](std::string_view name) { return kit::text_of(*fields, name); };
  Event e{.provider_message_id = text("messageId"),
          .at = kit::read_time(text("message-timestamp"))};
  if (kit::find(*fields, "status") != nullptr && !e.provider_message_id.empty()) {
    e.type = EventType::dlr;
    e.detail.emplace_back(kit::part_detail, e.provider_message_id);  // one receipt a part
    e.reference = text("client-ref");
    e.from = text("to");  // a receipt turns the two about
    e.to = text("msisdn");
    e.raw_status = text("status");
    e.error_code = text("err-code");
    e.event_id = e.provider_message_id + ":" + e.raw_status + ":" + e.error_code;
    set_report_status(e);
  } else if (kit::find(*fields, "msisdn") != nullptr && !e.provider_message_id.empty()) {
    e.type = EventType::mo;
    e.detail.emplace_back(kit::bare_numbers_detail, "true");
    e.from = text("msisdn");
    e.to = text("to");
    e.text = text("text");
    e.event_id = e.provider_message_id;
    if (text("concat") == "true") {
      e.concat_ref = small_number(text("concat-ref"));
      e.concat_total = small_number(text("concat-total"));
      e.concat_part = small_number(text("concat-part"));
      e.event_id += ":" + text("concat-part");
    }
  }
  return std::vector<Event>{std::move(e)};
}

// ---- Status table ----

constexpr kit::StatusRow statuses[] = {
    {"accepted", DeliveryStatus::sent},       {"buffered", DeliveryStatus::sent},
    {"unknown", DeliveryStatus::sent},  // it left; whether it came is not known
    {"delivered", DeliveryStatus::delivered}, {"expired", DeliveryStatus::failed, false},
    {"failed", DeliveryStatus::failed},       {"rejected", DeliveryStatus::failed},
};

void set_report_status(Event& e) {
  kit::set_status(e, statuses);
  if (e.error_code == "0") e.error_code.clear();
  if (e.status != DeliveryStatus::failed) return;
  // 1 and 99 are the provider's "unknown": no ground to give the number up.
  if (kit::one_of(e.error_code, {"1", "2", "7", "8", "15", "16", "99"})) e.permanent = false;
  if (kit::one_of(e.error_code, {"3", "4", "5", "6", "9", "10", "11", "12", "13", "14", "50", "51",
                                 "52", "53", "54"}))
    e.permanent = true;
  e.opted_out = e.error_code == "9";
}

}  // namespace

std::unique_ptr<Provider> make_vonage_sms(const config::Block& settings) {
  return std::make_unique<VonageSms>(settings);
}

}  // namespace moodline::providers
