// Language packs: everything in config/languages/CODE/*.yaml that reading a reply needs, with the
// place of every entry. Loaded whole or refused with every problem at once. Pure data afterwards.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/block.hpp"
#include "rules/base/decimal.hpp"

namespace moodline::config {

/// A YAML value with its place; duplicate keys were refused. Scalars stay as they were written.
struct PackNode {
  // Out of line: with a pair of itself inside, clang has not the whole class where it needs them.
  PackNode();
  PackNode(const PackNode&);
  PackNode(PackNode&&) noexcept;
  PackNode& operator=(const PackNode&);
  PackNode& operator=(PackNode&&) noexcept;
  ~PackNode();
  enum class Kind : std::uint8_t { none, scalar, list, map } kind = Kind::none;
  std::string text;                                       // scalar
  std::vector<PackNode> items;                            // list
  std::vector<std::pair<std::string, PackNode>> entries;  // map, in the order written
  Place place;
  [[nodiscard]] const PackNode* find(std::string_view key) const;  // map only; null when absent
  [[nodiscard]] std::vector<std::string> texts() const;  // a list's scalars, or the one scalar
};

struct PackProblem {
  Place place;
  std::string message;  // what is wrong and what to write instead
};
/// "languages/cy/numbers.yaml:14:9: ..."
std::string to_text(const PackProblem& p);

/// A phrase of a pack: normalised (rules::normalise_phrase), as written, and where.
struct PackPhrase {
  std::string phrase;
  std::string written;
  Place place;
};

struct PackNumber {
  std::string phrase;  // normalised; may be several words
  Decimal value;
  bool own_language = false;  // also an ordinary word elsewhere: counts only for its own speakers
  Place place;
};

/// One language. Lists are keyed by the name they have in the YAML files: lists["optout.words"].
struct LanguagePack {
  std::string code;  // "en", "cy", ...: the folder's name
  std::string name;  // in English
  bool decimal_comma = false;
  bool checked = false;  // a speaker has signed the safety and opt-out wording
  std::vector<PackNumber> numbers;
  std::map<std::string, std::vector<PackPhrase>, std::less<>> lists;
  PackNode safety;  // safety.yaml as it stands; compiled by daemon/replies/safety*
  [[nodiscard]] const std::vector<PackPhrase>& list(std::string_view name) const;
};

struct LanguagePacks {
  std::vector<LanguagePack> packs;  // sorted by code
  std::vector<PackProblem> problems;
  [[nodiscard]] bool ok() const { return problems.empty() && !packs.empty(); }
  [[nodiscard]] const LanguagePack* find(std::string_view code) const;
};

/// Reads every DIR/CODE/*.yaml. Problems hold every fault found, with its place; the packs are
/// usable only when there is none.
LanguagePacks load_language_packs(const std::filesystem::path& dir);

/// One YAML file as a PackNode; problems are appended.
PackNode read_pack_file(const std::filesystem::path& file, std::vector<PackProblem>& problems);

}  // namespace moodline::config
