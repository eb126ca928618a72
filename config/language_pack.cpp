#include "config/language_pack.hpp"

#include <algorithm>
#include <array>

#include "config/language_checks.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::config {
namespace {

const std::vector<PackPhrase> no_phrases;

using PackProblems = std::vector<PackProblem>;

bool boolean_of(const PackNode& node, PackProblems& problems) {
  if (node.text != "true" && node.text != "false") {
    problems.push_back({node.place, "is \"" + node.text + "\"; write true or false"});
  }
  return node.text == "true";
}

void read_head(const PackNode& root, LanguagePack& pack, PackProblems& problems) {
  for (const auto& [key, value] : root.entries) {
    if (key == "name") {
      pack.name = value.text;
    } else if (key == "decimal_comma") {
      pack.decimal_comma = boolean_of(value, problems);
    } else if (key == "checked") {
      pack.checked = boolean_of(value, problems);
    } else {
      problems.push_back({value.place, "\"" + key +
                                           "\" is unknown; pack.yaml holds name, "
                                           "decimal_comma and checked"});
    }
  }
}

void read_phrases(const std::string& name, const PackNode& node, LanguagePack& pack,
                  PackProblems& problems) {
  auto& list = pack.lists[name];
  const auto add = [&](const PackNode& item) {
    if (item.kind != PackNode::Kind::scalar || item.text.empty()) {
      problems.push_back({item.place, "is no phrase; write a word or words, quoted"});
      return;
    }
    list.push_back({rules::normalise_phrase(item.text), item.text, item.place});
  };
  if (node.kind == PackNode::Kind::scalar) add(node);
  for (const PackNode& item : node.items) add(item);
}

void read_numbers(const PackNode& node, LanguagePack& pack, PackProblems& problems) {
  for (const auto& [key, words] : node.entries) {
    const auto value = decimal_from(key);
    if (!value) {
      problems.push_back({words.place, "\"" + key + "\" is no number; write 0 to 100 or 1000"});
      continue;
    }
    for (const PackNode& word : words.items) {
      PackNumber number{rules::normalise_phrase(word.text), *value, false, word.place};
      if (number.phrase.empty()) {
        problems.push_back({word.place, "is no word; write the number in words, quoted"});
        continue;
      }
      pack.numbers.push_back(std::move(number));
    }
  }
}

// Top-level keys hold a list, or a map of lists ("units: {hours: [...]}" is "words.units.hours").
void read_lists(const std::string& prefix, const PackNode& node, LanguagePack& pack,
                PackProblems& problems) {
  for (const auto& [key, value] : node.entries) {
    const std::string name = prefix + "." + key;
    if (name == "numbers.numbers") {
      read_numbers(value, pack, problems);
    } else if (value.kind == PackNode::Kind::map) {
      read_lists(name, value, pack, problems);
    } else {
      read_phrases(name, value, pack, problems);
    }
  }
}

void mark_own_language(LanguagePack& pack, PackProblems& problems) {
  for (const PackPhrase& own : pack.list("numbers.own_language")) {
    bool found = false;
    for (PackNumber& n : pack.numbers) {
      if (n.phrase != own.phrase) continue;
      n.own_language = found = true;
    }
    if (!found) {
      problems.push_back({own.place, "\"" + own.written +
                                         "\" is no number of this pack; "
                                         "own_language lists words that stand under numbers"});
    }
  }
}

LanguagePack read_pack(const std::filesystem::path& dir, PackProblems& problems) {
  LanguagePack pack;
  pack.code = dir.filename().string();
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const PackNode root = read_pack_file(file, problems);
    const std::string stem = file.stem().string();
    if (stem == "safety") {
      pack.safety = root;
    } else if (stem == "pack") {
      read_head(root, pack, problems);
    } else if (stem != "templates" && stem != "crisis") {
      read_lists(stem, root, pack, problems);
    }
  }
  if (pack.name.empty()) {
    problems.push_back({{(dir / "pack.yaml").string(), 1, 1}, "has no name; write name: English"});
  }
  mark_own_language(pack, problems);
  check_pack(pack, problems);
  return pack;
}

}  // namespace

const std::vector<PackPhrase>& LanguagePack::list(std::string_view list_name) const {
  const auto it = lists.find(list_name);
  return it == lists.end() ? no_phrases : it->second;
}

const LanguagePack* LanguagePacks::find(std::string_view code) const {
  for (const LanguagePack& pack : packs) {
    if (pack.code == code) return &pack;
  }
  return nullptr;
}

LanguagePacks load_language_packs(const std::filesystem::path& dir) {
  LanguagePacks out;
  std::error_code ec;
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(dir, ec)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  for (const auto& folder : folders) out.packs.push_back(read_pack(folder, out.problems));
  if (ec || out.packs.empty()) {
    out.problems.push_back(
        {{dir.string(), 1, 1}, "holds no language packs; point it at config/languages"});
  }
  return out;
}

}  // namespace moodline::config
