// Slots: from a programme's schedule and a person's own times to prompts that are texted at most
// once a slot. One timer a (person, schedule) points at the next slot; the prompt row and its text
// are written together when it is due. Thread: the store's.
#pragma once
#include "daemon/checkins/desk.hpp"
#include "rules/schedule/schedule.hpp"

namespace moodline::checkins {

/// Slots handled in one call of slot_due; after a long stop the timer stays due for the rest.
constexpr int slots_at_once_max = 50;

/// A schedule as this person has it: their own days and times where they chose them.
schedule::Schedule schedule_of(const store::Person& p, const config::Prompt& prompt);
schedule::PersonTime time_of(const config::Service& service, const store::Person& p,
                             const Zone& zone);

/// The key of the timer of one (person, schedule).
std::string slot_key(const store::Person& p, const config::Prompt& prompt);

/// (Re)sets the timers of every schedule of a person: after enrolment, a change of time, zone or
/// programme. A person who is not active loses them.
void plan_person(Desk& desk);

/// The timer of (person, schedule) is due: writes every slot due by now, and sets the next timer.
void slot_due(store::Tx& tx, const Setting& s, const store::Timer& timer);

/// One slot is due: its prompt row and its text, in one transaction. A slot that has its row
/// already is never asked again.
void write_slot(Desk& desk, const config::Prompt& prompt, const schedule::Slot& slot);

/// A prompt has left: its one reminder is set, where its programme has one.
void plan_reminder(Desk& desk, const store::Prompt& prompt);

/// The "reminder" timer of a prompt: sent when nothing was answered; after a phone's reaction to
/// our text it says that a tap does not reach us.
void reminder_due(store::Tx& tx, const Setting& s, const store::Timer& timer);

/// Which measures a prompt asks of this person: those they chose.
std::vector<std::string> asked_of(const store::Person& p, const config::Prompt& prompt);

}  // namespace moodline::checkins
