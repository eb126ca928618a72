#include "rules/text/code_points.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace moodline::rules {
namespace {
constexpr bool within(char32_t c, char32_t a, char32_t b) {
  return c >= a && c <= b;
}

// Marks of many keyboards, and the plain one that is read for each.
struct Mark {
  char32_t from;
  char32_t to;
  char plain;
};
constexpr Mark marks[] = {
    {0x2018, 0x201B, '\''}, {0x2032, 0x2032, '\''}, {0x02BC, 0x02BC, '\''}, {0x00B4, 0x00B4, '\''},
    {0xFF07, 0xFF07, '\''}, {0x201C, 0x201F, '"'},  {0x2033, 0x2033, '"'},  {0x00AB, 0x00AB, '"'},
    {0x00BB, 0x00BB, '"'},  {0x300C, 0x300D, '"'},  {0x066B, 0x066B, '.'},  {0x060C, 0x060C, ','},
    {0x066C, 0x066C, ','},  {0x3001, 0x3001, ','},  {0x061F, 0x061F, '?'},  {0x0964, 0x0965, '.'},
    {0x06D4, 0x06D4, '.'},  {0x3002, 0x3002, '.'},  {0x2044, 0x2044, '/'},  {0x2215, 0x2215, '/'},
    {0x066A, 0x066A, '%'},  {0x2028, 0x2029, '\n'}, {0x0085, 0x0085, '\n'}, {0x2010, 0x2015, '-'},
    {0x2212, 0x2212, '-'},  {0xFE58, 0xFE58, '-'},  {0xFE63, 0xFE63, '-'},  {0x2E3A, 0x2E3A, '-'},
};

char32_t plain_mark(char32_t c) {
  for (const Mark& m : marks) {
    if (within(c, m.from, m.to)) return static_cast<char32_t>(m.plain);
  }
  return 0;
}

// Bold, circled and squared Latin letters of the styled alphabets; 0 for anything else.
char32_t styled_letter(char32_t c) {
  if (within(c, 0x24B6, 0x24CF)) return 'a' + (c - 0x24B6);
  if (within(c, 0x24D0, 0x24E9)) return 'a' + (c - 0x24D0);
  if (within(c, 0x1F130, 0x1F149)) return 'a' + (c - 0x1F130);
  if (within(c, 0x1F150, 0x1F169)) return 'a' + (c - 0x1F150);
  if (within(c, 0x1F170, 0x1F189)) return 'a' + (c - 0x1F170);
  if (!within(c, 0x1D400, 0x1D6A3)) return 0;
  const char32_t k = (c - 0x1D400) % 52;
  return k < 26 ? 'A' + k : 'a' + (k - 26);
}
}  // namespace

bool is_dropped(char32_t c) {
  return c == 0x00AD || c == 0x034F || c == 0x061C || c == 0x180E || within(c, 0x200B, 0x200F) ||
         within(c, 0x202A, 0x202E) || within(c, 0x2060, 0x206F) || c == 0xFEFF ||
         within(c, 0xFE00, 0xFE0F) || within(c, 0xE0000, 0xE01EF) || within(c, 0x1F3FB, 0x1F3FF) ||
         c == 0x0640 || within(c, 0x064B, 0x0652) || c == 0x0670 || within(c, 0x0610, 0x061A);
}

int circled_number(char32_t c) {
  if (within(c, 0x2460, 0x2473)) return static_cast<int>(c - 0x2460) + 1;
  if (within(c, 0x2474, 0x2487)) return static_cast<int>(c - 0x2474) + 1;  // (1) in one sign
  if (c == 0x24EA || c == 0x24FF || c == 0x1F10B || c == 0x1F10C) return 0;
  if (within(c, 0x24F5, 0x24FE)) return static_cast<int>(c - 0x24F5) + 1;
  if (within(c, 0x2776, 0x277F)) return static_cast<int>(c - 0x2776) + 1;
  if (within(c, 0x2780, 0x2789)) return static_cast<int>(c - 0x2780) + 1;
  if (within(c, 0x278A, 0x2793)) return static_cast<int>(c - 0x278A) + 1;
  if (c == 0x1F51F) return 10;
  return -1;
}

int plain_forms(char32_t c, char32_t out[2]) {
  out[0] = c;
  out[1] = 0;
  if (c == 0x2026) {
    out[0] = out[1] = '.';
    return 2;
  }
  if (const char32_t mark = plain_mark(c); mark != 0) {
    out[0] = mark;
  } else if (within(c, 0xFF01, 0xFF5E)) {
    out[0] = c - 0xFF01 + 0x21;
  } else if (const char32_t letter = styled_letter(c); letter != 0) {
    out[0] = letter;
  } else if (u_isUWhiteSpace(static_cast<UChar32>(c)) || within(c, 0x80, 0x9F)) {
    out[0] = ' ';
  }
  return 1;
}

char32_t fold_letter(char32_t c) {
  switch (c) {
    case 0x0622:
    case 0x0623:
    case 0x0625:
    case 0x0671:
      return 0x0627;  // alef
    case 0x0649:
    case 0x06CC:
    case 0x06D2:
      return 0x064A;  // yeh (and Urdu's final forms)
    case 0x06A9:
    case 0x06AA:
      return 0x0643;  // kaf
    case 0x06C1:
    case 0x06C3:
    case 0x06BE:
    case 0x06D5:
    case 0x0629:
      return 0x0647;  // heh, and teh marbuta, which is often typed as heh
    default:
      return c;
  }
}

std::pair<int, int> vulgar_fraction(char32_t c) {
  switch (c) {
    case 0x00BC:
      return {1, 4};
    case 0x00BD:
      return {1, 2};
    case 0x00BE:
      return {3, 4};
    case 0x2150:
      return {1, 7};
    case 0x2151:
      return {1, 9};
    case 0x2152:
      return {1, 10};
    case 0x2153:
      return {1, 3};
    case 0x2154:
      return {2, 3};
    case 0x2155:
      return {1, 5};
    case 0x2156:
      return {2, 5};
    case 0x2157:
      return {3, 5};
    case 0x2158:
      return {4, 5};
    case 0x2159:
      return {1, 6};
    case 0x215A:
      return {5, 6};
    case 0x215B:
      return {1, 8};
    case 0x215C:
      return {3, 8};
    case 0x215D:
      return {5, 8};
    case 0x215E:
      return {7, 8};
    default:
      return {0, 0};
  }
}

bool is_emoji(char32_t c) {
  if (c == 0xFFFD || c < 0xA9) return false;
  const auto uc = static_cast<UChar32>(c);
  return u_hasBinaryProperty(uc, UCHAR_EMOJI) ||
         u_hasBinaryProperty(uc, UCHAR_EXTENDED_PICTOGRAPHIC) || within(c, 0x1F000, 0x1FAFF);
}

char32_t base_letter(char32_t c) {
  if (c < 0xC0 || c > 0x1EFF || within(c, 0x0370, 0x1DFF)) return c;
  switch (c) {
    case 0x0142:
      return 'l';
    case 0x00F8:
      return 'o';
    case 0x0111:
      return 'd';
    case 0x0131:
      return 'i';
    default:
      break;
  }
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(status);
  icu::UnicodeString parts;
  if (!nfd->getDecomposition(static_cast<UChar32>(c), parts) || parts.isEmpty()) return c;
  return static_cast<char32_t>(parts.char32At(0));
}

}  // namespace moodline::rules
