#include "adapter_support.hpp"
#include "providers/kit/bytes.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers {
namespace {

using config::Block;
using test::noon;

// A block by hand: scalars, then lists, then mappings.
struct Described {
  std::map<std::string, std::string> scalars;
  std::map<std::string, std::vector<std::string>> lists = {};
  std::map<std::string, std::map<std::string, std::string>> tables = {};
  [[nodiscard]] Block block() const {
    Block b = Block::of(scalars);
    for (const auto& [k, v] : lists) b.set(k, {{}, v, {}, {}});
    for (const auto& [k, v] : tables) b.set(k, {{}, {}, v, {}});
    return b;
  }
};

Described simple() {
  return {{{"url", "https://sms.example/send?key={{secret}}"},
           {"secret", "k&1"},
           {"from", "Us"},
           {"path_secret", "9f2c"},
           {"webhook_url", "https://gw.example.org/hook/g"}},
          {},
          {{"form", {{"to", "{{to}}"}, {"msg", "{{text}}"}, {"ttl", "{{validity_s}}"}}}}};
}

const Sms sms{.reference = "r-1", .to = "+15550101", .text = "a<b> & \"c\"\nd"};

HttpCall sent(const Described& d, const Sms& text = sms) {
  auto call = test::made("generic", d.block())->send_call(text, noon);
  REQUIRE(call.has_value());
  return *call;
}

TEST_CASE("generic: bodies of every kind, escaped for their kind") {
  Described d = simple();
  HttpCall call = sent(d);
  CHECK(call.url == "https://sms.example/send?key=k%261");
  CHECK(call.body == "msg=a%3Cb%3E+%26+%22c%22%0Ad&to=%2B15550101");  // ttl is empty: left out
  CHECK(kit::media_type(call.headers) == "application/x-www-form-urlencoded");

  d.scalars["content_type"] = "json";
  d.scalars["body"] = R"({"to":"{{to_digits}}","t":"{{text}}","u":"{{unicode:boolean}}",)"
                      R"("ref":"{{reference}}","cb":"{{callback_url}}","x":"{{var.x}}"})";
  d.tables["vars"] = {{"x", "1"}};
  call = sent(d);
  const auto body = test::body_of(call);
  CHECK(kit::text_at(body, "/to") == "15550101");
  CHECK(kit::text_at(body, "/t") == sms.text);
  CHECK(kit::text_at(body, "/u") == "false");
  CHECK(kit::text_at(body, "/cb") == "https://gw.example.org/hook/g/9f2c");
  CHECK(kit::text_at(body, "/x") == "1");

  d.scalars["content_type"] = "xml";
  d.scalars["body"] = "<sms to=\"{{to}}\">{{text}}</sms>";
  CHECK(sent(d).body == "<sms to=\"+15550101\">a&lt;b&gt; &amp; &quot;c&quot;\nd</sms>");
  d.scalars["content_type"] = "text";
  d.scalars["body"] = "{{coding}} {{type}} {{text}}";
  CHECK(sent(d).body == "0 text " + sms.text);
  d.scalars["content_type"] = "none";
  d.scalars["method"] = "GET";
  CHECK(sent(d).body.empty());
  CHECK(sent(d).method == "GET");
  d.tables["headers"] = {{"X-Ref", "{{reference}}"}, {"X-Text", "{{text}}"}};
  call = sent(d);
  CHECK(kit::header(call.headers, "x-ref") == "r-1");
  CHECK(kit::header(call.headers, "x-text") == "a<b> & \"c\"d");  // no line break gets in
}

TEST_CASE("generic: every way to prove ourselves") {
  Described d = simple();
  d.scalars["user"] = "u";
  d.scalars["auth_name"] = "X-Key";
  const auto header = [&](const char* auth, const char* name) {
    d.scalars["auth"] = auth;
    return std::string(kit::header(sent(d).headers, name));
  };
  CHECK(header("none", "authorization").empty());
  CHECK(header("basic", "authorization") == kit::basic_auth("u", "k&1"));
  CHECK(header("bearer", "authorization") == "Bearer k&1");
  CHECK(header("header", "X-Key") == "k&1");
  d.scalars["auth"] = "query";
  CHECK(sent(d).url.ends_with("&X-Key=k%261"));
  d.scalars["sign_over"] = "{{timestamp}}.{{method}}.{{url}}.{{body}}";
  d.scalars["sign_encoding"] = "base64";
  d.scalars["sign_digest"] = "sha512";
  const std::string mac = header("hmac", "X-Key");
  const HttpCall call = sent(d);
  CHECK(mac == kit::to_base64(kit::hmac(kit::Digest::sha512, "k&1",
                                        "1795290000.POST." + call.url + "." + call.body)));
}

TEST_CASE("generic: answers") {
  Described d = simple();
  d.scalars["id"] = "/m/0/id";
  d.scalars["code"] = "/m/0/code";
  d.lists = {{"accept_when", {"/m/0/status = OK"}},
             {"retry_codes", {"busy"}},
             {"halt_codes", {"credit"}},
             {"opted_out_codes", {"stop"}},
             {"bad_number_codes", {"nobody"}}};
  const auto provider = test::made("generic", d.block());
  test::check_common_answers(*provider);
  const auto code = [](const char* c) { return std::string(R"({"m":[{"code":")") + c + "\"}]}"; };
  test::check_answers(
      *provider,
      {{"accepted", 200, R"({"m":[{"status":"OK","id":17}]})", SendOutcome::accepted},
       {"no id", 200, R"({"m":[{"status":"OK"}]})", SendOutcome::unknown, "unreadable"},
       {"refused with 200", 200, code("odd"), SendOutcome::rejected, "odd"},
       {"busy with 200", 200, code("busy"), SendOutcome::retry_later, "busy"},
       {"busy with 400", 400, code("busy"), SendOutcome::retry_later, "busy"},
       {"credit", 200, code("credit"), SendOutcome::rejected, "credit", {}, true},
       {"stop", 400, code("stop"), SendOutcome::rejected, "stop", {}, false, true},
       {"nobody", 403, code("nobody"), SendOutcome::rejected, "nobody", {}, false, false, true}});
  d.scalars["id"] = "regex:ID: ([A-Z0-9]+)";
  d.lists["accept_when"] = {"regex:^OK"};
  CHECK(test::made("generic", d.block())->read_reply({200, {}, "OK ID: A7"}).provider_message_ids ==
        std::vector<std::string>{"A7"});
  CHECK(test::made("generic", simple().block())->read_reply({200, {}, "whatever"}).outcome ==
        SendOutcome::accepted);  // nothing asked of the answer
}

Webhook post(std::string body, Headers headers = {}) {
  headers.emplace_back("content-type", "application/json");
  return {"POST", "https://gw.example.org/hook/g/9f2c?k=s1", std::move(headers), std::move(body)};
}

TEST_CASE("generic: every way to prove a webhook") {
  Described d = simple();
  d.scalars.insert({{"hook_secret", "s1"}, {"hook_secret_next", "s2"}, {"hook_user", "u"}});
  const auto with = [&](const char* how, const char* name = "") {
    d.scalars["hook_auth"] = how;
    d.scalars["hook_name"] = name;
    return test::made("generic", d.block());
  };
  CHECK(with("path")->authenticate(post(""), noon));
  const auto basic = with("basic");
  CHECK(basic->authenticate(post("", {{"authorization", kit::basic_auth("u", "s2")}}), noon));
  test::check_refused(*basic, post(""), "unsigned");
  const auto bearer = with("bearer");
  CHECK(bearer->authenticate(post("", {{"authorization", "Bearer s1"}}), noon));
  test::check_refused(*bearer, post("", {{"authorization", "Bearer s3"}}), "bad_signature");
  const auto header = with("header", "X-Key");
  CHECK(header->authenticate(post("", {{"x-key", "s1"}}), noon));
  test::check_refused(*header, post("", {{"x-key", "s"}}), "bad_signature");
  CHECK(with("query", "k")->authenticate(post(""), noon));
  test::check_refused(*with("query", "other"), post(""), "bad_signature");

  d.scalars["hook_timestamp"] = "X-Time";
  d.scalars["hook_over"] = "{{timestamp}}.{{body}}";
  d.scalars["hook_prefix"] = "sha256=";
  const auto hmac = with("hmac", "X-Sig");
  const auto sig = [](const std::string& key, const std::string& text) {
    return "sha256=" + kit::to_hex(kit::hmac(kit::Digest::sha256, key, text));
  };
  const Webhook good =
      post("{}", {{"x-time", "1795290000"}, {"x-sig", sig("s2", "1795290000.{}")}});
  CHECK(hmac->authenticate(good, noon));
  CHECK(hmac->capabilities().body_is_signed);
  test::check_refused(*hmac, good, "stale", noon + std::chrono::seconds{301});
  test::check_refused(*hmac, test::without(good, "x-time"), "unsigned");
  test::check_refused(*hmac, test::without(good, "x-sig"), "unsigned");
  Webhook other = good;
  other.body = "{ }";
  test::check_refused(*hmac, other, "bad_signature");
  for (std::size_t bit = 0; bit < good.headers[1].second.size() * 8; ++bit) {
    Webhook h = good;
    h.headers[1].second[bit / 8] = static_cast<char>(h.headers[1].second[bit / 8] ^ (1 << bit % 8));
    CHECK(!hmac->authenticate(h, noon));
  }
  d.scalars.erase("hook_secret");
  d.scalars.erase("hook_secret_next");
  d.scalars.erase("path_secret");
  for (const char* how : {"path", "basic", "bearer", "header", "query", "hmac"})
    test::check_refused(*with(how, "k"), good, "not_configured");
}

TEST_CASE("generic: events") {
  Described d = simple();
  d.scalars.insert({{"batch", "/results"},
                    {"mo_id", "/id"},
                    {"mo_from", "/from"},
                    {"mo_to", "/to"},
                    {"mo_text", "/text"},
                    {"mo_at", "/at"},
                    {"dlr_id", "/id"},
                    {"dlr_reference", "/ref"},
                    {"dlr_to", "/to"},
                    {"dlr_status", "/status"},
                    {"dlr_error", "/error"},
                    {"opt_out_from", "/from"},
                    {"opt_out_to", "text:Us"}});
  d.lists = {{"mo_when", {"/type = in"}},
             {"dlr_when", {"/type = report"}},
             {"opt_out_when", {"/type = stop"}}};
  d.tables["dlr_statuses"] = {{"A", "queued"},           {"B", "sent"},
                              {"C", "delivered"},        {"D", "failed"},
                              {"E", "failed permanent"}, {"F", "failed transient"},
                              {"G", "opted out"}};
  d.tables["dlr_errors"] = {{"1", "transient"}, {"2", "permanent"}, {"3", "opted out"}};
  const auto provider = test::made("generic", d.block());
  const auto events = provider->read_events(
      post(R"({"results":[{"type":"in","id":1,"from":"+1","to":"2","text":"4","at":1795290000},)"
           R"({"type":"stop","from":"+1"},{"type":"other"},null,7]})"));
  REQUIRE(events.has_value());
  REQUIRE(events->size() == 5);
  const Event& mo = events->at(0);
  CHECK(mo.type == EventType::mo);
  CHECK(mo.event_id == "1");
  CHECK(mo.text == "4");
  CHECK(mo.at == noon);
  CHECK(events->at(1).type == EventType::opt_out);
  CHECK(events->at(1).to == "Us");
  CHECK(!events->at(1).event_id.empty());
  for (int i = 2; i < 5; ++i) CHECK(events->at(i).type == EventType::ignored);
  for (const auto& c : std::vector<test::ReportCase>{{"A", "", DeliveryStatus::queued},
                                                     {"B", "", DeliveryStatus::sent},
                                                     {"C", "", DeliveryStatus::delivered},
                                                     {"C", "2", DeliveryStatus::delivered},
                                                     {"D", "", DeliveryStatus::failed},
                                                     {"D", "1", DeliveryStatus::failed, false},
                                                     {"D", "2", DeliveryStatus::failed, true},
                                                     {"D", "3", DeliveryStatus::failed, true, true},
                                                     {"E", "", DeliveryStatus::failed, true},
                                                     {"F", "", DeliveryStatus::failed, false},
                                                     {"G", "", DeliveryStatus::failed, true, true},
                                                     {"Z", "", DeliveryStatus::unknown}})
    test::check_report(
        test::only_event(*provider, post(R"({"results":[{"type":"report","id":"i","ref":"r",)"
                                         R"("status":")" +
                                         c.word + R"(","error":")" + c.code + "\"}]}")),
        c);
  test::check_malformed(*provider, post(""));
  std::string many = R"({"results":[)";
  for (int i = 0; i < 600; ++i) many += "{},";
  CHECK(!provider->read_events(post(many + "{}]}")));
}

