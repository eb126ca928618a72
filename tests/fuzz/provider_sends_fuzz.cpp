// Answers to sends and look-ups, and the calls themselves: any bytes a provider may answer with,
// any words a text may hold. An answer is one of the four outcomes, and accepted only on 2xx.
#include <cstddef>
#include <cstdint>

#include "fuzz_cases.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  moodline::fuzz::one_send({reinterpret_cast<const char*>(data), size});
  return 0;
}
