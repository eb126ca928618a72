// Spend: how many segments were handed over on this day and in this month of the service, and
// whether its ceiling keeps bulk texts back. Answers, alerts and whatever is about safety always
// go. Thread: the store's.
#pragma once
#include <optional>

#include "daemon/checkins/setting.hpp"

namespace moodline::checkins {

/// Counts a text that is being handed over; tells the admin once a day when a ceiling is reached.
void count_segments(store::Tx& tx, const Setting& s, int segments);
/// Bulk texts wait until then; nothing where no ceiling is reached.
std::optional<Instant> bulk_waits_until(store::ReadTx& tx, const Setting& s);
/// Prompts, reminders, digests, invitations and the like: what a ceiling keeps back.
bool is_bulk(store::Purpose purpose);

}  // namespace moodline::checkins
