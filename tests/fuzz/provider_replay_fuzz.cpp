// Replay files: anything may stand in one.
#include <cstddef>
#include <cstdint>

#include "providers/replay.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)moodline::providers::replay_file("fuzz", {reinterpret_cast<const char*>(data), size},
                                         [](std::string_view) {});
  return 0;
}
