#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

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

test::Scalars settings(const std::string& api, const std::string& method = "sha256") {
  return {{"api", api},
          {"api_key", "abcd1234"},
          {"api_secret", "hush"},
          {"from", "+447700900000"},
          {"signature_secret", "s1"},
          {"signature_secret_next", "s2"},
          {"signature_method", method}};
}

std::string sig(const std::string& method, const std::string& secret, const std::string& text) {
  if (method == "md5hash") return kit::to_hex(kit::digest(kit::Digest::md5, text + secret));
  return kit::to_hex(kit::hmac(*kit::digest_from(method), secret, text));
}

// Fields in sorted order; the signed text is written out by hand.
Webhook sms_hook(const std::string& signed_text, kit::Fields fields,
                 const std::string& method = "sha256", const std::string& secret = "s1") {
  fields.emplace_back("sig", sig(method, secret, signed_text));
  return {"POST",
          "https://gw.example.org/hook/vonage",
          {{"content-type", "application/x-www-form-urlencoded"}},
          kit::write_form(fields)};
}

Webhook plain(const std::string& method = "sha256", const std::string& secret = "s1",
              const std::string& timestamp = "1795290000") {
  return sms_hook("&msisdn=447700900001&timestamp=" + timestamp,
                  {{"msisdn", "447700900001"}, {"timestamp", timestamp}}, method, secret);
}

TEST_CASE("vonage sms: what it sends, as JSON and as a form") {
  auto s = settings("sms");
  s["webhook_url"] = "https://gw.example.org/hook/vonage";
  const Sms sms{
      .reference = "r1", .to = "+447700900001", .text = "Hi", .validity_s = 60, .unicode = true};
  const auto call = test::made("vonage", s)->send_call(sms, noon);
  REQUIRE(call.has_value());
  CHECK(call->url == "https://rest.nexmo.com/sms/json");
  CHECK(kit::header(call->headers, "authorization") == kit::basic_auth("abcd1234", "hush"));
  const auto body = test::body_of(*call);
  CHECK(kit::text_at(body, "/type") == "unicode");
  CHECK(kit::text_at(body, "/ttl") == "60000");
  CHECK(kit::text_at(body, "/client-ref") == "r1");
  CHECK(kit::text_at(body, "/to") == "447700900001");
  s["encoding"] = "form";
  const auto form = test::made("vonage", s)->send_call(sms, noon);
  CHECK(kit::header(form->headers, "authorization").empty());
  const auto fields = kit::read_form(form->body);
  CHECK(kit::text_of(*fields, "api_secret") == "hush");
  CHECK(kit::text_of(*fields, "status-report-req") == "true");
  CHECK(kit::text_of(*fields, "ttl") == "60000");
  test::check_fields("vonage");
}

TEST_CASE("vonage sms: what it makes of answers") {
  const auto provider = test::made("vonage", settings("sms"));
  const auto said = [](const char* status, const char* text = "x") {
    return std::string(R"({"message-count":"1","messages":[{"status":")") + status +
           R"(","message-id":"m1","error-text":")" + text + "\"}]}";
  };
  test::check_common_answers(*provider);
  std::vector<test::AnswerCase> cases{
      {"accepted", 200, said("0"), SendOutcome::accepted},
      {"throttled", 200, said("1", "Throughput Rate Exceeded - please wait [ 250 ] and retry"),
       SendOutcome::retry_later, "1", 1},
      {"throttled for long", 200, said("1", "please wait [ 2001 ]"), SendOutcome::retry_later, "1",
       3},
      {"throttled, no hint", 200, said("1", "please wait [ soon"), SendOutcome::retry_later, "1"},
      {"internal", 200, said("5"), SendOutcome::retry_later, "5"},
      {"binds", 200, said("10"), SendOutcome::retry_later, "10"},
      {"quota", 200, said("9"), SendOutcome::retry_later, "9", {}, true},
      {"given up", 200, said("33"), SendOutcome::rejected, "33", {}, false, false, true},
      {"status of the future", 200, said("77"), SendOutcome::rejected, "77"},
      {"no status", 200, R"({"messages":[{"message-id":"m1"}]})", SendOutcome::unknown,
       "unreadable"},
      {"no messages", 200, R"({"messages":[]})", SendOutcome::unknown, "unreadable"},
      {"half of it went", 200,
       R"({"messages":[{"status":"0","message-id":"a"},{"status":"1","error-text":"x"}]})",
       SendOutcome::unknown, "1"}};
  for (const char* code : {"2", "3", "6", "7", "12", "15", "22", "23", "29"})
    cases.push_back({code, 200, said(code), SendOutcome::rejected, code});
  for (const char* code : {"4", "8", "11", "14", "32"})
    cases.push_back({code, 200, said(code), SendOutcome::rejected, code, {}, true});
  const SendReply half = provider->read_reply({200, {}, cases[11].body});
  CHECK(half.provider_message_ids == std::vector<std::string>{"a"});
  cases.erase(cases.begin() + 11);
  test::check_answers(*provider, cases);
  CHECK(half.outcome == SendOutcome::unknown);
  CHECK(half.code == "1");
  const SendReply parts = provider->read_reply(
      {200,
       {},
       R"({"messages":[{"status":"0","message-id":"a"},{"status":"0","message-id":"b"}]})"});
  CHECK(parts.outcome == SendOutcome::accepted);
  CHECK(parts.provider_message_ids == std::vector<std::string>{"a", "b"});
}

