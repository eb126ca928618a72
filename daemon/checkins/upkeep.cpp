#include "daemon/checkins/upkeep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/desk.hpp"
#include "daemon/checkins/digest.hpp"
#include "daemon/checkins/friends.hpp"
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
constexpr int people_at_once = 50;  // a person's text never waits for a walk over everybody
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

// How far a walk over everybody has come, and what it has counted. In a setting: each transaction
// takes some people, and a restart goes on where the last one ended.
struct Walk {
  store::RowId after = 0;
  std::int64_t texts = 0;
  std::int64_t held = 0;
  std::int64_t unused = 0;
};

std::string walk_setting(const std::string& kind) {
  return "walk." + kind;
}

Walk walk_of(store::ReadTx& tx, const std::string& kind) {
  Walk w;
  std::istringstream in(tx.setting(walk_setting(kind)).value_or(""));
  if (!(in >> w.after >> w.texts >> w.held >> w.unused)) return {};
  return w;
}

/// The next people in turn, each to `visit`, which says false when this person needs another turn.
/// True while there are more.
template <class Visit>
bool some_people(store::ReadTx& tx, Walk& walk, const Visit& visit) {
  const auto ids = tx.person_ids(walk.after, people_at_once);
  for (const store::RowId id : ids) {
    const auto p = tx.person(id);
    if (p && !visit(*p)) return true;
    walk.after = id;
  }
  return static_cast<int>(ids.size()) == people_at_once;
}

void go_on(store::Tx& tx, const Setting& s, const store::Timer& timer, const Walk& walk) {
  tx.put_setting(walk_setting(timer.kind),
                 fmt::format("{} {} {} {}", walk.after, walk.texts, walk.held, walk.unused));
  tx.put(store::Timer{0, timer.kind, timer.key, 0, s.now});
}

void walk_done(store::Tx& tx, const store::Timer& timer, Instant next) {
  tx.put_setting(walk_setting(timer.kind), "");
  tx.put(store::Timer{0, timer.kind, timer.key, 0, next});
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
  Walk walk = walk_of(tx, timer.kind);
  if (walk.after == 0 && drop_old_texts(tx, s, prune_rows_max) >= prune_rows_max) {
    return go_on(tx, s, timer, walk);
  }
  const bool more = some_people(tx, walk, [&](const store::Person& p) {
    return drop_old_history(tx, s, p.id, prune_rows_max) < prune_rows_max;
  });
  if (more) return go_on(tx, s, timer, walk);
  walk_done(tx, timer, next_at(s, nightly_at));
}

namespace {

// Answers that nobody has looked at for some days, and people whose answers nobody uses.
void tell_of_unread(store::Tx& tx, const Setting& s, std::int64_t unused) {
  const int flag_days = std::max(1, s.service.settings.unread_flag_days);
  std::int64_t unread = unused;
  for (const store::Inbound& in : tx.inbound_unseen(unread_read_max)) {
    if (in.received_at < s.now - flag_days * upkeep_day) ++unread;
  }
  if (unread == 0) return;
  tell_admin(tx, s, "admin-unread",
             {{"count", std::to_string(unread)}, {"days", std::to_string(flag_days) + " days"}},
             "unread");
}

// Everybody who works for the service; a friend only once somebody agreed that they be told.
void invite_staff(store::Tx& tx, const Setting& s) {
  for (const config::Practitioner& p : s.service.practitioners) {
    if (!config::is_friend(p)) invite_practitioner(tx, s, p, "system");
  }
}

void invite_friend_of(store::Tx& tx, const Setting& s, const store::Person& p) {
  const config::Practitioner* theirs = s.service.practitioner(friend_of(s.service, p));
  if (theirs == nullptr || p.status != store::PersonStatus::active) return;
  const auto agreed = in_force(tx, p.id);
  if (std::any_of(agreed.begin(), agreed.end(),
                  [](const store::Agreement& a) { return names_friend(a.recipients); })) {
    invite_practitioner(tx, s, *theirs, "system");
  }
}

}  // namespace

// What goes to people who work for the service goes in the morning, not in the night.
void daily_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  Walk walk = walk_of(tx, timer.kind);
  const bool more = some_people(tx, walk, [&](const store::Person& p) {
    for (const store::Message& m : tx.messages_of(p.id, s.now - upkeep_day)) {
      walk.texts += m.attempts > 0 ? 1 : 0;
    }
    walk.held += p.hold ? 1 : 0;
    const int unused = p.status == store::PersonStatus::active ? unused_answers(tx, p) : 0;
    if (unused >= unused_answers_max) walk.unused += unused;
    invite_friend_of(tx, s, p);
    return true;
  });
  if (more) return go_on(tx, s, timer, walk);
  tell_of_unread(tx, s, walk.unused);
  invite_staff(tx, s);  // again, until they answer
  const config::LanguageWords& words = s.service.words(s.service.settings.languages.front());
  const std::string list = fmt::format(
      "{} {}, {} {}, {} {}, {} {}", words.word("texts"), walk.texts, words.word("alerts_open"),
      tx.alerts_open(unread_read_max).size(), words.word("unread"),
      tx.inbound_unseen(unread_read_max).size(), words.word("held"), walk.held);
  tell_admin(tx, s, "admin-daily", {{"list", list}}, "daily");
  walk_done(tx, timer, next_at(s, daily_at));
}

void ensure_upkeep(store::Tx& tx, const Setting& s) {
  if (!tx.timer("daily", "all")) {
    tx.put(store::Timer{0, "daily", "all", 0, next_at(s, daily_at)});
  }
  if (!tx.timer("nightly", "all")) {
    tx.put(store::Timer{0, "nightly", "all", 0, next_at(s, nightly_at)});
  }
  invite_staff(tx, s);
}

}  // namespace moodline::checkins
