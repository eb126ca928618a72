#include "adapter_support.hpp"
#include "providers/kit/http.hpp"
#include "providers/kit/jwt.hpp"

namespace moodline::providers {
namespace {

using test::noon;

const std::string service = "26785a09-ab16-4eb0-8407-a37497a57506";
const std::string secret = "3d844edf-8d35-48ac-975b-e847b4f122b0";

config::Block settings() {
  config::Block s = config::Block::of({{"api_key", "mood-line_team-" + service + "-" + secret},
                                       {"callback_token", "t1"},
                                       {"callback_token_next", "t2"}});
  config::Value templates;
  templates.table["checkin"] = "f33517ff-2a88-4f6e-b855-c550268ce08a";
  s.set("templates", templates);
  return s;
}

Webhook hook(const std::string& body, const std::string& token = "Bearer t1") {
  return {"POST", "https://gw.example.org/hook/notify", {{"authorization", token}}, body};
}

TEST_CASE("govuk-notify: templates only, under a token of our own") {
  const auto provider = test::made("govuk-notify", settings());
  const Sms sms{.reference = "r1",
                .to = "+447700900001",
                .text = "How are you?",
                .template_name = "checkin",
                .personalisation = {{"body", "How are you?"}}};
  const auto call = provider->send_call(sms, noon);
  REQUIRE(call.has_value());
  const auto body = test::body_of(*call);
  CHECK(kit::text_at(body, "/template_id") == "f33517ff-2a88-4f6e-b855-c550268ce08a");
  CHECK(kit::text_at(body, "/personalisation/body") == "How are you?");
  CHECK(kit::at(body, "/sms_sender_id") == nullptr);
  const std::string bearer(kit::header(call->headers, "authorization"));
  const auto token = kit::verify_jwt(bearer.substr(7), kit::Secrets({secret}), {"HS256"});
  REQUIRE(token.has_value());
  CHECK(kit::text_of(token->claims.at("iss")) == service);
  CHECK(kit::text_of(token->claims.at("iat")) == "1795290000");

  Sms other = sms;
  other.template_name = "unheard-of";
  const auto refused = provider->send_call(other, noon);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().code == "cannot_send");
  CHECK(provider->capabilities().template_only);
  CHECK(find_provider_type("govuk-notify")->template_only);
  const auto bad =
      find_provider_type("govuk-notify")->make(config::Block::of({{"api_key", "only-" + secret}}));
  REQUIRE(!bad.has_value());
  CHECK(bad.error().code == "bad_setting");
  test::check_fields("govuk-notify");
}

TEST_CASE("govuk-notify: what it makes of answers") {
  const auto provider = test::made("govuk-notify", settings());
  const auto error = [](const char* name, const char* message) {
    return std::string(R"({"status_code":0,"errors":[{"error":")") + name + R"(","message":")" +
           message + "\"}]}";
  };
  const Headers date{{"date", "Sat, 21 Nov 2026 19:40:00 GMT"}};
  test::check_common_answers(*provider);
  test::check_answers(
      *provider,
      {{"accepted", 201, R"({"id":"n1","reference":"r1"})", SendOutcome::accepted},
       {"rate", 429, error("RateLimitError", "x"), SendOutcome::retry_later, "RateLimitError"},
       {"daily limit, until midnight", 429, error("TooManyRequestsError", "x"),
        SendOutcome::retry_later, "TooManyRequestsError", 15'600, false, false, false, date},
       {"daily limit without a date", 429, error("TooManyRequestsError", "x"),
        SendOutcome::retry_later, "TooManyRequestsError", 3600},
       {"template", 400, error("BadRequestError", "Missing personalisation: name"),
        SendOutcome::rejected, "BadRequestError"},
       {"number",
        400,
        error("ValidationError", "phone_number Not enough digits"),
        SendOutcome::rejected,
        "ValidationError",
        {},
        false,
        false,
        true},
       {"clock",
        403,
        error("AuthError", "Error: Your system clock must be accurate to within 30 seconds"),
        SendOutcome::retry_later,
        "clock_skew",
        {},
        true},
       {"key",
        403,
        error("AuthError", "Invalid token: signature"),
        SendOutcome::rejected,
        "AuthError",
        {},
        true},
       {"500", 500, error("Exception", "Internal server error"), SendOutcome::retry_later,
        "Exception"}});
}

TEST_CASE("govuk-notify: who is believed") {
  const auto provider = test::made("govuk-notify", settings());
  CHECK(provider->authenticate(hook("{}"), noon).has_value());
  CHECK(provider->authenticate(hook("{}", "Bearer t2"), noon).has_value());
  for (const char* bad : {"", "Bearer", "Bearer ", "Bearer t", "Bearer t1 ", "Bearer  t1",
                          "bearer t1", "Basic dDE6", "t1"})
    test::check_refused(*provider, hook("{}", bad), "bad_signature");
  test::check_refused(*provider, test::without(hook("{}"), "authorization"), "unsigned");
  test::check_refused(*test::made("govuk-notify", test::Scalars{}), hook("{}", "Bearer "),
                      "not_configured");
}

TEST_CASE("govuk-notify: what reports mean") {
  const auto provider = test::made("govuk-notify", settings());
  using enum DeliveryStatus;
  const std::vector<test::ReportCase> cases{
      {"created", "", queued},
      {"sending", "", sent},
      {"pending", "", sent},
      {"sent", "", sent},
      {"delivered", "", delivered},
      {"permanent-failure", "", failed, true},
      {"temporary-failure", "", failed, false},
      {"technical-failure", "", failed, false},
      {"pigeon", "", unknown},
  };
  for (const auto& c : cases) {
    const Event e = test::only_event(
        *provider, hook(R"({"id":"n1","reference":null,"to":"07700900001","completed_at":null,)"
                        R"("created_at":"2026-11-21T19:40:00.000000Z","status":")" +
                        c.word + "\"}"));
    test::check_report(e, c);
    CHECK(e.reference.empty());
    CHECK(e.at == noon);
  }
  const Event email = test::only_event(
      *provider, hook(R"({"id":"n1","status":"delivered","notification_type":"email"})"));
  CHECK(email.type == EventType::ignored);
  test::check_malformed(*provider, hook(""));
}

TEST_CASE("govuk-notify: what became of an unknown send can be asked") {
  const auto provider = test::made("govuk-notify", settings());
  const auto call = provider->lookup_call("r 1", noon);
  REQUIRE(call.has_value());
  CHECK(call->method == "GET");
  CHECK(call->url.find("/v2/notifications?reference=r") != std::string::npos);
  const auto found = provider->read_lookup(
      {200,
       {},
       R"({"notifications":[{"id":"n1","reference":"r1","status":"delivered",)"
       R"("phone_number":"+447700900001","type":"sms"}],"links":{}})"});
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 1);
  CHECK(found->front().status == DeliveryStatus::delivered);
  CHECK(found->front().to == "+447700900001");
  const auto none = provider->read_lookup({200, {}, R"({"notifications":[]})"});
  REQUIRE(none.has_value());
  CHECK(none->empty());
  CHECK(!provider->read_lookup({500, {}, ""}).has_value());
  CHECK(!provider->read_lookup({200, {}, "{}"}).has_value());
  CHECK(provider->capabilities().lookup == Lookup::by_reference);
}

}  // namespace
}  // namespace moodline::providers
