// What the loader refuses, each with its place; and what every shipped pack must hold.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/replies/support.hpp"

namespace moodline::replies::test {
namespace {

namespace fs = std::filesystem;

// One pack "xx" with a head and one more file; every problem as text, the folder cut off.
std::vector<std::string> problems_of(const std::string& file, const std::string& yaml) {
  const fs::path root = fs::temp_directory_path() / "moodline-packs-test";
  fs::remove_all(root);
  fs::create_directories(root / "xx");
  std::ofstream(root / "xx" / "pack.yaml") << "name: Test\n";
  std::ofstream(root / "xx" / file) << yaml;
  auto loaded = config::load_language_packs(root);
  auto problems = loaded.problems;
  if (problems.empty()) Reader(loaded, problems);
  std::vector<std::string> out;
  for (const auto& p : problems) {
    out.push_back(config::to_text(p).substr((root / "xx").string().size() + 1));
  }
  fs::remove_all(root);
  return out;
}

}  // namespace

TEST_CASE("faults of a pack are named with their place") {
  struct Case {
    const char* file;
    const char* yaml;
    const char* problem;  // how it begins
  };
  const Case cases[] = {
      {"numbers.yaml", "numbers:\n  1: [one]\n  2: [two, one]\n",
       "numbers.yaml:3:12: \"one\" is 1 on line 2 and 2 here"},
      {"numbers.yaml", "numbers:\n  one: [one]\n", "numbers.yaml:2:3: \"one\" is no number"},
      {"numbers.yaml", "numbers:\n  1: [one]\nown_language: [two]\n",
       "numbers.yaml:3:16: \"two\" is no number of this pack"},
      {"words.yaml", "fillers: [well]\n", "words.yaml:1:11: list \"words.fillers\" is unknown"},
      {"words.yaml", "filler: [a]\nfiller: [b]\n", "words.yaml:2:1: \"filler\" stands twice"},
      {"words.yaml", "filler: [\"(a|b\"]\n", "words.yaml:1:10: has a bracket that does not close"},
      {"words.yaml", "filler: [\"a)\"]\n", "words.yaml:1:10: has a stray ')'"},
      {"words.yaml", "filler: [\"{things}\"]\n", "words.yaml:1:10: {things} is unknown"},
      {"words.yaml", "filler: [\"\"]\n", "words.yaml:1:10: is no phrase"},
      {"words.yaml", "filler: [a\n", "words.yaml:"},
      {"commands.yaml", "PAUSE:\n  whole: [rest]\nSKIP:\n  whole: [rest]\n",
       "commands.yaml:4:11: \"rest\" stands under"},
      {"commands.yaml", "DANCE:\n  whole: [dance]\n",
       "commands.yaml:2:11: \"commands.DANCE.whole\" is no command"},
      {"pack.yaml", "name: Test\nchecked: yes\n", "pack.yaml:2:1: is \"yes\"; write true or false"},
      {"pack.yaml", "checked: true\n", "pack.yaml:1:1: has no name"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.yaml);
    const auto found = problems_of(c.file, c.yaml);
    REQUIRE_FALSE(found.empty());
    CHECK(found.front().substr(0, std::string(c.problem).size()) == c.problem);
  }
  CHECK(problems_of("words.yaml", "filler: [well]\n").empty());
}

TEST_CASE("a number word that is also a command is refused") {
  const fs::path root = fs::temp_directory_path() / "moodline-packs-clash";
  fs::remove_all(root);
  fs::create_directories(root / "xx");
  std::ofstream(root / "xx" / "pack.yaml") << "name: Test\n";
  std::ofstream(root / "xx" / "numbers.yaml") << "numbers:\n  6: [stop]\n";
  std::ofstream(root / "xx" / "optout.yaml") << "words: [stop]\n";
  const auto loaded = config::load_language_packs(root);
  fs::remove_all(root);
  REQUIRE(loaded.problems.size() == 1);
  CHECK(config::to_text(loaded.problems[0]).find("is a number word and a command") !=
        std::string::npos);
}

TEST_CASE("every pack has numbers, an opt-out, crisis help and every command") {
  const char* commands[] = {"START", "HELP", "PAUSE", "RESUME", "TIME",   "DAYS",  "HISTORY",
                            "WHO",   "WHY",  "PLAN",  "DATA",   "DELETE", "SHARE", "UNSHARE",
                            "LOG",   "UNDO", "SKIP",  "LANG",   "WRONG",  "AGREE", "DISAGREE"};
  CHECK(packs().packs.size() >= 11);
  for (const auto& pack : packs().packs) {
    CAPTURE(pack.code);
    for (int n = 0; n <= 10; ++n) {
      CAPTURE(n);
      CHECK(std::any_of(pack.numbers.begin(), pack.numbers.end(),
                        [&](const auto& w) { return w.value == Decimal::of(n); }));
    }
    for (const char* list : {"optout.words", "optout.frames", "optout.hold", "optout.wrong",
                             "optout.cry", "machine.reactions", "machine.edits", "words.filler",
                             "words.cues", "words.yes", "words.no", "corrections.strong"}) {
      CAPTURE(list);
      CHECK_FALSE(pack.list(list).empty());
    }
    for (const char* command : commands) {
      CAPTURE(command);
      CHECK_FALSE(pack.list("commands." + std::string(command) + ".whole").empty());
    }
  }
}

TEST_CASE("each pack's own words are read in that language") {
  for (const auto& pack : packs().packs) {
    CAPTURE(pack.code);
    for (const auto& word : pack.list("optout.words")) {
      CAPTURE(word.written);
      const Verdict v = reader().read(word.written, mood(pack.code));
      CHECK(v.kind == Kind::command);
      CHECK(v.command == Command::stop);
    }
    for (const auto& n : pack.numbers) {
      if (n.value < Decimal::of(1) || n.value > Decimal::of(10)) continue;
      CAPTURE(n.phrase);
      CHECK(reader().read(n.phrase, mood(pack.code)).value == n.value);
    }
    for (const auto& word : pack.list("optout.hold")) {
      if (word.written.find('(') != std::string::npos) continue;
      CAPTURE(word.written);
      const Verdict v = reader().read(word.written, mood(pack.code));
      const bool cautious =
          v.hold || v.safety.flagged() || (v.kind == Kind::command && v.command == Command::stop);
      CHECK(cautious);
    }
  }
}

}  // namespace moodline::replies::test
