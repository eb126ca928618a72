// What time alone will bring.
#include "rules/engine/due.hpp"

#include <algorithm>

#include "rules/kinds/kind.hpp"

namespace moodline::rules {

std::optional<Instant> stale_due(const State& s) {
  if (!s.episode || s.episode->stale || s.episode->done) return std::nullopt;
  if (!info(s.episode->rule->when.kind).needs_measure) return std::nullopt;
  const Instant due = plus(s.last_reading, s.episode->rule->stale, s.zone);
  return std::max(due, s.episode->fired_at);
}

std::optional<Instant> schedule_due(const State& s) {
  if (!s.agreed || s.agreed->rule->when.kind != Kind::schedule) return std::nullopt;
  const Condition& when = s.agreed->rule->when;
  const Instant after = std::max(s.scheduled_to.value_or(s.judged_to), s.agreed->counts_from);
  if (after == Instant::min()) return std::nullopt;  // nothing has happened yet
  LocalDate date = s.zone.local(after).date - 1;
  constexpr int days_max = 16;  // a week, and dates that do not exist
  for (int i = 0; i < days_max; ++i, date = date + 1) {
    if (when.every && date.weekday() != *when.every) continue;
    const auto at = s.zone.resolve(date, when.at);
    if (at && *at > after) return at;
  }
  return std::nullopt;
}

std::optional<Instant> next_due(const State& s) {
  if (s.deadlines_hold) return std::nullopt;
  std::optional<Instant> due;
  const auto take = [&](std::optional<Instant> at) {
    if (at && (!due || *at < *due)) due = at;
  };
  if (s.agreed) {
    if (s.true_since) take(plus(*s.true_since, s.agreed->rule->settle, s.zone));
    take(s.close_due);
    take(s.window_due);
    take(schedule_due(s));
  }
  take(stale_due(s));
  return due;
}

}  // namespace moodline::rules
