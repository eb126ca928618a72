#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType africastalking_type();

}  // namespace moodline::providers
