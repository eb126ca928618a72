// The one place that lists providers and spool programs. A new one is one include and one line.
#include <algorithm>

#include "providers/provider.hpp"
#include "providers/spool.hpp"

namespace moodline::providers {

const std::vector<ProviderType>& provider_types() {
  static const std::vector<ProviderType> types = [] {
    std::vector<ProviderType> all{};
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
  }();
  return types;
}

const std::vector<SpoolType>& spool_types() {
  static const std::vector<SpoolType> types{};
  return types;
}

const ProviderType* find_provider_type(std::string_view name) {
  for (const auto& type : provider_types())
    if (type.name == name) return &type;
  return nullptr;
}

const SpoolType* find_spool_type(std::string_view name) {
  for (const auto& type : spool_types())
    if (type.name == name) return &type;
  return nullptr;
}

}  // namespace moodline::providers
