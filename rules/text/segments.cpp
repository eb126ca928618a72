#include "rules/text/segments.hpp"

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "rules/text/graphemes.hpp"

namespace moodline::text {
namespace {

// 3GPP TS 23.038 table 6.2.1: what is not ASCII. ç is not there; Ç is.
constexpr std::u32string_view basic_beyond_ascii = U"¡£¤¥§¿ÄÅÆÉÑÖØÜßàäåæÇèéìñòöøùüΓΔΘΛΞΠΣΦΨΩ";
constexpr std::u32string_view basic_ascii_left_out = U"[\\]^`{|}~";
constexpr std::u32string_view extension = U"\f[\\]^{|}~€";

// Marks with a plain form that says the same. Letters with accents are found by decomposition.
constexpr std::pair<char32_t, std::string_view> plain_marks[] = {
    {U'‘', "'"},     {U'’', "'"},     {U'‚', "'"},       {U'‛', "'"},       {U'“', "\""},
    {U'”', "\""},    {U'„', "\""},    {U'‟', "\""},      {U'«', "\""},      {U'»', "\""},
    {U'‹', "'"},     {U'›', "'"},     {U'′', "'"},       {U'″', "\""},      {U'`', "'"},
    {U'´', "'"},     {U'ʼ', "'"},     {U'–', "-"},       {U'—', "-"},       {U'‐', "-"},
    {U'‑', "-"},     {U'‒', "-"},     {U'―', "-"},       {U'−', "-"},       {U'…', "..."},
    {U'•', "-"},     {U'·', "."},     {U'×', "x"},       {U'÷', "/"},       {U'°', " deg"},
    {U'½', "1/2"},   {U'¼', "1/4"},   {U'¾', "3/4"},     {U'™', "TM"},      {U'©', "(c)"},
    {U'®', "(R)"},   {U'\t', " "},    {U'№', "No"},      {U'¢', "c"},       {U'→', "->"},
    {U'←', "<-"},    {U'µ', "u"},     {U'œ', "oe"},      {U'Œ', "OE"},      {U'ł', "l"},
    {U'Ł', "L"},     {U'đ', "d"},     {U'Đ', "D"},       {U'ı', "i"},       {U'ð', "d"},
    {U'þ', "th"},    {U'ª', "a"},     {U'º', "o"},       {U'،', ","},       {U'؟', "?"},
    {U'؛', ";"},     {U'।', "."},     {U'\u2028', "\n"}, {U'\u2029', "\n"}, {U'\u200B', ""},
    {U'\u200C', ""}, {U'\u200D', ""}, {U'\u200E', ""},   {U'\u200F', ""},   {U'\u2060', ""},
    {U'\uFEFF', ""}, {U'\u00AD', ""}, {U'\uFE0E', ""},   {U'\uFE0F', ""},
};

struct Piece {
  std::string_view bytes;
  std::size_t units = 0;  // in the encoding of the whole text
};

std::size_t utf16_units(std::string_view grapheme) {
  std::size_t units = 0;
  for (const char32_t c : code_points(grapheme)) units += c > 0xFFFF ? 2 : 1;
  return units;
}

std::size_t gsm7_units(std::string_view grapheme) {
  const std::u32string points = code_points(grapheme);
  if (points.size() != 1) return 0;
  return static_cast<std::size_t>(gsm7_septets(points[0]));
}

std::optional<std::string> all_gsm7(const icu::UnicodeString& s) {
  std::string out;
  s.toUTF8String(out);
  return !out.empty() && fits_gsm7(out) ? std::optional(out) : std::nullopt;
}

/// ŵ → w, é (two code points) → é, ﬁ → fi, full-width A → A.
std::optional<std::string> unaccented(std::string_view grapheme) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* nfkc = icu::Normalizer2::getNFKCInstance(status);
  const auto* nfkd = icu::Normalizer2::getNFKDInstance(status);
  if (U_FAILURE(status)) return std::nullopt;
  const auto text = icu::UnicodeString::fromUTF8(
      icu::StringPiece(grapheme.data(), static_cast<int32_t>(grapheme.size())));
  if (auto composed = all_gsm7(nfkc->normalize(text, status))) return composed;
  const icu::UnicodeString apart = nfkd->normalize(text, status);
  icu::UnicodeString bare;
  for (int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
    const UChar32 c = apart.char32At(i);
    if ((U_GET_GC_MASK(c) & U_GC_M_MASK) == 0) bare.append(c);
  }
  return all_gsm7(bare);
}

std::optional<std::string> alternative(std::string_view grapheme) {
  const std::u32string points = code_points(grapheme);
  if (points.size() == 1) {
    const auto* row = std::find_if(std::begin(plain_marks), std::end(plain_marks),
                                   [&](const auto& m) { return m.first == points[0]; });
    if (row != std::end(plain_marks)) return std::string(row->second);
  }
  return unaccented(grapheme);
}

/// A grapheme longer than a part (stacked marks) is cut between code points.
std::vector<Piece> cut_long(std::string_view grapheme) {
  std::vector<Piece> out;
  std::size_t from = 0;
  while (from < grapheme.size()) {
    const std::size_t to = next_code_point(grapheme, from);
    const std::string_view one = grapheme.substr(from, to - from);
    out.push_back({one, utf16_units(one)});
    from = to;
  }
  return out;
}

std::vector<std::string> pack(const std::vector<Piece>& pieces, std::size_t room) {
  std::vector<std::string> parts(1);
  std::size_t used = 0;
  for (const Piece& p : pieces) {
    if (used + p.units > room) {
      parts.emplace_back();
      used = 0;
    }
    parts.back() += p.bytes;
    used += p.units;
  }
  return parts;
}

void note_offenders(std::string_view text, const std::vector<std::string_view>& graphemes,
                    SegmentReport& report) {
  std::string rewritten;
  bool possible = true;
  for (std::size_t i = 0; i < graphemes.size(); ++i) {
    if (gsm7_units(graphemes[i]) > 0) {
      rewritten += graphemes[i];
      continue;
    }
    auto instead = alternative(graphemes[i]);
    possible = possible && instead.has_value();
    rewritten += instead.value_or("");
    if (report.offenders.size() < offenders_max) {
      const auto byte = static_cast<std::size_t>(graphemes[i].data() - text.data());
      report.offenders.push_back({std::string(graphemes[i]), byte, i, std::move(instead)});
    }
  }
  if (possible && fits_gsm7(rewritten)) {
    report.gsm7_segments = lint(rewritten).segments;
    report.gsm7_text = std::move(rewritten);
  }
}

}  // namespace

