#include "adapter_support.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers {
namespace {

using test::noon;

test::Scalars settings(const std::string& username = "clinic") {
  return {
      {"username", username}, {"api_key", "key"}, {"from", "12345"}, {"path_secret", "9f2c6c1e"}};
}

Webhook hook(const std::string& body,
             const std::string& url = "https://gw.example.org/hook/at/9f2c6c1e") {
  return {"POST", url, {{"content-type", "application/x-www-form-urlencoded"}}, body};
}

TEST_CASE("africastalking: what it sends, live and to the sandbox") {
  const Sms sms{.reference = "r1", .to = "+254711000000", .text = "Habari & karibu"};
  const auto call = test::made("africastalking", settings())->send_call(sms, noon);
  REQUIRE(call.has_value());
  CHECK(call->url == "https://api.africastalking.com/version1/messaging");
  CHECK(kit::header(call->headers, "apikey") == "key");
  const auto form = kit::read_form(call->body);
  REQUIRE(form.has_value());
  CHECK(kit::text_of(*form, "message") == "Habari & karibu");
  CHECK(kit::text_of(*form, "bulkSMSMode") == "1");
  const auto sandbox = test::made("africastalking", settings("sandbox"))->send_call(sms, noon);
  CHECK(sandbox->url == "https://api.sandbox.africastalking.com/version1/messaging");
  test::check_fields("africastalking");
}

TEST_CASE("africastalking: what it makes of answers") {
  const auto provider = test::made("africastalking", settings());
  const auto said = [](const char* code) {
    return std::string(R"({"SMSMessageData":{"Message":"x","Recipients":[{"statusCode":)") + code +
           R"(,"number":"+254711000000","messageId":"m1"}]}})";
  };
  test::check_common_answers(*provider);
  test::check_answers(
      *provider,
      {{"processed", 201, said("100"), SendOutcome::accepted},
       {"sent", 201, said("101"), SendOutcome::accepted},
       {"queued", 201, said("102"), SendOutcome::accepted},
       {"risk hold", 201, said("401"), SendOutcome::rejected, "401"},
       {"bad sender", 201, said("402"), SendOutcome::rejected, "402", {}, true},
       {"bad number", 201, said("403"), SendOutcome::rejected, "403", {}, false, false, true},
       {"number type", 201, said("404"), SendOutcome::rejected, "404", {}, false, false, true},
       {"no balance", 201, said("405"), SendOutcome::rejected, "405", {}, true},
       {"blacklist", 201, said("406"), SendOutcome::rejected, "406", {}, false, true},
       {"could not route", 201, said("407"), SendOutcome::rejected, "407"},
       {"do not disturb", 201, said("409"), SendOutcome::rejected, "409"},
       {"server", 201, said("500"), SendOutcome::retry_later, "500"},
       {"gateway", 201, said("501"), SendOutcome::retry_later, "501"},
       {"code of the future", 201, said("700"), SendOutcome::unknown, "unreadable"},
       {"no recipient",
        201,
        R"({"SMSMessageData":{"Message":"InvalidSenderId","Recipients":[]}})",
        SendOutcome::rejected,
        "InvalidSenderId",
        {},
        true}});
}

TEST_CASE("africastalking: only the secret path is believed") {
  const auto provider = test::made("africastalking", settings());
  CHECK(provider->authenticate(hook(""), noon).has_value());
  for (const char* url :
       {"https://gw.example.org/hook/at", "https://gw.example.org/hook/at/9f2c6c1",
        "https://gw.example.org/hook/at/9f2c6c1ee", "https://gw.example.org/hook/at?9f2c6c1e",
        "https://gw.example.org/hook/at/x?s=/9f2c6c1e", "https://gw.example.org/hook/at/9F2C6C1E"})
    test::check_refused(*provider, hook("", url), "bad_signature");
  auto bare = settings();
  bare.erase("path_secret");
  test::check_refused(*test::made("africastalking", bare), hook(""), "not_configured");
  for (const auto& field : find_provider_type("africastalking")->fields)
    if (field.name == "path_secret") CHECK(field.required);
}

TEST_CASE("africastalking: what reports mean") {
  const auto provider = test::made("africastalking", settings());
  using enum DeliveryStatus;
  const std::vector<test::ReportCase> cases{
      {"Sent", "", sent},
      {"Submitted", "", sent},
      {"Buffered", "", sent},
      {"Success", "", delivered},
      {"Failed", "", failed},
      {"Failed", "AbsentSubscriber", failed, false},
      {"Rejected", "InsufficientCredit", failed, false},
      {"Rejected", "UserInBlackList", failed, true, true},
      {"Rejected", "UserInBlacklist", failed, true, true},
      {"Rejected", "UserIsInactive", failed, true},
      {"Failed", "DeliveryFailure", failed, true},
      {"Failed", "SomethingNew", failed},
      {"Expired", "", failed, false},
      {"Lost", "", unknown},
  };
  for (const auto& c : cases) {
    const Event e =
        test::only_event(*provider, hook("id=m1&phoneNumber=%2B254711000000&status=" + c.word +
                                         (c.code.empty() ? "" : "&failureReason=" + c.code)));
    test::check_report(e, c);
    CHECK(e.provider_message_id == "m1");
  }
}

TEST_CASE("africastalking: opt-outs, and malformed events") {
  const auto provider = test::made("africastalking", settings());
  const Event e = test::only_event(*provider, hook("senderId=CLINIC&phoneNumber=%2B254711000000"));
  CHECK(e.type == EventType::opt_out);
  CHECK(e.from == "+254711000000");
  CHECK(e.to == "CLINIC");
  for (const char* date : {"2026-11-21 19:40:00", "2026-11-21T19:40:00Z"}) {
    const Event text = test::only_event(
        *provider, hook(std::string("id=i1&from=%2B254711000000&to=12345&text=4&date=") +
                        kit::form_encode(date)));
    CHECK(text.type == EventType::mo);
    CHECK(text.at == noon);
  }
  test::check_malformed(*provider, hook(""));
}

}  // namespace
}  // namespace moodline::providers
