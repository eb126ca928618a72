// Judging cells: what a series of days (or prompts) says about one condition. Exact, no floats.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rules/engine/rule.hpp"

namespace moodline::rules {

/// An exact fraction of millionths (day means). den > 0, in lowest terms.
struct Ratio {
  __int128 num = 0;
  __int128 den = 1;
  static Ratio of(Decimal d) { return {d.micro, 1}; }
  static Ratio make(__int128 num, __int128 den);
  friend bool operator==(const Ratio&, const Ratio&) = default;
  friend std::strong_ordering operator<=>(const Ratio& a, const Ratio& b) {
    return a.num * b.den <=> b.num * a.den;
  }
  friend Ratio operator+(const Ratio& a, const Ratio& b);
  friend Ratio operator-(const Ratio& a, const Ratio& b);
  [[nodiscard]] Ratio over(int count) const { return make(num, den * count); }
};

enum class CellState : std::uint8_t { value, low, missed, excluded, undecided };
/// One unit: a local day, or (unit: prompt) one prompt. Ordered by `order`: the day's number, or
/// the prompt's instant in ms.
struct Cell {
  std::int64_t order = 0;
  std::int32_t day = 0;
  CellState state = CellState::missed;
  Ratio value;  // state value only
  [[nodiscard]] bool reading() const {
    return state == CellState::value || state == CellState::low;
  }
  friend bool operator==(const Cell&, const Cell&) = default;
};

struct DaySpan {
  std::int32_t from = 0;
  std::int32_t to = 0;  // inclusive
  friend bool operator==(const DaySpan&, const DaySpan&) = default;
};

/// Everything a condition may look at. Cells are sorted; the newest reading is the last cell with
/// one. `used_order`: cells up to it belong to earlier episodes.
struct View {
  std::span<const Cell> cells;
  std::int64_t used_order = INT64_MIN;
  std::int32_t used_day = INT32_MIN;
  std::span<const DaySpan> left_out;
  const Zone* zone = nullptr;  // knows dates that do not exist; null: every date does
};

/// The value (or low mark) stands on the alarm side of a line.
bool meets(const Cell& cell, const Line& line);
bool meets(const Ratio& value, const Line& line);

/// The cells between two readings of a run. Missed days count together; excluded ones by their
/// longest row, which a missed day ends; undecided ones are transparent.
struct Gap {
  int missed = 0;
  int row = 0;
  int longest = 0;
  void add(CellState state);
  [[nodiscard]] bool bridged(const Rule& rule) const;
};

/// Length of the run of cells for which `line` is met, ending with the newest reading, with the
/// rule's gaps; cells at or before `floor` are not part of it.
int run_length(const Rule& rule, std::span<const Cell> cells, const Line& line, std::int64_t floor);

/// Mean of the days first .. last; nothing below `min_days` days with a value.
std::optional<Ratio> mean_of(const View& view, std::int32_t first, std::int32_t last, int min_days);
/// The newest cell with a reading; nothing where there is none.
const Cell* newest_reading(std::span<const Cell> cells);

/// The newest cell with a value (a low mark is none).
const Cell* newest_value(const View& view);
/// The day `n` days before `day`; dates that do not exist in the zone are no days.
std::int32_t days_back(const View& view, std::int32_t day, int n);
/// Index of the first cell of that day or later.
std::size_t first_of_day(const View& view, std::int32_t day);

/// The condition of streak, n_of_m, average, baseline_drop and rise.
bool condition_holds(const Rule& rule, const View& view);
/// baseline_drop: the median of the baseline days; nothing when there is too little data.
std::optional<Ratio> baseline_of(const Rule& rule, const View& view);
/// Whether an open alert clears. `fired_order`: the clearing run begins there or later.
bool clear_holds(const Rule& rule, const View& view, std::int64_t fired_order,
                 const Ratio& baseline);
/// Index of the first cell that the condition's outcome can depend on.
std::size_t first_needed(const Rule& rule, const View& view);
/// First day that the condition looked at: shown as the onset.
std::int32_t onset_day(const Rule& rule, const View& view);

}  // namespace moodline::rules
