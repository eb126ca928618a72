// run_cases [--restart|--scratch|--all] FILE...: the neutral case files through the engine.
#include <cstring>
#include <iostream>

#include "config/cases.hpp"

int main(int argc, char** argv) {
  using moodline::config::CaseEngine;
  std::vector<CaseEngine> engines{CaseEngine::fold};
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--restart") == 0) {
      engines = {CaseEngine::restart};
    } else if (std::strcmp(argv[i], "--scratch") == 0) {
      engines = {CaseEngine::scratch};
    } else if (std::strcmp(argv[i], "--all") == 0) {
      engines = {CaseEngine::fold, CaseEngine::restart, CaseEngine::scratch};
    } else {
      files.emplace_back(argv[i]);
    }
  }
  bool failed = files.empty();
  for (const CaseEngine engine : engines) {
    const auto report = moodline::config::run_case_files(files, engine);
    if (!report) {
      std::cout << report.error().message << "\n";
      return 2;
    }
    std::cout << report->text();
    failed |= report->failed > 0;
  }
  return failed ? 1 : 0;
}
