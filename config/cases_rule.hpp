// Inside the case runner: scalars of the neutral form, and its rule. Throws std::runtime_error with
// the line and what to write instead.
#pragma once
#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>

#include "rules/engine/rule.hpp"

namespace moodline::config {

[[noreturn]] void bad_case(const YAML::Node& node, const std::string& what);
/// There and not null.
bool given(const YAML::Node& node, const char* key);
std::string scalar(const YAML::Node& node, const char* key, const std::string& fallback = {});
int number(const YAML::Node& node, const char* key, int fallback);
/// Zero where it is left out.
Decimal decimal(const YAML::Node& node, const char* key);
bool yes(const YAML::Node& node, const char* key);
Instant instant_at(const YAML::Node& node, const char* key);
/// A number of days, hours or minutes, by the end of the key that is there: NAME_days, _h, _min.
/// Fractions are allowed but for days.
rules::TimeSpan span(const YAML::Node& node, const std::string& name, rules::TimeSpan fallback);

/// Refuses a key that is not one of `known` (parted by spaces), and a list where a map belongs.
/// `name`, `reason`, `ext`, `note` and `comment` may stand anywhere.
void only_keys(const YAML::Node& node, const std::string& what, std::string_view known);
/// Refuses a word that is not one of `choices` (parted by spaces). Empty where it is left out.
std::string one_of(const YAML::Node& node, const char* key, std::string_view choices);

rules::Rule read_case_rule(const YAML::Node& node);
/// The steps that follow from the one practitioner of the form, and when an acknowledgement ends.
void add_case_steps(const YAML::Node& practitioner, const YAML::Node& rule_node, rules::Rule& rule);

}  // namespace moodline::config
