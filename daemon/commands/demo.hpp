// The demo: the real daemon on a fresh store, with simulated handsets and a clock that its page
// steers.
#pragma once
#include <memory>
#include <string>

#include "daemon/pages/handsets.hpp"
#include "daemon/wiring/daemon.hpp"

namespace moodline::commands {

struct DemoOptions {
  std::string config_dir;  // the sample service
  std::string languages_dir;
  int port = 8081;      // of the page
  bool script = false;  // tell the story in the terminal and end
};

/// The people of the story: numbers kept for fiction.
inline constexpr const char* person_number = "+447700900123";
inline constexpr const char* practitioner_number = "+447700900101";

/// Starts everything; returns an exit code. Ctrl-C ends the page's demo.
int run_demo(const DemoOptions& options);

/// The story of --script, in order; returns an exit code.
boost::asio::awaitable<int> tell_story(wiring::Daemon& daemon, pages::Handsets& handsets);

/// The demo's page and its data: GET /, GET /demo/state, POST /demo/type, POST /demo/clock.
void add_demo_page(wiring::Daemon& daemon, pages::Handsets& handsets);

}  // namespace moodline::commands