TEST_CASE("vonage sms: who is believed, by each method") {
  for (const char* method : {"md5hash", "md5", "sha1", "sha256", "sha512"}) {
    CAPTURE(method);
    const auto provider = test::made("vonage", settings("sms", method));
    CHECK(provider->authenticate(plain(method), noon).has_value());
    CHECK(provider->authenticate(plain(method, "s2"), noon).has_value());
    test::check_refused(*provider, plain(method, "s3"), "bad_signature");
    for (const char* other : {"md5hash", "md5", "sha1", "sha256", "sha512"})
      if (std::string_view(other) != method)
        test::check_refused(*provider, plain(other), "bad_signature");
  }
  test::check_refused(*test::made("vonage", settings("sms", "sha3")), plain(), "bad_signature");
  test::check_refused(*test::made("vonage", test::Scalars{}), plain("sha256", ""),
                      "not_configured");
}

TEST_CASE("vonage sms: forms, queries and JSON; odd values; missing parts") {
  const auto provider = test::made("vonage", settings("sms"));
  // "&" and "=" in values become "_" before signing.
  const std::string text = "&text=a_b_c&timestamp=1795290000";
  CHECK(
      provider->authenticate(sms_hook(text, {{"text", "a&b=c"}, {"timestamp", "1795290000"}}), noon)
          .has_value());
  // Blank values are signed as they came.
  CHECK(provider
            ->authenticate(sms_hook("&text=&timestamp=1795290000",
                                    {{"timestamp", "1795290000"}, {"text", ""}}),
                           noon)
            .has_value());
  const std::string good = sig("sha256", "s1", "&n=5&timestamp=1795290000");
  CHECK(provider
            ->authenticate({"POST",
                            "https://gw.example.org/h",
                            {{"content-type", "application/json"}},
                            R"({"timestamp":"1795290000","n":5,"sig":")" + good + "\"}"},
                           noon)
            .has_value());
  CHECK(provider
            ->authenticate(
                {"GET", "https://gw.example.org/h?n=5&timestamp=1795290000&sig=" + good, {}, ""},
                noon)
            .has_value());
  test::check_refused(
      *provider,
      {"GET",
       "https://gw.example.org/h?n=5&timestamp=1795290000&sig=" + good + "&sig=" + good,
       {},
       ""},
      "unsigned");
  test::check_refused(*provider, plain("sha256", "s1", ""), "stale");
  test::check_refused(*provider, plain("sha256", "s1", "1795289699"), "stale");
  test::check_refused(*provider, plain("sha256", "s1", "1795290301"), "stale");
  test::check_refused(*provider, sms_hook("&n=5", {{"n", "5"}}), "unsigned");
  for (const char* bad : {"", "zz", "00"})
    test::check_refused(
        *provider,
        {"GET", std::string("https://gw.example.org/h?timestamp=1795290000&sig=") + bad, {}, ""},
        "bad_signature");
  test::check_refused(*provider, {"POST", "https://gw.example.org/h", {}, "{"}, "unsigned");
}

TEST_CASE("vonage sms: what reports mean") {
  const auto provider = test::made("vonage", settings("sms"));
  using enum DeliveryStatus;
  std::vector<test::ReportCase> cases{
      {"accepted", "0", sent, std::nullopt, false, ""},
      {"buffered", "0", sent, std::nullopt, false, ""},
      {"unknown", "0", sent, std::nullopt, false, ""},
      {"delivered", "0", delivered, std::nullopt, false, ""},
      {"expired", "1", failed, false},
      {"expired", "", failed, false},
      {"failed", "1", failed, false},
      {"failed", "99", failed, false},
      {"failed", "9", failed, true, true},
      {"rejected", "9", failed, true, true},
      {"failed", "77", failed},
      {"lost", "1", unknown},
  };
  for (const char* code : {"2", "7", "8", "15", "16"})
    cases.push_back({"failed", code, failed, false});
  for (const char* code :
       {"3", "4", "5", "6", "10", "11", "12", "13", "14", "50", "51", "52", "53", "54"})
    cases.push_back({"rejected", code, failed, true});
  for (const auto& c : cases) {
    const kit::Fields fields{{"msisdn", "447700900001"},
                             {"to", "447700900000"},
                             {"messageId", "m1"},
                             {"status", c.word},
                             {"err-code", c.code},
                             {"client-ref", "r1"},
                             {"message-timestamp", "2026-11-21 19:40:00"}};
    const Event e = test::only_event(*provider, sms_hook("", fields));
    test::check_report(e, c);
    CHECK(e.reference == "r1");
    CHECK(e.to == "447700900001");
    CHECK(e.at == noon);
  }
}

