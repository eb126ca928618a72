#include "daemon/commands/version.hpp"

#include <fmt/format.h>

#include "daemon/store/open.hpp"
#include "rules/base/zones.hpp"

namespace moodline::commands {

std::string version_text() {
  return fmt::format("moodline {}\nstore schema {}\ntime-zone database {}\n", MOODLINE_VERSION,
                     store::schema_version(), tzdb_version());
}

}  // namespace moodline::commands
