// The first byte chooses a provider, the second a method and content type, the next two cut the
// rest into URL, one header and body. Proof, events, answers and look-ups must survive any of it.
#include <cstddef>
#include <cstdint>

#include "fuzz_cases.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  moodline::fuzz::one_webhook({reinterpret_cast<const char*>(data), size});
  return 0;
}
