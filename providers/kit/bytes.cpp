#include "providers/kit/bytes.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cassert>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace moodline::providers::kit {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const EVP_MD* evp(Digest kind) {
  switch (kind) {
    case Digest::md5:
      return EVP_md5();
    case Digest::sha1:
      return EVP_sha1();
    case Digest::sha256:
      return EVP_sha256();
    case Digest::sha384:
      return EVP_sha384();
    case Digest::sha512:
      return EVP_sha512();
  }
  assert(false);
  return EVP_sha256();
}

std::string encode64(std::string_view bytes, std::string_view alphabet, bool pad) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) {
      if (k <= n) {
        out += alphabet[group >> (18 - 6 * k) & 63U];
      } else if (pad) {
        out += '=';
      }
    }
  }
  return out;
}

// `text` without its padding.
std::optional<std::string> decode64(std::string_view text, std::string_view alphabet) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xFFU);
      bits &= (1U << held) - 1;
    }
  }
  if (bits != 0) return std::nullopt;  // unused bits: another text would decode to the same bytes
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<Digest> digest_from(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Digest>, 5> names{{{"md5", Digest::md5},
                                                                      {"sha1", Digest::sha1},
                                                                      {"sha256", Digest::sha256},
                                                                      {"sha384", Digest::sha384},
                                                                      {"sha512", Digest::sha512}}};
  for (const auto& [word, kind] : names)
    if (word == name) return kind;
  return std::nullopt;
}

std::string digest(Digest kind, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, evp(kind), nullptr) != 1)
    throw std::runtime_error("OpenSSL cannot compute a digest");
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hmac(Digest kind, std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (HMAC(evp(kind), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), out.data(),
           &size) == nullptr)
    throw std::runtime_error("OpenSSL cannot compute an HMAC");
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  return encode64(bytes, base64_alphabet, true);
}

std::string to_base64url(std::string_view bytes) {
  return encode64(bytes, base64url_alphabet, false);
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int n = 0; n < 2 && text.ends_with('='); ++n) text.remove_suffix(1);
  return decode64(text, base64_alphabet);
}

std::optional<std::string> from_base64url(std::string_view text) {
  return decode64(text, base64url_alphabet);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Secrets::Secrets(std::vector<std::string> values) {
  for (auto& v : values)
    if (!v.empty()) values_.push_back(std::move(v));
}

Secrets Secrets::of(const config::Block& settings, std::string_view name) {
  return Secrets({settings.text(name), settings.text(std::string(name) + "_next")});
}

bool Secrets::any(const std::function<bool(const std::string& secret)>& proof) const {
  bool held = false;
  for (const auto& secret : values_) held = proof(secret) || held;
  return held;
}

const std::string& Secrets::current() const {
  static const std::string none;
  return values_.empty() ? none : values_.front();
}

}  // namespace moodline::providers::kit
