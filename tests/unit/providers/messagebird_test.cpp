#include <boost/json/serialize.hpp>

#include "adapter_support.hpp"
#include "providers/kit/bytes.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"
#include "providers/kit/jwt.hpp"

namespace moodline::providers {
namespace {

using test::noon;
namespace json = boost::json;

const std::string url = "https://gw.example.org/hook/messagebird?id=m1&status=sent";

test::Scalars settings() {
  return {{"access_key", "live"},
          {"signing_key", "k1"},
          {"signing_key_next", "k2"},
          {"from", "+31600000000"},
          {"webhook_url", "https://gw.example.org/hook/messagebird"}};
}

std::string sha(const std::string& bytes) {
  return kit::to_hex(kit::digest(kit::Digest::sha256, bytes));
}

json::object claims(const std::string& body = "", const std::string& of = url) {
  json::object c{{"iss", "MessageBird"},
                 {"nbf", 1795290000},
                 {"exp", 1795290060},
                 {"jti", "j1"},
                 {"url_hash", sha(of)}};
  if (!body.empty()) c["payload_hash"] = sha(body);
  return c;
}

Webhook hook(const json::object& of, const std::string& body = "", const std::string& key = "k1") {
  return {"GET", url, {{"messagebird-signature-jwt", kit::sign_jwt_hs256(of, key)}}, body};
}

TEST_CASE("messagebird: what it sends") {
  const auto provider = test::made("messagebird", settings());
  const auto call = provider->send_call(
      {.reference = "r1", .to = "+31600000001", .text = "Hi", .validity_s = 60}, noon);
  REQUIRE(call.has_value());
  CHECK(kit::header(call->headers, "authorization") == "AccessKey live");
  const auto body = test::body_of(*call);
  CHECK(kit::text_at(body, "/reference") == "r1");
  CHECK(kit::text_at(body, "/recipients") == "31600000001");
  CHECK(kit::text_at(body, "/validity") == "60");
  CHECK(kit::text_at(body, "/reportUrl") == "https://gw.example.org/hook/messagebird");
  CHECK(kit::at(body, "/datacoding") == nullptr);
  const auto wide = provider->send_call({.to = "+316", .text = "ж", .unicode = true}, noon);
  CHECK(kit::text_at(test::body_of(*wide), "/datacoding") == "auto");
  CHECK(provider->answer().body == "OK");
  test::check_fields("messagebird");
}

TEST_CASE("messagebird: what it makes of answers") {
  const auto provider = test::made("messagebird", settings());
  const auto error = [](const char* code, const char* parameter) {
    return std::string(R"({"errors":[{"code":)") + code + R"(,"parameter":")" + parameter + "\"}]}";
  };
  test::check_common_answers(*provider);
  test::check_answers(
      *provider,
      {{"accepted", 201, R"({"id":"m1"})", SendOutcome::accepted},
       {"credentials", 401, error("2", "access_key"), SendOutcome::rejected, "2", {}, true},
       {"no balance", 402, error("25", ""), SendOutcome::rejected, "25", {}, true},
       {"no balance, odd status", 422, error("25", ""), SendOutcome::rejected, "25", {}, true},
       {"no recipients",
        422,
        error("9", "recipients"),
        SendOutcome::rejected,
        "9",
        {},
        false,
        false,
        true},
       {"bad originator", 422, error("10", "originator"), SendOutcome::rejected, "10"},
       {"bad request", 400, error("21", ""), SendOutcome::rejected, "21"},
       {"500 with a code", 500, error("99", ""), SendOutcome::retry_later, "http_500"}});
}

TEST_CASE("messagebird: who is believed") {
  const auto provider = test::made("messagebird", settings());
  const auto proven = provider->authenticate(hook(claims()), noon);
  REQUIRE(proven.has_value());
  CHECK(proven->replay_key == "messagebird:j1");
  CHECK(*proven->replay_until >= noon + std::chrono::seconds{60});
  CHECK(provider->authenticate(hook(claims(), "", "k2"), noon).has_value());
  CHECK(provider->authenticate(hook(claims("text"), "text"), noon).has_value());
  test::check_refused(*provider, hook(claims(), "", "k3"), "bad_signature");
  test::check_refused(*provider, test::without(hook(claims()), "messagebird-signature-jwt"),
                      "unsigned");
  test::check_refused(*provider, hook(claims("text"), "texT"), "bad_signature");
  test::check_refused(*provider, hook(claims("text")), "bad_signature");
  test::check_refused(*provider, hook(claims(), "text"), "bad_signature");
  test::check_refused(*provider, hook(claims("", url + "x")), "bad_signature");
  for (const char* name : {"iss", "nbf", "exp", "jti", "url_hash"}) {
    CAPTURE(name);
    json::object fewer = claims();
    fewer.erase(name);
    test::check_refused(*provider, hook(fewer), "bad_signature");
    json::object wrong = claims();
    wrong[name] = nullptr;
    CHECK(!provider->authenticate(hook(wrong), noon).has_value());
  }
}

TEST_CASE("messagebird: the token's minute, with five seconds to spare") {
  const auto provider = test::made("messagebird", settings());
  const auto at = [&](int s) {
    return provider->authenticate(hook(claims()), noon + std::chrono::seconds{s}).has_value();
  };
  CHECK(at(-5));
  CHECK(!at(-6));
  CHECK(at(64));
  CHECK(!at(65));
  auto strict = settings();
  strict["clock_leeway"] = "0s";
  CHECK(!test::made("messagebird", strict)
             ->authenticate(hook(claims()), noon + std::chrono::seconds{60})
             .has_value());
}

TEST_CASE("messagebird: only HMAC tokens") {
  const auto provider = test::made("messagebird", settings());
  const std::string body = kit::to_base64url(json::serialize(claims()));
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"RS256"})", R"({"alg":"hs256"})", "{}",
                             R"({"alg":["HS256"]})"}) {
    const std::string covered = kit::to_base64url(header) + "." + body;
    const std::string mac = kit::to_base64url(kit::hmac(kit::Digest::sha256, "k1", covered));
    for (const std::string& token : {covered + "." + mac, covered + ".", covered})
      test::check_refused(*provider, {"GET", url, {{"messagebird-signature-jwt", token}}, ""},
                          "bad_signature");
  }
}

