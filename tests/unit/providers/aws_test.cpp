#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>

#include "adapter_support.hpp"
#include "providers/aws.hpp"
#include "providers/aws_sns.hpp"
#include "providers/kit/bytes.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"
#include "providers/kit/sigv4.hpp"

namespace moodline::providers {
namespace {

using test::noon;
namespace json = boost::json;

const std::string cert_url = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem";
const std::string topic = "arn:aws:sns:us-east-1:123456789012:sms-events";

struct Signer {
  EVP_PKEY* key;
  std::string pem;

  explicit Signer(unsigned bits) : key(EVP_RSA_gen(bits)) {
    X509* cert = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86'400);
    X509_set_pubkey(cert, key);
    X509_sign(cert, key, EVP_sha256());
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, cert);
    BUF_MEM* memory = nullptr;
    BIO_get_mem_ptr(bio, &memory);
    pem.assign(memory->data, memory->length);
    BIO_free(bio);
    X509_free(cert);
  }
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  ~Signer() { EVP_PKEY_free(key); }

  std::string sign(const std::string& text, const EVP_MD* digest) const {
    EVP_MD_CTX* ctx = EVP_MD_CTX_new();
    std::size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    EVP_DigestSignInit(ctx, nullptr, digest, nullptr, key);
    EVP_DigestSign(ctx, nullptr, &size, bytes, text.size());
    std::string out(size, '\0');
    EVP_DigestSign(ctx, reinterpret_cast<unsigned char*>(out.data()), &size, bytes, text.size());
    EVP_MD_CTX_free(ctx);
    return kit::to_base64(out);
  }
};

const Signer& signer() {
  static const Signer one(2048);
  return one;
}

config::Block settings(const std::string& pem = signer().pem, const std::string& url = cert_url) {
  config::Block s = config::Block::of({{"region", "us-east-1"},
                                       {"access_key_id", "AKIDEXAMPLE"},
                                       {"secret_access_key", "hush"},
                                       {"from", "+15550100"},
                                       {"configuration_set", "cs1"}});
  config::Value topics;
  topics.list = {topic};
  s.set("topic_arns", topics);
  config::Value certificates;
  if (!pem.empty()) certificates.table[url] = pem;
  s.set("certificates", certificates);
  return s;
}

json::object notification(const std::string& message) {
  return {{"Type", "Notification"},
          {"MessageId", "n1"},
          {"TopicArn", topic},
          {"Message", message},
          {"Timestamp", "2026-11-21T19:40:00.000Z"},
          {"SignatureVersion", "2"},
          {"SigningCertURL", cert_url}};
}

json::object confirmation() {
  json::object o = notification("You have chosen to subscribe");
  o["Type"] = "SubscriptionConfirmation";
  o["Token"] = "tok";
  o["SubscribeURL"] = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=tok";
  return o;
}

Webhook hook(json::object o, const Signer& by = signer()) {
  const auto text = aws::text_to_sign(o);
  const bool v1 = kit::text_at(json::value(o), "/SignatureVersion") == "1";
  o["Signature"] = by.sign(text ? *text : "", v1 ? EVP_sha1() : EVP_sha256());
  return {"POST",
          "https://gw.example.org/hook/aws",
          {{"content-type", "text/plain"}},
          json::serialize(o)};
}

std::string report(const std::string& type) {
  return R"({"eventType":")" + type +
         R"(","eventTimestamp":1795290000000,"destinationPhoneNumber":"+15550101",)"
         R"("messageId":"m1","context":{"job":"r1"}})";
}

