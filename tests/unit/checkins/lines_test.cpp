// docs/people-lines.md tells which test holds each line: every test it names must be there.
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "tests/unit/checkins/support.hpp"

using namespace moodline;

namespace {

std::string bytes_of(const std::filesystem::path& p) {
  std::stringstream in;
  in << std::ifstream(p, std::ios::binary).rdbuf();
  return in.str();
}

std::set<std::string> test_names(const char* folder) {
  std::set<std::string> names;
  const std::filesystem::path dir = std::filesystem::path(MOODLINE_SOURCE_DIR) / folder;
  static const std::regex name("TEST_CASE\\(\\s*\"([^\"]+)\"");
  for (const auto& f : std::filesystem::recursive_directory_iterator(dir)) {
    if (f.path().extension() != ".cpp") continue;
    const std::string text = bytes_of(f.path());
    for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it) {
      names.insert((*it)[1]);
    }
  }
  return names;
}

}  // namespace

TEST_CASE("docs: every test that the page of people's lines names is there") {
  const std::string page =
      bytes_of(std::filesystem::path(MOODLINE_SOURCE_DIR) / "docs/people-lines.md");
  const auto names = test_names("tests/unit");
  static const std::regex quoted(
      "`((?:person|practitioner|admin|operator|question [0-9]+|model|erasure): [^`]+)`");
  std::set<std::string> named;
  for (std::sregex_iterator it(page.begin(), page.end(), quoted), end; it != end; ++it) {
    named.insert((*it)[1]);
    CHECK_MESSAGE(names.contains((*it)[1]), (*it)[1].str());
  }
  // And the other way round: no line's test is left out of the page.
  for (const std::string& n : test_names("tests/unit/checkins")) {
    if (n.starts_with("person: ") || n.starts_with("practitioner: ") ||
        n.starts_with("question ")) {
      CHECK_MESSAGE(named.contains(n), n);
    }
  }
  for (int q = 1; q <= 16; ++q) {
    CHECK_MESSAGE(page.find("| " + std::to_string(q) + " |") != std::string::npos, q);
  }
}
