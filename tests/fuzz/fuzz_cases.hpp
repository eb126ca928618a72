// What the provider fuzzers do with their bytes, and what must hold of the result.
#pragma once
#include <cstdlib>
#include <string>
#include <string_view>

#include "providers/kit/charset.hpp"
#include "providers/kit/extract.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/jwt.hpp"
#include "providers/kit/template.hpp"
#include "providers/spool.hpp"

namespace moodline::fuzz {

using namespace providers;

inline void must(bool holds) {
  if (!holds) std::abort();
}

/// Takes the next byte of the input; 0 at its end.
inline unsigned take(std::string_view& in) {
  if (in.empty()) return 0;
  const unsigned byte = static_cast<unsigned char>(in.front());
  in.remove_prefix(1);
  return byte;
}

inline std::string take_text(std::string_view& in, std::size_t n) {
  const std::string text(in.substr(0, n));
  in.remove_prefix(text.size());
  return text;
}

/// Settings under which every proof is switched on, with keys no input holds.
inline config::Block settings(const ProviderType& type) {
  config::Block b;
  for (const auto& field : type.fields) {
    std::string value(field.fallback);
    if (value.empty()) value = "fuzz-0123456789abcdef";
    if (field.type == FieldType::url) value = "http://127.0.0.1:1/x";
    if (field.type == FieldType::word && field.fallback.empty() && !field.choices.empty())
      value = field.choices.front();
    if (field.type == FieldType::integer || field.type == FieldType::decimal) value = "1";
    if (field.type != FieldType::texts && field.type != FieldType::mapping &&
        (field.required || field.type == FieldType::secret))
      b.set(std::string(field.name), {value, {}, {}, {}});
  }
  return b;
}

inline void one_webhook(std::string_view in) {
  const auto& types = provider_types();
  const ProviderType& type = types[take(in) % types.size()];
  static const char* const content[] = {"application/x-www-form-urlencoded", "application/json",
                                        "text/plain; charset=utf-8", ""};
  static const char* const names[] = {"authorization",
                                      "x-twilio-signature",
                                      "x-signature",
                                      "x-timestamp",
                                      "telnyx-signature-ed25519",
                                      "messagebird-signature-jwt",
                                      "x-plivo-signature-v2",
                                      "x-sinch-webhook-signature",
                                      "x-kannel-udh",
                                      "x-amz-sns-message-type",
                                      "x-kannel-coding"};
  const unsigned how = take(in);
  Webhook hook{how % 2 == 0 ? "POST" : "GET", "https://gw.example.org/hook/", {}, {}};
  hook.headers.emplace_back("content-type", content[how / 2 % 4]);
  hook.url += take_text(in, take(in));
  const auto* name = names[how / 8 % std::size(names)];
  hook.headers.emplace_back(name, take_text(in, take(in)));
  hook.body = in;
  const auto provider = type.make(settings(type));
  if (!provider) return;
  constexpr Instant now{1'795'290'000'000};
  (void)(*provider)->authenticate(hook, now);
  (void)(*provider)->read_events(hook);
  (void)(*provider)->read_reply({static_cast<int>(how) + 200, hook.headers, hook.body});
  (void)(*provider)->read_lookup({200, {}, hook.body});
}

inline void one_spool_file(std::string_view in) {
  const auto& types = spool_types();
  const SpoolType& type = types[take(in) % types.size()];
  const auto spool = type.make(config::Block::of({{"spool", "/x"}}));
  must(spool.has_value());
  static const char* const folders[] = {"incoming/", "inbox/", "report/", "sent/", "failed/", ""};
  const std::string folder = folders[take(in) % std::size(folders)];
  const std::string name = folder + take_text(in, take(in));
  const std::vector<SpoolFile> group(1 + in.size() % 3, SpoolFile{name, std::string(in)});
  (void)(*spool)->group_key(name);
  if (const auto events = (*spool)->read_files(group))
    for (const auto& e : *events) must(kit::is_utf8(e.text) || e.type != EventType::mo);
}

inline void one_text(std::string_view in) {
  const std::string text(in);
  const auto decoded = kit::form_decode(text);
  must(kit::form_decode(kit::form_encode(text)) == text);
  must(kit::form_decode(kit::percent_encode(text)) == text);
  if (const auto form = kit::read_form(text)) {
    const auto again = kit::read_form(kit::write_form(*form));
    must(!again || again->size() <= form->size());
  }
  (void)kit::split_url(text);
  (void)kit::query_of(text);
  if (const auto bytes = kit::from_base64(text)) must(kit::to_base64(*bytes) == text);
  if (const auto bytes = kit::from_base64url(text)) must(kit::to_base64url(*bytes) == text);
  must(kit::from_hex(kit::to_hex(text)) == text);
  must(kit::is_utf8(kit::from_utf16be(text)));
  must(kit::is_utf8(kit::from_latin9(text)));
  if (kit::is_utf8(text) && !text.ends_with('\0') && !text.starts_with("\xEF\xBB\xBF") &&
      !text.starts_with("\xEF\xBF\xBE"))
    must(kit::from_utf16be(kit::to_utf16be(text)) == text);
  if (const auto part = kit::concat_of(text))
    must(part->total > 0 && part->part > 0 && part->part <= part->total);
  must(!kit::verify_jwt(text, kit::Secrets({"a key no input holds"}), {"HS256", "HS384", "HS512"}));
  (void)kit::read_time(text);
  (void)kit::retry_after_s({429, {{"retry-after", text}, {"date", text}}, ""});
  constexpr std::string_view known[] = {"to"};
  if (const auto t = kit::Template::parse(text, known)) {
    const std::string header = t->render({{"to", text}}, kit::Escape::header);
    (void)header;
  }
  if (const auto t = kit::JsonTemplate::parse(text, known))
    must(kit::read_json(t->render({{"to", "\"\\"}})).has_value());
  if (const auto e = kit::Extract::parse(text.substr(0, 200)))
    (void)e->from(kit::Source::of(Webhook{"POST", "https://x/?" + text, {}, text}));
}

inline void one_token(std::string_view in) {
  static const kit::Secrets key({"a key no input holds"});
  const auto unsigned_one = kit::verify_jwt(in, key, {"HS256", "HS384", "HS512"});
  must(!unsigned_one);
  // The input as claims: signed by us it is believed, and its times never crash a check.
  const auto claims = kit::read_json(std::string(in));
  if (!claims || !claims->is_object()) return;
  const std::string ours = kit::sign_jwt_hs256(claims->get_object(), "a key no input holds");
  if (ours.size() > kit::jwt_bytes_max) return;
  const auto back = kit::verify_jwt(ours, key, {"HS256"});
  must(back.has_value());
  must(!kit::verify_jwt(ours, key, {"HS512"}));
  must(!kit::verify_jwt(ours, kit::Secrets({"another key"}), {"HS256"}));
  constexpr Instant now{1'795'290'000'000};
  (void)kit::check_times(back->claims, now, std::chrono::seconds{300});
  std::string changed = ours;
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  must(!kit::verify_jwt(changed, key, {"HS256"}));
}

inline void one_send(std::string_view in) {
  const auto& types = provider_types();
  const ProviderType& type = types[take(in) % types.size()];
  const auto provider = type.make(settings(type));
  if (!provider) return;
  const int status = 100 + static_cast<int>(take(in)) * 2;
  const HttpReply reply{status, {{"retry-after", std::string(in.substr(0, 40))}}, std::string(in)};
  const SendReply read = (*provider)->read_reply(reply);
  const bool conflict_is_ours = type.name == "android-sms-gateway" && status == 409;
  must(read.outcome != SendOutcome::accepted || status / 100 == 2 || conflict_is_ours);
  must(!read.retry_after_s || (*read.retry_after_s >= 0 && *read.retry_after_s <= 86'400));
  (void)(*provider)->read_lookup(reply);
  constexpr Instant now{1'795'290'000'000};
  Sms sms{.reference = "m-1", .to = "+447700900123", .text = std::string(in)};
  if (!kit::is_utf8(sms.text)) return;
  if (const auto call = (*provider)->send_call(sms, now)) {
    must(call->url.find_first_of("\r\n") == std::string::npos);
    for (const auto& [name, value] : call->headers)
      must(value.find_first_of("\r\n") == std::string::npos);
  }
}

}  // namespace moodline::fuzz
