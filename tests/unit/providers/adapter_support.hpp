// What the adapters' tests share: making one by name, and tables of answers, reports and bad input.
#pragma once
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "providers/kit/json.hpp"
#include "providers/provider.hpp"

namespace moodline::providers::test {

using Scalars = std::map<std::string, std::string>;

constexpr Instant noon{1'795'290'000'000};  // 2026-11-21T19:40:00Z, as in the captures

inline std::unique_ptr<Provider> made(std::string_view name, const config::Block& settings) {
  const ProviderType* type = find_provider_type(name);
  REQUIRE(type != nullptr);
  auto provider = type->make(settings);
  REQUIRE_MESSAGE(provider.has_value(), (provider ? "" : provider.error().message));
  return std::move(*provider);
}

inline std::unique_ptr<Provider> made(std::string_view name, const Scalars& settings) {
  return made(name, config::Block::of(settings));
}

/// Every setting that `provider send` needs is a field the reader knows, and has its help.
inline void check_fields(std::string_view name) {
  const ProviderType* type = find_provider_type(name);
  REQUIRE(type != nullptr);
  for (const auto& field : type->fields) {
    CHECK_MESSAGE(!field.help.empty(), field.name);
    CHECK_MESSAGE(!field.name.starts_with("captured"), field.name);
  }
}

struct AnswerCase {
  const char* what;
  int status;
  std::string body;
  SendOutcome outcome;
  std::string code = {};
  std::optional<int> retry_after_s = std::nullopt;
  bool halt = false;
  bool opted_out = false;
  bool bad_number = false;
  Headers headers = {};
};

inline void check_answers(const Provider& provider, const std::vector<AnswerCase>& cases) {
  for (const auto& c : cases) {
    CAPTURE(c.what);
    const SendReply r = provider.read_reply({c.status, c.headers, c.body});
    CHECK(static_cast<int>(r.outcome) == static_cast<int>(c.outcome));
    CHECK(r.code == c.code);
    CHECK(r.retry_after_s.value_or(-1) == c.retry_after_s.value_or(-1));
    CHECK(r.halt_route == c.halt);
    CHECK(r.opted_out == c.opted_out);
    CHECK(r.bad_number == c.bad_number);
    CHECK(r.provider_message_ids.empty() == (r.outcome != SendOutcome::accepted));
  }
}

/// What every HTTP adapter must make of an answer it cannot read and of bare statuses.
inline void check_common_answers(const Provider& provider) {
  check_answers(
      provider,
      {{"2xx without words", 200, "", SendOutcome::unknown, "unreadable"},
       {"2xx, cut", 200, "{\"data\":{\"id\":\"4", SendOutcome::unknown, "unreadable"},
       {"2xx, a login page", 200, "<html>hello</html>", SendOutcome::unknown, "unreadable"},
       {"2xx, other JSON", 201, "[]", SendOutcome::unknown, "unreadable"},
       {"401", 401, "", SendOutcome::rejected, "http_401", {}, true},
       {"400", 400, "", SendOutcome::rejected, "http_400"},
       {"429", 429, "", SendOutcome::retry_later, "http_429"},
       {"429 says when",
        429,
        "",
        SendOutcome::retry_later,
        "http_429",
        17,
        false,
        false,
        false,
        {{"retry-after", "17"}}},
       {"500", 500, "", SendOutcome::retry_later, "http_500"},
       {"503 garbage", 503, "\x00\xff{", SendOutcome::retry_later, "http_503"}});
}

/// The provider's word and code, and what they mean to us.
struct ReportCase {
  std::string word;
  std::string code;
  DeliveryStatus status;
  std::optional<bool> permanent = std::nullopt;
  bool opted_out = false;
  std::string error_code = "=";  // "=": the same as `code`
};

inline void check_report(const Event& e, const ReportCase& c) {
  CAPTURE(c.word);
  CAPTURE(c.code);
  CHECK(static_cast<int>(e.type) == static_cast<int>(EventType::dlr));
  CHECK(static_cast<int>(e.status) == static_cast<int>(c.status));
  CHECK(e.permanent.has_value() == c.permanent.has_value());
  if (e.permanent && c.permanent) CHECK(*e.permanent == *c.permanent);
  CHECK(e.error_code == (c.error_code == "=" ? c.code : c.error_code));
  CHECK(e.raw_status == c.word);
  CHECK(e.opted_out == c.opted_out);
  CHECK(!e.event_id.empty());
}

inline Event only_event(const Provider& provider, const Webhook& hook) {
  const auto events = provider.read_events(hook);
  REQUIRE_MESSAGE(events.has_value(), (events ? "" : events.error().message));
  REQUIRE(events->size() == 1);
  return events->front();
}

/// Malformed bodies: refused or read as nothing, never a text or a report with an id.
inline void check_malformed(const Provider& provider, const Webhook& like) {
  static const std::string deep(200, '[');
  const std::vector<std::string> bodies{
      "",
      "{",
      "}",
      "[",
      "null",
      "[]",
      "{}",
      "0",
      "\"text\"",
      "[[[]]]",
      "[null]",
      "[1,2]",
      "{\"data\":null}",
      "{\"data\":{\"payload\":[]}}",
      "{\"results\":{}}",
      "{\"results\":[null,1,{}]}",
      "{\"type\":[]}",
      "{\"Type\":\"Notification\"}",
      "%",
      "a=%zz",
      "=&=&=",
      std::string(1, '\0'),
      "\xff\xfe",
      "{\"a\":\"\xc3\x28\"}",
      deep,
      std::string(300'000, ' ') + "{}",
  };
  for (const auto& body : bodies) {
    CAPTURE(body.substr(0, 40));
    Webhook hook = like;
    hook.body = body;
    const auto events = provider.read_events(hook);
    if (!events) {
      CHECK(!events.error().code.empty());
      continue;
    }
    for (const auto& e : *events)
      CHECK(static_cast<int>(e.type) == static_cast<int>(EventType::ignored));
  }
}

inline void check_refused(const Provider& provider, const Webhook& hook, std::string_view code,
                          Instant now = noon) {
  const auto proven = provider.authenticate(hook, now);
  REQUIRE(!proven.has_value());
  CHECK(proven.error().code == code);
}

inline boost::json::value body_of(const HttpCall& call) {
  auto body = kit::read_json(call.body);
  REQUIRE(body.has_value());
  return std::move(*body);
}

inline Webhook without(Webhook hook, std::string_view header) {
  std::erase_if(hook.headers, [&](const auto& h) { return h.first == header; });
  return hook;
}

inline Webhook with(Webhook hook, const std::string& header, const std::string& value) {
  hook = without(std::move(hook), header);
  hook.headers.emplace_back(header, value);
  return hook;
}

}  // namespace moodline::providers::test
