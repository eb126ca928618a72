#include "tests/sim/service.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/sim/process.hpp"

namespace moodline::sim {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::stringstream in;
  in << std::ifstream(file).rdbuf();
  return in.str();
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

void replace(const fs::path& file, const std::string& old, const std::string& now) {
  std::string text = text_of(file);
  const auto at = text.find(old);
  if (at == std::string::npos) {
    throw std::runtime_error(file.filename().string() + " of the sample no longer holds: " + old);
  }
  write(file, text.replace(at, old.size(), now));
}

// A second provider and a route through it, behind the first.
void two_ways(const fs::path& file) {
  replace(file, "# A real gateway beside it",
          "- {name: spare, type: simulated, settings: {send_url: \"http://127.0.0.1:2/\", "
          "secret: phones-secret}}\n# A real gateway beside it");
  replace(file, "  segments_per_s: 5\n",
          "  segments_per_s: 5\n"
          "- name: spare\n  provider: spare\n  from: \"+447700900050\"\n"
          "  opt_out: {confirms: us}\n  segments_per_s: 5\n");
}

// Sam is away five days of every four weeks and Ana three of every three, so that now and then both
// are, whenever a seed begins.
void leave(const fs::path& file) {
  const LocalDate from = date_of(2026, 1, 5);
  constexpr int weeks = 110;
  const auto spans = [&](int every, int first, int days) {
    std::string out;
    for (int day = first; day < weeks * 7; day += every) {
      out += fmt::format("  - {{from: \"{}\", to: \"{}\"}}\n", to_iso(from + day),
                         to_iso(from + day + days - 1));
    }
    return out;
  };
  replace(file, "  - {from: \"2026-08-03\", to: \"2026-08-14\"}\n", spans(28, 9, 5));
  replace(file, "  deputy: sam\n", "  leave:\n" + spans(21, 11, 3) + "  deputy: sam\n");
}

constexpr const char* rule_days = "days: {default: 3, allow: [2, 14]}";

}  // namespace

Service::Service(const fs::path& tree)
    : dir_(fs::temp_directory_path() / fmt::format("moodline-sim-{}", getpid())) {
  const fs::path source = tree / "config";
  fs::remove_all(dir_);
  fs::create_directories(dir_);
  fs::copy(source / "sample", dir_ / "config", fs::copy_options::recursive);
  // The sample's own languages; all eleven would take a second to read.
  for (const char* language : {"en", "cy"}) {
    fs::create_directories(dir_ / "languages");
    fs::copy(source / "languages" / language, dir_ / "languages" / language,
             fs::copy_options::recursive);
  }
  replace(dir_ / "config/service.yaml", "{name: phones, type: simulated}",
          "{name: phones, type: simulated, settings: {send_url: \"http://127.0.0.1:1/\", "
          "secret: phones-secret}}");
  two_ways(dir_ / "config/service.yaml");
  leave(dir_ / "config/practitioners.yaml");
  lives_[0] = load();
}

Service::~Service() {
  std::error_code ec;
  fs::remove_all(dir_, ec);
}

actors::LiveOptions Service::options() const {
  actors::LiveOptions o;
  o.config_dir = (dir_ / "config").string();
  o.languages_dir = (dir_ / "languages").string();
  o.secrets["phones-secret"] = webhook_secret;
  return o;
}

std::shared_ptr<const actors::Live> Service::load() {
  auto loaded = actors::load_live(options(), wire, wire);
  if (!loaded.live) throw std::runtime_error(config::to_text(loaded.problems));
  return loaded.live;
}

std::shared_ptr<const actors::Live> Service::live(Edit edit) {
  auto& kept = lives_.at(static_cast<std::size_t>(edit));
  if (kept) return kept;
  const fs::path rules = dir_ / "config/rules/low-mood.yaml";
  const fs::path programme = dir_ / "config/programmes/evening-mood.yaml";
  const std::string rules_before = text_of(rules);
  const std::string programme_before = text_of(programme);
  replace(rules, "  version: 2\n", "  version: 3\n");
  replace(rules, rule_days,
          edit == Edit::wider ? "days: {default: 2, allow: [2, 14]}"
                              : "days: {default: 5, allow: [2, 14]}");
  replace(programme, "low-streak@2", "low-streak@3");
  kept = load();
  write(rules, rules_before);
  write(programme, programme_before);
  return kept;
}

std::string Service::taken_though_damaged(Dice& dice) {
  static constexpr const char* files[] = {"service.yaml", "measures.yaml", "practitioners.yaml",
                                          "rules/low-mood.yaml", "texts/en.yaml"};
  const std::string name = files[dice.below(std::size(files))];
  const fs::path file = dir_ / "config" / name;
  const std::string before = text_of(file);
  std::string text = before;
  std::string how;
  switch (dice.below(5)) {
    case 0:
      how = "an unclosed bracket";
      text += "\nmore: [1, 2\n";
      break;
    case 1:
      how = "a tab";
      text.insert(text.find('\n', dice.below(text.size() / 2)) + 1, "\tx: 1\n");
      break;
    case 2:
      how = "bytes that are no text";
      text.insert(dice.below(text.size()), "\xff\xfe");
      break;
    case 3:
      how = "a key that nobody knows";
      text += "\nzebra_crossing: 1\n";
      break;
    default:
      how = "an empty file";
      text.clear();
  }
  write(file, text);
  const auto loaded = actors::load_live(options(), wire, wire);
  write(file, before);
  if (!loaded.live && !loaded.problems.empty()) return {};
  return how + " in " + name + (loaded.live ? " was taken" : " was refused without a word");
}

}  // namespace moodline::sim
