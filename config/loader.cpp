#include "config/loader.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>

namespace moodline::config {
namespace {
constexpr std::size_t identifier_bytes_max = 40;
const std::vector<Node> no_nodes;
}  // namespace

Wording Loader::wording(const Node& node) {
  Wording out;
  if (node.is_scalar()) {
    out[languages.front()] = node.text;
  } else if (node.is_map()) {
    for (const Entry& e : node.entries) {
      if (std::find(languages.begin(), languages.end(), e.key) == languages.end()) {
        add(e.place, node.path,
            fmt::format("language {} is not one of the service's", quote(e.key)),
            suggestion(e.key, languages));
      } else if (!e.value.is_scalar()) {
        if (!e.value.bad) add(e.value.place, e.value.path, "is not a text", "write a text");
      } else {
        out[e.key] = e.value.text;
      }
    }
  } else {
    if (!node.bad) add(node.place, node.path, "is not a text", "write a text for each language");
    return out;
  }
  for (const std::string& language : languages) {
    if (!node.bad && !out.contains(language)) {
      add(node.place, node.path, fmt::format("has no {} wording", language),
          fmt::format("add {}: \"...\"", language));
    }
  }
  return out;
}

Wording Loader::wording(const Node& parent, std::string_view key, bool required) {
  if (const Node* n = parent.find(key)) return wording(*n);
  if (required && parent.is_map()) {
    add(parent.place, parent.path, fmt::format("has no {}", key),
        fmt::format("add {}: with a text for each language", key));
  }
  return {};
}

const std::vector<Node>& Loader::list(const Node& parent, std::string_view key, bool required) {
  const Node* n = parent.find(key);
  if (n == nullptr) {
    if (required && parent.is_map()) {
      add(parent.place, parent.path, fmt::format("has no {}", key),
          fmt::format("add {}: with at least one entry", key));
    }
    return no_nodes;
  }
  if (!n->is_list()) {
    if (!n->bad) add(n->place, n->path, "is not a list", "begin each entry with \"- \"");
    return no_nodes;
  }
  if (required && n->items.empty()) add(n->place, n->path, "is empty", "add an entry");
  return n->items;
}

const Node* Loader::map(const Node& parent, std::string_view key, bool required) {
  const Node* n = parent.find(key);
  if (n == nullptr) {
    if (required && parent.is_map()) {
      add(parent.place, parent.path, fmt::format("has no {}", key),
          fmt::format("add {}: as the sample has it", key));
    }
    return nullptr;
  }
  if (n->is_map()) return n;
  if (!n->bad) add(n->place, n->path, "is not a mapping", "write \"key: value\" lines under it");
  return nullptr;
}

std::string Loader::identifier(const Node& parent, const Block& block, std::string_view key,
                               std::set<std::string>& seen) {
  const std::string id = block.text(key);
  if (id.empty()) return id;
  const Place place = block.place(key);
  const bool good =
      id.size() <= identifier_bytes_max && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      });
  const std::string path =
      parent.path.empty() ? std::string(key) : parent.path + "." + std::string(key);
  if (!good) {
    add(place, path, fmt::format("{} is not a plain name", quote(id)),
        fmt::format("use a-z, 0-9 and -, up to {}", identifier_bytes_max));
  } else if (!seen.insert(id).second) {
    add(place, path, fmt::format("{} stands twice", quote(id)), "give each its own name");
  }
  return id;
}

void Loader::format(const Node& top, std::string_view name) {
  const std::string want = fmt::format("moodline-{}/1", name);
  const Node* n = top.find("format");
  if (n == nullptr) {
    add(top.place, "", "has no format", "add format: " + want);
  } else if (n->text != want && !n->bad) {
    add(n->place, "format", fmt::format("{} is not a format this version reads", quote(n->text)),
        "write " + want);
  }
}

bool Loader::whole(std::string_view name_or_folder) const {
  return std::none_of(unread.begin(), unread.end(),
                      [&](const std::string& name) { return name.starts_with(name_or_folder); });
}

std::optional<Span> span_from(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto opens = time_from_hm(text.substr(0, dash));
  const std::string_view end = text.substr(dash + 1);
  constexpr TimeOfDay midnight{86'400};
  const auto closes = end == "24:00" ? std::optional(midnight) : time_from_hm(end);
  if (!opens || !closes || *closes <= *opens) return std::nullopt;
  return Span{*opens, *closes};
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::string out;
  for (unsigned i = 0; i < length; ++i) out += fmt::format("{:02x}", digest.at(i));
  return out;
}

}  // namespace moodline::config
