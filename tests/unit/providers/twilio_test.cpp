#include "adapter_support.hpp"
#include "providers/kit/bytes.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers {
namespace {

using test::noon;

test::Scalars settings() {
  return {{"account_sid", "AC0"},
          {"auth_token", "t1"},
          {"auth_token_next", "t2"},
          {"from", "+15550100"},
          {"webhook_url", "https://gw.example.org/hook/twilio"}};
}

constexpr const char* form_type = "application/x-www-form-urlencoded";

// Signed as Twilio documents it: URL, then each key and value, sorted.
Webhook hook(const std::string& body, const std::string& sorted, const std::string& token = "t1",
             const std::string& url = "https://gw.example.org/hook/twilio") {
  const std::string mac = kit::to_base64(kit::hmac(kit::Digest::sha1, token, url + sorted));
  return {"POST", url, {{"content-type", form_type}, {"x-twilio-signature", mac}}, body};
}

std::string field(const HttpCall& call, std::string_view name) {
  return kit::text_of(kit::read_form(call.body).value_or(kit::Fields{}), name);
}

TEST_CASE("twilio: what it sends") {
  auto s = settings();
  const Sms sms{.reference = "r-1",
                .to = "+15550101",
                .text = "How? \xE2\x82\xAC & 1-5",
                .validity_s = 99'999};
  auto call = test::made("twilio", s)->send_call(sms, noon);
  REQUIRE(call.has_value());
  CHECK(call->method == "POST");
  CHECK(call->url == "https://api.twilio.com/2010-04-01/Accounts/AC0/Messages.json");
  CHECK(kit::header(call->headers, "authorization") == kit::basic_auth("AC0", "t1"));
  CHECK(field(*call, "To") == "+15550101");
  CHECK(field(*call, "From") == "+15550100");
  CHECK(field(*call, "Body") == sms.text);
  CHECK(field(*call, "ValidityPeriod") == "36000");
  CHECK(field(*call, "StatusCallback") == "https://gw.example.org/hook/twilio?ref=r-1");
  CHECK(call->body.find("MessagingServiceSid") == std::string::npos);

  s.erase("from");
  CHECK(test::made("twilio", s)->send_call(sms, noon).error().code == "cannot_send");
  s["messaging_service"] = "MG0";
  s["api_key"] = "SK0";
  s["api_key_secret"] = "ks";
  call = test::made("twilio", s)->send_call(sms, noon);
  REQUIRE(call.has_value());
  CHECK(field(*call, "MessagingServiceSid") == "MG0");
  CHECK(kit::header(call->headers, "authorization") == kit::basic_auth("SK0", "ks"));
  Sms other = sms;
  other.from = "+15550102";
  CHECK(field(*test::made("twilio", s)->send_call(other, noon), "From") == "+15550102");
  test::check_fields("twilio");
}

TEST_CASE("twilio: what it makes of answers") {
  const auto provider = test::made("twilio", settings());
  test::check_common_answers(*provider);
  const auto says = [](const char* code) { return std::string(R"({"code":)") + code + "}"; };
  test::check_answers(
      *provider,
      {{"accepted", 201, R"({"sid":"SM1","status":"queued"})", SendOutcome::accepted},
       {"bad To", 400, says("21211"), SendOutcome::rejected, "21211", {}, false, false, true},
       {"not mobile", 400, says("21614"), SendOutcome::rejected, "21614", {}, false, false, true},
       {"region", 403, says("21408"), SendOutcome::rejected, "21408"},
       {"opted out", 400, says("21610"), SendOutcome::rejected, "21610", {}, false, true},
       {"sender's queue", 429, says("21611"), SendOutcome::retry_later, "21611"},
       {"too long", 400, says("21617"), SendOutcome::rejected, "21617"},
       {"auth", 401, says("20003"), SendOutcome::rejected, "20003", {}, true},
       {"rate", 429, says("20429"), SendOutcome::retry_later, "20429"},
       {"code as text", 429, R"({"code":"20429"})", SendOutcome::retry_later, "20429"}});
}

TEST_CASE("twilio: who is believed") {
  const auto provider = test::made("twilio", settings());
  const std::string body = "b=2&a=1&a=0&a=1";
  const std::string sorted = "a0a1b2";  // keys sorted, values a set
  CHECK(provider->authenticate(hook(body, sorted), noon).has_value());
  CHECK(provider->authenticate(hook(body, sorted, "t2"), noon).has_value());
  test::check_refused(*provider, hook(body, sorted, "t3"), "bad_signature");
  test::check_refused(*provider, hook("b=2&a=1", sorted), "bad_signature");
  test::check_refused(*provider, test::without(hook(body, sorted), "x-twilio-signature"),
                      "unsigned");
  auto twice = hook(body, sorted);
  twice.headers.push_back(twice.headers.back());
  test::check_refused(*provider, twice, "unsigned");
  test::check_refused(*test::made("twilio", test::Scalars{{"account_sid", "AC0"}}),
                      hook(body, sorted), "not_configured");
  // Twilio writes escapes in capitals; other spellings of the same form are not its own.
  CHECK(provider->authenticate(hook("a=%2B", "a+"), noon).has_value());
  test::check_refused(*provider, hook("a=%2b", "a+"), "bad_signature");
  test::check_refused(*provider, hook("a=%zz", "a%zz"), "bad_signature");

  // The signed URL may name the port that ours leaves out, or the other way round.
  struct Row {
    const char* called;
    const char* written;
    bool good;
  };
  for (const Row& row :
       std::vector<Row>{{"https://a.example:443/x", "https://a.example/x", true},
                        {"https://a.example/x", "https://a.example:443/x", true},
                        {"http://a.example:80/x?y=1", "http://a.example/x?y=1", true},
                        {"https://a.example:8443/x", "https://a.example:8443/x", true},
                        {"https://a.example/x", "https://a.example:8443/x", true},
                        {"https://a.example:80/x", "https://a.example/x", false},
                        {"https://b.example/x", "https://a.example/x", false},
                        {"https://a.example/x?q=%27", "https://a.example/x?q='", true},
                        {"https://a.example/x?q=%2b", "https://a.example/x?q=%2B", false}}) {
    CAPTURE(row.written);
    Webhook h = hook(body, sorted, "t1", row.called);
    h.url = row.written;
    CHECK(provider->authenticate(h, noon).has_value() == row.good);
  }
}

TEST_CASE("twilio: a JSON body is vouched for by its digest in the URL") {
  const auto provider = test::made("twilio", settings());
  const std::string body = R"({"a":1})";
  const std::string digest = kit::to_hex(kit::digest(kit::Digest::sha256, body));
  const auto json_hook = [&](const std::string& url) {
    Webhook h = hook(body, "", "t1", url);
    h.headers[0].second = "application/json";
    return h;
  };
  const Webhook good = json_hook("https://a.example/x?bodySHA256=" + digest);
  CHECK(provider->authenticate(good, noon).has_value());
  Webhook other = good;
  other.body = R"({"a":2})";
  test::check_refused(*provider, other, "bad_signature");
  test::check_refused(*provider, json_hook("https://a.example/x"), "bad_signature");
  test::check_refused(*provider, json_hook("https://a.example/x?bodySHA256="), "bad_signature");
}

TEST_CASE("twilio: received texts and reports") {
  const auto provider = test::made("twilio", settings());
  Event e = test::only_event(
      *provider, hook("MessageSid=SM1&SmsStatus=received&From=%2B15550101&To=%2B15550100"
                      "&Body=STOP&OptOutType=STOP",
                      ""));
  CHECK(e.type == EventType::mo);
  CHECK(e.opted_out);
  CHECK(e.event_id == "SM1");
  CHECK(e.text == "STOP");
  struct Row {
    const char* word;
    const char* code;
    DeliveryStatus status;
    std::optional<bool> permanent = std::nullopt;
    bool opted_out = false;
  };
  for (const Row& row : std::vector<Row>{{"accepted", "", DeliveryStatus::queued},
                                         {"scheduled", "", DeliveryStatus::queued},
                                         {"queued", "", DeliveryStatus::queued},
                                         {"sending", "", DeliveryStatus::queued},
                                         {"sent", "", DeliveryStatus::sent},
                                         {"partially_delivered", "", DeliveryStatus::sent},
                                         {"delivered", "", DeliveryStatus::delivered},
                                         {"read", "", DeliveryStatus::delivered},
                                         {"undelivered", "30001", DeliveryStatus::failed, false},
                                         {"undelivered", "30003", DeliveryStatus::failed, false},
                                         {"failed", "30008", DeliveryStatus::failed, false},
                                         {"failed", "30022", DeliveryStatus::failed, false},
                                         {"undelivered", "30004", DeliveryStatus::failed, true},
                                         {"undelivered", "30005", DeliveryStatus::failed, true},
                                         {"undelivered", "30007", DeliveryStatus::failed, true},
                                         {"failed", "21610", DeliveryStatus::failed, true, true},
                                         {"failed", "99999", DeliveryStatus::failed},
                                         {"canceled", "", DeliveryStatus::failed, true},
                                         {"teleported", "", DeliveryStatus::unknown}}) {
    Webhook h = hook(std::string("MessageSid=SM1&MessageStatus=") + row.word + "&To=%2B15550101" +
                         (*row.code ? "&ErrorCode=" : "") + row.code,
                     "");
    h.url += "?ref=r-1";
    e = test::only_event(*provider, h);
    test::check_report(e, {row.word, row.code, row.status, row.permanent, row.opted_out});
    CHECK(e.reference == "r-1");
    CHECK(e.to == "+15550101");
  }
  CHECK(test::only_event(*provider, hook("CallSid=CA1&CallStatus=ringing", "")).type ==
        EventType::ignored);
  test::check_malformed(*provider, hook("", ""));
  CHECK(provider->answer().body == "<Response/>");
}

}  // namespace
}  // namespace moodline::providers
