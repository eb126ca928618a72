// Units: a number in a unit that is not the measure's own is converted exactly, or left unread.
#pragma once
#include "daemon/replies/resolve.hpp"

namespace moodline::replies {

/// Puts the item's amount into question `q`'s unit (c.value, c.converted, c.bound). False when the
/// unit is none of the question's.
bool in_unit_of(const Scene& scene, std::size_t q, const Item& item, Candidate& c);

}  // namespace moodline::replies
