// moodline check DIR: everything wrong with a service directory, with its place and its cure.
#include "config/check.hpp"

#include <iostream>

#include "daemon/actors/live.hpp"
#include "daemon/commands/command.hpp"

namespace moodline::commands {

void add_check(CLI::App& app, Common& c) {
  auto* cmd = app.add_subcommand("check", "check a configuration; exit 0, or 78 with the list");
  auto dir = std::make_shared<std::string>();
  cmd->add_option("dir", *dir, "directory with service.yaml");
  cmd->footer("Example: moodline check config/sample");
  cmd->callback([&c, dir] {
    const std::string where = dir->empty() ? c.config_dir : *dir;
    const config::Checked checked = config::check(where, actors::registries(), c.json);
    std::cout << checked.output;
    c.exit_code = checked.exit_code;
  });
}

}  // namespace moodline::commands