TEST_CASE("generic: a wrong description is told when it is loaded") {
  struct Row {
    const char* field;
    const char* value;
    const char* says;
  };
  for (const Row& row :
       std::vector<Row>{{"url", "/send", "url: must be a whole address"},
                        {"url", "https://{{secret}}/", "url: must be a whole address"},
                        {"url", "ftp://x/", "url: must be a whole address"},
                        {"url", "https://x/{{numbr}}", "url: {{numbr}} is not a value"},
                        {"url", "https://x/{{to", "url: a {{ has no }}"},
                        {"id", "m.id", "id: must begin with"},
                        {"mo_text", "regex:(", "mo_text: holds a regular expression"},
                        {"auth", "header", "auth_name: auth: header needs"},
                        {"hook_auth", "hmac", "hook_name: hook_auth: hmac needs"},
                        {"hook_timestamp", "X-Time", "hook_over: must hold {{timestamp}}"}}) {
    CAPTURE(row.says);
    Described d = simple();
    d.scalars[row.field] = row.value;
    const auto made = find_provider_type("generic")->make(d.block());
    REQUIRE(!made.has_value());
    CHECK(made.error().code == "bad_setting");
    CHECK(made.error().message.starts_with(row.says));
  }
  Described d = simple();
  d.scalars["content_type"] = "json";
  d.scalars["body"] = R"({"a":"{{var.x}}"})";
  CHECK(
      find_provider_type("generic")->make(d.block()).error().message.starts_with("body: {{var.x"));
  d.scalars["body"] = "{";
  CHECK(find_provider_type("generic")->make(d.block()).error().message.starts_with(
      "body: is not JSON"));
  d = simple();
  d.tables["dlr_statuses"] = {{"1", "arrived"}};
  CHECK(
      find_provider_type("generic")->make(d.block()).error().message.starts_with("dlr_statuses:"));
  d = simple();
  d.scalars["hook_auth"] = "hmac";
  d.scalars["hook_name"] = "X-Sig";
  d.scalars["hook_over"] = "{{url}}";
  CHECK(find_provider_type("generic")->make(d.block()).error().message.starts_with(
      "hook_over: must hold {{body}}"));
  test::check_fields("generic");
}

