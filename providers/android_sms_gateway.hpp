#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType android_sms_gateway_type();

}  // namespace moodline::providers
