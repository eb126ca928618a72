#include <algorithm>
#include <array>

#include "rules/kinds/kind.hpp"
#include "rules/kinds/values.hpp"

namespace moodline::rules {

std::span<const KindInfo> kinds() {
  // In the order of Kind: info() counts on it.
  static const std::array<KindInfo, 9> table{streak_kind(),        n_of_m_kind(), average_kind(),
                                             baseline_drop_kind(), rise_kind(),   silence_kind(),
                                             undelivered_kind(),   phrase_kind(), schedule_kind()};
  return table;
}

const KindInfo& info(Kind kind) {
  return kinds()[static_cast<std::size_t>(kind)];
}

const KindInfo* kind_named(std::string_view name) {
  const auto all = kinds();
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const KindInfo& k) { return k.name == name; });
  return it == all.end() ? nullptr : &*it;
}

namespace {

FieldTable counting_fields() {
  return {
      {.name = "per_day",
       .type = FieldType::word,
       .fallback = "last",
       .help = "how several replies of a day become one value",
       .choices = {"last", "first", "min", "max", "mean"}},
      {.name = "decide",
       .type = FieldType::word,
       .help = "reply: the day so far; day_end: when the day has closed (default for mean, max)",
       .choices = {"reply", "day_end"}},
      {.name = "unit",
       .type = FieldType::word,
       .fallback = "day",
       .help = "count days or prompts",
       .choices = {"day", "prompt"}},
      {.name = "missing",
       .type = FieldType::word,
       .fallback = "skip",
       .help = "skip: a missed day is bridged; break: it ends a run",
       .choices = {"skip", "break"}},
      {.name = "max_gap",
       .type = FieldType::integer,
       .fallback = "1",
       .help = "missed days bridged in one gap",
       .min = Decimal::of(0),
       .max = Decimal::of(14)},
      {.name = "max_excluded",
       .type = FieldType::integer,
       .fallback = "3",
       .help = "excluded days bridged in one row",
       .min = Decimal::of(0),
       .max = Decimal::of(30)}};
}

FieldTable timing_fields() {
  return {{.name = "reply_window",
           .type = FieldType::duration,
           .fallback = "18h",
           .help = "a prompt's window"},
          {.name = "settle",
           .type = FieldType::duration,
           .fallback = "10m",
           .help = "how long the condition must hold before it fires"},
          {.name = "cooldown",
           .type = FieldType::duration,
           .fallback = "3d",
           .help = "least time between two messages of the rule about one person"},
          {.name = "stale",
           .type = FieldType::duration,
           .fallback = "14d",
           .help = "an open alert without readings is marked after this"},
          {.name = "late_limit",
           .type = FieldType::duration,
           .fallback = "14d",
           .help = "readings older than this never move an alert"},
          {.name = "day_start",
           .type = FieldType::time,
           .fallback = "04:00",
           .help = "times before it belong to the evening before"},
          {.name = "ack_expires",
           .type = FieldType::duration,
           .fallback = "24h",
           .help = "an acknowledged alert is chased again after this"}};
}

}  // namespace

const FieldTable& common_fields() {
  static const FieldTable table = [] {
    FieldTable all = counting_fields();
    const FieldTable timing = timing_fields();
    all.insert(all.end(), timing.begin(), timing.end());
    return all;
  }();
  return table;
}

namespace {

Result<void> read_span(const Values& values, std::string_view name, TimeSpan& out) {
  const std::string* text = text_of(values, name);
  if (text == nullptr) return {};
  const auto span = span_from(*text);
  if (!span) {
    return fault("bad_field", std::string(name) + ": \"" + *text +
                                  "\" is no duration; write it like \"10m\", \"18h\" or \"3d\"");
  }
  out = *span;
  return {};
}

Result<void> read_urgent(const Values& values, Rule& rule) {
  for (const std::string_view name : {"settle", "cooldown"}) {
    if (text_of(values, name) != nullptr) {
      return fault("urgent_key", "an urgent rule has no " + std::string(name) +
                                     ": it acts at once and every time; leave the key out");
    }
  }
  rule.settle = {};
  rule.cooldown = {};
  return {};
}

}  // namespace

Result<void> read_common(const Values& values, Rule& rule) {
  if (const auto* text = text_of(values, "per_day")) {
    rule.per_day = per_day_from(*text).value_or(PerDay::last);
  }
  const bool waits = rule.per_day == PerDay::mean || rule.per_day == PerDay::max;
  rule.decide = waits ? Decide::day_end : Decide::reply;
  if (const auto* text = text_of(values, "decide")) {
    rule.decide = *text == "day_end" ? Decide::day_end : Decide::reply;
  }
  if (const auto* text = text_of(values, "unit")) rule.unit = unit_from(*text).value_or(Unit::day);
  if (const auto* text = text_of(values, "missing")) {
    rule.missing = *text == "break" ? Missing::brk : Missing::skip;
  }
  rule.max_gap = integer_of(values, "max_gap", rule.max_gap);
  rule.max_excluded = integer_of(values, "max_excluded", rule.max_excluded);
  if (const auto* text = text_of(values, "day_start")) {
    const auto time = time_from_hm(*text);
    if (!time) return fault("bad_field", "day_start: write a quoted time such as \"04:00\"");
    rule.day_start = *time;
  }
  for (const auto& [name, field] :
       {std::pair{"reply_window", &Rule::reply_window}, std::pair{"settle", &Rule::settle},
        std::pair{"cooldown", &Rule::cooldown}, std::pair{"stale", &Rule::stale},
        std::pair{"late_limit", &Rule::late_limit}, std::pair{"ack_expires", &Rule::ack_expires}}) {
    if (const auto ok = read_span(values, name, rule.*field); !ok) return ok;
  }
  return rule.urgent ? read_urgent(values, rule) : Result<void>{};
}

}  // namespace moodline::rules
