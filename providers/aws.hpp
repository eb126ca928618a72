// AWS: End User Messaging SMS (or SNS Publish) out, SNS notifications in.
//
// Certificates. An SNS notification names the certificate that signed it. Fetching it is network
// work, so it is not done here: authenticate() fails with "certificate_needed" and
// certificate_call() says what to fetch, already checked against the allowed hosts;
// with_certificate() makes a translator that knows it. daemon/actors/errands does the rest.
#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType aws_type();

constexpr std::size_t aws_certificate_bytes_max = std::size_t{16} * 1024;
constexpr std::size_t aws_certificates_max = 8;

}  // namespace moodline::providers
