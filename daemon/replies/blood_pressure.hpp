// Blood pressure: one measure of two parts. A/B, A over B, A-B, or two lines; never one part alone.
#pragma once
#include <optional>
#include <vector>

#include "daemon/replies/scene.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::replies {

/// Finds the pair that answers the blood-pressure question (Shape::blood_pressure, or two questions
/// named systolic and diastolic), stores its parts in `v.values` and masks its numbers. Returns for
/// each question whether blood pressure answers it. A pair that cannot be trusted sets nothing.
std::vector<bool> read_pressure_part(Scene& scene, Verdict& v);

/// True when the open questions are blood pressure and nothing else.
bool only_pressure(const Scene& scene);

/// The answer to blood pressure alone. Nothing when the text holds no candidate.
std::optional<Verdict> resolve_pressure(Scene& scene);

}  // namespace moodline::replies