TEST_CASE("aws: what it sends") {
  const auto call =
      test::made("aws", settings())
          ->send_call({.reference = "r1", .to = "+15550101", .text = "Hi", .validity_s = 60}, noon);
  REQUIRE(call.has_value());
  CHECK(call->url == "https://sms-voice.us-east-1.amazonaws.com/");
  CHECK(kit::header(call->headers, "x-amz-target") == "PinpointSMSVoiceV2.SendTextMessage");
  CHECK(call->sign == Signing::aws_sigv4);
  CHECK(call->aws_service == "sms-voice");
  CHECK(call->aws_region == "us-east-1");
  const auto body = test::body_of(*call);
  CHECK(kit::text_at(body, "/Context/job") == "r1");
  CHECK(kit::text_at(body, "/TimeToLive") == "60");
  CHECK(kit::text_at(body, "/ConfigurationSetName") == "cs1");
  config::Block sns = settings();
  sns.set("api", {"sns", {}, {}, {}});
  const auto publish = test::made("aws", sns)->send_call({.to = "+15550101", .text = "a&b"}, noon);
  CHECK(publish->url == "https://sns.us-east-1.amazonaws.com/");
  CHECK(publish->aws_service == "sns");
  CHECK(kit::text_of(*kit::read_form(publish->body), "Message") == "a&b");
  CHECK(!test::made("aws", sns)->capabilities().receipts);
  test::check_fields("aws");
}

TEST_CASE("aws: a number is taken off the opt-out list") {
  const auto call = test::made("aws", settings())->lift_call("+447700900123");
  REQUIRE(call);
  CHECK(call->url == "https://sms-voice.us-east-1.amazonaws.com/");
  CHECK(kit::header(call->headers, "x-amz-target") == "PinpointSMSVoiceV2.DeleteOptedOutNumber");
  CHECK(call->sign == Signing::aws_sigv4);
  CHECK(call->aws_service == "sms-voice");
  CHECK(call->aws_key_id == "AKIDEXAMPLE");
  CHECK(kit::text_at(test::body_of(*call), "/OptedOutNumber") == "+447700900123");
  CHECK(kit::text_at(test::body_of(*call), "/OptOutListName") == "Default");
  config::Block own = settings();
  own.set("opt_out_list", {"ward", {}, {}, {}});
  CHECK(kit::text_at(test::body_of(*test::made("aws", own)->lift_call("+447700900123")),
                     "/OptOutListName") == "ward");
  config::Block sns = settings();
  sns.set("api", {"sns", {}, {}, {}});
  const auto provider = test::made("aws", sns);
  const auto form = kit::read_form(provider->lift_call("+447700900123")->body);
  CHECK(kit::text_of(*form, "Action") == "OptInPhoneNumber");
  CHECK(kit::text_of(*form, "phoneNumber") == "+447700900123");
  CHECK(provider->lift_call("+447700900123")->aws_service == "sns");
  CHECK(provider->read_lift({200, {}, "{}"}));
  // Once in 30 days a number; not on the list; no right to.
  for (const int status : {400, 403, 429, 500}) CHECK_FALSE(provider->read_lift({status, {}, ""}));
}

TEST_CASE("aws: what it makes of answers") {
  const auto error = [](const std::string& type, const std::string& more = "") {
    return R"({"__type":")" + type + "\"" + more + "}";
  };
  const auto provider = test::made("aws", settings());
  test::check_common_answers(*provider);
  test::check_answers(
      *provider,
      {{"accepted", 200, R"({"MessageId":"m1"})", SendOutcome::accepted},
       {"throttled", 400, error("ThrottlingException"), SendOutcome::retry_later,
        "ThrottlingException"},
       {"internal", 500, error("com.amazonaws.smsvoice#InternalServerException"),
        SendOutcome::retry_later, "InternalServerException"},
       {"spent",
        400,
        error("ServiceQuotaExceededException"),
        SendOutcome::rejected,
        "ServiceQuotaExceededException",
        {},
        true},
       {"denied",
        400,
        error("AccessDeniedException"),
        SendOutcome::rejected,
        "AccessDeniedException",
        {},
        true},
       {"opted out",
        400,
        error("ConflictException", R"(,"Reason":"DESTINATION_PHONE_NUMBER_OPTED_OUT")"),
        SendOutcome::rejected,
        "DESTINATION_PHONE_NUMBER_OPTED_OUT",
        {},
        false,
        true},
       {"conflict", 400, error("ConflictException", R"(,"Reason":"RESOURCE_NOT_ACTIVE")"),
        SendOutcome::rejected, "RESOURCE_NOT_ACTIVE"},
       {"bad number",
        400,
        error("ValidationException", R"(,"Fields":[{"Name":"DestinationPhoneNumber"}])"),
        SendOutcome::rejected,
        "ValidationException",
        {},
        false,
        false,
        true},
       {"invalid", 400, error("ValidationException"), SendOutcome::rejected, "ValidationException"},
       {"type in a header",
        400,
        "",
        SendOutcome::retry_later,
        "ThrottlingException",
        {},
        false,
        false,
        false,
        {{"x-amzn-errortype", "ThrottlingException:http://internal/"}}}});
  config::Block sns = settings();
  sns.set("api", {"sns", {}, {}, {}});
  test::check_answers(
      *test::made("aws", sns),
      {{"published", 200, "<R><PublishResult><MessageId>m1</MessageId></PublishResult></R>",
        SendOutcome::accepted},
       {"cut", 200, "<R><MessageId>", SendOutcome::unknown, "unreadable"},
       {"throttled", 400, "<E><Error><Code>Throttling</Code></Error></E>", SendOutcome::retry_later,
        "Throttling"},
       {"opted out",
        400,
        "<E><Error><Code>OptedOut</Code></Error></E>",
        SendOutcome::rejected,
        "OptedOut",
        {},
        false,
        true},
       {"keys",
        403,
        "<E><Error><Code>SignatureDoesNotMatch</Code></Error></E>",
        SendOutcome::rejected,
        "SignatureDoesNotMatch",
        {},
        true}});
}

