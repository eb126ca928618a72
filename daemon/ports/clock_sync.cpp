#include "daemon/ports/clock_sync.hpp"

#include <sys/timex.h>

#include <filesystem>

namespace moodline::ports {

ClockSync clock_sync(const std::string& timesync_dir) {
  std::error_code ec;
  if (std::filesystem::exists(timesync_dir + "/synchronized", ec)) return ClockSync::synchronised;
  timex look{};
  const int state = ::adjtimex(&look);
  if (state >= 0) {
    const bool adrift = state == TIME_ERROR || (look.status & STA_UNSYNC) != 0;
    return adrift ? ClockSync::unsynchronised : ClockSync::synchronised;
  }
  return std::filesystem::exists(timesync_dir, ec) ? ClockSync::unsynchronised : ClockSync::unknown;
}

}  // namespace moodline::ports
