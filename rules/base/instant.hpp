// Points in time and calendar dates. No clock lives here: `now` is always handed in.
#pragma once
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moodline {

using Millis = std::chrono::milliseconds;

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
struct Instant {
  std::int64_t ms = 0;
  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
  friend constexpr Instant operator+(Instant a, Millis d) { return {a.ms + d.count()}; }
  friend constexpr Instant operator-(Instant a, Millis d) { return {a.ms - d.count()}; }
  friend constexpr Millis operator-(Instant a, Instant b) { return Millis{a.ms - b.ms}; }
  static constexpr Instant max() { return {INT64_MAX}; }
  static constexpr Instant min() { return {INT64_MIN}; }
};

enum class Weekday : std::uint8_t { mon, tue, wed, thu, fri, sat, sun };

/// A calendar date without a zone: days since 1970-01-01 (proleptic Gregorian).
struct LocalDate {
  std::int32_t days = 0;
  friend constexpr auto operator<=>(const LocalDate&, const LocalDate&) = default;
  friend constexpr LocalDate operator+(LocalDate d, int n) { return {d.days + n}; }
  friend constexpr LocalDate operator-(LocalDate d, int n) { return {d.days - n}; }
  friend constexpr int operator-(LocalDate a, LocalDate b) { return a.days - b.days; }
  [[nodiscard]] constexpr Weekday weekday() const {
    const int w = (days % 7 + 7 + 3) % 7;  // 1970-01-01 was a Thursday
    return static_cast<Weekday>(w);
  }
};

/// A time by the wall clock: seconds since local midnight, 0..86399.
struct TimeOfDay {
  std::int32_t s = 0;
  friend constexpr auto operator<=>(const TimeOfDay&, const TimeOfDay&) = default;
  static constexpr TimeOfDay hm(int h, int m) { return {h * 3600 + m * 60}; }
};

/// What a wall clock shows.
struct LocalTime {
  LocalDate date;
  TimeOfDay time;
  friend constexpr auto operator<=>(const LocalTime&, const LocalTime&) = default;
};

/// "2026-03-29T01:00:00Z" or with milliseconds where they are not zero.
std::string to_iso(Instant t);
/// RFC 3339 with Z or a numeric offset (with or without colon), fraction optional. Nothing on bad
/// text.
std::optional<Instant> from_iso(std::string_view text);
/// "2026-03-29".
std::string to_iso(LocalDate d);
std::optional<LocalDate> date_from_iso(std::string_view text);
/// "19:30"; seconds are shown only where they are not zero.
std::string to_hm(TimeOfDay t);
/// "7:05", "19:30" or "19:30:15". Nothing when out of range.
std::optional<TimeOfDay> time_from_hm(std::string_view text);
/// "mon" .. "sun".
std::string_view short_name(Weekday w);
std::optional<Weekday> weekday_from_name(std::string_view text);
LocalDate date_of(int year, int month, int day);

struct CivilDate {
  int year = 0;
  int month = 0;  // 1..12
  int day = 0;    // 1..31
};
CivilDate civil(LocalDate d);

}  // namespace moodline
