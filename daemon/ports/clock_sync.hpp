// Whether anything keeps this machine's clock right.
#pragma once
#include <string>

namespace moodline::ports {

enum class ClockSync { synchronised, unsynchronised, unknown };

/// Asks the kernel (adjtimex(2), read only). Where the sandbox forbids that, as our unit's
/// ProtectClock= does, looks for the mark of systemd-timesyncd (systemd-timesyncd(8), FILES):
/// `timesync_dir`/synchronized. `unknown`: forbidden, and timesyncd is not what runs here.
/// Thread: any.
ClockSync clock_sync(const std::string& timesync_dir = "/run/systemd/timesync");

}  // namespace moodline::ports
