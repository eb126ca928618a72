// Vonage: one row, two APIs. vonage.cpp holds the settings; vonage_sms.cpp and
// vonage_messages.cpp each hold one translator.
#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType vonage_type();

/// For `api: sms` (the older SMS API) and `api: messages`. Both take vonage_type().fields.
std::unique_ptr<Provider> make_vonage_sms(const config::Block& settings);
std::unique_ptr<Provider> make_vonage_messages(const config::Block& settings);

}  // namespace moodline::providers
