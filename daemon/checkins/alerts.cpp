#include "daemon/checkins/alerts.hpp"

#include <algorithm>

#include "daemon/checkins/alert_desk.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/rule_steps.hpp"

namespace moodline::checkins {
namespace {

using rules::EmitType;
using store::Alert;
using store::AlertStatus;

constexpr int code_tries_max = 200;
constexpr Millis code_rest{90LL * 86'400'000};

// "K7": a letter, never L (agreements), and one or two digits; unique among open alerts and
// not one that ended within 90 days.
std::string new_code(store::Tx& tx, const Setting& s) {
  for (int i = 0; i < code_tries_max; ++i) {
    std::string code = s.dice.word(1, clear_letters);
    code += std::to_string(i < 40 ? 2 + s.dice.below(8) : 10 + s.dice.below(990));
    const auto old = tx.alert_by_code(code);
    if (!old) return code;
    if (old->status != AlertStatus::open && old->fired_at < s.now - code_rest) return code;
  }
  throw store::StoreError("no_code_left", "no alert code is free; close old alerts");
}

// What a rule says after a fire is always about its newest alert. Its own count is no guide here:
// old alerts go with retention.
std::optional<Alert> newest_alert(store::Tx& tx, store::RowId person, const std::string& rule) {
  std::optional<Alert> newest;
  for (Alert& a : tx.alerts_of(person)) {
    if (a.rule == rule && (!newest || a.id > newest->id)) newest = std::move(a);
  }
  return newest;
}

// Ended by the person themself: nobody else hears of it but, where it was urgent, duty.
bool by_the_person(const std::string& reason) {
  return reason == "stop" || reason == "unshare" || reason == "erase" || reason == "disagree";
}

store::RowId write_event(Desk& d, const store::RuleState& row, const rules::Emitted& e,
                         store::RowId alert) {
  store::EmittedEvent ev;
  ev.person = d.person.id;
  ev.rule = row.rule;
  ev.alert = alert;
  ev.type = rules::name_of(e.type);
  ev.at = e.at;
  ev.local_day = day_of(d.zone(), e.at);
  ev.tzdb = tzdb_version();
  ev.rule_hash = row.hash;
  ev.detail = e.reason;
  return d.tx.append(ev);
}

Alert open_alert(Desk& d, const store::RuleState& row, const rules::Emitted& e) {
  Alert a;
  a.code = new_code(d.tx, d.s);
  a.person = d.person.id;
  a.rule = row.rule;
  a.version = e.rule->version;
  for (const store::Agreement& g : d.tx.agreements_of(d.person.id)) {
    if (g.rule == row.rule && g.status == store::AgreementStatus::agreed) a.agreement_code = g.code;
  }
  a.urgent = e.rule->urgent;
  a.fired_at = e.at;
  a.onset = e.onset;
  d.tx.put(a);
  audit(d.tx, d.s, "system", "alert.open", a.code, d.person.id, row.rule);
  return a;
}

void end_alert(Desk& d, Alert& a, AlertStatus status, Instant at, std::string_view why) {
  a.status = status;
  a.ended_at = at;
  d.tx.put(a);
  audit(d.tx, d.s, "system", "alert." + std::string(why), a.code, d.person.id);
}

// One-shot rules have no open state: their episode ends as it begins.
bool one_shot(const rules::Rule& r) {
  return r.when.kind == rules::Kind::rise || r.when.kind == rules::Kind::schedule;
}

}  // namespace

std::string recipient_of(const config::Service& service, const store::Person& p,
                         std::string_view role) {
  const config::Practitioner* named = service.practitioner(p.practitioner);
  if (role == "practitioner") return p.practitioner;
  if (role == "deputy") return named == nullptr ? std::string{} : named->deputy;
  if (role == "lead") return named == nullptr ? std::string{} : named->lead;
  if (role == "duty") return service.settings.contacts.duty;
  if (role == "admin") return service.settings.contacts.admin;
  if (role == friend_role) return friend_of(service, p);
  return service.practitioner(role) == nullptr ? std::string{} : std::string(role);
}

std::optional<std::string> number_of(const config::Service& service, std::string_view recipient) {
  const config::Practitioner* p = service.practitioner(recipient);
  if (p == nullptr || !p->number) return std::nullopt;
  return p->number->str();
}

void note_emitted(Desk& d, const store::RuleState& row, const std::vector<rules::Emitted>& emitted,
                  AlertEvents& out) {
  for (const rules::Emitted& e : emitted) {
    if (e.type == EmitType::reply_person) {
      write_event(d, row, e, 0);  // the crisis reply itself is the safety step's
      continue;
    }
    if (e.type == EmitType::fire) {
      Alert a = open_alert(d, row, e);
      write_event(d, row, e, a.id);
      AlertDesk desk(d.tx, d.s);
      out.emplace_back(rules::AlertFired{desk.facts(a, d.person, e.rule), e.at});
      if (one_shot(*e.rule)) end_alert(d, a, AlertStatus::cleared, e.at, "acted");
      continue;
    }
    auto a = newest_alert(d.tx, d.person.id, row.rule);
    if (!a) continue;
    write_event(d, row, e, a->id);
    const std::string id = std::to_string(a->id);
    switch (e.type) {
      case EmitType::clear:
        end_alert(d, *a, AlertStatus::cleared, e.at, "cleared");
        out.emplace_back(rules::AlertCleared{id, e.at});
        break;
      case EmitType::withdraw:
        end_alert(d, *a, AlertStatus::withdrawn, e.at, "withdrawn");
        out.emplace_back(rules::AlertWithdrawn{id, e.at});
        break;
      case EmitType::close:
        end_alert(d, *a, AlertStatus::closed, e.at, "closed");
        if (by_the_person(e.reason)) {
          out.emplace_back(rules::PersonGone{d.person.key, id});
        } else {
          out.emplace_back(rules::AlertClosed{id, e.reason == "done"});
        }
        break;
      case EmitType::match:
        out.emplace_back(rules::AlertMatched{id});
        break;
      case EmitType::stale:
      case EmitType::unstale:
        a->stale = e.type == EmitType::stale;
        d.tx.put(*a);
        break;
      default:
        break;
    }
  }
}

namespace {

// The person is told that a line of theirs was crossed and when somebody will see it.
void tell_when_seen(store::Tx& tx, const Setting& s, const rules::AlertFacts& facts, Instant at) {
  const auto& then = facts.rule->then;
  const auto step = std::find_if(then.begin(), then.end(), [](const rules::Step& x) {
    return x.kind == rules::StepKind::notify && x.after_s == 0 && x.after_days == 0;
  });
  const auto a = tx.alert(std::stoll(facts.id));
  auto person = a ? tx.person(a->person) : std::nullopt;
  if (step == then.end() || !person) return;
  Desk d(tx, s, std::move(*person));
  const LocalTime when = d.zone().local(at);
  d.tell("told-when",
         {{"rule", a->agreement_code},
          {"role", d.words().role(step->role)},
          {"when", d.day_name(when.date) + " " + to_hm({when.time.s / 60 * 60})}},
         store::Purpose::person_notice, "told:" + facts.id);
}

}  // namespace

void take_alert_events(store::Tx& tx, const Setting& s, const AlertEvents& events, bool late) {
  if (events.empty() && !late) return;
  AlertDesk desk(tx, s);
  for (const rules::DeskEvent& e : events) {
    // A fire's person and talk are loaded with its facts; its chase does not exist yet.
    const auto* fired = std::get_if<rules::AlertFired>(&e);
    if (fired == nullptr) continue;
    const auto a = tx.alert(std::stoll(fired->facts.id));
    const auto p = a ? tx.person(a->person) : std::nullopt;
    if (p) (void)desk.facts(*a, *p, fired->facts.rule);
  }
  for (const rules::Message& m : desk.desk().take(events, s.now, late)) {
    queue_desk_message(tx, s, m);
  }
  for (const rules::DeskEvent& e : events) {
    const auto* fired = std::get_if<rules::AlertFired>(&e);
    if (fired == nullptr || fired->facts.rule->urgent) continue;
    if (const auto at = desk.desk().seen_at(fired->facts.id)) {
      tell_when_seen(tx, s, fired->facts, *at);
    }
  }
  desk.save();
}

void desk_again(store::Tx& tx, const Setting& s) {
  AlertDesk desk(tx, s);
  for (const rules::Message& m : desk.desk().advance(s.now)) queue_desk_message(tx, s, m);
  desk.save();
}

void desk_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  constexpr Millis late_after{60'000};
  AlertDesk desk(tx, s);
  for (const rules::Message& m : desk.desk().advance(s.now, s.now - timer.due_at > late_after)) {
    queue_desk_message(tx, s, m);
  }
  desk.save();
}

std::vector<Alert> told_and_open(store::ReadTx& tx, const std::string& recipient) {
  std::vector<Alert> told;
  for (Alert& a : tx.alerts_open(alerts_loaded_max)) {
    if (a.done_at) continue;
    const auto messages = tx.messages_of_alert(a.id);
    const bool mine = std::any_of(messages.begin(), messages.end(), [&](const store::Message& m) {
      return m.practitioner == recipient && m.status != store::MessageStatus::cancelled &&
             m.status != store::MessageStatus::expired;
    });
    if (mine) told.push_back(std::move(a));
  }
  return told;
}

std::vector<Alert> awaiting(store::Tx& tx, const Setting& s, const std::string& recipient) {
  AlertDesk desk(tx, s);
  std::vector<Alert> found;
  for (const std::string& id : desk.desk().awaiting(recipient)) {
    if (auto a = tx.alert(std::stoll(id))) found.push_back(std::move(*a));
  }
  return found;
}

}  // namespace moodline::checkins
