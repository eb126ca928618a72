// Alerts: what rules emit becomes episodes with a code, and texts to those who may be told, timed
// by the notify desk. One "desk" timer wakes it; every state of it is a row. Thread: the store's.
#pragma once
#include <string>
#include <vector>

#include "daemon/checkins/desk.hpp"
#include "rules/engine/event.hpp"
#include "rules/notify/desk.hpp"

namespace moodline::checkins {

using AlertEvents = std::vector<rules::DeskEvent>;

/// Writes emitted events and episodes; adds what the notify desk must hear to `out`.
void note_emitted(Desk& desk, const store::RuleState& row,
                  const std::vector<rules::Emitted>& emitted, AlertEvents& out);

/// Runs the notify desk over its rows and queues the texts it wants. `late`: after a stop.
void take_alert_events(store::Tx& tx, const Setting& s, const AlertEvents& events, bool late);

/// Something the desk looks at changed by itself (a pause, a practitioner's yes): what may leave
/// now leaves, and the timer is set anew.
void desk_again(store::Tx& tx, const Setting& s);

/// The "desk" timer is due.
void desk_due(store::Tx& tx, const Setting& s, const store::Timer& timer);

/// ACK, DONE, PASS by a practitioner, an admin or a page. `actor` is for the trail.
/// Faults: "no_such_alert", "already_closed".
Result<store::Alert> acknowledge(store::Tx& tx, const Setting& s, std::string_view code,
                                 const std::string& by, const std::string& actor);
Result<store::Alert> finish(store::Tx& tx, const Setting& s, std::string_view code,
                            const std::string& by, const std::string& actor, std::string note);
Result<store::Alert> pass_on(store::Tx& tx, const Setting& s, std::string_view code,
                             const std::string& by, const std::string& actor);

/// Open alerts that this recipient was told of and has not acknowledged, newest last.
std::vector<store::Alert> awaiting(store::Tx& tx, const Setting& s, const std::string& recipient);
/// Open alerts this recipient was told of.
std::vector<store::Alert> told_and_open(store::ReadTx& tx, const std::string& recipient);

/// The one line that tells whom a role reaches for this person; empty: nobody.
std::string recipient_of(const config::Service& service, const store::Person& p,
                         std::string_view role);
/// The number of a recipient id: a practitioner's. Nothing: only email, or unknown.
std::optional<std::string> number_of(const config::Service& service, std::string_view recipient);

}  // namespace moodline::checkins
