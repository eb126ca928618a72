// Several questions at once: names and units bind the nearest number, bare lists go by position.
#pragma once
#include <optional>

#include "daemon/replies/resolve.hpp"

namespace moodline::replies {

/// Nothing when the text holds no candidate at all.
std::optional<Verdict> resolve_several(Scene& scene);

}  // namespace moodline::replies
