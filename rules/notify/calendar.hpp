// Calendar: when somebody reads routine messages. Half-open hours: 17:00 is closed.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "rules/base/instant.hpp"
#include "rules/base/zones.hpp"

namespace moodline::rules {

struct OpenHours {
  TimeOfDay from;
  TimeOfDay to;  // exclusive; 86,400 s is the end of the day
  friend bool operator==(const OpenHours&, const OpenHours&) = default;
};
struct LeaveSpan {
  LocalDate from;
  LocalDate to;  // inclusive
};

constexpr int calendar_days_max = 400;  // how far an opening is looked for

/// Opening hours of one recipient, by the wall clock of `zone`.
struct Calendar {
  Zone zone = Zone::utc();
  std::array<std::vector<OpenHours>, 7> week;  // by Weekday; sorted, apart
  std::vector<LocalDate> holidays;             // no working days
  std::vector<LeaveSpan> leave;                // as holidays
  static Calendar always(Zone zone);

  [[nodiscard]] bool open_at(Instant t) const;
  /// `t` itself when open, else the next opening. Nothing when there is none in 400 days.
  [[nodiscard]] std::optional<Instant> next_open(Instant t) const;
  /// The first opening instant strictly after `t`.
  [[nodiscard]] std::optional<Instant> next_opening_after(Instant t) const;
  /// The instant at which `s` open seconds have passed since `t`; at a closing time, the next
  /// opening.
  [[nodiscard]] std::optional<Instant> add_working(Instant t, std::int64_t s) const;
  /// Open seconds of the next `days` opening days after the local date of `t`.
  [[nodiscard]] std::int64_t working_days_s(Instant t, int days) const;
  [[nodiscard]] bool on_leave(Instant t) const;
  /// The first beginning of a leave strictly after `t`.
  [[nodiscard]] std::optional<Instant> next_leave(Instant t) const;
  [[nodiscard]] bool closed_date(LocalDate d) const;
};

}  // namespace moodline::rules
