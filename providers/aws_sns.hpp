// SNS: the form that publishes a text; the envelope that comes, which text it signs, with which
// certificate. Thread: any.
#pragma once
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "providers/kit/form.hpp"
#include "providers/provider.hpp"
#include "rules/base/result.hpp"

namespace moodline::providers::aws {

/// The Publish call. `from` is a sender name, or a number with "+"; `type` TRANSACTIONAL or
/// PROMOTIONAL; either may be empty. The names of the attributes are unconfirmed.
kit::Fields publish_form(const Sms& sms, const std::string& from, const std::string& type);
/// What a captured form (as a JSON object) says of them; empty where nothing.
std::string published_sender(const boost::json::value& form);
std::string published_type(const boost::json::value& form);

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
