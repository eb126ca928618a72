// Generic HTTP: requests from templates, answers and webhooks by extraction rules. Everything that
// can be wrong in the description is found when it is loaded, not when a text is due.
#include "providers/generic.hpp"

#include <algorithm>

#include "providers/generic_plan.hpp"
#include "providers/kit/adapter.hpp"
#include "providers/kit/charset.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/parts.hpp"

namespace moodline::providers {
namespace {
namespace json = boost::json;

// ---- Settings: their table is in generic_fields.cpp, their reading in generic_plan.cpp ----

constexpr std::size_t batch_events_max = 500;

class Generic final : public Provider {
 public:
  Generic(config::Block settings, generic::Plan plan)
      : s_(std::move(settings)),
        p_(std::move(plan)),
        path_(kit::Secrets::of(s_, "path_secret")),
        hook_secrets_(kit::Secrets::of(s_, "hook_secret")) {}
  [[nodiscard]] Capabilities capabilities() const override {
    const auto characters = static_cast<int>(s_.integer("text_characters_max"));
    const auto rate = static_cast<double>(s_.decimal("segments_per_s").micro) / Decimal::one;
    return {.two_way = !p_.mo_when.empty(),
            .receipts = !p_.dlr_when.empty(),
            .text_characters_max = characters > 0 ? characters : 1600,
            .segments_per_s = rate > 0 ? rate : 1.0,
            .body_is_signed = s_.text("hook_auth") == "hmac"};
  }
  [[nodiscard]] Result<HttpCall> send_call(const Sms& sms, Instant wire_now) const override;
  [[nodiscard]] SendReply read_reply(const HttpReply& reply) const override;
  [[nodiscard]] Result<Authentic> authenticate(const Webhook& hook,
                                               Instant wire_now) const override;
  [[nodiscard]] Result<std::vector<Event>> read_events(const Webhook& hook) const override;
  [[nodiscard]] WebhookAnswer answer() const override {
    return {200, kit::setting_or(s_, "answer_type", "text/plain"), s_.text("answer_body")};
  }

 private:
  [[nodiscard]] std::string get(std::string_view rule, const kit::Source& source) const {
    return p_.rules.find(rule)->second.from(source);
  }
  [[nodiscard]] std::string mac(std::string_view prefix, const kit::Template& over,
                                const kit::Values& values, const std::string& secret) const;
  [[nodiscard]] Event read_event(const kit::Source& source) const;
  [[nodiscard]] std::string mo_text(const kit::Source& source) const;
  void set_report(Event& e) const;

