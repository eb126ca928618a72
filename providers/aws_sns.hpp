// The SNS envelope: which text it signs, with which certificate. Thread: any.
#pragma once
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "rules/base/result.hpp"

namespace moodline::providers::aws {

/// https, host sns.REGION.amazonaws.com or .com.cn, no port, no user; the path is the caller's.
bool host_is_allowed(std::string_view url);
/// The same, and a path of plain characters that ends in ".pem".
bool certificate_url_is_allowed(std::string_view url);

/// The text that an envelope of its Type signs. Fails with "bad_signature" where a part of it is
/// missing or no string, or the Type is unknown.
Result<std::string> text_to_sign(const boost::json::value& envelope);

/// Version "1" is RSA with SHA-1, "2" with SHA-256 (PKCS#1 v1.5). False for another version, a
/// certificate that cannot be read, an RSA key under 2048 bits, or a signature that does not hold.
bool signature_holds(std::string_view version, std::string_view pem, std::string_view text,
                     std::string_view signature_base64);

/// True where the PEM holds a certificate with an RSA key of at least 2048 bits.
bool certificate_is_usable(std::string_view pem);

}  // namespace moodline::providers::aws
