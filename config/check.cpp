#include "config/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "config/rule_tests.hpp"

namespace moodline::config {
namespace {
std::string counted(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string counts(const Service& s) {
  return fmt::format("{}, {}, {}, {}, {}", counted(s.measures.size(), "measure"),
                     counted(s.practitioners.size(), "practitioner"),
                     counted(s.programmes.size(), "programme"), counted(s.rules.size(), "rule"),
                     counted(s.settings.languages.size(), "language"));
}

std::string as_text(const Loaded& loaded) {
  std::string out = to_text(loaded.problems);
  if (!loaded.service) return out + counted(loaded.problems.size(), "problem") + "\n";
  if (!loaded.problems.empty()) out += counted(loaded.problems.size(), "warning") + "; ";
  return out + fmt::format("good: {}\n", counts(*loaded.service));
}

std::string as_json(const Loaded& loaded) {
  boost::json::object out = boost::json::parse(to_json(loaded.problems)).as_object();
  if (loaded.service) {
    const Service& s = *loaded.service;
    out["service"] = {{"name", s.settings.name},
                      {"hash", s.hash},
                      {"measures", s.measures.size()},
                      {"practitioners", s.practitioners.size()},
                      {"programmes", s.programmes.size()},
                      {"rules", s.rules.size()},
                      {"languages", s.settings.languages.size()}};
  }
  return boost::json::serialize(out) + "\n";
}

/// The rule files of a directory, tests among them.
std::map<std::string, std::string> rule_files(const std::filesystem::path& dir) {
  std::map<std::string, std::string> out;
  std::error_code code;
  for (const auto& e : std::filesystem::directory_iterator(dir / "rules", code)) {
    if (e.path().extension() != ".yaml") continue;
    std::ifstream in(e.path(), std::ios::binary);
    out["rules/" + e.path().filename().string()].assign(std::istreambuf_iterator<char>(in), {});
  }
  return out;
}

/// A rule without passing tests for what matters gets a warning; a test that fails is an error.
std::vector<Problem> test_problems(const Service& service, const TestReport& report) {
  Problems problems;
  for (const Problem& p : report.problems) {
    problems.add({p.file, p.line, p.column}, p.path, p.what, p.cure);
  }
  for (const TestResult& r : report.results) {
    if (!r.passed) {
      problems.add(r.place, "tests", fmt::format("{} fails: {}", r.rule, r.name),
                   "run moodline test on this file to see what happened instead");
    }
  }
  for (const RuleSpec& spec : service.rules) {
    const auto shown = [&](bool TestResult::*what) {
      return std::any_of(report.results.begin(), report.results.end(),
                         [&](const TestResult& r) { return r.rule == spec.ref() && r.*what; });
    };
    std::string missing;
    for (const auto& [what, words] :
         {std::pair{&TestResult::shows_fire, "fires"},
          std::pair{&TestResult::shows_at_the_line, "does not fire at the line"},
          std::pair{&TestResult::shows_missed_day, "one missed day"}}) {
      if (!shown(what)) missing += (missing.empty() ? "\"" : ", \"") + std::string(words) + "\"";
    }
    if (!missing.empty()) {
      problems.warn(spec.place, spec.path,
                    fmt::format("{} has no passing test for {}", spec.ref(), missing),
                    "add one beside it, see docs/rules.md");
    }
  }
  return problems.sorted();
}
}  // namespace

Checked check(const std::filesystem::path& dir, const Registries& registries, bool json) {
  Checked out;
  out.loaded = load(dir, registries);
  if (out.loaded.service) {
    const auto more =
        test_problems(*out.loaded.service, run_rule_tests(*out.loaded.service, rule_files(dir)));
    auto& all = out.loaded.problems;
    all.insert(all.end(), more.begin(), more.end());
    const bool failed = std::any_of(more.begin(), more.end(),
                                    [](const Problem& p) { return p.severity == Severity::error; });
    if (failed) out.loaded.service = nullptr;
  }
  out.exit_code = out.loaded.service ? exit_good : exit_bad_config;
  out.output = json ? as_json(out.loaded) : as_text(out.loaded);
  return out;
}

}  // namespace moodline::config
