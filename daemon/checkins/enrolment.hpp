// Enrolment: nobody is tracked without having been asked, without a stated goal, or before they
// text AGREE and their code. Thread: the store's.
#pragma once
#include <string>
#include <vector>

#include "daemon/checkins/desk.hpp"

namespace moodline::checkins {

/// What `moodline person add` and the API give. Texts as typed.
struct NewPerson {
  std::string number;
  std::string display;  // a code or initials, as agreed with them
  std::string programme;
  std::string practitioner;                     // may be empty: for themselves alone
  std::string zone;                             // empty: the service's
  std::string language;                         // empty: the service's first
  std::string agreed_with;                      // who agreed it with them; refused without
  std::optional<Instant> agreed_on;             // and when; refused without
  std::vector<store::TrackedMeasure> measures;  // each with a goal
  std::vector<TimeOfDay> times;
  std::vector<Weekday> days;
  std::optional<TimeOfDay> safe_from;
  std::optional<TimeOfDay> safe_to;
  std::string needs;
  std::string plan;
  std::vector<std::string> rules;  // which of the programme's to offer; empty: all, one at a time
  bool discreet = true;
  std::map<std::string, std::map<std::string, std::string>> rule_params;
};

/// Refuses with one fault that names everything wrong: no_consent, no_goal, bad_number, opted_out,
/// number_in_use, unknown_programme, unknown_measure, unknown_practitioner, unknown_zone.
/// Otherwise the person is `invited` and one neutral invitation is queued.
Result<store::Person> add_person(store::Tx& tx, const Setting& s, const NewPerson& n,
                                 const std::string& actor);

/// The same checks and no change: their number in E.164, or what is wrong.
Result<std::string> check_new_person(store::Tx& tx, const Setting& s, const NewPerson& n);

enum class Asked { by_admin, by_start };  // after START a provider's own block may be lifted
/// Queues the one invitation: who, cost, when read, not an emergency service, AGREE and a code.
void invite(Desk& desk, Asked asked);

/// AGREE and digits by somebody invited. Starts the schedules and offers each rule's sentence.
/// False where the code is not theirs.
bool agree_to_join(Desk& desk, std::string_view code);

}  // namespace moodline::checkins
