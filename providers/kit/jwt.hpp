// JSON Web Tokens (RFC 7519, 7515): HMAC ones are verified, HMAC and RSA ones are signed.
#pragma once
#include <boost/json/object.hpp>
#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include "providers/kit/bytes.hpp"
#include "rules/base/instant.hpp"
#include "rules/base/result.hpp"

namespace moodline::providers::kit {

constexpr std::size_t jwt_bytes_max = 8UL * 1024;

struct Jwt {
  std::string algorithm;  // "HS256"
  boost::json::object claims;
};

/// Checks the form, the algorithm (only those of `allowed`: HS256, HS384, HS512) and the MAC under
/// any of the secrets. No claim is looked at. Fails with "bad_signature", "not_configured".
Result<Jwt> verify_jwt(std::string_view token, const Secrets& secrets,
                       std::initializer_list<std::string_view> allowed);

/// Where the claims say nbf, exp or iat, they must hold at `wire_now` with that leeway; a claim
/// that is not a number fails. Fails with "stale".
Result<void> check_times(const boost::json::object& claims, Instant wire_now,
                         std::chrono::seconds leeway);

/// Header {"alg":...,"typ":"JWT"}; claims in the order given.
std::string sign_jwt_hs256(const boost::json::object& claims, std::string_view secret);
/// `pem`: a PKCS#8 or PKCS#1 private RSA key. Fails with "bad_setting".
Result<std::string> sign_jwt_rs256(const boost::json::object& claims, std::string_view pem);

}  // namespace moodline::providers::kit
