// Loads a whole service directory: all of it, or none and every problem at once.
// Thread: any; blocks on file reads.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/catalogue.hpp"
#include "config/problem.hpp"
#include "rules/base/field.hpp"

namespace moodline::config {

constexpr std::size_t config_files_max = 500;

/// What the loader must know of a provider, told by the floor above.
struct ProviderFields {
  std::string name;
  FieldTable fields;
  bool two_way = true;
  bool template_only = false;
  bool simulated = false;  // only in mode demo or test
};

/// Providers this build has, handed in because config knows none by name. Rule kinds come from
/// rules' own registry.
struct Registries {
  std::vector<ProviderFields> providers;
};

struct Loaded {
  std::shared_ptr<const Service> service;  // null when any problem is an error
  std::vector<Problem> problems;           // sorted; warnings may stand beside a service
};

/// Reads DIR/service.yaml, measures.yaml, practitioners.yaml, programmes/*.yaml, rules/*.yaml and
/// texts/*.yaml.
Loaded load(const std::filesystem::path& dir, const Registries& registries);

/// The same from files in memory: relative name -> bytes. For tests, fuzzing and reload by socket.
Loaded load_files(const std::map<std::string, std::string>& files, const Registries& registries);

}  // namespace moodline::config
