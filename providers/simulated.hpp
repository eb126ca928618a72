#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType simulated_type();

}  // namespace moodline::providers
