#include <openssl/evp.h>

#include "adapter_support.hpp"
#include "providers/kit/bytes.hpp"

namespace moodline::providers {
namespace {

using test::noon;

// A key pair of RFC 8032, test 1: nobody's account.
constexpr std::string_view seed_hex =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

std::string public_key_of(const std::string& seed) {
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), 32);
  std::string out(32, '\0');
  std::size_t size = out.size();
  EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(out.data()), &size);
  EVP_PKEY_free(key);
  return out;
}

std::string signature(const std::string& seed, const std::string& text) {
  EVP_PKEY* key = EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed.data()), 32);
  EVP_MD_CTX* ctx = EVP_MD_CTX_new();
  std::string out(64, '\0');
  std::size_t size = out.size();
  EVP_DigestSignInit(ctx, nullptr, nullptr, nullptr, key);
  EVP_DigestSign(ctx, reinterpret_cast<unsigned char*>(out.data()), &size,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  EVP_MD_CTX_free(ctx);
  EVP_PKEY_free(key);
  return kit::to_base64(out);
}

const std::string seed = *kit::from_hex(seed_hex);
const std::string other_seed(32, 'x');

Webhook signed_hook(const std::string& body, const std::string& timestamp = "1795290000",
                    const std::string& with = seed) {
  return {"POST",
          "https://gw.example.org/hook/telnyx",
          {{"telnyx-timestamp", timestamp},
           {"telnyx-signature-ed25519", signature(with, timestamp + "|" + body)}},
          body};
}

std::unique_ptr<Provider> telnyx(test::Scalars more = {}) {
  test::Scalars s{{"api_key", "KEY"},
                  {"public_key", kit::to_base64(public_key_of(seed))},
                  {"from", "+15550100"}};
  s.merge(more);
  return test::made("telnyx", s);
}

std::string report(const std::string& status, const std::string& code) {
  return R"({"data":{"event_type":"message.finalized","id":"e1","payload":{"id":"m1","tags":["r1"],)"
         R"("to":[{"phone_number":"+15550101","status":")" +
         status + R"("}],"errors":[)" + (code.empty() ? "" : "{\"code\":\"" + code + "\"}") +
         "]}}}";
}

TEST_CASE("telnyx: what it sends") {
  const auto call = telnyx({{"messaging_profile_id", "p1"},
                            {"webhook_url", "https://gw.example.org/hook/telnyx"}})
                        ->send_call({.reference = "r1", .to = "+15550101", .text = "Hi 😊"}, noon);
  REQUIRE(call.has_value());
  CHECK(call->url == "https://api.telnyx.com/v2/messages");
  const auto body = test::body_of(*call);
  CHECK(kit::text_at(body, "/from") == "+15550100");
  CHECK(kit::text_at(body, "/text") == "Hi 😊");
  CHECK(kit::text_at(body, "/messaging_profile_id") == "p1");
  CHECK(kit::text_at(body, "/webhook_url") == "https://gw.example.org/hook/telnyx");
  CHECK(kit::text_at(body, "/tags/0") == "r1");
  const auto from = telnyx()->send_call({.from = "Clinic", .to = "+15550101"}, noon);
  CHECK(kit::text_at(test::body_of(*from), "/from") == "Clinic");
  test::check_fields("telnyx");
}

