// Plivo: the v1 message API; webhooks proven by signature V2 (V3 where it is sent).
// V2 covers the base URL and a nonce, not the body: whoever holds one pair could post any body to
// that path. So each nonce counts once, and the path must end in a secret segment.
// Facts: the provider's SDK and documentation; what is unconfirmed is marked in its page.
#include "providers/plivo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "providers/kit/adapter.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/parts.hpp"

namespace moodline::providers {
namespace {

namespace json = boost::json;

constexpr std::string_view api_default = "https://api.plivo.com";
// A V2 pair has no time in it and never grows old, so its nonce is remembered for long.
constexpr std::chrono::hours nonce_kept{24 * 400};

// ---- Settings ----

FieldTable fields() {
  FieldTable out{
      {.name = "auth_id", .required = true, .help = "auth ID of the account or sub-account"},
      {.name = "auth_token",
       .type = FieldType::secret,
       .required = true,
       .help = "auth token; it also signs the webhooks"},
      {.name = "auth_token_next",
       .type = FieldType::secret,
       .help = "a second token, taken from webhooks while it is changed"},
      {.name = "main_auth_token",
       .type = FieldType::secret,
       .help = "main account's token, where a sub-account sends; signs the -Ma- header"},
      {.name = "from", .required = true, .help = "sending number or sender name"},
      {.name = "api_url",
       .type = FieldType::url,
       .fallback = api_default,
       .help = "base address of the API"},
  };
  kit::add_webhook_fields(out);
  for (auto& field : out)
    if (field.name == "path_secret") field.required = true;
  return out;
}

class Plivo final : public Provider {
 public:
  explicit Plivo(const config::Block& s)
      : auth_id_(s.text("auth_id")),
        auth_token_(s.text("auth_token")),
        tokens_(kit::Secrets::of(s, "auth_token")),
        main_tokens_(kit::Secrets({s.text("main_auth_token")})),
        path_secrets_(kit::Secrets::of(s, "path_secret")),
        path_checked_(s.text("captured_without_path") != "true"),
        from_(s.text("from")),
        callback_url_(kit::callback_url(s)),
        api_url_(kit::base_url(s, "api_url", api_default)) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.text_characters_max = 1600, .segments_per_s = 1.0, .body_is_signed = false};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;

