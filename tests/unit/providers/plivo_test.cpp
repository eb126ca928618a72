#include "adapter_support.hpp"
#include "providers/kit/bytes.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers {
namespace {

using test::noon;

constexpr std::string_view base = "https://gw.example.org/hook/plivo/9f2c6c1e";

test::Scalars settings() {
  return {{"auth_id", "MA0000"},      {"auth_token", "t1"},
          {"auth_token_next", "t2"},  {"main_auth_token", "tm"},
          {"from", "+15550100"},      {"webhook_url", "https://gw.example.org/hook/plivo"},
          {"path_secret", "9f2c6c1e"}};
}

std::string mac(const std::string& token, const std::string& text) {
  return kit::to_base64(kit::hmac(kit::Digest::sha256, token, text));
}

Webhook hook(const std::string& body, const std::string& token = "t1",
             const std::string& name = "x-plivo-signature-v2") {
  return {"POST",
          std::string(base) + "?ref=r1",
          {{"x-plivo-signature-v2-nonce", "77"}, {name, mac(token, std::string(base) + "77")}},
          body};
}

TEST_CASE("plivo: what it sends") {
  const auto call = test::made("plivo", settings())
                        ->send_call({.reference = "r1", .to = "+15550101", .text = "Hi"}, noon);
  REQUIRE(call.has_value());
  CHECK(call->url == "https://api.plivo.com/v1/Account/MA0000/Message/");
  const auto body = test::body_of(*call);
  CHECK(kit::text_at(body, "/src") == "15550100");
  CHECK(kit::text_at(body, "/dst") == "15550101");
  CHECK(kit::text_at(body, "/url") == std::string(base) + "?ref=r1");
  CHECK(kit::text_at(body, "/method") == "POST");
  test::check_fields("plivo");
}

TEST_CASE("plivo: what it makes of answers") {
  const auto provider = test::made("plivo", settings());
  test::check_common_answers(*provider);
  test::check_answers(*provider,
                      {{"accepted", 202, R"({"message_uuid":["m1"]})", SendOutcome::accepted},
                       {"no id", 202, R"({"message_uuid":[]})", SendOutcome::unknown, "unreadable"},
                       {"bad request", 400, R"({"api_id":"x","error":"src is required"})",
                        SendOutcome::rejected, "http_400"}});
}

TEST_CASE("plivo: who is believed (V2)") {
  const auto provider = test::made("plivo", settings());
  const Webhook good = hook("Text=4");
  const auto proven = provider->authenticate(good, noon);
  REQUIRE(proven.has_value());
  CHECK(proven->replay_key == "plivo:77");
  CHECK(*proven->replay_until > noon + std::chrono::hours{24 * 300});
  CHECK(provider->authenticate(hook("", "t2"), noon).has_value());
  CHECK(provider->authenticate(hook("", "tm", "x-plivo-signature-ma-v2"), noon).has_value());
  test::check_refused(*provider, hook("", "tm"), "bad_signature");
  test::check_refused(*provider, hook("", "t1", "x-plivo-signature-ma-v2"), "bad_signature");
  test::check_refused(*provider, test::without(good, "x-plivo-signature-v2-nonce"), "unsigned");
  test::check_refused(*provider, test::without(good, "x-plivo-signature-v2"), "unsigned");
  test::check_refused(*provider, test::with(good, "x-plivo-signature-v2-nonce", "78"),
                      "bad_signature");
  Webhook elsewhere = good;
  elsewhere.url = "https://gw.example.org/hook/plivo/other";
  test::check_refused(*provider, elsewhere, "bad_signature");
}

TEST_CASE("plivo: without a secret path nothing is believed") {
  auto bare = settings();
  bare.erase("path_secret");
  test::check_refused(*test::made("plivo", bare), hook(""), "not_configured");
  for (const auto& field : find_provider_type("plivo")->fields)
    if (field.name == "path_secret") CHECK(field.required);
  CHECK(!test::made("plivo", settings())->capabilities().body_is_signed);
}

TEST_CASE("plivo: V3 covers query and fields") {
  const auto provider = test::made("plivo", settings());
  const std::string url(base);
  const auto v3 = [&](const std::string& method, const std::string& query, const std::string& body,
                      const std::string& signed_text) {
    return Webhook{method,
                   url + query,
                   {{"x-plivo-signature-v3-nonce", "5"},
                    {"x-plivo-signature-v3", "AAAA," + mac("t1", url + signed_text + ".5")}},
                   body};
  };
  CHECK(provider->authenticate(v3("GET", "?b=2&a=1&a=0", "", "?a=0&a=1&b=2"), noon).has_value());
  CHECK(provider->authenticate(v3("GET", "", "", ""), noon).has_value());
  CHECK(provider->authenticate(v3("POST", "?x=1", "To=2&From=+1", "?x=1.From 1To2"), noon)
            .has_value());
  CHECK(provider->authenticate(v3("POST", "", "To=2", "?To2"), noon).has_value());
  test::check_refused(*provider, v3("POST", "", "To=3", "?To2"), "bad_signature");
  test::check_refused(*provider, v3("POST", "?x=2", "To=2", "?x=1.To2"), "bad_signature");
}

TEST_CASE("plivo: what reports mean") {
  const auto provider = test::made("plivo", settings());
  using enum DeliveryStatus;
  const std::vector<test::ReportCase> cases{
      {"queued", "", queued},
      {"sent", "", sent},
      {"delivered", "000", delivered, std::nullopt, false, ""},
      {"undelivered", "", failed},
      {"undelivered", "20", failed, false},
      {"undelivered", "80", failed, false},
      {"failed", "10", failed, true},
      {"failed", "30", failed, true},
      {"failed", "40", failed, true},
      {"rejected", "50", failed, true},
      {"failed", "70", failed, true},
      {"failed", "200", failed, true, true},
      {"failed", "900", failed, false},
      {"failed", "999", failed},
      {"read", "", unknown},
  };
  for (const auto& c : cases) {
    const Event e = test::only_event(
        *provider, hook("From=15550100&To=15550101&MessageUUID=part2&ParentMessageUUID=m1&Status=" +
                        c.word + (c.code.empty() ? "" : "&ErrorCode=" + c.code)));
    test::check_report(e, c);
    CHECK(e.provider_message_id == "m1");
    CHECK(e.reference == "r1");
  }
}

TEST_CASE("plivo: a text that looks like nothing else, and malformed ones") {
  const auto provider = test::made("plivo", settings());
  const Event e =
      test::only_event(*provider, hook("From=15550101&To=15550100&Text=4%20ok&MessageUUID=m2"));
  CHECK(e.type == EventType::mo);
  CHECK(e.text == "4 ok");
  CHECK(e.event_id == "m2");
  test::check_malformed(*provider, hook(""));
}

}  // namespace
}  // namespace moodline::providers
