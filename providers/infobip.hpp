#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType infobip_type();

}  // namespace moodline::providers
