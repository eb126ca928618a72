#include "daemon/checkins/agreements.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "rules/engine/edits.hpp"

namespace moodline::checkins {
namespace {

using store::Agreement;
using store::AgreementStatus;

constexpr int reminders_max = 2;
constexpr Millis reminder_gap{7LL * 86'400'000};
constexpr Millis review_day{86'400'000};

std::string review_key(const store::Person& p, const std::string& code) {
  return p.key + "/" + code;
}

std::string next_code(const std::vector<Agreement>& all) {
  int top = 0;
  for (const Agreement& a : all) {
    if (a.code.size() > 1) top = std::max(top, std::atoi(a.code.c_str() + 1));
  }
  return "L" + std::to_string(top + 1);
}

std::optional<Agreement> by_code(store::Tx& tx, store::RowId person, const std::string& code) {
  std::optional<Agreement> newest;  // a narrowed rule keeps its code
  for (Agreement& a : tx.agreements_of(person)) {
    if (a.code == code && (!newest || a.id > newest->id)) newest = std::move(a);
  }
  return newest;
}

void offer_text(Desk& d, const Agreement& a, std::string_view template_name) {
  d.tell(template_name, {{"sentence", a.sentence}, {"rule", a.code}}, store::Purpose::agreement,
         fmt::format("offer:{}:{}:{}", d.person.key, a.code, d.s.now.ms));
}

// Earlier offers and agreements of the same rule give way to this one.
void supersede(Desk& d, const Agreement& by) {
  for (Agreement& a : d.tx.agreements_of(d.person.id)) {
    if (a.rule != by.rule || a.id == by.id) continue;
    if (a.status != AgreementStatus::agreed && a.status != AgreementStatus::offered) continue;
    a.status = AgreementStatus::superseded;
    d.tx.put(a);
    d.tx.drop_timer("review", review_key(d.person, a.code));
  }
}

void set_review(Desk& d, Agreement& a) {
  const config::Programme* p = d.programme();
  const int days = p == nullptr ? 182 : p->review_days;
  a.review_at = d.s.now + Millis{days * review_day.count()};
  d.tx.put(store::Timer{0, "review", review_key(d.person, a.code), d.person.id, *a.review_at});
}

void lapse(Desk& d, Agreement& a) {
  a.status = AgreementStatus::lapsed;
  d.tx.put(a);
  d.tx.drop_timer("review", review_key(d.person, a.code));
  PersonEvent e;
  e.type = "retire";
  e.rule = a.rule;
  e.at = d.s.now;
  learn(d, {e});
  d.note("agreement.lapsed", a.code);
  d.tell("rule-lapsed", {{"rule", a.code}}, store::Purpose::agreement,
         fmt::format("lapsed:{}:{}:{}", d.person.key, a.code, d.s.now.ms));
  tell_admin(d.tx, d.s, "admin-lapsed", {{"person", d.person.display}, {"rule", a.code}},
             "lapsed:" + d.person.key + a.code, d.person.id);
  if (a.recipients.empty()) return;
  const std::string to =
      names_friend(a.recipients) ? friend_of(d.s.service, d.person) : d.person.practitioner;
  const auto number = number_of(d.s.service, to);
  if (!number) return;
  store::Message m;
  m.practitioner = to;
  m.person = d.person.id;
  m.purpose = store::Purpose::notice;
  m.to = *number;
  m.language = d.s.service.settings.languages.front();
  m.template_name = "lapsed";
  m.values = common_values(d.s.service, m.language);
  m.values["who"] = d.person.display;
  m.values["rule"] = a.code;
  m.due_at = d.s.now;
  m.created_at = d.s.now;
  queue(d.tx, std::move(m));
}

}  // namespace

std::vector<Agreement> in_force(store::ReadTx& tx, store::RowId person) {
  auto all = tx.agreements_of(person);
  std::erase_if(all, [](const Agreement& a) { return a.status != AgreementStatus::agreed; });
  return all;
}

void offer_resolved(Desk& d, const ResolvedRule& resolved) {
  const auto all = d.tx.agreements_of(d.person.id);
  const bool known = std::any_of(all.begin(), all.end(), [&](const Agreement& a) {
    return a.rule == resolved.rule->id && a.hash == resolved.hash &&
           (a.status == AgreementStatus::offered || a.status == AgreementStatus::agreed ||
            a.status == AgreementStatus::disagreed);
  });
  if (known) return;
  for (Agreement old : all) {  // an open question gives way to its new wording
    if (old.rule != resolved.rule->id || old.status != AgreementStatus::offered) continue;
    old.status = AgreementStatus::superseded;
    d.tx.put(old);
  }
  Agreement a;
  a.person = d.person.id;
  a.rule = resolved.rule->id;
  a.version = resolved.rule->version;
  a.hash = resolved.hash;
  a.code = next_code(all);
  a.sentence = resolved.sentence;
  a.snapshot = rule_to_text(*resolved.rule);
  a.recipients = resolved.roles;
  a.offered_at = d.s.now;
  d.tx.put(a);
  const bool changes = std::any_of(all.begin(), all.end(), [&](const Agreement& x) {
    return x.rule == a.rule && x.status == AgreementStatus::agreed;
  });
  offer_text(d, a, changes ? "rule-changed" : "rule-request");
}

void offer_rule(Desk& d, const config::RuleSpec& spec) {
  const auto resolved = resolve_rule(d.s.service, d.person, spec);
  if (resolved) return offer_resolved(d, *resolved);
  d.note("agreement.cannot_offer", resolved.error().message);
}

namespace {

bool asked_before(Desk& d, const std::string& rule) {
  const auto all = d.tx.agreements_of(d.person.id);
  return std::any_of(all.begin(), all.end(), [&](const Agreement& a) { return a.rule == rule; });
}

// Open or refused: a new wording is asked about again. What they ended is not.
bool question_stands(Desk& d, const std::string& rule) {
  const auto all = d.tx.agreements_of(d.person.id);
  return std::any_of(all.begin(), all.end(), [&](const Agreement& a) {
    return a.rule == rule &&
           (a.status == AgreementStatus::offered || a.status == AgreementStatus::agreed ||
            a.status == AgreementStatus::disagreed);
  });
}

}  // namespace

void offer_rules(Desk& d, Offer which) {
  const config::Programme* p = d.programme();
  if (p == nullptr) return;
  const auto chosen = d.person.extra.find("rules");
  for (const config::RuleRef& ref : p->rules) {
    if (which == Offer::never_asked && asked_before(d, ref.id)) continue;
    // One question at a time: the next sentence is offered when this one is answered.
    for (const Agreement& a : d.tx.agreements_of(d.person.id)) {
      if (a.status == AgreementStatus::offered) return;
    }
    if (chosen != d.person.extra.end() &&
        (" " + chosen->second + " ").find(" " + ref.id + " ") == std::string::npos) {
      continue;
    }
    const config::RuleSpec* spec = d.s.service.rule(ref.id, ref.version);
    if (spec == nullptr) continue;
    if (names_friend(spec->roles()) && friend_of(d.s.service, d.person).empty()) continue;
    offer_rule(d, *spec);
  }
}

bool agree_to_rule(Desk& d, const std::string& code, store::RowId inbound) {
  auto a = by_code(d.tx, d.person.id, code);
  if (!a || a->status == AgreementStatus::superseded) return false;
  if (a->status == AgreementStatus::agreed && a->reminders == 0) return true;
  auto rule = rule_from_text(a->snapshot);
  if (!rule) throw store::StoreError(rule.error().code, rule.error().message);
  const bool renewal = a->status == AgreementStatus::agreed;
  a->status = AgreementStatus::agreed;
  a->answered_at = d.s.now;
  a->inbound = inbound;
  a->reminders = 0;
  set_review(d, *a);
  d.tx.put(*a);
  if (!renewal) {
    supersede(d, *a);
    if (!a->recipients.empty()) d.person.sharing = true;
    d.save();
    start_rule(d, std::make_shared<const rules::Rule>(std::move(*rule)), a->hash);
  }
  d.note("agreement.agree", code);
  return true;
}

bool refuse_rule(Desk& d, const std::string& code, store::RowId inbound) {
  auto a = by_code(d.tx, d.person.id, code);
  if (!a || a->status == AgreementStatus::superseded) return false;
  const bool was_on = a->status == AgreementStatus::agreed;
  a->status = was_on ? AgreementStatus::withdrawn : AgreementStatus::disagreed;
  a->answered_at = d.s.now;
  a->inbound = inbound;
  d.tx.put(*a);
  d.tx.drop_timer("review", review_key(d.person, code));
  if (was_on) {  // a sentence that was only offered has no rule behind it yet
    PersonEvent e;
    e.type = "unshare";
    e.rule = a->rule;
    e.at = d.s.now;
    learn(d, {e});
  }
  d.note("agreement.disagree", code);
  return true;
}

void review_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  auto person = tx.person(timer.person);
  tx.drop_timer(timer.kind, timer.key);
  if (!person || person->status != store::PersonStatus::active) return;
  Desk d(tx, s, std::move(*person));
  auto a = by_code(tx, d.person.id, timer.key.substr(timer.key.find('/') + 1));
  if (!a || a->status != AgreementStatus::agreed) return;
  if (a->reminders > reminders_max) {
    lapse(d, *a);
    return;
  }
  a->reminders += 1;
  tx.put(*a);
  offer_text(d, *a, "rule-same-plan");
  tx.put(store::Timer{0, timer.kind, timer.key, d.person.id, s.now + reminder_gap});
}

