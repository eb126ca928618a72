// Agreements: what exactly is agreed, and whether an edit asks for less.
#pragma once
#include <map>
#include <string>

#include "rules/engine/rule.hpp"

namespace moodline::rules {

/// Complete text of a resolved rule, one `name=value` a line, stable across versions of the
/// program. Its hash is what a person agrees to. `key` itself is left out.
std::string canonical(const Rule& rule);

/// True where every changed field can only make the rule act on fewer logs or tell fewer people:
/// a lower below/at_most, a higher above/at_least/drop/by, a larger n, more prompts or hours of
/// silence, a longer settle, a smaller m, a larger min_baseline, no low mark, fewer steps.
/// The version number does not count. Equal rules are narrowing.
bool is_narrowing(const Rule& agreed, const Rule& edited);

/// The sentence with {names} filled in. Fails with "unknown_param", naming it.
Result<std::string> sentence(std::string_view says,
                             const std::map<std::string, std::string>& names);

}  // namespace moodline::rules
