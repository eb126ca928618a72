// The sample service loads cleanly, and means what its files say.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "config/check.hpp"
#include "config/load.hpp"
#include "config/resolve.hpp"
#include "config/rule_tests.hpp"
#include "config/templates.hpp"

using namespace moodline;
using namespace moodline::config;

namespace {
Registries registries() {
  return {{{"simulated", {}, true, false, true},
           {"kannel", {{"url", FieldType::url, true, "", "sendsms"}}, true, false, false},
           {"oneway", {}, false, false, false}}};
}
}  // namespace

TEST_CASE("the sample service loads without a problem") {
  const Loaded loaded = load(MOODLINE_SOURCE_DIR "/config/sample", registries());
  CHECK(to_text(loaded.problems) == "");
  REQUIRE(loaded.service);
  const Service& s = *loaded.service;
  CHECK(s.measures.size() == 10);
  CHECK(s.practitioners.size() == 4);
  CHECK(s.programmes.size() == 3);
  CHECK(s.hash.size() == 64);
}

TEST_CASE(
    "a folder of secrets beside the configuration hides nothing from a daemon that is not root") {
  namespace fs = std::filesystem;
  if (geteuid() != 0) return;  // only root can make a folder that this process may not open
  const fs::path dir = fs::temp_directory_path() / ("moodline-load-" + std::to_string(getpid()));
  fs::copy(MOODLINE_SOURCE_DIR "/config/sample", dir, fs::copy_options::recursive);
  fs::create_directory(dir / "secrets");
  fs::permissions(dir / "secrets", fs::perms::none);
  constexpr uid_t nobody = 65534;
  REQUIRE(seteuid(nobody) == 0);
  const Loaded beside = load(dir, registries());
  REQUIRE(seteuid(0) == 0);
  CHECK(to_text(beside.problems) == "");
  fs::permissions(dir / "rules", fs::perms::none);
  REQUIRE(seteuid(nobody) == 0);
  const Loaded hidden = load(dir, registries());
  REQUIRE(seteuid(0) == 0);
  CHECK(to_text(hidden.problems) ==
        "rules: cannot be read: Permission denied; make it readable by moodlined's user\n");
  fs::remove_all(dir);
}

TEST_CASE("the sample is checked without a word, its rule tests included") {
  const Checked checked = check(MOODLINE_SOURCE_DIR "/config/sample", registries(), false);
  CHECK(checked.exit_code == 0);
  CHECK(checked.output ==
        "good: 10 measures, 4 practitioners, 3 programmes, 13 rules, 2 languages\n");
}

TEST_CASE("a rule becomes one person's: numbers, names and a hash") {
  const Loaded loaded = load(MOODLINE_SOURCE_DIR "/config/sample", registries());
  REQUIRE(loaded.service);
  const Service& s = *loaded.service;
  const RuleSpec* spec = s.rule("low-streak");
  REQUIRE(spec);
  const RoleNames names = {{"practitioner", "Sam Reed"}, {"deputy", "Ana Price"}};
  const auto rule = resolve(s, *spec, {{"days", Decimal::of(5)}}, "en", names);
  REQUIRE(rule);
  CHECK(rule->says_text ==
        "If I score below 4 for 5 days running, text Sam Reed; if no answer Ana Price, then the "
        "team lead.");
  CHECK(rule->when.n == 5);
  CHECK(rule->key.starts_with("low-streak@2#"));
  CHECK(rule_hash(*rule).size() == 64);
  const auto other = resolve(s, *spec, {{"days", Decimal::of(6)}}, "en", names);
  REQUIRE(other);
  CHECK(rule_hash(*rule) != rule_hash(*other));
  CHECK(resolve(s, *spec, {{"days", Decimal::of(15)}}, "en", names).error().code ==
        "param_out_of_range");
  CHECK(resolve(s, *spec, {{"day", Decimal::of(3)}}, "en", names).error().code == "unknown_param");
}

