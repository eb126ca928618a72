// Prints what providers make of captured requests; exits 1 where any differs from what is expected.
#include <fstream>
#include <iostream>
#include <iterator>

#include "providers/replay.hpp"

int main(int argc, char** argv) {
  moodline::providers::ReplayTally all;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto tally = moodline::providers::replay_file(
        argv[i], text, [](std::string_view line) { std::cout << line << '\n'; });
    all.passed += tally.passed;
    all.failed += tally.failed;
  }
  std::cout << to_text(all) << '\n';
  return all.failed == 0 && all.passed > 0 ? 0 : 1;
}
