#include "providers/kit/jwt.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <memory>
#include <stdexcept>

#include "providers/kit/http.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers::kit {
namespace {
namespace json = boost::json;

std::optional<Digest> digest_of(std::string_view algorithm) {
  if (algorithm == "HS256") return Digest::sha256;
  if (algorithm == "HS384") return Digest::sha384;
  if (algorithm == "HS512") return Digest::sha512;
  return std::nullopt;
}

std::optional<json::object> object_in(std::string_view part) {
  const auto bytes = from_base64url(part);
  if (!bytes) return std::nullopt;
  auto v = read_json(*bytes);
  if (!v || !v->is_object()) return std::nullopt;
  return std::move(v->as_object());
}

std::string unsigned_token(std::string_view algorithm, const json::object& claims) {
  const json::object header{{"alg", std::string(algorithm)}, {"typ", "JWT"}};
  return to_base64url(json::serialize(header)) + '.' + to_base64url(json::serialize(claims));
}

}  // namespace

Result<Jwt> verify_jwt(std::string_view token, const Secrets& secrets,
                       std::initializer_list<std::string_view> allowed) {
  if (secrets.empty()) return refuse("not_configured", "no secret is set for signed tokens");
  if (token.size() > jwt_bytes_max) return refuse("bad_signature", "the token is too long");
  const auto first = token.find('.');
  const auto second = token.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
    return refuse("bad_signature", "the token has not three parts");
  const auto header = object_in(token.substr(0, first));
  if (!header) return refuse("bad_signature", "the token's header cannot be read");
  const auto* alg = header->if_contains("alg");
  const std::string algorithm = alg == nullptr ? std::string{} : text_of(*alg);
  const auto kind = digest_of(algorithm);
  if (!kind || std::find(allowed.begin(), allowed.end(), algorithm) == allowed.end())
    return refuse("bad_signature", "the token's algorithm is not one this provider uses");
  const auto given = from_base64url(token.substr(second + 1));
  const std::string_view covered = token.substr(0, second);
  if (!given || !secrets.any([&](const std::string& secret) {
        return equal_in_constant_time(hmac(*kind, secret, covered), *given);
      }))
    return refuse("bad_signature", "the token's signature does not match");
  auto claims = object_in(token.substr(first + 1, second - first - 1));
  if (!claims) return refuse("bad_signature", "the token's claims cannot be read");
  return Jwt{algorithm, std::move(*claims)};
}

Result<void> check_times(const json::object& claims, Instant wire_now,
                         std::chrono::seconds leeway) {
  const double now = static_cast<double>(wire_now.ms) / 1000.0;
  const double slack = static_cast<double>(leeway.count());
  constexpr double seconds_max = 253'402'300'799.0;  // the end of the year 9999
  for (const std::string_view name : {"nbf", "iat", "exp"}) {
    const auto* v = claims.if_contains(json::string_view(name.data(), name.size()));
    if (v == nullptr) continue;
    if (!v->is_number()) return refuse("stale", "the token's times are not numbers");
    const auto t = v->to_number<double>();
    if (!(t >= 0 && t <= seconds_max)) return refuse("stale", "the token's times are no times");
    if (name == "exp" ? t <= now - slack : t > now + slack)
      return refuse("stale", "the token is not valid at this time; check the machine's clock");
  }
  return {};
}

std::string sign_jwt_hs256(const json::object& claims, std::string_view secret) {
  const std::string covered = unsigned_token("HS256", claims);
  return covered + '.' + to_base64url(hmac(Digest::sha256, secret, covered));
}

Result<std::string> sign_jwt_rs256(const json::object& claims, std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    ERR_clear_error();
    return fault("bad_setting", "The private key is not an RSA key in PEM; download it again.");
  }
  const std::string covered = unsigned_token("RS256", claims);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> ctx(EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(covered.data());
  std::size_t size = 0;
  if (EVP_DigestSignInit(ctx.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(ctx.get(), nullptr, &size, bytes, covered.size()) != 1)
    throw std::runtime_error("OpenSSL cannot sign");
  std::string signature(size, '\0');
  if (EVP_DigestSign(ctx.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                     covered.size()) != 1)
    throw std::runtime_error("OpenSSL cannot sign");
  signature.resize(size);
  return covered + '.' + to_base64url(signature);
}

}  // namespace moodline::providers::kit