  config::Block s_;
  generic::Plan p_;
  kit::Secrets path_;
  kit::Secrets hook_secrets_;
};

// ---- Call ----

std::string Generic::mac(std::string_view prefix, const kit::Template& over,
                         const kit::Values& values, const std::string& secret) const {
  const std::string p(prefix);
  const auto kind = kit::digest_from(kit::setting_or(s_, p + "digest", "sha256"));
  const std::string bytes =
      kit::hmac(kind.value_or(kit::Digest::sha256), secret, over.render(values, kit::Escape::none));
  return s_.text(p + "encoding") == "base64" ? kit::to_base64(bytes) : kit::to_hex(bytes);
}

Result<HttpCall> Generic::send_call(const Sms& sms, Instant wire_now) const {
  kit::Values v{{"to", sms.to},
                {"to_digits", kit::without_plus(sms.to)},
                {"from", kit::sender(sms, s_)},
                {"text", sms.text},
                {"reference", sms.reference},
                {"callback_url", kit::callback_url(s_)},
                {"user", s_.text("user")},
                {"secret", s_.text("secret")},
                {"validity_s", sms.validity_s > 0 ? std::to_string(sms.validity_s) : ""},
                {"unicode", sms.unicode ? "true" : "false"},
                {"coding", sms.unicode ? "2" : "0"},
                {"type", sms.unicode ? "unicode" : "text"},
                {"timestamp", std::to_string(wire_now.ms / 1000)}};
  for (const auto& [name, word] : s_.mapping("vars")) v["var." + name] = word;
  HttpCall call{.method = kit::setting_or(s_, "method", "POST"),
                .url = p_.url.render(v, kit::Escape::url)};
  const std::string type = kit::setting_or(s_, "content_type", "form");
  if (type == "json") {
    call.body = p_.json.render(v);
    call.headers.emplace_back("content-type", "application/json");
  } else if (type == "form") {
    kit::Fields fields;
    for (const auto& [name, t] : p_.form)
      if (std::string text = t.render(v, kit::Escape::none); !text.empty())
        fields.emplace_back(name, std::move(text));
    call.body = kit::write_form(fields);
    call.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
  } else if (type == "xml" || type == "text") {
    call.body = p_.body.render(v, type == "xml" ? kit::Escape::xml : kit::Escape::none);
    call.headers.emplace_back("content-type",
                              type == "xml" ? "application/xml" : "text/plain; charset=utf-8");
  }
  for (const auto& [name, t] : p_.headers)
    call.headers.emplace_back(name, t.render(v, kit::Escape::header));
  const std::string auth = kit::setting_or(s_, "auth", "none");
  const std::string& name = s_.text("auth_name");
  const std::string& secret = s_.text("secret");
  if (auth == "basic") {
    call.headers.emplace_back("authorization", kit::basic_auth(s_.text("user"), secret));
  } else if (auth == "bearer") {
    call.headers.emplace_back("authorization", "Bearer " + secret);
  } else if (auth == "header") {
    call.headers.emplace_back(name, secret);
  } else if (auth == "query") {
    call.url = kit::with_query(call.url, name, secret);
  } else if (auth == "hmac") {
    const kit::Values covered{{"body", call.body},
                              {"url", call.url},
                              {"method", call.method},
                              {"timestamp", v["timestamp"]}};
    call.headers.emplace_back(name, mac("sign_", p_.sign_over, covered, secret));
  }
  return call;
}

// ---- Answer ----

SendReply Generic::read_reply(const HttpReply& reply) const {
  SendReply r = kit::classify(reply);
  const auto source = kit::Source::of(reply);
  const std::string code = get("code", source);
  const auto listed = [this, &code](std::string_view field) {
    const auto& codes = s_.texts(field);
    return !code.empty() && std::find(codes.begin(), codes.end(), code) != codes.end();
  };
  if (r.outcome == SendOutcome::accepted) {
    const bool good = p_.accept_when.empty() || p_.accept_when.hold(source);
    if (good && p_.rules.at("id").empty()) return r;
    if (good) return kit::accepted(get("id", source));
    // A 2xx that neither accepts nor gives a reason says nothing we can rely on.
    if (code.empty()) return {.outcome = SendOutcome::unknown, .code = "unreadable"};
    r = kit::rejected(code);
  }
  if (listed("retry_codes")) r = kit::later(reply, code);
  if (listed("halt_codes")) r = kit::halted(code);
  r.opted_out = listed("opted_out_codes");
  r.bad_number = listed("bad_number_codes");
  if (r.opted_out || r.bad_number)
    r = {.outcome = SendOutcome::rejected,
         .code = code,
         .opted_out = r.opted_out,
         .bad_number = r.bad_number};
  if (!code.empty()) r.code = code;
  return r;
}

// ---- Authenticity ----

Result<Authentic> Generic::authenticate(const Webhook& hook, Instant wire_now) const {
  const std::string how = kit::setting_or(s_, "hook_auth", "path");
  const std::string name = kit::lower_case(s_.text("hook_name"));
  if (how == "path") return kit::check_path(hook, path_);
  if (how == "basic") return kit::check_basic(hook, s_.text("hook_user"), hook_secrets_);
  if (how == "bearer") return kit::check_bearer(hook, hook_secrets_);
  if (how == "header") return kit::check_header(hook, name, hook_secrets_);
  if (hook_secrets_.empty()) return kit::refuse("not_configured", "hook_secret is not set");
  if (how == "query") {
    const auto query = kit::query_of(hook.url);
    const std::string given = query ? kit::text_of(*query, s_.text("hook_name")) : "";
    if (!hook_secrets_.any(
            [&given](const std::string& s) { return kit::equal_in_constant_time(s, given); }))
      return kit::refuse("bad_signature", "the secret in the query does not match");
    return Authentic{};
  }
  const std::string* given = kit::sole_header(hook.headers, name);
  if (given == nullptr) return kit::refuse("unsigned", "the signature's header is missing");
  kit::Values covered{{"body", hook.body}, {"url", hook.url}, {"method", hook.method}};
  const std::string clock = kit::lower_case(s_.text("hook_timestamp"));
  if (!clock.empty()) {
    const std::string* timestamp = kit::sole_header(hook.headers, clock);
    if (timestamp == nullptr) return kit::refuse("unsigned", "the timestamp's header is missing");
    covered["timestamp"] = *timestamp;
  }
  if (!hook_secrets_.any([&](const std::string& secret) {
        return kit::equal_in_constant_time(
            s_.text("hook_prefix") + mac("hook_", p_.hook_over, covered, secret), *given);
      }))
    return kit::refuse("bad_signature", "the signature does not match");
  if (!clock.empty())
    if (const auto fresh = kit::check_timestamp(covered["timestamp"], wire_now); !fresh)
      return tl::unexpected(fresh.error());
  return Authentic{};
}

// ---- Events ----

std::string Generic::mo_text(const kit::Source& source) const {
  const std::string text = get("mo_text", source);
  const std::string charset = get("mo_charset", source);
  const auto& escaped = s_.texts("mo_escaped_charsets");
  if (std::find(escaped.begin(), escaped.end(), charset) == escaped.end()) return text;
  const auto bytes = kit::form_decode(text);
  if (!bytes) return text;
  return kit::from_charset(*bytes, charset).value_or(text);
}

Event Generic::read_event(const kit::Source& source) const {
  Event e;
  if (p_.opt_out_when.hold(source)) {
    e.type = EventType::opt_out;
    e.from = get("opt_out_from", source);
    if (s_.text("mo_numbers") == "international")
      e.detail.emplace_back(kit::bare_numbers_detail, "true");
    e.to = get("opt_out_to", source);
  } else if (p_.dlr_when.hold(source)) {
    e.type = EventType::dlr;
    e.provider_message_id = get("dlr_id", source);
    e.reference = get("dlr_reference", source);
    e.to = get("dlr_to", source);
    e.at = kit::read_time(get("dlr_at", source));
    e.raw_status = get("dlr_status", source);
    e.error_code = get("dlr_error", source);
    e.event_id = e.provider_message_id + ':' + e.reference + ':' + e.raw_status;
    set_report(e);
  } else if (p_.mo_when.hold(source)) {
    e.type = EventType::mo;
    e.provider_message_id = get("mo_id", source);
    e.from = get("mo_from", source);
    e.to = get("mo_to", source);
    if (s_.text("mo_numbers") == "international")
      e.detail.emplace_back(kit::bare_numbers_detail, "true");
    e.text = mo_text(source);
    e.at = kit::read_time(get("mo_at", source));
    e.event_id = e.provider_message_id;
  }
  // A repeat that has no id is at least the same in every byte.
  if (e.event_id.empty() && e.type != EventType::ignored)
    e.event_id = kit::to_hex(kit::digest(kit::Digest::sha256, e.from + '\n' + source.body));
  return e;
}

Result<std::vector<Event>> Generic::read_events(const Webhook& hook) const {
  const auto source = kit::Source::of(hook);
  const std::string& batch = s_.text("batch");
  if (batch.empty()) return std::vector{read_event(source)};
  const json::value* list =
      source.json ? kit::at(*source.json, batch == "/" ? "" : batch) : nullptr;
  if (list == nullptr || !list->is_array())
    return fault("bad_json", "The webhook holds no list where batch says.");
  if (list->get_array().size() > batch_events_max)
    return fault("bad_json", "The webhook holds more events than any provider sends.");
  std::vector<Event> events;
  for (const auto& element : list->get_array()) events.push_back(read_event(source.with(element)));
  return events;
}

// ---- Status table ----

void Generic::set_report(Event& e) const {
  const auto row = p_.statuses.find(e.raw_status);
  if (row == p_.statuses.end()) return;
  generic::StatusWord word = row->second;
  const auto error = p_.errors.find(e.error_code);
  if (word.status == DeliveryStatus::failed && error != p_.errors.end()) word = error->second;
  e.status = word.status;
  e.permanent = word.permanent;
  e.opted_out = word.opted_out;
}

// ---- Captured requests ----

// A capture of a plain generic provider carries its settings.
config::Block replay_settings(const json::object& vector) {
  config::Block b;
  const auto* settings = vector.if_contains("settings");
  if (settings == nullptr || !settings->is_object()) return b;
  for (const auto& [key, v] : settings->get_object()) {
    config::Value value;
    if (const auto* list = v.if_array()) {
      for (const auto& item : *list) value.list.push_back(kit::text_of(item));
    } else if (const auto* table = v.if_object()) {
      for (const auto& [name, item] : *table)
        value.table[std::string(name.data(), name.size())] = kit::text_of(item);
    } else {
      value.text = kit::text_of(v);
    }
    b.set(std::string(key.data(), key.size()), std::move(value));
  }
  return b;
}

std::optional<Sms> replay_sms(const json::object& vector) {
  kit::Values v = generic::captured_values(replay_settings(vector), vector);
  return Sms{.from = v["from"], .reference = v["reference"], .to = v["to"], .text = v["text"]};
}

}  // namespace

namespace generic {

Result<std::unique_ptr<Provider>> make(const config::Block& settings) {
  auto plan = compile(settings);
  if (!plan) return tl::unexpected(plan.error());
  return std::make_unique<Generic>(settings, std::move(*plan));
}

}  // namespace generic

ProviderType generic_type() {
  return {.name = "generic",
          .help = "any HTTP provider, described in YAML",
          .fields = generic::fields(),
          .make = generic::make,
          .replay = {.settings = replay_settings, .sms = replay_sms}};
}

}  // namespace moodline::providers
