#include "rules/notify/calendar.hpp"

#include <algorithm>

namespace moodline::rules {
namespace {

constexpr std::int32_t day_s = 86'400;

struct Opening {
  Instant from;
  Instant to;
};

// The openings of one local date, as instants, in order.
std::vector<Opening> openings(const Calendar& c, LocalDate date) {
  std::vector<Opening> out;
  if (c.closed_date(date) || !c.zone.exists(date)) return out;
  for (const OpenHours& h : c.week[static_cast<std::size_t>(date.weekday())]) {
    const Instant from = c.zone.resolve_or_next(date, h.from);
    const Instant to = h.to.s >= day_s ? c.zone.resolve_or_next(date + 1, {0})
                                       : c.zone.resolve_or_next(date, h.to);
    if (from < to) out.push_back({from, to});
  }
  return out;
}

// Calls `visit` for each opening that ends after `t`, until it returns true.
template <class Visit>
bool each_opening(const Calendar& c, Instant t, Visit&& visit) {
  const LocalDate today = c.zone.local(t).date;
  for (int i = -1; i <= calendar_days_max; ++i) {
    for (const Opening& o : openings(c, today + i)) {
      if (o.to > t && visit(o)) return true;
    }
  }
  return false;
}

}  // namespace

Calendar Calendar::always(Zone zone) {
  Calendar c;
  c.zone = zone;
  for (auto& day : c.week) day = {OpenHours{TimeOfDay{0}, TimeOfDay{day_s}}};
  return c;
}

bool Calendar::closed_date(LocalDate d) const {
  if (std::find(holidays.begin(), holidays.end(), d) != holidays.end()) return true;
  return std::any_of(leave.begin(), leave.end(),
                     [&](const LeaveSpan& l) { return d >= l.from && d <= l.to; });
}

bool Calendar::on_leave(Instant t) const {
  const LocalDate d = zone.local(t).date;
  return std::any_of(leave.begin(), leave.end(),
                     [&](const LeaveSpan& l) { return d >= l.from && d <= l.to; });
}

std::optional<Instant> Calendar::next_leave(Instant t) const {
  std::optional<Instant> first;
  for (const LeaveSpan& l : leave) {
    const Instant begins = zone.resolve_or_next(l.from, TimeOfDay{0});
    if (begins > t && (!first || begins < *first)) first = begins;
  }
  return first;
}

bool Calendar::open_at(Instant t) const {
  const LocalTime local = zone.local(t);
  if (closed_date(local.date)) return false;
  const auto& hours = week[static_cast<std::size_t>(local.date.weekday())];
  return std::any_of(hours.begin(), hours.end(),
                     [&](const OpenHours& h) { return local.time >= h.from && local.time < h.to; });
}

std::optional<Instant> Calendar::next_open(Instant t) const {
  if (open_at(t)) return t;
  std::optional<Instant> found;
  each_opening(*this, t, [&](const Opening& o) {
    found = std::max(o.from, t);
    return true;
  });
  return found;
}

std::optional<Instant> Calendar::next_opening_after(Instant t) const {
  std::optional<Instant> found;
  each_opening(*this, t, [&](const Opening& o) {
    if (o.from <= t) return false;
    found = o.from;
    return true;
  });
  return found;
}

std::optional<Instant> Calendar::add_working(Instant t, std::int64_t s) const {
  Millis left = std::chrono::seconds{s};
  std::optional<Instant> found;
  each_opening(*this, t, [&](const Opening& o) {
    const Instant from = std::max(o.from, t);
    // Closing time itself is closed: the time is then over at the next opening.
    if (from + left < o.to) {
      found = from + left;
      return true;
    }
    left -= o.to - from;
    return false;
  });
  return found;
}

std::int64_t Calendar::working_days_s(Instant t, int days) const {
  std::int64_t total = 0;
  LocalDate date = zone.local(t).date;
  for (int i = 0; i < calendar_days_max && days > 0; ++i) {
    date = date + 1;
    std::int64_t open = 0;
    for (const Opening& o : openings(*this, date)) open += (o.to - o.from).count() / 1000;
    if (open == 0) continue;
    total += open;
    --days;
  }
  return total;
}

}  // namespace moodline::rules