// ---- Presets ----

TEST_CASE("presets: what they ask for, and no more") {
  for (const std::string_view name : {"clicksend", "clickatell"}) {
    CAPTURE(name);
    const ProviderType* type = find_provider_type(name);
    REQUIRE(type != nullptr);
    for (const auto& field : type->fields) {
      if (field.name == "path_secret" || field.name == "secret") CHECK(field.required);
      if (field.name == "url") CHECK(!field.required);
    }
  }
}

TEST_CASE("clicksend: answers and reports") {
  const auto provider = test::made(
      "clicksend", test::Scalars{{"user", "u"}, {"secret", "k"}, {"path_secret", "9f2c"}});
  test::check_common_answers(*provider);
  const auto says = [](const char* status) {
    return std::string(
               R"({"response_code":"SUCCESS","data":{"messages":[{"message_id":"m","status":")") +
           status + "\"}]}}";
  };
  test::check_answers(*provider, {{"accepted", 200, says("SUCCESS"), SendOutcome::accepted},
                                  {"credit",
                                   200,
                                   says("INSUFFICIENT_CREDIT"),
                                   SendOutcome::rejected,
                                   "INSUFFICIENT_CREDIT",
                                   {},
                                   true},
                                  {"number",
                                   200,
                                   says("INVALID_RECIPIENT"),
                                   SendOutcome::rejected,
                                   "INVALID_RECIPIENT",
                                   {},
                                   false,
                                   false,
                                   true}});
  const auto call =
      provider->send_call({.reference = "r", .to = "+61411111111", .text = "x"}, noon);
  CHECK(call->body.find("\"from\"") == std::string::npos);  // no sender: left to the account
  Webhook hook{"POST",
               "https://gw.example.org/hook/clicksend/9f2c",
               {{"content-type", "application/x-www-form-urlencoded"}},
               ""};
  for (const auto& c : std::vector<test::ReportCase>{{"200", "", DeliveryStatus::sent},
                                                     {"201", "", DeliveryStatus::delivered},
                                                     {"300", "1", DeliveryStatus::failed, false},
                                                     {"301", "2", DeliveryStatus::failed, true},
                                                     {"999", "", DeliveryStatus::unknown}}) {
    hook.body = "message_id=m&custom_string=r&status_code=" + c.word + "&error_code=" + c.code;
    test::check_report(test::only_event(*provider, hook), c);
  }
  hook.body = "from=%2B61411111111&to=%2B61422222222&body=&message_id=m";
  const Event empty = test::only_event(*provider, hook);
  CHECK(empty.type == EventType::mo);  // a text without words is still a text
  test::check_malformed(*provider, hook);
}

