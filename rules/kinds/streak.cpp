// streak: N days (or prompts) running on the wrong side of a line.
#include "rules/kinds/kind.hpp"
#include "rules/kinds/values.hpp"

namespace moodline::rules {
namespace {

Result<void> read(const Values& when, const Values& clear, Rule& rule) {
  const auto line = alarm_line(when);
  if (!line) return tl::unexpected(line.error());
  rule.when.line = *line;
  rule.when.n = integer_of(when, "days");
  const auto back = clear_line(clear, *line, "at_least", "at_most");
  if (!back) return tl::unexpected(back.error());
  rule.clear.line = *back;
  rule.clear.n = integer_of(clear, "days", 1);
  return {};
}

bool holds(const Rule& rule, const View& view) {
  return run_length(rule, view.cells, rule.when.line, view.used_order) >= rule.when.n;
}

bool clears(const Rule& rule, const View& view, std::int64_t fired_order, const Ratio&) {
  return rule.clear.line &&
         run_length(rule, view.cells, *rule.clear.line, fired_order - 1) >= rule.clear.n;
}

// The n-th newest reading; what lies before it cannot make the run end sooner.
std::size_t needed_from(const Rule& rule, const View& view) {
  int left = rule.when.n;
  std::size_t i = view.cells.size();
  while (i > 0 && left > 0) {
    --i;
    if (view.cells[i].reading()) --left;
  }
  return i;
}

}  // namespace

KindInfo streak_kind() {
  return {.kind = Kind::streak,
          .name = "streak",
          .when = with_line_fields({{.name = "days",
                                     .type = FieldType::integer,
                                     .required = true,
                                     .help = "days (or prompts) running",
                                     .min = Decimal::of(1),
                                     .max = Decimal::of(60)}}),
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
          .first_needed = needed_from};
}

}  // namespace moodline::rules
