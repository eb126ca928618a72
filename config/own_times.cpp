#include "config/own_times.hpp"

#include <algorithm>

namespace moodline::config {
namespace {

constexpr int days_a_week = 7;

std::vector<Weekday> days_of(const Prompt& prompt, const std::vector<Weekday>& chosen) {
  const std::vector<Weekday>& own = prompt.schedule.days;
  if (chosen.empty()) return own;
  if (own.size() != 1) return chosen;
  for (int ahead = 0; ahead < days_a_week; ++ahead) {
    const auto day = static_cast<Weekday>((static_cast<int>(own.front()) + ahead) % days_a_week);
    if (std::find(chosen.begin(), chosen.end(), day) != chosen.end()) return {day};
  }
  return own;
}

}  // namespace

schedule::Schedule schedule_of(const Prompt& prompt, const OwnTimes& all,
                               const OwnTimesByPrompt& one) {
  const auto it = one.find(prompt.id);
  const OwnTimes own = it == one.end() ? OwnTimes{} : it->second;
  schedule::Schedule s;
  s.id = prompt.id;
  s.days = own.days.empty() ? days_of(prompt, all.days) : own.days;
  if (prompt.schedule.random) {
    const RandomTimes& r = *prompt.schedule.random;
    s.random = schedule::RandomWindow{r.count, {r.from, r.to}, r.min_gap};
  } else if (!own.times.empty()) {
    s.times = own.times;
  } else {
    s.times = all.times.empty() ? prompt.schedule.times : all.times;
  }
  std::sort(s.times.begin(), s.times.end());
  s.starts = prompt.schedule.starts;
  s.ends = prompt.schedule.ends;
  s.shelf_life = prompt.expire_after;
  return s;
}

}  // namespace moodline::config
