// A rule of the neutral form: keys and words it does not know are an error, for a case must not
// pass unread.
#include "config/cases_rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <vector>

#include "rules/kinds/kind.hpp"

namespace moodline::config {

using namespace rules;  // NOLINT: the whole file speaks of them

namespace {

constexpr std::string_view rule_keys =
    "kind test threshold n m unit missing max_gap max_excluded per_day decide settle_min "
    "settle_days settle_h reply_window_h reply_window_min reply_window_days day_start "
    "clear_at_least clear_at_most clear_n stale_days stale_h window_days min_days "
    "clear_average_at_least clear_average_at_most baseline_days gap_days min_baseline_days "
    "recent_days min_recent_days drop clear_within rise prompts hours reply_repeat_min "
    "cooldown_days cooldown_h cooldown_min late_limit_days late_limit_h use_history low_mark "
    "urgent list every at ack_expires_days ack_expires_h ack_expires_min";
constexpr std::string_view notes = "name reason ext note comment";

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto space = std::min(text.find(' '), text.size());
    out.push_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return out;
}

bool has_word(std::string_view list, std::string_view word) {
  const auto all = words(list);
  return std::find(all.begin(), all.end(), word) != all.end();
}

TimeOfDay time_at(const YAML::Node& node, const char* key, const std::string& fallback) {
  const auto time = time_from_hm(scalar(node, key, fallback));
  if (!time) bad_case(node[key], fmt::format("{} is no time; write it like \"04:00\"", key));
  return *time;
}

Kind kind_of(const YAML::Node& rule) {
  const std::string name = scalar(rule, "kind");
  if (name == "safety_phrase") return Kind::phrase;
  const KindInfo* found = kind_named(name);
  if (found != nullptr) return found->kind;
  std::string known = "safety_phrase";
  for (const KindInfo& kind : kinds()) known += ", " + std::string(kind.name);
  bad_case(rule, fmt::format("no rule kind is named \"{}\"; the kinds are {}", name, known));
}

void read_schedule(const YAML::Node& node, Condition& c) {
  const std::string every = one_of(node, "every", "day mon tue wed thu fri sat sun");
  if (every != "day") c.every = weekday_from_name(every);
  c.at = time_at(node, "at", "09:00");
}

void read_clear(const YAML::Node& node, Rule& rule) {
  const bool average = rule.when.kind == Kind::average;
  const char* up = average ? "clear_average_at_least" : "clear_at_least";
  const char* down = average ? "clear_average_at_most" : "clear_at_most";
  if (given(node, up)) rule.clear.line = Line{Test::at_least, decimal(node, up)};
  if (given(node, down)) rule.clear.line = Line{Test::at_most, decimal(node, down)};
  rule.clear.n = number(node, "clear_n", 1);
  rule.clear.within = decimal(node, "clear_within");
}

void read_condition(const YAML::Node& node, Rule& rule) {
  Condition& c = rule.when;
  c.kind = kind_of(node);
  const std::string test = one_of(node, "test", "below at_most above at_least");
  c.line = {test_from(test).value_or(Test::below), decimal(node, "threshold")};
  c.n = number(node, "n", 1);
  c.m = number(node, "m", 0);
  c.days = number(node, "window_days", 0);
  c.min_days = number(node, "min_days", 1);
  c.amount = decimal(node, c.kind == Kind::rise ? "rise" : "drop");
  c.baseline = number(node, "baseline_days", 0);
  c.gap = number(node, "gap_days", 0);
  c.recent = number(node, "recent_days", 0);
  c.min_baseline = number(node, "min_baseline_days", 1);
  c.min_recent = number(node, "min_recent_days", 1);
  c.prompts = number(node, "prompts", 0);
  c.hours = {0, decimal(node, "hours").micro * 3600 / Decimal::one};
  c.list = scalar(node, "list", "safety");
  if (c.kind == Kind::schedule) read_schedule(node, c);
  if (c.kind == Kind::silence && (c.prompts > 0) == !c.hours.zero()) {
    bad_case(node, "silence counts prompts or hours: write one of the two");
  }
  read_clear(node, rule);
}

}  // namespace

void bad_case(const YAML::Node& node, const std::string& what) {
  throw std::runtime_error(fmt::format("line {}: {}", node.Mark().line + 1, what));
}

bool given(const YAML::Node& node, const char* key) {
  return node[key] && !node[key].IsNull();
}

std::string scalar(const YAML::Node& node, const char* key, const std::string& fallback) {
  if (!given(node, key)) return fallback;
  if (!node[key].IsScalar()) bad_case(node[key], fmt::format("{} is one word or number", key));
  return node[key].Scalar();
}

int number(const YAML::Node& node, const char* key, int fallback) {
  if (!given(node, key)) return fallback;
  const std::string text = scalar(node, key);
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) {
    bad_case(node[key], fmt::format("{} is no whole number: \"{}\"", key, text));
  }
  return n;
}

