// moodline: every tool of an admin. Results go to standard output, faults to standard error.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <iostream>

#include "daemon/commands/command.hpp"
#include "daemon/commands/version.hpp"

int main(int argc, char** argv) {
  using namespace moodline::commands;
  spdlog::set_default_logger(spdlog::stderr_logger_mt("moodline"));
  spdlog::set_level(spdlog::level::warn);
  spdlog::set_pattern("%l: %v");
  CLI::App app{"Moodline: text check-ins at agreed times, alerts at agreed lines.", "moodline"};
  Common common;
  bool version = false;
  app.add_option("--config", common.config_dir, "directory with service.yaml");
  app.add_option("--socket", common.socket, "the daemon's control socket");
  app.add_option("--languages", common.languages_dir, "directory of language packs");
  app.add_option(
      "--credentials", common.credentials_dir,
      "directory of secrets: provider send, restore, key rotate, a stopped daemon's store");
  app.add_flag("--json", common.json, "print JSON for programs");
  app.add_flag("--version", version, "version, store schema, time-zone database");
  app.require_subcommand(0, 1);
  app.fallthrough();
  add_all(app, common);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return code == 0 ? exit_ok : exit_usage;
  }
  if (version) {
    std::cout << version_text();
  } else if (app.get_subcommands().empty()) {
    std::cout << app.help();
  }
  return common.exit_code;
}
