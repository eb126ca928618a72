// The whole set or none of it: files to trees, trees to parts, parts to one service.
#include "config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "config/loader.hpp"

namespace moodline::config {
namespace {
namespace fs = std::filesystem;

bool in_folder(const std::string& name, std::string_view folder) {
  return name.starts_with(std::string(folder) + "/") && name.ends_with(".yaml");
}

/// The language of "texts/cy.yaml".
std::string language_of(const std::string& name) {
  const auto slash = name.rfind('/');
  return name.substr(slash + 1, name.size() - slash - 6);
}

void check_name(Loader& l, const std::string& name) {
  static const std::vector<std::string> known = {"service.yaml", "measures.yaml",
                                                 "practitioners.yaml"};
  const bool top = name.find('/') == std::string::npos;
  if (top && std::find(known.begin(), known.end(), name) != known.end()) return;
  for (const char* folder : {"programmes", "rules", "texts"}) {
    if (in_folder(name, folder)) return;
  }
  const std::string near = nearest(name, known);
  l.add({name, 0, 0}, "", "is not a file this version reads",
        !near.empty()            ? "did you mean " + near + "?"
        : name.ends_with(".yml") ? "rename it to end in .yaml"
                                 : "remove it, or move it into programmes/, rules/ or texts/");
}

const Node* tree(Loader& l, const std::string& name) {
  const auto it = l.trees.find(name);
  return it == l.trees.end() ? nullptr : &it->second;
}

void parse_all(Loader& l, const std::map<std::string, std::string>& files) {
  for (const auto& [name, bytes] : files) {
    check_name(l, name);
    auto node = read_yaml(name, bytes, l.problems);
    if (!node || !node->is_map()) l.unread.insert(name);
    if (!node) continue;
    if (!node->is_map()) {
      if (!node->bad) l.add(node->place, "", "is not a mapping", "begin with format:");
      continue;
    }
    l.trees.emplace(name, std::move(*node));
  }
  for (const char* name : {"service.yaml", "measures.yaml", "practitioners.yaml"}) {
    if (!files.contains(name)) {
      l.unread.insert(name);
      l.add({name, 0, 0}, "", "is missing", "copy it from the sample service and change it");
    }
  }
}

void load_texts(Loader& l, const std::map<std::string, std::string>& files) {
  for (const std::string& language : l.languages) {
    const std::string name = "texts/" + language + ".yaml";
    if (!files.contains(name)) {
      l.unread.insert(name);
      l.add({name, 0, 0}, "",
            fmt::format("is missing, though {} is a language of the service", language),
            "translate a copy of the first language's file");
    }
  }
  for (auto& [name, node] : l.trees) {
    if (!in_folder(name, "texts")) continue;
    const std::string language = language_of(name);
    if (std::find(l.languages.begin(), l.languages.end(), language) == l.languages.end()) {
      l.add(node.place, "", fmt::format("{} is not a language of the service", language),
            "add it to languages in service.yaml, or remove the file");
      continue;
    }
    load_texts_file(l, node, language);
  }
}

void load_parts(Loader& l, const std::map<std::string, std::string>& files) {
  if (const Node* n = tree(l, "service.yaml")) load_service_file(l, *n);
  if (const Node* n = tree(l, "measures.yaml")) load_measures_file(l, *n);
  if (const Node* n = tree(l, "practitioners.yaml")) load_practitioners_file(l, *n);
  load_texts(l, files);
  for (auto& [name, node] : l.trees) {
    if (in_folder(name, "rules") && node.find("tests") == nullptr) load_rules_file(l, node);
  }
  for (auto& [name, node] : l.trees) {
    if (in_folder(name, "programmes")) load_programme_file(l, node);
  }
  std::sort(l.service.rules.begin(), l.service.rules.end(),
            [](const RuleSpec& a, const RuleSpec& b) {
              return std::tie(a.id, a.version) < std::tie(b.id, b.version);
            });
}

std::string hash_of(const std::map<std::string, std::string>& files) {
  std::string all;
  for (const auto& [name, bytes] : files) {
    all += fmt::format("{} {}\n", sha256_hex(bytes), name);
  }
  return sha256_hex(all);
}

/// Why a file was not read; empty where it was.
std::string read_file(const fs::path& path, std::string& out) {
  std::error_code code;
  const auto size = fs::file_size(path, code);
  if (code) return "cannot be read: " + code.message();
  if (size > yaml_bytes_max) return fmt::format("has {} bytes", size);
  std::ifstream in(path, std::ios::binary);
  out.assign(std::istreambuf_iterator<char>(in), {});
  return in.bad() || !in.is_open() ? "cannot be read" : "";
}

/// False for a folder that cannot be opened, which would end the walk. The folder of secrets is
/// root's alone and no business of ours; one that holds configuration must be readable.
bool may_enter(const fs::path& path, const std::string& name, Problems& problems) {
  std::error_code code;
  if (!fs::is_directory(path, code)) return true;
  const fs::directory_iterator probe(path, code);
  if (!code) return true;
  if (name == "programmes" || name == "rules" || name == "texts") {
    problems.add({name, 0, 0}, "", "cannot be read: " + code.message(),
                 "make it readable by moodlined's user");
  }
  return false;
}

Loaded failed(Problems& problems) {
  return {nullptr, problems.sorted()};
}
}  // namespace

Loaded load_files(const std::map<std::string, std::string>& files, const Registries& registries) {
  Loader l{registries, {}, {}, {}, {"en"}, {}};
  parse_all(l, files);
  load_parts(l, files);
  check_references(l);
  check_texts(l);
  check_rules(l);
  if (l.problems.has_errors()) return failed(l.problems);
  l.service.hash = hash_of(files);
  return {std::make_shared<const Service>(std::move(l.service)), l.problems.sorted()};
}

Loaded load(const fs::path& dir, const Registries& registries) {
  Problems problems;
  std::map<std::string, std::string> files;
  std::error_code code;
  if (!fs::is_directory(dir, code)) {
    problems.add({dir.filename().string(), 0, 0}, "", "is not a directory that can be read",
                 "name the directory that holds service.yaml");
    return failed(problems);
  }
  for (fs::recursive_directory_iterator it(dir, code), end; it != end; it.increment(code)) {
    const std::string name = fs::relative(it->path(), dir, code).generic_string();
    if (it.depth() > 1 || !may_enter(it->path(), name, problems)) it.disable_recursion_pending();
    if (code || !it->is_regular_file(code) ||
        !(name.ends_with(".yaml") || name.ends_with(".yml"))) {
      continue;
    }
    if (files.size() >= config_files_max) {
      problems.add({name, 0, 0}, "", "is one file too many",
                   fmt::format("keep to {}", config_files_max));
      return failed(problems);
    }
    const std::string why = read_file(it->path(), files[name]);
    if (!why.empty()) {
      files.erase(name);
      problems.add({name, 0, 0}, "", why, "make it readable by moodlined, and under 1 MiB");
    }
  }
  if (code) {
    problems.add({dir.filename().string(), 0, 0}, "", "cannot be read: " + code.message(),
                 "make it readable by moodlined's user");
  }
  if (problems.has_errors()) return failed(problems);
  return load_files(files, registries);
}

}  // namespace moodline::config
