// AWS Signature Version 4 over given headers. Our HTTP client signs by itself; this is the second
// opinion that replay and tests compare with, byte for byte.
#pragma once
#include <string>
#include <string_view>

#include "providers/provider.hpp"

namespace moodline::providers::kit {

/// The whole Authorization header of `call`, which says key, secret, region and service. `signed`
/// holds every header that is signed, x-amz-date among them. The path is taken as canonical.
std::string sigv4_authorization(const HttpCall& call, const Headers& signed_headers);

}  // namespace moodline::providers::kit
