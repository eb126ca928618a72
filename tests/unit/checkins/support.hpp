// Small words for the tests of people's lines.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "rules/text/segments.hpp"
#include "tests/unit/checkins/rig.hpp"

namespace moodline::rig {

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
inline bool any_has(const std::vector<std::string>& texts, const std::string& part) {
  return std::any_of(texts.begin(), texts.end(), [&](const auto& t) { return has(t, part); });
}
inline std::size_t count_has(const std::vector<std::string>& texts, const std::string& part) {
  return static_cast<std::size_t>(
      std::count_if(texts.begin(), texts.end(), [&](const auto& t) { return has(t, part); }));
}
inline std::size_t segments(const std::string& text) {
  return text::lint(text).segments;
}

/// Three low evenings, so that low-streak fires on the third.
inline void low_streak(Rig& r, const std::string& number = mj) {
  r.evenings(number, {"2", "3", "2"});
}
/// The next morning in working hours.
inline void next_morning(Rig& r) {
  r.until(TimeOfDay::hm(9, 30));
}

inline const char* const question = "How has your mood been today, 0 to 10?";

}  // namespace moodline::rig
