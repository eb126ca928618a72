// silence and undelivered: what prompts say without a reading. Judged in engine/contact.cpp.
#include "rules/kinds/kind.hpp"
#include "rules/kinds/values.hpp"

namespace moodline::rules {
namespace {

Field prompts_field(bool required) {
  return {.name = "prompts",
          .type = FieldType::integer,
          .required = required,
          .help = "prompts in a row",
          .min = Decimal::of(1),
          .max = Decimal::of(60)};
}

Result<void> read_silence(const Values& when, const Values&, Rule& rule) {
  const bool counts_prompts = text_of(when, "prompts") != nullptr;
  if (counts_prompts == (text_of(when, "hours") != nullptr)) {
    return fault("bad_condition", "silence counts either prompts or hours: write one of the two");
  }
  rule.when.prompts = integer_of(when, "prompts");
  rule.when.hours = TimeSpan::of_hours(integer_of(when, "hours"));
  return {};
}

Result<void> read_undelivered(const Values& when, const Values&, Rule& rule) {
  rule.when.prompts = integer_of(when, "prompts");
  return {};
}

}  // namespace

KindInfo silence_kind() {
  return {.kind = Kind::silence,
          .name = "silence",
          .when = {prompts_field(false),
                   {.name = "hours",
                    .type = FieldType::integer,
                    .help = "elapsed hours since the first unanswered prompt",
                    .min = Decimal::of(1),
                    .max = Decimal::of(2000)}},
          .clear = {},
          .needs_measure = false,
          .one_shot = false,
          .read = read_silence};
}

KindInfo undelivered_kind() {
  return {.kind = Kind::undelivered,
          .name = "undelivered",
          .when = {prompts_field(true)},
          .clear = {},
          .needs_measure = false,
          .one_shot = false,
          .read = read_undelivered};
}

}  // namespace moodline::rules
