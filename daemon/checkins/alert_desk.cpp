#include "daemon/checkins/alert_desk.hpp"

#include <algorithm>

#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/rule_steps.hpp"

namespace moodline::checkins {
namespace {

constexpr int far_days = 400;

std::string talk_setting(const std::string& key) {
  return "talk:" + key;
}
// As the notify desk names them.
std::string talk_key(const rules::Rule& rule, const std::string& person) {
  return rule.id + "|" + person;
}
std::string queue_setting(const std::string& id) {
  return "queue:" + id;
}

rules::DeskSettings settings_of(const config::Service& service) {
  rules::DeskSettings d;
  d.admin = service.settings.contacts.admin;
  return d;
}

rules::Recipient person_recipient(const config::Settings& st, const store::Person& p) {
  rules::Recipient r;
  r.id = p.key;
  r.person = true;
  r.paused_until = p.paused_until;
  const Zone zone = Zone::find(p.zone).value_or(Zone::utc());
  rules::Calendar c;
  c.zone = zone;
  const TimeOfDay from = std::max(st.sending.opens, p.safe_from.value_or(TimeOfDay{0}));
  const TimeOfDay to = std::min(st.sending.closes, p.safe_to.value_or(TimeOfDay{86'400}));
  for (auto& day : c.week) day.push_back({from, to});
  r.calendar = std::move(c);
  return r;
}

}  // namespace

rules::Calendar calendar_of(const config::Practitioner& p,
                            const std::optional<store::PractitionerState>& state, Instant now) {
  rules::Calendar c;
  c.zone = Zone::find(p.timezone).value_or(Zone::utc());
  for (const auto& [day, spans] : p.hours) {
    for (const config::HoursSpan& h : spans) {
      c.week.at(static_cast<std::size_t>(day)).push_back({h.opens, h.closes});
    }
  }
  c.holidays = p.holidays;
  for (const config::Leave& l : p.leave) c.leave.push_back({l.from, l.to});
  const LocalDate today = c.zone.local(now).date;
  if (state && state->off_until && *state->off_until > now) {
    const LocalDate until = *state->off_until == Instant::max()
                                ? today + far_days
                                : c.zone.local(*state->off_until).date - 1;
    c.leave.push_back({today, std::max(today, until)});
  }
  if (!state || !state->accepted_at) c.leave.push_back({today, today + far_days});
  return c;
}

AlertDesk::AlertDesk(store::Tx& tx, const Setting& s)
    : tx_(tx), s_(s), desk_(settings_of(s.service)) {
  load_recipients();
  for (const store::Alert& a : tx_.alerts_open(alerts_loaded_max)) load_alert(a);
  for (const store::Alert& a : tx_.alerts_recent(s.now - ended_looked_at, alerts_loaded_max)) {
    if (a.status != store::AlertStatus::open) load_alert(a);
  }
  if (const auto mass = tx_.setting("mass_silence")) {
    if (auto m = rules::mass_from_text(*mass)) desk_.put(*m);
  }
}

void AlertDesk::load_recipients() {
  for (const config::Practitioner& p : s_.service.practitioners) {
    rules::Recipient r;
    r.id = p.id;
    r.calendar = calendar_of(p, tx_.practitioner(p.id), s_.now);
    r.cover = p.deputy.empty() ? s_.service.settings.contacts.admin : p.deputy;
    // Nobody stands in for a friend: the person chose no one else.
    if (r.cover == p.id || config::is_friend(p)) r.cover.clear();
    r.texts_a_day = p.daily_cap;
    desk_.put(std::move(r));
    if (const auto text = tx_.setting(queue_setting(p.id))) {
      auto queue = rules::queue_from_text(*text);
      if (!queue) throw store::StoreError("bad_queue", queue.error().message);
      desk_.put(std::move(*queue));
    }
  }
}

void AlertDesk::add_person(const store::Person& p) {
  desk_.put(person_recipient(s_.service.settings, p));
  if (const auto text = tx_.setting(queue_setting(p.key))) {
    if (auto queue = rules::queue_from_text(*text)) desk_.put(std::move(*queue));
  }
}

void AlertDesk::load_talk(const std::string& key) {
  if (const auto text = tx_.setting(talk_setting(key))) {
    if (auto talk = rules::talk_from_text(*text)) desk_.put(std::move(*talk));
  }
}

void AlertDesk::load_alert(const store::Alert& a) {
  if (a.chase.empty()) return;
  const auto person = tx_.person(a.person);
  if (!person) return;
  const RuleBook book(tx_, a.person);
  auto chase =
      rules::chase_from_text(a.chase, [&](std::string_view key) { return book.find(key); });
  if (!chase) throw store::StoreError("bad_chase", chase.error().message);
  add_person(*person);
  load_talk(talk_key(*chase->facts.rule, chase->facts.person));
  alerts_[std::to_string(a.id)] = a;
  desk_.put(std::move(*chase));
}

rules::AlertFacts AlertDesk::facts(const store::Alert& a, const store::Person& p,
                                   const rules::RulePtr& rule) {
  rules::AlertFacts f;
  f.id = std::to_string(a.id);
  f.person = p.key;
  f.rule = rule;
  f.roles["person"] = p.key;
  for (const char* role : {"practitioner", "deputy", "lead", "duty", "admin", "friend"}) {
    const std::string id = recipient_of(s_.service, p, role);
    if (!id.empty()) f.roles[role] = id;
  }
  load_talk(talk_key(*rule, p.key));
  add_person(p);
  alerts_[f.id] = a;
  return f;
}

void AlertDesk::save() {
  const rules::Desk::Dirty dirty = desk_.take_dirty();
  for (const std::string& id : dirty.chases) {
    const auto row = alerts_.find(id);
    const auto chase = desk_.chases().find(id);
    if (row == alerts_.end() || chase == desk_.chases().end()) continue;
    // The row may have changed since it was read (status, acknowledgement): only the chase is ours.
    auto fresh = tx_.alert(row->second.id);
    if (!fresh) continue;
    fresh->chase = rules::to_text(chase->second);
    tx_.put(*fresh);
  }
  for (const std::string& id : dirty.queues) {
    tx_.put_setting(queue_setting(id), rules::to_text(desk_.queues().at(id)));
  }
  for (const std::string& key : dirty.talks) {
    tx_.put_setting(talk_setting(key), rules::to_text(desk_.talks().at(key)));
  }
  if (dirty.mass) tx_.put_setting("mass_silence", rules::to_text(desk_.mass()));
  if (const auto due = desk_.next_deadline()) {
    tx_.put(store::Timer{0, "desk", "all", 0, *due});
  } else {
    tx_.drop_timer("desk", "all");
  }
}

}  // namespace moodline::checkins
