#include "daemon/control/readiness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace moodline::control {
namespace {

using ports::ClockSync;

std::string clock_line(const Readiness& r) {
  if (!r.clock_matters) return "its own";
  if (r.clock_held) return "stepped; deadlines wait until it has kept pace, or `moodline clock ok`";
  if (r.clock == ClockSync::unsynchronised) return "not synchronised; look at timedatectl";
  return r.clock == ClockSync::synchronised ? "synchronised" : "not known from in here";
}

std::string routes_line(const Readiness& r) {
  if (r.routes.empty()) return "none; name one under routes: in service.yaml";
  if (r.halted.empty()) return fmt::format("{} open", r.routes.size());
  return fmt::format("{} of {} halted: {}; see `moodline service`", r.halted.size(),
                     r.routes.size(), fmt::join(r.halted, ", "));
}

}  // namespace

net::Response ready_answer(const Readiness& r) {
  const bool clock_well =
      !r.clock_matters || (!r.clock_held && r.clock != ClockSync::unsynchronised);
  const bool routes_well = r.halted.size() < r.routes.size();
  const bool ready = r.store_error.empty() && clock_well && routes_well;
  return {ready ? 200 : 503,
          "text/plain",
          {},
          fmt::format("{}\nstore: {}\nclock: {}\nroutes: {}\n", ready ? "ready" : "not ready",
                      r.store_error.empty() ? "takes writes" : r.store_error, clock_line(r),
                      routes_line(r))};
}

}  // namespace moodline::control
