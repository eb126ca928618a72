#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType sinch_type();

}  // namespace moodline::providers
