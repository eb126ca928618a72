// From a rule's file to the rule of one person: numbers filled in, sentence spelt out, hash made.
// Pure; safe from any thread.
#pragma once
#include <map>
#include <string>

#include "config/catalogue.hpp"
#include "config/problem.hpp"
#include "config/rule_spec.hpp"
#include "rules/base/result.hpp"
#include "rules/engine/rule.hpp"

namespace moodline::config {

/// Role -> who it is for this person, such as practitioner -> "Sam Reed".
using RoleNames = std::map<std::string, std::string>;

/// The rule of one person. `names` spells the roles out in the sentence; a role left out is called
/// as the language calls it. Fails with "unknown_param", "param_out_of_range" or the kind's own
/// code; the message says what to write instead.
Result<rules::Rule> resolve(const Service& service, const RuleSpec& spec, const ParamValues& chosen,
                            const std::string& language, const RoleNames& names);

/// SHA-256 in hex over rules::canonical: what an agreement is bound to.
std::string rule_hash(const rules::Rule& rule);

/// Numbers as the rule's params: defaults first, then the chosen ones. Fails as resolve does.
Result<ParamValues> params_of(const RuleSpec& spec, const ParamValues& chosen);

/// As resolve, but every fault becomes a problem at its place. For the loader and rule tests.
/// Says nothing of the sentence.
rules::Rule build_rule(const RuleSpec& spec, const ParamValues& values, Problems& problems);

}  // namespace moodline::config
