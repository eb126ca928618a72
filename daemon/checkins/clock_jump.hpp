// ClockJump: the machine's clock went wrong or was put right by a step. Deadlines say nothing while
// nobody knows what time it is: every person's deadline rules hold until the clock has kept pace
// for an hour, or an admin says that it is right. Replies are read and judged as ever.
// Thread: the store's.
#pragma once
#include "daemon/checkins/setting.hpp"

namespace moodline::checkins {

constexpr Millis clock_jump_min{5 * 60'000};   // a smaller step holds nothing
constexpr Millis clock_steady_for{3'600'000};  // after this the hold ends by itself
constexpr int clock_people_at_once = 200;      // in one transaction

/// Begins a hold, or begins its hour again; audits and tells the admin. `by` as the clock went.
void clock_jumped(store::Tx& tx, const Setting& s, Millis by);
/// Tells the rules of some people that deadlines hold; true while there are more. Run it until
/// false before any deadline.
bool hold_some(store::Tx& tx, const Setting& s);
/// Whether a hold was begun and some people's rules may not know yet.
bool hold_unfinished(store::ReadTx& tx);
bool clock_held(store::ReadTx& tx);
/// The hour is over ("clock" timer): deadlines count again, some people a call.
void clock_due(store::Tx& tx, const Setting& s, const store::Timer& timer);
/// An admin says that the clock is right: the timer is due now. False where nothing is held.
bool clock_is_right(store::Tx& tx, const Setting& s);

}  // namespace moodline::checkins
