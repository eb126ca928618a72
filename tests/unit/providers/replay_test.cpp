#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "providers/kit/bytes.hpp"
#include "providers/kit/sigv4.hpp"
#include "providers/replay.hpp"

namespace moodline::providers {
namespace {

struct Run {
  ReplayTally tally;
  std::string text;
};

Run run(std::string_view json) {
  Run r;
  r.tally = replay_file("f.json", json,
                        [&r](std::string_view line) { r.text += std::string(line) + '\n'; });
  return r;
}

TEST_CASE("replay: every capture is judged as it expects") {
  ReplayTally all;
  for (const auto& entry :
       std::filesystem::directory_iterator(MOODLINE_SOURCE_DIR "/tests/vectors")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const Run r = run(text);
    CHECK_MESSAGE(r.tally.failed == 0, entry.path().string(), "\n", r.text);
    all.passed += r.tally.passed;
  }
  CHECK(all.passed >= 229);
}

// A capture that the table below changes in one place.
constexpr const char* base =
    R"({"id":"v","provider":"simulated","kind":"mo","method":"POST","url":"http://127.0.0.1/h",)"
    R"("headers":{"Authorization":"Bearer s"},"secret":"s",)"
    R"("body":"{\"type\":\"mo\",\"id\":\"m\",\"from\":\"+1\",\"text\":\"4\"}",)"
    R"("expect":{"accept":true,"event":{"type":"mo","from":"+1","text":"4"}}})";

std::string changed(std::string_view from, std::string_view to) {
  std::string s = base;
  const auto at = s.find(from);
  REQUIRE(at != std::string::npos);
  return s.replace(at, from.size(), to);
}

TEST_CASE("replay: what differs is said, field by field") {
  CHECK(run(base).tally.passed == 1);
  CHECK(run(std::string("[") + base + "," + base + "]").tally.passed == 2);
  struct Row {
    const char* from;
    const char* to;
    const char* says;
  };
  for (
      const Row& row : std::vector<Row>{
          {R"("text":"4"}})", R"("text":"5"}})", "text: expected \"5\", got \"4\""},
          {R"("from":"+1","text":"4"}})", R"("from":"+2","to":"x"}})",
           "to: expected \"x\", got \"\""},
          {R"("type":"mo","from")", R"("type":"dlr","from")", "type: expected \"dlr\", got \"mo\""},
          {R"("accept":true)", R"("accept":false)", "accepted, but should be refused"},
          {R"("secret":"s")", R"("secret":"t")", "refused, but should be accepted"},
          {R"("event":{"type":"mo","from":"+1","text":"4"})", R"("events":[])",
           "events: expected \"0\", got \"1\""},
          {R"("event":{"type":"mo","from":"+1","text":"4"})", R"("action":"confirm-subscription")",
           "type: expected \"confirm-subscription\""},
          {R"("text":"4"}})",
           R"("text":"4","permanent":null,"opt_out":false,"concat":{"ref":1,"total":2,"part":1}}})",
           "concat: expected \"1 1/2\", got \"0 0/0\""},
          {R"("text":"4"}})", R"("text":"4","permanent":true}})",
           "permanent: expected \"true\", got \"null\""},
          {R"("provider":"simulated")", R"("provider":"carrier-pigeon")",
           "provider \"carrier-pigeon\" is unknown"},
          {R"("body":)", R"("body_b64":"?","was":)", "body_b64 is not base64"},
          {R"(\"text\":\"4\"}")", R"(")", "refused (bad_json)"}}) {
    CAPTURE(row.says);
    const Run r = run(changed(row.from, row.to));
    CHECK(r.tally.failed == 1);
    CHECK_MESSAGE(r.text.find(row.says) != std::string::npos, r.text);
  }
}

TEST_CASE("replay: a GET says everything in its URL; another action is nobody's event") {
  const std::string get =
      R"({"id":"g","provider":"kannel","kind":"mo","method":"GET","body":null,"headers":{},)"
      R"("url":"https://gw.example.org/k/s3cret?id=1&from=%2B15550100&to=12345&text=4",)"
      R"("expect":{"accept":true,"event":{"type":"mo","from":"+15550100","text":"4"}}})";
  CHECK(run(get).tally.passed == 1);
  const Run other =
      run(changed(R"("event":{"type":"mo","from":"+1","text":"4"})", R"("action":"tell-admin")"));
  CHECK(other.tally.passed == 1);
}

TEST_CASE("replay: files that are no captures") {
  for (const char* bad : {"", "{", "7", "null", "\"x\"", "[1]", "[[]]", "[null]"}) {
    CAPTURE(bad);
    CHECK(run(bad).tally.failed == 1);
  }
  CHECK(run("[]").tally.failed == 0);
  CHECK(run(std::string(replay_file_bytes_max + 1, ' ')).tally.failed == 1);
  // Odd types where text should stand must not crash anything.
  for (const char* key : {"provider", "kind", "method", "url", "headers", "body", "secret", "now",
                          "expect", "response", "settings"})
    for (const char* value : {"null", "[]", "{}", "7", "\"\"", "[{}]"})
      for (const auto& type : provider_types())
        for (const char* kind : {"mo", "outbound-request"})
          (void)run(std::string(R"({"id":"x","provider":")") + std::string(type.name) +
                    R"(","kind":")" + kind + R"(","expect":{},")" + key + "\":" + value + "}");
  for (const auto& type : spool_types())
    for (const char* kind : {"mo", "outbound-request"})
      (void)run(std::string(R"({"provider":")") + std::string(type.name) + R"(","kind":")" + kind +
                "\"}");
}

TEST_CASE("replay: without expectations it shows and does not count; SMPP it leaves to Kannel") {
  const Run shown =
      run(changed(R"(,"expect":{"accept":true,"event":{"type":"mo","from":"+1","text":"4"}})", ""));
  CHECK(shown.tally.passed + shown.tally.failed == 0);
  CHECK(shown.text.find("accepted; mo id=m from=+1 text=\"4\"") != std::string::npos);
  const Run smpp = run(R"([{"provider":"smpp","kind":"smpp-pdu","hex":"00"}])");
  CHECK(smpp.tally.failed == 0);
  CHECK(smpp.text.find("SMPP goes through Kannel") != std::string::npos);
  CHECK(to_text(ReplayTally{3, 1}) == "3 passed, 1 failed");
}

TEST_CASE("replay: a plain generic capture carries its settings") {
  const Run r =
      run(R"({"id":"g","provider":"generic","kind":"outbound-request","method":"POST",)"
          R"("url":"https://x.example/s","headers":{"Content-Type":"application/json"},)"
          R"("settings":{"url":"https://x.example/s","content_type":"json",)"
          R"("body":"{\"a\":[\"{{to}}\"],\"b\":\"{{text}}\"}","id":"/id"},)"
          R"("body":"{\"b\":\"Hi\",\"a\":[\"+1\"]}","response":{"status":200,"body":{"id":7}},)"
          R"("expect":{"accepted":true,"provider_message_id":"7"}})");
  CHECK_MESSAGE(r.tally.passed == 1, r.text);
}

// AWS's published example "get-vanilla-query-order-key-case" of its signature test suite.
TEST_CASE("AWS signature version 4, by the published suite") {
  const HttpCall call{.method = "GET",
                      .url = "https://example.amazonaws.com/?Param2=value2&Param1=value1",
                      .sign = Signing::aws_sigv4,
                      .aws_region = "us-east-1",
                      .aws_service = "service",
                      .aws_key_id = "AKIDEXAMPLE",
                      .aws_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
  CHECK(kit::sigv4_authorization(
            call, {{"host", "example.amazonaws.com"}, {"x-amz-date", "20150830T123600Z"}}) ==
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

}  // namespace
}  // namespace moodline::providers
