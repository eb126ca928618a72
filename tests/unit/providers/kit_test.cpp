#include <doctest/doctest.h>

#include "providers/kit/bytes.hpp"
#include "providers/kit/charset.hpp"
#include "providers/kit/form.hpp"
#include "providers/kit/http.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/jwt.hpp"

using namespace std::string_literals;

namespace moodline::providers::kit {
namespace {

constexpr Instant noon{1'795'290'000'000};

TEST_CASE("base64 decodes one text to one value only") {
  struct Row {
    std::string_view text;
    std::optional<std::string> bytes;
  };
  for (const Row& row : std::vector<Row>{{"", ""},
                                         {"YQ==", "a"},
                                         {"YWI=", "ab"},
                                         {"YWJj", "abc"},
                                         {"YR==", std::nullopt},   // unused bits set
                                         {"YWJ=", std::nullopt},   // the same
                                         {"YQ=", std::nullopt},    // padding short
                                         {"YQ", std::nullopt},     // padding missing
                                         {"YQ===", std::nullopt},  // too much
                                         {"Y===", std::nullopt},
                                         {"Y Q=", std::nullopt},
                                         {"YQ==\n", std::nullopt},
                                         {"-_-_", std::nullopt}}) {  // the URL alphabet
    CAPTURE(row.text);
    CHECK(from_base64(row.text) == row.bytes);
  }
  CHECK(from_base64url("-_-_") == "\xfb\xff\xbf");
  CHECK(from_base64url("YQ") == "a");
  CHECK(from_base64url("YR") == std::nullopt);
  CHECK(from_base64url("YQ==") == std::nullopt);
  CHECK(to_base64("ab") == "YWI=");
  CHECK(to_base64url("\xfb\xff") == "-_8");
  CHECK(from_hex("4a4B") == "JK");
  CHECK(from_hex("4a4") == std::nullopt);
  CHECK(from_hex("4g") == std::nullopt);
}

TEST_CASE("digests and MACs agree with RFC 4231 and FIPS 180") {
  CHECK(to_hex(digest(Digest::sha256, "abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(digest(Digest::md5, "abc")) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(to_hex(digest(Digest::sha1, "abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(to_hex(hmac(Digest::sha256, "Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac(Digest::sha512, std::string(20, '\x0b'), "Hi There")).substr(0, 16) ==
        "87aa7cdea5ef619d");
  CHECK(hmac(Digest::sha384, "k", "").size() == 48);
}

TEST_CASE("secrets: two at once, and none never match") {
  const auto is = [](std::string_view word) {
    return [word](const std::string& s) { return s == word; };
  };
  const auto both = Secrets::of(config::Block::of({{"key", "old"}, {"key_next", "new"}}), "key");
  CHECK(both.any(is("old")));
  CHECK(both.any(is("new")));
  CHECK(!both.any(is("other")));
  CHECK(both.current() == "old");
  const auto none = Secrets::of(config::Block::of({{"key", ""}}), "key");
  CHECK(none.empty());
  CHECK(!none.any([](const std::string&) { return true; }));
}

TEST_CASE("forms and URLs on raw bytes") {
  const auto form = read_form("a=1&b=%2B+x&a=2&&empty=&bare&%C3%A9=%F0%9F%98%8A&k=v=w");
  REQUIRE(form.has_value());
  CHECK(form->size() == 7);
  CHECK(text_of(*form, "a") == "1");
  CHECK(text_of(*form, "b") == "+ x");
  CHECK(find(*form, "empty") != nullptr);
  CHECK(find(*form, "bare") != nullptr);
  CHECK(find(*form, "none") == nullptr);
  CHECK(text_of(*form, "\xC3\xA9") == "\xF0\x9F\x98\x8A");
  CHECK(text_of(*form, "k") == "v=w");
  for (const char* bad : {"a=%", "a=%2", "a=%zz", "%=1", "a=%2"}) CHECK(!read_form(bad));
  std::string many;
  for (std::size_t i = 0; i <= form_fields_max; ++i) many += "a=1&";
  CHECK(!read_form(many));
  CHECK(write_form({{"a b", "1&2=3"}, {"c", "*-._~'"}}) == "a+b=1%262%3D3&c=*-._%7E%27");
  CHECK(percent_encode("a b~+%") == "a%20b~%2B%25");
  CHECK(form_decode("%41+%2b") == "A +");

  struct Row {
    const char* url;
    const char* host;
    const char* port;
    const char* path;
    const char* query;
  };
  for (const Row& row : std::vector<Row>{
           {"https://a.example", "a.example", "", "", ""},
           {"http://u:p@a.example:8080/x/y?q=1?2#f", "a.example", "8080", "/x/y", "q=1?2"},
           {"https://[::1]:443/", "[::1]", "443", "/", ""},
           {"https://[::1]/", "[::1]", "", "/", ""},
           {"https://a?b=c/d:e@f", "a", "", "", "b=c/d:e@f"}}) {
    CAPTURE(row.url);
    const auto u = split_url(row.url);
    REQUIRE(u.has_value());
    CHECK(u->host == row.host);
    CHECK(u->port == row.port);
    CHECK(u->path == row.path);
    CHECK(u->query == row.query);
    const std::string whole(row.url);
    CHECK(u->str() == whole.substr(0, whole.find('#')));
  }
  for (const char* bad : {"", "/x", "://x", "https://", "https:///x", "https://a:b/", "x"})
    CHECK_MESSAGE(!split_url(bad), bad);
  CHECK(with_query("https://a/x?y", "n", "1 2") == "https://a/x?y&n=1+2");
}

TEST_CASE("JSON is bounded") {
  CHECK(read_json(std::string(json_depth_max - 1, '[') + std::string(json_depth_max - 1, ']')));
  CHECK(!read_json(std::string(json_depth_max + 1, '[') + std::string(json_depth_max + 1, ']')));
  CHECK(!read_json(std::string(json_bytes_max + 1, ' ')));
  CHECK(!read_json("{\"a\":\"\xff\"}"));
  CHECK(!read_json("{} {}"));
  const auto v = read_json(R"({"a":{"b":[1,"x",true,null,-2.5]},"n":"42","e~/":1})");
  REQUIRE(v.has_value());
  CHECK(text_at(*v, "/a/b/0") == "1");
  CHECK(text_at(*v, "/a/b/1") == "x");
  CHECK(text_at(*v, "/a/b/2") == "true");
  CHECK(text_at(*v, "/a/b/3").empty());
  CHECK(text_at(*v, "/a/b/9").empty());
  CHECK(text_at(*v, "/a").empty());
  CHECK(text_at(*v, "/e~0~1") == "1");
  CHECK(integer_at(*v, "/n") == 42);
  CHECK(integer_at(*v, "/a/b/1") == std::nullopt);
}

TEST_CASE("times as providers write them") {
  struct Row {
    const char* text;
    std::optional<std::int64_t> ms;
  };
  for (const Row& row : std::vector<Row>{{"1795290000", 1'795'290'000'000},
                                         {"1795290000123", 1'795'290'000'123},
                                         {"2026-11-21T19:40:00Z", 1'795'290'000'000},
                                         {"2026-11-21 19:40:00", 1'795'290'000'000},
                                         {"2026-11-21T20:40:00.000+01:00", 1'795'290'000'000},
                                         {"2026-11-21T19:40:00.000+0000", 1'795'290'000'000},
                                         {"", std::nullopt},
                                         {"soon", std::nullopt},
                                         {"-1", std::nullopt},
                                         {"99999999999999999999", std::nullopt},
                                         {"2026-13-21T19:40:00Z", std::nullopt}}) {
    CAPTURE(row.text);
    const auto t = read_time(row.text);
    CHECK(t.has_value() == row.ms.has_value());
    if (t && row.ms) CHECK(t->ms == *row.ms);
  }
}

TEST_CASE("the default reading of an answer") {
  struct Row {
    int status;
    SendOutcome outcome;
    bool halt;
  };
  for (const Row& row : std::vector<Row>{{200, SendOutcome::accepted, false},
                                         {202, SendOutcome::accepted, false},
                                         {302, SendOutcome::unknown, false},
                                         {400, SendOutcome::rejected, false},
                                         {401, SendOutcome::rejected, true},
                                         {402, SendOutcome::rejected, true},
                                         {403, SendOutcome::rejected, true},
                                         {404, SendOutcome::rejected, false},
                                         {429, SendOutcome::retry_later, false},
                                         {500, SendOutcome::retry_later, false},
                                         {503, SendOutcome::retry_later, false},
                                         {504, SendOutcome::unknown, false},
                                         {0, SendOutcome::unknown, false}}) {
    CAPTURE(row.status);
    const auto r = classify({row.status, {}, ""});
    CHECK(static_cast<int>(r.outcome) == static_cast<int>(row.outcome));
    CHECK(r.halt_route == row.halt);
  }
  const auto after = [](const char* value, const char* date) {
    return retry_after_s({429, {{"retry-after", value}, {"date", date}}, ""}).value_or(-1);
  };
  const char* const now = "Sat, 21 Nov 2026 19:40:00 GMT";
  CHECK(after("7", now) == 7);
  CHECK(after(" 7 ", now) == 7);
  CHECK(after("99999999999", now) == 86'400);
  CHECK(after("Sat, 21 Nov 2026 19:41:30 GMT", now) == 90);
  CHECK(after("Sat, 21 Nov 2026 19:39:00 GMT", now) == 0);
  CHECK(after("Sat, 21 Nov 2026 19:41:30 GMT", "") == -1);
  CHECK(after("-3", now) == -1);
  CHECK(after("soon", now) == -1);
}

TEST_CASE("timestamps: digits, and three hundred seconds either way") {
  const auto ok = [](std::string_view text) { return check_timestamp(text, noon).has_value(); };
  CHECK(ok("1795290000"));
  CHECK(ok("1795289700"));
  CHECK(ok("1795290300"));
  for (const char* bad : {"1795289699", "1795290301", "", "+1795290000", " 1795290000",
                          "1795290000.0", "1795290000000", "0x6b00", "99999999999999999999"})
    CHECK_MESSAGE(!ok(bad), bad);
}

TEST_CASE("simple proofs fail closed") {
  const Secrets secrets({"s3cret-path-word", "next"});
  const auto by_path = [&](const char* url, const Secrets& s) {
    return check_path({"POST", url, {}, ""}, s).has_value();
  };
  CHECK(by_path("https://gw.example/hook/x/s3cret-path-word", secrets));
  CHECK(by_path("https://gw.example/hook/next/mo?a=1", secrets));
  CHECK(!by_path("https://gw.example/hook/x?s3cret-path-word", secrets));
  CHECK(!by_path("https://gw.example/hook/xs3cret-path-word", secrets));
  CHECK(!by_path("https://gw.example/hook/s3cret-path-wor", secrets));
  CHECK(!by_path("https://gw.example/", secrets));
  CHECK(!by_path("https://gw.example//", Secrets{}));
  CHECK(!by_path("nonsense", secrets));

  const auto bearer = [&](Headers h, const Secrets& s) {
    return check_bearer({"POST", "https://x/", std::move(h), ""}, s).has_value();
  };
  CHECK(bearer({{"authorization", "Bearer next"}}, secrets));
  CHECK(!bearer({{"authorization", "bearer next"}}, secrets));
  CHECK(!bearer({{"authorization", "Bearer nex"}}, secrets));
  CHECK(!bearer({{"authorization", "Bearer next"}, {"authorization", "Bearer next"}}, secrets));
  CHECK(!bearer({}, secrets));
  CHECK(!bearer({{"authorization", "Bearer "}}, Secrets{}));
  CHECK(check_basic({"POST", "https://x/", {{"authorization", basic_auth("u", "next")}}, ""}, "u",
                    secrets));
  CHECK(!check_basic({"POST", "https://x/", {{"authorization", basic_auth("v", "next")}}, ""}, "u",
                     secrets));
}

TEST_CASE("headers") {
  const Headers h{{"content-type", "Text/Plain ; Charset=\"UTF-8\" ; x=y"}, {"a", "1"}, {"a", "2"}};
  CHECK(media_type(h) == "text/plain");
  CHECK(charset_of(h) == "utf-8");
  CHECK(header(h, "a") == "1");
  CHECK(sole_header(h, "a") == nullptr);
  CHECK(sole_header(h, "b") == nullptr);
  CHECK(charset_of({}).empty());
}

TEST_CASE("tokens: form, algorithm and MAC") {
  const boost::json::object claims{{"iss", "x"}, {"iat", 1'795'290'000}};
  const std::string token = sign_jwt_hs256(claims, "key");
  const auto verify = [](std::string_view t, const Secrets& s) {
    return verify_jwt(t, s, {"HS256"}).has_value();
  };
  CHECK(verify(token, Secrets({"key"})));
  CHECK(verify(token, Secrets({"old", "key"})));
  CHECK(!verify(token, Secrets({"kez"})));
  CHECK(!verify(token, Secrets{}));
  CHECK(!verify_jwt(token, Secrets({"key"}), {"HS384", "HS512"}));
  const std::string none = to_base64url(R"({"alg":"none"})") + "." + to_base64url("{}") + ".";
  for (const auto& bad :
       {none, std::string(), std::string("a.b"), token + ".x", token + "=", token.substr(1),
        std::string("..") + to_base64url(hmac(Digest::sha256, "key", ".")),
        std::string(jwt_bytes_max + 1, 'a')})
    CHECK_MESSAGE(!verify(bad, Secrets({"key"})), bad.substr(0, 60));
  // Every bit of it counts.
  for (std::size_t i = 0; i < token.size() * 8; ++i) {
    std::string flipped = token;
    flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << (i % 8)));
    CHECK_MESSAGE(!verify(flipped, Secrets({"key"})), i);
  }
}

TEST_CASE("tokens: times") {
  const auto ok = [](boost::json::object claims) {
    return check_times(claims, noon, std::chrono::seconds{5}).has_value();
  };
  constexpr std::int64_t now = 1'795'290'000;
  CHECK(ok({}));
  CHECK(ok({{"nbf", now}, {"exp", now + 60}}));
  CHECK(ok({{"nbf", now + 5}, {"exp", now - 4}}));
  CHECK(!ok({{"nbf", now + 6}}));
  CHECK(!ok({{"iat", now + 6}}));
  CHECK(!ok({{"exp", now - 5}}));
  CHECK(!ok({{"exp", "tomorrow"}}));
  CHECK(!ok({{"exp", nullptr}}));
}

TEST_CASE("tokens: a bad RSA key is a setting to mend") {
  const auto r = sign_jwt_rs256({}, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----");
  REQUIRE(!r.has_value());
  CHECK(r.error().code == "bad_setting");
  CHECK(!sign_jwt_rs256({}, ""));
}

TEST_CASE("charsets") {
  using namespace std::string_view_literals;
  CHECK(from_utf16be("\x00\xe7\x00 \xd8\x3d\xde\x0a"sv) == "ç 😊");
  CHECK(from_utf16be("\xfe\xff\x00h\x00i\x00\x00"sv) == "hi");
  CHECK(from_utf16be("\xff\xfeh\x00i\x00"sv) == "hi");
  CHECK(from_utf16be("\xd8\x3d"sv) == "\xEF\xBF\xBD");
  CHECK(from_utf16be("\xde\x0a\x00h"sv) == "\xEF\xBF\xBDh");
  CHECK(from_utf16be("\x00h\x41"sv) == "h\xEF\xBF\xBD");
  CHECK(from_utf16be("").empty());
  CHECK(to_utf16be("ç 😊") == "\x00\xe7\x00 \xd8\x3d\xde\x0a"sv);
  CHECK(from_utf16be(to_utf16be("a\xff")) == "a\xEF\xBF\xBD");
  CHECK(from_latin1("caf\xe9") == "café");
  CHECK(from_latin9("5 \xa4") == "5 €");
  CHECK(from_charset("caf\xe9", "ISO-8859-1") == "café");
  CHECK(from_charset("caf\xe9", "UTF-8") == std::nullopt);
  CHECK(from_charset("x", "KOI8-R") == std::nullopt);
  CHECK(from_windows1252("\x80 \x93ok\x94 \x96 \x9f\xe9") == "€ “ok” – Ÿé");
  CHECK(from_windows1252("\x81") == "\xC2\x81");  // not assigned: kept as it is
  CHECK(from_charset("\x80", "windows-1252") == "€");
  CHECK(from_charset("h\x00i\x00"sv, "UTF-16LE") == "hi");
  CHECK(from_charset("\xfe\xff\x00h"sv, "UTF-16LE") == "h");  // the mark wins
  for (const auto& bad : {"\xc0\x80"s, "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "\xe2\x82"s, "\x80"s})
    CHECK(!is_utf8(bad));
  CHECK(is_utf8("€😊"));
}

TEST_CASE("parts of long texts") {
  using namespace std::string_view_literals;
  const auto c = concat_of("\x05\x00\x03\xa7\x02\x01"sv);
  REQUIRE(c.has_value());
  CHECK(c->reference == 167);
  CHECK(c->total == 2);
  CHECK(c->part == 1);
  const auto wide = concat_of("\x06\x08\x04\x12\x34\x03\x03"sv);
  REQUIRE(wide.has_value());
  CHECK(wide->reference == 0x1234);
  const auto second = concat_of("\x09\x05\x02\x01\x02\x00\x03\x01\x02\x02"sv);  // after a port
  REQUIRE(second.has_value());
  CHECK(second->part == 2);
  for (const auto& bad :
       {""sv, "\x05"sv, "\x05\x00\x03\xa7\x00\x01"sv, "\x05\x00\x03\xa7\x02\x00"sv,
        "\x05\x00\x03\xa7\x02\x03"sv, "\x05\x00\x04\xa7\x02\x01"sv, "\x02\x00\x03"sv,
        "\xff\x00\x03\xa7\x02\x01"sv, "\x04\x05\x02\x01\x02"sv})
    CHECK(!concat_of(bad));
}

}  // namespace
}  // namespace moodline::providers::kit
