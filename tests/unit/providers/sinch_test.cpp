#include "adapter_support.hpp"
#include "providers/kit/bytes.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers {
namespace {

using test::noon;

test::Scalars settings() {
  return {{"service_plan_id", "plan1"}, {"api_token", "token"},   {"region", "eu"},
          {"from", "+447700900000"},    {"webhook_secret", "s1"}, {"webhook_secret_next", "s2"}};
}

Webhook hook(const std::string& body, const std::string& secret = "s1",
             const std::string& timestamp = "1795290000") {
  const std::string text = body + ".n1." + timestamp;
  return {
      "POST",
      "https://gw.example.org/hook/sinch",
      {{"x-sinch-webhook-signature-algorithm", "HmacSHA256"},
       {"x-sinch-webhook-signature-nonce", "n1"},
       {"x-sinch-webhook-signature-timestamp", timestamp},
       {"x-sinch-webhook-signature", kit::to_base64(kit::hmac(kit::Digest::sha256, secret, text))}},
      body};
}

TEST_CASE("sinch: what it sends") {
  const auto call =
      test::made("sinch", settings())
          ->send_call({.reference = "r1", .to = "+447700900001", .text = "Hi", .validity_s = 60},
                      noon);
  REQUIRE(call.has_value());
  CHECK(call->url == "https://eu.sms.api.sinch.com/xms/v1/plan1/batches");
  const auto body = test::body_of(*call);
  CHECK(kit::text_at(body, "/expire_at") == "2026-11-21T19:41:00Z");
  CHECK(kit::text_at(body, "/to/0") == "447700900001");
  CHECK(kit::text_at(body, "/delivery_report") == "per_recipient");
  test::check_fields("sinch");
}

TEST_CASE("sinch: what it makes of answers") {
  const auto provider = test::made("sinch", settings());
  test::check_common_answers(*provider);
  test::check_answers(
      *provider,
      {{"accepted", 201, R"({"id":"b1"})", SendOutcome::accepted},
       {"bad request", 400, R"({"code":"syntax_invalid_parameter_format","text":"x"})",
        SendOutcome::rejected, "syntax_invalid_parameter_format"},
       {"credentials",
        401,
        R"({"code":"unauthorized"})",
        SendOutcome::rejected,
        "unauthorized",
        {},
        true},
       {"500", 500, R"({"code":"unknown_error"})", SendOutcome::retry_later, "unknown_error"}});
}

TEST_CASE("sinch: who is believed") {
  const auto provider = test::made("sinch", settings());
  const Webhook good = hook("{}");
  REQUIRE(provider->authenticate(good, noon).has_value());
  CHECK(provider->authenticate(good, noon)->replay_key == "sinch:n1");
  CHECK(provider->authenticate(hook("{}", "s2"), noon).has_value());
  test::check_refused(*provider, hook("{}", "s3"), "bad_signature");
  for (const char* part : {"", "-nonce", "-timestamp", "-algorithm"}) {
    const std::string name = std::string("x-sinch-webhook-signature") + part;
    test::check_refused(*provider, test::without(good, name), "unsigned");
  }
  for (const char* algorithm : {"", "none", "HmacSHA1", "hmacsha256"})
    test::check_refused(*provider,
                        test::with(good, "x-sinch-webhook-signature-algorithm", algorithm),
                        "bad_signature");
  test::check_refused(*provider, good, "stale", noon + std::chrono::seconds{301});
  test::check_refused(*provider, hook("{}", "s1", "17952900x0"), "stale");
  // The parts must not be able to flow into each other: "body.nonce" is not "body" and ".nonce".
  Webhook moved = good;
  moved.body = "{}.n1";
  test::check_refused(*provider, test::with(moved, "x-sinch-webhook-signature-nonce", ""),
                      "unsigned");
  test::check_refused(*test::made("sinch", test::Scalars{}), hook("{}", ""), "not_configured");
}

TEST_CASE("sinch: what reports mean") {
  const auto provider = test::made("sinch", settings());
  using enum DeliveryStatus;
  const std::vector<test::ReportCase> cases{
      {"Queued", "400", queued},
      {"Dispatched", "401", sent},
      {"Aborted", "407", failed, true},
      {"Rejected", "402", failed, true},
      {"Failed", "403", failed, false},
      {"Expired", "406", failed, false},
      {"Cancelled", "408", failed, true},
      {"Deleted", "410", failed, true},
      {"Delivered", "0", delivered, std::nullopt, false, ""},
      {"Unknown", "9999", sent},
      {"Sideways", "1", unknown},
  };
  for (const auto& c : cases) {
    const Event e = test::only_event(
        *provider, hook(R"({"type":"recipient_delivery_report_sms","batch_id":"b1","recipient":)"
                        R"("447700900001","client_reference":"r1","code":)" +
                        c.code + R"(,"status":")" + c.word + "\"}"));
    test::check_report(e, c);
    CHECK(e.provider_message_id == "b1");
    CHECK(e.reference == "r1");
  }
}

TEST_CASE("sinch: texts without words, other events and malformed ones") {
  const auto provider = test::made("sinch", settings());
  const auto read = [&](const char* body) { return test::only_event(*provider, hook(body)); };
  const Event binary = read(R"({"type":"mo_binary","id":"i","from":"447700900001","body":"AAEC"})");
  CHECK(binary.type == EventType::mo);
  CHECK(binary.text.empty());
  const Event media =
      read(R"({"type":"mo_media","id":"i","from":"447700900001","body":{"message":"see"}})");
  CHECK(media.text == "see");
  CHECK(read(R"({"type":"delivery_report_sms","batch_id":"b1"})").type == EventType::ignored);
  test::check_malformed(*provider, hook(""));
}

}  // namespace
}  // namespace moodline::providers
