// Retention: what the service said it keeps only so long goes each night. Thread: the store's.
#pragma once
#include "daemon/checkins/setting.hpp"

namespace moodline::checkins {

/// Drops texts and their values that are past their time, at most `limit` rows; how many went.
int drop_old_texts(store::Tx& tx, const Setting& s, int limit);
/// Drops one person's readings that are past their time, with everything that hangs on them, at
/// most `limit` rows; how many went.
int drop_old_history(store::Tx& tx, const Setting& s, store::RowId person, int limit);

}  // namespace moodline::checkins
