#include "rules/text/normalise.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "rules/text/code_points.hpp"

namespace moodline::rules {
namespace {

// One code point on its way through: where it came from and what it must not be joined with.
struct Unit {
  char32_t c = 0;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint8_t script = 0;  // digits: which row of digits it came from (0 none)
  bool enclosed = false;    // circled, keycap, 🔟
  bool solo_start = false;  // a number that nothing may be glued to: ⑩, 🔟
  bool upper = false;
};

const icu::Normalizer2* nfc() {
  UErrorCode status = U_ZERO_ERROR;
  return icu::Normalizer2::getNFCInstance(status);
}

void append_utf8(std::string& out, char32_t c) {
  char buffer[4];
  std::int32_t n = 0;
  U8_APPEND_UNSAFE(buffer, n, c);
  out.append(buffer, static_cast<std::size_t>(n));
}

// Digits in every dress become ASCII; 10..20 in one sign become two digits that stand alone.
bool push_digit(std::vector<Unit>& out, Unit u) {
  if (const int n = circled_number(u.c); n >= 0) {
    u.enclosed = u.solo_start = true;
    if (n >= 10) {
      Unit tens = u;
      tens.c = U'0' + static_cast<char32_t>(n / 10);
      tens.script = 1;
      out.push_back(tens);
      u.solo_start = false;
    }
    u.c = U'0' + static_cast<char32_t>(n % 10);
    u.script = 1;
    out.push_back(u);
    return true;
  }
  const int d = u_charDigitValue(static_cast<UChar32>(u.c));
  if (d < 0 || u_charType(static_cast<UChar32>(u.c)) != U_DECIMAL_DIGIT_NUMBER) return false;
  const char32_t zero = u.c - static_cast<char32_t>(d);
  // Wide and styled digits count as ASCII; other rows by a small tag, enough to see a mixture.
  const bool plain = zero == U'0' || zero == 0xFF10 || (zero >= 0x1D7CE && zero <= 0x1D7F6);
  u.script = plain ? 1 : static_cast<std::uint8_t>(2 + (zero >> 4) % 250);
  u.c = U'0' + static_cast<char32_t>(d);
  out.push_back(u);
  return true;
}

void push_unit(std::vector<Unit>& out, Unit u) {
  if (u.c < 0x80) {
    if (u.c >= 'A' && u.c <= 'Z') {
      u.upper = true;
      u.c += 32;
    } else if (u.c == '\r') {
      u.c = '\n';
    } else if ((u.c < 0x20 && u.c != '\n') || u.c == 0x7F) {
      u.c = ' ';
    } else if (u.c >= '0' && u.c <= '9') {
      u.script = 1;
    } else if (u.c == '`') {
      u.c = '\'';
    }
    out.push_back(u);
    return;
  }
  if (is_dropped(u.c)) return;
  if (u.c == 0x20E3) {  // combining keycap
    if (!out.empty()) out.back().enclosed = true;
    return;
  }
  if (push_digit(out, u)) return;
  char32_t plain[2];
  const int n = plain_forms(u.c, plain);
  for (int i = 0; i < n; ++i) {
    u.c = plain[i];
    if (u_isupper(static_cast<UChar32>(u.c))) u.upper = true;
    u.c = fold_letter(static_cast<char32_t>(u_foldCase(static_cast<UChar32>(u.c), 0)));
    if (u.c != 0) out.push_back(u);
  }
}

std::vector<Unit> units_of(std::string_view original, Normalised& result) {
  std::vector<Unit> units;
  units.reserve(original.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(original.data());
  const auto size = static_cast<std::int32_t>(original.size());
  for (std::int32_t i = 0; i < size;) {
    Unit u;
    u.begin = static_cast<std::uint32_t>(i);
    UChar32 c = 0;
    U8_NEXT(bytes, i, size, c);
    u.end = static_cast<std::uint32_t>(i);
    if (c < 0) {
      result.invalid_utf8 = true;
      c = 0xFFFD;
    }
    u.c = static_cast<char32_t>(c);
    push_unit(units, u);
  }
  return units;
}

// Already as NFC has it, alone.
bool is_composed(char32_t c) {
  return c < 0x300 ||
         u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_NFC_QUICK_CHECK) != UNORM_NO;
}

// Composes letter + marks. Each group's result belongs to the whole group.
std::vector<Unit> composed(const std::vector<Unit>& units) {
  const bool plain =
      std::all_of(units.begin(), units.end(), [](const Unit& u) { return u.c < 0x300; });
  if (plain) return units;
  const icu::Normalizer2* form = nfc();
  std::vector<Unit> out;
  out.reserve(units.size());
  for (std::size_t i = 0; i < units.size();) {
    std::size_t j = i + 1;
    while (j < units.size() && j - i < mark_group_max && units[j].c >= 0x300 &&
           !form->hasBoundaryBefore(static_cast<UChar32>(units[j].c))) {
      ++j;
    }
    if (j == i + 1 && is_composed(units[i].c)) {
      out.push_back(units[i]);
    } else {
      icu::UnicodeString group;
      for (std::size_t k = i; k < j; ++k) group.append(static_cast<UChar32>(units[k].c));
      UErrorCode status = U_ZERO_ERROR;
      const icu::UnicodeString made = form->normalize(group, status);
      for (std::int32_t k = 0; k < made.length(); k = made.moveIndex32(k, 1)) {
        Unit u = units[i];
        u.end = units[j - 1].end;
        u.c = static_cast<char32_t>(made.char32At(k));
        out.push_back(u);
      }
    }
    i = j;
  }
  return out;
}

TokenKind kind_of(char32_t c) {
  if (c >= '0' && c <= '9') return TokenKind::digits;
  if (c == '\n') return TokenKind::newline;
  if (vulgar_fraction(c).second != 0) return TokenKind::fraction;
  if (c < 0x80) {
    return (c >= 'a' && c <= 'z') ? TokenKind::word : TokenKind::punct;
  }
  const auto uc = static_cast<UChar32>(c);
  if (u_isalpha(uc) || (U_GET_GC_MASK(uc) & U_GC_M_MASK) != 0) return TokenKind::word;
  if (is_emoji(c)) return TokenKind::emoji;
  return TokenKind::punct;
}

struct Tokeniser {
  const std::vector<Unit>& units;
  const std::vector<std::uint32_t>& at;  // byte of the normalised text where each unit starts
  std::vector<Token>& out;
  bool space = true;

