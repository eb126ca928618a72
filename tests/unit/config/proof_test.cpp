// docs/rules-proof.md tells which cases and tests hold each sentence: every name in it must be
// there.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace {
namespace fs = std::filesystem;

const fs::path source = MOODLINE_SOURCE_DIR;

std::string bytes_of(const fs::path& p) {
  std::ifstream in(p, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void find_all(const std::string& text, const char* pattern, std::set<std::string>& out) {
  const std::regex name(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it) {
    out.insert((*it)[1]);
  }
}
}  // namespace

TEST_CASE("docs: every case that the page of proofs names is there") {
  std::set<std::string> known;
  for (const auto& f : fs::directory_iterator(source / "tests/cases")) {
    if (f.path().extension() == ".yaml") find_all(bytes_of(f.path()), "name: ([a-z0-9_]+)", known);
  }
  REQUIRE(known.size() > 500);
  for (const auto& f : fs::recursive_directory_iterator(source / "tests/unit")) {
    if (f.path().extension() != ".cpp") continue;
    find_all(bytes_of(f.path()), "TEST_CASE\\(\\s*\"([^\"]+)\"", known);
  }
  // Rows only: "| what is said | `name` `name` |".
  std::ifstream page(source / "docs/rules-proof.md");
  int rows = 0;
  for (std::string line; std::getline(page, line);) {
    const auto held = line.rfind(" | `");
    if (!line.starts_with("| ") || held == std::string::npos) continue;
    ++rows;
    std::set<std::string> named;
    find_all(line.substr(held), "`([^`]+)`", named);
    CHECK_MESSAGE(!named.empty(), line);
    for (const std::string& n : named) CHECK_MESSAGE(known.contains(n), n);
  }
  CHECK(rows > 70);
}
