// One pack file: YAML with places, duplicate keys refused, every scalar kept as it was written.
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <sstream>

#include "config/language_pack.hpp"

namespace moodline::config {
namespace {

constexpr std::size_t pack_file_bytes_max = 1'000'000;
constexpr int pack_depth_max = 8;

Place place_of(const YAML::Node& node, const std::string& file) {
  const YAML::Mark mark = node.Mark();
  return {file, mark.line + 1, mark.column + 1};
}

PackNode convert(const YAML::Node& node, const std::string& file, int depth,
                 std::vector<PackProblem>& problems) {
  PackNode out;
  out.place = place_of(node, file);
  if (depth > pack_depth_max) {
    problems.push_back({out.place, "nested too deeply; a pack needs at most 8 levels"});
    return out;
  }
  if (node.IsScalar()) {
    out.kind = PackNode::Kind::scalar;
    out.text = node.Scalar();
  } else if (node.IsSequence()) {
    out.kind = PackNode::Kind::list;
    for (const auto& item : node) out.items.push_back(convert(item, file, depth + 1, problems));
  } else if (node.IsMap()) {
    out.kind = PackNode::Kind::map;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      if (out.find(key) != nullptr) {
        problems.push_back(
            {place_of(entry.first, file), "\"" + key + "\" stands twice; keep one of the two"});
        continue;
      }
      PackNode value = convert(entry.second, file, depth + 1, problems);
      value.place = place_of(entry.first, file);
      out.entries.emplace_back(key, std::move(value));
    }
  }
  return out;
}

}  // namespace

PackNode::PackNode() = default;
PackNode::PackNode(const PackNode&) = default;
PackNode::PackNode(PackNode&&) noexcept = default;
PackNode& PackNode::operator=(const PackNode&) = default;
PackNode& PackNode::operator=(PackNode&&) noexcept = default;
PackNode::~PackNode() = default;

const PackNode* PackNode::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::vector<std::string> PackNode::texts() const {
  std::vector<std::string> out;
  if (kind == Kind::scalar) out.push_back(text);
  for (const PackNode& item : items) {
    if (item.kind == Kind::scalar) out.push_back(item.text);
  }
  return out;
}

std::string to_text(const PackProblem& p) {
  return p.place.file + ":" + std::to_string(p.place.line) + ":" + std::to_string(p.place.column) +
         ": " + p.message;
}

PackNode read_pack_file(const std::filesystem::path& file, std::vector<PackProblem>& problems) {
  const std::string name = file.string();
  std::ifstream in(file, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  const std::string text = bytes.str();
  if (!in || text.size() > pack_file_bytes_max) {
    problems.push_back({{name, 1, 1}, "cannot be read; check that it exists and is under 1 MB"});
    return {};
  }
  try {
    return convert(YAML::Load(text), name, 0, problems);
  } catch (const YAML::Exception& e) {
    problems.push_back({{name, e.mark.line + 1, e.mark.column + 1}, "is not YAML: " + e.msg});
    return {};
  }
}

}  // namespace moodline::config
