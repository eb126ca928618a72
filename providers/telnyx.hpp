#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType telnyx_type();

}  // namespace moodline::providers
