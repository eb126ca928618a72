// Inside the engine: what an alert stands on, kept apart so that corrections find it however late.
#pragma once
#include "rules/engine/log.hpp"

namespace moodline::rules {

/// Notes the readings and cells that the condition's outcome depends on.
void take_grounds(Episode& episode, const State& state, const Built& built, const View& view);
/// A new reading may take corrections away from the one before it. True where a value changed.
bool ground_reading(Episode& episode, const Slot& slot);
/// True where the correction is of one of the grounds.
bool ground_correction(Episode& episode, const Correction& correction);
/// The condition on the grounds as they now stand.
/// The readings of a text were taken back. True where the alert stood on one of them.
bool ground_undo(Episode& episode, std::string_view id);
bool grounds_hold(const Episode& episode, const State& state);

}  // namespace moodline::rules