TEST_CASE("vonage sms: parts of a long text, and malformed events") {
  const auto provider = test::made("vonage", settings("sms"));
  const auto part = [&](const char* total, const char* number) {
    return test::only_event(*provider, sms_hook("", {{"msisdn", "447700900001"},
                                                     {"to", "447700900000"},
                                                     {"messageId", "m1"},
                                                     {"text", "x"},
                                                     {"concat", "true"},
                                                     {"concat-ref", "23"},
                                                     {"concat-total", total},
                                                     {"concat-part", number}}));
  };
  CHECK(part("3", "2").concat_ref == 23);
  CHECK(part("3", "2").concat_total == 3);
  CHECK(part("3", "2").concat_part == 2);
  CHECK(part("3", "2").event_id != part("3", "1").event_id);
  CHECK(part("999999999999", "-1").concat_total == 0);
  CHECK(part("x", "1").concat_total == 0);
  test::check_malformed(
      *provider, {"POST", "https://gw.example.org/h", {{"content-type", "application/json"}}, ""});
  test::check_malformed(*provider, sms_hook("", {}));
}

// ---- Messages API ----

json::object claims(const std::string& body) {
  return {{"iat", 1795290000},
          {"jti", "j1"},
          {"iss", "Vonage"},
          {"payload_hash", kit::to_hex(kit::digest(kit::Digest::sha256, body))},
          {"api_key", "abcd1234"},
          {"application_id", "app1"}};
}

Webhook message_hook(const std::string& body, const json::object& of,
                     const std::string& secret = "s1") {
  return {"POST",
          "https://gw.example.org/hook/vonage",
          {{"authorization", "Bearer " + kit::sign_jwt_hs256(of, secret)}},
          body};
}

TEST_CASE("vonage messages: who is believed") {
  auto s = settings("messages");
  s["application_id"] = "app1";
  const auto provider = test::made("vonage", s);
  const auto proven = provider->authenticate(message_hook("{}", claims("{}")), noon);
  REQUIRE(proven.has_value());
  CHECK(proven->replay_key == "vonage:j1");
  CHECK(provider->authenticate(message_hook("{}", claims("{}"), "s2"), noon).has_value());
  test::check_refused(*provider, message_hook("{}", claims("{}"), "s3"), "bad_signature");
  test::check_refused(*provider, message_hook("{} ", claims("{}")), "bad_signature");
  test::check_refused(*provider, message_hook("{}", claims("{}")), "stale",
                      noon + std::chrono::seconds{301});
  test::check_refused(*provider, message_hook("{}", claims("{}")), "stale",
                      noon - std::chrono::seconds{301});
  for (const char* name : {"iat", "jti", "iss", "payload_hash", "api_key", "application_id"}) {
    CAPTURE(name);
    json::object fewer = claims("{}");
    fewer.erase(name);
    test::check_refused(*provider, message_hook("{}", fewer), "bad_signature");
    json::object other = claims("{}");
    other[name] = "other";
    CHECK(provider->authenticate(message_hook("{}", other), noon).has_value() ==
          (std::string_view(name) == "jti"));
  }
  json::object expired = claims("{}");
  expired["exp"] = 1795289000;
  test::check_refused(*provider, message_hook("{}", expired), "stale");
  const Webhook good = message_hook("{}", claims("{}"));
  test::check_refused(*provider, test::without(good, "authorization"), "unsigned");
  const std::string token = good.headers.front().second.substr(7);
  for (const std::string& bad : {token, "bearer " + token, "Basic " + token})
    test::check_refused(*provider, test::with(good, "authorization", bad), "unsigned");
  test::check_refused(*test::made("vonage", test::Scalars{{"api", "messages"}}),
                      message_hook("{}", claims("{}"), ""), "not_configured");
}

