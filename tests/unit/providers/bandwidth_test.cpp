#include "adapter_support.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers {
namespace {

using test::noon;

const test::Scalars settings{{"account_id", "9900000"},
                             {"username", "user"},
                             {"password", "pass"},
                             {"application_id", "app"},
                             {"from", "+15550100"},
                             {"callback_username", "cb"},
                             {"callback_password", "secret1"},
                             {"callback_password_next", "secret2"}};

Webhook hook(const std::string& body, const std::string& password = "secret1") {
  return {"POST",
          "https://gw.example.org/hook/bandwidth",
          {{"authorization", kit::basic_auth("cb", password)}},
          body};
}

std::string report(const std::string& type, const std::string& code) {
  return R"([{"type":")" + type + R"(","time":"2026-11-21T19:40:05.000Z","to":"+15550101",)" +
         (code.empty() ? "" : "\"errorCode\":" + code + ",") +
         R"("message":{"id":"m1","from":"+15550100","tag":"r1"}}])";
}

TEST_CASE("bandwidth: what it sends") {
  const auto provider = test::made("bandwidth", settings);
  const auto call = provider->send_call(
      {.reference = "r1", .to = "+15550101", .text = "Hi", .validity_s = 3600}, noon);
  REQUIRE(call.has_value());
  CHECK(call->url == "https://messaging.bandwidth.com/api/v2/users/9900000/messages");
  CHECK(kit::header(call->headers, "authorization") == "Basic dXNlcjpwYXNz");
  const auto body = test::body_of(*call);
  CHECK(kit::text_at(body, "/expiration") == "2026-11-21T20:40:00Z");
  CHECK(kit::text_at(body, "/tag") == "r1");
  CHECK(kit::text_at(body, "/to/0") == "+15550101");
  test::check_fields("bandwidth");
}

TEST_CASE("bandwidth: what it makes of answers") {
  const auto provider = test::made("bandwidth", settings);
  test::check_common_answers(*provider);
  test::check_answers(
      *provider,
      {{"accepted", 202, R"({"id":"m1"})", SendOutcome::accepted},
       {"queue full", 429, R"({"type":"max-message-queue-size-exceeded","description":"x"})",
        SendOutcome::retry_later, "max-message-queue-size-exceeded"},
       {"bad field",
        400,
        R"({"type":"request-validation","fieldErrors":[{"fieldName":"to","description":"x"}]})",
        SendOutcome::rejected,
        "request-validation",
        {},
        false,
        false,
        true},
       {"credentials",
        403,
        R"({"type":"forbidden"})",
        SendOutcome::rejected,
        "forbidden",
        {},
        true},
       {"404", 404, "", SendOutcome::rejected, "http_404"},
       {"415", 415, "", SendOutcome::rejected, "http_415"},
       {"a gateway's time-out is not sent either", 504, "", SendOutcome::retry_later, "http_504"}});
}

TEST_CASE("bandwidth: who is believed") {
  const auto provider = test::made("bandwidth", settings);
  CHECK(provider->authenticate(hook("[]"), noon).has_value());
  CHECK(provider->authenticate(hook("[]", "secret2"), noon).has_value());
  test::check_refused(*provider, hook("[]", "secret3"), "bad_signature");
  test::check_refused(*provider, test::without(hook("[]"), "authorization"), "unsigned");
  for (const char* bad : {"", "Basic", "Basic ", "Bearer secret1", "basic Y2I6c2VjcmV0MQ=="})
    test::check_refused(*provider, test::with(hook("[]"), "authorization", bad), "bad_signature");
  test::check_refused(*test::made("bandwidth", test::Scalars{}), hook("[]", ""), "not_configured");
}

TEST_CASE("bandwidth: what reports mean") {
  const auto provider = test::made("bandwidth", settings);
  using enum DeliveryStatus;
  const std::vector<test::ReportCase> cases{
      {"message-sending", "", sent},
      {"message-delivered", "", delivered},
      {"message-failed", "", failed},
      {"message-failed", "9902", sent},
      {"message-failed", "9999", failed},
      {"message-failed", "4001", failed, true},
      {"message-failed", "4303", failed, true},
      {"message-failed", "4432", failed, true},
      {"message-failed", "4702", failed, false},
      {"message-failed", "4780", failed, false},
      {"message-failed", "4781", failed, false},
      {"message-failed", "4785", failed, false},
      {"message-failed", "4775", failed, true, true},
      {"message-failed", "4482", failed, true, true},
      {"message-failed", "5100", failed, false},
      {"message-failed", "5999", failed, false},
  };
  for (const auto& c : cases) {
    const Event e = test::only_event(*provider, hook(report(c.word, c.code)));
    test::check_report(e, c);
    CHECK(e.reference == "r1");
    CHECK(e.to == "+15550101");
    CHECK(e.at == Instant{1'795'290'005'000});
  }
}

TEST_CASE("bandwidth: batches, other events and malformed ones") {
  const auto provider = test::made("bandwidth", settings);
  const auto both = provider->read_events(
      hook(R"([{"type":"message-received","to":"+15550100","message":{"id":"a","from":"+15550101",)"
           R"("text":"4"}},{"type":"message-read","message":{"id":"b"}},7])"));
  REQUIRE(both.has_value());
  REQUIRE(both->size() == 3);
  CHECK(both->at(0).type == EventType::mo);
  CHECK(both->at(0).text == "4");
  CHECK(both->at(1).type == EventType::ignored);
  CHECK(both->at(2).type == EventType::ignored);
  test::check_malformed(*provider, hook(""));
}

}  // namespace
}  // namespace moodline::providers
