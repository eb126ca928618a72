#include "providers/kit/template.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <optional>

#include "providers/kit/form.hpp"
#include "providers/kit/json.hpp"

namespace moodline::providers::kit {
namespace {
namespace json = boost::json;

std::string escaped(std::string_view value, Escape how) {
  std::string out;
  switch (how) {
    case Escape::none:
      return std::string(value);
    case Escape::url:
      return percent_encode(value);
    case Escape::header:
      for (const char c : value)
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) out += c;
      return out;
    case Escape::xml:
      for (const char c : value) {
        switch (c) {
          case '&':
            out += "&amp;";
            break;
          case '<':
            out += "&lt;";
            break;
          case '>':
            out += "&gt;";
            break;
          case '"':
            out += "&quot;";
            break;
          case '\'':
            out += "&apos;";
            break;
          default:  // XML 1.0 has no way to write other control characters
            if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t' || c == '\r')
              out += c;
        }
      }
      return out;
  }
  return out;
}

// Nothing: left out.
std::optional<json::value> rendered(const Template& t, const Values& values) {
  const std::string text = t.render(values, Escape::none);
  if (t.sole_name().empty()) return json::value(text);
  if (text.empty()) return std::nullopt;
  if (t.sole_type() == "boolean") return json::value(text == "true");
  if (t.sole_type() == "number") {
    const auto n = integer_at(json::value(text), "");
    return n ? std::optional<json::value>(*n) : std::nullopt;
  }
  return json::value(text);
}

std::optional<json::value> walk(const json::value& v, const Values& values,
                                std::span<const std::string_view> known) {
  if (const auto* o = v.if_object()) {
    json::object out;
    for (const auto& [key, inner] : *o)
      if (auto r = walk(inner, values, known)) out.emplace(key, std::move(*r));
    return out;
  }
  if (const auto* a = v.if_array()) {
    json::array out;
    for (const auto& inner : *a)
      if (auto r = walk(inner, values, known)) out.push_back(std::move(*r));
    return out;
  }
  if (const auto* s = v.if_string())
    return rendered(*Template::parse({s->data(), s->size()}, known), values);
  return v;
}

Result<void> check(const json::value& v, std::span<const std::string_view> known) {
  if (const auto* o = v.if_object()) {
    for (const auto& [key, inner] : *o)
      if (auto r = check(inner, known); !r) return r;
  } else if (const auto* a = v.if_array()) {
    for (const auto& inner : *a)
      if (auto r = check(inner, known); !r) return r;
  } else if (const auto* s = v.if_string()) {
    if (auto t = Template::parse({s->data(), s->size()}, known); !t)
      return tl::unexpected(t.error());
  }
  return {};
}

void unwalk(const json::value& v, const json::value& document,
            std::span<const std::string_view> known, Values& out) {
  if (const auto* o = v.if_object()) {
    const auto* d = document.if_object();
    for (const auto& [key, inner] : *o)
      if (const auto* found = d == nullptr ? nullptr : d->if_contains(key))
        unwalk(inner, *found, known, out);
  } else if (const auto* a = v.if_array()) {
    const auto* d = document.if_array();
    for (std::size_t i = 0; d != nullptr && i < std::min(a->size(), d->size()); ++i)
      unwalk((*a)[i], (*d)[i], known, out);
  } else if (const auto* s = v.if_string()) {
    const auto t = Template::parse({s->data(), s->size()}, known);
    if (t && !t->sole_name().empty()) out[t->sole_name()] = text_of(document);
  }
}

}  // namespace

Result<Template> Template::parse(std::string_view text, std::span<const std::string_view> known) {
  Template t;
  while (!text.empty()) {
    const auto open = text.find("{{");
    Piece piece{std::string(text.substr(0, open)), {}, {}};
    text.remove_prefix(std::min(text.size(), piece.literal.size()));
    if (open != std::string_view::npos) {
      const auto close = text.find("}}");
      if (close == std::string_view::npos) return fault("bad_template", "a {{ has no }} after it");
      piece.name = text.substr(2, close - 2);
      text.remove_prefix(close + 2);
      std::erase(piece.name, ' ');
      if (const auto colon = piece.name.find(':'); colon != std::string::npos) {
        piece.type = piece.name.substr(colon + 1);
        piece.name.resize(colon);
      }
      if (!piece.name.starts_with("var.") &&
          std::find(known.begin(), known.end(), piece.name) == known.end())
        return fault("bad_template", "{{" + piece.name + "}} is not a value it can hold");
      if (!piece.type.empty() && piece.type != "number" && piece.type != "boolean")
        return fault("bad_template", "after the colon write number or boolean");
    }
    t.pieces_.push_back(std::move(piece));
  }
  return t;
}

std::string Template::render(const Values& values, Escape escape) const {
  std::string out;
  for (const auto& piece : pieces_) {
    out += piece.literal;
    if (const auto it = values.find(piece.name); !piece.name.empty() && it != values.end())
      out += escaped(it->second, escape);
  }
  return out;
}

std::string Template::sole_name() const {
  return pieces_.size() == 1 && pieces_[0].literal.empty() ? pieces_[0].name : std::string{};
}

std::string Template::sole_type() const {
  return pieces_.size() == 1 && pieces_[0].literal.empty() ? pieces_[0].type : std::string{};
}

bool Template::uses(std::string_view name) const {
  return std::any_of(pieces_.begin(), pieces_.end(),
                     [name](const Piece& p) { return p.name == name; });
}

Result<JsonTemplate> JsonTemplate::parse(std::string_view text,
                                         std::span<const std::string_view> known) {
  auto tree = read_json(text);
  if (!tree)
    return fault("bad_template", "is not JSON (write {{name:number}} in quotes for a number)");
  // 1e999 is read as infinity, which nobody can write back.
  if (!read_json(json::serialize(*tree)))
    return fault("bad_template", "holds a number too large to be sent; write it in quotes");
  if (auto ok = check(*tree, known); !ok) return tl::unexpected(ok.error());
  JsonTemplate t;
  t.tree_ = std::move(*tree);
  t.known_.assign(known.begin(), known.end());
  return t;
}

std::string JsonTemplate::render(const Values& values) const {
  const auto v = walk(tree_, values, known_);
  return v ? json::serialize(*v) : "null";
}

Values JsonTemplate::unrender(const json::value& document) const {
  Values out;
  unwalk(tree_, document, known_, out);
  return out;
}

}  // namespace moodline::providers::kit
