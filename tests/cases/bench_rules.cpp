// bench_rules [PEOPLE]: a year of readings for PEOPLE (10,000) under ten rules, in one process.
// Prints rate and memory, and the cost of a step early and late in the year: it must not grow.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "rules/engine/engine.hpp"

using namespace moodline;
using namespace moodline::rules;

namespace {

// Of this process alone, so that a loaded machine tells the same.
double seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

long memory_kb() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("VmRSS:")) return std::strtol(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

RulePtr made(Kind kind, int n) {
  Rule r;
  r.id = "bench-" + std::to_string(n);
  r.key = r.id;
  r.when.kind = kind;
  r.when.line = {Test::below, Decimal::of(4)};
  r.when.n = n;
  r.when.m = 7;
  r.when.days = 7;
  r.when.min_days = 4;
  r.when.amount = Decimal::of(2);
  r.when.baseline = 28;
  r.when.gap = 7;
  r.when.recent = 5;
  r.when.min_baseline = 14;
  r.when.min_recent = 3;
  r.when.prompts = 3;
  r.when.list = "safety";
  r.clear.line = Line{Test::at_least, Decimal::of(5)};
  r.clear.n = 2;
  r.clear.within = Decimal::of(1);
  return std::make_shared<const Rule>(std::move(r));
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const int people = argc > 1 ? std::atoi(argv[1]) : 10'000;
  constexpr int days = 365;
  const std::vector<RulePtr> rules{made(Kind::streak, 3),      made(Kind::streak, 1),
                                   made(Kind::streak, 5),      made(Kind::n_of_m, 4),
                                   made(Kind::average, 1),     made(Kind::baseline_drop, 1),
                                   made(Kind::rise, 1),        made(Kind::silence, 3),
                                   made(Kind::undelivered, 3), made(Kind::phrase, 1)};
  const Zone zone = *Zone::find("Europe/London");
  std::vector<State> states;
  states.reserve(static_cast<std::size_t>(people) * rules.size());
  for (int p = 0; p < people; ++p) {
    for (const RulePtr& rule : rules) states.push_back(begin(rule, Instant::min(), zone));
  }
  std::mt19937 random(42);
  long steps = 0;
  long events = 0;
  const double start = seconds();
  double mark = start;
  const Instant first = *from_iso("2026-01-01T18:00:00Z");
  for (int d = 0; d < days; ++d) {
    const Instant sent = first + std::chrono::hours{24 * d};
    const std::string prompt_id = "p" + std::to_string(d);
    const std::string text_id = "t" + std::to_string(d);
    for (int p = 0; p < people; ++p) {
      const bool answers = random() % 100 < 80;
      const Event prompt{sent, PromptEvent{prompt_id, sent, PromptStatus::sent}};
      Inbound text;
      text.id = text_id;
      text.at = sent + std::chrono::minutes{5};
      text.value = Decimal::of(static_cast<int>(random() % 9) + 1);
      const Event reply{text.at, text};
      for (std::size_t r = 0; r < rules.size(); ++r) {
        State& state = states[static_cast<std::size_t>(p) * rules.size() + r];
        events += static_cast<long>(step(state, prompt).emitted.size());
        ++steps;
        if (!answers) continue;
        events += static_cast<long>(step(state, reply).emitted.size());
        ++steps;
      }
    }
    if (d % 73 == 72) {
      const double now = seconds();
      std::printf("days %3d-%3d: %.2f us a step, %ld MB\n", d - 71, d + 1,
                  (now - mark) / 73 / people * 1e6 / static_cast<double>(rules.size()) / 1.8,
                  memory_kb() / 1024);
      mark = now;
    }
  }
  const double took = seconds() - start;
  std::printf(
      "%d people, %zu rules, %d days: %ld steps in %.1f s of one core, %.0f a second, %ld events, "
      "%ld MB\n",
      people, rules.size(), days, steps, took, static_cast<double>(steps) / took, events,
      memory_kb() / 1024);
  return 0;
}