TEST_CASE("vonage messages: HS256 and nothing else") {
  const auto provider = test::made("vonage", settings("messages"));
  const std::string payload = kit::to_base64url(json::serialize(claims("{}")));
  const struct {
    const char* header;
    kit::Digest digest;
  } cases[] = {{R"({"alg":"HS384"})", kit::Digest::sha384},
               {R"({"alg":"HS512"})", kit::Digest::sha512},
               {R"({"alg":"none"})", kit::Digest::sha256},
               {R"({"alg":"RS256"})", kit::Digest::sha256}};
  for (const auto& c : cases) {
    const std::string covered = kit::to_base64url(c.header) + "." + payload;
    const std::string mac = kit::to_base64url(kit::hmac(c.digest, "s1", covered));
    const Webhook base = message_hook("{}", claims("{}"));
    test::check_refused(*provider,
                        test::with(base, "authorization", "Bearer " + covered + "." + mac),
                        "bad_signature");
  }
}

TEST_CASE("vonage messages: what it sends, with Basic and with a token") {
  const Sms sms{.reference = "r1", .to = "+447700900001", .text = "Hi"};
  const auto basic = test::made("vonage", settings("messages"))->send_call(sms, noon);
  REQUIRE(basic.has_value());
  CHECK(basic->url == "https://api.nexmo.com/v1/messages");
  CHECK(kit::header(basic->headers, "authorization") == kit::basic_auth("abcd1234", "hush"));
  CHECK(kit::text_at(test::body_of(*basic), "/client_ref") == "r1");

  EVP_PKEY* key = EVP_RSA_gen(2048);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  BUF_MEM* pem = nullptr;
  BIO_get_mem_ptr(bio, &pem);
  auto s = settings("messages");
  s["application_id"] = "app1";
  s["private_key"] = std::string(pem->data, pem->length);
  const auto call = test::made("vonage", s)->send_call(sms, noon);
  REQUIRE(call.has_value());
  const std::string header(kit::header(call->headers, "authorization"));
  REQUIRE(header.starts_with("Bearer "));
  const std::string token = header.substr(7);
  const auto cut = token.rfind('.');
  const std::string covered = token.substr(0, cut);
  const auto signature = kit::from_base64url(token.substr(cut + 1));
  EVP_MD_CTX* ctx = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(ctx, nullptr, EVP_sha256(), nullptr, key);
  CHECK(EVP_DigestVerify(ctx, reinterpret_cast<const unsigned char*>(signature->data()),
                         signature->size(), reinterpret_cast<const unsigned char*>(covered.data()),
                         covered.size()) == 1);
  const auto said = kit::read_json(*kit::from_base64url(covered.substr(covered.find('.') + 1)));
  CHECK(kit::text_at(*said, "/application_id") == "app1");
  CHECK(kit::text_at(*said, "/exp") == "1795290900");
  CHECK(kit::text_at(*said, "/jti") == "r1");
  EVP_MD_CTX_free(ctx);
  BIO_free(bio);
  EVP_PKEY_free(key);
  s["private_key"] = "no key";
  CHECK(!test::made("vonage", s)->send_call(sms, noon).has_value());
}

TEST_CASE("vonage messages: answers, reports, other channels, malformed events") {
  const auto provider = test::made("vonage", settings("messages"));
  test::check_common_answers(*provider);
  test::check_answers(
      *provider,
      {{"accepted", 202, R"({"message_uuid":"m1"})", SendOutcome::accepted},
       {"problem", 422, R"({"type":"https://developer.vonage.com/api-errors/messages#1150"})",
        SendOutcome::rejected, "1150"},
       {"rate", 429, R"({"type":"https://developer.vonage.com/api-errors#throttled"})",
        SendOutcome::retry_later, "throttled"}});
  using enum DeliveryStatus;
  const std::vector<test::ReportCase> cases{
      {"submitted", "", sent},      {"delivered", "", delivered},          {"read", "", delivered},
      {"rejected", "1330", failed}, {"undeliverable", "1", failed, false}, {"dreamt", "", unknown}};
  for (const auto& c : cases) {
    const Event e = test::only_event(
        *provider,
        message_hook(R"({"message_uuid":"m1","client_ref":"r1","channel":"sms","status":")" +
                         c.word + "\"" +
                         (c.code.empty() ? "" : ",\"error\":{\"title\":" + c.code + "}") + "}",
                     {}));
    test::check_report(e, c);
    CHECK(e.reference == "r1");
  }
  const Event chat = test::only_event(
      *provider, message_hook(R"({"message_uuid":"m","channel":"rcs","from":"1","text":"x"})", {}));
  CHECK(chat.type == EventType::ignored);
  test::check_malformed(*provider, message_hook("", {}));
}

}  // namespace
}  // namespace moodline::providers
