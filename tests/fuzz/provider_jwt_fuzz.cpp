// Tokens: whatever arrives, only what we signed ourselves is believed.
#include <cstddef>
#include <cstdint>

#include "fuzz_cases.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  moodline::fuzz::one_token({reinterpret_cast<const char*>(data), size});
  return 0;
}
