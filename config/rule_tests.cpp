#include "config/rule_tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "config/block_reader.hpp"
#include "config/rule_test_case.hpp"

namespace moodline::config {
namespace {
namespace fs = std::filesystem;
constexpr std::size_t tests_max = 5000;

std::string shown(const TestLine& line, const Zone& zone, bool with_text) {
  const LocalTime t = zone.local(line.at);
  std::string out = fmt::format("{} {} {}", to_iso(t.date), to_hm(t.time), line.what);
  if (!line.who.empty()) out += " " + line.who;
  if (with_text && !line.text.empty()) out += fmt::format(" \"{}\"", line.text);
  return out;
}

bool matches(const TestLine& expected, const TestLine& actual) {
  return expected == actual && (expected.text.empty() || expected.text == actual.text);
}

/// Both lists by time; lines only one of them has are marked.
std::vector<std::string> diff_of(const TestCase& test, const std::vector<TestLine>& actual) {
  std::vector<bool> met(actual.size(), false);
  std::vector<std::pair<Instant, std::string>> lines;
  bool same = true;
  for (const TestLine& e : test.expect) {
    std::size_t i = 0;
    while (i < actual.size() && (met[i] || !matches(e, actual[i]))) ++i;
    if (i < actual.size()) {
      met[i] = true;
      lines.emplace_back(e.at, "  " + shown(e, test.zone, false));
    } else {
      same = false;
      lines.emplace_back(e.at, "- " + shown(e, test.zone, true));
    }
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (met[i]) continue;
    same = false;
    lines.emplace_back(actual[i].at, "+ " + shown(actual[i], test.zone, true));
  }
  if (same) return {};
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (auto& [at, line] : lines) out.push_back(std::move(line));
  return out;
}

TestResult run_one(const Service& service, const TestCase& test) {
  TestResult r;
  r.name = test.name;
  r.rule = test.spec->ref();
  r.place = test.place;
  const std::vector<TestLine> actual = run_test(service, test);
  r.diff = diff_of(test, actual);
  for (const std::string& numbers : test.agreeable) r.diff.push_back("- refused" + numbers);
  r.passed = r.diff.empty();
  const bool fires =
      std::any_of(actual.begin(), actual.end(), [](const TestLine& l) { return l.what == "fire"; });
  const bool has_line = test.rule->clear.line.has_value();
  r.shows_fire = r.passed && fires;
  r.shows_at_the_line = r.passed && !fires && (test.has_line_value || !has_line);
  r.shows_missed_day = r.passed && test.has_missed;
  return r;
}

void check_rule_files(const Node& top, const std::string& name,
                      const std::map<std::string, std::string>& files, Problems& problems) {
  const Node* list = top.find("rule_files");
  if (list == nullptr || !list->is_list()) {
    problems.add(top.place, "", "names no rule_files", "add rule_files: [\"low-mood.yaml\"]");
    return;
  }
  const std::string folder = name.substr(0, name.rfind('/') + 1);
  for (const Node& n : list->items) {
    if (n.bad || files.contains(folder + n.text)) continue;
    std::vector<std::string> known;
    for (const auto& [other, bytes] : files) {
      if (other.starts_with(folder) && other != name) known.push_back(other.substr(folder.size()));
    }
    problems.add(n.place, n.path, fmt::format("{} is not beside this file", quote(n.text)),
                 suggestion(n.text, known));
  }
}

void run_file(const Service& service, const std::string& name, const Node& top,
              const std::map<std::string, std::string>& files, Problems& problems,
              TestReport& report) {
  read_block(top, {{"format", FieldType::text}}, problems, {"rule_files", "tests"});
  check_rule_files(top, name, files, problems);
  const Node* tests = top.find("tests");
  if (tests == nullptr || !tests->is_list()) {
    problems.add(top.place, "", "holds no tests", "add tests: with a list");
    return;
  }
  for (const Node& n : tests->items) {
    if (report.results.size() >= tests_max) {
      problems.add(n.place, n.path, "is one test too many", fmt::format("keep to {}", tests_max));
      return;
    }
    if (const auto test = read_test(service, n, problems)) {
      report.results.push_back(run_one(service, *test));
    }
  }
}

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The nearest folder at or above `path` with a service.yaml; empty where there is none.
fs::path service_dir(const fs::path& path) {
  constexpr int levels_max = 8;
  fs::path dir = fs::absolute(path).parent_path();
  for (int i = 0; i < levels_max && !dir.empty(); ++i, dir = dir.parent_path()) {
    std::error_code code;
    if (fs::exists(dir / "service.yaml", code)) return dir;
  }
  return {};
}
/// A test file outside every service: its rule files beside it, and a small team that stands for
/// any (sam, their deputy ana and lead gwen).
void run_alone(const fs::path& path, Problems& problems, TestReport& report) {
  std::map<std::string, std::string> files;
  std::error_code code;
  const fs::path folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
  for (const auto& e : fs::directory_iterator(folder, code)) {
    if (files.size() < config_files_max && e.path().extension() == ".yaml") {
      files[e.path().filename().string()] = bytes_of(e.path());
    }
  }
  const std::string name = path.filename().string();
  const auto top = read_yaml(name, files[name], problems);
  if (!top) return;
  std::vector<std::string> named;
  if (const Node* list = top->find("rule_files")) {
    for (const Node& n : list->items) named.push_back(n.text);
  }
  const Service service = rules_alone(files, named, problems);
  run_file(service, name, *top, files, problems, report);
}
}  // namespace

bool TestReport::good() const {
  return std::all_of(results.begin(), results.end(),
                     [](const TestResult& r) { return r.passed; }) &&
         std::none_of(problems.begin(), problems.end(),
                      [](const Problem& p) { return p.severity == Severity::error; });
}

std::string TestReport::text() const {
  std::string out = to_text(problems);
  std::size_t passed = 0;
  for (const TestResult& r : results) {
    passed += r.passed ? 1 : 0;
    out += fmt::format("{}  {}: {}\n", r.passed ? "pass" : "FAIL", r.rule, r.name);
    for (const std::string& line : r.diff) out += "      " + line + "\n";
  }
  return out + fmt::format("{} passed, {} failed\n", passed, results.size() - passed);
}

std::string TestReport::json() const {
  boost::json::array list;
  for (const TestResult& r : results) {
    boost::json::array diff;
    for (const std::string& line : r.diff) diff.push_back(boost::json::string(line));
    list.push_back({{"name", r.name},
                    {"rule", r.rule},
                    {"file", r.place.file},
                    {"line", r.place.line},
                    {"passed", r.passed},
                    {"diff", diff}});
  }
  boost::json::object out = boost::json::parse(to_json(problems)).as_object();
  out["tests"] = list;
  return boost::json::serialize(out) + "\n";
}

TestReport run_rule_tests(const Service& service, const std::map<std::string, std::string>& files) {
  TestReport report;
  Problems problems;
  for (const auto& [name, bytes] : files) {
    if (!name.starts_with("rules/") || !name.ends_with(".yaml")) continue;
    Problems own;  // of rule files: told by the loader already
    const auto top = read_yaml(name, bytes, own);
    if (!top || top->find("tests") == nullptr) continue;
    for (const Problem& p : own.sorted()) {
      problems.add({p.file, p.line, p.column}, p.path, p.what, p.cure);
    }
    run_file(service, name, *top, files, problems, report);
  }
  report.problems = problems.sorted();
  return report;
}

TestReport run_rule_test_files(const std::vector<fs::path>& paths, const Registries& registries) {
  TestReport report;
  Problems problems;
  for (const fs::path& path : paths) {
    const fs::path dir = service_dir(path);
    std::error_code code;
    if (!fs::is_regular_file(path, code)) {
      problems.add({path.string(), 0, 0}, "", "cannot be read", "name a rule test file");
      continue;
    }
    if (dir.empty()) {
      run_alone(path, problems, report);
      continue;
    }
    const Loaded loaded = load(dir, registries);
    if (!loaded.service) {
      report.problems.insert(report.problems.end(), loaded.problems.begin(), loaded.problems.end());
      continue;
    }
    std::map<std::string, std::string> files;
    for (const auto& e :
         fs::directory_iterator(path.parent_path().empty() ? "." : path.parent_path(), code)) {
      if (e.path().extension() == ".yaml") {
        files[fs::relative(fs::absolute(e.path()), dir).generic_string()] = bytes_of(e.path());
      }
    }
    const std::string name = fs::relative(fs::absolute(path), dir).generic_string();
    const auto top = read_yaml(name, files[name], problems);
    if (top) run_file(*loaded.service, name, *top, files, problems, report);
  }
  const auto own = problems.sorted();
  report.problems.insert(report.problems.end(), own.begin(), own.end());
  return report;
}

}  // namespace moodline::config