bool rule_changed(Desk& d, const ResolvedRule& resolved) {
  const auto force = in_force(d.tx, d.person.id);
  const auto mine = std::find_if(force.begin(), force.end(),
                                 [&](const Agreement& a) { return a.rule == resolved.rule->id; });
  if (mine == force.end()) {
    offer_resolved(d, resolved);
    return false;
  }
  if (mine->hash == resolved.hash) return false;
  const auto agreed = rule_from_text(mine->snapshot);
  if (agreed && rules::is_narrowing(*agreed, *resolved.rule)) {
    // The old words stay as a row: an open alert ends under them.
    Agreement old = *mine;
    old.status = AgreementStatus::superseded;
    d.tx.put(old);
    Agreement a = *mine;
    a.id = 0;
    a.sentence = resolved.sentence;
    a.recipients = resolved.roles;
    a.hash = resolved.hash;
    a.version = resolved.rule->version;
    a.snapshot = rule_to_text(*resolved.rule);
    d.tx.put(a);
    d.tell("rule-narrowed", {{"rule", a.code}}, store::Purpose::agreement,
           fmt::format("narrowed:{}:{}:{}", d.person.key, a.code, d.s.now.ms));
    start_rule(d, resolved.rule, a.hash);
    d.note("agreement.narrowed", a.code);
    return false;
  }
  offer_resolved(d, resolved);
  return true;
}

