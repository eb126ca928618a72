// The one place that lists providers and spool programs. A new one is one include and one line.
#include <algorithm>

#include "providers/africastalking.hpp"
#include "providers/android_sms_gateway.hpp"
#include "providers/aws.hpp"
#include "providers/bandwidth.hpp"
#include "providers/gammu.hpp"
#include "providers/generic.hpp"
#include "providers/govuk_notify.hpp"
#include "providers/infobip.hpp"
#include "providers/kannel.hpp"
#include "providers/messagebird.hpp"
#include "providers/plivo.hpp"
#include "providers/provider.hpp"
#include "providers/simulated.hpp"
#include "providers/sinch.hpp"
#include "providers/smstools3.hpp"
#include "providers/spool.hpp"
#include "providers/telnyx.hpp"
#include "providers/twilio.hpp"
#include "providers/vonage.hpp"

namespace moodline::providers {

const std::vector<ProviderType>& provider_types() {
  static const std::vector<ProviderType> types = [] {
    std::vector<ProviderType> all{
        africastalking_type(),
        android_sms_gateway_type(),
        aws_type(),
        bandwidth_type(),
        generic_type(),
        govuk_notify_type(),
        infobip_type(),
        kannel_type(),
        messagebird_type(),
        plivo_type(),
        simulated_type(),
        sinch_type(),
        telnyx_type(),
        twilio_type(),
        vonage_type(),
    };
    for (auto& row : preset_types()) all.push_back(std::move(row));
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
  }();
  return types;
}

const std::vector<SpoolType>& spool_types() {
  static const std::vector<SpoolType> types{gammu_type(), smstools3_type()};
  return types;
}

const ProviderType* find_provider_type(std::string_view name) {
  for (const auto& type : provider_types())
    if (type.name == name) return &type;
  return nullptr;
}

const SpoolType* find_spool_type(std::string_view name) {
  for (const auto& type : spool_types())
    if (type.name == name) return &type;
  return nullptr;
}

}  // namespace moodline::providers
