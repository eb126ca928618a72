// phrase and schedule: a word list, and the wall clock.
#include "rules/kinds/kind.hpp"
#include "rules/kinds/values.hpp"

namespace moodline::rules {
namespace {

Result<void> read_phrase(const Values& when, const Values&, Rule& rule) {
  const std::string* list = text_of(when, "list");
  if (list == nullptr) return fault("bad_condition", "phrase needs the name of its word list");
  rule.when.list = *list;
  return {};
}

Result<void> read_schedule(const Values& when, const Values&, Rule& rule) {
  const std::string* every = text_of(when, "every");
  if (every == nullptr) return fault("bad_condition", "schedule needs `every`: day, or mon .. sun");
  if (*every == "day") {
    rule.when.every.reset();
  } else {
    rule.when.every = weekday_from_name(*every);
    if (!rule.when.every) {
      return fault("bad_condition", "\"" + *every + "\" is no weekday; write mon .. sun or day");
    }
  }
  const std::string* at = text_of(when, "at");
  const auto time = at == nullptr ? std::nullopt : time_from_hm(*at);
  if (!time) return fault("bad_condition", "schedule needs `at`, a quoted time such as \"09:30\"");
  rule.when.at = *time;
  return {};
}

}  // namespace

KindInfo phrase_kind() {
  return {.kind = Kind::phrase,
          .name = "phrase",
          .when = {{.name = "list",
                    .type = FieldType::text,
                    .required = true,
                    .help = "name of the word list; `safety` also sends the crisis reply"}},
          .clear = {},
          .needs_measure = false,
          .one_shot = false,
          .read = read_phrase};
}

KindInfo schedule_kind() {
  return {.kind = Kind::schedule,
          .name = "schedule",
          .when = {{.name = "every",
                    .type = FieldType::word,
                    .required = true,
                    .help = "day of the week, or `day` for every day",
                    .choices = {"day", "mon", "tue", "wed", "thu", "fri", "sat", "sun"}},
                   {.name = "at",
                    .type = FieldType::time,
                    .required = true,
                    .help = "wall-clock time, such as \"09:30\""}},
          .clear = {},
          .needs_measure = false,
          .one_shot = true,
          .read = read_schedule};
}

}  // namespace moodline::rules
