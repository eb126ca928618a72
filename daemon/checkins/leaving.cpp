#include "daemon/checkins/leaving.hpp"

#include <algorithm>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "daemon/checkins/slots.hpp"

namespace moodline::checkins {
namespace {

using store::AgreementStatus;
using store::PersonStatus;

constexpr int people_moved_max = 100'000;

bool has_left(const store::Person& p) {
  return p.status != PersonStatus::active && p.status != PersonStatus::invited;
}

// Every sentence that tells somebody ends, with its alerts and whatever waits about the person.
void end_agreements(Desk& d, bool those_told_only) {
  for (store::Agreement& a : d.tx.agreements_of(d.person.id)) {
    const bool open = a.status == AgreementStatus::agreed || a.status == AgreementStatus::offered;
    // Their friend stays their friend, whoever looks after them.
    const bool others = a.recipients.empty() || names_friend(a.recipients);
    if (!open || (those_told_only && others)) continue;
    const bool was_on = a.status == AgreementStatus::agreed;
    a.status = AgreementStatus::retired;
    a.answered_at = d.s.now;
    d.tx.put(a);
    d.tx.drop_timer("review", d.person.key + "/" + a.code);
    if (!was_on) continue;
    PersonEvent e;
    e.type = "unshare";
    e.rule = a.rule;
    e.at = d.s.now;
    learn(d, {e});
  }
  cancel_about(d.tx, d.s, d.person);
}

std::string practitioner_named(const config::Service& service, const std::string& id) {
  const config::Practitioner* p = service.practitioner(id);
  return p == nullptr ? std::string{} : p->name;
}

}  // namespace

Result<store::Person> discharge(store::Tx& tx, const Setting& s, store::Person person,
                                const std::string& holder, const std::string& actor) {
  if (has_left(person)) {
    return fault("already_left", "this record is closed already; see moodline person show");
  }
  Desk d(tx, s, std::move(person));
  d.person.status = PersonStatus::discharged;
  d.person.sharing = false;
  d.save();
  end_agreements(d, false);
  take_alert_events(tx, s, {rules::PersonGone{d.person.key}}, false);
  plan_person(d);
  const std::string name = holder.empty() ? s.service.settings.contacts.person_name : holder;
  d.tell("discharged", {{"name", name}}, store::Purpose::agreement, "discharged:" + d.person.key);
  audit(tx, s, actor, "person.discharge", d.person.key, d.person.id, name);
  return d.person;
}

Result<store::Person> transfer(store::Tx& tx, const Setting& s, store::Person person,
                               const std::string& to, const std::string& actor) {
  if (has_left(person)) {
    return fault("already_left", "this record is closed already; see moodline person show");
  }
  if (s.service.practitioner(to) == nullptr || is_friend(s.service, to)) {
    return fault("unknown_practitioner", "\"" + to + "\" is no practitioner of practitioners.yaml");
  }
  if (person.practitioner == to) {
    return fault("same_practitioner", "they are with \"" + to + "\" already");
  }
  Desk d(tx, s, std::move(person));
  end_agreements(d, true);
  d.person.practitioner = to;
  d.save();
  d.tell("transferred", {{"name", practitioner_named(s.service, to)}}, store::Purpose::agreement,
         "transferred:" + d.person.key + ":" + to + ":" + std::to_string(s.now.ms));
  if (d.person.status == PersonStatus::active) offer_rules(d);
  audit(tx, s, actor, "person.transfer", d.person.key, d.person.id, to);
  return d.person;
}

Result<int> hand_over(store::Tx& tx, const Setting& s, const std::string& from,
                      const std::string& to, const std::string& actor) {
  if (s.service.practitioner(from) == nullptr || s.service.practitioner(to) == nullptr ||
      is_friend(s.service, to)) {
    return fault("unknown_practitioner",
                 "both must stand in practitioners.yaml, and the second must not be a friend");
  }
  int moved = 0;
  for (const store::RowId id : tx.person_ids(0, people_moved_max)) {
    auto p = tx.person(id);
    if (!p || p->practitioner != from || has_left(*p)) continue;
    if (auto done = transfer(tx, s, std::move(*p), to, actor); !done) {
      return tl::unexpected(done.error());
    }
    ++moved;
  }
  const auto number = number_of(s.service, to);
  if (moved > 0 && number) {
    const config::Practitioner* who = s.service.practitioner(to);
    store::Message m;
    m.practitioner = to;
    m.purpose = store::Purpose::notice;
    m.to = *number;
    m.language = who->languages.empty() ? std::string("en") : who->languages.front();
    m.template_name = "handed-over";
    m.values = common_values(s.service, m.language);
    m.values["count"] = std::to_string(moved);
    m.values["name"] = practitioner_named(s.service, from);
    m.due_at = s.now;
    m.created_at = s.now;
    queue(tx, std::move(m));
  }
  return moved;
}

}  // namespace moodline::checkins
