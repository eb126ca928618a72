// What each kind accepts, to its boundary, and the first day that an alert is shown to stand on.
#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include "rules/engine/engine.hpp"
#include "rules/kinds/kind.hpp"

using namespace moodline;
using namespace moodline::rules;

namespace {

struct Row {
  Kind kind;
  Values when;
  Values clear;
  bool good;
};

Values baseline(const char* min_baseline, const char* min_recent) {
  return {{"drop", "2"},
          {"baseline", "7"},
          {"gap", "0"},
          {"recent", "3"},
          {"min_baseline", min_baseline},
          {"min_recent", min_recent}};
}

std::optional<LocalDate> onset_of(Rule rule, const std::vector<int>& values) {
  rule.key = rule.id = "test";
  rule.settle = {};
  State state = begin(std::make_shared<const Rule>(std::move(rule)), Instant::min(), Zone::utc());
  Instant at = *from_iso("2026-03-01T10:00:00Z");
  std::optional<LocalDate> onset;
  for (const int value : values) {
    Inbound text;
    text.id = to_iso(at);
    text.at = at;
    text.value = Decimal::of(value);
    for (const Emitted& e : step(state, {at, text}).emitted) {
      if (e.type == EmitType::fire && !onset) onset = e.onset;
    }
    at = at + std::chrono::hours{24};
  }
  return onset;
}

Rule rule_of(Kind kind) {
  Rule r;
  r.when.kind = kind;
  r.when.line = {Test::below, Decimal::of(4)};
  r.when.amount = Decimal::of(2);
  r.clear.line = Line{Test::at_least, Decimal::of(5)};
  return r;
}

}  // namespace

TEST_CASE("a kind takes its numbers to the boundary, and not beyond") {
  const Row rows[] = {
      {Kind::average,
       {{"below", "4"}, {"days", "7"}, {"min_days", "7"}},
       {{"average_at_least", "5"}},
       true},
      {Kind::average,
       {{"below", "4"}, {"days", "7"}, {"min_days", "8"}},
       {{"average_at_least", "5"}},
       false},
      {Kind::rise, {{"by", "2"}, {"days", "7"}, {"min_days", "7"}}, {}, true},
      {Kind::rise, {{"by", "2"}, {"days", "7"}, {"min_days", "8"}}, {}, false},
      {Kind::n_of_m, {{"below", "4"}, {"n", "7"}, {"m", "7"}}, {{"at_least", "5"}}, true},
      {Kind::n_of_m, {{"below", "4"}, {"n", "8"}, {"m", "7"}}, {{"at_least", "5"}}, false},
      {Kind::baseline_drop, baseline("7", "3"), {{"within", "1.9"}}, true},
      {Kind::baseline_drop, baseline("8", "3"), {{"within", "1.9"}}, false},
      {Kind::baseline_drop, baseline("7", "4"), {{"within", "1.9"}}, false},
      {Kind::baseline_drop, baseline("7", "3"), {{"within", "2"}}, false},
      {Kind::baseline_drop, baseline("7", "3"), {}, false},
      // A value on the clear line must not be one that alarms.
      {Kind::streak, {{"below", "4"}, {"days", "3"}}, {{"at_least", "4"}}, true},
      {Kind::streak, {{"below", "4"}, {"days", "3"}}, {{"at_least", "3.9"}}, false},
      {Kind::streak, {{"at_most", "4"}, {"days", "3"}}, {{"at_least", "4"}}, false},
      {Kind::streak, {{"above", "10"}, {"days", "3"}}, {{"at_most", "10"}}, true},
      {Kind::streak, {{"at_least", "10"}, {"days", "3"}}, {{"at_most", "10"}}, false},
      {Kind::streak, {{"below", "4"}, {"days", "3"}}, {{"at_most", "5"}}, false},
      {Kind::streak, {{"below", "4"}, {"above", "9"}, {"days", "3"}}, {{"at_least", "5"}}, false},
      {Kind::streak, {{"days", "3"}}, {{"at_least", "5"}}, false},
      {Kind::streak, {{"above", "9"}, {"days", "3"}}, {}, false},
      {Kind::streak, {{"below", "4"}, {"days", "3"}}, {{"at_least", "5"}, {"at_most", "3"}}, false},
      {Kind::silence, {{"prompts", "3"}}, {}, true},
      {Kind::silence, {{"hours", "72"}}, {}, true},
      {Kind::silence, {{"prompts", "3"}, {"hours", "72"}}, {}, false},
      {Kind::silence, {}, {}, false},
  };
  int n = 0;
  for (const Row& row : rows) {
    Rule rule;
    CAPTURE(n++);
    CHECK(info(row.kind).read(row.when, row.clear, rule).has_value() == row.good);
  }
}

TEST_CASE("an alert is shown from the first day that its condition looked at") {
  const LocalDate second = *date_from_iso("2026-03-02");
  Rule streak = rule_of(Kind::streak);
  streak.when.n = 3;
  CHECK(onset_of(streak, {6, 3, 3, 3}) == second);
  Rule hits = rule_of(Kind::n_of_m);
  hits.when.n = 2;
  hits.when.m = 3;
  CHECK(onset_of(hits, {6, 3, 6, 3}) == second);
  Rule average = rule_of(Kind::average);
  average.when.days = 3;
  average.when.min_days = 2;
  CHECK(onset_of(average, {6, 6, 3, 2}) == second);
  Rule rise = rule_of(Kind::rise);
  rise.when.days = 2;
  rise.when.min_days = 2;
  CHECK(onset_of(rise, {9, 4, 4, 6, 6}) == second);
  Rule drop = rule_of(Kind::baseline_drop);
  drop.when.baseline = 3;
  drop.when.gap = 1;
  drop.when.recent = 1;
  drop.when.min_baseline = 3;
  drop.when.min_recent = 1;
  CHECK(onset_of(drop, {7, 7, 7, 7, 5}) == second);
}

TEST_CASE("the first day is one with a reading, and none of an episode before") {
  Rule hits = rule_of(Kind::n_of_m);
  hits.when.n = 1;
  hits.when.m = 9;
  const auto cell = [](int day, CellState state) {
    return Cell{day, day, state, Ratio::of(Decimal::of(3))};
  };
  const std::vector<Cell> cells{cell(1, CellState::missed), cell(2, CellState::value),
                                cell(3, CellState::missed), cell(4, CellState::value)};
  View view;
  view.cells = cells;
  CHECK(onset_day(hits, view) == 2);
  view.used_order = 1;
  CHECK(onset_day(hits, view) == 2);
  view.used_order = 2;
  CHECK(onset_day(hits, view) == 4);
  view.used_order = 4;
  CHECK(onset_day(hits, view) == 4);
  CHECK(onset_day(hits, View{}) == 0);
  CHECK(first_of_day(view, 3) == 2);
  Rule streak = rule_of(Kind::streak);
  streak.when.n = 5;
  CHECK(first_needed(streak, view) == 0);
  CHECK(first_of_day(view, 9) == 4);
  CHECK(days_back(view, 10, 3) == 7);  // without a zone every date exists
}
