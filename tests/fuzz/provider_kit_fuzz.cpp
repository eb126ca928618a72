// Forms, URLs, JSON, tokens, charsets, user data headers, templates and extraction rules.
#include <cstddef>
#include <cstdint>

#include "fuzz_cases.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  moodline::fuzz::one_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
