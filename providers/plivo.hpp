#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType plivo_type();

}  // namespace moodline::providers
