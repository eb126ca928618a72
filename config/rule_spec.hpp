// RuleSpec: one version of one rule as its file says it, before a person's numbers are filled in.
// Pure data. What it means stands in docs/rules.md.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/block.hpp"
#include "config/yaml.hpp"
#include "rules/base/decimal.hpp"
#include "rules/engine/rule.hpp"
#include "rules/kinds/kind.hpp"

namespace moodline::config {

/// A number a person may agree to differently, within limits.
struct Param {
  std::string name;
  Decimal fallback;
  Decimal low;
  Decimal high;
  Place place;
};

/// Numbers chosen by a person; a name left out takes its default.
using ParamValues = std::map<std::string, Decimal>;

/// A step with its place. Its texts are names in texts/*.yaml, or of the person's own plan.
struct Action {
  rules::Step step;
  Place place;
  std::string path;
  Place text_place;  // of the template's or text's name
};

struct RuleSpec {
  std::string id;
  int version = 0;
  std::string measure;  // component, such as "mood" or "bp.systolic"; empty for some kinds
  Place measure_place;
  std::string kind;  // the one key of `when`
  bool urgent = false;
  bool use_history = false;
  bool low_mark = false;
  std::map<std::string, std::string> says;  // language -> sentence, with {params} and {roles}
  std::vector<Param> params;
  rules::Values common;  // fields of rules::common_fields(), as the rule or its file's defaults say
  Node when;             // the kind's own block, $params not yet filled in
  std::optional<Node> clear;
  std::vector<Action> then;
  std::vector<Action> escalate;
  Place place;
  std::string path;  // "rules[0]"
  [[nodiscard]] std::string ref() const { return id + "@" + std::to_string(version); }
  /// Every role the rule may tell, sorted.
  [[nodiscard]] std::vector<std::string> roles() const;
};

}  // namespace moodline::config
