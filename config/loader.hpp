// Loader's insides: one small function a file, all adding to the same Service and Problems.
// Private to config/.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/block_reader.hpp"
#include "config/catalogue.hpp"
#include "config/load.hpp"
#include "config/problem.hpp"
#include "config/yaml.hpp"

namespace moodline::config {

struct Loader {
  const Registries& registries;
  Problems problems;
  Service service;
  std::map<std::string, Node> trees;  // relative name -> top node
  std::vector<std::string> languages{"en"};
  std::set<std::string> unread;  // files with a problem that kept them from being read

  /// True where every file of a name or folder was read: only then are missing names told.
  [[nodiscard]] bool whole(std::string_view name_or_folder) const;

  /// Words in every language of the service, from a plain text (one language) or a mapping.
  Wording wording(const Node& parent, std::string_view key, bool required);
  Wording wording(const Node& node);
  /// The list under `key`, or an empty one; a problem where it is no list.
  const std::vector<Node>& list(const Node& parent, std::string_view key, bool required);
  /// The mapping under `key` or null; a problem where it is something else.
  const Node* map(const Node& parent, std::string_view key, bool required);
  /// "a-z, 0-9 and -" up to 40; adds a problem for others and for one already in `seen`.
  std::string identifier(const Node& parent, const Block& block, std::string_view key,
                         std::set<std::string>& seen);
  /// Checks `format: NAME/1`.
  void format(const Node& top, std::string_view name);
  void add(const Place& place, const std::string& path, std::string what, std::string cure) {
    problems.add(place, path, std::move(what), std::move(cure));
  }
};

void load_service_file(Loader& l, const Node& top);
void load_routes(Loader& l, const Node& top);
void load_outgoing(Loader& l, const Node& top);
void load_measures_file(Loader& l, const Node& top);
void load_practitioners_file(Loader& l, const Node& top);
void load_programme_file(Loader& l, const Node& top);
void load_texts_file(Loader& l, const Node& top, const std::string& language);
void load_rules_file(Loader& l, const Node& top);
/// What only the whole set can show: broken references, cover, lengths of texts.
void check_references(Loader& l);
void check_texts(Loader& l);
void check_rules(Loader& l);

/// Adds a problem where `name` is no IANA zone; an empty one was told already.
void check_zone(Loader& l, const std::string& name, const Place& place, const std::string& path);

/// "08:00-21:00"; closing may be "24:00". Nothing where it is not so, or closes before it opens.
struct Span {
  TimeOfDay opens;
  TimeOfDay closes;
};
std::optional<Span> span_from(std::string_view text);
/// SHA-256 in lower-case hex.
std::string sha256_hex(std::string_view bytes);

}  // namespace moodline::config
