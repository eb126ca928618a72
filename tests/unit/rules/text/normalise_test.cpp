#include "rules/text/normalise.hpp"

#include <doctest/doctest.h>

using moodline::rules::normalise;
using Span = moodline::rules::TextSpan;
using moodline::rules::TokenKind;

namespace {
std::string tokens(std::string_view text) {
  const auto n = normalise(text);
  std::string out;
  for (const auto& t : n.tokens) {
    if (!out.empty()) out += '|';
    out += t.kind == TokenKind::newline ? "\\n" : std::string(n.view(t));
  }
  return out;
}
}  // namespace

TEST_CASE("text becomes tokens of one form") {
  struct Row {
    const char* text;
    const char* want;
  };
  const Row rows[] = {
      {"Mood: 7", "mood|:|7"},
      {"I’m a 3", "i'm|a|3"},
      {"６ and ١٠", "6|and|10"},
      {"3️⃣", "3"},
      {"1️⃣0️⃣", "10"},
      {"🔟", "10"},
      {"8🔟", "8|10"},
      {"⑥⑦", "6|7"},
      {"6½", "6|½"},
      {"twenty–five", "twenty|-|five"},
      {"PIĘĆ e\xCC\x81", "pięć|é"},
      {"don't 'stop'", "don't|'|stop|'"},
      {"a\r\n\n b", "a|\\n|b"},
      {"\xE2\x80\x8B"
       "7",
       "7"},
      {"👍🏽 ok", "👍|ok"},
      {"7amdulillah", "7|amdulillah"},
      {"ＳＴＯＰ 𝗦𝗧𝗢𝗣 Ⓢⓣⓞⓟ", "stop|stop|stop"},
      {"\x07\x01", ""},
      {"", ""},
  };
  for (const Row& r : rows) {
    INFO(r.text);
    CHECK(tokens(r.text) == r.want);
  }
}

TEST_CASE("every token knows its original bytes") {
  const std::string text = "\xEF\xBB\xBF“7” STOP";
  const auto n = normalise(text);
  REQUIRE(n.tokens.size() == 4);
  CHECK(text.substr(n.tokens[1].origin.begin, n.tokens[1].origin.end - n.tokens[1].origin.begin) ==
        "7");
  const Span s = n.original(n.tokens[3].begin, n.tokens[3].end);
  CHECK(text.substr(s.begin, s.end - s.begin) == "STOP");
  CHECK(n.tokens[3].upper);
}

TEST_CASE("mixed scripts, invalid bytes and fractions are marked") {
  CHECK(normalise("7٣").tokens.at(0).mixed_scripts);
  CHECK_FALSE(normalise("٣٤").tokens.at(0).mixed_scripts);
  CHECK_FALSE(normalise("1０").tokens.at(0).mixed_scripts);
  const auto bad = normalise("4\xFF\xC3");
  CHECK(bad.invalid_utf8);
  CHECK(bad.tokens.at(0).kind == TokenKind::digits);
  CHECK(normalise("½").tokens.at(0).denominator == 2);
  CHECK(normalise(std::string(50'000, 'x')).truncated);
}

TEST_CASE("lexicon entries take the same form") {
  using moodline::rules::normalise_phrase;
  CHECK(normalise_phrase("  Opt-Out! ") == "opt out");
  CHECK(normalise_phrase("پانچ") == normalise_phrase("پانچ"));
  CHECK(normalise_phrase("خَمْسَة") == normalise_phrase("خمسه"));
  CHECK(moodline::rules::without_accents("pięć") == "piec");
  CHECK(moodline::rules::without_accents("źle łóżko") == "zle lozko");
}
