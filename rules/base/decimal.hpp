// Exact decimal numbers: no floating point ever decides who is told.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moodline {

/// A decimal with six fixed places, as an integer of millionths. Comparisons are exact.
struct Decimal {
  std::int64_t micro = 0;
  static constexpr std::int64_t one = 1'000'000;
  static constexpr Decimal of(std::int64_t whole) { return {whole * one}; }
  friend constexpr auto operator<=>(const Decimal&, const Decimal&) = default;
  friend constexpr Decimal operator+(Decimal a, Decimal b) { return {a.micro + b.micro}; }
  friend constexpr Decimal operator-(Decimal a, Decimal b) { return {a.micro - b.micro}; }
  friend constexpr Decimal operator-(Decimal a) { return {-a.micro}; }
};

/// "-6.5", "07", "84.4": optional sign, digits, optional point and up to six decimals.
/// Nothing for other text or for numbers beyond 12 whole digits.
std::optional<Decimal> decimal_from(std::string_view text);
/// Shortest form: "6.5", "7", "-0.25".
std::string to_text(Decimal d);

}  // namespace moodline
