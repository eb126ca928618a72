// RuleSpec: one version of one rule as its file says it, before a person's numbers are filled in.
// Pure data. What it means stands in docs/rules.md.
#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/block.hpp"
#include "config/yaml.hpp"
#include "rules/base/decimal.hpp"
#include "rules/base/result.hpp"

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

enum class ActionType { notify, text_person, text_own_words, digest };

/// "2h", "3d", "4 working hours", "1 working day".
struct Delay {
  enum class Kind { elapsed, working_time, working_days } kind = Kind::elapsed;
  std::chrono::seconds length{0};  // elapsed, working_time
  int days = 0;                    // working_days
  std::string text;                // as written
};
std::optional<Delay> delay_from(std::string_view text);

struct Action {
  ActionType type = ActionType::notify;
  std::string role;           // notify, digest: practitioner, deputy, lead, duty, admin
  std::string template_name;  // notify, text_person
  std::string words;          // text_own_words: the name of the person's plan
  std::optional<Delay> after;
  Place place;
};

struct RuleSpec {
  std::string id;
  int version = 0;
  std::string measure;  // component, such as "mood" or "bp.systolic"; empty for some kinds
  std::string kind;     // the one key of `when`
  bool urgent = false;
  bool use_history = false;
  std::map<std::string, std::string> says;  // language -> sentence, with {params} and {roles}
  std::vector<Param> params;
  Block defaults;  // every field of the rule with a declared default, still with $params
  Node when;       // the kind's own block, $params not yet filled in
  std::optional<Node> clear;
  std::vector<Action> then;
  std::vector<Action> escalate;
  Place place;
  [[nodiscard]] std::string ref() const { return id + "@" + std::to_string(version); }
  /// Every role the rule may tell, sorted.
  [[nodiscard]] std::vector<std::string> roles() const;
};

}  // namespace moodline::config
