// measures.yaml: what can be asked. New measures are YAML, never code.
#include <fmt/format.h>

#include <algorithm>

#include "config/loader.hpp"

namespace moodline::config {
namespace {
constexpr std::int64_t value_max = 1'000'000;

const FieldTable& scale_fields() {
  static const FieldTable t = {
      {"id", FieldType::text, true, "", "name in rules and programmes"},
      {"shape",
       FieldType::word,
       true,
       "",
       "how an answer looks",
       {},
       {},
       {"scale", "number", "blood_pressure", "yes_no", "note"}},
      {"min", FieldType::decimal, false, "", "lowest value taken", Decimal::of(-value_max),
       Decimal::of(value_max)},
      {"max", FieldType::decimal, false, "", "highest value taken", Decimal::of(-value_max),
       Decimal::of(value_max)},
      {"step", FieldType::decimal, false, "", "smallest difference taken", Decimal{1},
       Decimal::of(value_max)},
      {"decimals", FieldType::integer, false, "0", "fixed for ever once readings exist",
       Decimal::of(0), Decimal::of(6)},
      {"direction",
       FieldType::word,
       false,
       "neither",
       "which end is good",
       {},
       {},
       {"higher_is_better", "higher_is_worse", "neither"}},
  };
  return t;
}

const FieldTable& component_fields() {
  static const FieldTable t = {
      {"id", FieldType::text, true, "", "name in rules, such as bp.systolic"},
      {"min", FieldType::decimal, true, "", "lowest value taken", Decimal::of(0),
       Decimal::of(value_max)},
      {"max", FieldType::decimal, true, "", "highest value taken", Decimal::of(0),
       Decimal::of(value_max)},
  };
  return t;
}

bool component_name(std::string_view id) {
  return !id.empty() && id.size() <= 40 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

void check_range(Loader& l, const Node& n, const Block& b, const Component& c) {
  if (c.max <= c.min) {
    l.add(b.place("max"), n.path + ".max", "is not above min", "write min below max");
    return;
  }
  if (c.step.micro <= 0) return;
  if ((c.max - c.min).micro % c.step.micro != 0) {
    l.add(
        b.place("step"), n.path + ".step",
        fmt::format("does not reach from {} to {} in whole steps", to_text(c.min), to_text(c.max)),
        "choose a step that does");
  }
  std::int64_t unit = Decimal::one;
  for (int i = 0; i < c.decimals; ++i) unit /= 10;
  for (const Decimal d : {c.min, c.max, c.step}) {
    if (d.micro % unit != 0) {
      l.add(b.place("decimals"), n.path + ".decimals",
            fmt::format("{} needs more than {} decimals", to_text(d), c.decimals),
            "raise decimals, or use rounder numbers");
      return;
    }
  }
}

void read_components(Loader& l, const Node& n, const Block& b, Measure& m) {
  if (m.shape == Shape::note) return;
  if (m.shape == Shape::yes_no) {
    m.components.push_back({m.id, Decimal::of(0), Decimal::of(1), Decimal::of(1), 0});
    return;
  }
  const int decimals = static_cast<int>(b.integer("decimals"));
  if (m.shape == Shape::blood_pressure) {
    for (const Node& item : l.list(n, "components", true)) {
      const Block c = read_block(item, component_fields(), l.problems);
      Component out{c.text("id"), c.decimal("min"), c.decimal("max"), Decimal::of(1), decimals};
      if (!out.id.empty() && !component_name(out.id)) {
        l.add(c.place("id"), item.path + ".id", quote(out.id) + " is not a plain name",
              "use a-z, 0-9, . and -");
      }
      if (c.has("max") && c.has("min")) check_range(l, item, c, out);
      m.components.push_back(std::move(out));
    }
    if (m.components.size() != 2 && n.find("components") != nullptr) {
      l.add(n.place, n.path, "blood pressure has two components",
            "list systolic first, then diastolic");
    }
    return;
  }
  for (const char* key : {"min", "max"}) {
    if (!b.has(key)) {
      l.add(n.place, n.path, fmt::format("has no {}", key), fmt::format("add {}: a number", key));
    }
  }
  Component c{m.id, b.decimal("min"), b.decimal("max"),
              b.has("step") ? b.decimal("step") : Decimal::of(1), decimals};
  if (b.has("min") && b.has("max")) check_range(l, n, b, c);
  m.components.push_back(std::move(c));
}

void read_labels(Loader& l, const Node& n, Measure& m) {
  const Node* labels = l.map(n, "labels", false);
  if (labels == nullptr) return;
  for (const Entry& e : labels->entries) {
    const auto value = decimal_from(e.key);
    const bool inside = value && m.components.size() == 1 && *value >= m.components[0].min &&
                        *value <= m.components[0].max;
    if (!inside) {
      l.add(e.place, labels->path, quote(e.key) + " is not a value of this measure",
            "name a number from min to max");
      continue;
    }
    m.labels.push_back({*value, l.wording(e.value)});
  }
}

void read_alarm(Loader& l, const Node& n, Measure& m) {
  static const FieldTable fields = {
      {"at_most", FieldType::decimal, false, "",
       "values of this or less need a person's attention"},
      {"at_least", FieldType::decimal, false, "", "values of this or more do"}};
  const Node* alarm = l.map(n, "alarm", false);
  const bool needs =
      m.shape == Shape::scale || m.shape == Shape::number || m.shape == Shape::blood_pressure;
  if (alarm == nullptr) {
    if (needs && n.is_map() && n.find("alarm") == nullptr) {
      l.add(n.place, n.path, "names no alarm band",
            "add alarm: {at_most: N} or {at_least: N}, or alarm: {} where no value is alarming");
    }
    return;
  }
  const Block b = read_block(*alarm, fields, l.problems);
  if (b.has("at_most")) m.alarm.at_most = b.decimal("at_most");
  if (b.has("at_least")) m.alarm.at_least = b.decimal("at_least");
  if (m.alarm.at_most && m.alarm.at_least && *m.alarm.at_most >= *m.alarm.at_least) {
    l.add(alarm->place, alarm->path, "covers every value", "leave good values between the two");
  }
}

Measure read_measure(Loader& l, const Node& n, std::set<std::string>& seen) {
  const Block b = read_block(n, scale_fields(), l.problems,
                             {"name", "ask", "unit", "labels", "alarm", "components"});
  Measure m;
  m.place = n.place;
  m.id = l.identifier(n, b, "id", seen);
  const std::string& shape = b.text("shape");
  m.shape = shape == "number"           ? Shape::number
            : shape == "blood_pressure" ? Shape::blood_pressure
            : shape == "yes_no"         ? Shape::yes_no
            : shape == "note"           ? Shape::note
                                        : Shape::scale;
  m.direction = b.text("direction") == "higher_is_better"  ? Direction::higher_is_better
                : b.text("direction") == "higher_is_worse" ? Direction::higher_is_worse
                                                           : Direction::neither;
  m.name = l.wording(n, "name", true);
  m.ask = l.wording(n, "ask", true);
  m.unit = l.wording(n, "unit", false);
  if (!shape.empty()) {
    read_components(l, n, b, m);
    read_labels(l, n, m);
    read_alarm(l, n, m);
  }
  return m;
}
}  // namespace

void load_measures_file(Loader& l, const Node& top) {
  l.format(top, "measures");
  read_block(top, {{"format", FieldType::text}}, l.problems, {"measures"});
  std::set<std::string> seen;
  std::set<std::string> components;
  for (const Node& n : l.list(top, "measures", true)) {
    Measure m = read_measure(l, n, seen);
    for (const Component& c : m.components) {
      if (!c.id.empty() && !components.insert(c.id).second) {
        l.add(n.place, n.path, fmt::format("component {} stands twice", quote(c.id)),
              "give each component its own name");
      }
    }
    l.service.measures.push_back(std::move(m));
  }
}

}  // namespace moodline::config
