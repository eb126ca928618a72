#include "rules/kinds/judge.hpp"

#include <algorithm>

#include "rules/kinds/kind.hpp"

namespace moodline::rules {
namespace {

__int128 common_divisor(__int128 a, __int128 b) {
  while (b != 0) {
    const __int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a < 0 ? -a : a;
}

}  // namespace

Ratio Ratio::make(__int128 num, __int128 den) {
  if (den < 0) {
    num = -num;
    den = -den;
  }
  const __int128 d = common_divisor(num, den);
  return d > 1 ? Ratio{num / d, den / d} : Ratio{num, den};
}

Ratio operator+(const Ratio& a, const Ratio& b) {
  if (a.den == b.den)
    return a.den == 1 ? Ratio{a.num + b.num, 1} : Ratio::make(a.num + b.num, a.den);
  return Ratio::make(a.num * b.den + b.num * a.den, a.den * b.den);
}

Ratio operator-(const Ratio& a, const Ratio& b) {
  return a + Ratio{-b.num, b.den};
}

bool meets(const Ratio& value, const Line& line) {
  const Ratio at = Ratio::of(line.value);
  switch (line.test) {
    case Test::below:
      return value < at;
    case Test::at_most:
      return value <= at;
    case Test::above:
      return value > at;
    case Test::at_least:
      return value >= at;
  }
  return false;
}

bool meets(const Cell& cell, const Line& line) {
  if (cell.state == CellState::low) return low_side(line.test);
  return cell.state == CellState::value && meets(cell.value, line);
}

const Cell* newest_reading(std::span<const Cell> cells) {
  for (auto i = cells.size(); i > 0; --i) {
    if (cells[i - 1].reading()) return &cells[i - 1];
  }
  return nullptr;
}

bool Gap::bridged(const Rule& rule) const {
  const int gap_max = rule.missing == Missing::brk ? 0 : rule.max_gap;
  return missed <= gap_max && longest <= rule.max_excluded;
}

void Gap::add(CellState state) {
  if (state == CellState::missed) {
    ++missed;
    row = 0;
  } else if (state == CellState::excluded) {
    ++row;
    longest = std::max(longest, row);
  }
}

int run_length(const Rule& rule, std::span<const Cell> cells, const Line& line,
               std::int64_t floor) {
  auto i = cells.size();
  while (i > 0 && !cells[i - 1].reading()) --i;  // days after the newest reading do not end a run
  int count = 0;
  Gap gap;
  for (; i > 0 && cells[i - 1].order > floor; --i) {
    const Cell& cell = cells[i - 1];
    if (!cell.reading()) {
      gap.add(cell.state);
      continue;
    }
    if (!gap.bridged(rule) || !meets(cell, line)) break;
    ++count;
    gap = {};
  }
  return count;
}

std::optional<Ratio> mean_of(const View& view, std::int32_t first, std::int32_t last,
                             int min_days) {
  Ratio sum;
  int days = 0;
  for (const Cell& cell : view.cells) {
    if (cell.state != CellState::value || cell.order <= view.used_order) continue;
    if (cell.day < first || cell.day > last) continue;
    sum = sum + cell.value;
    ++days;
  }
  if (days == 0 || days < min_days) return std::nullopt;
  return sum.over(days);
}

const Cell* newest_value(const View& view) {
  for (auto i = view.cells.size(); i > 0; --i) {
    if (view.cells[i - 1].state == CellState::value) return &view.cells[i - 1];
  }
  return nullptr;
}

bool condition_holds(const Rule& rule, const View& view) {
  const auto holds = info(rule.when.kind).holds;
  return holds != nullptr && holds(rule, view);
}

bool clear_holds(const Rule& rule, const View& view, std::int64_t fired_order,
                 const Ratio& baseline) {
  const auto clears = info(rule.when.kind).clears;
  return clears != nullptr && clears(rule, view, fired_order, baseline);
}

std::size_t first_needed(const Rule& rule, const View& view) {
  const auto needs = info(rule.when.kind).first_needed;
  return needs == nullptr ? view.cells.size() : needs(rule, view);
}

std::int32_t days_back(const View& view, std::int32_t day, int n) {
  std::int32_t back = day - n;
  if (view.zone == nullptr || n <= 0) return back;
  const auto noon = [&](std::int32_t d) {
    return view.zone->resolve_or_next(LocalDate{d}, TimeOfDay::hm(12, 0));
  };
  // No change of the clock is near six hours, but for one that skips a date.
  constexpr std::int64_t hour_ms = 3'600'000;
  const auto passed = ((noon(day) - noon(back)).count() + 6 * hour_ms) / (24 * hour_ms);
  if (passed >= n) return back;
  back = day;
  for (int left = n; left > 0;) {
    if (view.zone->exists(LocalDate{--back})) --left;
  }
  return back;
}

std::size_t first_of_day(const View& view, std::int32_t day) {
  std::size_t i = 0;
  while (i < view.cells.size() && view.cells[i].day < day) ++i;
  return i;
}

std::int32_t onset_day(const Rule& rule, const View& view) {
  for (auto i = first_needed(rule, view); i < view.cells.size(); ++i) {
    const Cell& cell = view.cells[i];
    if (cell.reading() && cell.order > view.used_order) return cell.day;
  }
  return view.cells.empty() ? 0 : view.cells.back().day;
}

}  // namespace moodline::rules
