#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType kannel_type();

}  // namespace moodline::providers