TEST_CASE("aws: who is believed") {
  const auto provider = test::made("aws", settings());
  const auto proven = provider->authenticate(hook(notification("x")), noon);
  REQUIRE_MESSAGE(proven.has_value(), (proven ? "" : proven.error().message));
  CHECK(proven->replay_key == "aws:n1");
  json::object v1 = notification("x");
  v1["SignatureVersion"] = "1";
  CHECK(provider->authenticate(hook(v1), noon).has_value());
  config::Block strict = settings();
  strict.set("signature_v1", {"false", {}, {}, {}});
  test::check_refused(*test::made("aws", strict), hook(v1), "bad_signature");
  json::object subject = notification("x");
  subject["Subject"] = "news";
  CHECK(provider->authenticate(hook(subject), noon).has_value());
  subject["Subject"] = nullptr;
  CHECK(provider->authenticate(hook(subject), noon).has_value());
  CHECK(provider->authenticate(hook(confirmation()), noon).has_value());
  json::object goodbye = confirmation();
  goodbye["Type"] = "UnsubscribeConfirmation";
  CHECK(provider->authenticate(hook(goodbye), noon).has_value());

  test::check_refused(*provider, hook(notification("x")), "stale", noon + std::chrono::hours{2});
  test::check_refused(*provider, hook(notification("x")), "stale", noon - std::chrono::minutes{6});
  test::check_refused(*provider, {"POST", "u", {}, "x"}, "unsigned");
  const Signer other(2048);
  test::check_refused(*provider, hook(notification("x"), other), "bad_signature");
  const Signer weak(1024);
  test::check_refused(*test::made("aws", settings(weak.pem)), hook(notification("x"), weak),
                      "bad_signature");
}

TEST_CASE("aws: each signed part counts, and each must be there") {
  const auto provider = test::made("aws", settings());
  for (json::object good : {notification("x"), confirmation()}) {
    const auto signed_body = kit::read_json(hook(good).body)->as_object();
    const bool confirms = good.contains("Token");
    for (const char* name : {"Message", "MessageId", "Timestamp", "TopicArn", "Type", "Token",
                             "SubscribeURL", "Signature", "SignatureVersion", "SigningCertURL"}) {
      if (!signed_body.contains(name)) continue;
      CAPTURE(name);
      CAPTURE(confirms);
      const auto refused = [&](json::value v) {
        json::object changed = signed_body;
        changed[name] = std::move(v);
        return !provider->authenticate({"POST", "u", {}, json::serialize(changed)}, noon);
      };
      CHECK(refused("other"));
      CHECK(refused(nullptr));
      CHECK(refused(7));
      CHECK(refused(json::array{}));
      json::object fewer = signed_body;
      fewer.erase(name);
      CHECK(!provider->authenticate({"POST", "u", {}, json::serialize(fewer)}, noon));
    }
  }
  json::object foreign = notification("x");
  foreign["TopicArn"] = "arn:aws:sns:us-east-1:999999999999:sms-events";
  test::check_refused(*provider, hook(foreign), "not_configured");
}

