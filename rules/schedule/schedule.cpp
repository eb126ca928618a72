#include "rules/schedule/schedule.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace moodline::schedule {
namespace {

constexpr std::int32_t day_s = 86'400;

std::vector<HoursOfDay> spans_of(HoursOfDay h) {
  if (h.from == h.to) return {{{0}, {day_s}}};
  if (h.from < h.to) return {h};
  std::vector<HoursOfDay> out;
  if (h.to.s > 0) out.push_back({{0}, h.to});
  if (h.from.s < day_s) out.push_back({h.from, {day_s}});
  return out;
}

std::vector<HoursOfDay> common(const std::vector<HoursOfDay>& a, const std::vector<HoursOfDay>& b) {
  std::vector<HoursOfDay> out;
  for (const HoursOfDay& x : a) {
    for (const HoursOfDay& y : b) {
      const HoursOfDay both{std::max(x.from, y.from), std::min(x.to, y.to)};
      if (both.from < both.to) out.push_back(both);
    }
  }
  std::sort(out.begin(), out.end(),
            [](const HoursOfDay& x, const HoursOfDay& y) { return x.from < y.from; });
  return out;
}

std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

/// Whole minutes of the spans laid end to end, so that a draw needs no rejection.
struct Minutes {
  std::vector<HoursOfDay> spans;
  [[nodiscard]] int total() const {
    int n = 0;
    for (const HoursOfDay& h : spans) n += (h.to.s - h.from.s) / 60;
    return n;
  }
  [[nodiscard]] TimeOfDay at(int minute) const {
    for (const HoursOfDay& h : spans) {
      const int here = (h.to.s - h.from.s) / 60;
      if (minute < here) return {h.from.s + minute * 60};
      minute -= here;
    }
    assert(false && "a minute beyond the spans");
    return {};
  }
};

std::vector<TimeOfDay> random_times(const Schedule& schedule, const PersonTime& person,
                                    LocalDate date) {
  const RandomWindow& r = *schedule.random;
  const Minutes minutes{common(spans_of(r.window), person.allowed.spans())};
  const int total = minutes.total();
  const int count = std::min({r.count, slots_per_day_max, total});
  if (count <= 0) return {};
  // Sorted draws from the slack left by the gaps, then the gaps put back in: every arrangement
  // that keeps the gaps is possible, and none needs a second try.
  int gap = static_cast<int>(std::max<std::int64_t>(r.min_gap.count(), 1));
  if (count > 1) gap = std::min(gap, (total - 1) / (count - 1));
  const auto room = static_cast<std::uint64_t>(total - (count - 1) * gap);
  std::uint64_t state = day_seed(person.person, schedule.id, date);
  std::vector<int> draws;
  for (int i = 0; i < count; ++i) {
    draws.push_back(static_cast<int>((split_mix(state) >> 32) * room >> 32));
  }
  std::sort(draws.begin(), draws.end());
  std::vector<TimeOfDay> times;
  for (int i = 0; i < count; ++i) {
    times.push_back(minutes.at(draws[static_cast<std::size_t>(i)] + i * gap));
  }
  return times;
}

bool asks_on(const Schedule& s, LocalDate d) {
  if (s.starts && d < *s.starts) return false;
  if (s.ends && d > *s.ends) return false;
  return s.days.empty() || std::find(s.days.begin(), s.days.end(), d.weekday()) != s.days.end();
}

std::vector<Slot> slots_of_day(const Schedule& s, const PersonTime& person, LocalDate d) {
  std::vector<Slot> out;
  if (!asks_on(s, d) || !person.zone.exists(d)) return out;
  const auto times = s.random ? random_times(s, person, d) : s.times;
  const int count = std::min(static_cast<int>(times.size()), slots_per_day_max);
  for (int i = 0; i < count; ++i) {
    const auto due = person.zone.resolve(d, times[static_cast<std::size_t>(i)]);
    if (due) out.push_back({{d, i}, *due, *due + s.shelf_life});
  }
  // A gap can carry an earlier time past a later one.
  std::stable_sort(out.begin(), out.end(),
                   [](const Slot& a, const Slot& b) { return a.due < b.due; });
  return out;
}

/// Drops what was asked before, in the order of due times.
void drop_asked(std::vector<Slot>& day, SlotId last) {
  if (day.empty() || day.front().id.date > last.date) return;
  auto kept = day.end();
  if (day.front().id.date == last.date) {
    const auto at =
        std::find_if(day.begin(), day.end(), [&](const Slot& s) { return s.id == last; });
    if (at != day.end()) kept = at + 1;
  }
  day.erase(day.begin(), kept);
}

}  // namespace

