// Reads one YAML mapping through a table of declared fields. The only road from a Node to a Block:
// services, providers, rule kinds and everything else are read here, with the same words.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/block.hpp"
#include "config/problem.hpp"
#include "config/yaml.hpp"
#include "rules/base/field.hpp"

namespace moodline::config {

/// Every problem of the mapping is added: unknown keys (with the nearest known), missing required
/// ones, wrong types, values out of range. Fallbacks are filled in. `nested` names keys that the
/// caller reads on its own. A node that is no mapping is a problem and gives an empty Block.
Block read_block(const Node& node, const FieldTable& table, Problems& problems,
                 const std::vector<std::string_view>& nested = {});

/// Checks one value against its field and returns it as a Value; adds problems.
Value read_value(const Node& node, const Field& field, Problems& problems);

/// The name of a field's type as the docs and messages say it: "a quoted time such as \"19:30\"".
std::string type_words(const Field& field);

}  // namespace moodline::config
