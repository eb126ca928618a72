// Guards: a number that stands where answers stand, but is said of something else: a film that was
// a 9, eggs that were bought, three who were met. Such a number is asked back, never taken.
#pragma once
#include "daemon/replies/resolve.hpp"

namespace moodline::replies {

/// Takes `sure` from numbers that are said of something else. Measures without a unit only: an
/// amount is what was counted.
void guard_places(const Scene& scene, std::vector<Candidate>& candidates);

}  // namespace moodline::replies
