#include "rules/engine/rule.hpp"

#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace moodline::rules {
namespace {

template <class E, std::size_t N>
std::string_view name_in(const std::array<std::pair<E, std::string_view>, N>& names, E v) {
  for (const auto& [value, name] : names) {
    if (value == v) return name;
  }
  return "";
}

template <class E, std::size_t N>
std::optional<E> value_in(const std::array<std::pair<E, std::string_view>, N>& names,
                          std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

using enum Kind;
constexpr std::array<std::pair<Kind, std::string_view>, 9> kind_names{
    {{streak, "streak"},
     {n_of_m, "n_of_m"},
     {average, "average"},
     {baseline_drop, "baseline_drop"},
     {rise, "rise"},
     {silence, "silence"},
     {undelivered, "undelivered"},
     {phrase, "phrase"},
     {schedule, "schedule"}}};
constexpr std::array<std::pair<Test, std::string_view>, 4> test_names{
    {{Test::below, "below"},
     {Test::at_most, "at_most"},
     {Test::above, "above"},
     {Test::at_least, "at_least"}}};
constexpr std::array<std::pair<PerDay, std::string_view>, 5> per_day_names{
    {{PerDay::last, "last"},
     {PerDay::first, "first"},
     {PerDay::min, "min"},
     {PerDay::max, "max"},
     {PerDay::mean, "mean"}}};
constexpr std::array<std::pair<Unit, std::string_view>, 2> unit_names{
    {{Unit::day, "day"}, {Unit::prompt, "prompt"}}};

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || n < 0) return std::nullopt;
  return n;
}

constexpr std::int64_t span_max = 4000;  // days; also bounds elapsed spans

}  // namespace

Instant plus(Instant at, TimeSpan span, const Zone& zone) {
  if (span.days == 0) return at + std::chrono::seconds{span.s};
  const LocalTime local = zone.local(at);
  const auto fraction = Millis{((at.ms % 1000) + 1000) % 1000};
  return zone.resolve_or_next(local.date + span.days, local.time) + fraction;
}

std::optional<TimeSpan> span_from(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const auto n = whole(text.substr(0, text.size() - 1));
  if (!n || *n > span_max * 86'400) return std::nullopt;
  switch (text.back()) {
    case 's':
      return TimeSpan{0, *n};
    case 'm':
      return TimeSpan{0, *n * 60};
    case 'h':
      return *n > span_max * 24 ? std::nullopt : std::optional(TimeSpan{0, *n * 3600});
    case 'd':
      if (*n > span_max) return std::nullopt;
      return TimeSpan{static_cast<std::int32_t>(*n), 0};
    default:
      return std::nullopt;
  }
}

std::string to_text(TimeSpan span) {
  if (span.days != 0) return std::to_string(span.days) + "d";
  if (span.s % 3600 == 0 && span.s != 0) return std::to_string(span.s / 3600) + "h";
  if (span.s % 60 == 0) return std::to_string(span.s / 60) + "m";
  return std::to_string(span.s) + "s";
}

std::string_view name_of(Kind v) {
  return name_in(kind_names, v);
}
std::string_view name_of(Test v) {
  return name_in(test_names, v);
}
std::string_view name_of(PerDay v) {
  return name_in(per_day_names, v);
}
std::string_view name_of(Decide v) {
  return v == Decide::reply ? "reply" : "day_end";
}
std::string_view name_of(Missing v) {
  return v == Missing::skip ? "skip" : "break";
}
std::string_view name_of(Unit v) {
  return name_in(unit_names, v);
}
std::string_view name_of(StepKind v) {
  switch (v) {
    case StepKind::notify:
      return "notify";
    case StepKind::text_person:
      return "text_person";
    case StepKind::text_own_words:
      return "text_own_words";
    case StepKind::digest:
      return "digest";
  }
  return "";
}

std::optional<Test> test_from(std::string_view name) {
  return value_in(test_names, name);
}
std::optional<PerDay> per_day_from(std::string_view name) {
  return value_in(per_day_names, name);
}
std::optional<Unit> unit_from(std::string_view name) {
  return value_in(unit_names, name);
}

Result<void> set_after(Step& step, std::string_view text) {
  step.clock = Clock::elapsed;
  step.after_s = 0;
  step.after_days = 0;
  const auto space = text.find(' ');
  if (space == std::string_view::npos) {
    const auto span = span_from(text);
    if (span && !span->zero()) {
      step.after_s = span->days * std::int64_t{86'400} + span->s;
      return {};
    }
  } else {
    const auto n = whole(text.substr(0, space));
    const auto unit = text.substr(space + 1);
    if (n && *n > 0 && *n <= span_max && (unit == "working hour" || unit == "working hours")) {
      step.clock = Clock::working_hours;
      step.after_s = *n * 3600;
      return {};
    }
    if (n && *n > 0 && *n <= span_max && (unit == "working day" || unit == "working days")) {
      step.clock = Clock::working_days;
      step.after_days = static_cast<int>(*n);
      return {};
    }
  }
  return fault("bad_after", "\"" + std::string(text) +
                                "\" is no delay; write it like \"15m\", \"24h\", "
                                "\"4 working hours\" or \"1 working day\"");
}

}  // namespace moodline::rules
