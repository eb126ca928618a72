// n_of_m: N hits inside M calendar days (or prompts), the newest reading's day the last of them.
#include "rules/kinds/kind.hpp"
#include "rules/kinds/values.hpp"

namespace moodline::rules {
namespace {

Result<void> read(const Values& when, const Values& clear, Rule& rule) {
  const auto line = alarm_line(when);
  if (!line) return tl::unexpected(line.error());
  rule.when.line = *line;
  rule.when.n = integer_of(when, "n");
  rule.when.m = integer_of(when, "m");
  if (rule.when.n > rule.when.m) {
    return fault("bad_condition", "n cannot be larger than m: " + std::to_string(rule.when.n) +
                                      " of " + std::to_string(rule.when.m) + " never happens");
  }
  const auto back = clear_line(clear, *line, "at_least", "at_most");
  if (!back) return tl::unexpected(back.error());
  rule.clear.line = *back;
  rule.clear.n = integer_of(clear, "days", 1);
  return {};
}

std::size_t needed_from(const Rule& rule, const View& view) {
  const Cell* newest = newest_reading(view.cells);
  if (newest == nullptr) return view.cells.size();
  if (rule.unit == Unit::day) {
    return first_of_day(view, days_back(view, newest->day, rule.when.m - 1));
  }
  const auto end = static_cast<std::size_t>(newest - view.cells.data()) + 1;
  const auto m = static_cast<std::size_t>(rule.when.m);
  return end > m ? end - m : 0;
}

bool holds(const Rule& rule, const View& view) {
  int hits = 0;
  for (auto i = needed_from(rule, view); i < view.cells.size(); ++i) {
    if (view.cells[i].order > view.used_order && meets(view.cells[i], rule.when.line)) ++hits;
  }
  return hits >= rule.when.n;
}

bool clears(const Rule& rule, const View& view, std::int64_t fired_order, const Ratio&) {
  return rule.clear.line &&
         run_length(rule, view.cells, *rule.clear.line, fired_order - 1) >= rule.clear.n;
}

int reach_days(const Rule& rule) {
  return rule.when.m;
}

}  // namespace

KindInfo n_of_m_kind() {
  return {.kind = Kind::n_of_m,
          .name = "n_of_m",
          .when = with_line_fields({{.name = "n",
                                     .type = FieldType::integer,
                                     .required = true,
                                     .help = "hits needed",
                                     .min = Decimal::of(1),
                                     .max = Decimal::of(60)},
                                    {.name = "m",
                                     .type = FieldType::integer,
                                     .required = true,
                                     .help = "calendar days (or prompts) of the window",
                                     .min = Decimal::of(1),
                                     .max = Decimal::of(90)}}),
          .clear = {{.name = "at_least", .type = FieldType::decimal, .help = "for a low alarm"},
                    {.name = "at_most", .type = FieldType::decimal, .help = "for a high alarm"},
                    {.name = "days",
                     .type = FieldType::integer,
                     .fallback = "1",
                     .help = "days (or prompts) running on the clear line",
                     .min = Decimal::of(1),
                     .max = Decimal::of(60)}},
          .needs_measure = true,
          .one_shot = false,
          .read = read,
          .holds = holds,
          .clears = clears,
          .first_needed = needed_from,
          .reach_days = reach_days};
}

}  // namespace moodline::rules
