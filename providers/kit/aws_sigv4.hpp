// AWS Signature Version 4, for showing a request before it goes and for checking what curl signs
// (in production curl signs, see HttpCall::sign). Source: the provider's published algorithm.
#pragma once
#include <string>

#include "providers/provider.hpp"

namespace moodline::providers::kit {

/// "20261121T194000Z".
std::string aws_date(Instant wire_now);

/// The Authorization header of `call`, signing exactly the headers it holds (which must include
/// host and x-amz-date, names in lower case). Uses the call's region, service and keys.
std::string aws_authorization(const HttpCall& call);

}  // namespace moodline::providers::kit
