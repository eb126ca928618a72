// Yes-or-no measures: the pack's forms and a bare thumb up; half, later, not yet are unclear.
#pragma once
#include <optional>

#include "daemon/replies/scene.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::replies {

/// The answer to the one open yes-or-no question; nothing when there is no such form in the text.
std::optional<Verdict> resolve_yes_no(const Scene& scene);

/// True or false when the text holds forms of one kind alone.
std::optional<bool> yes_no_within(const Scene& scene);

}  // namespace moodline::replies
