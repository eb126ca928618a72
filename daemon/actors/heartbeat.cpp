#include "daemon/actors/heartbeat.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <fstream>

#include "daemon/actors/commit.hpp"

namespace moodline::actors {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view file_scheme = "file:";

// A file that is whole at any instant; its age is what the watcher looks at.
bool write_beat(const std::string& path, Instant now) {
  const std::string fresh = path + ".new";
  {
    std::ofstream out(fresh, std::ios::trunc);
    out << to_iso(now) << "\n";
    if (!out.flush()) return false;
  }
  std::error_code ec;
  fs::rename(fresh, path, ec);
  return !ec;
}

}  // namespace

asio::awaitable<bool> Heartbeat::beat() {
  const std::string to = g_.live->service->settings.heartbeat_url;
  if (to.empty()) co_return false;
  bool reached = false;
  try {
    store::Write write = [now = g_.clock.now()](store::Tx& tx) {
      tx.put_setting("heartbeat", to_iso(now));
    };
    co_await commit(g_.store, std::move(write));
    if (to.starts_with(file_scheme)) {
      reached = write_beat(to.substr(file_scheme.size()), g_.wire.now());
    } else {
      providers::HttpCall call;
      call.method = "GET";
      call.url = to;
      const ports::HttpLimits limits{.timeout_s = timeout_s};
      const auto reply = co_await http_.fetch(std::move(call), limits);
      reached = reply && reply->status / 100 == 2;
    }
  } catch (const store::StoreError& e) {
    spdlog::error("heartbeat: not sent, the store does not answer: {}", e.code());
  }
  g_.metrics.count("heartbeats", {{"reached", reached ? "yes" : "no"}});
  if (!reached) spdlog::warn("heartbeat: the dead-man's switch was not reached");
  co_return reached;
}

asio::awaitable<void> Heartbeat::run() {
  while (!closed_) {
    (void)co_await beat();
    co_await g_.monotonic.sleep_for(every);
  }
}

}  // namespace moodline::actors
