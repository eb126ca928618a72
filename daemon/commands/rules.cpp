// moodline test, rules list, rules retire.
#include <boost/json.hpp>
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

// Some people a call, so that no text that comes meanwhile is kept waiting.
void run_retire(Common& c, const std::string& rule) {
  constexpr int calls_max = 100'000;
  std::int64_t people = 0;
  std::int64_t after = 0;
  for (int i = 0; i < calls_max; ++i) {
    const auto page = act(c, "rules.retire", {{"rule", rule}, {"after", after}});
    if (!page) return show(c, page);
    people += page->at("people").to_number<std::int64_t>();
    after = page->at("next").to_number<std::int64_t>();
    if (after == 0) break;
  }
  if (c.json) return show(c, json::value{{"rule", rule}, {"people", people}});
  std::cout << (people == 0 ? "nobody has " + rule + "; see moodline agreement list\n"
                            : rule + " has ended for " + std::to_string(people) +
                                  " people; each is told by text\n");
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
  auto* retire = rules->add_subcommand(
      "retire", "end a rule that no programme offers any more; everybody who has it is told");
  auto name = std::make_shared<std::string>();
  retire->add_option("rule", *name, "its name, without a version")->required();
  retire->footer("Example: moodline rules retire low-streak");
  retire->callback([&c, name] { run_retire(c, *name); });
}

}  // namespace moodline::commands
