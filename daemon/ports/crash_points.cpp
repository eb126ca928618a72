#include "daemon/ports/crash_points.hpp"

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <string>

namespace moodline::ports {
namespace {

class KillAt final : public CrashPoints {
 public:
  KillAt(std::string name, int visit) : name_(std::move(name)), left_(visit) {}
  void at(std::string_view name) override {
    if (name != name_ || left_.fetch_sub(1) != 1) return;
    // Not exit(): nothing may be flushed, closed or settled on the way out.
    ::kill(::getpid(), SIGKILL);
  }

 private:
  std::string name_;
  std::atomic<int> left_;
};

}  // namespace

Result<std::unique_ptr<CrashPoints>> crash_points_from(const char* spec, bool demo_or_test) {
  const std::string_view text = spec == nullptr ? "" : spec;
  if (text.empty()) return std::make_unique<NoCrashPoints>();
  if (!demo_or_test) {
    return fault(
        "crash_points_refused",
        "MOODLINE_CRASH_AT is set, but this is not a demo or test configuration; unset it");
  }
  const auto colon = text.find(':');
  int visit = 1;
  if (colon != std::string_view::npos) {
    const auto digits = text.substr(colon + 1);
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), visit);
    if (ec != std::errc{} || end != digits.data() + digits.size() || visit < 1) {
      return fault("crash_points_malformed",
                   "MOODLINE_CRASH_AT must be a name or name:n with n from 1, such as "
                   "outbox.claimed:2");
    }
  }
  return std::make_unique<KillAt>(std::string(text.substr(0, colon)), visit);
}

}  // namespace moodline::ports
