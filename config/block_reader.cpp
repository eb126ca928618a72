#include "config/block_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/base/e164.hpp"

namespace moodline::config {
namespace {
constexpr std::size_t secret_name_bytes_max = 64;
constexpr std::size_t list_items_max = 10'000;

std::string range_words(const Field& f) {
  if (f.min && f.max) return fmt::format(" from {} to {}", to_text(*f.min), to_text(*f.max));
  if (f.min) return fmt::format(" of {} or more", to_text(*f.min));
  if (f.max) return fmt::format(" of {} or less", to_text(*f.max));
  return "";
}

bool in_range(const Field& f, Decimal d) {
  return (!f.min || d >= *f.min) && (!f.max || d <= *f.max);
}

bool is_url(std::string_view s) {
  const bool https = s.starts_with("https://");
  if (!https && !s.starts_with("http://")) return false;
  const std::string_view rest = s.substr(https ? 8 : 7);
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  return !host.empty() && host.find('@') == std::string_view::npos &&
         std::none_of(s.begin(), s.end(), [](char c) { return c <= ' ' || c == '"' || c == '\\'; });
}

bool is_secret_name(std::string_view s) {
  return !s.empty() && s.size() <= secret_name_bytes_max &&
         std::all_of(s.begin(), s.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

std::string kind_words(const Node& n) {
  switch (n.kind) {
    case NodeKind::empty:
      return "is empty";
    case NodeKind::list:
      return "is a list";
    case NodeKind::map:
      return "is a mapping";
    case NodeKind::scalar:
      break;
  }
  return quote(n.text);
}

/// True where `text` is a good value of a scalar field. `quoted` matters for numbers and truths.
bool good_scalar(const std::string& text, bool quoted, const Field& f) {
  switch (f.type) {
    case FieldType::text:
      return true;
    case FieldType::word:
      return std::find(f.choices.begin(), f.choices.end(), text) != f.choices.end();
    case FieldType::integer: {
      const auto d = decimal_from(text);
      return !quoted && d && d->micro % Decimal::one == 0 && in_range(f, *d) &&
             text.find('.') == std::string::npos;
    }
    case FieldType::decimal: {
      const auto d = decimal_from(text);
      return !quoted && d && in_range(f, *d);
    }
    case FieldType::boolean:
      return !quoted && (text == "true" || text == "false");
    case FieldType::duration: {
      const auto s = duration_from(text);
      return s && in_range(f, Decimal::of(s->count()));
    }
    case FieldType::time:
      return time_from_hm(text).has_value();
    case FieldType::date:
      return date_from_iso(text).has_value();
    case FieldType::url:
      return is_url(text);
    case FieldType::secret:
      return is_secret_name(text);
    case FieldType::number:
      return E164::typed(text).has_value();
    case FieldType::texts:
    case FieldType::mapping:
      break;
  }
  return false;
}

void wrong(const Node& n, const Field& f, Problems& problems) {
  if (n.bad) return;
  std::string what = kind_words(n);
  if (n.is_scalar()) {
    // What stands in a secret's place may be the secret itself, and problems reach the log, where
    // no number may: neither is echoed.
    if (f.type == FieldType::secret) {
      what = "is not the name of a credential";
    } else if (f.type == FieldType::number) {
      what = "is not a whole phone number";
    } else {
      what += " does not fit";
    }
    if (f.type == FieldType::word) {
      std::vector<std::string> known(f.choices.begin(), f.choices.end());
      problems.add(n.place, n.path, kind_words(n) + " is unknown", suggestion(n.text, known));
      return;
    }
  }
  problems.add(n.place, n.path, what, "write " + type_words(f));
}

void read_list(const Node& n, const Field& f, Value& v, Problems& problems) {
  if (!n.is_list()) return wrong(n, f, problems);
  if (n.items.size() > list_items_max) {
    problems.add(n.place, n.path, fmt::format("has {} entries", n.items.size()),
                 fmt::format("keep to {}", list_items_max));
    return;
  }
  for (const Node& item : n.items) {
    const bool known = f.choices.empty() ||
                       std::find(f.choices.begin(), f.choices.end(), item.text) != f.choices.end();
    if (item.is_scalar() && known) {
      v.list.push_back(item.text);
    } else if (!item.bad && item.is_scalar()) {
      problems.add(item.place, item.path, quote(item.text) + " is unknown",
                   suggestion(item.text, {f.choices.begin(), f.choices.end()}));
    } else if (!item.bad) {
      problems.add(item.place, item.path, kind_words(item), "write a text");
    }
  }
}

void read_mapping(const Node& n, const Field& f, Value& v, Problems& problems) {
  if (!n.is_map()) return wrong(n, f, problems);
  for (const Entry& e : n.entries) {
    if (e.value.is_scalar()) {
      v.table[e.key] = e.value.text;
    } else if (!e.value.bad) {
      problems.add(e.value.place, e.value.path, kind_words(e.value), "write a text");
    }
  }
}
}  // namespace

std::string type_words(const Field& f) {
  switch (f.type) {
    case FieldType::text:
      return "a text";
    case FieldType::word: {
      std::string out = "one of ";
      for (std::size_t i = 0; i < f.choices.size(); ++i) {
        out += (i > 0 ? ", " : "") + std::string(f.choices[i]);
      }
      return out;
    }
    case FieldType::integer:
      return "a whole number" + range_words(f) + ", without quotes";
    case FieldType::decimal:
      return "a number" + range_words(f) + ", without quotes";
    case FieldType::boolean:
      return "true or false, without quotes";
    case FieldType::duration:
      return "a duration with its unit such as \"90s\", \"10m\", \"18h\" or \"3d\"" +
             (f.min || f.max ? "," + range_words(f) + " seconds" : "");
    case FieldType::time:
      return "a quoted time such as \"19:30\"";
    case FieldType::date:
      return "a quoted date such as \"2026-03-02\"";
    case FieldType::url:
      return "an address such as \"https://sms.example.org\"";
    case FieldType::secret:
      return "the name of a credential (letters, digits, - _ .), never the value itself";
    case FieldType::number:
      return "a quoted phone number such as \"+447700900123\"";
    case FieldType::texts:
      return "a list such as [one, two]";
    case FieldType::mapping:
      return "a mapping of names to texts";
  }
  return "a value";
}

Value read_value(const Node& node, const Field& field, Problems& problems) {
  Value v;
  v.place = node.place;
  if (field.type == FieldType::texts) {
    read_list(node, field, v, problems);
  } else if (field.type == FieldType::mapping) {
    read_mapping(node, field, v, problems);
  } else if (!node.is_scalar() || node.bad || !good_scalar(node.text, node.quoted, field)) {
    wrong(node, field, problems);
  } else {
    v.text = node.text;
  }
  return v;
}

Block read_block(const Node& node, const FieldTable& table, Problems& problems,
                 const std::vector<std::string_view>& nested) {
  Block block;
  if (!node.is_map()) {
    if (!node.bad) problems.add(node.place, node.path, kind_words(node), "write a mapping of keys");
    return block;
  }
  std::vector<std::string> known(nested.begin(), nested.end());
  for (const Field& f : table) known.emplace_back(f.name);
  for (const Entry& e : node.entries) {
    if (std::find(known.begin(), known.end(), e.key) == known.end()) {
      problems.add(e.place, node.path, fmt::format("key {} is unknown", quote(e.key)),
                   suggestion(e.key, known));
    }
  }
  for (const Field& f : table) {
    if (const Node* found = node.find(f.name)) {
      block.set(std::string(f.name), read_value(*found, f, problems));
    } else if (f.required) {
      problems.add(node.place, node.path, fmt::format("has no {}", f.name),
                   fmt::format("add {}: {}", f.name, type_words(f)));
    } else if (!f.fallback.empty()) {
      Value v;
      v.text = f.fallback;
      v.place = node.place;
      block.set(std::string(f.name), std::move(v));
    }
  }
  return block;
}

}  // namespace moodline::config
