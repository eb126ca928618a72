// PersonLog: what the rules learn about a person, written once, in commit order. Each rule sees
// its own side of an entry (its component, its prompts). Replaying the log gives the same events.
// Pure but for appending.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/records.hpp"
#include "rules/engine/event.hpp"

namespace moodline::checkins {

/// One entry. `type` is one of: prompt, inbound, undo, agree, disagree, edit, stop, unshare, erase,
/// retire, pause, resume, ack, done, pass, zone, clock_jump, clock_ok. For agree .. pass, `rule`
/// names the rule it is about; empty: every rule.
struct PersonEvent {
  std::string type;
  std::string rule;
  // prompt
  std::string id;  // also of an inbound text
  Instant at;      // of the prompt or of the text (network time)
  std::string status;
  std::vector<std::string> measures;
  // inbound
  std::map<std::string, Decimal> values;  // by component
  std::vector<std::string> low;           // components with a low mark
  bool corrects = false;
  std::optional<LocalDate> for_day;
  std::vector<std::string> lists;  // phrase lists that matched
  std::string text_key;            // tells duplicates apart where there is no id
  std::string zone;                // moved to
  std::string was;                 // and from
};

/// Canonical JSON, keys sorted; the same entry always gives the same text.
std::string to_text(const PersonEvent& e);
/// Fails with "bad_log_entry".
Result<PersonEvent> person_event_from(std::string_view text);

/// The entry as one rule sees it; nothing where it does not concern the rule. `measure` is the
/// measure that owns the rule's component; empty for rules that read no measure.
std::optional<rules::Event> as_rule_sees(const PersonEvent& e, const rules::Rule& rule,
                                         std::string_view measure, Instant learned);

/// A resolved rule as text and back, so that an agreed snapshot outlives its file.
std::string rule_to_text(const rules::Rule& rule);
Result<rules::Rule> rule_from_text(std::string_view text);

}  // namespace moodline::checkins