TEST_CASE("a failed rule test shows what was expected and what happened") {
  const Loaded loaded = load(MOODLINE_SOURCE_DIR "/config/sample", registries());
  REQUIRE(loaded.service);
  const TestReport report = run_rule_tests(
      *loaded.service,
      {{"rules/low-mood.yaml", ""},
       {"rules/t.yaml",
        "rule_files: [\"low-mood.yaml\"]\ntests:\n- name: three low days\n  rule: low-streak@2\n"
        "  start: \"2026-03-02\"\n  prompts: {daily: \"18:00\"}\n  replies: \"3 3 3\"\n"
        "  until: \"2026-03-04 20:00\"\n  expect:\n"
        "  - {at: \"2026-03-04 18:05\", fire: low-streak}\n"
        "- name: ends too early\n  rule: low-streak@2\n  start: \"2026-03-02\"\n"
        "  prompts: {daily: \"18:00\"}\n  replies: \"3 3\"\n  until: \"2026-03-09 20:00\"\n"
        "  expect: []\n- name: outside its limits\n  rule: low-streak@2\n"
        "  with: {days: 20}\n  start: \"2026-03-02\"\n  until: \"2026-03-09 20:00\"\n"
        "  expect: []\n"}});
  CHECK(!report.good());
  CHECK(report.text() ==
        "rules/t.yaml:15:12: tests[1].replies: stops at 2 replies, but 8 prompts are due before "
        "until; write the rest, or end in _, x, u or p, which then holds to the end\n"
        "rules/t.yaml:20:9: tests[2].with: days of low-streak@2 cannot be 20; write 2 to 14\n"
        "FAIL  low-streak@2: three low days\n"
        "      - 2026-03-04 18:05 fire low-streak\n"
        "      + 2026-03-04 18:15 fire low-streak\n"
        "0 passed, 1 failed\n");
}

TEST_CASE("a test that refuses numbers fails where they may be agreed") {
  const Loaded loaded = load(MOODLINE_SOURCE_DIR "/config/sample", registries());
  REQUIRE(loaded.service);
  const auto says = [&](const std::string& refused) {
    return run_rule_tests(*loaded.service,
                          {{"rules/low-mood.yaml", ""},
                           {"rules/t.yaml",
                            "rule_files: [\"low-mood.yaml\"]\ntests:\n- name: limits\n"
                            "  rule: low-streak@2\n  start: \"2026-03-02\"\n"
                            "  until: \"2026-03-02 12:00\"\n  refused: " +
                                refused + "\n  expect: []\n"}})
        .text();
  };
  CHECK(says("[{days: 1}, {below: 4.5}]").ends_with("1 passed, 0 failed\n"));
  CHECK(says("[{days: 1}, {days: 14}]") ==
        "FAIL  low-streak@2: limits\n      - refused days: 14\n0 passed, 1 failed\n");
  CHECK(says("[{dys: 1}]").find("has no param \"dys\"") != std::string::npos);
  CHECK(says("{days: 1}").find("tests[0].refused: is no list of numbers") != std::string::npos);
}

TEST_CASE("a test that ends too early is no test") {
  const Loaded loaded = load(MOODLINE_SOURCE_DIR "/config/sample", registries());
  REQUIRE(loaded.service);
  const auto problems = [&](const std::string& rest) {
    const TestReport report =
        run_rule_tests(*loaded.service, {{"rules/low-mood.yaml", ""},
                                         {"rules/t.yaml",
                                          "rule_files: [\"low-mood.yaml\"]\ntests:\n- name: short\n"
                                          "  rule: low-streak@2\n  start: \"2026-03-02\"\n"
                                          "  prompts: {daily: \"18:00\"}\n" +
                                              rest}});
    CHECK(!report.good());
    return report.text();
  };
  const std::string late = problems(
      "  replies: \"3 3 3\"\n  until: \"2026-03-04 20:00\"\n  expect:\n"
      "  - {at: \"2026-03-04 18:15\", fire: low-streak}\n"
      "  - {at: \"2026-03-05 09:00\", notify: sam}\n");
  CHECK(late.find("rules/t.yaml:11:10: tests[0].expect[1].at: \"2026-03-05 09:00\" is after until: "
                  "the test ends too early; write a later until\n") != std::string::npos);
  const std::string event = problems(
      "  replies: \"3 3 3\"\n  until: \"2026-03-04 20:00\"\n"
      "  events: [{at: \"2026-03-05 10:00\", event: ack}]\n  expect: []\n");
  CHECK(
      event.find("rules/t.yaml:9:17: tests[0].events[0].at: \"2026-03-05 10:00\" is after until") !=
      std::string::npos);
  const std::string before = problems("  until: \"2026-03-01 20:00\"\n  expect: []\n");
  CHECK(before.find("rules/t.yaml:7:10: tests[0].until: is before start") != std::string::npos);
}

