// Spool files of any name and content.
#include <cstddef>
#include <cstdint>

#include "fuzz_cases.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  moodline::fuzz::one_spool_file({reinterpret_cast<const char*>(data), size});
  return 0;
}