TEST_CASE("aws: certificates come from SNS alone") {
  for (const char* good : {"https://sns.us-east-1.amazonaws.com/a.pem",
                           "https://sns.cn-north-1.amazonaws.com.cn/a-B_1.pem"})
    CHECK(aws::certificate_url_is_allowed(good));
  for (const char* bad : {"",
                          "http://sns.us-east-1.amazonaws.com/a.pem",
                          "https://sns.us-east-1.amazonaws.com:443/a.pem",
                          "https://sns.us-east-1.amazonaws.com:/a.pem",
                          "https://u@sns.us-east-1.amazonaws.com/a.pem",
                          "https://u:p@sns.us-east-1.amazonaws.com/a.pem",
                          "https://sns.us.amazonaws.com/a.pem",
                          "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
                          "https://sns.evil.example/.amazonaws.com/a.pem",
                          "https://sns.a.b.amazonaws.com/a.pem",
                          "https://xsns.us-east-1.amazonaws.com/a.pem",
                          "https://s3.amazonaws.com/a.pem",
                          "https://sns.us-east-1.amazonaws.com/a.pem?x",
                          "https://sns.us-east-1.amazonaws.com/a.pem#x",
                          "https://sns.us-east-1.amazonaws.com/a.pe",
                          "https://sns.us-east-1.amazonaws.com/../a.pem",
                          "https://sns.us-east-1.amazonaws.com\\@evil.example/a.pem",
                          "https://sns.US-EAST-1.amazonaws.com/a.pem",
                          "https://sns.us-east-1.amazonaws.com",
                          "//sns.us-east-1.amazonaws.com/a.pem"}) {
    CAPTURE(std::string(bad));
    CHECK(!aws::certificate_url_is_allowed(bad));
    json::object o = notification("x");
    o["SigningCertURL"] = bad;
    test::check_refused(*test::made("aws", settings(signer().pem, bad)), hook(o), "bad_signature");
    CHECK(!test::made("aws", settings(""))->certificate_call(hook(o)).has_value());
  }
}

