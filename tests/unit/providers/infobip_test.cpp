#include "adapter_support.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers {
namespace {

using test::noon;

test::Scalars settings(const std::string& version = "3") {
  return {{"api_url", "https://xyz.api.infobip.com/"},
          {"api_key", "key"},
          {"from", "+447700900000"},
          {"api_version", version},
          {"webhook_url", "https://gw.example.org/hook/infobip"},
          {"callback_username", "cb"},
          {"callback_password", "secret1"}};
}

Webhook hook(const std::string& body) {
  return {"POST",
          "https://gw.example.org/hook/infobip",
          {{"authorization", kit::basic_auth("cb", "secret1")}},
          body};
}

std::string report(const std::string& status, const std::string& error) {
  return R"({"results":[{"messageId":"m1","to":"447700900001","sender":"447700900000",)"
         R"("doneAt":"2026-11-21T19:40:05.000+0000","status":)" +
         status + (error.empty() ? "" : ",\"error\":" + error) + "}]}";
}

TEST_CASE("infobip: what it sends, version 3 and 2") {
  const Sms sms{.reference = "r1", .to = "+447700900001", .text = "Hi", .validity_s = 90};
  const auto call = test::made("infobip", settings())->send_call(sms, noon);
  REQUIRE(call.has_value());
  CHECK(call->url == "https://xyz.api.infobip.com/sms/3/messages");
  CHECK(kit::header(call->headers, "authorization") == "App key");
  const auto body = test::body_of(*call);
  CHECK(kit::text_at(body, "/messages/0/sender") == "447700900000");
  CHECK(kit::text_at(body, "/messages/0/destinations/0/to") == "447700900001");
  CHECK(kit::text_at(body, "/messages/0/destinations/0/messageId") == "r1");
  CHECK(kit::text_at(body, "/messages/0/content/text") == "Hi");
  CHECK(kit::text_at(body, "/messages/0/webhooks/delivery/url") ==
        "https://gw.example.org/hook/infobip");
  CHECK(kit::text_at(body, "/messages/0/options/validityPeriod/amount") == "2");
  const auto old = test::made("infobip", settings("2"))->send_call(sms, noon);
  CHECK(old->url == "https://xyz.api.infobip.com/sms/2/text/advanced");
  CHECK(kit::text_at(test::body_of(*old), "/messages/0/text") == "Hi");
  CHECK(kit::text_at(test::body_of(*old), "/messages/0/validityPeriod") == "2");
  test::check_fields("infobip");
}

TEST_CASE("infobip: what it makes of answers") {
  const auto provider = test::made("infobip", settings());
  const auto status = [](const char* group, const char* name) {
    return std::string(R"({"messages":[{"messageId":"m1","status":{"groupId":)") + group +
           R"(,"name":")" + name + "\"}}]}";
  };
  test::check_common_answers(*provider);
  test::check_answers(
      *provider,
      {{"pending", 200, status("1", "PENDING_ACCEPTED"), SendOutcome::accepted},
       {"delivered at once", 200, status("3", "DELIVERED_TO_OPERATOR"), SendOutcome::accepted},
       {"undeliverable", 200, status("2", "UNDELIVERABLE_REJECTED_OPERATOR"), SendOutcome::rejected,
        "UNDELIVERABLE_REJECTED_OPERATOR"},
       {"expired", 200, status("4", "EXPIRED_UNKNOWN"), SendOutcome::rejected, "EXPIRED_UNKNOWN"},
       {"no credit",
        200,
        status("5", "REJECTED_NOT_ENOUGH_CREDITS"),
        SendOutcome::rejected,
        "REJECTED_NOT_ENOUGH_CREDITS",
        {},
        true},
       {"bad number",
        200,
        status("5", "REJECTED_DESTINATION"),
        SendOutcome::rejected,
        "REJECTED_DESTINATION",
        {},
        false,
        false,
        true},
       {"group of the future", 200, status("9", "NEW"), SendOutcome::unknown, "unreadable"},
       {"v3 error", 400, R"({"errorCode":"E400","description":"x","violations":[]})",
        SendOutcome::rejected, "E400"},
       {"v2 error",
        401,
        R"({"requestError":{"serviceException":{"messageId":"UNAUTHORIZED"}}})",
        SendOutcome::rejected,
        "UNAUTHORIZED",
        {},
        true},
       {"429", 429, R"({"errorCode":"E429"})", SendOutcome::retry_later, "E429"}});
}

TEST_CASE("infobip: who is believed") {
  const auto provider = test::made("infobip", settings());
  CHECK(provider->authenticate(hook("{}"), noon).has_value());
  test::check_refused(*provider, test::without(hook("{}"), "authorization"), "unsigned");
  test::check_refused(*provider,
                      test::with(hook("{}"), "authorization", kit::basic_auth("cb", "secret2")),
                      "bad_signature");
  test::check_refused(*test::made("infobip", test::Scalars{}), hook("{}"), "not_configured");
}

TEST_CASE("infobip: what reports mean") {
  const auto provider = test::made("infobip", settings());
  using enum DeliveryStatus;
  const struct {
    const char* group;
    const char* id;
    const char* error;
    test::ReportCase want;
  } cases[] = {
      {"1", "3", "", {"PENDING_WAITING_DELIVERY", "", queued}},
      {"1", "7", R"({"id":0,"permanent":false})", {"PENDING_ENROUTE", "", queued}},
      {"3", "2", R"({"id":0,"permanent":false})", {"DELIVERED_TO_OPERATOR", "", sent}},
      {"3", "5", R"({"id":0,"permanent":false})", {"DELIVERED_TO_HANDSET", "", delivered}},
      {"2",
       "9",
       R"({"id":1,"permanent":true})",
       {"UNDELIVERABLE_NOT_DELIVERED", "1", failed, true}},
      {"2",
       "9",
       R"({"id":27,"permanent":false})",
       {"UNDELIVERABLE_NOT_DELIVERED", "27", failed, false}},
      {"2", "4", "", {"UNDELIVERABLE_REJECTED_OPERATOR", "", failed}},
      {"4", "15", R"({"id":5003,"permanent":false})", {"EXPIRED_EXPIRED", "5003", failed, false}},
      {"4", "15", R"({"id":5003,"permanent":"no"})", {"EXPIRED_EXPIRED", "5003", failed, false}},
      {"5", "6", R"({"id":0,"permanent":false})", {"REJECTED_NETWORK", "", failed, true}},
      {"9", "99", "", {"NEW_WORD", "", unknown}},
  };
  for (const auto& c : cases) {
    const std::string status = std::string("{\"groupId\":") + c.group + ",\"id\":" + c.id +
                               ",\"name\":\"" + c.want.word + "\"}";
    const Event e = test::only_event(*provider, hook(report(status, c.error)));
    test::check_report(e, c.want);
    CHECK(e.provider_message_id == "m1");
    CHECK(e.reference == "m1");
    CHECK(e.at == Instant{1'795'290'005'000});
  }
}

TEST_CASE("infobip: malformed events are harmless") {
  test::check_malformed(*test::made("infobip", settings()), hook(""));
}

}  // namespace
}  // namespace moodline::providers
