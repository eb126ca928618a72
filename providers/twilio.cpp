// Twilio Programmable Messaging, API 2010-04-01. Webhooks are signed with the auth token (HMAC-SHA1
// over the public URL and the sorted form). Facts: Twilio's OpenAPI file, SDK and documentation.
#include "providers/twilio.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "providers/kit/adapter.hpp"
#include "providers/kit/charset.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

constexpr std::string_view api_default = "https://api.twilio.com";
constexpr std::string_view reference_field = "ref";  // in the status callback's query, signed

// ---- Settings ----

FieldTable fields() {
  FieldTable f{
      {.name = "account_sid", .required = true, .help = "AC..., from the console's first page"},
      {.name = "auth_token",
       .type = FieldType::secret,
       .required = true,
       .help = "signs webhooks (a sub-account has its own); authorises sends without an API key"},
      {.name = "auth_token_next",
       .type = FieldType::secret,
       .help = "the secondary token, accepted too while you rotate"},
      {.name = "api_key", .help = "SK..., to send with instead of the auth token"},
      {.name = "api_key_secret", .type = FieldType::secret, .help = "goes with api_key"},
      {.name = "from", .help = "sending number, short code or name"},
      {.name = "messaging_service", .help = "MG..., used where no sender is given"},
      {.name = "api_url",
       .type = FieldType::url,
       .fallback = api_default,
       .help = "base address of the API"}};
  kit::add_webhook_fields(f);
  return f;
}

class Twilio final : public Provider {
 public:
  explicit Twilio(config::Block settings)
      : s_(std::move(settings)), tokens_(kit::Secrets::of(s_, "auth_token")) {}
  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 1600, .segments_per_s = 1.0};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;
  /// TwiML that says nothing: any other text might be sent on as a message.
  [[nodiscard]] WebhookAnswer answer() const override { return {200, "text/xml", "<Response/>"}; }

 private:
  config::Block s_;
  kit::Secrets tokens_;
};

// ---- Call ----

Result<HttpCall> Twilio::send_call(const Sms& sms, Instant /*wire_now*/) const {
  constexpr int validity_s_max = 36'000;
  kit::Fields form{{"To", sms.to}};
  const std::string from = kit::sender(sms, s_);
  if (!from.empty()) {
    form.emplace_back("From", from);
  } else if (!s_.text("messaging_service").empty()) {
    form.emplace_back("MessagingServiceSid", s_.text("messaging_service"));
  } else {
    return fault("cannot_send", "Twilio needs a sender: set from or messaging_service.");
  }
  form.emplace_back("Body", sms.text);
  std::string callback = kit::callback_url(s_);
  if (!callback.empty()) {
    if (!sms.reference.empty())
      callback = kit::with_query(callback, reference_field, sms.reference);
    form.emplace_back("StatusCallback", callback);
  }
  if (sms.validity_s > 0)
    form.emplace_back("ValidityPeriod", std::to_string(std::min(sms.validity_s, validity_s_max)));
  const std::string auth = s_.text("api_key").empty()
                               ? kit::basic_auth(s_.text("account_sid"), tokens_.current())
                               : kit::basic_auth(s_.text("api_key"), s_.text("api_key_secret"));
  return kit::form_call(kit::base_url(s_, "api_url", api_default) + "/2010-04-01/Accounts/" +
                            kit::percent_encode(s_.text("account_sid")) + "/Messages.json",
                        auth, form);
}

// ---- Answer ----

SendReply Twilio::read_reply(const HttpReply& reply) const {
  SendReply r = kit::classify(reply);
  const auto body = kit::read_json(reply.body);
  if (r.outcome == SendOutcome::accepted)
    return kit::accepted(body ? kit::text_at(*body, "/sid") : "");
  const std::string code = body ? kit::text_at(*body, "/code") : "";
  if (code.empty()) return r;
  if (code == "20429" || code == "21611") {  // 21611: the sender's queue is full
    r = kit::later(reply, code);
  } else if (code == "20003" || code == "63017") {
    r = kit::halted(code);
  }
  r.code = code;
  r.opted_out = code == "21610";
  r.bad_number = kit::one_of(code, {"21211", "21214", "21217", "21612", "21614"});
  // 403 also says "this number may not be texted from here": only 20003 speaks of the account.
  if (kit::one_of(code, {"21408", "21610"}) || r.bad_number) r.halt_route = false;
  return r;
}

