#include "providers/kit/charset.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace moodline::providers::kit {
namespace {

constexpr char32_t replacement = 0xFFFD;

void append(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// The character at `i`, which moves past it. Wrong bytes are one replacement each.
std::pair<char32_t, bool> next_utf8(std::string_view s, std::size_t& i) {
  const auto lead = static_cast<unsigned char>(s[i++]);
  if (lead < 0x80) return {lead, true};
  const int more = lead >= 0xF0 && lead < 0xF5   ? 3
                   : lead >= 0xE0 && lead < 0xF0 ? 2
                   : lead >= 0xC2 && lead < 0xE0 ? 1
                                                 : 0;
  if (more == 0 || i + static_cast<std::size_t>(more) > s.size()) return {replacement, false};
  char32_t c = lead & (0x3FU >> more);
  for (int k = 0; k < more; ++k) {
    const auto byte = static_cast<unsigned char>(s[i + static_cast<std::size_t>(k)]);
    if ((byte & 0xC0U) != 0x80U) return {replacement, false};
    c = c << 6 | (byte & 0x3FU);
  }
  constexpr std::array<char32_t, 4> least{0, 0x80, 0x800, 0x10000};
  if (c < least[static_cast<std::size_t>(more)] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
    return {replacement, false};
  i += static_cast<std::size_t>(more);
  return {c, true};
}

char32_t unit_at(std::string_view bytes, std::size_t i, bool little) {
  const auto a = static_cast<unsigned char>(bytes[i]);
  const auto b = static_cast<unsigned char>(bytes[i + 1]);
  return little ? static_cast<char32_t>(b << 8 | a) : static_cast<char32_t>(a << 8 | b);
}

std::string squeezed(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == ' ') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();)
    if (!next_utf8(bytes, i).second) return false;
  return true;
}

bool is_ascii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

namespace {

std::string from_utf16(std::string_view bytes, bool little) {
  if (bytes.size() >= 2) {
    const char32_t first = unit_at(bytes, 0, false);
    if (first == 0xFFFE || first == 0xFEFF) {
      little = first == 0xFFFE;
      bytes.remove_prefix(2);
    }
  }
  std::string out;
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    const char32_t high = unit_at(bytes, i, little);
    if (high < 0xD800 || high >= 0xE000) {
      append(out, high);
      continue;
    }
    const char32_t low = high < 0xDC00 && i + 3 < bytes.size() ? unit_at(bytes, i + 2, little) : 0;
    if (low >= 0xDC00 && low < 0xE000) {
      append(out, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
      i += 2;
    } else {
      append(out, replacement);
    }
  }
  if (i < bytes.size() && bytes[i] != '\0') append(out, replacement);
  while (out.ends_with('\0')) out.pop_back();
  return out;
}

}  // namespace

std::string from_utf16be(std::string_view bytes) {
  return from_utf16(bytes, false);
}

std::string from_utf16le(std::string_view bytes) {
  return from_utf16(bytes, true);
}

std::string to_utf16be(std::string_view utf8) {
  std::string out;
  const auto unit = [&out](char32_t u) {
    out += static_cast<char>(u >> 8 & 0xFF);
    out += static_cast<char>(u & 0xFF);
  };
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t c = next_utf8(utf8, i).first;
    if (c < 0x10000) {
      unit(c);
    } else {
      unit(0xD800 + ((c - 0x10000) >> 10));
      unit(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return out;
}

std::string from_latin1(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) append(out, static_cast<unsigned char>(c));
  return out;
}

std::string from_windows1252(std::string_view bytes) {
  constexpr std::array<char32_t, 32> upper{
      0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
      0x2039, 0x152,  0x8D,   0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append(out, byte >= 0x80 && byte < 0xA0 ? upper[byte - 0x80U] : byte);
  }
  return out;
}

std::string from_latin9(std::string_view bytes) {
  constexpr std::array<std::pair<unsigned char, char32_t>, 8> differ{{{0xA4, 0x20AC},
                                                                      {0xA6, 0x160},
                                                                      {0xA8, 0x161},
                                                                      {0xB4, 0x17D},
                                                                      {0xB8, 0x17E},
                                                                      {0xBC, 0x152},
                                                                      {0xBD, 0x153},
                                                                      {0xBE, 0x178}}};
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const auto* it = std::find_if(differ.begin(), differ.end(),
                                  [byte](const auto& d) { return d.first == byte; });
    append(out, it == differ.end() ? byte : it->second);
  }
  return out;
}

std::optional<std::string> from_charset(std::string_view bytes, std::string_view name) {
  const std::string n = squeezed(name);
  if (n == "utf8" || n == "usascii" || n == "ascii")
    return is_utf8(bytes) ? std::optional<std::string>(bytes) : std::nullopt;
  if (n == "utf16be" || n == "utf16" || n == "ucs2" || n == "iso10646ucs2")
    return from_utf16be(bytes);
  if (n == "utf16le") return from_utf16le(bytes);
  if (n == "iso88591" || n == "latin1") return from_latin1(bytes);
  if (n == "windows1252" || n == "cp1252") return from_windows1252(bytes);
  if (n == "iso885915" || n == "latin9") return from_latin9(bytes);
  return std::nullopt;
}

std::optional<Concat> concat_of(std::string_view udh) {
  if (udh.empty()) return std::nullopt;
  const auto byte = [&udh](std::size_t i) { return static_cast<unsigned char>(udh[i]); };
  const std::size_t end = 1U + byte(0);
  if (end > udh.size()) return std::nullopt;
  for (std::size_t i = 1; i + 2 <= end;) {
    const unsigned id = byte(i);
    const std::size_t size = byte(i + 1);
    const std::size_t v = i + 2;
    if (v + size > end) return std::nullopt;
    Concat c;
    if (id == 0x00 && size == 3) {
      c = {byte(v), byte(v + 1), byte(v + 2)};
    } else if (id == 0x08 && size == 4) {
      c = {byte(v) << 8 | byte(v + 1), byte(v + 2), byte(v + 3)};
    } else {
      i = v + size;
      continue;
    }
    if (c.total == 0 || c.part == 0 || c.part > c.total) return std::nullopt;
    return c;
  }
  return std::nullopt;
}

}  // namespace moodline::providers::kit
