#include "adapter_support.hpp"
#include "providers/kit/bytes.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers {
namespace {

using test::noon;

test::Scalars settings() {
  return {{"username", "u"}, {"password", "p"}, {"signing_key", "k1"}, {"signing_key_next", "k2"}};
}

Webhook hook(const std::string& body, const std::string& key = "k1",
             const std::string& timestamp = "1795290000") {
  return {"POST",
          "https://gw.example.org/hook/phone",
          {{"x-timestamp", timestamp},
           {"x-signature", kit::to_hex(kit::hmac(kit::Digest::sha256, key, body + timestamp))}},
          body};
}

TEST_CASE("android-sms-gateway: what it sends") {
  auto s = settings();
  const Sms sms{.reference = "r-1", .to = "+15550101", .text = "Hi \"you\"", .validity_s = 1};
  auto call = test::made("android-sms-gateway", s)->send_call(sms, noon);
  REQUIRE(call.has_value());
  CHECK(call->url == "https://api.sms-gate.app/3rdparty/v1/messages");
  CHECK(kit::header(call->headers, "authorization") == kit::basic_auth("u", "p"));
  auto body = test::body_of(*call);
  CHECK(kit::text_at(body, "/id") == "r-1");
  CHECK(kit::text_at(body, "/textMessage/text") == "Hi \"you\"");
  CHECK(kit::text_at(body, "/phoneNumbers/0") == "+15550101");
  CHECK(kit::text_at(body, "/withDeliveryReport") == "true");
  CHECK(kit::text_at(body, "/ttl") == "5");
  CHECK(kit::at(body, "/simNumber") == nullptr);
  s["api_url"] = "http://192.0.2.7:8080/";
  s["token"] = "jwt";
  s["sim"] = "2";
  s["priority"] = "100";
  s["device"] = "d1";
  call = test::made("android-sms-gateway", s)->send_call(sms, noon);
  CHECK(call->url == "http://192.0.2.7:8080/messages");
  CHECK(kit::header(call->headers, "authorization") == "Bearer jwt");
  body = test::body_of(*call);
  CHECK(kit::text_at(body, "/simNumber") == "2");
  CHECK(kit::text_at(body, "/priority") == "100");
  CHECK(kit::text_at(body, "/deviceId") == "d1");
  test::check_fields("android-sms-gateway");
}

TEST_CASE("android-sms-gateway: what it makes of answers") {
  const auto provider = test::made("android-sms-gateway", settings());
  test::check_common_answers(*provider);
  test::check_answers(
      *provider, {{"accepted", 202, R"({"id":"r-1","state":"Pending"})", SendOutcome::accepted}});
  const auto again = provider->read_reply({409, {}, "{}"});
  CHECK(again.outcome == SendOutcome::accepted);  // ids are ours: it has this text already
  CHECK(again.code == "duplicate");
}

TEST_CASE("android-sms-gateway: who is believed") {
  const auto provider = test::made("android-sms-gateway", settings());
  CHECK(provider->authenticate(hook("{}"), noon).has_value());
  CHECK(provider->authenticate(hook("{}", "k2"), noon).has_value());
  test::check_refused(*provider, hook("{}", "k3"), "bad_signature");
  test::check_refused(*provider, hook("{}"), "stale", noon + std::chrono::seconds{301});
  test::check_refused(*provider, hook("{}"), "stale", noon - std::chrono::seconds{301});
  test::check_refused(*provider, hook("{}", "k1", "soon"), "stale");
  test::check_refused(*provider, test::without(hook("{}"), "x-signature"), "unsigned");
  test::check_refused(*provider, test::without(hook("{}"), "x-timestamp"), "unsigned");
  test::check_refused(*test::made("android-sms-gateway", test::Scalars{}), hook("{}", ""),
                      "not_configured");
  auto capitals = hook("{}");
  for (char& c : capitals.headers[1].second) c = static_cast<char>(std::toupper(c));
  test::check_refused(*provider, capitals, "bad_signature");
}

TEST_CASE("android-sms-gateway: events") {
  const auto provider = test::made("android-sms-gateway", settings());
  const auto event = [&](const std::string& kind, const std::string& payload) {
    return test::only_event(*provider, hook(R"({"id":"e1","event":")" + kind +
                                            R"(","payload":{"messageId":"m1",)" + payload + "}}"));
  };
  const Event mo = event("sms:received", R"("message":"4","phoneNumber":"+15550101",)"
                                         R"("receivedAt":"2026-11-21T20:40:00.000+01:00")");
  CHECK(mo.type == EventType::mo);
  CHECK(mo.from == "+15550101");  // older versions have no sender
  CHECK(mo.event_id == "e1");     // messageId is made from the content and repeats
  CHECK(mo.at == noon);
  CHECK(event("sms:data-received", R"("data":"AA==")").type == EventType::ignored);
  CHECK(event("mms:received", R"("subject":"x")").type == EventType::ignored);
  test::check_report(event("sms:sent", R"("recipient":"+15550101")"),
                     {"sms:sent", "", DeliveryStatus::sent});
  const Event delivered =
      event("sms:delivered", R"("recipient":"+15550101","deliveredAt":"2026-11-21T19:40:00Z")");
  test::check_report(delivered, {"sms:delivered", "", DeliveryStatus::delivered});
  CHECK(delivered.reference == "m1");
  CHECK(delivered.at == noon);
  test::check_report(event("sms:failed", R"("recipient":"+15550101","reason":"No service")"),
                     {"sms:failed", "No service", DeliveryStatus::failed, false});
  test::check_malformed(*provider, hook(""));
}

TEST_CASE("android-sms-gateway: a lost answer can be asked for") {
  const auto provider = test::made("android-sms-gateway", settings());
  const auto call = provider->lookup_call("r-1", noon);
  REQUIRE(call.has_value());
  CHECK(call->method == "GET");
  CHECK(call->url == "https://api.sms-gate.app/3rdparty/v1/messages/r-1");
  struct Row {
    const char* state;
    DeliveryStatus status;
  };
  for (const Row& row : std::vector<Row>{{"Pending", DeliveryStatus::queued},
                                         {"Processed", DeliveryStatus::queued},
                                         {"Sent", DeliveryStatus::sent},
                                         {"Delivered", DeliveryStatus::delivered},
                                         {"Failed", DeliveryStatus::failed},
                                         {"Lost", DeliveryStatus::unknown}}) {
    const auto events = provider->read_lookup(
        {200, {}, std::string(R"({"id":"r-1","state":")") + row.state + R"(","recipients":[]})"});
    REQUIRE(events.has_value());
    REQUIRE(events->size() == 1);
    CHECK(static_cast<int>(events->front().status) == static_cast<int>(row.status));
    CHECK(events->front().reference == "r-1");
  }
  CHECK(provider->read_lookup({404, {}, ""})->empty());
  CHECK(!provider->read_lookup({500, {}, ""}));
  CHECK(!provider->read_lookup({200, {}, "<html>"}));
}

}  // namespace
}  // namespace moodline::providers
