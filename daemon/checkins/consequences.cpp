#include "daemon/checkins/consequences.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/desk.hpp"
#include "daemon/checkins/email.hpp"
#include "daemon/checkins/gate.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "daemon/checkins/slots.hpp"

namespace moodline::checkins {
namespace {

using store::Message;
using store::MessageStatus;
using store::PersonStatus;
using store::Purpose;

constexpr Millis queued_back{60LL * 86'400'000};

bool ends_with_the_agreement(const Message& m) {
  switch (m.purpose) {
    case Purpose::prompt:
    case Purpose::reminder:
    case Purpose::person_notice:
    case Purpose::agreement:
    case Purpose::invitation:
    case Purpose::alert:
    case Purpose::escalation:
    case Purpose::notice:
    case Purpose::digest:
    case Purpose::webhook:
      return true;
    default:
      return false;
  }
}

void cancel(store::Tx& tx, const Setting& s, Message& m, std::string_view why) {
  m.status = MessageStatus::cancelled;
  m.outcome_code = why;
  m.settled_at = s.now;
  if (auto put = tx.put(m); !put) throw store::StoreError("message_update", put.error().message);
}

// Whatever waits about this person goes; an urgent alert still goes to duty.
void cancel_queued(store::Tx& tx, const Setting& s, const store::Person& p, bool to_them) {
  for (Message& m : tx.messages_of(p.id, s.now - queued_back)) {
    if (m.status != MessageStatus::queued || !ends_with_the_agreement(m)) continue;
    if (!to_them && to_person(m)) continue;
    if (m.alert != 0) {
      const auto a = tx.alert(m.alert);
      if (a && a->urgent && m.practitioner == s.service.settings.contacts.duty) continue;
    }
    cancel(tx, s, m, "opted_out");
  }
}

}  // namespace

void cancel_about(store::Tx& tx, const Setting& s, const store::Person& p) {
  cancel_queued(tx, s, p, false);
}

void cancel_routine(store::Tx& tx, const Setting& s, const store::Person& p) {
  for (Message& m : tx.messages_of(p.id, s.now - queued_back)) {
    const bool routine = m.purpose == Purpose::prompt || m.purpose == Purpose::reminder ||
                         m.purpose == Purpose::person_notice;
    if (m.status != MessageStatus::queued || !routine) continue;
    cancel(tx, s, m, "paused");
    if (m.purpose != Purpose::prompt) continue;
    auto prompt = tx.prompt(m.prompt);
    if (!prompt) continue;
    prompt->status = store::PromptStatus::paused;
    prompt->settled_at = s.now;
    if (tx.put(*prompt)) prompt_changed(tx, s, *prompt);
  }
}

void audit(store::Tx& tx, const Setting& s, std::string_view actor, std::string_view action,
           std::string_view subject, store::RowId person, std::string detail) {
  store::AuditRow row;
  row.at = s.now;
  row.actor = actor;
  row.action = action;
  row.subject = subject;
  row.person = person;
  row.detail = std::move(detail);
  tx.append(row);
  queue_webhooks(tx, s, action, subject, person);
}

void prompt_changed(store::Tx& tx, const Setting& s, const store::Prompt& prompt) {
  auto person = tx.person(prompt.person);
  if (!person) return;
  Desk d(tx, s, std::move(*person));
  plan_reminder(d, prompt);
  learn(d, {prompt_entry(prompt)});
}

void alert_text_settled(store::Tx& tx, const Setting& s, const Message& m, Handed what) {
  if (what != Handed::failed || to_person(m)) return;
  AlertEvents events;
  std::vector<store::RowId> ids = m.alerts;
  if (ids.empty() && m.alert != 0) ids.push_back(m.alert);
  for (const store::RowId id : ids) {
    events.emplace_back(rules::MessageFailed{std::to_string(id), m.practitioner});
  }
  if (const auto a = tx.alert(ids.front());
      a && m.practitioner != s.service.settings.contacts.admin)
    tell_admin(tx, s, "admin-undelivered", {{"code", a->code}}, "undelivered:" + a->code);
  take_alert_events(tx, s, events, false);
}

void tell_admin(store::Tx& tx, const Setting& s, std::string_view template_name,
                const std::map<std::string, std::string>& values, std::string_view key,
                store::RowId about) {
  const std::string& admin = s.service.settings.contacts.admin;
  const config::Practitioner* p = s.service.practitioner(admin);
  audit(tx, s, "system", "admin.told", template_name, 0, std::string(key));
  if (p == nullptr || !p->number) return;
  Message m;
  m.practitioner = admin;
  m.person = about;
  m.purpose = Purpose::admin;
  m.to = p->number->str();
  m.language = p->languages.empty() ? std::string("en") : p->languages.front();
  m.template_name = template_name;
  m.values = common_values(s.service, m.language);
  for (const auto& [k, v] : values) m.values[k] = v;
  m.due_at = s.now;
  m.created_at = s.now;
  const LocalDate day = day_of(Zone::utc(), s.now);
  m.dedupe = fmt::format("admin:{}:{}", key, to_iso(day));
  queue(tx, std::move(m));
}

void opt_out(store::Tx& tx, const Setting& s, store::Person& person, std::string_view source) {
  tx.put_opt_out(person.number, {std::string(source), s.now});
  if (person.status == PersonStatus::stopped) return;
  const bool ends = person.status == PersonStatus::active || person.status == PersonStatus::invited;
  // Somebody invited, perhaps after a START, whom the provider still blocks: only it can mend that.
  const bool blocked = person.status == PersonStatus::invited && source == "provider";
  if (ends) person.status = PersonStatus::stopped;
  person.sharing = false;
  person.updated_at = s.now;
  tx.put(person);
  Desk d(tx, s, person);
  plan_person(d);
  cancel_queued(tx, s, person, true);
  for (store::Agreement& a : tx.agreements_of(person.id)) {
    if (a.status != store::AgreementStatus::agreed && a.status != store::AgreementStatus::offered) {
      continue;
    }
    a.status = store::AgreementStatus::withdrawn;
    a.answered_at = s.now;
    tx.put(a);
  }
  PersonEvent stop;
  stop.type = "stop";
  stop.at = s.now;
  learn(d, {stop});
  take_alert_events(tx, s, {rules::PersonGone{person.key}}, false);
  if (ends && source != "erased" && source != "wrong_number") {
    tell_admin(tx, s, blocked ? "admin-blocked" : "admin-opted-out", {{"person", person.display}},
               (blocked ? "blocked:" : "opted:") + person.key, person.id);
  }
  audit(tx, s, source == "provider" ? "provider" : "person", "person.opt_out", person.key,
        person.id, std::string(source));
}

void text_undelivered(store::Tx& tx, const Setting& s, const Message& m, bool for_good,
                      std::string_view code) {
  if (!to_person(m) || m.person == 0) return;
  const bool counts = m.purpose == Purpose::invitation || m.purpose == Purpose::prompt;
  if (!counts) return;
  int in_a_row = 0;
  for (const store::Prompt& p : tx.prompts_of(m.person, s.now - queued_back)) {
    if (p.status == store::PromptStatus::undelivered) {
      ++in_a_row;
    } else if (p.status == store::PromptStatus::delivered) {
      in_a_row = 0;
    }
  }
  if (for_good || m.purpose == Purpose::invitation || in_a_row >= undelivered_in_a_row_max) {
    number_is_bad(tx, s, m.person, code);
  }
}

void number_is_bad(store::Tx& tx, const Setting& s, store::RowId id, std::string_view code) {
  auto person = tx.person(id);
  if (!person) return;
  audit(tx, s, "provider", "person.number_unreachable", person->key, id, std::string(code));
  tell_admin(tx, s, "admin-bad-number", {{"person", person->display}}, "number:" + person->key, id);
}

}  // namespace moodline::checkins
