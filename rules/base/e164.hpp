// Phone numbers in E.164 (ITU-T): + then up to 15 digits. A number never reaches a log.
#pragma once
#include <string>
#include <string_view>

#include "rules/base/result.hpp"

namespace moodline {

/// Where national numbers belong, such as {"44", "0"} for the United Kingdom.
struct NumberPlan {
  std::string country_code;  // digits, without +
  std::string trunk_prefix;  // digits dialled before a national number, such as "0"
};

/// A phone number in E.164, always "+" and 8..15 digits, first digit not 0.
class E164 {
 public:
  /// Strict: "+447700900123". Spaces, hyphens, dots and brackets between digits are allowed.
  static Result<E164> parse(std::string_view text);
  /// Also "07700 900123" (by the plan), "00447700900123" and "447700900123" (with the plan's code).
  static Result<E164> parse(std::string_view text, const NumberPlan& plan);
  /// As above for a number that somebody typed in: where its country's length is known (UK mobiles,
  /// North America), a digit more or less is refused, so that a slip does not text a stranger.
  static Result<E164> typed(std::string_view text, const NumberPlan& plan);
  static Result<E164> typed(std::string_view text);
  [[nodiscard]] const std::string& str() const { return text_; }
  /// Without the leading "+".
  [[nodiscard]] std::string_view digits() const { return std::string_view(text_).substr(1); }
  friend auto operator<=>(const E164&, const E164&) = default;

 private:
  explicit E164(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// The plan of an ISO 3166 country such as "GB". Fails with "unknown_country".
Result<NumberPlan> number_plan(std::string_view iso_country);

}  // namespace moodline
