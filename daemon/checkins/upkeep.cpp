#include "daemon/checkins/upkeep.hpp"

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/desk.hpp"
#include "daemon/checkins/practitioners.hpp"

namespace moodline::checkins {
namespace {

constexpr Millis upkeep_day{86'400'000};
constexpr int prune_rows_max = 500;
constexpr int unread_read_max = 1000;
constexpr TimeOfDay nightly_at = TimeOfDay::hm(3, 15);

Instant next_night(const Setting& s) {
  const Zone zone = Zone::find(s.service.settings.timezone).value_or(Zone::utc());
  const LocalDate today = zone.local(s.now).date;
  const Instant tonight = zone.resolve_or_next(today, nightly_at);
  return tonight > s.now ? tonight : zone.resolve_or_next(today + 1, nightly_at);
}

}  // namespace

void hold_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  const auto person = tx.person(timer.person);
  if (!person || !person->hold) {
    tx.drop_timer(timer.kind, timer.key);
    return;
  }
  tell_admin(tx, s, "admin-hold", {{"person", person->display}}, "hold:" + person->key);
  tx.put(store::Timer{0, timer.kind, timer.key, timer.person, s.now + upkeep_day});
}

void erase_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  tx.drop_timer(timer.kind, timer.key);
  const auto person = tx.person(timer.person);
  if (!person || person->status == store::PersonStatus::erased) return;
  audit(tx, s, "person", "person.erased", person->key, 0);
  tx.erase_person(timer.person, s.now);
}

void nightly_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  const int texts_days = std::max(1, s.service.settings.retention.texts_days);
  const int gone = tx.prune(s.now - texts_days * upkeep_day, s.now, prune_rows_max);
  const bool more = gone >= prune_rows_max;
  for (const config::Practitioner& p : s.service.practitioners) {
    invite_practitioner(tx, s, p, "system");
  }
  if (!more) {
    const int flag_days = std::max(1, s.service.settings.unread_flag_days);
    int unread = 0;
    for (const store::Inbound& in : tx.inbound_unseen(unread_read_max)) {
      if (in.received_at < s.now - flag_days * upkeep_day) ++unread;
    }
    if (unread > 0) {
      tell_admin(tx, s, "admin-unread",
                 {{"count", std::to_string(unread)}, {"days", std::to_string(flag_days) + " days"}},
                 "unread");
    }
  }
  constexpr Millis again{2'000};
  tx.put(store::Timer{0, timer.kind, timer.key, 0, more ? s.now + again : next_night(s)});
}

void ensure_upkeep(store::Tx& tx, const Setting& s) {
  if (!tx.timer("nightly", "all")) {
    tx.put(store::Timer{0, "nightly", "all", 0, next_night(s)});
  }
  for (const config::Practitioner& p : s.service.practitioners) {
    invite_practitioner(tx, s, p, "system");
  }
}

}  // namespace moodline::checkins