  [[nodiscard]] bool apostrophe_inside(std::size_t i) const {
    return units[i].c == '\'' && i + 1 < units.size() && kind_of(units[i + 1].c) == TokenKind::word;
  }
  [[nodiscard]] std::size_t end_of(std::size_t i, TokenKind kind) const {
    std::size_t j = i + 1;
    while (j < units.size()) {
      const char32_t c = units[j].c;
      const bool same = kind == TokenKind::word     ? kind_of(c) == kind || apostrophe_inside(j)
                        : kind == TokenKind::digits ? kind_of(c) == kind && !units[j].solo_start &&
                                                          (units[j].enclosed == units[i].enclosed)
                        : kind == TokenKind::newline ? c == '\n' || c == ' '
                                                     : false;
      if (!same) break;
      if (kind == TokenKind::digits && units[j].begin == units[j - 1].begin &&
          units[j - 1].solo_start && j > i + 1) {
        break;
      }
      ++j;
    }
    return j;
  }
  void push(std::size_t i, std::size_t j, TokenKind kind) {
    Token t;
    t.kind = kind;
    t.space_before = space;
    t.begin = at[i];
    t.end = at[j];
    t.origin = {units[i].begin, units[j - 1].end};
    if (kind == TokenKind::word) {
      const auto letters = [](const Unit& u) { return u.c != '\''; };
      t.upper = j - i >= 2 && std::all_of(units.begin() + static_cast<std::ptrdiff_t>(i),
                                          units.begin() + static_cast<std::ptrdiff_t>(j),
                                          [&](const Unit& u) { return u.upper || !letters(u); });
    } else if (kind == TokenKind::digits) {
      t.enclosed = units[i].enclosed;
      for (std::size_t k = i; k < j; ++k) t.mixed_scripts |= units[k].script != units[i].script;
    } else if (kind == TokenKind::fraction) {
      const auto f = vulgar_fraction(units[i].c);
      t.numerator = static_cast<std::uint8_t>(f.first);
      t.denominator = static_cast<std::uint8_t>(f.second);
    }
    out.push_back(t);
    space = kind == TokenKind::newline;
  }
  void run() {
    for (std::size_t i = 0; i < units.size();) {
      if (units[i].c == ' ') {
        space = true;
        ++i;
        continue;
      }
      const TokenKind kind = kind_of(units[i].c);
      const std::size_t j = end_of(i, kind);
      push(i, j, kind);
      i = j;
    }
  }
};

}  // namespace

TextSpan Normalised::original(std::uint32_t begin, std::uint32_t end) const {
  if (origin.empty() || begin >= end) return {};
  const auto last = static_cast<std::uint32_t>(text.size());
  const std::uint32_t b = std::min(begin, last);
  const std::uint32_t e = std::min(end, last);
  // The byte after the last one taken may belong to a later character: find the token that ends
  // here first, since dropped marks would otherwise be counted in.
  for (const Token& t : tokens) {
    if (t.end == e) return {origin[b], t.origin.end};
  }
  return {origin[b], origin[e]};
}

Normalised normalise(std::string_view original) {
  Normalised result;
  if (original.size() > text_bytes_max) {
    original = original.substr(0, text_bytes_max);
    result.truncated = true;
  }
  const std::vector<Unit> units = composed(units_of(original, result));
  std::vector<std::uint32_t> at;
  at.reserve(units.size() + 1);
  result.text.reserve(original.size());
  result.origin.reserve(original.size() + 1);
  for (const Unit& u : units) {
    at.push_back(static_cast<std::uint32_t>(result.text.size()));
    append_utf8(result.text, u.c);
    result.origin.resize(result.text.size(), u.begin);
  }
  at.push_back(static_cast<std::uint32_t>(result.text.size()));
  result.origin.push_back(static_cast<std::uint32_t>(original.size()));
  Tokeniser{units, at, result.tokens}.run();
  return result;
}

std::string normalise_phrase(std::string_view phrase) {
  const Normalised n = normalise(phrase);
  std::string out;
  for (const Token& t : n.tokens) {
    if (t.kind == TokenKind::newline) continue;
    if (t.kind == TokenKind::punct && n.view(t) != "*") continue;
    if (!out.empty()) out += ' ';
    out += n.view(t);
  }
  return out;
}

std::string without_accents(std::string_view normalised) {
  if (std::all_of(normalised.begin(), normalised.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    return std::string(normalised);
  }
  std::string out;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(normalised.data());
  const auto size = static_cast<std::int32_t>(normalised.size());
  for (std::int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT(bytes, i, size, c);
    if (c < 0) c = 0xFFFD;
    append_utf8(out, base_letter(static_cast<char32_t>(c)));
  }
  return out;
}

}  // namespace moodline::rules
