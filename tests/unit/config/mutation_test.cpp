// Mutation: any threshold, count, comparison or duration of a sample rule, changed by one, makes at
// least one of that rule's own tests fail. What has no meaning for a kind is named below.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/load.hpp"
#include "config/rule_tests.hpp"

using namespace moodline;
using namespace moodline::config;
namespace fs = std::filesystem;

namespace {
struct Mutant {
  std::string name;
  RuleSpec spec;
};

// Fields that a kind never looks at (docs/rules.md): changing them changes nothing.
bool has_no_meaning(const RuleSpec& spec, const std::string& field) {
  const std::string& kind = spec.kind;
  const auto one_day = [](const Node* n) {
    const Node* days = n == nullptr ? nullptr : n->find("days");
    return days != nullptr && days->text == "1";
  };
  // A run of one day that one day clears has no gaps.
  const bool gaps = field == "missing" || field == "max_gap" || field == "max_excluded";
  if (gaps && one_day(&spec.when) && spec.clear && one_day(&*spec.clear)) return true;
  static const std::map<std::string, std::set<std::string>> none = {
      {"average", {"missing", "max_gap", "max_excluded"}},
      {"baseline_drop", {"missing", "max_gap", "max_excluded"}},
      {"rise", {"missing", "max_gap", "max_excluded", "stale"}},
      {"silence", {"stale"}},
      {"undelivered", {"reply_window", "stale"}},
      {"phrase", {"reply_window", "stale", "late_limit"}},
      {"schedule",
       {"missing", "max_gap", "max_excluded", "reply_window", "settle", "cooldown", "stale",
        "late_limit"}},
  };
  const auto it = none.find(kind);
  return it != none.end() && it->second.contains(field);
}

/// "10m" -> "9m", "11m"; "4" -> "3", "5"; "09:30" an hour and a minute off. Empty where the text is
/// no number with a unit.
std::vector<std::string> by_one(const std::string& text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || (digits < text.size() && text[digits] == '.')) return {};
  const int n = std::stoi(text.substr(0, digits));
  const std::string unit = text.substr(digits);
  std::vector<std::string> out{std::to_string(n + 1) + unit};
  if (n > 0) out.push_back(std::to_string(n - 1) + unit);
  if (unit.size() == 3 && unit[0] == ':') {
    for (const int by : {-1, 1}) {
      const int minute = (std::stoi(unit.substr(1)) + 60 + by) % 60;
      out.push_back(text.substr(0, digits) + (minute < 10 ? ":0" : ":") + std::to_string(minute));
    }
  }
  return out;
}

void numbers(Node& node, const std::string& where,
             const std::function<void(const std::string&)>& use) {
  if (node.is_scalar()) {
    const std::string was = node.text;
    for (const std::string& now : by_one(was)) {
      node.text = now;
      use(where + " " + was + " -> " + now);
    }
    node.text = was;
  }
  for (Entry& e : node.entries) numbers(e.value, where + "." + e.key, use);
}

void comparisons(Node& node, const std::string& where,
                 const std::function<void(const std::string&)>& use) {
  static const std::map<std::string, std::string> other = {
      {"below", "at_most"}, {"at_most", "below"}, {"above", "at_least"}, {"at_least", "above"}};
  for (Entry& e : node.entries) {
    const auto it = other.find(e.key);
    if (it == other.end()) continue;
    const std::string was = e.key;
    e.key = it->second;
    use(where + " " + was + " -> " + e.key);
    e.key = was;
  }
}

void of_steps(RuleSpec& s, std::vector<Action> RuleSpec::*list, const std::string& where,
              const std::function<void(const std::string&)>& use) {
  for (std::size_t i = 0; i < (s.*list).size(); ++i) {
    rules::Step& step = (s.*list)[i].step;
    const rules::Step was = step;
    for (const int by : {-1, 1}) {
      if (was.after_days > 0) step.after_days = was.after_days + by;
      if (was.after_s > 0) step.after_s = was.after_s + by * (was.after_s >= 3600 ? 3600 : 60);
      if (!(step == was)) use(where + std::to_string(i) + (by < 0 ? " sooner" : " later"));
      step = was;
    }
  }
}

