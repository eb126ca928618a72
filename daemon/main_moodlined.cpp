// moodlined: the daemon. Logs to standard error for journald, without numbers or words of texts.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>

#include "daemon/commands/version.hpp"
#include "daemon/wiring/daemon.hpp"

namespace {

constexpr int exit_failed = 1;
constexpr int exit_config = 78;

/// 78 where starting again would not mend it; 1 where another program, a disk or time may.
int exit_code_of(const moodline::Fault& fault) {
  constexpr std::array passing{"port_in_use", "socket_in_use", "cannot_listen", "in_use",
                               "locked",      "disk_full",     "io_error",      "no_memory"};
  const bool may_pass = std::any_of(passing.begin(), passing.end(),
                                    [&](const char* code) { return fault.code == code; });
  return may_pass ? exit_failed : exit_config;
}

std::string environment(const char* name) {
  const char* v = std::getenv(name);
  return v == nullptr ? std::string{} : std::string(v);
}

/// A shell gives 1,024 descriptors, fewer than the connections that we let in.
void want_descriptors() {
  constexpr rlim_t wanted = 16'384;  // as in the unit
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(limit.rlim_max, wanted);
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Moodline's daemon: text check-ins at agreed times, alerts at agreed lines."};
  moodline::wiring::DaemonOptions options;
  options.live.config_dir = "/etc/moodline";
  options.live.credentials_dir = environment("CREDENTIALS_DIRECTORY");
  bool version = false;
  app.add_option("--config", options.live.config_dir, "directory with service.yaml");
  app.add_option("--languages", options.live.languages_dir, "directory of language packs");
  app.add_option("--credentials", options.live.credentials_dir,
                 "directory of secrets; systemd sets it");
  app.add_flag("--version", version, "version, and that of the time-zone database");
  app.footer("Example: moodlined --config /etc/moodline --credentials /etc/moodline/secrets");
  CLI11_PARSE(app, argc, argv);
  if (version) {
    std::cout << moodline::commands::version_text();
    return 0;
  }
  spdlog::set_default_logger(spdlog::stderr_logger_mt("moodlined"));
  spdlog::set_pattern("%l: %v");
  spdlog::flush_on(spdlog::level::info);
  prctl(PR_SET_DUMPABLE, 0);  // no core dump ever holds a key or a text
  want_descriptors();
  if (options.live.languages_dir.empty()) {
    options.live.languages_dir = moodline::actors::default_languages_dir();
  }
  options.crash_at = std::getenv("MOODLINE_CRASH_AT");
  moodline::wiring::Daemon daemon(options);
  if (const auto started = daemon.start(); !started) {
    std::cerr << started.error().message << "\n";
    return exit_code_of(started.error());
  }
  return daemon.run();
}
