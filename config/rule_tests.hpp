// Rule tests: what an admin writes beside a rule, run through the real engine and desk.
// The notation stands in docs/rules.md. Pure but for reading files.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/load.hpp"

namespace moodline::config {

struct TestResult {
  std::string name;
  std::string rule;  // "low-streak@2"
  Place place;
  bool passed = false;
  std::vector<std::string> diff;  // "  same", "- expected", "+ happened"; empty where passed
  // What a passing test shows of its rule.
  bool shows_fire = false;
  bool shows_at_the_line = false;
  bool shows_missed_day = false;
};

struct TestReport {
  std::vector<TestResult> results;
  std::vector<Problem> problems;  // of the test files themselves; any one fails the run
  [[nodiscard]] bool good() const;
  /// One line a test, the diff under a failed one, then "N passed, N failed".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;
};

/// Every test in the rule test files among `files` (relative name -> bytes): those in rules/ with
/// a top key `tests`. `rule_files` names are taken relative to the test's folder.
TestReport run_rule_tests(const Service& service, const std::map<std::string, std::string>& files);

/// `moodline test FILE...`: each file's service is the nearest folder above it with service.yaml.
TestReport run_rule_test_files(const std::vector<std::filesystem::path>& paths,
                               const Registries& registries);

}  // namespace moodline::config