TEST_CASE("messagebird: what reports mean") {
  const auto provider = test::made("messagebird", settings());
  using enum DeliveryStatus;
  const struct {
    const char* reason;
    test::ReportCase want;
  } cases[] = {
      {"", {"scheduled", "", sent}},
      {"", {"sent", "", sent}},
      {"", {"buffered", "", sent}},
      {"", {"delivered", "0", delivered, std::nullopt, false, ""}},
      {"", {"expired", "", failed, false}},
      {"", {"delivery_failed", "", failed}},
      {"", {"delivery_failed", "103", failed, true, true}},
      {"opted out", {"delivery_failed", "", failed, true, true}},
      {"", {"delivery_failed", "1", failed, true}},
      {"", {"delivery_failed", "9", failed, true}},
      {"", {"delivery_failed", "13", failed, true}},
      {"", {"delivery_failed", "6", failed, false}},
      {"", {"delivery_failed", "27", failed, false}},
      {"", {"delivery_failed", "34", failed, false}},
      {"unknown subscriber", {"delivery_failed", "", failed, true}},
      {"unavailable subscriber", {"delivery_failed", "", failed, false}},
      {"received network error", {"delivery_failed", "999", failed, false}},
      {"words of the future", {"delivery_failed", "999", failed}},
      {"", {"teleported", "", unknown}},
  };
  for (const auto& c : cases) {
    const std::string query = kit::write_form({{"id", "m1"},
                                               {"reference", "r1"},
                                               {"recipient", "31600000001"},
                                               {"status", c.want.word},
                                               {"statusReason", c.reason},
                                               {"statusErrorCode", c.want.code},
                                               {"statusDatetime", "2026-11-21T19:40:00+00:00"}});
    const Event e = test::only_event(
        *provider, {"GET", "https://gw.example.org/hook/messagebird?" + query, {}, ""});
    test::check_report(e, c.want);
    CHECK(e.reference == "r1");
    CHECK(e.at == noon);
  }
}

TEST_CASE("messagebird: short codes, and malformed events") {
  const auto provider = test::made("messagebird", settings());
  const std::string plain = "https://gw.example.org/hook/messagebird";
  const Event e = test::only_event(
      *provider,
      {"GET", plain + "?mid=m2&shortcode=1008&originator=31600000001&message=4", {}, ""});
  CHECK(e.type == EventType::mo);
  CHECK(e.to == "1008");
  CHECK(e.text == "4");
  CHECK(e.event_id == "m2");
  test::check_malformed(*provider, {"POST", plain, {}, ""});
}

}  // namespace
}  // namespace moodline::providers
