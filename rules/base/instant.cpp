#include "rules/base/instant.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <array>
#include <charconv>

namespace moodline {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;
constexpr std::array<std::string_view, 7> weekday_names{"mon", "tue", "wed", "thu",
                                                        "fri", "sat", "sun"};

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - ((a % b != 0 && a < 0) ? 1 : 0);
}

// Reads exactly n digits at pos and moves past them.
bool digits(std::string_view text, std::size_t& pos, std::size_t n, int& out) {
  if (pos + n > text.size()) return false;
  out = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const char c = text[pos + i];
    if (c < '0' || c > '9') return false;
    out = out * 10 + (c - '0');
  }
  pos += n;
  return true;
}

bool expect(std::string_view text, std::size_t& pos, char c) {
  if (pos >= text.size() || text[pos] != c) return false;
  ++pos;
  return true;
}

// Fraction of a second as milliseconds; further digits are cut.
bool fraction(std::string_view text, std::size_t& pos, int& ms) {
  ms = 0;
  if (pos >= text.size() || (text[pos] != '.' && text[pos] != ',')) return true;
  ++pos;
  int scale = 100;
  const std::size_t start = pos;
  while (pos < text.size() && text[pos] >= '0' && text[pos] <= '9') {
    ms += (text[pos] - '0') * scale;
    scale /= 10;
    ++pos;
  }
  return pos > start;
}

bool offset(std::string_view text, std::size_t& pos, int& minutes) {
  minutes = 0;
  if (pos < text.size() && (text[pos] == 'Z' || text[pos] == 'z')) {
    ++pos;
    return true;
  }
  if (pos >= text.size() || (text[pos] != '+' && text[pos] != '-')) return false;
  const int sign = text[pos] == '-' ? -1 : 1;
  ++pos;
  int h = 0;
  int m = 0;
  if (!digits(text, pos, 2, h)) return false;
  expect(text, pos, ':');
  if (!digits(text, pos, 2, m)) return false;
  minutes = sign * (h * 60 + m);
  return h < 24 && m < 60;
}

bool date_part(std::string_view text, std::size_t& pos, LocalDate& out) {
  int y = 0;
  int m = 0;
  int d = 0;
  if (!digits(text, pos, 4, y) || !expect(text, pos, '-') || !digits(text, pos, 2, m) ||
      !expect(text, pos, '-') || !digits(text, pos, 2, d)) {
    return false;
  }
  const date::year_month_day ymd{date::year{y}, date::month{static_cast<unsigned>(m)},
                                 date::day{static_cast<unsigned>(d)}};
  if (!ymd.ok()) return false;
  out = date_of(y, m, d);
  return true;
}

}  // namespace

std::string to_iso(Instant t) {
  const std::int64_t days = floor_div(t.ms, ms_per_day);
  const std::int64_t rest = t.ms - days * ms_per_day;
  const CivilDate c = civil(LocalDate{static_cast<std::int32_t>(days)});
  const auto s = rest / 1000;
  const auto ms = rest % 1000;
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day,
                                s / 3600, s / 60 % 60, s % 60);
  if (ms != 0) out += fmt::format(".{:03}", ms);
  return out + "Z";
}

std::optional<Instant> from_iso(std::string_view text) {
  std::size_t pos = 0;
  LocalDate d;
  int h = 0;
  int m = 0;
  int s = 0;
  int ms = 0;
  int off = 0;
  if (!date_part(text, pos, d)) return std::nullopt;
  if (!expect(text, pos, 'T') && !expect(text, pos, ' ')) return std::nullopt;
  if (!digits(text, pos, 2, h) || !expect(text, pos, ':') || !digits(text, pos, 2, m)) {
    return std::nullopt;
  }
  if (expect(text, pos, ':') && !digits(text, pos, 2, s)) return std::nullopt;
  if (!fraction(text, pos, ms) || !offset(text, pos, off) || pos != text.size()) {
    return std::nullopt;
  }
  if (h > 23 || m > 59 || s > 60) return std::nullopt;
  const std::int64_t seconds = static_cast<std::int64_t>(h) * 3600 + m * 60 + s - off * 60;
  return Instant{d.days * ms_per_day + seconds * 1000 + ms};
}

std::string to_iso(LocalDate d) {
  const CivilDate c = civil(d);
  return fmt::format("{:04}-{:02}-{:02}", c.year, c.month, c.day);
}

std::optional<LocalDate> date_from_iso(std::string_view text) {
  std::size_t pos = 0;
  LocalDate d;
  if (!date_part(text, pos, d) || pos != text.size()) return std::nullopt;
  return d;
}

std::string to_hm(TimeOfDay t) {
  std::string out = fmt::format("{:02}:{:02}", t.s / 3600, t.s / 60 % 60);
  if (t.s % 60 != 0) out += fmt::format(":{:02}", t.s % 60);
  return out;
}

std::optional<TimeOfDay> time_from_hm(std::string_view text) {
  std::size_t pos = 0;
  int h = 0;
  int m = 0;
  int s = 0;
  const bool one_digit = text.size() > 1 && text[1] == ':';
  if (!digits(text, pos, one_digit ? 1 : 2, h) || !expect(text, pos, ':') ||
      !digits(text, pos, 2, m)) {
    return std::nullopt;
  }
  if (pos < text.size() && (!expect(text, pos, ':') || !digits(text, pos, 2, s))) {
    return std::nullopt;
  }
  if (pos != text.size() || h > 23 || m > 59 || s > 59) return std::nullopt;
  return TimeOfDay{h * 3600 + m * 60 + s};
}

std::string_view short_name(Weekday w) {
  return weekday_names.at(static_cast<std::size_t>(w));
}

std::optional<Weekday> weekday_from_name(std::string_view text) {
  for (std::size_t i = 0; i < weekday_names.size(); ++i) {
    if (weekday_names.at(i) == text) return static_cast<Weekday>(i);
  }
  return std::nullopt;
}

LocalDate date_of(int year, int month, int day) {
  const date::sys_days d = date::year{year} / month / day;
  return LocalDate{static_cast<std::int32_t>(d.time_since_epoch().count())};
}

CivilDate civil(LocalDate d) {
  const date::year_month_day ymd{date::sys_days{date::days{d.days}}};
  return {static_cast<int>(ymd.year()), static_cast<int>(static_cast<unsigned>(ymd.month())),
          static_cast<int>(static_cast<unsigned>(ymd.day()))};
}

}  // namespace moodline