AllowedHours::AllowedHours() : spans_(spans_of({})) {}

AllowedHours AllowedHours::of(HoursOfDay sending, std::optional<HoursOfDay> safe) {
  AllowedHours out;
  out.spans_ = spans_of(sending);
  if (safe) out.spans_ = common(out.spans_, spans_of(*safe));
  return out;
}

bool AllowedHours::contains(TimeOfDay t) const {
  return std::any_of(spans_.begin(), spans_.end(),
                     [t](const HoursOfDay& h) { return h.from <= t && t < h.to; });
}

std::optional<Instant> AllowedHours::next_open(const Zone& zone, Instant now) const {
  const LocalTime wall = zone.local(now);
  if (contains(wall.time)) return now;
  std::optional<Instant> best;
  // Two days always suffice, and one more where a date does not exist.
  for (int i = 0; i <= 3 && !best; ++i) {
    for (const HoursOfDay& h : spans_) {
      const auto opens = zone.resolve(wall.date + i, h.from);
      if (opens && *opens >= now && contains(zone.local(*opens).time) &&
          (!best || *opens < *best)) {
        best = opens;
      }
    }
  }
  return best;
}

std::string_view to_text(SlotVerdict v) {
  static constexpr std::array<std::string_view, 5> names{"send", "too_early", "expired", "paused",
                                                         "quiet"};
  return names[static_cast<std::size_t>(v)];
}

std::uint64_t day_seed(std::string_view person, std::string_view schedule, LocalDate date) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  const auto mix = [&hash](std::string_view text) {
    for (const char c : text) {
      hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001B3ULL;
    }
  };
  mix(person);
  mix("\n");
  mix(schedule);
  mix("\n");
  mix(to_iso(date));
  return hash;
}

std::vector<Slot> slots(const Schedule& schedule, const PersonTime& person, LocalDate from,
                        LocalDate to) {
  std::vector<Slot> out;
  const LocalDate last = std::min(to, from + (dates_at_once_max - 1));
  for (LocalDate d = from; d <= last; d = d + 1) {
    const auto day = slots_of_day(schedule, person, d);
    out.insert(out.end(), day.begin(), day.end());
  }
  return out;
}

std::optional<Slot> next_due(const Schedule& schedule, const PersonTime& person, Instant not_before,
                             std::optional<SlotId> last_asked) {
  // A day earlier than the wall clock shows: a gap at midnight can carry a slot into the next date.
  LocalDate first = person.zone.local(not_before).date - 1;
  if (schedule.starts) first = std::max(first, *schedule.starts);
  if (last_asked) first = std::max(first, last_asked->date);
  for (int i = 0; i <= look_ahead_days_max; ++i) {
    auto day = slots_of_day(schedule, person, first + i);
    if (last_asked) drop_asked(day, *last_asked);
    for (const Slot& slot : day) {
      if (slot.due >= not_before) return slot;
    }
  }
  return std::nullopt;
}

SlotVerdict decide(const Slot& slot, const PersonTime& person, std::optional<Instant> paused_until,
                   Instant now) {
  if (now < slot.due) return SlotVerdict::too_early;
  if (now >= slot.expires) return SlotVerdict::expired;
  if (paused_until && now < *paused_until) return SlotVerdict::paused;
  if (!person.allowed.contains(person.zone.local(now).time)) return SlotVerdict::quiet;
  return SlotVerdict::send;
}

}  // namespace moodline::schedule
