// replies_parse PACKS_DIR < replies.jsonl > verdicts.jsonl
#include <iostream>

#include "daemon/replies/parse_lines.hpp"

int main(int argc, char** argv) {
  const auto packs = moodline::config::load_language_packs(argc > 1 ? argv[1] : "config/languages");
  std::vector<moodline::config::PackProblem> problems = packs.problems;
  if (problems.empty()) {
    const moodline::replies::Reader reader(packs, problems);
    if (problems.empty()) {
      const auto count = moodline::replies::parse_lines(std::cin, std::cout, reader);
      return count.faults == 0 ? 0 : 1;
    }
  }
  for (const auto& p : problems) std::cerr << moodline::config::to_text(p) << '\n';
  return 2;
}
