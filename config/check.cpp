#include "config/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace moodline::config {
namespace {
std::string counted(std::size_t n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string counts(const Service& s) {
  return fmt::format("{}, {}, {}, {}, {}", counted(s.measures.size(), "measure"),
                     counted(s.practitioners.size(), "practitioner"),
                     counted(s.programmes.size(), "programme"), counted(s.rules.size(), "rule"),
                     counted(s.settings.languages.size(), "language"));
}

std::string as_text(const Loaded& loaded) {
  std::string out = to_text(loaded.problems);
  if (!loaded.service) return out + counted(loaded.problems.size(), "problem") + "\n";
  if (!loaded.problems.empty()) out += counted(loaded.problems.size(), "warning") + "; ";
  return out + fmt::format("good: {}\n", counts(*loaded.service));
}

std::string as_json(const Loaded& loaded) {
  boost::json::object out = boost::json::parse(to_json(loaded.problems)).as_object();
  if (loaded.service) {
    const Service& s = *loaded.service;
    out["service"] = {{"name", s.settings.name},
                      {"hash", s.hash},
                      {"measures", s.measures.size()},
                      {"practitioners", s.practitioners.size()},
                      {"programmes", s.programmes.size()},
                      {"rules", s.rules.size()},
                      {"languages", s.settings.languages.size()}};
  }
  return boost::json::serialize(out) + "\n";
}
}  // namespace

Checked check(const std::filesystem::path& dir, const Registries& registries, bool json) {
  Checked out;
  out.loaded = load(dir, registries);
  out.exit_code = out.loaded.service ? exit_good : exit_bad_config;
  out.output = json ? as_json(out.loaded) : as_text(out.loaded);
  return out;
}

}  // namespace moodline::config
