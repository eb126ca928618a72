// Dice: a small deterministic generator (SplitMix64, Steele, Lea and Flood 2014) for short codes
// that people type. Seeded from the Random port; not for keys or tokens.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace moodline {

class Dice {
 public:
  explicit constexpr Dice(std::uint64_t seed) : state_(seed) {}
  constexpr std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  /// 0..below-1; `below` at least 1.
  constexpr std::uint64_t below(std::uint64_t below) { return next() % below; }
  std::string word(std::size_t length, std::string_view alphabet) {
    std::string out;
    for (std::size_t i = 0; i < length; ++i) out += alphabet[below(alphabet.size())];
    return out;
  }

 private:
  std::uint64_t state_;
};

/// Letters and digits that are not mistaken for each other on a phone.
inline constexpr std::string_view clear_letters = "ACDEFHJKMNPRTUWXY";
inline constexpr std::string_view clear_alphabet = "23456789acdefhjkmnprtuwxy";

}  // namespace moodline