TEST_CASE("the rule reference names every field and every kind") {
  std::ifstream in(MOODLINE_SOURCE_DIR "/docs/rules.md", std::ios::binary);
  const std::string doc{std::istreambuf_iterator<char>(in), {}};
  const auto named = [&](std::string_view word) {
    return doc.find("`" + std::string(word) + "`") != std::string::npos;
  };
  for (const Field& f : rules::common_fields()) CHECK_MESSAGE(named(f.name), f.name);
  for (const rules::KindInfo& k : rules::kinds()) {
    CHECK_MESSAGE(named(k.name), k.name);
    for (const Field& f : k.when) CHECK_MESSAGE(named(f.name), f.name);
    for (const Field& f : k.clear) CHECK_MESSAGE(named(f.name), f.name);
  }
}

TEST_CASE("a rule test runs without a service around it") {
  const std::filesystem::path dir = std::filesystem::temp_directory_path() / "moodline-alone-test";
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir);
  std::ofstream(dir / "low-mood.yaml") << R"(format: moodline-rules/1
defaults: {missing: skip, settle: "10m"}
rules:
- id: low-streak
  version: 2
  measure: mood
  says: "If I score below {below} for {days} days running, text {practitioner}."
  params:
    below: {default: 4, allow: [2, 4]}
    days: {default: 3, allow: [2, 14]}
  when: {streak: {below: $below, days: $days}}
  clear: {at_least: 5, days: 2}
  then:
  - {notify: practitioner, template: please-look}
)";
  std::ofstream(dir / "tests.yaml") << R"(rule_files: ["low-mood.yaml"]
tests:
- name: one missed day is bridged
  rule: low-streak@2
  with: {below: 4, days: 3}
  timezone: "Europe/London"
  start: "2026-03-02"
  prompts: {daily: "18:00"}
  replies: "3 3 _ 3"
  until: "2026-03-06 12:00"
  expect:
  - {at: "2026-03-05 18:15", fire: low-streak}
  - {at: "2026-03-06 09:00", notify: sam, text: "Check-in K7: agreed line crossed Thu. Reply ACK K7. Not live monitored."}
)";
  CHECK(run_rule_test_files({dir / "tests.yaml"}, registries()).text() ==
        "pass  low-streak@2: one missed day is bridged\n1 passed, 0 failed\n");
  CHECK(!run_rule_test_files({dir / "none.yaml"}, registries()).good());
  // The sample's own, in two languages, carried to a folder of their own.
  const std::filesystem::path sample = MOODLINE_SOURCE_DIR "/config/sample/rules";
  for (const char* name : {"low-mood", "contact", "friend", "heart"}) {
    CAPTURE(name);
    for (const char* end : {".yaml", ".test.yaml"}) {
      std::filesystem::copy_file(sample / (std::string(name) + end),
                                 dir / (std::string(name) + end),
                                 std::filesystem::copy_options::overwrite_existing);
    }
    const auto report =
        run_rule_test_files({dir / (std::string(name) + ".test.yaml")}, registries());
    CHECK_MESSAGE(report.good(), report.text());
  }
  std::filesystem::remove_all(dir);
}

TEST_CASE("broken bytes never crash the loader") {
  // Deterministic damage: each round flips, cuts or doubles a stretch of one file.
  std::map<std::string, std::string> files;
  const std::filesystem::path base = MOODLINE_SOURCE_DIR "/tests/unit/config/base";
  for (const auto& e : std::filesystem::recursive_directory_iterator(base)) {
    if (!e.is_regular_file()) continue;
    std::ifstream in(e.path(), std::ios::binary);
    files[std::filesystem::relative(e.path(), base).generic_string()].assign(
        std::istreambuf_iterator<char>(in), {});
  }
  std::uint64_t seed = 42;
  const auto next = [&](std::size_t n) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(seed >> 33) % n;
  };
  int refused = 0;
  for (int round = 0; round < 400; ++round) {
    auto damaged = files;
    auto it = damaged.begin();
    std::advance(it, next(damaged.size()));
    std::string& text = it->second;
    const std::size_t at = next(text.size());
    const std::size_t length = std::min(text.size() - at, 1 + next(12));
    switch (next(4)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, text.substr(at, length));
        break;
      case 2:
        text[at] = static_cast<char>(next(256));
        break;
      default:
        text.insert(at, 1, "[]{}:,\"'#&*!|>%@-\n\t $"[next(21)]);
    }
    refused += load_files(damaged, registries()).service ? 0 : 1;
  }
  CHECK(refused == 400);  // the base has no texts: never a whole service
}
