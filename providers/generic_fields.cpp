// The generic provider's settings. Their order is that of the page docs/providers/generic.md.
#include "providers/generic.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers::generic {
namespace {

void add_send_fields(FieldTable& f) {
  f.push_back({.name = "url",
               .required = true,
               .help = "address of the send call; {{...}} are percent-encoded in it"});
  f.push_back({.name = "method",
               .type = FieldType::word,
               .fallback = "POST",
               .help = "of the send call",
               .choices = {"GET", "POST", "PUT"}});
  f.push_back({.name = "content_type",
               .type = FieldType::word,
               .fallback = "form",
               .help = "what the body is: form and json are encoded for you, xml is escaped",
               .choices = {"none", "form", "json", "xml", "text"}});
  f.push_back({.name = "form",
               .type = FieldType::mapping,
               .help = "form fields; one that comes out empty is left out"});
  f.push_back({.name = "body", .help = "template of a json, xml or text body"});
  f.push_back({.name = "headers", .type = FieldType::mapping, .help = "further headers"});
  f.push_back({.name = "vars",
               .type = FieldType::mapping,
               .help = "words of your own, {{var.NAME}} in templates"});
  f.push_back({.name = "from", .help = "sender"});
  f.push_back({.name = "user", .help = "account or user name"});
  f.push_back({.name = "secret", .type = FieldType::secret, .help = "key, token or password"});
  f.push_back({.name = "auth",
               .type = FieldType::word,
               .fallback = "none",
               .help = "how the send call proves itself",
               .choices = {"none", "basic", "bearer", "header", "query", "hmac"}});
  f.push_back({.name = "auth_name", .help = "the header's or query field's name"});
  f.push_back({.name = "sign_over",
               .fallback = "{{body}}",
               .help = "what auth: hmac signs, of {{body}} {{url}} {{method}} {{timestamp}}"});
  f.push_back({.name = "sign_digest",
               .type = FieldType::word,
               .fallback = "sha256",
               .help = "of auth: hmac",
               .choices = {"md5", "sha1", "sha256", "sha384", "sha512"}});
  f.push_back({.name = "sign_encoding",
               .type = FieldType::word,
               .fallback = "hex",
               .help = "of auth: hmac",
               .choices = {"hex", "base64"}});
}

void add_answer_fields(FieldTable& f) {
  f.push_back({.name = "accept_when",
               .type = FieldType::texts,
               .help = "conditions beyond a 2xx status, such as \"/status = OK\"; all must hold"});
  f.push_back({.name = "id", .help = "where the answer says its id"});
  f.push_back({.name = "code", .help = "where the answer says its error code"});
  f.push_back({.name = "retry_codes", .type = FieldType::texts, .help = "sent nothing, try later"});
  f.push_back({.name = "halt_codes",
               .type = FieldType::texts,
               .help = "account, credit or settings: stop the route and tell the admin"});
  f.push_back({.name = "opted_out_codes",
               .type = FieldType::texts,
               .help = "the provider blocks this number"});
  f.push_back({.name = "bad_number_codes", .type = FieldType::texts, .help = "no such mobile"});
}

void add_hook_fields(FieldTable& f) {
  f.push_back({.name = "hook_auth",
               .type = FieldType::word,
               .fallback = "path",
               .help = "how webhooks prove themselves; path: by path_secret in the URL",
               .choices = {"path", "basic", "bearer", "header", "query", "hmac"}});
  f.push_back({.name = "hook_user", .help = "of hook_auth: basic"});
  f.push_back({.name = "hook_secret", .type = FieldType::secret, .help = "of hook_auth"});
  f.push_back({.name = "hook_secret_next",
               .type = FieldType::secret,
               .help = "second one, accepted too while it is being changed"});
  f.push_back({.name = "hook_name", .help = "the header's or query field's name"});
  f.push_back(
      {.name = "hook_over",
       .fallback = "{{body}}",
       .help = "what hook_auth: hmac covers, of {{body}} {{url}} {{method}} {{timestamp}}"});
  f.push_back({.name = "hook_digest",
               .type = FieldType::word,
               .fallback = "sha256",
               .help = "of hook_auth: hmac",
               .choices = {"md5", "sha1", "sha256", "sha384", "sha512"}});
  f.push_back({.name = "hook_encoding",
               .type = FieldType::word,
               .fallback = "hex",
               .help = "of hook_auth: hmac; hex is in lower case",
               .choices = {"hex", "base64"}});
  f.push_back({.name = "hook_prefix", .help = "what stands before the signature, as sha256="});
  f.push_back(
      {.name = "hook_timestamp",
       .help = "header with seconds since 1970, held to 300 s; {{timestamp}} in hook_over"});
  f.push_back({.name = "answer_type", .fallback = "text/plain", .help = "of our answer"});
  f.push_back({.name = "answer_body", .help = "what the provider wants to hear after a webhook"});
}

void add_event_fields(FieldTable& f) {
  const auto rule = [&f](std::string_view name, std::string_view help) {
    f.push_back({.name = name, .help = help});
  };
  const auto when = [&f](std::string_view name, std::string_view help) {
    f.push_back({.name = name, .type = FieldType::texts, .help = help});
  };
  rule("batch", "JSON pointer to a list of events in one webhook; rules then start at each");
  when("mo_when", "conditions that make it a received text; all must hold");
  rule("mo_id", "its id");
  rule("mo_from", "who sent it");
  rule("mo_to", "our number");
  f.push_back({.name = "mo_numbers",
               .type = FieldType::word,
               .fallback = "as_written",
               .help = "international: their numbers have a country code even without a plus",
               .choices = {"as_written", "international"}});
  rule("mo_text", "its words");
  rule("mo_at", "when: ISO 8601, or seconds or milliseconds since 1970");
  rule("mo_charset", "the name of its charset");
  when("mo_escaped_charsets", "charsets in which the words are percent-encoded bytes");
  when("dlr_when", "conditions that make it a receipt; all must hold");
  rule("dlr_id", "the id of the text, as the answer to the send call said it");
  rule("dlr_reference", "our reference, where it is given back");
  rule("dlr_to", "the number texted");
  rule("dlr_at", "when");
  rule("dlr_status", "the provider's word for what became of it");
  rule("dlr_error", "its error code");
  f.push_back({.name = "dlr_statuses",
               .type = FieldType::mapping,
               .help = "that word to queued, sent, delivered, failed, failed permanent, failed "
                       "transient or opted out; other words change nothing"});
  f.push_back({.name = "dlr_errors",
               .type = FieldType::mapping,
               .help = "an error code of a failure to permanent, transient or opted out"});
  when("opt_out_when", "conditions that make it an opt-out at the provider; all must hold");
  rule("opt_out_from", "who opted out");
  rule("opt_out_to", "from which of our numbers");
}

void add_limit_fields(FieldTable& f) {
  f.push_back({.name = "text_characters_max",
               .type = FieldType::integer,
               .fallback = "1600",
               .help = "longest text the provider takes",
               .min = Decimal::of(1),
               .max = Decimal::of(10'000)});
  f.push_back({.name = "segments_per_s",
               .type = FieldType::decimal,
               .fallback = "1",
               .help = "how fast to send, in parts of 160 (70) characters",
               .min = Decimal::of(0),
               .max = Decimal::of(10'000)});
}

}  // namespace

FieldTable fields() {
  FieldTable f;
  add_send_fields(f);
  add_answer_fields(f);
  add_hook_fields(f);
  add_event_fields(f);
  add_limit_fields(f);
  kit::add_webhook_fields(f);
  return f;
}

}  // namespace moodline::providers::generic
