// Any HTTP provider, described in YAML: docs/providers/generic.md. Presets are such descriptions
// that come with the product (config/presets/*.yaml) and need no code.
#pragma once
#include "providers/kit/template.hpp"
#include "providers/provider.hpp"

namespace moodline::providers {

ProviderType generic_type();
/// One row for each file of config/presets, which is compiled in.
std::vector<ProviderType> preset_types();

namespace generic {

FieldTable fields();
Result<std::unique_ptr<Provider>> make(const config::Block& settings);
/// The values under which these settings would give the captured request of `vector`.
kit::Values captured_values(const config::Block& settings, const boost::json::object& vector);

}  // namespace generic
}  // namespace moodline::providers
