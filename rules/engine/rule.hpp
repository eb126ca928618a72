// Rule: one resolved rule of one person, every default and param filled in. Plain data.
// What each field means is docs/rules.md; which fields a kind has is rules/kinds.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/decimal.hpp"
#include "rules/base/instant.hpp"
#include "rules/base/result.hpp"
#include "rules/base/zones.hpp"

namespace moodline::rules {

enum class Kind : std::uint8_t {
  streak,
  n_of_m,
  average,
  baseline_drop,
  rise,
  silence,
  undelivered,
  phrase,
  schedule
};
enum class Test : std::uint8_t { below, at_most, above, at_least };
enum class PerDay : std::uint8_t { last, first, min, max, mean };
enum class Decide : std::uint8_t { reply, day_end };
enum class Missing : std::uint8_t { skip, brk };  // brk is written `break`
enum class Unit : std::uint8_t { day, prompt };

/// A length of time as a rule writes it: "3d" is calendar days to the same local time, every
/// other unit is elapsed seconds. Exactly one of the two is used; both zero is no time at all.
struct TimeSpan {
  std::int32_t days = 0;
  std::int64_t s = 0;
  friend constexpr bool operator==(const TimeSpan&, const TimeSpan&) = default;
  static constexpr TimeSpan of_days(int n) { return {n, 0}; }
  static constexpr TimeSpan of_minutes(std::int64_t n) { return {0, n * 60}; }
  static constexpr TimeSpan of_hours(std::int64_t n) { return {0, n * 3600}; }
  [[nodiscard]] constexpr bool zero() const { return days == 0 && s == 0; }
};
/// `at` plus the span: days by the wall clock of `zone`, else elapsed.
Instant plus(Instant at, TimeSpan span, const Zone& zone);
/// "10m", "18h", "90s", "3d". Nothing for other text.
std::optional<TimeSpan> span_from(std::string_view text);
std::string to_text(TimeSpan span);

/// A line and how it is tested. below and above are strict; at_most and at_least are not.
struct Line {
  Test test = Test::below;
  Decimal value;
  friend constexpr bool operator==(const Line&, const Line&) = default;
};

/// The one condition. Only the fields that the kind declares (rules/kinds) are read.
struct Condition {
  Kind kind = Kind::streak;
  Line line;                     // streak, n_of_m, average
  int n = 0;                     // streak: `days`; n_of_m: hits needed
  int m = 0;                     // n_of_m: units of the window
  int days = 0;                  // average, rise: calendar days of a window
  int min_days = 0;              // average, rise: days with a reading that a window needs
  Decimal amount;                // baseline_drop: `drop`; rise: `by`
  int baseline = 0;              // baseline_drop: calendar days
  int gap = 0;                   // baseline_drop: days counted back from the newest day
  int recent = 0;                // baseline_drop: calendar days
  int min_baseline = 0;          // baseline_drop
  int min_recent = 0;            // baseline_drop
  int prompts = 0;               // silence, undelivered; 0 where silence counts hours
  TimeSpan hours;                // silence; zero where it counts prompts
  std::string list;              // phrase: name of the word list
  std::optional<Weekday> every;  // schedule: a weekday, or none for every day
  TimeOfDay at;                  // schedule: by the person's wall clock
};

/// When an open alert clears. Silence, undelivered, phrase, rise and schedule have none.
struct Clear {
  std::optional<Line> line;  // streak, n_of_m: per unit; average: of the window's mean
  int n = 1;                 // streak, n_of_m: units running on the clear line
  Decimal within;            // baseline_drop
};

enum class StepKind : std::uint8_t { notify, text_person, text_own_words, digest };
enum class Clock : std::uint8_t { elapsed, working_hours, working_days };
/// One thing to do about an alert. `after` counts from the first message of the alert handed to
/// the provider; without it the step runs at the fire.
struct Step {
  StepKind kind = StepKind::notify;
  std::string role;         // notify, digest: practitioner, deputy, lead, duty, admin, ...
  std::string template_id;  // or the name of the person's own words
  Clock clock = Clock::elapsed;
  std::int64_t after_s = 0;  // elapsed or working seconds
  int after_days = 0;        // working_days
  [[nodiscard]] bool at_once() const { return after_s == 0 && after_days == 0; }
  friend bool operator==(const Step&, const Step&) = default;
};

struct Rule {
  std::string id;
  int version = 1;
  /// Names this resolved rule wherever state is stored: id@version plus a hash of canonical().
  std::string key;
  std::string measure;    // a component such as "mood" or "bp.systolic"; empty where none is used
  std::string says;       // the agreed sentence with {params}, as written
  std::string says_text;  // the same with the person's numbers and roles filled in
  Condition when;
  Clear clear;
  PerDay per_day = PerDay::last;
  Decide decide = Decide::reply;
  Unit unit = Unit::day;
  Missing missing = Missing::skip;
  int max_gap = 1;
  int max_excluded = 3;
  TimeSpan reply_window = TimeSpan::of_hours(18);
  TimeSpan settle = TimeSpan::of_minutes(10);
  TimeSpan cooldown = TimeSpan::of_days(3);
  TimeSpan stale = TimeSpan::of_days(14);
  TimeSpan late_limit = TimeSpan::of_days(14);
  TimeOfDay day_start = TimeOfDay::hm(4, 0);
  TimeSpan ack_expires = TimeSpan::of_hours(24);
  TimeSpan reply_repeat =
      TimeSpan::of_minutes(15);  // phrase: least time between two crisis replies
  bool urgent = false;
  bool use_history = false;
  bool low_mark = false;  // `says` includes answers beyond the bad end of the scale
  std::vector<Step> then;
  std::vector<Step> escalate;
};
using RulePtr = std::shared_ptr<const Rule>;
/// The same object, or the same key.
inline bool same_rule(const RulePtr& a, const RulePtr& b) {
  return a == b || (a && b && !a->key.empty() && a->key == b->key);
}

std::string_view name_of(Kind v);
std::string_view name_of(Test v);
std::string_view name_of(PerDay v);
std::string_view name_of(Decide v);
std::string_view name_of(Missing v);
std::string_view name_of(Unit v);
std::string_view name_of(StepKind v);
std::optional<Test> test_from(std::string_view name);
std::optional<PerDay> per_day_from(std::string_view name);
std::optional<Unit> unit_from(std::string_view name);

/// "4 working hours", "1 working day", "24h", "15m" into a step's clock and length.
/// Fails with "bad_after".
Result<void> set_after(Step& step, std::string_view text);
/// True for below and at_most.
constexpr bool low_side(Test t) {
  return t == Test::below || t == Test::at_most;
}

}  // namespace moodline::rules
