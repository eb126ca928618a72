// moodline parse: verdicts for replies on standard input, JSON Lines in and out.
#include <iostream>

#include "daemon/actors/live.hpp"
#include "daemon/commands/command.hpp"
#include "daemon/replies/parse_lines.hpp"
#include "daemon/replies/reader.hpp"

namespace moodline::commands {

void add_parse(CLI::App& app, Common& c) {
  auto* cmd =
      app.add_subcommand("parse", "read replies as the service would, JSON Lines in and out");
  cmd->footer(
      "Example: echo '{\"id\":\"1\",\"prompt\":{\"measure\":\"mood\",\"min\":1,\"max\":10},"
      "\"text\":\"about a 6\"}' | moodline parse");
  cmd->callback([&c] {
    const std::string dir =
        c.languages_dir.empty() ? actors::default_languages_dir() : c.languages_dir;
    const auto packs = config::load_language_packs(dir);
    auto problems = packs.problems;
    const auto refuse = [&] {
      for (const auto& p : problems) std::cerr << config::to_text(p) << "\n";
      std::cerr << "moodline: "
                << (problems.empty() ? "no language packs in " + dir + "; set --languages DIR\n"
                                     : "mend the language packs as said above, in " + dir + "\n");
      c.exit_code = exit_config;
    };
    if (!packs.ok()) return refuse();
    const replies::Reader reader(packs, problems);
    if (!problems.empty()) return refuse();
    const auto count = replies::parse_lines(std::cin, std::cout, reader);
    if (count.faults > 0) c.exit_code = exit_refused;
  });
}

}  // namespace moodline::commands
