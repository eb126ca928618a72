// baseline_drop: the mean of the recent days against the median of the person's own usual.
#include <algorithm>

#include "rules/kinds/kind.hpp"
#include "rules/kinds/values.hpp"

namespace moodline::rules {
namespace {

Result<void> read(const Values& when, const Values& clear, Rule& rule) {
  Condition& c = rule.when;
  c.amount = decimal_of(when, "drop");
  c.baseline = integer_of(when, "baseline");
  c.gap = integer_of(when, "gap");
  c.recent = integer_of(when, "recent");
  c.min_baseline = integer_of(when, "min_baseline", 1);
  c.min_recent = integer_of(when, "min_recent", 1);
  if (c.min_baseline > c.baseline || c.min_recent > c.recent) {
    return fault("bad_condition",
                 "min_baseline and min_recent cannot be larger than the windows "
                 "they belong to");
  }
  if (text_of(clear, "within") == nullptr) {
    return fault("bad_clear", "clear needs `within`: how near the usual counts as recovered");
  }
  rule.clear.within = decimal_of(clear, "within");
  if (rule.clear.within >= c.amount) {
    return fault("bad_clear", "clear within " + moodline::to_text(rule.clear.within) +
                                  " is not beyond the drop of " + moodline::to_text(c.amount) +
                                  "; make it smaller");
  }
  return {};
}

std::optional<Ratio> recent_mean(const Rule& rule, const View& view) {
  const Cell* newest = newest_value(view);
  if (newest == nullptr) return std::nullopt;
  return mean_of(view, days_back(view, newest->day, rule.when.recent - 1), newest->day,
                 rule.when.min_recent);
}

bool holds(const Rule& rule, const View& view) {
  const auto usual = baseline_of(rule, view);
  const auto recent = recent_mean(rule, view);
  return usual && recent && *usual - *recent >= Ratio::of(rule.when.amount);
}

bool clears(const Rule& rule, const View& view, std::int64_t, const Ratio& baseline) {
  const auto recent = recent_mean(rule, view);
  return recent && baseline - *recent <= Ratio::of(rule.clear.within);
}

int reach_days(const Rule& rule) {
  return std::max(rule.when.baseline + rule.when.gap, rule.when.recent);
}

std::size_t needed_from(const Rule& rule, const View& view) {
  const Cell* newest = newest_value(view);
  return newest == nullptr ? view.cells.size()
                           : first_of_day(view, days_back(view, newest->day, reach_days(rule) - 1));
}

Field days_field(std::string_view name, std::string_view help, int max) {
  return {.name = name,
          .type = FieldType::integer,
          .required = true,
          .help = help,
          .min = Decimal::of(1),
          .max = Decimal::of(max)};
}

}  // namespace

std::optional<Ratio> baseline_of(const Rule& rule, const View& view) {
  const Cell* newest = newest_value(view);
  if (newest == nullptr) return std::nullopt;
  const std::int32_t last = days_back(view, newest->day, rule.when.gap);
  const std::int32_t first = days_back(view, last, rule.when.baseline - 1);
  std::vector<Ratio> values;
  for (const Cell& cell : view.cells) {
    if (cell.state != CellState::value || cell.day < first || cell.day > last) continue;
    const bool left_out = std::any_of(view.left_out.begin(), view.left_out.end(), [&](DaySpan s) {
      return cell.day >= s.from && cell.day <= s.to;
    });
    if (!left_out) values.push_back(cell.value);
  }
  const auto n = values.size();
  if (n == 0 || n < static_cast<std::size_t>(rule.when.min_baseline)) return std::nullopt;
  std::sort(values.begin(), values.end());
  if (n % 2 == 1) return values[n / 2];
  return (values[n / 2 - 1] + values[n / 2]).over(2);
}

KindInfo baseline_drop_kind() {
  return {.kind = Kind::baseline_drop,
          .name = "baseline_drop",
          .when = {{.name = "drop",
                    .type = FieldType::decimal,
                    .required = true,
                    .help = "acts at this drop or more",
                    .min = Decimal{1}},
                   days_field("baseline", "calendar days of the usual", 90),
                   {.name = "gap",
                    .type = FieldType::integer,
                    .required = true,
                    .help = "days between the usual and now, counted back from the newest day",
                    .min = Decimal::of(0),
                    .max = Decimal::of(60)},
                   days_field("recent", "calendar days of now", 30),
                   days_field("min_baseline", "days with a reading that the usual needs", 90),
                   days_field("min_recent", "days with a reading that now needs", 30)},
          .clear = {{.name = "within",
                     .type = FieldType::decimal,
                     .required = true,
                     .help = "clears when the recent mean is so near the usual, or above it",
                     .min = Decimal::of(0)}},
          .needs_measure = true,
          .one_shot = false,
          .read = read,
          .holds = holds,
          .clears = clears,
          .first_needed = needed_from,
          .reach_days = reach_days};
}

}  // namespace moodline::rules
