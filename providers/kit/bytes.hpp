// Digests, MACs and text forms of bytes. Everything an adapter proves a sender with.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/block.hpp"

namespace moodline::providers::kit {

enum class Digest { md5, sha1, sha256, sha384, sha512 };

/// "sha256" and so on; nothing for another word.
std::optional<Digest> digest_from(std::string_view name);

/// Raw bytes, not hex.
std::string digest(Digest kind, std::string_view bytes);
std::string hmac(Digest kind, std::string_view key, std::string_view bytes);

std::string to_hex(std::string_view bytes);  // lower case
std::string to_base64(std::string_view bytes);
std::string to_base64url(std::string_view bytes);  // no padding

/// Strict: nothing for stray characters, wrong padding, or unused bits that are not zero, so that
/// no two texts decode to the same bytes (hex takes both cases).
std::optional<std::string> from_hex(std::string_view text);
std::optional<std::string> from_base64(std::string_view text);
std::optional<std::string> from_base64url(std::string_view text);

/// The time taken depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// A secret, and during rotation a second one: both are accepted. Empty ones never match.
class Secrets {
 public:
  Secrets() = default;
  explicit Secrets(std::vector<std::string> values);
  /// Fields `name` and `name`_next.
  static Secrets of(const config::Block& settings, std::string_view name);
  [[nodiscard]] bool empty() const { return values_.empty(); }
  /// True where `proof` holds for any of them; all are tried, so that time tells nothing.
  [[nodiscard]] bool any(const std::function<bool(const std::string& secret)>& proof) const;
  /// The one to send with; empty where there is none.
  [[nodiscard]] const std::string& current() const;
  [[nodiscard]] const std::vector<std::string>& values() const { return values_; }

 private:
  std::vector<std::string> values_;
};

}  // namespace moodline::providers::kit
