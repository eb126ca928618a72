// What follows from words of danger, of despair, of a death, or of somebody else reading along.
// The instant reply and the human look never wait for anything else in the text.
#include <fmt/format.h>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/inbound.hpp"
#include "daemon/checkins/person_log.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "daemon/checkins/slots.hpp"

namespace moodline::checkins {
namespace {

using replies::Verdict;
using store::Inbound;

constexpr Millis crisis_repeat{15 * 60'000};

bool crisis_reply_is_due(const Desk& d) {
  const auto it = d.person.extra.find("crisis_ms");
  return it == d.person.extra.end() || d.s.now - Instant{std::stoll(it->second)} >= crisis_repeat;
}

// Standing term of the invitation: danger words are seen by the duty worker, at any hour.
void tell_duty(Desk& d, const Inbound& in) {
  const std::string& duty = d.s.service.settings.contacts.duty;
  const auto number = number_of(d.s.service, duty);
  audit(d.tx, d.s, "system", "safety.flagged", d.person.key, d.person.id, in.safety_tier);
  if (!number) return;
  store::Message m;
  m.practitioner = duty;
  m.purpose = store::Purpose::admin;
  m.to = *number;
  const auto* p = d.s.service.practitioner(duty);
  m.language = p == nullptr || p->languages.empty() ? std::string("en") : p->languages.front();
  m.template_name = "duty-look";
  m.values = common_values(d.s.service, m.language);
  m.values["who"] = d.person.display;
  m.due_at = d.s.now;
  m.created_at = d.s.now;
  m.dedupe = fmt::format("duty:{}:{}", d.person.key, in.id);
  queue(d.tx, std::move(m));
}

bool phrase_rule_runs(Desk& d) {
  for (const store::Agreement& a : in_force(d.tx, d.person.id)) {
    // By what was agreed: the rule may have left its file.
    const auto rule = rule_from_text(a.snapshot);
    if (rule && rule->when.kind == rules::Kind::phrase && rule->when.list == "safety") return true;
  }
  return false;
}

// Nobody is alerted about somebody who has died; a mistake is mended by asking for the yes again.
void end_rules(Desk& d) {
  for (store::Agreement& a : in_force(d.tx, d.person.id)) {
    a.status = store::AgreementStatus::withdrawn;
    a.answered_at = d.s.now;
    d.tx.put(a);
  }
  PersonEvent gone;
  gone.type = "stop";
  gone.at = d.s.now;
  learn(d, {gone});
  take_alert_events(d.tx, d.s, {rules::PersonGone{d.person.key}}, false);
}

void put_on_hold(Desk& d, std::string_view reason) {
  if (d.person.hold) return;
  d.person.hold = true;
  d.person.hold_reason = reason;
  d.person.hold_since = d.s.now;
  d.note("person.hold", std::string(reason));
  const auto wait = std::chrono::duration_cast<Millis>(d.s.service.settings.hold_escalates_after);
  d.tx.put(store::Timer{0, "hold", d.person.key, d.person.id, d.s.now + wait});
}

}  // namespace

void act_on_safety(Desk& d, const Verdict& v, const Inbound& in) {
  if (v.deceased) {
    d.person.status = store::PersonStatus::deceased;
    d.note("person.deceased");
    d.save();
    plan_person(d);
    cancel_about(d.tx, d.s, d.person);
    end_rules(d);
    tell_admin(d.tx, d.s, "admin-deceased", {{"person", d.person.display}},
               "deceased:" + d.person.key, d.person.id);
    return;
  }
  if (v.do_not_reply || v.safety.do_not_reply) {
    d.person.do_not_reply = true;
    put_on_hold(d, "watched_phone");
    d.save();
    tell_admin(d.tx, d.s, "admin-watched", {{"person", d.person.display}},
               "watched:" + d.person.key, d.person.id);
  }
  if (v.hold) put_on_hold(d, "may_want_out");
  if (!v.safety.flagged()) return;
  if (!d.person.do_not_reply && crisis_reply_is_due(d)) {
    d.person.extra["crisis_ms"] = std::to_string(d.s.now.ms);
    d.reply("crisis", {}, store::Purpose::crisis);
  }
  if (d.person.status != store::PersonStatus::active || !phrase_rule_runs(d)) tell_duty(d, in);
  d.save();
}

}  // namespace moodline::checkins
