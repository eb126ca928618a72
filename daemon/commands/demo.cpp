#include "daemon/commands/demo.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "daemon/actors/live.hpp"
#include "daemon/commands/command.hpp"
#include "daemon/net/curl_client.hpp"

namespace moodline::commands {
namespace {

namespace fs = std::filesystem;

// Where the sample service stands: installed, or in the source tree.
std::string sample_dir() {
  for (const char* dir : {"/usr/share/moodline/sample", "config/sample"}) {
    std::error_code ec;
    if (fs::exists(fs::path(dir) / "service.yaml", ec)) return dir;
  }
  return "config/sample";
}

// The sample with the demo's ports and a clock that starts on a Monday evening.
fs::path demo_config(const DemoOptions& o, const fs::path& temp) {
  const fs::path dir = temp / "config";
  fs::copy(o.config_dir, dir, fs::copy_options::recursive);
  std::ifstream in(dir / "service.yaml");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto replace = [&](const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  };
  replace("127.0.0.1:8080", fmt::format("127.0.0.1:{}", o.port + 1));
  replace("127.0.0.1:8081", fmt::format("127.0.0.1:{}", o.port));
  replace("/run/moodline/control", (temp / "control").string());
  replace("- {name: phones, type: simulated}",
          fmt::format("- {{name: phones, type: simulated, settings: {{send_url: "
                      "\"http://127.0.0.1:{}/demo/handset\", secret: demo-word}}}}",
                      o.port));
  replace("segments_per_s: 5", "segments_per_s: 200");
  text += "\nclock: {scale: 1, start: \"2026-03-02T17:55:00Z\"}\n";
  std::ofstream(dir / "service.yaml") << text;
  return dir;
}

boost::asio::awaitable<void> story_then_stop(wiring::Daemon& d, pages::Handsets& h, int& code) {
  code = co_await tell_story(d, h);
  d.stop();
}

struct TempDir {
  fs::path path;
  TempDir() {
    std::string name = (fs::temp_directory_path() / "moodline-demo-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path = name;
  }
  ~TempDir() {
    std::error_code ec;
    if (!path.empty()) fs::remove_all(path, ec);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
};

}  // namespace

int run_demo(const DemoOptions& o) {
  const TempDir temp;
  if (temp.path.empty()) {
    std::cerr << "moodline: no temporary directory can be made; set TMPDIR\n";
    return exit_refused;
  }
  if (!fs::exists(fs::path(o.config_dir) / "service.yaml")) {
    std::cerr << "moodline: no sample service in " << o.config_dir << "; set --config DIR\n";
    return exit_config;
  }
  wiring::DaemonOptions options;
  options.live.config_dir = demo_config(o, temp.path).string();
  options.live.languages_dir = o.languages_dir;
  options.live.secrets = {{"demo-word", "demo"}};
  options.ephemeral_keys = true;
  options.database = (temp.path / "demo.db").string();
  options.control_socket = (temp.path / "control").string();
  wiring::Daemon daemon(options);
  // The handsets speak HTTP to the daemon as a provider would, over a client of their own.
  net::CurlClient http(daemon.executor(), {});
  pages::Handsets handsets(http, "demo", [&daemon] { return daemon.gateway().clock.now(); });
  handsets.routes(daemon.pages());
  add_demo_page(daemon, handsets);
  if (const auto started = daemon.start(); !started) {
    std::cerr << "moodline: the demo cannot start: " << started.error().message << "\n";
    return started.error().code == "bad_config" ? exit_config : exit_refused;
  }
  handsets.set_hook(fmt::format("http://127.0.0.1:{}/hooks/phones", daemon.webhooks_port()));
  int code = exit_ok;
  if (o.script) {
    boost::asio::co_spawn(daemon.executor(), story_then_stop(daemon, handsets, code),
                          boost::asio::detached);
  } else {
    std::cout << "Moodline demo: open http://127.0.0.1:" << daemon.pages_port()
              << "/ in a browser. Ctrl-C ends it; nothing is kept.\n"
              << std::flush;
  }
  const int ran = daemon.run();
  return ran != 0 ? ran : code;
}

void add_demo(CLI::App& app, Common& c) {
  auto* cmd = app.add_subcommand(
      "demo", "the real daemon on a fresh store, with simulated phones and a clock you steer");
  auto o = std::make_shared<DemoOptions>();
  cmd->add_flag("--script", o->script, "tell the story in the terminal and end");
  cmd->add_option("--port", o->port, "of the page on 127.0.0.1; the next one is used too");
  cmd->footer("Example: moodline demo --script");
  cmd->callback([&app, &c, o] {
    const bool chosen = app.get_option("--config")->count() > 0;
    o->config_dir = chosen ? c.config_dir : sample_dir();
    o->languages_dir = c.languages_dir.empty() ? actors::default_languages_dir() : c.languages_dir;
    c.exit_code = run_demo(*o);
  });
}

}  // namespace moodline::commands
