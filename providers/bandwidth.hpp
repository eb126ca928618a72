#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType bandwidth_type();

}  // namespace moodline::providers
