// Randomness as a port: the system's in production, a seed's in a simulation.
#pragma once
#include <cstdint>
#include <mutex>
#include <span>

namespace moodline::ports {

/// Any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual void bytes(std::span<std::uint8_t> out) = 0;
  /// 0..below-1, without bias; 0 for below 0 or 1.
  virtual std::uint64_t uniform(std::uint64_t below);
};

/// libsodium's generator: fit for keys and codes.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  void bytes(std::span<std::uint8_t> out) override;
};

/// SplitMix64 from a seed: the same bytes every run. Simulation and tests only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void bytes(std::span<std::uint8_t> out) override;

 private:
  std::mutex mutex_;
  std::uint64_t state_;
};

}  // namespace moodline::ports
