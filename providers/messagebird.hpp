#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType messagebird_type();

}  // namespace moodline::providers
