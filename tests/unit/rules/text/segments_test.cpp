// What a text costs: counts, cuts, the character to blame and what to write instead.
#include "rules/text/segments.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace moodline::text;

namespace {
std::string times(std::size_t n, std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += s;
  return out;
}
}  // namespace

TEST_CASE("segments: counts at each edge") {
  struct Row {
    std::string text;
    SmsEncoding encoding;
    std::size_t units;
    std::size_t segments;
  };
  const auto gsm = SmsEncoding::gsm7;
  const auto ucs = SmsEncoding::ucs2;
  const Row rows[] = {
      {"", gsm, 0, 1},
      {"How are you, 1-10?", gsm, 18, 1},
      {times(160, "a"), gsm, 160, 1},
      {times(161, "a"), gsm, 161, 2},
      {times(306, "a"), gsm, 306, 2},
      {times(307, "a"), gsm, 307, 3},
      {times(80, "€"), gsm, 160, 1},
      {times(81, "€"), gsm, 162, 2},  // 76 pairs a part: 153 is odd
      {times(153, "€"), gsm, 306, 3},
      {times(70, "ŵ"), ucs, 70, 1},
      {times(71, "ŵ"), ucs, 71, 2},
      {times(134, "ŵ"), ucs, 134, 2},
      {times(135, "ŵ"), ucs, 135, 3},
      {times(35, "😀"), ucs, 70, 1},
      {times(36, "😀"), ucs, 72, 2},  // 33 pairs a part: 67 is odd
      {times(67, "😀"), ucs, 134, 3},
      {"{}~|^[]\\€", gsm, 18, 1},
      {"ÄÖÑÜ§¿äöñüà@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ", gsm, 40, 1},
      {"ça", ucs, 2, 1},  // the table has Ç, not ç
      {"`", ucs, 1, 1},
      {"e\u0301", ucs, 2, 1},
      {"a\r\nb", gsm, 4, 1},
      {"\xff\xfe", ucs, 2, 1},
  };
  for (const Row& row : rows) {
    const SegmentReport got = lint(row.text);
    CAPTURE(row.text);
    CHECK(got.encoding == row.encoding);
    CHECK(got.units == row.units);
    CHECK(got.segments == row.segments);
    CHECK(got.parts.size() == row.segments);
  }
}

TEST_CASE("segments: parts join to the text and cut no pair") {
  for (const std::string& text :
       {times(152, "a") + times(20, "€") + times(160, "b"), times(66, "ŵ") + times(40, "😀") + "end",
        times(30, "👨‍👩‍👧‍👦"), times(66, "x") + "ŵ🇬🇧🇬🇧🇫🇷"}) {
    const SegmentReport got = lint(text);
    std::string joined;
    for (const std::string& part : got.parts) {
      joined += part;
      const SegmentReport alone = lint(part);
      CHECK(alone.units <=
            (got.encoding == SmsEncoding::gsm7 ? gsm7_part_septets : ucs2_part_units));
    }
    CHECK(joined == text);
  }
}

TEST_CASE("segments: who forced UCS-2, where, and what to write instead") {
  struct Row {
    std::string text;
    std::size_t index;
    std::size_t byte;
    std::string character;
    std::string alternative;
    std::string rewritten;
  };
  const Row rows[] = {
      {"Sut dŵr", 5, 5, "ŵ", "w", "Sut dwr"},
      {"don’t", 3, 3, "’", "'", "don't"},
      {"1–10…", 1, 1, "–", "-", "1-10..."},
      {"zażółć", 2, 2, "ż", "z", "zazolc"},
      {"cafe\u0301 x", 3, 3, "e\u0301", "é", "café x"},
      {"4\u200b!", 1, 1, "\u200b", "", "4!"},
      {"ˮfullＡ", 0, 0, "ˮ", "", ""},
  };
  for (const Row& row : rows) {
    const SegmentReport got = lint(row.text);
    CAPTURE(row.text);
    REQUIRE(!got.offenders.empty());
    CHECK(got.offenders[0].index == row.index);
    CHECK(got.offenders[0].byte == row.byte);
    CHECK(got.offenders[0].character == row.character);
    if (row.rewritten.empty()) {
      CHECK(!got.offenders[0].alternative);
      CHECK(!got.gsm7_text);
    } else {
      CHECK(got.offenders[0].alternative == row.alternative);
      CHECK(got.gsm7_text == row.rewritten);
    }
  }
  CHECK(!lint("আমি").gsm7_text);
  CHECK(!lint("7 😀").gsm7_text);
  CHECK(lint(times(80, "ŵ")).gsm7_segments == 1);
}

TEST_CASE("segments: one line for people") {
  CHECK(describe(lint("hello")) == "GSM-7, 5 septets, 1 segment");
  CHECK(describe(lint("dŵr")) ==
        "UCS-2, 3 units, 1 segment; \"ŵ\" at character 2 forced it, write \"w\"; rewritten in "
        "GSM-7 it takes 1");
}

TEST_CASE("segments: a tower of marks longer than a part is cut between code points") {
  const SegmentReport got = lint("a" + times(200, "\u0301"));
  CHECK(got.characters == 1);
  CHECK(got.units == 201);
  CHECK(got.segments == 3);
}