std::vector<Mutant> mutants_of(const RuleSpec& spec) {
  std::vector<Mutant> out;
  RuleSpec s = spec;
  const auto keep = [&](const std::string& name) { out.push_back({name, s}); };
  numbers(s.when, "when", keep);
  comparisons(s.when, "when", keep);
  if (s.clear) numbers(*s.clear, "clear", keep);
  for (Param& p : s.params) {
    for (const int by : {-1, 1}) {
      const Param was = p;
      p.fallback = p.fallback + Decimal::of(by);
      p.low = std::min(p.low, p.fallback);
      p.high = std::max(p.high, p.fallback);
      keep(p.name + " -> " + to_text(p.fallback));
      p = was;
      p.low = was.low + Decimal::of(by);
      if (p.low <= p.fallback) keep(p.name + " from " + to_text(p.low));
      p = was;
      p.high = was.high + Decimal::of(by);
      if (p.high >= p.fallback) keep(p.name + " to " + to_text(p.high));
      p = was;
    }
  }
  for (auto& [field, value] : s.common) {
    if (has_no_meaning(spec, field)) continue;
    const std::string was = value;
    for (const std::string& now : by_one(was)) {
      value = now;
      keep(field + " " + was + " -> " + now);
    }
    if (field == "missing") {
      value = was == "skip" ? "break" : "skip";
      keep(field + " -> " + value);
    }
    value = was;
  }
  of_steps(s, &RuleSpec::then, "then", keep);
  of_steps(s, &RuleSpec::escalate, "escalate", keep);
  return out;
}

std::map<std::string, std::string> test_files() {
  std::map<std::string, std::string> files;
  for (const auto& e :
       fs::directory_iterator(fs::path(MOODLINE_SOURCE_DIR) / "config/sample/rules")) {
    std::ifstream in(e.path(), std::ios::binary);
    files["rules/" + e.path().filename().string()].assign(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

/// Only the tests of one rule: the rest would be run for nothing.
std::map<std::string, std::string> tests_of(const std::map<std::string, std::string>& files,
                                            const std::string& ref) {
  std::map<std::string, std::string> out;
  for (const auto& [name, bytes] : files) {
    const auto tests = bytes.find("\ntests:\n");
    if (tests == std::string::npos) {
      out[name] = bytes;
      continue;
    }
    std::string kept = bytes.substr(0, tests + 8);
    bool any = false;
    for (std::size_t at = tests + 7; at != std::string::npos;) {
      const std::size_t next = bytes.find("\n- name: ", at + 1);
      const std::string one = bytes.substr(at + 1, next == std::string::npos ? next : next - at);
      if (one.find("\n  rule: " + ref + "\n") != std::string::npos) {
        kept += one;
        any = true;
      }
      at = next;
    }
    if (any) out[name] = kept;
  }
  return out;
}
}  // namespace

TEST_CASE("every number of a sample rule is held by one of its own tests") {
  const Registries registries{
      {{"simulated", {}, true, false, true}, {"kannel", {}, true, false, false}}};
  const Loaded loaded = load(MOODLINE_SOURCE_DIR "/config/sample", registries);
  REQUIRE(loaded.service);
  const auto files = test_files();
  std::size_t tried = 0;
  for (const RuleSpec& spec : loaded.service->rules) {
    const auto own = tests_of(files, spec.ref());
    const TestReport before = run_rule_tests(*loaded.service, own);
    REQUIRE(before.good());
    REQUIRE(before.results.size() >= 3);
    for (const Mutant& m : mutants_of(spec)) {
      Service changed = *loaded.service;
      for (RuleSpec& s : changed.rules) {
        if (s.ref() == spec.ref()) s = m.spec;
      }
      ++tried;
      CHECK_MESSAGE(!run_rule_tests(changed, own).good(), spec.ref(), " survives: ", m.name);
    }
  }
  MESSAGE(tried, " mutants of ", loaded.service->rules.size(), " rules");
  CHECK(tried > 150);
}
