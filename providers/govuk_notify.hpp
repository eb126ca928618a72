#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType govuk_notify_type();

}  // namespace moodline::providers
