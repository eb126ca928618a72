#include "adapter_support.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers {
namespace {

using test::noon;

test::Scalars settings() {
  return {{"send_url", "http://127.0.0.1:9/send"},
          {"secret", "s"},
          {"from", "+15550100"},
          {"webhook_url", "http://127.0.0.1:8/hook/sim"}};
}

Webhook hook(std::string body) {
  return {"POST", "http://127.0.0.1:8/hook/sim", {{"authorization", "Bearer s"}}, std::move(body)};
}

TEST_CASE("simulated: calls, answers and events") {
  const auto provider = test::made("simulated", settings());
  const auto call = provider->send_call({.reference = "r", .to = "+15550101", .text = "Hi"}, noon);
  const auto body = test::body_of(*call);
  CHECK(call->url == "http://127.0.0.1:9/send");
  CHECK(kit::text_at(body, "/reference") == "r");
  CHECK(kit::text_at(body, "/from") == "+15550100");
  CHECK(kit::text_at(body, "/callback") == "http://127.0.0.1:8/hook/sim");
  test::check_common_answers(*provider);
  test::check_answers(*provider,
                      {{"accepted", 200, R"({"id":"m"})", SendOutcome::accepted},
                       {"named", 400, R"({"code":"off"})", SendOutcome::rejected, "off"}});
  CHECK(provider->authenticate(hook(""), noon));
  test::check_refused(*provider, test::without(hook(""), "authorization"), "unsigned");
  const Event mo = test::only_event(
      *provider, hook(R"({"type":"mo","event_id":"e","id":"m","from":"+15550101","text":"4"})"));
  CHECK(mo.type == EventType::mo);
  CHECK(mo.event_id == "e");
  for (const auto& c :
       std::vector<test::ReportCase>{{"queued", "", DeliveryStatus::queued},
                                     {"sent", "", DeliveryStatus::sent},
                                     {"delivered", "", DeliveryStatus::delivered},
                                     {"failed", "", DeliveryStatus::failed, true},
                                     {"unreachable", "", DeliveryStatus::failed, false},
                                     {"x", "", DeliveryStatus::unknown}})
    test::check_report(
        test::only_event(*provider,
                         hook(R"({"type":"dlr","event_id":"e","status":")" + c.word + "\"}")),
        c);
  test::check_malformed(*provider, hook(""));
}

TEST_CASE("simulated: on this machine only") {
  for (const char* url : {"http://192.0.2.1/", "https://example.org/", "http://127.0.0.1.example/",
                          "http://127.0.0.1@example.org/", "nonsense"}) {
    auto s = settings();
    s["send_url"] = url;
    CHECK_MESSAGE(!find_provider_type("simulated")->make(config::Block::of(s)), url);
  }
  for (const char* url : {"http://localhost:1/", "http://[::1]:1/", "http://127.0.0.1/"}) {
    auto s = settings();
    s["send_url"] = url;
    CHECK_MESSAGE(find_provider_type("simulated")->make(config::Block::of(s)), url);
  }
  const auto bare = test::made("simulated", test::Scalars{});  // before the demo fills it in
  CHECK(bare->send_call({.to = "+15550101", .text = "x"}, noon).error().code == "cannot_send");
  test::check_refused(*bare, hook(""), "not_configured");
  CHECK(find_provider_type("simulated")->simulated);
}

}  // namespace
}  // namespace moodline::providers
