// average: the mean of the days of a window, each day one value however many replies it has.
#include "rules/kinds/kind.hpp"
#include "rules/kinds/values.hpp"

namespace moodline::rules {
namespace {

Result<void> read(const Values& when, const Values& clear, Rule& rule) {
  const auto line = alarm_line(when);
  if (!line) return tl::unexpected(line.error());
  rule.when.line = *line;
  rule.when.days = integer_of(when, "days");
  rule.when.min_days = integer_of(when, "min_days", 1);
  if (rule.when.min_days > rule.when.days) {
    return fault("bad_condition", "min_days cannot be larger than days");
  }
  const auto back = clear_line(clear, *line, "average_at_least", "average_at_most");
  if (!back) return tl::unexpected(back.error());
  rule.clear.line = *back;
  return {};
}

std::optional<Ratio> mean(const Rule& rule, const View& view) {
  const Cell* newest = newest_value(view);
  if (newest == nullptr) return std::nullopt;
  return mean_of(view, days_back(view, newest->day, rule.when.days - 1), newest->day,
                 rule.when.min_days);
}

bool holds(const Rule& rule, const View& view) {
  const auto m = mean(rule, view);
  return m && meets(*m, rule.when.line);
}

bool clears(const Rule& rule, const View& view, std::int64_t, const Ratio&) {
  const auto m = mean(rule, view);
  return m && rule.clear.line && meets(*m, *rule.clear.line);
}

std::size_t needed_from(const Rule& rule, const View& view) {
  const Cell* newest = newest_value(view);
  return newest == nullptr ? view.cells.size()
                           : first_of_day(view, days_back(view, newest->day, rule.when.days - 1));
}

int reach_days(const Rule& rule) {
  return rule.when.days;
}

}  // namespace

KindInfo average_kind() {
  return {.kind = Kind::average,
          .name = "average",
          .when = with_line_fields({{.name = "days",
                                     .type = FieldType::integer,
                                     .required = true,
                                     .help = "calendar days of the window",
                                     .min = Decimal::of(2),
                                     .max = Decimal::of(90)},
                                    {.name = "min_days",
                                     .type = FieldType::integer,
                                     .required = true,
                                     .help = "days with a reading that the window needs",
                                     .min = Decimal::of(1),
                                     .max = Decimal::of(90)}}),
          .clear = {{.name = "average_at_least",
                     .type = FieldType::decimal,
                     .help = "mean of the same window, for a low alarm"},
                    {.name = "average_at_most",
                     .type = FieldType::decimal,
                     .help = "mean of the same window, for a high alarm"}},
          .needs_measure = true,
          .one_shot = false,
          .read = read,
          .holds = holds,
          .clears = clears,
          .first_needed = needed_from,
          .reach_days = reach_days};
}

}  // namespace moodline::rules