// ---- Authenticity ----

// A form's parameters as they are signed: keys sorted, each with its different values sorted.
std::string signed_form(const kit::Fields& form) {
  std::map<std::string, std::set<std::string>> sorted;
  for (const auto& [name, value] : form) sorted[name].insert(value);
  std::string out;
  for (const auto& [name, values] : sorted)
    for (const auto& value : values) out += name + value;
  return out;
}

// Twilio writes escapes in capitals. Holding it to that leaves no byte of the body that could
// change and still mean, and so sign, the same.
bool escapes_are_capitals(std::string_view body) {
  for (auto at = body.find('%'); at != std::string_view::npos; at = body.find('%', at + 1))
    for (const char c : body.substr(at + 1, 2))
      if (c >= 'a' && c <= 'f') return false;
  return true;
}

// The URL that was signed may or may not name the port, and old senders escape the apostrophe.
std::vector<std::string> url_forms(const std::string& raw) {
  std::vector<std::string> forms{raw};
  if (const auto url = kit::split_url(raw)) {
    kit::Url other = *url;
    other.port = !url->port.empty() ? "" : url->scheme == "http" ? "80" : "443";
    forms.push_back(other.str());
  }
  if (const auto question = raw.find('?'); question != std::string::npos) {
    for (std::size_t i = 0, n = forms.size(); i < n; ++i) {
      std::string escaped = forms[i];
      for (auto at = escaped.find('\'', escaped.find('?')); at != std::string::npos;
           at = escaped.find('\'', at))
        escaped.replace(at, 1, "%27");
      if (escaped != forms[i]) forms.push_back(std::move(escaped));
    }
  }
  return forms;
}

Result<Authentic> Twilio::authenticate(const Webhook& hook, Instant /*wire_now*/) const {
  if (tokens_.empty()) return kit::refuse("not_configured", "auth_token is not set");
  const std::string* given = kit::sole_header(hook.headers, "x-twilio-signature");
  if (given == nullptr) return kit::refuse("unsigned", "X-Twilio-Signature is missing");
  std::string covered;
  const bool is_form = kit::media_type(hook.headers) == "application/x-www-form-urlencoded";
  if (is_form && hook.method != "GET") {
    const auto form = kit::read_form(hook.body);
    if (!form || !escapes_are_capitals(hook.body))
      return kit::refuse("bad_signature", "the form cannot be read");
    covered = signed_form(*form);
  } else if (const auto query = kit::query_of(hook.url);
             !query || !hook.body.empty() || kit::find(*query, "bodySHA256") != nullptr) {
    // Any other body is vouched for by its digest in the signed URL; one that was taken out is
    // missed by it too.
    const std::string said = query ? kit::text_of(*query, "bodySHA256") : "";
    if (!kit::equal_in_constant_time(said,
                                     kit::to_hex(kit::digest(kit::Digest::sha256, hook.body))))
      return kit::refuse("bad_signature", "the body's digest in the URL does not match");
  }
  bool held = false;
  for (const auto& url : url_forms(hook.url))
    held = tokens_.any([&](const std::string& token) {
      // Compared as text: two base64 texts may decode to the same bytes.
      return kit::equal_in_constant_time(
          kit::to_base64(kit::hmac(kit::Digest::sha1, token, url + covered)), *given);
    }) || held;
  if (!held)
    return kit::refuse("bad_signature",
                       "the signature does not match; check auth_token and the "
                       "public URL, which must be the one Twilio calls");
  return Authentic{};
}

// ---- Events ----

void set_report(Event& e);