TEST_CASE("telnyx: what it makes of answers") {
  const auto error = [](const char* code) {
    return std::string(R"({"errors":[{"code":")") + code + R"(","title":"x"}]})";
  };
  const auto provider = telnyx();
  test::check_common_answers(*provider);
  test::check_answers(
      *provider,
      {{"accepted", 200, R"({"data":{"id":"m1","to":[{"status":"queued"}]}})",
        SendOutcome::accepted},
       {"no id", 200, R"({"data":{"id":null}})", SendOutcome::unknown, "unreadable"},
       {"rate", 429, error("40011"), SendOutcome::retry_later, "40011"},
       {"rate, by code alone", 403, error("10011"), SendOutcome::retry_later, "10011"},
       {"10007", 400, error("10007"), SendOutcome::retry_later, "10007"},
       {"10008", 500, error("10008"), SendOutcome::retry_later, "10008"},
       {"stopped", 403, error("40300"), SendOutcome::rejected, "40300", {}, false, true},
       {"bad number", 400, error("10002"), SendOutcome::rejected, "10002", {}, false, false, true},
       {"bad number", 400, error("10016"), SendOutcome::rejected, "10016", {}, false, false, true},
       {"key", 401, error("10009"), SendOutcome::rejected, "10009", {}, true},
       {"key, odd status", 400, error("10010"), SendOutcome::rejected, "10010", {}, true},
       {"other", 422, error("40310"), SendOutcome::rejected, "40310"}});
}

TEST_CASE("telnyx: who is believed") {
  const auto provider = telnyx();
  const Webhook good = signed_hook(report("delivered", ""));
  REQUIRE(provider->authenticate(good, noon).has_value());
  CHECK(!provider->authenticate(good, noon)->replay_key.empty());
  test::check_refused(*provider, test::without(good, "telnyx-signature-ed25519"), "unsigned");
  test::check_refused(*provider, test::without(good, "telnyx-timestamp"), "unsigned");
  test::check_refused(*provider, good, "stale", noon + std::chrono::seconds{301});
  test::check_refused(*provider, good, "stale", noon - std::chrono::seconds{301});
  CHECK(provider->authenticate(good, noon + std::chrono::seconds{300}).has_value());
  for (const char* timestamp : {"", "1795290000 ", "+1795290000", "1795290000.0", "0x6b01f0d0"})
    test::check_refused(*provider, signed_hook("{}", timestamp), "stale");
  for (const char* bad : {"", "x", "AAAA", "====", "not base64 at all"})
    test::check_refused(*provider, test::with(good, "telnyx-signature-ed25519", bad),
                        "bad_signature");
  test::check_refused(*provider, signed_hook("{}", "1795290000", other_seed), "bad_signature");
  Webhook twice = good;
  twice.headers.push_back(good.headers.back());
  test::check_refused(*provider, twice, "unsigned");
}

TEST_CASE("telnyx: two keys at once, and none") {
  const auto both = telnyx({{"public_key_next", kit::to_base64(public_key_of(other_seed))}});
  CHECK(both->authenticate(signed_hook("{}"), noon).has_value());
  CHECK(both->authenticate(signed_hook("{}", "1795290000", other_seed), noon).has_value());
  test::check_refused(*test::made("telnyx", test::Scalars{}), signed_hook("{}"), "not_configured");
  test::check_refused(*test::made("telnyx", test::Scalars{{"public_key", "AAAA"}}),
                      signed_hook("{}"), "bad_signature");
}

TEST_CASE("telnyx: what reports mean") {
  const auto provider = telnyx();
  using enum DeliveryStatus;
  const std::vector<test::ReportCase> cases{
      {"queued", "", queued},
      {"sending", "", queued},
      {"sent", "", sent},
      {"delivery_unconfirmed", "", sent},
      {"delivered", "", delivered},
      {"expired", "", failed, false},
      {"expired", "40009", failed, true},
      {"sending_failed", "", failed},
      {"delivery_failed", "40999", failed},
      {"delivery_failed", "40002", failed, false},
      {"delivery_failed", "40004", failed, false},
      {"delivery_failed", "40006", failed, false},
      {"sending_failed", "40011", failed, false},
      {"delivery_failed", "40001", failed, true},
      {"delivery_failed", "40003", failed, true},
      {"delivery_failed", "40008", failed, true},
      {"delivery_failed", "40009", failed, true},
      {"sending_failed", "40300", failed, true, true},
      {"webhook_delivered", "", unknown},
      {"DELIVERED", "", unknown},
  };
  for (const auto& c : cases) {
    const Event e = test::only_event(*provider, signed_hook(report(c.word, c.code)));
    test::check_report(e, c);
    CHECK(e.provider_message_id == "m1");
    CHECK(e.reference == "r1");
    CHECK(e.to == "+15550101");
    CHECK(e.event_id == "e1");
  }
}

TEST_CASE("telnyx: other events are ignored, malformed ones harmless") {
  const auto provider = telnyx();
  const Event e = test::only_event(
      *provider, signed_hook(R"({"data":{"event_type":"number_order.complete","id":"x"}})"));
  CHECK(e.type == EventType::ignored);
  CHECK(e.raw_status == "number_order.complete");
  test::check_malformed(*provider, signed_hook("{}"));
}

}  // namespace
}  // namespace moodline::providers
