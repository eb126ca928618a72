#include "daemon/replies/verdict.hpp"

#include <array>

namespace moodline::replies {
namespace {
constexpr std::array kinds = std::to_array<std::string_view>({
    "reading",
    "readings",
    "correction",
    "command",
    "out_of_range",
    "unclear",
    "note_only",
    "safety",
});
constexpr std::array commands = std::to_array<std::string_view>({
    "",        "STOP", "START", "HELP", "PAUSE", "RESUME", "TIME",     "DAYS",
    "HISTORY", "WHO",  "WHY",   "PLAN", "DATA",  "DELETE", "SHARE",    "UNSHARE",
    "LOG",     "UNDO", "SKIP",  "LANG", "WRONG", "AGREE",  "DISAGREE",
});
constexpr std::array tiers = std::to_array<std::string_view>({"", "indirect", "direct", "danger"});
}  // namespace

std::string_view name_of(Kind k) {
  return kinds.at(static_cast<std::size_t>(k));
}

std::string_view name_of(Command c) {
  return commands.at(static_cast<std::size_t>(c));
}

std::string_view name_of(Tier t) {
  return tiers.at(static_cast<std::size_t>(t));
}

std::optional<Command> command_from(std::string_view upper_case_name) {
  for (std::size_t i = 1; i < commands.size(); ++i) {
    if (commands[i] == upper_case_name) return static_cast<Command>(i);
  }
  return std::nullopt;
}

}  // namespace moodline::replies
