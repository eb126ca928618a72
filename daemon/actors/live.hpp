// Live: the whole configuration as the actors use it: files, packs, translators, carriers. Built
// whole or refused with every problem; a reload swaps it or keeps the old one.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "config/problem.hpp"
#include "daemon/actors/gateway.hpp"
#include "daemon/actors/outgoing.hpp"

namespace moodline::actors {

struct LiveOptions {
  std::string config_dir;
  std::string languages_dir;
  std::string credentials_dir;  // secrets by name; empty: none can be read
  /// Secrets given by the demo and tests instead of files.
  std::map<std::string, std::string> secrets;
  SendMail send_mail;  // set by whoever has a client; empty: emails wait
};

struct LiveLoaded {
  std::shared_ptr<const Live> live;  // null when any problem is an error
  std::vector<config::Problem> problems;
};

/// What config must know of every provider and spool program in this build.
config::Registries registries();

/// `http` and `wire` must outlive the result.
LiveLoaded load_live(const LiveOptions& options, ports::HttpClient& http, ports::WireClock& wire);

/// Where installed language packs stand; the source tree's when run from it.
std::string default_languages_dir();

}  // namespace moodline::actors
