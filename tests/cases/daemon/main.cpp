// daemon_cases: the neutral case files through the production inbox, outbox, deadlines, rules and
// SQLite on a virtual clock; with --restart the process is killed between any two things. --part
// 1/3: every third case, from the first.
#include <fmt/format.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <stdexcept>

#include "tests/cases/daemon/feed.hpp"
#include "tests/cases/daemon/notify.hpp"

namespace moodline::casetest {
namespace {

using config::CaseLine;

struct Options {
  bool restart = false;
  std::string only;
  int part = 1;  // of so many parts, case by case in turn
  int parts = 1;
  std::vector<std::string> files;
};

struct Tally {
  int seen = 0;
  int passed = 0;
  int failed = 0;
  int starts = 0;
  ByHand by_hand;
};

std::string compare(const std::vector<CaseLine>& expected, const std::vector<CaseLine>& actual) {
  if (config::same(actual, expected)) return {};
  return fmt::format("expected {}; actual {}", config::shown(expected), config::shown(actual));
}

std::string run_case(const YAML::Node& node, std::shared_ptr<const actors::Live> sample, Wire& wire,
                     bool restart, Tally& tally) {
  const config::CaseInput in = config::read_case(node);
  Feed feed(std::move(sample), wire, in, restart);
  const auto actual = feed.run();
  tally.starts += feed.starts();
  for (const auto& [what, n] : feed.by_hand) tally.by_hand[what] += n;
  std::vector<CaseLine> expected;
  for (const auto& e : node["expect"]) {
    expected.push_back({config::read_instant(e["at"]), config::scalar(e, "event")});
  }
  config::sort_lines(expected);
  return compare(expected, actual);
}

template <class Run>
void each(const YAML::Node& list, const Options& o, Tally& tally, Run&& run) {
  for (const auto& node : list) {
    if (tally.seen++ % o.parts != o.part - 1) continue;
    const std::string name = config::scalar(node, "name");
    if (!o.only.empty() && name.find(o.only) == std::string::npos) continue;
    std::string wrong;
    try {
      wrong = run(node);
    } catch (const std::exception& e) {
      wrong = e.what();
    }
    ++(wrong.empty() ? tally.passed : tally.failed);
    if (!wrong.empty()) std::cout << name << ": " << wrong << "\n";
  }
}

int main_of(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--restart") == 0) {
      o.restart = true;
    } else if (std::strcmp(argv[i], "--case") == 0 && i + 1 < argc) {
      o.only = argv[++i];
    } else if (std::strcmp(argv[i], "--part") == 0 && i + 1 < argc) {
      if (std::sscanf(argv[++i], "%d/%d", &o.part, &o.parts) != 2 || o.part < 1 ||
          o.part > o.parts) {
        throw std::runtime_error("--part: write 1/3 for the first of three parts");
      }
    } else {
      o.files.emplace_back(argv[i]);
    }
  }
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("cases", std::make_shared<spdlog::sinks::null_sink_mt>()));
  Wire wire;
  const auto sample = sample_live(wire);
  const auto began = std::chrono::steady_clock::now();
  Tally tally;
  for (const std::string& file : o.files) {
    const YAML::Node root = YAML::LoadFile(file);
    each(root["cases"], o, tally,
         [&](const YAML::Node& node) { return run_case(node, sample, wire, o.restart, tally); });
    each(root["schedule_cases"], o, tally, [&](const YAML::Node& node) {
      return run_schedule_case(node, sample, wire, o.restart, tally.starts);
    });
    each(root["notify_cases"], o, tally, [&](const YAML::Node& node) {
      return run_notify_case(node, sample, wire, o.restart, tally.starts);
    });
  }
  const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  for (const auto& [what, n] : tally.by_hand) {
    std::cout << fmt::format("not by a text: {} ({} times)\n", what, n);
  }
  std::cout << fmt::format("{} passed, {} failed; {} starts of the daemon, {:.1f} s\n",
                           tally.passed, tally.failed, tally.starts, s);
  return tally.failed == 0 && tally.passed > 0 ? 0 : 1;
}

}  // namespace
}  // namespace moodline::casetest

int main(int argc, char** argv) {
  try {
    return moodline::casetest::main_of(argc, argv);
  } catch (const std::exception& e) {
    std::cout << "daemon_cases: " << e.what() << "\n";
    return 2;
  }
}
