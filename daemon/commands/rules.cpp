// moodline test, rules list.
#include <iostream>

#include "config/cases.hpp"
#include "config/rule_tests.hpp"
#include "daemon/actors/live.hpp"
#include "daemon/commands/command.hpp"

namespace moodline::commands {
namespace {

struct TestArgs {
  std::vector<std::string> files;
  bool cases = false;
  std::string engine = "fold";
};

void run_cases(Common& c, const TestArgs& a) {
  config::CaseEngine engine = config::CaseEngine::fold;
  if (a.engine == "restart") engine = config::CaseEngine::restart;
  if (a.engine == "scratch") engine = config::CaseEngine::scratch;
  const auto report = config::run_case_files(a.files, engine);
  if (!report) {
    show(c, tl::unexpected(report.error()));
    return;
  }
  std::cout << report->text();
  c.exit_code = report->failed == 0 ? exit_ok : exit_refused;
}

void run_tests(Common& c, const TestArgs& a) {
  std::vector<std::filesystem::path> paths(a.files.begin(), a.files.end());
  const config::TestReport report = config::run_rule_test_files(paths, actors::registries());
  std::cout << (c.json ? report.json() : report.text());
  c.exit_code = report.good() ? exit_ok : exit_refused;
}

}  // namespace

void add_rules(CLI::App& app, Common& c) {
  auto* test = app.add_subcommand("test", "run rule tests, or neutral case files with --cases");
  auto a = std::make_shared<TestArgs>();
  test->add_option("files", a->files, "rule test files")->required();
  test->add_flag("--cases", a->cases, "the files are worked cases in the neutral form");
  test->add_option("--engine", a->engine, "with --cases: fold, restart or scratch")
      ->check(CLI::IsMember({"fold", "restart", "scratch"}));
  test->footer("Example: moodline test config/sample/rules/*.test.yaml");
  test->callback([&c, a] {
    if (a->cases) {
      run_cases(c, *a);
    } else {
      run_tests(c, *a);
    }
  });
  auto* rules = app.add_subcommand("rules", "rules as the running service has them");
  rules->require_subcommand(1);
  auto* list = rules->add_subcommand("list", "every rule and what it says");
  list->footer("Example: moodline rules list");
  list->callback([&c] { show(c, act(c, "rules.list", {})); });
}

}  // namespace moodline::commands
