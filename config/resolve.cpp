#include "config/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/block_reader.hpp"
#include "config/loader.hpp"
#include "rules/engine/edits.hpp"

namespace moodline::config {
namespace {
constexpr std::size_t key_hash_digits = 16;

/// The scalars of a kind's block, as its file says them, without fallbacks it did not ask for.
rules::Values scalars(const Node& node, const FieldTable& table, Problems& problems) {
  const Block block = read_block(node, table, problems);
  rules::Values out;
  for (const Field& f : table) {
    if (block.has(f.name)) out[std::string(f.name)] = block.text(f.name);
  }
  return out;
}

std::vector<Substitution> substitutions(const ParamValues& values) {
  std::vector<Substitution> out;
  for (const auto& [name, value] : values) out.push_back({name, to_text(value)});
  return out;
}

/// "what; cure" as a kind words its faults.
void add_fault(Problems& problems, const Place& place, const std::string& path, const Fault& f) {
  const auto cut = f.message.find("; ");
  if (cut == std::string::npos) {
    problems.add(place, path, f.message, "change it");
  } else {
    problems.add(place, path, f.message.substr(0, cut), f.message.substr(cut + 2));
  }
}

Node empty_map(const RuleSpec& spec) {
  Node n;
  n.kind = NodeKind::map;
  n.place = spec.place;
  n.path = spec.path + ".clear";
  return n;
}
}  // namespace

std::vector<std::string> RuleSpec::roles() const {
  std::vector<std::string> out;
  for (const auto* list : {&then, &escalate}) {
    for (const Action& a : *list) {
      if (!a.step.role.empty()) out.push_back(a.step.role);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

rules::Rule build_rule(const RuleSpec& spec, const ParamValues& values, Problems& problems) {
  rules::Rule rule;
  rule.id = spec.id;
  rule.version = spec.version;
  rule.measure = spec.measure;
  rule.urgent = spec.urgent;
  rule.use_history = spec.use_history;
  rule.low_mark = spec.low_mark;
  for (const Action& a : spec.then) rule.then.push_back(a.step);
  for (const Action& a : spec.escalate) rule.escalate.push_back(a.step);
  const rules::KindInfo* kind = rules::kind_named(spec.kind);
  if (kind == nullptr) return rule;
  rule.when.kind = kind->kind;
  Problems own;
  const std::vector<Substitution> filled = substitutions(values);
  const rules::Values when = scalars(substitute(spec.when, filled, own), kind->when, own);
  const Node clear = spec.clear ? substitute(*spec.clear, filled, own) : empty_map(spec);
  const rules::Values back = scalars(clear, kind->clear, own);
  if (!own.has_errors()) {
    if (const auto ok = kind->read(when, back, rule); !ok) {
      const bool about_clear = ok.error().code == "bad_clear";
      add_fault(own, about_clear ? clear.place : spec.when.place,
                about_clear ? clear.path : spec.when.path, ok.error());
    }
  }
  if (const auto ok = rules::read_common(spec.common, rule); !ok) {
    add_fault(own, spec.place, spec.path, ok.error());
  }
  for (const Problem& p : own.sorted()) {
    problems.add({p.file, p.line, p.column}, p.path, p.what, p.cure);
  }
  return rule;
}

Result<ParamValues> params_of(const RuleSpec& spec, const ParamValues& chosen) {
  ParamValues out;
  for (const Param& p : spec.params) out[p.name] = p.fallback;
  for (const auto& entry : chosen) {
    const std::string& name = entry.first;
    const Decimal value = entry.second;
    const auto it = std::find_if(spec.params.begin(), spec.params.end(),
                                 [&](const Param& p) { return p.name == name; });
    if (it == spec.params.end()) {
      std::vector<std::string> known;
      for (const Param& p : spec.params) known.push_back(p.name);
      return fault("unknown_param", fmt::format("{} has no param {}; {}", spec.ref(), quote(name),
                                                suggestion(name, known)));
    }
    if (value < it->low || value > it->high) {
      return fault("param_out_of_range",
                   fmt::format("{} of {} cannot be {}; write {} to {}", name, spec.ref(),
                               to_text(value), to_text(it->low), to_text(it->high)));
    }
    out[name] = value;
  }
  return out;
}

Result<rules::Rule> resolve(const Service& service, const RuleSpec& spec, const ParamValues& chosen,
                            const std::string& language, const RoleNames& names) {
  const auto values = params_of(spec, chosen);
  if (!values) return tl::unexpected(values.error());
  Problems problems;
  rules::Rule rule = build_rule(spec, *values, problems);
  if (problems.has_errors()) return fault("bad_rule", to_text(problems.sorted().front()));
  const std::string& spoken = service.language_or_default(language);
  std::map<std::string, std::string> fill;
  if (const auto it = service.texts.languages.find(spoken); it != service.texts.languages.end()) {
    fill = it->second.roles;
  }
  for (const auto& [role, name] : names) fill[role] = name;
  for (const auto& [name, value] : *values) fill[name] = to_text(value);
  const auto says = spec.says.find(service.language_or_default(""));
  if (says != spec.says.end()) rule.says = says->second;
  const auto own = spec.says.find(spoken);
  auto text = rules::sentence(own != spec.says.end() ? own->second : rule.says, fill);
  if (!text) return tl::unexpected(text.error());
  rule.says_text = std::move(*text);
  rule.key = fmt::format("{}#{}", spec.ref(), rule_hash(rule).substr(0, key_hash_digits));
  return rule;
}

std::string rule_hash(const rules::Rule& rule) {
  return sha256_hex(rules::canonical(rule));
}

}  // namespace moodline::config
