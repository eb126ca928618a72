// Masks: numbers that are no answer, each with its reason. Runs before anything is resolved.
#pragma once
#include "daemon/replies/scene.hpp"

namespace moodline::replies {

/// Units, composite amounts, names of measures, then every mask of docs/replies.md.
void mask_non_answers(Scene& scene);

}  // namespace moodline::replies
