#include "providers/registries.hpp"

#include "providers/provider.hpp"
#include "providers/spool.hpp"

namespace moodline::providers {

config::Registries registries() {
  config::Registries all;
  for (const auto& type : provider_types())
    all.providers.push_back(
        {std::string(type.name), type.fields, type.two_way, type.template_only, type.simulated});
  for (const auto& type : spool_types())
    all.providers.push_back({std::string(type.name), type.fields, true, false, false});
  return all;
}

}  // namespace moodline::providers
