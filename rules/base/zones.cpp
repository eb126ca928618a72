#include "rules/base/zones.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace moodline {
namespace {

const date::time_zone* tz(const void* impl) {
  return static_cast<const date::time_zone*>(impl);
}

date::local_seconds wall(LocalDate d, TimeOfDay t) {
  return date::local_days{date::days{d.days}} + std::chrono::seconds{t.s};
}

Instant instant(date::sys_seconds t) {
  return Instant{t.time_since_epoch().count() * 1000};
}

constexpr std::size_t suggestion_distance_max = 3;
constexpr std::string_view machine_zone = "localtime";

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

std::string nearest_zone(std::string_view name) {
  std::string best;
  std::size_t best_distance = suggestion_distance_max + 1;
  for (const std::string& z : zone_names()) {
    const std::size_t d = edit_distance(name, z);
    if (d < best_distance) {
      best_distance = d;
      best = z;
    }
  }
  return best;
}

}  // namespace

Result<Zone> Zone::find(std::string_view name) {
  try {
    // The machine's own zone is a file among the zones, and would differ from machine to machine.
    if (name == machine_zone) throw std::runtime_error("not a zone of the database");
    return Zone(date::locate_zone(std::string(name)));
  } catch (const std::runtime_error&) {
    const std::string near = nearest_zone(name);
    std::string message = fmt::format("zone \"{}\" is unknown", name);
    message += near.empty() ? "; write an IANA name such as Europe/London"
                            : fmt::format("; did you mean {}?", near);
    return fault("unknown_zone", message);
  }
}

Zone Zone::utc() {
  return Zone(date::locate_zone("Etc/UTC"));
}

std::string Zone::name() const {
  return tz(impl_)->name();
}

LocalTime Zone::local(Instant t) const {
  const date::sys_time<Millis> st{Millis{t.ms}};
  const auto lt = tz(impl_)->to_local(date::floor<std::chrono::seconds>(st));
  const auto day = date::floor<date::days>(lt);
  return {LocalDate{static_cast<std::int32_t>(day.time_since_epoch().count())},
          TimeOfDay{static_cast<std::int32_t>((lt - day).count())}};
}

bool Zone::exists(LocalDate d) const {
  // A date is skipped when its midnight lies in a gap that reaches at least the next midnight.
  const auto info = tz(impl_)->get_info(wall(d, {0}));
  if (info.result != date::local_info::nonexistent) return true;
  return info.second.begin.time_since_epoch() + info.second.offset <
         wall(d + 1, {0}).time_since_epoch();
}

std::optional<Instant> Zone::resolve(LocalDate d, TimeOfDay t) const {
  if (!exists(d)) return std::nullopt;
  const auto local = wall(d, t);
  const auto info = tz(impl_)->get_info(local);
  // Unique, ambiguous (first) and nonexistent (shift forward) all use the offset before the change.
  return instant(date::sys_seconds{local.time_since_epoch()} - info.first.offset);
}

Instant Zone::resolve_or_next(LocalDate d, TimeOfDay t) const {
  if (const auto found = resolve(d, t)) return *found;
  return instant(tz(impl_)->get_info(wall(d, t)).second.begin);
}

std::string tzdb_version() {
  for (const char* path :
       {"/usr/share/zoneinfo/tzdata.zi", "/usr/share/zoneinfo/posix/tzdata.zi"}) {
    std::ifstream in(path);
    std::string hash;
    std::string word;
    std::string version;
    if (in >> hash >> word >> version && hash == "#" && word == "version") return version;
  }
  return "unknown";
}

std::vector<std::string> zone_names() {
  std::vector<std::string> names;
  const auto& db = date::get_tzdb();
  for (const auto& z : db.zones) {
    if (z.name() != machine_zone) names.push_back(z.name());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace moodline
