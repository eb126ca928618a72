// rules/*.yaml: each rule's file form, read through the tables that rule kinds declare.
#include <fmt/format.h>

#include <algorithm>

#include "config/loader.hpp"
#include "config/resolve.hpp"
#include "config/templates.hpp"

namespace moodline::config {
namespace {
constexpr std::size_t params_max = 6;

const FieldTable& rule_fields() {
  static const FieldTable t = [] {
    FieldTable out = {
        {"id", FieldType::text, true, "", "name in programmes, agreements and commands"},
        {"version", FieldType::integer, true, "", "raise it with every change", Decimal::of(1),
         Decimal::of(9999)},
        {"measure", FieldType::text, false, "", "component whose readings are judged"},
        {"urgent", FieldType::boolean, false, "false", "acts at once, at any hour, past every cap"},
        {"use_history", FieldType::boolean, false, "false",
         "readings from before the yes count; the sentence must say so"},
        {"low_mark", FieldType::boolean, false, "false",
         "an answer beyond the bad end meets the line; the sentence must say so"},
    };
    for (Field f : rules::common_fields()) {
      f.fallback = {};
      out.push_back(f);
    }
    return out;
  }();
  return t;
}

/// The common fields that stand in `node`, over those in `base`.
rules::Values common_values(const Node& node, const Block& block, rules::Values base) {
  for (const Field& f : rules::common_fields()) {
    if (node.find(f.name) != nullptr) base[std::string(f.name)] = block.text(f.name);
  }
  return base;
}

std::optional<Decimal> number_of(Loader& l, const Node& n) {
  const auto d = n.is_scalar() && !n.quoted && !n.bad ? decimal_from(n.text) : std::nullopt;
  if (!d && !n.bad) l.add(n.place, n.path, "is not a number", "write a number without quotes");
  return d;
}

void read_param(Loader& l, const Entry& e, RuleSpec& rule) {
  read_block(e.value, {}, l.problems, {"default", "allow"});
  const Node* fallback = e.value.find("default");
  const Node* allow = e.value.find("allow");
  if (fallback == nullptr || allow == nullptr || !allow->is_list() || allow->items.size() != 2) {
    if (e.value.is_map()) {
      l.add(e.value.place, e.value.path, "does not say its default and its limits",
            "write {default: 4, allow: [2, 4]}");
    }
    return;
  }
  const auto value = number_of(l, *fallback);
  const auto low = number_of(l, allow->items[0]);
  const auto high = number_of(l, allow->items[1]);
  if (!value || !low || !high) return;
  if (*high < *low) {
    l.add(allow->place, allow->path, "ends below its beginning", "write the lower number first");
  } else if (*value < *low || *value > *high) {
    l.add(
        fallback->place, fallback->path,
        fmt::format("{} is outside allow [{}, {}]", to_text(*value), to_text(*low), to_text(*high)),
        "choose a default inside, or widen allow");
  }
  rule.params.push_back({e.key, *value, *low, *high, e.place});
}

bool mentions(const Node& n, const std::string& scalar) {
  if (n.is_scalar() && n.text == scalar) return true;
  return std::any_of(n.items.begin(), n.items.end(),
                     [&](const Node& i) { return mentions(i, scalar); }) ||
         std::any_of(n.entries.begin(), n.entries.end(),
                     [&](const Entry& e) { return mentions(e.value, scalar); });
}

void read_params(Loader& l, const Node& n, RuleSpec& rule) {
  const Node* params = l.map(n, "params", false);
  if (params == nullptr) return;
  if (params->entries.size() > params_max) {
    l.add(params->place, params->path, "has too many", fmt::format("keep to {}", params_max));
    return;
  }
  for (const Entry& e : params->entries) {
    read_param(l, e, rule);
    const std::string use = "$" + e.key;
    const Node* clear = n.find("clear");
    const Node* when = n.find("when");
    if ((when == nullptr || !mentions(*when, use)) &&
        (clear == nullptr || !mentions(*clear, use))) {
      l.add(e.place, params->path, fmt::format("{} is never used", e.key),
            fmt::format("write {} in when or clear, or remove the param", use));
    }
  }
}

void read_when(Loader& l, const Node& n, RuleSpec& rule) {
  const Node* when = l.map(n, "when", true);
  if (when == nullptr) return;
  std::vector<std::string> names;
  for (const rules::KindInfo& k : rules::kinds()) names.emplace_back(k.name);
  if (when->entries.size() != 1) {
    l.add(when->place, when->path, fmt::format("has {} conditions", when->entries.size()),
          "write exactly one, such as {streak: {below: 4, days: 3}}");
    return;
  }
  const Entry& e = when->entries.front();
  if (rules::kind_named(e.key) == nullptr) {
    l.add(e.place, when->path, fmt::format("condition {} is unknown", quote(e.key)),
          suggestion(e.key, names));
    return;
  }
  rule.kind = e.key;
  rule.when = e.value;
}

void read_clear(Loader& l, const Node& n, RuleSpec& rule) {
  const rules::KindInfo* kind = rules::kind_named(rule.kind);
  const Node* clear = n.find("clear");
  if (clear != nullptr) rule.clear = *clear;
  if (kind == nullptr) return;
  if (clear != nullptr && kind->clear.empty()) {
    l.add(clear->place, clear->path, fmt::format("{} takes no clear line", rule.kind),
          "remove clear; docs/rules.md says when such an alert ends");
    rule.clear.reset();
  } else if (clear == nullptr && !kind->clear.empty()) {
    l.add(n.place, n.path, "has no clear line",
          "add clear: with a line beyond the alarm line, such as {at_least: 5, days: 2}");
  }
}

void read_step(Loader& l, const Node& n, std::vector<Action>& out) {
  static const std::vector<std::string_view> roles = {"practitioner", "deputy", "lead",
                                                      "duty",         "admin",  "friend"};
  static const FieldTable fields = {
      {"notify", FieldType::word, false, "", "role that is texted", {}, {}, roles},
      {"text_person", FieldType::text, false, "", "text to the person"},
      {"text_own_words", FieldType::text, false, "", "the person's own plan, in their words"},
      {"digest", FieldType::word, false, "", "role that gets the digest", {}, {}, roles},
      {"template", FieldType::text, false, "", "alert of texts/*.yaml"},
      {"after", FieldType::text, false, "",
       "\"15m\", \"24h\", \"4 working hours\", \"1 working day\""}};
  const Block b = read_block(n, fields, l.problems);
  if (!n.is_map()) return;
  Action a;
  a.place = n.place;
  a.path = n.path;
  int ways = 0;
  for (const auto& [key, kind] : {std::pair{"notify", rules::StepKind::notify},
                                  std::pair{"text_person", rules::StepKind::text_person},
                                  std::pair{"text_own_words", rules::StepKind::text_own_words},
                                  std::pair{"digest", rules::StepKind::digest}}) {
    if (n.find(key) == nullptr) continue;
    ++ways;
    a.step.kind = kind;
    const bool to_role = kind == rules::StepKind::notify || kind == rules::StepKind::digest;
    (to_role ? a.step.role : a.step.template_id) = b.text(key);
  }
  if (ways != 1) {
    l.add(n.place, n.path, ways == 0 ? "does nothing" : "does several things at once",
          "write one of notify, text_person, text_own_words or digest in each step");
    return;
  }
  if (a.step.kind == rules::StepKind::notify) {
    a.step.template_id = b.text("template");
    if (n.find("template") == nullptr) {
      l.add(n.place, n.path, "names no template", "add template: with an alert of texts/*.yaml");
    }
  }
  if (const Node* after = n.find("after"); after != nullptr && !b.text("after").empty()) {
    if (const auto ok = rules::set_after(a.step, b.text("after")); !ok) {
      l.add(after->place, after->path, quote(b.text("after")) + " is not a delay",
            "write one such as \"15m\", \"24h\", \"4 working hours\" or \"1 working day\"");
    }
  }
  const Node* text = n.find(a.step.kind == rules::StepKind::notify ? "template" : "text_person");
  a.text_place = text != nullptr ? text->place : n.place;
  out.push_back(std::move(a));
}

void read_says(Loader& l, const Node& n, RuleSpec& rule) {
  rule.says = l.wording(n, "says", true);
  const Node* says = n.find("says");
  if (says == nullptr) return;
  std::vector<std::string> known = {"practitioner", "deputy", "lead", "duty", "admin", "friend"};
  if (const Node* params = n.find("params")) {
    for (const Entry& e : params->entries) known.push_back(e.key);
  }
  for (const auto& [language, text] : rule.says) {
    const Node* at = says->is_map() ? says->find(language) : says;
    const Place& place = at != nullptr ? at->place : says->place;
    const auto names = placeholders_of(text);
    if (!names) {
      l.add(place, says->path, "has a brace that does not close", "write numbers as {below}");
      continue;
    }
    const auto named = [&](const std::string& name) {
      return std::find(names->begin(), names->end(), name) != names->end();
    };
    for (const std::string& name : *names) {
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        l.add(place, says->path, fmt::format("{{{}}} is neither a param nor a role", name),
              suggestion(name, known));
      }
    }
    for (const std::string& role : rule.roles()) {
      if (!named(role)) {
        l.add(place, says->path,
              fmt::format("the {} sentence does not name {{{}}}, whom the rule tells", language,
                          role),
              fmt::format("add {{{}}} to the sentence, or do not tell them", role));
      }
    }
    for (const Param& p : rule.params) {
      if (!named(p.name)) {
        l.add(place, says->path,
              fmt::format("the {} sentence does not say {{{}}}, which is agreed", language, p.name),
              fmt::format("add {{{}}} to the sentence", p.name));
      }
    }
  }
}

RuleSpec read_rule(Loader& l, const Node& n, const rules::Values& defaults) {
  const Block b = read_block(n, rule_fields(), l.problems,
                             {"says", "params", "when", "clear", "then", "escalate"});
  RuleSpec rule;
  rule.place = n.place;
  rule.path = n.path;
  std::set<std::string> none;
  rule.id = l.identifier(n, b, "id", none);
  rule.version = static_cast<int>(b.integer("version"));
  rule.measure = b.text("measure");
  rule.measure_place = b.place("measure");
  rule.urgent = b.boolean("urgent");
  rule.use_history = b.boolean("use_history");
  rule.low_mark = b.boolean("low_mark");
  rules::Values base = defaults;
  if (rule.urgent) {
    // Urgent fixes both at nothing; only the rule's own key is a contradiction.
    base.erase("settle");
    base.erase("cooldown");
  }
  rule.common = common_values(n, b, std::move(base));
  read_params(l, n, rule);
  read_when(l, n, rule);
  read_clear(l, n, rule);
  for (const Node& s : l.list(n, "then", true)) read_step(l, s, rule.then);
  for (const Node& s : l.list(n, "escalate", false)) read_step(l, s, rule.escalate);
  read_says(l, n, rule);
  return rule;
}
}  // namespace

void load_rules_file(Loader& l, const Node& top) {
  l.format(top, "rules");
  read_block(top, {{"format", FieldType::text}}, l.problems, {"defaults", "rules"});
  rules::Values defaults;
  if (const Node* d = l.map(top, "defaults", false)) {
    FieldTable table = rules::common_fields();
    for (Field& f : table) f.fallback = {};
    defaults = common_values(*d, read_block(*d, table, l.problems), {});
  }
  for (const Node& n : l.list(top, "rules", true)) {
    if (!n.is_map()) {
      if (!n.bad) l.add(n.place, n.path, "is not a rule", "begin with \"- id:\"");
      continue;
    }
    RuleSpec rule = read_rule(l, n, defaults);
    if (!rule.id.empty() && l.service.rule(rule.id, rule.version) != nullptr) {
      l.add(n.place, n.path, fmt::format("{} stands twice", rule.ref()),
            "raise the version of the newer one");
    }
    l.service.rules.push_back(std::move(rule));
  }
}

}  // namespace moodline::config
