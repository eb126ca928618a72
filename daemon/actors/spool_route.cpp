#include "daemon/actors/spool_route.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace moodline::actors {
namespace {

namespace fs = std::filesystem;
using providers::SendOutcome;

// Writes and syncs under another name, then renames: the other program never sees half a file.
bool write_whole(const fs::path& target, const std::string& bytes, const fs::path& root) {
  const fs::path temp = root / (".moodline-" + target.filename().string());
  const int fd = ::open(temp.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0660);
  if (fd < 0) return false;
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  const bool whole = done == bytes.size() && ::fsync(fd) == 0;
  ::close(fd);
  std::error_code ec;
  if (whole) fs::rename(temp, target, ec);
  if (!whole || ec) {
    fs::remove(temp, ec);
    return false;
  }
  return true;
}

// The other program writes in place: a file may be there before its words are, and a part before
// the next. One that lies in the future (a clock was set back) is taken as it is.
bool at_rest(const fs::path& path, Instant now) {
  std::error_code ec;
  const auto written = fs::last_write_time(path, ec);
  if (ec) return false;
  const auto since_1970 = std::chrono::file_clock::to_sys(written).time_since_epoch();
  const Millis age =
      now - Instant{std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count()};
  return age >= SpoolRoute::rest_min || age < -SpoolRoute::ahead_max;
}

std::optional<std::string> read_file(const fs::path& path) {
  std::error_code ec;
  if (fs::file_size(path, ec) > providers::spool_file_bytes_max || ec) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

}  // namespace

asio::awaitable<providers::SendReply> SpoolRoute::submit(providers::Sms sms) {
  providers::SendReply r;
  const auto file = spool_->send_file(sms, wire_.now());
  if (!file) {
    r.outcome = SendOutcome::rejected;
    r.code = file.error().code;
    co_return r;
  }
  const fs::path root(root_);
  if (!write_whole(root / file->name, file->bytes, root)) {
    r.outcome = SendOutcome::retry_later;
    r.code = "spool_write";
    co_return r;
  }
  r.outcome = SendOutcome::accepted;
  co_return r;
}

std::vector<SpoolRoute::Group> SpoolRoute::collect() const {
  std::vector<Group> groups;
  for (const providers::SpoolFolder& folder : spool_->folders()) {
    if (folder.use == providers::SpoolUse::outgoing) continue;
    std::map<std::string, std::vector<std::string>> names;
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(fs::path(root_) / folder.name, ec)) {
      const std::string leaf = entry.path().filename().string();
      if (leaf.starts_with('.') || !entry.is_regular_file(ec)) continue;
      const std::string name = folder.name + "/" + leaf;
      names[spool_->group_key(name)].push_back(name);
      if (names.size() >= groups_at_once_max) break;
    }
    for (auto& [key, members] : names) {
      const bool whole = std::all_of(members.begin(), members.end(), [this](const auto& name) {
        return at_rest(fs::path(root_) / name, wire_.now());
      });
      if (!whole) continue;
      std::sort(members.begin(), members.end());
      Group g;
      std::vector<providers::SpoolFile> files;
      for (const std::string& name : members) {
        g.paths.push_back((fs::path(root_) / name).string());
        auto bytes = read_file(g.paths.back());
        if (!bytes) g.bad = true;
        files.push_back({name, bytes.value_or(std::string{})});
      }
      if (!g.bad) {
        auto events = spool_->read_files(files);
        g.bad = !events;
        if (events) g.events = std::move(*events);
      }
      groups.push_back(std::move(g));
    }
  }
  return groups;
}

void SpoolRoute::done(const Group& group) const {
  std::error_code ec;
  const fs::path aside = fs::path(root_) / "unreadable";
  if (group.bad) fs::create_directories(aside, ec);
  for (const std::string& path : group.paths) {
    if (group.bad) {
      fs::rename(path, aside / fs::path(path).filename(), ec);
    } else {
      fs::remove(path, ec);
    }
    if (ec) spdlog::error("spool: a file that was read cannot be removed: {}", ec.message());
  }
}

}  // namespace moodline::actors
