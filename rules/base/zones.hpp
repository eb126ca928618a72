// Time zones: the one place that touches the system's tzdata (Howard Hinnant's date library).
// Known limit: that library reads transitions up to 2037; later local times may be wrong.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/instant.hpp"
#include "rules/base/result.hpp"

namespace moodline {

/// One IANA zone. Cheap to copy; the database outlives every Zone. Safe from any thread.
class Zone {
 public:
  /// Fails with code "unknown_zone" and, where one is close, a suggestion.
  static Result<Zone> find(std::string_view name);
  static Zone utc();

  [[nodiscard]] std::string name() const;
  /// What the wall clock shows at `t`.
  [[nodiscard]] LocalTime local(Instant t) const;
  /// The instant of a wall-clock time. In a gap the time shifts forward by the gap's length;
  /// in an overlap the first occurrence is taken. Nothing where the whole date does not exist.
  [[nodiscard]] std::optional<Instant> resolve(LocalDate date, TimeOfDay time) const;
  /// Like resolve, and for a date that does not exist the first instant after it.
  [[nodiscard]] Instant resolve_or_next(LocalDate date, TimeOfDay time) const;
  /// False for a date that was skipped, such as 2011-12-30 in Pacific/Apia.
  [[nodiscard]] bool exists(LocalDate date) const;
  friend bool operator==(const Zone&, const Zone&) = default;

 private:
  explicit Zone(const void* impl) : impl_(impl) {}
  const void* impl_;
};

/// Line 1 of the system's tzdata, such as "2026a".
std::string tzdb_version();
/// Every zone and link name known, sorted.
std::vector<std::string> zone_names();

}  // namespace moodline
