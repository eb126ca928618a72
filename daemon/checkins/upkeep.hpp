// Upkeep: what time alone brings: a hold nobody read, an erasure that was confirmed, retention.
// Thread: the store's.
#pragma once
#include "daemon/checkins/setting.hpp"

namespace moodline::checkins {

/// A held text nobody read in the stated time goes to the admin.
void hold_due(store::Tx& tx, const Setting& s, const store::Timer& timer);
/// Destroys a person's key and rows, and what texts about several people said of them.
void erase_everywhere(store::Tx& tx, const store::Person& person, Instant now);
/// DELETE was confirmed and answered: key, rows and number go; the tombstone stays.
void erase_due(store::Tx& tx, const Setting& s, const store::Timer& timer);
/// Retention, a bounded number of rows a call; flags replies nobody has looked at.
void nightly_due(store::Tx& tx, const Setting& s, const store::Timer& timer);
/// Once a day the admin reads that the service runs, and what waits.
void daily_due(store::Tx& tx, const Setting& s, const store::Timer& timer);
/// Sets the timers that must always exist. At every start.
void ensure_upkeep(store::Tx& tx, const Setting& s);

}  // namespace moodline::checkins
