// RuleSteps: whatever is learned about a person goes into their log and through every rule they
// agreed to, in the same transaction; what the rules say becomes rows. Thread: the store's.
#pragma once
#include <span>
#include <vector>

#include "daemon/checkins/desk.hpp"
#include "daemon/checkins/person_log.hpp"
#include "rules/engine/engine.hpp"

namespace moodline::checkins {

/// The rules a person's stored states can name: every agreed snapshot, by its key.
class RuleBook {
 public:
  RuleBook(store::ReadTx& tx, store::RowId person);
  void add(rules::RulePtr rule);
  [[nodiscard]] rules::RulePtr find(std::string_view key) const;

 private:
  std::map<std::string, rules::RulePtr, std::less<>> rules_;
};

/// Appends the entries to the person's log and steps every rule of theirs that they concern.
/// Everything learned in one transaction comes in one call.
void learn(Desk& desk, const std::vector<PersonEvent>& entries);

/// The deadline of one (person, rule) is due ("rule" timer).
void rule_due(store::Tx& tx, const Setting& s, const store::Timer& timer);

/// Starts the fold of a rule the person has just agreed to, or says yes to a waiting edit.
void start_rule(Desk& desk, const rules::RulePtr& rule, const std::string& hash);

/// A reading was taken back by UNDO: the rules see it corrected away.
void log_undo(Desk& desk, const store::Reading& reading);

/// The log entry of a prompt as it stands.
PersonEvent prompt_entry(const store::Prompt& prompt);

/// Folds of a person as they stand, for `explain` and the pages.
struct Standing {
  store::RuleState row;
  rules::State state;
};
std::vector<Standing> standing_of(store::ReadTx& tx, store::RowId person);

}  // namespace moodline::checkins
