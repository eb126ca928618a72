// `moodline check DIR`: everything wrong with a service directory, for people or programs.
#pragma once
#include <filesystem>
#include <string>

#include "config/load.hpp"

namespace moodline::config {

constexpr int exit_good = 0;
constexpr int exit_bad_config = 78;  // EX_CONFIG of sysexits.h

struct Checked {
  int exit_code = exit_good;
  std::string output;  // ends in a line break
  Loaded loaded;
};

/// Exit code 0, or 78 where any problem is an error; warnings alone are 0. Text: one problem a
/// line, sorted, then a line that counts. JSON: as to_json(problems), with "service" where good.
Checked check(const std::filesystem::path& dir, const Registries& registries, bool json);

}  // namespace moodline::config
