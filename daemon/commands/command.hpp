// Commands: one file a subcommand of `moodline`; each adds itself to the app and leaves its exit
// code behind. Exit codes: 0 done, 1 refused or a test failed, 2 wrong usage, 69 the daemon or a
// store cannot be reached, 78 the configuration has problems (as in sysexits.h).
#pragma once
#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "rules/base/result.hpp"

namespace moodline::commands {

namespace json = boost::json;

constexpr int exit_ok = 0;
constexpr int exit_refused = 1;
constexpr int exit_usage = 2;
constexpr int exit_unavailable = 69;
constexpr int exit_config = 78;

/// Options every command has, and what the command leaves behind.
struct Common {
  std::string config_dir = "/etc/moodline";
  std::string socket = "/run/moodline/control";
  std::string languages_dir;    // empty: the installed ones, or config/languages
  std::string credentials_dir;  // for the store with the daemon stopped
  bool json = false;            // print JSON instead of a table
  int exit_code = exit_ok;
};

/// Runs an action: through the daemon, or, with the daemon stopped, over the store itself (which is
/// locked meanwhile). Prints nothing.
Result<json::value> act(const Common& c, const std::string& action, const json::object& args);

/// Prints a result as --json or as a table; a fault to standard error with its code and cure.
/// Sets the exit code.
void show(Common& c, const Result<json::value>& result);
/// A table of an array of objects, or of one object as name and value lines.
std::string table(const json::value& v);

// One a file -----------------------------------------------------------------------------------
void add_check(CLI::App& app, Common& c);
void add_people(CLI::App& app, Common& c);
void add_alerts(CLI::App& app, Common& c);
void add_service(CLI::App& app, Common& c);
void add_provider(CLI::App& app, Common& c);
void add_provider_opt_outs(CLI::App& provider, Common& c);  // below `provider`
void add_parse(CLI::App& app, Common& c);
void add_rules(CLI::App& app, Common& c);
void add_rehearse(CLI::App& app, Common& c);
void add_store(CLI::App& app, Common& c);
void add_demo(CLI::App& app, Common& c);
/// After add_people and add_service: puts some of its commands below theirs.
void add_records(CLI::App& app, Common& c);
/// Last: it describes all the others.
void add_manual(CLI::App& app, Common& c);

/// Everything of above, in the order of --help.
void add_all(CLI::App& app, Common& c);

}  // namespace moodline::commands
