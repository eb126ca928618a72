// The id under which a text stands in a person's log. Of one width: texts of one instant go by it,
// and so as they came.
#pragma once
#include <fmt/format.h>

#include <string>

#include "daemon/store/records.hpp"

namespace moodline::checkins {

inline std::string log_id(store::RowId inbound) {
  return fmt::format("i{:010}", inbound);
}

}  // namespace moodline::checkins
