// Neutral case files: worked examples of the rules, run through the real engine and desk.
#pragma once
#include <string>
#include <vector>

#include "rules/base/result.hpp"

namespace moodline::config {

enum class CaseEngine {
  fold,     // as the daemon runs it
  restart,  // the fold, every row written to text and read again between every two events
  scratch   // the oracle
};

struct CaseReport {
  int passed = 0;
  int failed = 0;
  std::vector<std::string> lines;  // one a failed case: name, expected, actual
  /// The lines, then "N passed, N failed".
  [[nodiscard]] std::string text() const;
};

/// Runs `cases`, `schedule_cases` and `notify_cases` of each file, extended keys included.
/// Fails with "bad_case_file" (not YAML, or not such a file); a bad case is a failed case.
Result<CaseReport> run_case_files(const std::vector<std::string>& paths,
                                  CaseEngine engine = CaseEngine::fold);

}  // namespace moodline::config
