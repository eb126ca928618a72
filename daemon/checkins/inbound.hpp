// Inbound: one text from outside, from its proven bytes to everything it changes, in one
// transaction: deduplicated, read, stored, through the rules, answered. Thread: the store's.
#pragma once
#include <string>

#include "daemon/checkins/desk.hpp"
#include "daemon/replies/verdict.hpp"
#include "providers/provider.hpp"

namespace moodline::checkins {

enum class Taken { stored, duplicate, stranger, part, refused };

/// A provider's timestamp more than this ahead is replaced by the time of receipt.
constexpr Millis ahead_max{5 * 60'000};
/// One older than this is kept and flagged for a human.
constexpr Millis late_flag{72LL * 3'600'000};
/// Parts of a long text wait so long for the others.
constexpr Millis parts_wait{120'000};

/// `event.at` is in service time already. Never throws for what a stranger may send.
Taken take_inbound(store::Tx& tx, const Setting& s, const std::string& provider,
                   const providers::Event& event);

/// The provider says a number opted out (or in) on its side.
void take_opt_event(store::Tx& tx, const Setting& s, const providers::Event& event);

/// The "parts" timer: some parts of a long text never came; what is there is read as it is.
void parts_due(store::Tx& tx, const Setting& s, const store::Timer& timer);

// Parts, by file -----------------------------------------------------------------------------

/// A person's text, whole. `in` is stored already and is updated with the verdict.
void take_from_person(Desk& desk, store::Inbound& in);
/// A practitioner's text: ACK, DONE, PASS, OFF, STATUS, OK, role acceptance.
void take_from_practitioner(store::Tx& tx, const Setting& s, const config::Practitioner& who,
                            store::Inbound& in);
/// Readings, corrections, questions back (reading_act.cpp).
void act_on_reading(Desk& desk, const replies::Verdict& v, const store::Inbound& in);
/// Crisis reply, human look, hold, death, watched phone (safety_act.cpp). Before anything else.
void act_on_safety(Desk& desk, const replies::Verdict& v, const store::Inbound& in);
/// What the rules learn from the text (reading_act.cpp).
void learn_from(Desk& desk, const replies::Verdict& v, const store::Inbound& in);

/// The prompt whose window holds `t`; the newest such.
std::optional<store::Prompt> open_prompt(Desk& desk, Instant t);

/// Canonical JSON of a verdict: names and numbers, never words of the text.
std::string verdict_json(const replies::Verdict& v);

}  // namespace moodline::checkins
