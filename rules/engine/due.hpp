// Inside the engine: the deadlines of a State.
#pragma once
#include "rules/engine/state.hpp"

namespace moodline::rules {

/// When the open alert becomes stale.
std::optional<Instant> stale_due(const State& s);
/// The next time of a schedule rule.
std::optional<Instant> schedule_due(const State& s);
/// The earliest of all; nothing while deadlines hold.
std::optional<Instant> next_due(const State& s);

}  // namespace moodline::rules
