// Promises: what must hold at the end of every seed, whatever struck on the way.
#pragma once
#include <string>
#include <vector>

#include "daemon/actors/gateway.hpp"
#include "daemon/store/store.hpp"
#include "tests/sim/world.hpp"

namespace moodline::sim {

/// Each broken promise in one line; empty when all hold.
std::vector<std::string> broken_promises(const World& world, store::Store& store,
                                         const actors::Live& live);

}  // namespace moodline::sim
