// Reading checked scalars of a kind's block. The loader has checked types and ranges already;
// these check what only the kind knows.
#pragma once
#include <array>
#include <charconv>
#include <string>

#include "rules/kinds/kind.hpp"

namespace moodline::rules {

inline const std::string* text_of(const Values& values, std::string_view name) {
  const auto it = values.find(name);
  return it == values.end() || it->second.empty() ? nullptr : &it->second;
}

inline int integer_of(const Values& values, std::string_view name, int fallback = 0) {
  const std::string* text = text_of(values, name);
  if (text == nullptr) return fallback;
  int n = fallback;
  std::from_chars(text->data(), text->data() + text->size(), n);
  return n;
}

inline Decimal decimal_of(const Values& values, std::string_view name) {
  const std::string* text = text_of(values, name);
  return text == nullptr ? Decimal{} : decimal_from(*text).value_or(Decimal{});
}

/// Exactly one of below, at_most, above, at_least.
Result<Line> alarm_line(const Values& values);
/// Exactly one of `low_name` and `high_name`, the one that goes with the alarm line, and beyond it.
Result<Line> clear_line(const Values& values, const Line& alarm, std::string_view up_name,
                        std::string_view down_name);
/// The four fields of an alarm line, for a FieldTable.
FieldTable with_line_fields(FieldTable more);

}  // namespace moodline::rules
