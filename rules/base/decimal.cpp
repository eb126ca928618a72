#include "rules/base/decimal.hpp"

#include <fmt/format.h>

namespace moodline {
namespace {
constexpr std::size_t whole_digits_max = 12;
constexpr std::size_t places_max = 6;
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
}  // namespace

std::optional<Decimal> decimal_from(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  std::int64_t micro = 0;
  std::size_t i = 0;
  while (i < text.size() && is_digit(text[i])) {
    if (i >= whole_digits_max) return std::nullopt;
    micro = micro * 10 + (text[i++] - '0');
  }
  if (i == 0) return std::nullopt;
  micro *= Decimal::one;
  if (i < text.size()) {
    if (text[i] != '.') return std::nullopt;
    const std::string_view places = text.substr(i + 1);
    if (places.empty() || places.size() > places_max) return std::nullopt;
    std::int64_t scale = Decimal::one;
    for (const char c : places) {
      if (!is_digit(c)) return std::nullopt;
      scale /= 10;
      micro += (c - '0') * scale;
    }
  }
  return Decimal{negative ? -micro : micro};
}

std::string to_text(Decimal d) {
  const bool negative = d.micro < 0;
  const std::uint64_t magnitude =
      negative ? 0 - static_cast<std::uint64_t>(d.micro) : static_cast<std::uint64_t>(d.micro);
  std::string out = fmt::format("{}{}", negative ? "-" : "", magnitude / Decimal::one);
  std::uint64_t rest = magnitude % Decimal::one;
  if (rest == 0) return out;
  std::string places = fmt::format("{:06}", rest);
  while (places.back() == '0') places.pop_back();
  return out + "." + places;
}

}  // namespace moodline
