#include "daemon/ports/random.hpp"

#include <sodium.h>

#include <stdexcept>

namespace moodline::ports {

std::uint64_t Random::uniform(std::uint64_t below) {
  if (below <= 1) return 0;
  // Values under 2^64 mod below would favour small results; draw again. Ends with probability 1:
  // each draw is kept with probability over 1/2.
  const std::uint64_t unfair = (0 - below) % below;
  for (;;) {
    std::uint8_t raw[8];
    bytes(raw);
    std::uint64_t v = 0;
    for (const std::uint8_t b : raw) v = v << 8 | b;
    if (v >= unfair) return v % below;
  }
}

SystemRandom::SystemRandom() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium could not start");
}

void SystemRandom::bytes(std::span<std::uint8_t> out) {
  randombytes_buf(out.data(), out.size());
}

void SeededRandom::bytes(std::span<std::uint8_t> out) {
  const std::lock_guard lock(mutex_);
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % 8 == 0) {
      word = state_ += 0x9E3779B97F4A7C15ULL;
      word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ULL;
      word = (word ^ (word >> 27)) * 0x94D049BB133111EBULL;
      word ^= word >> 31;
    }
    out[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
  }
}

}  // namespace moodline::ports