 private:
  std::string auth_id_;
  std::string auth_token_;
  kit::Secrets tokens_;
  kit::Secrets main_tokens_;
  kit::Secrets path_secrets_;
  bool path_checked_;
  std::string from_;
  std::string callback_url_;
  std::string api_url_;
};

// ---- Call ----

Result<HttpCall> Plivo::send_call(const Sms& sms, Instant /*wire_now*/) const {
  json::object body{{"src", kit::without_plus(kit::sender_or(sms, from_))},
                    {"dst", kit::without_plus(sms.to)},
                    {"text", sms.text}};
  if (!callback_url_.empty()) {
    // The API has no field for our reference; the receipt's URL brings it back.
    body["url"] = sms.reference.empty() ? callback_url_
                                        : kit::with_query(callback_url_, "ref", sms.reference);
    body["method"] = "POST";
  }
  return kit::json_call(fmt::format("{}/v1/Account/{}/Message/", api_url_, auth_id_),
                        kit::basic_auth(auth_id_, auth_token_), body);
}

// ---- Answer ----

SendReply Plivo::read_reply(const HttpReply& reply) const {
  const auto body = kit::read_json(reply.body);
  if (reply.status / 100 == 2)
    return kit::accepted(body ? kit::text_at(*body, "/message_uuid/0") : "");
  return kit::classify(reply);  // the error is a sentence for people, not a code
}

// ---- Authenticity ----

// V2: base64 HMAC-SHA256 of scheme, host and path, then the nonce.
std::string text_of_v2(const kit::Url& url, const std::string& nonce) {
  kit::Url base = url;
  base.query.clear();
  base.has_query = false;
  return base.str() + nonce;
}

// V3: the URL with its query sorted by name then value, the POST fields likewise, "." and nonce.
Result<std::string> text_of_v3(const Webhook& hook, const kit::Url& url, const std::string& nonce) {
  auto query = kit::read_form(url.query);
  auto body = kit::read_form(hook.method == "POST" ? hook.body : std::string());
  if (!query) return tl::unexpected(query.error());
  if (!body) return tl::unexpected(body.error());
  std::sort(query->begin(), query->end());
  std::sort(body->begin(), body->end());
  kit::Url base = url;
  base.query.clear();
  base.has_query = false;
  std::string out = base.str();
  if (!query->empty() || !body->empty()) out += '?';
  for (std::size_t i = 0; i < query->size(); ++i)
    out += fmt::format("{}{}={}", i == 0 ? "" : "&", (*query)[i].first, (*query)[i].second);
  if (!query->empty() && !body->empty()) out += '.';
  for (const auto& [name, value] : *body) out += name + value;
  return out + '.' + nonce;
}

// A V3 header may list several signatures; one that holds is enough.
bool holds(const kit::Secrets& tokens, const std::string& text, std::string_view signatures) {
  return tokens.any([&](const std::string& token) {
    const std::string good = kit::to_base64(kit::hmac(kit::Digest::sha256, token, text));
    bool found = false;
    for (std::string_view rest = signatures; !rest.empty();) {
      const auto comma = std::min(rest.find(','), rest.size());
      found = kit::equal_in_constant_time(good, rest.substr(0, comma)) || found;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return found;
  });
}

Result<Authentic> Plivo::authenticate(const Webhook& hook, Instant wire_now) const {
  if (path_checked_)
    if (auto proven = kit::check_path(hook, path_secrets_); !proven) return proven;
  const auto url = kit::split_url(hook.url);
  if (!url) return kit::refuse("bad_signature", "the URL cannot be read");
  const auto named = [&](std::string_view name) { return kit::sole_header(hook.headers, name); };
  const bool v3 =
      named("x-plivo-signature-v2") == nullptr && named("x-plivo-signature-ma-v2") == nullptr;
  const std::string* nonce =
      named(v3 ? "x-plivo-signature-v3-nonce" : "x-plivo-signature-v2-nonce");
  const std::string* own = named(v3 ? "x-plivo-signature-v3" : "x-plivo-signature-v2");
  const std::string* main = named(v3 ? "x-plivo-signature-ma-v3" : "x-plivo-signature-ma-v2");
  if (nonce == nullptr || nonce->empty() || (own == nullptr && main == nullptr))
    return kit::refuse("unsigned", "the Plivo signature or its nonce is missing");
  if (tokens_.empty()) return kit::refuse("not_configured", "auth_token is not set");
  const auto text = v3 ? text_of_v3(hook, *url, *nonce) : text_of_v2(*url, *nonce);
  if (!text) return kit::refuse("bad_signature", "the fields cannot be read");
  const bool good = (own != nullptr && holds(tokens_, *text, *own)) ||
                    (main != nullptr && holds(main_tokens_, *text, *main));
  if (!good) return kit::refuse("bad_signature", "the Plivo signature does not match auth_token");
  return Authentic{.replay_key = "plivo:" + *nonce, .replay_until = wire_now + nonce_kept};
}

// ---- Events ----

void set_report_status(Event& e);

Result<std::vector<Event>> Plivo::read_events(const Webhook& hook) const {
  const auto form = hook.method == "GET" ? kit::query_of(hook.url) : kit::read_form(hook.body);
  if (!form) return tl::unexpected(form.error());
  const auto text = [&](std::string_view name) { return kit::text_of(*form, name); };
  Event e{.provider_message_id = text("MessageUUID"), .from = text("From"), .to = text("To")};
  if (kit::find(*form, "Status") != nullptr) {
    e.type = EventType::dlr;
    e.raw_status = text("Status");
    e.error_code = text("ErrorCode");
    // A part of a long text has its own id; the parent's is the one the send was answered with.
    if (std::string parent = text("ParentMessageUUID");
        !parent.empty() && parent != e.provider_message_id) {
      e.detail.emplace_back(kit::part_detail, e.provider_message_id);
      e.provider_message_id = std::move(parent);
    }
    if (const auto query = kit::query_of(hook.url)) e.reference = kit::text_of(*query, "ref");
    e.event_id = text("MessageUUID") + ":" + e.raw_status;
    set_report_status(e);
  } else if (!e.from.empty() &&
             (kit::find(*form, "Text") != nullptr || kit::find(*form, "Type") != nullptr)) {
    // A picture alone comes without Text, as an answer without words.
    e.type = EventType::mo;
    e.text = text("Text");
    e.detail.emplace_back(kit::bare_numbers_detail, "true");
    e.event_id = e.provider_message_id;
  }
  return std::vector<Event>{std::move(e)};
}

// ---- Status table ----

constexpr kit::StatusRow statuses[] = {
    {"queued", DeliveryStatus::queued},       {"sent", DeliveryStatus::sent},
    {"delivered", DeliveryStatus::delivered}, {"undelivered", DeliveryStatus::failed},
    {"failed", DeliveryStatus::failed},       {"rejected", DeliveryStatus::failed},
};

void set_report_status(Event& e) {
  kit::set_status(e, statuses);
  if (e.error_code == "000" || e.error_code == "0") e.error_code.clear();
  if (e.status != DeliveryStatus::failed) return;
  if (kit::one_of(e.error_code, {"20", "80"})) e.permanent = false;
  if (kit::one_of(e.error_code, {"10", "30", "40", "50", "70", "200"})) e.permanent = true;
  if (e.error_code == "900") e.permanent = false;  // no credit: the number is not at fault
  e.opted_out = e.error_code == "200";
}

// ---- Captured requests ----

config::Block replay_settings(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  const auto [id, token] = kit::captured_basic(vector);
  const std::string secret = kit::captured(vector, "/secret");
  const bool short_path = kit::captured_path_secret(vector).empty();
  const bool v3 = kit::captured(vector, "/scheme") == "plivo-v3";
  return config::Block::of({{"auth_id", id},
                            {"auth_token", secret.empty() ? token : secret},
                            {"from", kit::text_at(body, "/src")},
                            {"webhook_url", kit::text_at(body, "/url")},
                            {"path_secret", id.empty() ? kit::captured_path_secret(vector) : ""},
                            // The vendor's own examples have no secret path. No field table knows
                            // this word, so service.yaml cannot say it.
                            {"captured_without_path", short_path || v3 ? "true" : "false"}});
}

std::optional<Sms> replay_sms(const json::object& vector) {
  const json::value body = kit::captured_body(vector);
  return Sms{.to = "+" + kit::text_at(body, "/dst"), .text = kit::text_at(body, "/text")};
}

}  // namespace

ProviderType plivo_type() {
  return {.name = "plivo",
          .help = "Plivo messages (v1)",
          .fields = fields(),
          .make = kit::make_provider<Plivo>,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
