// Schedules: which slots a person has, when each is due, and what to do with one now. Pure: the
// same schedule, person, zone and dates always give the same slots.
//
// A slot is (person, schedule, local date, index). Its identity never depends on wording, hours or
// zone, so neither a new text nor a move across the world asks a date twice.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/instant.hpp"
#include "rules/base/zones.hpp"

namespace moodline::schedule {

/// Wall-clock time of the day, half-open: from <= t < to. `to` may be 86,400 s (midnight).
struct HoursOfDay {
  TimeOfDay from;
  TimeOfDay to;
  friend bool operator==(const HoursOfDay&, const HoursOfDay&) = default;
};

/// When a person may be texted, as spans of a day: sorted, apart, none empty.
class AllowedHours {
 public:
  /// The whole day.
  AllowedHours();
  /// The common part of the sending window and, where there is one, the safe window. A window
  /// whose end is not after its start goes over midnight; equal ends are the whole day.
  static AllowedHours of(HoursOfDay sending, std::optional<HoursOfDay> safe = std::nullopt);
  [[nodiscard]] bool contains(TimeOfDay t) const;
  [[nodiscard]] const std::vector<HoursOfDay>& spans() const { return spans_; }
  /// The first instant >= `now` at which the wall clock is inside. Nothing where no hour is
  /// allowed at all (two windows without a common minute).
  [[nodiscard]] std::optional<Instant> next_open(const Zone& zone, Instant now) const;

 private:
  std::vector<HoursOfDay> spans_;
};

/// `count` prompts a day at times drawn anew each day (experience sampling).
struct RandomWindow {
  int count = 1;
  HoursOfDay window;
  /// At least so long between two; shortened to what fits where the window is too small.
  std::chrono::minutes min_gap{60};
};

constexpr int slots_per_day_max = 24;

struct Schedule {
  std::string id;                      // stable; stands in the slot's identity
  std::vector<Weekday> days;           // empty: every day
  std::vector<TimeOfDay> times;        // sorted, no doubles; a slot's index is its place here
  std::optional<RandomWindow> random;  // instead of times
  std::optional<LocalDate> starts;     // the first day asked
  std::optional<LocalDate> ends;       // the last day asked
  std::chrono::seconds shelf_life{2 * 3600};  // a prompt not sent this long after due is not sent
};

struct SlotId {
  LocalDate date;
  int index = 0;
  friend auto operator<=>(const SlotId&, const SlotId&) = default;
};

struct Slot {
  SlotId id;
  Instant due;
  Instant expires;  // half-open: not sent at or after it
  friend bool operator==(const Slot&, const Slot&) = default;
};

/// A person's side of a schedule. `person` is their stable random key (never a number).
struct PersonTime {
  std::string person;
  Zone zone;
  AllowedHours allowed;
};

/// Every slot of the local dates from..to (both included, at most dates_at_once_max), by due time.
/// A time in a clock's gap is shifted forward by the gap's length, one in an overlap is due at its
/// first occurrence, a local date that does not exist has no slot. Random times are drawn inside
/// the allowed hours; fixed times are taken as written, see `decide`.
std::vector<Slot> slots(const Schedule& schedule, const PersonTime& person, LocalDate from,
                        LocalDate to);
constexpr int dates_at_once_max = 3700;

/// The earliest slot due at or after `not_before` that comes after the last one asked. A date up
/// to the last asked is never asked again, even where a new zone has it still to come: later slots
/// of the last date count only while the schedule still has the last index. Nothing when the
/// schedule has no slot within look_ahead_days_max of `not_before` (or of its first day).
std::optional<Slot> next_due(const Schedule& schedule, const PersonTime& person, Instant not_before,
                             std::optional<SlotId> last_asked);
constexpr int look_ahead_days_max = 400;

enum class SlotVerdict {
  send,
  too_early,
  expired,  // never sent: record it as not sent
  paused,   // record it as paused
  quiet,    // outside the allowed hours: wait for AllowedHours::next_open, which may be too late
};
std::string_view to_text(SlotVerdict v);

/// Judged at the moment of sending, after every delay. `paused_until` is exclusive.
SlotVerdict decide(const Slot& slot, const PersonTime& person, std::optional<Instant> paused_until,
                   Instant now);

/// The seed of a day's random times: FNV-1a (64 bit) over person, "\n", schedule id, "\n" and the
/// date as "2026-03-02". The times are then drawn with SplitMix64, one number a prompt, as
/// (top 32 bits * n) >> 32 in 0..n-1. Documented so that others can compute the same times.
std::uint64_t day_seed(std::string_view person, std::string_view schedule, LocalDate date);

}  // namespace moodline::schedule
