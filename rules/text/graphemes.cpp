#include "rules/text/graphemes.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace moodline::text {
namespace {

constexpr char32_t replacement = 0xFFFD;

char32_t decode(std::string_view s, std::size_t& at) {
  const auto* p = reinterpret_cast<const std::uint8_t*>(s.data());
  auto i = static_cast<int32_t>(at);
  UChar32 c = 0;
  U8_NEXT(p, i, static_cast<int32_t>(s.size()), c);
  at = static_cast<std::size_t>(i);
  return c < 0 ? replacement : static_cast<char32_t>(c);
}

struct Seen {
  int kind = -1;                // grapheme cluster break property of the last code point
  bool picture = false;         // pictograph, marks so far
  bool joined_picture = false;  // ... then a zero-width joiner: the next pictograph belongs
  int flags = 0;                // regional indicators in a row
};

bool breaks_before(const Seen& seen, int kind, bool pictograph) {
  const auto hangul = [&](int a, int b) { return seen.kind == a && kind == b; };
  if (seen.kind == U_GCB_CONTROL || seen.kind == U_GCB_CR || seen.kind == U_GCB_LF) return true;
  if (kind == U_GCB_CONTROL || kind == U_GCB_CR || kind == U_GCB_LF) return true;
  if (hangul(U_GCB_L, U_GCB_L) || hangul(U_GCB_L, U_GCB_V) || hangul(U_GCB_L, U_GCB_LV) ||
      hangul(U_GCB_L, U_GCB_LVT) || hangul(U_GCB_LV, U_GCB_V) || hangul(U_GCB_LV, U_GCB_T) ||
      hangul(U_GCB_V, U_GCB_V) || hangul(U_GCB_V, U_GCB_T) || hangul(U_GCB_LVT, U_GCB_T) ||
      hangul(U_GCB_T, U_GCB_T)) {
    return false;
  }
  if (kind == U_GCB_EXTEND || kind == U_GCB_ZWJ || kind == U_GCB_SPACING_MARK) return false;
  if (seen.kind == U_GCB_PREPEND) return false;
  if (seen.joined_picture && pictograph) return false;
  return !(kind == U_GCB_REGIONAL_INDICATOR && seen.flags % 2 == 1);
}

}  // namespace

std::u32string code_points(std::string_view utf8) {
  std::u32string out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) out.push_back(decode(utf8, i));
  return out;
}

std::size_t next_code_point(std::string_view utf8, std::size_t from) {
  decode(utf8, from);
  return from;
}

std::string with_valid_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t start = i;
    if (decode(bytes, i) == replacement) {
      out += "\xEF\xBF\xBD";
    } else {
      out += bytes.substr(start, i - start);
    }
  }
  return out;
}

std::vector<std::string_view> split_graphemes(std::string_view utf8) {
  std::vector<std::string_view> out;
  Seen seen;
  std::size_t start = 0;
  for (std::size_t i = 0; i < utf8.size();) {
    const std::size_t at = i;
    const auto c = static_cast<UChar32>(decode(utf8, i));
    const int kind = u_getIntPropertyValue(c, UCHAR_GRAPHEME_CLUSTER_BREAK);
    const bool pictograph = u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) != 0;
    if (at > 0 && breaks_before(seen, kind, pictograph)) {
      out.push_back(utf8.substr(start, at - start));
      start = at;
      seen.flags = 0;
    }
    seen.joined_picture = seen.picture && kind == U_GCB_ZWJ;
    seen.picture = pictograph || (seen.picture && kind == U_GCB_EXTEND);
    seen.flags = kind == U_GCB_REGIONAL_INDICATOR ? seen.flags + 1 : 0;
    seen.kind = kind;
  }
  if (start < utf8.size()) out.push_back(utf8.substr(start));
  return out;
}

}  // namespace moodline::text
