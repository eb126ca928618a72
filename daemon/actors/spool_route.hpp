// SpoolRoute: a folder that another program (smstools3, gammu-smsd) reads and writes. A file
// appears whole or not at all; one that was read is removed only after its events are committed.
// Thread: io. File operations are on a local disk and short.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "daemon/actors/route.hpp"
#include "providers/spool.hpp"

namespace moodline::actors {

class SpoolRoute final : public Carrier {
 public:
  static constexpr std::size_t groups_at_once_max = 200;
  static constexpr Millis rest_min{1'000};    // since a file was last written to
  static constexpr Millis ahead_max{60'000};  // of a file's time before ours
  SpoolRoute(std::unique_ptr<providers::Spool> spool, std::string root, ports::WireClock& wire)
      : spool_(std::move(spool)), root_(std::move(root)), wire_(wire) {}
  [[nodiscard]] providers::Capabilities capabilities() const override {
    return spool_->capabilities();
  }
  asio::awaitable<providers::SendReply> submit(providers::Sms sms) override;

  /// One text's files, read but not yet removed.
  struct Group {
    std::vector<std::string> paths;
    std::vector<providers::Event> events;
    bool bad = false;  // could not be read: moved aside, never lost
  };
  [[nodiscard]] std::vector<Group> collect() const;
  /// After the commit (or, for a bad group, aside).
  void done(const Group& group) const;

 private:
  std::unique_ptr<providers::Spool> spool_;
  std::string root_;
  ports::WireClock& wire_;
};

}  // namespace moodline::actors
