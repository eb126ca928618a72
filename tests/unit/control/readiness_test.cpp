// What /readyz says.
#include "daemon/control/readiness.hpp"

#include <doctest/doctest.h>

using namespace moodline;
using namespace moodline::control;
using ports::ClockSync;

namespace {

Readiness well() {
  Readiness r;
  r.clock = ClockSync::synchronised;
  r.routes = {"main", "spare"};
  return r;
}

bool says(const Readiness& r, const char* words) {
  return ready_answer(r).body.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("ready: the store takes writes, the clock is kept right, a route takes texts") {
  CHECK(ready_answer(well()).status == 200);
  CHECK(ready_answer(well()).body ==
        "ready\nstore: takes writes\nclock: synchronised\nroutes: 2 open\n");
  Readiness r = well();
  r.clock = ClockSync::unknown;  // nothing is known against it
  CHECK(ready_answer(r).status == 200);
  CHECK(says(r, "clock: not known"));
  r = well();
  r.halted = {"main"};  // the other one goes on
  CHECK(ready_answer(r).status == 200);
  CHECK(says(r, "routes: 1 of 2 halted: main; see `moodline service`"));
}

TEST_CASE("not ready, and why") {
  Readiness r = well();
  r.store_error = "disk_full";
  CHECK(ready_answer(r).status == 503);
  CHECK(says(r, "not ready\nstore: disk_full\n"));
  r = well();
  r.clock = ClockSync::unsynchronised;
  CHECK(ready_answer(r).status == 503);
  CHECK(says(r, "clock: not synchronised"));
  r = well();
  r.clock_held = true;
  CHECK(ready_answer(r).status == 503);
  CHECK(says(r, "moodline clock ok"));
  r.clock_matters = false;  // a demo's clock goes as it likes
  r.clock = ClockSync::unsynchronised;
  CHECK(ready_answer(r).status == 200);
  r = well();
  r.halted = r.routes;
  CHECK(ready_answer(r).status == 503);
  CHECK(says(r, "2 of 2 halted: main, spare"));
  r.routes.clear();
  r.halted.clear();
  CHECK(ready_answer(r).status == 503);
}
