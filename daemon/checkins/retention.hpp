// Retention: what the service said it keeps only so long goes each night. Thread: the store's.
#pragma once
#include "daemon/checkins/setting.hpp"

namespace moodline::checkins {

/// Drops what is past its time: texts and their values, readings with everything that hangs on
/// them. At most `limit` rows; returns how many went.
int enforce_retention(store::Tx& tx, const Setting& s, int limit);

}  // namespace moodline::checkins
