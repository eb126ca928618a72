#include "daemon/checkins/spend.hpp"

#include <fmt/format.h>

#include "daemon/checkins/consequences.hpp"
#include "rules/base/zones.hpp"

namespace moodline::checkins {
namespace {

struct Period {
  const char* setting;
  std::string name;  // "2026-03-02", "2026-03"
  int ceiling = 0;   // 0: none
  Instant ends;
};

Zone zone_of_service(const Setting& s) {
  return Zone::find(s.service.settings.timezone).value_or(Zone::utc());
}

Period day_of_service(const Setting& s) {
  const Zone zone = zone_of_service(s);
  const LocalDate today = zone.local(s.now).date;
  return {"spend:day", to_iso(today), s.service.settings.spend.segments_per_day,
          zone.resolve_or_next(today + 1, {0})};
}

Period month_of_service(const Setting& s) {
  const Zone zone = zone_of_service(s);
  const CivilDate c = civil(zone.local(s.now).date);
  const LocalDate next =
      c.month == 12 ? date_of(c.year + 1, 1, 1) : date_of(c.year, c.month + 1, 1);
  return {"spend:month", fmt::format("{:04}-{:02}", c.year, c.month),
          s.service.settings.spend.segments_per_month, zone.resolve_or_next(next, {0})};
}

// Kept as "2026-03-02 153": a new period begins at nothing.
std::int64_t spent_in(store::ReadTx& tx, const Period& p) {
  const auto kept = tx.setting(p.setting);
  if (!kept || !kept->starts_with(p.name + " ")) return 0;
  return std::stoll(kept->substr(p.name.size() + 1));
}

}  // namespace

bool is_bulk(store::Purpose purpose) {
  using store::Purpose;
  switch (purpose) {
    case Purpose::prompt:
    case Purpose::reminder:
    case Purpose::invitation:
    case Purpose::agreement:
    case Purpose::person_notice:
    case Purpose::digest:
      return true;
    default:
      return false;
  }
}

std::optional<Instant> bulk_waits_until(store::ReadTx& tx, const Setting& s) {
  std::optional<Instant> until;
  for (const Period& p : {day_of_service(s), month_of_service(s)}) {
    if (p.ceiling > 0 && spent_in(tx, p) >= p.ceiling) until = p.ends;
  }
  return until;
}

void count_segments(store::Tx& tx, const Setting& s, int segments) {
  for (const Period& p : {day_of_service(s), month_of_service(s)}) {
    if (p.ceiling <= 0) continue;
    const std::int64_t before = spent_in(tx, p);
    const std::int64_t now = before + segments;
    tx.put_setting(p.setting, fmt::format("{} {}", p.name, now));
    if (before < p.ceiling && now >= p.ceiling) {
      tell_admin(tx, s, "admin-spend", {{"count", std::to_string(now)}}, "spend:" + p.name);
    }
  }
}

}  // namespace moodline::checkins