int gsm7_septets(char32_t c) {
  if (extension.find(c) != std::u32string_view::npos) return 2;
  if (c == U'\n' || c == U'\r') return 1;
  if (c >= 0x20 && c < 0x7F) {
    return basic_ascii_left_out.find(c) == std::u32string_view::npos ? 1 : 0;
  }
  return basic_beyond_ascii.find(c) != std::u32string_view::npos ? 1 : 0;
}

bool fits_gsm7(std::string_view text) {
  const std::u32string points = code_points(text);
  return std::all_of(points.begin(), points.end(), [](char32_t c) { return gsm7_septets(c) > 0; });
}

SegmentReport lint(std::string_view bytes) {
  const std::string text = with_valid_utf8(bytes);
  const std::vector<std::string_view> graphemes = split_graphemes(text);
  SegmentReport report;
  report.characters = graphemes.size();
  const bool gsm = std::all_of(graphemes.begin(), graphemes.end(),
                               [](std::string_view g) { return gsm7_units(g) > 0; });
  report.encoding = gsm ? SmsEncoding::gsm7 : SmsEncoding::ucs2;
  const std::size_t single = gsm ? gsm7_single_septets : ucs2_single_units;
  const std::size_t part = gsm ? gsm7_part_septets : ucs2_part_units;
  std::vector<Piece> pieces;
  for (const std::string_view g : graphemes) {
    const std::size_t units = gsm ? gsm7_units(g) : utf16_units(g);
    report.units += units;
    if (units > part) {
      std::ranges::copy(cut_long(g), std::back_inserter(pieces));
    } else {
      pieces.push_back({g, units});
    }
  }
  report.parts = report.units <= single ? std::vector<std::string>{text} : pack(pieces, part);
  report.segments = report.parts.size();
  if (!gsm) note_offenders(text, graphemes, report);
  return report;
}

std::string describe(const SegmentReport& report) {
  std::string out = fmt::format(
      "{}, {} {}, {} segment{}", report.encoding == SmsEncoding::gsm7 ? "GSM-7" : "UCS-2",
      report.units, report.encoding == SmsEncoding::gsm7 ? "septets" : "units", report.segments,
      report.segments == 1 ? "" : "s");
  if (!report.offenders.empty()) {
    const Offender& first = report.offenders.front();
    out += fmt::format("; \"{}\" at character {} forced it", first.character, first.index + 1);
    if (first.alternative) {
      out += first.alternative->empty() ? std::string(", leave it out")
                                        : fmt::format(", write \"{}\"", *first.alternative);
    }
  }
  if (report.gsm7_text) {
    out += fmt::format("; rewritten in GSM-7 it takes {}", report.gsm7_segments);
  }
  return out;
}

}  // namespace moodline::text
