// Every fault has a fixture named after it: bad/NAME/ laid over base/ (and the sample's English
// texts) must give exactly the problems in bad/NAME/expect.txt.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "config/check.hpp"
#include "config/load.hpp"

using namespace moodline;
using namespace moodline::config;
namespace fs = std::filesystem;

namespace {
const fs::path here = fs::path(MOODLINE_SOURCE_DIR) / "tests/unit/config";
const fs::path sample = fs::path(MOODLINE_SOURCE_DIR) / "config/sample";
using Files = std::map<std::string, std::string>;

std::string bytes_of(const fs::path& p) {
  std::ifstream in(p, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void lay_over(Files& files, const fs::path& dir) {
  for (const auto& e : fs::recursive_directory_iterator(dir)) {
    if (e.is_regular_file() && e.path().extension() == ".yaml") {
      files[fs::relative(e.path(), dir).generic_string()] = bytes_of(e.path());
    }
  }
}

Registries registries() {
  return {{{"simulated", {}, true, false, true},
           {"kannel",
            {{"url", FieldType::url, true}, {"password", FieldType::secret, true}},
            true,
            false,
            false},
           {"oneway", {}, false, false, false}}};
}

/// "FILE", then the words to replace, a line of ====, and what stands there instead.
void edit(Files& files, const std::string& change) {
  const auto first = change.find('\n');
  const auto middle = change.find("\n====\n");
  REQUIRE(middle != std::string::npos);
  std::string& text = files[change.substr(0, first)];
  if (text.empty()) text = bytes_of(sample / change.substr(0, first));
  const std::string old = change.substr(first + 1, middle - first - 1);
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  text.replace(at, old.size(), change.substr(middle + 6, change.size() - middle - 7));
}

/// Lines of the sample's texts move whenever a text is added: their places are tested once, below.
std::string without_text_places(const std::string& told) {
  return std::regex_replace(told, std::regex("(texts/[a-z]+\\.yaml):[0-9]+:[0-9]+"), "$1:L:C");
}

Files base() {
  Files files;
  lay_over(files, here / "base");
  files["texts/en.yaml"] = bytes_of(sample / "texts/en.yaml");
  return files;
}
}  // namespace

TEST_CASE("the base under the bad fixtures is good") {
  const Loaded loaded = load_files(base(), registries());
  CHECK(to_text(loaded.problems) == "");
  CHECK(loaded.service);
}

TEST_CASE("every bad fixture is refused with its place and cure") {
  std::vector<fs::path> dirs;
  for (const auto& e : fs::directory_iterator(here / "bad")) dirs.push_back(e.path());
  std::sort(dirs.begin(), dirs.end());
  CHECK(dirs.size() > 80);
  for (const fs::path& dir : dirs) {
    CAPTURE(dir.filename().string());
    Files files = base();
    lay_over(files, dir);
    if (fs::exists(dir / "without.txt")) {
      const std::string gone = bytes_of(dir / "without.txt");
      files.erase(gone.substr(0, gone.find('\n')));
    }
    if (fs::exists(dir / "edit.txt")) edit(files, bytes_of(dir / "edit.txt"));
    const Loaded loaded = load_files(files, registries());
    const std::string told = without_text_places(to_text(loaded.problems));
    if (std::getenv("MOODLINE_WRITE_EXPECTED") != nullptr) {
      std::ofstream(dir / "expect.txt", std::ios::binary) << told;
    }
    CHECK(told == bytes_of(dir / "expect.txt"));
    CHECK(!loaded.service);
    CHECK(!told.empty());
  }
}

TEST_CASE("check exits 0 or 78 and speaks text or JSON") {
  const fs::path dir = fs::temp_directory_path() / "moodline-check-test";
  fs::remove_all(dir);
  for (const auto& [name, bytes] : base()) {
    fs::create_directories((dir / name).parent_path());
    std::ofstream(dir / name, std::ios::binary) << bytes;
  }
  const Checked good = check(dir, registries(), false);
  CHECK(good.exit_code == 0);
  CHECK(
      good.output ==
      "rules/low.yaml:4:3: warning: rules[0]: low@1 has no passing test for \"fires\", \"does not "
      "fire at the line\", \"one missed day\"; add one beside it, see docs/rules.md\n"
      "rules/low.yaml:17:3: warning: rules[1]: safety-words@1 has no passing test for \"fires\", "
      "\"does not fire at the line\", \"one missed day\"; add one beside it, see docs/rules.md\n"
      "2 warnings; good: 2 measures, 2 practitioners, 1 programme, 2 rules, 1 language\n");
  CHECK(check(dir, registries(), true).output.find("\"errors\":0") != std::string::npos);
  std::ofstream(dir / "service.yaml", std::ios::app) << "contry: GB\n";
  const Checked bad = check(dir, registries(), false);
  CHECK(bad.exit_code == 78);
  CHECK(bad.output ==
        "service.yaml:21:1: key \"contry\" is unknown; did you mean country?\n1 problem\n");
  CHECK(check(dir, registries(), true).output.find("\"line\":21") != std::string::npos);
  CHECK(check(dir / "nowhere", registries(), false).exit_code == 78);
  fs::remove_all(dir);
}

TEST_CASE("no phone number of a faulty file reaches the log") {
  Files files = base();
  lay_over(files, here / "bad" / "unquoted-number");
  const Loaded loaded = load_files(files, registries());
  CHECK(to_text(loaded.problems).find("447700900101") != std::string::npos);
  CHECK(
      to_log(loaded.problems) ==
      "practitioners.yaml:6:11: practitioners[0].number: +.. unquoted loses its plus; write it in "
      "quotes: \"+..\"\n");
}

TEST_CASE("a text's problem has the place of its words") {
  Files files = base();
  files["texts/en.yaml"] = "format: moodline-texts/1\n" + files["texts/en.yaml"];
  edit(files, "texts/en.yaml\n  ask: \"{question}\"\n====\n  ask: \"{q}\"\n");
  const std::string& text = files["texts/en.yaml"];
  const auto line =
      1 +
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find("{q}")), '\n');
  const std::string told = to_text(load_files(files, registries()).problems);
  CHECK(told.find("texts/en.yaml:" + std::to_string(line) +
                  ":8: ask: {q} is not known in this text") != std::string::npos);
}
