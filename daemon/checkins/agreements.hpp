// Agreements: each rule is its own sentence, agreed separately, in the exact version and with the
// exact numbers shown. A widening waits for a new yes; a narrowing applies. Thread: the store's.
#pragma once
#include <string>
#include <vector>

#include "daemon/checkins/desk.hpp"
#include "rules/engine/rule.hpp"

namespace moodline::checkins {

/// A rule with the person's numbers filled in.
struct ResolvedRule {
  rules::RulePtr rule;
  std::string sentence;            // in the person's language
  std::string hash;                // of rules::canonical
  std::vector<std::string> roles;  // who may be told
};
Result<ResolvedRule> resolve_rule(const config::Service& service, const store::Person& person,
                                  const config::RuleSpec& spec);

enum class Offer : std::uint8_t { every, never_asked };
/// Offers the first rule of the programme that has not been offered in this wording, unless an
/// answer is still awaited: one question at a time. `never_asked`: only rules without any history.
void offer_rules(Desk& desk, Offer which = Offer::every);
/// The same for one rule. `reminder`: the six-monthly "same plan?".
void offer_rule(Desk& desk, const config::RuleSpec& spec);

/// Offers a rule as resolved, in a text of its own; not again where it was answered already.
void offer_resolved(Desk& desk, const ResolvedRule& resolved);

/// AGREE L3. False: no such code.
bool agree_to_rule(Desk& desk, const std::string& code, store::RowId inbound);
/// DISAGREE L3. False: no such code.
bool refuse_rule(Desk& desk, const std::string& code, store::RowId inbound);

/// The review timer ("review", person/code): asks "same plan?", reminds twice a week apart, then
/// the rule pauses and the practitioner is told that it has lapsed.
void review_due(store::Tx& tx, const Setting& s, const store::Timer& timer);

/// After a reload: narrowings apply at once, widenings are offered anew, deleted rules go on
/// under their agreed snapshot, a new rule is offered once nothing else is open. What somebody
/// ended is not asked about again. Returns how many people must agree again.
int rules_changed(Desk& desk);
/// rules_changed for the people after this id, at most `limit` of them. Returns the id to go on
/// from, 0 when everybody has been looked at: then this configuration's hash is kept as seen.
store::RowId rules_changed_for(store::Tx& tx, const Setting& s, store::RowId after, int limit);
struct RetiredPage {
  int people = 0;
  store::RowId next = 0;  // go on from here; 0: everybody has been looked at
};
/// Ends a rule, every version of it, for the people after this id: what is open closes, each is
/// told once. The rule must have left every programme before, or it would be offered again.
RetiredPage retire_rule_for(store::Tx& tx, const Setting& s, const std::string& rule,
                            store::RowId after, int limit);
inline constexpr const char* rules_seen_setting = "rules_seen";
/// The same for one rule as it resolves now. True: the person must agree again.
bool rule_changed(Desk& desk, const ResolvedRule& resolved);

/// Agreements that act now.
std::vector<store::Agreement> in_force(store::ReadTx& tx, store::RowId person);

}  // namespace moodline::checkins
