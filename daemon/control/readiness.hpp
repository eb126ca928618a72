// Readiness: what /readyz says, for load balancers and for whoever watches from another machine.
#pragma once
#include <string>
#include <vector>

#include "daemon/net/message.hpp"
#include "daemon/ports/clock_sync.hpp"

namespace moodline::control {

struct Readiness {
  std::string store_error;    // code of a write that failed just now; empty: it was committed
  bool clock_matters = true;  // false in mode demo and test, whose clock is their own
  ports::ClockSync clock = ports::ClockSync::unknown;
  bool clock_held = false;          // it stepped, and deadlines wait
  std::vector<std::string> routes;  // of service.yaml
  std::vector<std::string> halted;  // those that take no text until somebody mends them
};

/// 200 and "ready", or 503 and "not ready"; then a line for each of store, clock and routes.
/// Not ready: the store takes no write, the clock is known to be adrift or has stepped, or no
/// route takes texts. Pure.
net::Response ready_answer(const Readiness& r);

}  // namespace moodline::control