store::RowId rules_changed_for(store::Tx& tx, const Setting& s, store::RowId after, int limit) {
  const auto ids = tx.person_ids(after, limit);
  for (const store::RowId id : ids) {
    auto p = tx.person(id);
    if (!p) continue;
    Desk d(tx, s, std::move(*p));
    rules_changed(d);
  }
  if (static_cast<int>(ids.size()) == limit) return ids.back();
  tx.put_setting(rules_seen_setting, s.service.hash);
  return 0;
}

namespace {

// An open alert of it closes, an open question is not asked any more, and the person is told.
bool retire_rule(Desk& d, const std::string& rule) {
  std::string code;
  bool ran = false;
  for (Agreement& a : d.tx.agreements_of(d.person.id)) {
    const bool runs = a.status == AgreementStatus::agreed;
    if (a.rule != rule || (!runs && a.status != AgreementStatus::offered)) continue;
    a.status = AgreementStatus::retired;
    a.answered_at = d.s.now;
    d.tx.put(a);
    d.tx.drop_timer("review", review_key(d.person, a.code));
    if (runs || code.empty()) code = a.code;
    ran |= runs;
  }
  if (code.empty()) return false;
  if (ran) {
    PersonEvent e;
    e.type = "retire";
    e.rule = rule;
    e.at = d.s.now;
    learn(d, {e});
  }
  d.tell("rule-retired", {{"rule", code}}, store::Purpose::agreement,
         fmt::format("retired:{}:{}:{}", d.person.key, code, d.s.now.ms));
  d.note("agreement.retired", code);
  offer_rules(d, Offer::never_asked);
  return true;
}

}  // namespace

RetiredPage retire_rule_for(store::Tx& tx, const Setting& s, const std::string& rule,
                            store::RowId after, int limit) {
  RetiredPage page;
  const auto ids = tx.person_ids(after, limit);
  for (const store::RowId id : ids) {
    auto p = tx.person(id);
    if (!p || p->status == store::PersonStatus::erased) continue;
    Desk d(tx, s, std::move(*p));
    page.people += retire_rule(d, rule) ? 1 : 0;
  }
  if (static_cast<int>(ids.size()) == limit) page.next = ids.back();
  return page;
}

int rules_changed(Desk& d) {
  const config::Programme* p = d.programme();
  if (p == nullptr || d.person.status != store::PersonStatus::active) return 0;
  int again = 0;
  for (const config::RuleRef& ref : p->rules) {
    const config::RuleSpec* spec = d.s.service.rule(ref.id, ref.version);
    if (spec == nullptr || !question_stands(d, ref.id)) continue;
    const auto resolved = resolve_rule(d.s.service, d.person, *spec);
    if (resolved && rule_changed(d, *resolved)) ++again;
  }
  offer_rules(d, Offer::never_asked);
  return again;
}

}  // namespace moodline::checkins
