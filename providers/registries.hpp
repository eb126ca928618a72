// What the config loader must know of providers: the floor above tells it.
#pragma once
#include "config/load.hpp"

namespace moodline::providers {

/// Every provider and spool program, for config::load.
config::Registries registries();

}  // namespace moodline::providers
