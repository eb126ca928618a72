#include "adapter_support.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"

namespace moodline::providers {
namespace {

using test::noon;

test::Scalars settings() {
  return {{"username", "u"},
          {"password", "p&w"},
          {"from", "15550100"},
          {"smsc", "A"},
          {"webhook_url", "https://gw.example.org/hook/kannel/"},
          {"path_secret", "9f2c"}};
}

constexpr const char* base = "https://gw.example.org/hook/kannel/9f2c";

std::string query(const HttpCall& call, std::string_view name) {
  return kit::text_of(kit::query_of(call.url).value_or(kit::Fields{}), name);
}

TEST_CASE("kannel: what it sends") {
  const auto provider = test::made("kannel", settings());
  const auto call = provider->send_call(
      {.reference = "r-1", .to = "+15550101", .text = "1+1 & 2", .validity_s = 61}, noon);
  REQUIRE(call.has_value());
  CHECK(call->method == "GET");
  CHECK(call->body.empty());
  CHECK(call->url.starts_with("http://127.0.0.1:13013/cgi-bin/sendsms?username=u&password=p%26w"));
  CHECK(call->url.find("to=%2B15550101") != std::string::npos);
  CHECK(query(*call, "text") == "1+1 & 2");
  CHECK(query(*call, "smsc") == "A");
  CHECK(query(*call, "validity") == "2");
  CHECK(query(*call, "dlr-mask") == "31");
  CHECK(query(*call, "dlr-url") == std::string(base) +
                                       "?uuid=r-1&status=%d&smsc=%i&fid=%F&answer=%A&ts=%T"
                                       "&from=%p&to=%P");
  CHECK(query(*call, "coding").empty());
  CHECK(query(*call, "charset").empty());

  const auto emoji = provider->send_call(
      {.to = "+15550101", .text = "ok \xF0\x9F\x98\x8A", .unicode = true}, noon);
  CHECK(query(*emoji, "coding") == "2");
  CHECK(query(*emoji, "charset") == "UTF-8");
  CHECK(query(*emoji, "dlr-url").empty());  // no reference, no receipt
  const auto accents = provider->send_call({.to = "+15550101", .text = "caf\xC3\xA9"}, noon);
  CHECK(query(*accents, "coding").empty());
  CHECK(query(*accents, "charset") == "UTF-8");
  CHECK(!provider->send_call({.to = "", .text = "x"}, noon));
  CHECK(!provider->send_call({.to = "+15550101", .text = ""}, noon));

  auto odd = settings();
  odd["path_secret"] = "a b";  // its escape must not be taken for one of Kannel's own
  const auto doubled = test::made("kannel", odd)
                           ->send_call({.reference = "r", .to = "+15550101", .text = "x"}, noon);
  CHECK(query(*doubled, "dlr-url").find("/a%%20b?uuid=r") != std::string::npos);
  test::check_fields("kannel");
}

TEST_CASE("kannel: what it makes of answers") {
  const auto provider = test::made("kannel", settings());
  struct Row {
    int status;
    const char* body;
    SendOutcome outcome;
    bool halt = false;
  };
  for (const Row& row : std::vector<Row>{
           {202, "0: Accepted for delivery", SendOutcome::accepted},
           {202, "3: Queued for later delivery", SendOutcome::accepted},
           {200, "<html>", SendOutcome::unknown},
           {202, "", SendOutcome::unknown},
           {400, "Missing receiver number, rejected", SendOutcome::rejected},
           {400, "Sender missing and no global set, rejected", SendOutcome::rejected, true},
           {403, "Authorization failed for sendsms", SendOutcome::rejected, true},
           {403, "Not routable. Do not try again.", SendOutcome::retry_later},
           {403, "Number(s) has/have been denied by white- and/or black-lists.",
            SendOutcome::rejected},
           {503, "Temporal failure, try again later.", SendOutcome::retry_later},
           {404, "", SendOutcome::rejected}}) {
    CAPTURE(row.body);
    const auto r = provider->read_reply({row.status, {}, row.body});
    CHECK(static_cast<int>(r.outcome) == static_cast<int>(row.outcome));
    CHECK(r.halt_route == row.halt);
    CHECK(r.provider_message_ids.empty());  // receipts carry our reference instead
  }
}

TEST_CASE("kannel: receipts are a bit mask") {
  const auto provider = test::made("kannel", settings());
  struct Row {
    const char* mask;
    const char* answer;
    DeliveryStatus status;
    std::optional<bool> permanent = std::nullopt;
    const char* error = "";
  };
  for (const Row& row : std::vector<Row>{
           {"8", "ACK/", DeliveryStatus::sent},
           {"4", "id:1 stat:ACCEPTD err:000", DeliveryStatus::sent},
           {"1", "id:1 stat:DELIVRD err:000", DeliveryStatus::delivered},
           {"9", "", DeliveryStatus::delivered},
           {"2", "id:1 stat:UNDELIV err:001", DeliveryStatus::failed, std::nullopt, "UNDELIV"},
           {"2", "id:1 stat:REJECTD err:004", DeliveryStatus::failed, true, "REJECTD"},
           {"2", "id:1 stat:DELETED", DeliveryStatus::failed, true, "DELETED"},
           {"34", "id:1 stat:EXPIRED err:000", DeliveryStatus::failed, false, "EXPIRED"},
           {"34", "", DeliveryStatus::failed, false, ""},
           {"16", "NACK/0x0000000b/Invalid Destination Address", DeliveryStatus::failed, true,
            "0xb"},
           {"16", "NACK/0x0000000A/Invalid Source", DeliveryStatus::failed, true, "0xa"},
           {"16", "NACK/0x00000045/Submit failed", DeliveryStatus::failed, false, "0x45"},
           {"16", "NACK/0x00000058/Throttled", DeliveryStatus::failed, false, "0x58"},
           {"16", "NACK/0x000000ff/Unknown", DeliveryStatus::failed, std::nullopt, "0xff"},
           {"16", "NACK/", DeliveryStatus::failed, std::nullopt, ""},
           {"0", "", DeliveryStatus::unknown},
           {"64", "", DeliveryStatus::unknown},
           {"-1x", "", DeliveryStatus::unknown},
           {"", "", DeliveryStatus::unknown}}) {
    CAPTURE(row.answer);
    const Event e = test::only_event(
        *provider, {"GET",
                    std::string(base) + "?uuid=r-1&fid=f1&ts=1795290000&from=%2B15550101&to=1555&" +
                        kit::write_form({{"status", row.mask}, {"answer", row.answer}}),
                    {},
                    ""});
    test::check_report(e, {row.mask, row.error, row.status, row.permanent});
    CHECK(e.reference == "r-1");
    CHECK(e.to == "+15550101");  // %p of a receipt is the phone
    CHECK(e.at == noon);
  }
}

TEST_CASE("kannel: received texts, in every way Kannel writes them") {
  using namespace std::string_literals;
  const auto provider = test::made("kannel", settings());
  const auto get = [&](const kit::Fields& fields) {
    return test::only_event(*provider,
                            {"GET", std::string(base) + "?" + kit::write_form(fields), {}, ""});
  };
  struct Row {
    const char* what;
    kit::Fields fields;
    std::string text;
    int part = 0;
  };
  const std::string ucs2 =
      "\x00"s
      "o\x00k\xd8\x3d\xde\x0a";
  for (const Row& row : std::vector<Row>{
           {"as captured",
            {{"text", "4 ok"}, {"bin", "34206F6B20"}, {"coding", "0"}, {"charset", "UTF-8"}},
            "4 ok "},
           {"%b alone", {{"text", " 4  ok "}, {"charset", "UTF-8"}}, " 4  ok "},
           {"plus and percent", {{"text", "+1 100%"}}, "+1 100%"},
           {"recoded UCS-2",
            {{"text", "ok\xF0\x9F\x98\x8A"}, {"coding", "2"}, {"charset", "UTF-8"}},
            "ok\xF0\x9F\x98\x8A"},
           {"raw UCS-2",
            {{"text", ucs2}, {"coding", "2"}, {"charset", "UTF-16BE"}},
            "ok\xF0\x9F\x98\x8A"},
           {"raw UCS-2, no charset", {{"text", ucs2}, {"coding", "2"}}, "ok\xF0\x9F\x98\x8A"},
           {"raw UCS-2, wrong charset",
            {{"text", ucs2}, {"coding", "2"}, {"charset", "UTF-8"}},
            "ok\xF0\x9F\x98\x8A"},
           {"UCS-2 in hex", {{"text", "?"}, {"bin", "006F006B"}, {"coding", "2"}}, "ok"},
           {"eight bits", {{"text", "\xe9"}, {"coding", "1"}, {"charset", "8-BIT"}}, "\xC3\xA9"},
           {"Latin 1", {{"text", "\xe9"}, {"charset", "ISO-8859-1"}}, "\xC3\xA9"},
           {"a part", {{"text", "one, "}, {"udh", "\x05\x00\x03\xA7\x02\x01"s}}, "one, ", 1},
           {"a blank in the header", {{"text", "x"}, {"udh", "\x05\x00\x03\x20\x02\x02"s}}, "x", 2},
           {"a broken header", {{"text", "x"}, {"udh", "\x05\x00\x03\xA7"s}}, "x"},
           {"no words", {}, ""}}) {
    CAPTURE(row.what);
    kit::Fields fields = row.fields;
    fields.insert(fields.end(),
                  {{"id", "i1"}, {"from", "+15550101"}, {"to", "1555"}, {"ts", "1795290000"}});
    const Event e = get(fields);
    CHECK(e.type == EventType::mo);
    CHECK(e.text == row.text);
    CHECK(e.concat_part == row.part);
    CHECK(e.event_id == "i1");
    CHECK(e.at == noon);
  }
  const Event named =
      get({{"sender", "+15550101"}, {"receiver", "1555"}, {"text", "7"}, {"id", "x"}});
  CHECK(named.from == "+15550101");
  CHECK(named.to == "1555");
  CHECK(get({{"text", "from nobody"}}).type == EventType::ignored);
}

TEST_CASE("kannel: post-url") {
  const auto provider = test::made("kannel", settings());
  const auto post = [&](const char* type, const char* coding, const char* udh, std::string body) {
    return test::only_event(*provider, {"POST",
                                        base,
                                        {{"content-type", type},
                                         {"x-kannel-from", "15550101"},
                                         {"x-kannel-to", "1555"},
                                         {"x-kannel-time", "2026-11-21 19:40:00"},
                                         {"x-kannel-coding", coding},
                                         {"x-kannel-udh", udh}},
                                        std::move(body)});
  };
  const Event plain = post("text/plain; charset=\"UTF-8\"", "0", "", "3 & tired + \xC3\xA9");
  CHECK(plain.text == "3 & tired + \xC3\xA9");
  CHECK(plain.from == "15550101");
  CHECK(plain.at == noon);
  CHECK(plain.event_id.size() == 64);
  CHECK(plain.event_id == post("text/plain", "0", "", "3 & tired + \xC3\xA9").event_id);
  CHECK(plain.event_id != post("text/plain", "0", "", "4").event_id);
  CHECK(post("text/plain; charset=UTF-16BE", "2", "", std::string("\0o\0k", 4)).text == "ok");
  CHECK(post("text/plain", "0", "050003A70201", "x").concat_ref == 0xA7);
  CHECK(post("text/plain", "0", "zz", "x").concat_total == 0);
}

TEST_CASE("kannel: bad input") {
  const auto provider = test::made("kannel", settings());
  test::check_refused(*provider, {"GET", "https://gw.example.org/hook/kannel/mo", {}, ""},
                      "bad_signature");
  CHECK(!provider->read_events({"GET", std::string(base) + "?text=%zz", {}, ""}));
  test::check_malformed(*provider, {"POST", base, {}, ""});
  CHECK(provider->answer().body.empty());  // anything else would be texted back
}

}  // namespace
}  // namespace moodline::providers