Decimal decimal(const YAML::Node& node, const char* key) {
  if (!given(node, key)) return {};
  const auto d = decimal_from(scalar(node, key));
  if (!d) bad_case(node[key], fmt::format("{} is no number: \"{}\"", key, scalar(node, key)));
  return *d;
}

bool yes(const YAML::Node& node, const char* key) {
  return one_of(node, key, "true false") == "true";
}

Instant instant_at(const YAML::Node& node, const char* key) {
  if (!given(node, key)) bad_case(node, fmt::format("{} is missing", key));
  const auto at = from_iso(scalar(node, key));
  if (!at) {
    bad_case(node[key], fmt::format("{} is no instant: \"{}\"; write it like 2026-03-02T18:05:00Z",
                                    key, scalar(node, key)));
  }
  return *at;
}

TimeSpan span(const YAML::Node& node, const std::string& name, TimeSpan fallback) {
  constexpr std::int64_t hour_s = 3600;
  const auto seconds = [&](const std::string& key, std::int64_t unit_s) {
    return TimeSpan{0, decimal(node, key.c_str()).micro * unit_s / Decimal::one};
  };
  if (given(node, (name + "_days").c_str())) {
    return TimeSpan::of_days(number(node, (name + "_days").c_str(), 0));
  }
  if (given(node, (name + "_h").c_str())) return seconds(name + "_h", hour_s);
  if (given(node, (name + "_min").c_str())) return seconds(name + "_min", 60);
  return fallback;
}

void only_keys(const YAML::Node& node, const std::string& what, std::string_view known) {
  if (!node.IsMap()) bad_case(node, what + " is a map of keys and values");
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    if (has_word(known, key) || has_word(notes, key)) continue;
    bad_case(entry.first, fmt::format("{} key {} is unknown; the keys are {}", what, key,
                                      fmt::join(words(known), ", ")));
  }
}

std::string one_of(const YAML::Node& node, const char* key, std::string_view choices) {
  const std::string word = scalar(node, key);
  if (word.empty() || has_word(choices, word)) return word;
  bad_case(node[key],
           fmt::format("{} cannot be {}; write {}", key, word, fmt::join(words(choices), ", ")));
}

Rule read_case_rule(const YAML::Node& node) {
  only_keys(node, "rule", rule_keys);
  Rule rule;
  rule.id = "case";
  rule.measure = "mood";
  read_condition(node, rule);
  rule.per_day =
      per_day_from(one_of(node, "per_day", "last first min max mean")).value_or(PerDay::last);
  const std::string decide = one_of(node, "decide", "on_reply reply day_end");
  const bool waits = rule.per_day == PerDay::mean || rule.per_day == PerDay::max;
  const bool day_end = decide.empty() ? waits : decide == "day_end";
  rule.decide = day_end ? Decide::day_end : Decide::reply;
  rule.unit = unit_from(one_of(node, "unit", "day prompt")).value_or(Unit::day);
  rule.missing = one_of(node, "missing", "skip break") == "break" ? Missing::brk : Missing::skip;
  rule.max_gap = number(node, "max_gap", 1);
  rule.max_excluded = number(node, "max_excluded", 3);
  rule.reply_window = span(node, "reply_window", TimeSpan::of_hours(18));
  rule.stale = span(node, "stale", TimeSpan::of_days(14));
  rule.late_limit = span(node, "late_limit", TimeSpan::of_days(14));
  rule.reply_repeat = span(node, "reply_repeat", TimeSpan::of_minutes(15));
  rule.day_start = time_at(node, "day_start", "04:00");
  rule.use_history = yes(node, "use_history");
  rule.low_mark = yes(node, "low_mark");
  rule.urgent = yes(node, "urgent") || scalar(node, "kind") == "safety_phrase";
  // Left out here they are none, whatever a rule file's defaults are; an urgent rule has neither.
  rule.settle = rule.urgent ? TimeSpan{} : span(node, "settle", {});
  rule.cooldown = rule.urgent ? TimeSpan{} : span(node, "cooldown", {});
  return rule;
}

void add_case_steps(const YAML::Node& practitioner, const YAML::Node& rule_node, Rule& rule) {
  Step tell;
  tell.role = "practitioner";
  rule.then = {tell};
  constexpr int never_days = 4000;
  const TimeSpan of_rule = span(rule_node, "ack_expires", TimeSpan::of_days(never_days));
  rule.ack_expires = span(practitioner, "ack_expires", of_rule);
  const TimeSpan after = span(practitioner, "escalate_after", {});
  if (after.zero()) return;
  Step step;
  step.role = rule.urgent ? "duty" : "deputy";
  const bool working = one_of(practitioner, "escalate_clock", "working elapsed") != "elapsed";
  step.clock = working ? Clock::working_hours : Clock::elapsed;
  step.after_s = after.s + after.days * std::int64_t{86'400};
  if (working && after.days > 0) {
    step.clock = Clock::working_days;
    step.after_s = 0;
    step.after_days = after.days;
  }
  rule.escalate = {step};
}

}  // namespace moodline::config
