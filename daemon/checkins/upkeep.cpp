#include "daemon/checkins/upkeep.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/desk.hpp"
#include "daemon/checkins/digest.hpp"
#include "daemon/checkins/practitioners.hpp"
#include "daemon/checkins/retention.hpp"

namespace moodline::checkins {
namespace {

constexpr Millis upkeep_day{86'400'000};
constexpr int prune_rows_max = 500;
constexpr int unread_read_max = 1000;
constexpr int unused_answers_max = 20;  // flagged long before thirty go by
constexpr int audit_page = 500;
constexpr int audit_pages_max = 100;
constexpr int people_counted_max = 100'000;
constexpr TimeOfDay nightly_at = TimeOfDay::hm(3, 15);
constexpr TimeOfDay daily_at = TimeOfDay::hm(9, 0);

Instant next_at(const Setting& s, TimeOfDay at) {
  const Zone zone = Zone::find(s.service.settings.timezone).value_or(Zone::utc());
  const LocalDate today = zone.local(s.now).date;
  const Instant then = zone.resolve_or_next(today, at);
  return then > s.now ? then : zone.resolve_or_next(today + 1, at);
}

bool is_a_look(const store::AuditRow& row) {
  return row.action == "page.view" || row.action == "person.series" ||
         row.action == "person.show" || row.action == "person.seen" ||
         row.action == "person.export" || row.action == "person.history" ||
         row.action == "alert.ack" || row.action == "alert.done" || row.action == "person.agree";
}

// Answers since anybody, they themself included, looked at what they sent; a digest is a look.
int unused_answers(store::Tx& tx, const store::Person& p) {
  Instant last = p.created_at;
  store::RowId after = 0;
  for (int page = 0; page < audit_pages_max; ++page) {
    const auto rows = tx.audit_of(p.id, after, audit_page);
    for (const store::AuditRow& row : rows) {
      if (is_a_look(row)) last = std::max(last, row.at);
      after = row.seq;
    }
    if (static_cast<int>(rows.size()) < audit_page) break;
  }
  for (const store::Alert& a : tx.alerts_of(p.id)) {
    if (is_digest(tx, a)) last = std::max(last, a.fired_at);
  }
  const auto texts = tx.inbound_of(p.id, last);
  return static_cast<int>(std::count_if(texts.begin(), texts.end(), [](const store::Inbound& in) {
    return in.kind == "reading" || in.kind == "readings" || in.kind == "correction";
  }));
}

}  // namespace

void hold_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  const auto person = tx.person(timer.person);
  if (!person || !person->hold) {
    tx.drop_timer(timer.kind, timer.key);
    return;
  }
  tell_admin(tx, s, "admin-hold", {{"person", person->display}}, "hold:" + person->key, person->id);
  tx.put(store::Timer{0, timer.kind, timer.key, timer.person, s.now + upkeep_day});
}

void erase_everywhere(store::Tx& tx, const store::Person& person, Instant now) {
  // Texts about several people are sealed with the service's key: their words go too, and those
  // that wait are written anew as they leave.
  for (const store::Alert& a : tx.alerts_of(person.id)) {
    for (store::Message& m : tx.messages_of_alert(a.id)) {
      if (m.person == person.id) continue;
      m.text.clear();
      m.values.erase("list");
      std::erase(m.alerts, a.id);
      if (m.status != store::MessageStatus::queued) m.values.clear();
      if (m.alerts.empty() && m.status == store::MessageStatus::queued) {
        m.status = store::MessageStatus::cancelled;
      }
      if (m.alert == a.id) m.alert = m.alerts.empty() ? 0 : m.alerts.front();
      if (auto put = tx.put(m); !put) throw store::StoreError("message_update", "row clash");
    }
  }
  tx.erase_person(person.id, now);
}

void erase_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  tx.drop_timer(timer.kind, timer.key);
  const auto person = tx.person(timer.person);
  if (!person || person->status == store::PersonStatus::erased) return;
  audit(tx, s, "person", "person.erased", person->key, 0);
  erase_everywhere(tx, *person, s.now);
}

void nightly_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  const int gone = enforce_retention(tx, s, prune_rows_max);
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
    for (const store::RowId id : tx.person_ids(0, people_counted_max)) {
      const auto p = tx.person(id);
      if (!p || p->status != store::PersonStatus::active) continue;
      const int unused = unused_answers(tx, *p);
      if (unused >= unused_answers_max) unread += unused;
    }
    if (unread > 0) {
      tell_admin(tx, s, "admin-unread",
                 {{"count", std::to_string(unread)}, {"days", std::to_string(flag_days) + " days"}},
                 "unread");
    }
  }
  constexpr Millis again{2'000};
  tx.put(store::Timer{0, timer.kind, timer.key, 0, more ? s.now + again : next_at(s, nightly_at)});
}

void daily_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  const auto words = s.service.texts.languages.find(s.service.settings.languages.front());
  const auto word = [&](const char* name, const char* fallback) {
    if (words == s.service.texts.languages.end()) return std::string(fallback);
    const auto it = words->second.words.find(name);
    return it == words->second.words.end() ? std::string(fallback) : it->second;
  };
  int texts = 0;
  int held = 0;
  for (const store::RowId id : tx.person_ids(0, people_counted_max)) {
    const auto p = tx.person(id);
    if (p && p->hold) ++held;
    for (const store::Message& m : tx.messages_of(id, s.now - upkeep_day))
      texts += m.attempts > 0 ? 1 : 0;
  }
  const std::string list =
      fmt::format("{} {}, {} {}, {} {}, {} {}", word("texts", "texts"), texts,
                  word("alerts_open", "open alerts"), tx.alerts_open(unread_read_max).size(),
                  word("unread", "unread"), tx.inbound_unseen(unread_read_max).size(),
                  word("held", "held"), held);
  tell_admin(tx, s, "admin-daily", {{"list", list}}, "daily");
  tx.put(store::Timer{0, timer.kind, timer.key, 0, next_at(s, daily_at)});
}

void ensure_upkeep(store::Tx& tx, const Setting& s) {
  if (!tx.timer("daily", "all")) {
    tx.put(store::Timer{0, "daily", "all", 0, next_at(s, daily_at)});
  }
  if (!tx.timer("nightly", "all")) {
    tx.put(store::Timer{0, "nightly", "all", 0, next_at(s, nightly_at)});
  }
  for (const config::Practitioner& p : s.service.practitioners) {
    invite_practitioner(tx, s, p, "system");
  }
}

}  // namespace moodline::checkins