TEST_CASE("clickatell: the key in the URL, numeric reports, escaped charsets") {
  const auto provider =
      test::made("clickatell", test::Scalars{{"secret", "k=1"}, {"path_secret", "9f2c"}});
  const auto call = provider->send_call({.reference = "r", .to = "+15550101", .text = "a b"}, noon);
  CHECK(call->method == "GET");
  CHECK(call->url ==
        "https://platform.clickatell.com/messages/http/send?apiKey=k%3D1&to=15550101"
        "&from=&content=a%20b&clientMessageId=r");
  test::check_common_answers(*provider);
  test::check_answers(*provider,
                      {{"accepted", 202, R"({"messages":[{"apiMessageId":"m1","accepted":true}]})",
                        SendOutcome::accepted},
                       {"refused", 200, R"({"messages":[{"errorCode":105,"accepted":false}]})",
                        SendOutcome::rejected, "105"}});
  const Webhook hook{
      "POST", "https://gw.example.org/hook/c/9f2c", {{"content-type", "application/json"}}, ""};
  const auto with = [&hook](const std::string& body) {
    Webhook h = hook;
    h.body = body;
    return h;
  };
  struct Row {
    int code;
    DeliveryStatus status;
    std::optional<bool> permanent = std::nullopt;
  };
  for (const Row& row : std::vector<Row>{{1, DeliveryStatus::failed, true},
                                         {2, DeliveryStatus::queued},
                                         {3, DeliveryStatus::sent},
                                         {4, DeliveryStatus::delivered},
                                         {5, DeliveryStatus::failed, true},
                                         {7, DeliveryStatus::failed, false},
                                         {8, DeliveryStatus::queued},
                                         {9, DeliveryStatus::failed, true},
                                         {11, DeliveryStatus::queued},
                                         {12, DeliveryStatus::failed, false},
                                         {14, DeliveryStatus::failed, true},
                                         {99, DeliveryStatus::unknown}})
    test::check_report(test::only_event(*provider, with(R"({"messageId":"m","statusCode":)" +
                                                        std::to_string(row.code) + "}")),
                       {std::to_string(row.code), "", row.status, row.permanent});
  const auto text = [&](const char* words, const char* charset) {
    return test::only_event(
               *provider, with(std::string(R"({"messageId":"m","fromNumber":"15550101","text":")") +
                               words + R"(","charset":")" + charset + "\"}"))
        .text;
  };
  CHECK(text("100% sure", "UTF-8") == "100% sure");
  CHECK(text("%00o%00k%D8%3D%DE%0A", "UTF-16BE") == "ok\xF0\x9F\x98\x8A");
  CHECK(text("caf%E9+ok", "ISO-8859-1") == "caf\xC3\xA9 ok");
  CHECK(text("100%", "UTF-16BE") == "100%");  // not escaped after all: as it came
  test::check_malformed(*provider, hook);
}

}  // namespace
}  // namespace moodline::providers
