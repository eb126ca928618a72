// rise: the mean of this window above the mean of the one before. Acts once, has no open state.
#include "rules/kinds/kind.hpp"
#include "rules/kinds/values.hpp"

namespace moodline::rules {
namespace {

Result<void> read(const Values& when, const Values&, Rule& rule) {
  rule.when.amount = decimal_of(when, "by");
  rule.when.days = integer_of(when, "days");
  rule.when.min_days = integer_of(when, "min_days", 1);
  if (rule.when.min_days > rule.when.days) {
    return fault("bad_condition", "min_days cannot be larger than days");
  }
  return {};
}

bool holds(const Rule& rule, const View& view) {
  const Cell* newest = newest_value(view);
  if (newest == nullptr) return false;
  const int days = rule.when.days;
  const auto now =
      mean_of(view, days_back(view, newest->day, days - 1), newest->day, rule.when.min_days);
  const auto before = mean_of(view, days_back(view, newest->day, 2 * days - 1),
                              days_back(view, newest->day, days), rule.when.min_days);
  return now && before && *now - *before >= Ratio::of(rule.when.amount);
}

int reach_days(const Rule& rule) {
  return 2 * rule.when.days;
}

std::size_t needed_from(const Rule& rule, const View& view) {
  const Cell* newest = newest_value(view);
  return newest == nullptr ? view.cells.size()
                           : first_of_day(view, days_back(view, newest->day, reach_days(rule) - 1));
}

}  // namespace

KindInfo rise_kind() {
  return {.kind = Kind::rise,
          .name = "rise",
          .when = {{.name = "by",
                    .type = FieldType::decimal,
                    .required = true,
                    .help = "acts at this rise or more",
                    .min = Decimal{1}},
                   {.name = "days",
                    .type = FieldType::integer,
                    .required = true,
                    .help = "calendar days of each of the two windows",
                    .min = Decimal::of(1),
                    .max = Decimal::of(45)},
                   {.name = "min_days",
                    .type = FieldType::integer,
                    .required = true,
                    .help = "days with a reading that each window needs",
                    .min = Decimal::of(1),
                    .max = Decimal::of(45)}},
          .clear = {},
          .needs_measure = true,
          .one_shot = true,
          .read = read,
          .holds = holds,
          .first_needed = needed_from,
          .reach_days = reach_days};
}

}  // namespace moodline::rules
