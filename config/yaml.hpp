// Strict YAML: a file becomes a tree of nodes with places, or problems. What YAML 1.1 would quietly
// retype (15:00, no, 010, 0x1F, 1_000, dates, ~) is a problem here, never a surprise.
// Anchors, aliases, tags, merge keys, several documents and duplicate keys are refused.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/block.hpp"
#include "config/problem.hpp"

namespace moodline::config {

constexpr std::size_t yaml_bytes_max = 1'048'576;
constexpr std::size_t yaml_depth_max = 24;
constexpr std::size_t yaml_nodes_max = 100'000;

enum class NodeKind { empty, scalar, list, map };

struct Entry;

/// One value. `path` is the way to it from the top: "rules[0].when.streak.days".
struct Node {
  NodeKind kind = NodeKind::empty;
  Place place;
  std::string path;
  std::string text;     // scalar, UTF-8
  bool quoted = false;  // scalar written with quotes or as a block
  bool bad = false;     // already reported; readers stay silent about it
  std::vector<Node> items;
  std::vector<Entry> entries;

  /// The value of `key` in a map, or null.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] bool is_map() const { return kind == NodeKind::map; }
  [[nodiscard]] bool is_list() const { return kind == NodeKind::list; }
  [[nodiscard]] bool is_scalar() const { return kind == NodeKind::scalar; }
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Node value;
};

/// Reads one file's bytes. `file` is used in places only. Nothing where the text cannot be parsed;
/// a tree where it can, even if problems were added.
std::optional<Node> read_yaml(std::string_view file, std::string_view bytes, Problems& problems);

/// Why a plain (unquoted) scalar would mislead, with its cure; nothing where it is safe.
struct Trap {
  std::string what;
  std::string cure;
};
std::optional<Trap> plain_trap(std::string_view text);

/// A copy of `node` with every scalar "$name" replaced by the text of `name` in `values`.
/// An unknown name is a problem.
struct Substitution {
  std::string name;
  std::string text;
};
Node substitute(const Node& node, const std::vector<Substitution>& values, Problems& problems);

}  // namespace moodline::config
