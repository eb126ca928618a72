// Whether anything keeps this machine's clock right.
#pragma once
#include <string>

namespace moodline::ports {

enum class ClockSync { synchronised, unsynchronised, unknown };

/// Looks for the mark of systemd-timesyncd (systemd-timesyncd(8), FILES),
/// `timesync_dir`/synchronized, which it makes when it first has the time; without it asks the
/// kernel (adjtimex(2), read only). `unknown`: our unit's ProtectClock= forbids the question, and
/// timesyncd is not what runs here. Thread: any.
ClockSync clock_sync(const std::string& timesync_dir = "/run/systemd/timesync");

}  // namespace moodline::ports