Result<std::vector<Event>> Twilio::read_events(const Webhook& hook) const {
  const bool is_json = kit::media_type(hook.headers).find("json") != std::string::npos;
  const auto form = hook.method == "GET" ? kit::query_of(hook.url)
                    : is_json            ? kit::Fields{}  // of another product: ignored
                                         : kit::read_form(hook.body);
  const auto query = kit::query_of(hook.url);
  if (!form) return tl::unexpected(form.error());
  if (!query) return tl::unexpected(query.error());
  const auto text = [&form](std::string_view name) { return kit::text_of(*form, name); };
  Event e{.provider_message_id = text("MessageSid"), .from = text("From"), .to = text("To")};
  if (e.provider_message_id.empty()) e.provider_message_id = text("SmsSid");
  std::string status = text("MessageStatus");
  if (status.empty()) status = text("SmsStatus");
  if (e.provider_message_id.empty()) {
    e.type = EventType::ignored;  // a call, or another product
  } else if (kit::one_of(status, {"received", "receiving"}) ||
             (status.empty() && kit::find(*form, "Body") != nullptr)) {
    e.type = EventType::mo;
    e.text = text("Body");
    e.opted_out = text("OptOutType") == "STOP";
    if (const std::string type = text("OptOutType"); !type.empty())
      e.detail.emplace_back("opt_out_type", type);
  } else if (!status.empty()) {
    e.type = EventType::dlr;
    e.from.clear();
    e.raw_status = status;
    e.error_code = text("ErrorCode");
    e.reference = kit::text_of(*query, reference_field);
    set_report(e);
  }
  e.event_id = e.provider_message_id + (e.raw_status.empty() ? "" : ":" + e.raw_status);
  return std::vector<Event>{std::move(e)};
}

// ---- Status table ----

constexpr std::array<kit::StatusRow, 12> statuses{{
    {"accepted", DeliveryStatus::queued},
    {"scheduled", DeliveryStatus::queued},
    {"queued", DeliveryStatus::queued},
    {"sending", DeliveryStatus::queued},
    {"sent", DeliveryStatus::sent},
    {"partially_delivered", DeliveryStatus::sent},
    {"delivered", DeliveryStatus::delivered},
    {"read", DeliveryStatus::delivered},
    {"undelivered", DeliveryStatus::failed},
    {"failed", DeliveryStatus::failed},
    {"canceled", DeliveryStatus::failed, true},
    {"cancelled", DeliveryStatus::failed, true},
}};

void set_report(Event& e) {
  kit::set_status(e, statuses);
  if (e.status != DeliveryStatus::failed) return;
  if (kit::one_of(e.error_code, {"30001", "30003", "30008", "30022"})) e.permanent = false;
  if (kit::one_of(e.error_code, {"30004", "30005", "30006", "30007", "21610", "21211", "21614"}))
    e.permanent = true;
  e.opted_out = e.error_code == "21610";
}

// ---- Captured requests ----

std::string captured_account(const json::object& vector) {
  constexpr std::string_view before = "/Accounts/";
  std::string url = kit::captured(vector, "/url");
  const auto at = url.find(before);
  if (at == std::string::npos) return {};
  url.erase(0, at + before.size());
  return url.substr(0, url.find('/'));
}

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const auto [user, password] = kit::captured_basic(vector);
  const std::string secret = kit::captured(vector, "/secret");
  const std::string sid = captured_account(vector);
  // A user that is not the account of the URL is an API key.
  const bool with_key = !user.empty() && user != sid;
  return config::Block::of({{"account_sid", sid},
                            {"auth_token", secret.empty() ? password : secret},
                            {"api_key", with_key ? user : ""},
                            {"api_key_secret", with_key ? password : ""},
                            {"from", kit::text_at(body, "/From")},
                            {"messaging_service", kit::text_at(body, "/MessagingServiceSid")},
                            {"webhook_url", kit::text_at(body, "/StatusCallback")},
                            {"api_url", kit::captured_origin(vector)}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  return Sms{.to = kit::text_at(body, "/To"),
             .text = kit::text_at(body, "/Body"),
             .validity_s = static_cast<int>(kit::integer_at(body, "/ValidityPeriod").value_or(0))};
}

}  // namespace

ProviderType twilio_type() {
  return {.name = "twilio",
          .help = "Twilio Programmable Messaging",
          .fields = fields(),
          .make = kit::make_provider<Twilio>,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
