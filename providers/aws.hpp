// AWS: End User Messaging SMS (or SNS Publish) out, SNS notifications in.
//
// Certificates. An SNS notification names the certificate that signed it. Fetching it is network
// work, so it is not done here: authenticate() fails with "certificate_needed", and
// aws_certificate_url() says which one, already checked against the allowed hosts. The daemon
// fetches it over verified TLS, keeps it, makes the provider anew with with_aws_certificate(), and
// answers the webhook 503 meanwhile: SNS tries again within seconds. Thread: any.
#pragma once
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType aws_type();

constexpr std::size_t aws_certificate_bytes_max = std::size_t{16} * 1024;
constexpr std::size_t aws_certificates_max = 8;  // the oldest pinned ones may be dropped

/// The https URL of the certificate that the webhook names; nothing where the webhook is no SNS
/// envelope or names one outside sns.REGION.amazonaws.com.
std::optional<std::string> aws_certificate_url(const Webhook& hook);

/// The same settings, with that certificate (PEM) added to `certificates`. Fails with
/// "bad_setting" where the PEM holds no certificate with an RSA key, or is too long.
Result<config::Block> with_aws_certificate(config::Block settings, const std::string& url,
                                           const std::string& pem);

}  // namespace moodline::providers
