#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType twilio_type();

}  // namespace moodline::providers