TEST_CASE("aws: a certificate that is not there yet is asked for, then taken") {
  const Webhook good = hook(notification("x"));
  const auto bare = test::made("aws", settings(""));
  test::check_refused(*bare, good, "certificate_needed");
  const auto call = bare->certificate_call(good);
  REQUIRE(call.has_value());
  CHECK(call->method == "GET");
  CHECK(call->url == cert_url);
  const auto knowing = bare->with_certificate(*call, {200, {}, signer().pem});
  REQUIRE(knowing.has_value());
  CHECK((*knowing)->authenticate(good, noon).has_value());
  CHECK(!bare->authenticate(good, noon).has_value());
  for (const std::string& bad :
       {std::string(), std::string("<html>"), std::string(20'000, 'x'), Signer(1024).pem})
    CHECK(!bare->with_certificate(*call, {200, {}, bad}).has_value());
  CHECK(!bare->with_certificate(*call, {404, {}, signer().pem}).has_value());
  CHECK(!bare->with_certificate({.url = "https://evil.example/a.pem"}, {200, {}, signer().pem})
             .has_value());
  CHECK(!test::made("telnyx", test::Scalars{})->certificate_call(good).has_value());
  CHECK(
      !test::made("telnyx", test::Scalars{})->with_certificate(*call, {200, {}, "x"}).has_value());
}

TEST_CASE("aws: what reports mean") {
  const auto provider = test::made("aws", settings());
  using enum DeliveryStatus;
  const std::vector<test::ReportCase> cases{
      {"TEXT_QUEUED", "", queued},
      {"TEXT_PENDING", "", queued},
      {"TEXT_SENT", "", sent},
      {"TEXT_SUCCESSFUL", "", sent},
      {"TEXT_UNKNOWN", "", sent},
      {"TEXT_DELIVERED", "", delivered},
      {"TEXT_CARRIER_UNREACHABLE", "", failed, false},
      {"TEXT_UNREACHABLE", "", failed, false},
      {"TEXT_TTL_EXPIRED", "", failed, false},
      {"TEXT_BLOCKED", "", failed, true},
      {"TEXT_CARRIER_BLOCKED", "", failed, true},
      {"TEXT_INVALID", "", failed, true},
      {"TEXT_INVALID_MESSAGE", "", failed, true},
      {"TEXT_SPAM", "", failed, true},
      {"TEXT_PROTECT_BLOCKED", "", failed, true},
      {"TEXT_NEW", "", unknown},
  };
  for (const auto& c : cases) {
    const Event e = test::only_event(*provider, hook(notification(report(c.word))));
    test::check_report(e, c);
    CHECK(e.reference == "r1");
    CHECK(e.to == "+15550101");
    CHECK(e.at == noon);
    CHECK(e.event_id == "n1");
  }
}

TEST_CASE("aws: subscriptions, other notifications and malformed ones") {
  const auto provider = test::made("aws", settings());
  const Event e = test::only_event(*provider, hook(confirmation()));
  CHECK(e.type == EventType::confirm_subscription);
  CHECK(e.url.ends_with("Token=tok"));
  json::object foreign = confirmation();
  foreign["SubscribeURL"] = "https://sns.us-east-1.amazonaws.com.evil.example/?Token=tok";
  CHECK(!provider->read_events(hook(foreign)).has_value());
  json::object goodbye = confirmation();
  goodbye["Type"] = "UnsubscribeConfirmation";
  CHECK(test::only_event(*provider, hook(goodbye)).type == EventType::ignored);
  for (const char* message : {"hello from the console", "{", "[]", "null", "{\"eventType\":7}",
                              "{\"messageBody\":\"x\"}"})
    CHECK(test::only_event(*provider, hook(notification(message))).type == EventType::ignored);
  test::check_malformed(*provider, {"POST", "u", {}, ""});
}

TEST_CASE("aws: version 4 signatures, byte for byte as the SDK writes them") {
  std::ifstream file(MOODLINE_SOURCE_DIR "/tests/vectors/outbound_requests.json");
  std::stringstream text;
  text << file.rdbuf();
  const auto all = kit::read_json(text.str());
  REQUIRE(all.has_value());
  int seen = 0;
  for (const auto& vector : all->as_array()) {
    const std::string captured = kit::text_at(vector, "/headers/authorization");
    const auto from = captured.find("SignedHeaders=");
    if (!captured.starts_with("AWS4-HMAC-SHA256") || from == std::string::npos) continue;
    ++seen;
    HttpCall call{.url = kit::text_at(vector, "/url"), .body = kit::text_at(vector, "/body")};
    call.aws_region = kit::text_at(vector, "/secret/region");
    const std::string scope = captured.substr(0, from);
    call.aws_service = scope.find("/sms-voice/") != std::string::npos ? "sms-voice" : "sns";
    call.aws_key_id = kit::text_at(vector, "/secret/accessKeyId");
    call.aws_secret = kit::text_at(vector, "/secret/secretAccessKey");
    std::string names = captured.substr(from + 14);
    names.erase(names.find(','));
    for (std::istringstream list(names); std::getline(list, names, ';');)
      call.headers.emplace_back(names, kit::text_at(vector, "/headers/" + names));
    CHECK(kit::sigv4_authorization(call, call.headers) == captured);
    call.body += ' ';
    CHECK(kit::sigv4_authorization(call, call.headers) != captured);
  }
  CHECK(seen >= 1);
}

// The worked example of the provider's own documentation (GET with a query, service iam).
TEST_CASE("aws: the documented example of version 4") {
  HttpCall call{.method = "GET",
                .url = "https://iam.amazonaws.com/?Version=2010-05-08&Action=ListUsers",
                .headers = {{"host", "iam.amazonaws.com"},
                            {"x-amz-date", "20150830T123600Z"},
                            {"content-type", "application/x-www-form-urlencoded; charset=utf-8"}}};
  call.aws_region = "us-east-1";
  call.aws_service = "iam";
  call.aws_key_id = "AKIDEXAMPLE";
  call.aws_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  CHECK(
      kit::sigv4_authorization(call, call.headers)
          .ends_with("Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"));
}

}  // namespace
}  // namespace moodline::providers
