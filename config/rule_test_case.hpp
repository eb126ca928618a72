// Inside rule tests: one test as engine input and expected lines. Private to config/.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/catalogue.hpp"
#include "config/problem.hpp"
#include "config/yaml.hpp"
#include "rules/engine/engine.hpp"
#include "rules/notify/desk.hpp"

namespace moodline::config {

constexpr int test_prompts_max = 2000;
constexpr int test_days_max = 800;

/// One thing that is expected or happened: "fire low-streak", "notify sam".
struct TestLine {
  Instant at;
  std::string what;  // fire, clear, notify, ...
  std::string who;   // the rule or the recipient
  std::string text;  // where the test gives one
  friend bool operator==(const TestLine& a, const TestLine& b) {
    return a.at == b.at && a.what == b.what && a.who == b.who;
  }
};

struct DeskInput {
  Instant at;
  std::string what;  // ack, done, pass, failed, stop, unshare, erase, pause, resume
};

struct TestCase {
  std::string name;
  Place place;
  const RuleSpec* spec = nullptr;
  rules::RulePtr rule;
  Zone zone = Zone::utc();
  std::optional<Instant> agreed_at = Instant::min();
  std::vector<Instant> slots;
  std::vector<rules::Event> log;  // sorted by learned
  std::vector<DeskInput> desk;
  std::vector<std::pair<Instant, Instant>> down;
  Instant until;
  std::vector<TestLine> expect;
  std::vector<std::string> agreeable;  // numbers said to be refused that may be agreed all the same
  bool has_missed = false;
  bool has_line_value = false;
};

/// Reads one entry of `tests:`. Nothing, with problems, where it cannot be run.
std::optional<TestCase> read_test(const Service& service, const Node& node, Problems& problems);

/// "2026-03-05 18:15" in `zone`, or an RFC 3339 instant.
std::optional<Instant> test_instant(std::string_view text, const Zone& zone);

/// Turns compact replies ("3 3 _ 3,6") into events; adds problems.
void add_replies(TestCase& test, const Node& node, Problems& problems);

/// A service of nothing but rule files, with a team of three, for tests that stand alone.
Service rules_alone(const std::map<std::string, std::string>& files,
                    const std::vector<std::string>& rule_files, Problems& problems);

/// Runs a test; what happened, in order.
std::vector<TestLine> run_test(const Service& service, const TestCase& test);

}  // namespace moodline::config
