// Gateway: what the actors share. Built and wired in one file (wiring.cpp); the simulator wires its
// own. Ports are references that outlive every actor; the live set is swapped whole by a reload.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/catalogue.hpp"
#include "config/language_pack.hpp"
#include "daemon/actors/metrics.hpp"
#include "daemon/actors/route.hpp"
#include "daemon/ports/clock.hpp"
#include "daemon/ports/crash_points.hpp"
#include "daemon/ports/http_client.hpp"
#include "daemon/ports/random.hpp"
#include "daemon/store/store.hpp"
#include "providers/provider.hpp"

namespace moodline::replies {
class Reader;
}

namespace moodline::actors {

class SpoolRoute;

/// A provider as configured: its translator (none for spool folders) and its way out.
struct LiveProvider {
  std::string name;
  std::string type;
  std::shared_ptr<const providers::Provider> provider = {};
  std::shared_ptr<Carrier> carrier = {};
  std::shared_ptr<SpoolRoute> spool = {};  // spool folders only; the same object as `carrier`
};

/// Everything a reload swaps, at once or not at all. Immutable.
struct Live {
  std::shared_ptr<const config::Service> service;
  std::shared_ptr<const replies::Reader> reader;
  std::map<std::string, LiveProvider, std::less<>> providers;
};

struct Gateway {
  ports::ServiceClock& clock;
  ports::WireClock& wire;
  ports::Monotonic& monotonic;
  ports::Random& random;
  ports::CrashPoints& crash;
  store::Store& store;
  Metrics& metrics;
  std::shared_ptr<const Live> live;
  ports::Wakeup outbox_wakeup;
  ports::Wakeup deadlines_wakeup;

  /// After any commit: both loops look again.
  void wake() {
    outbox_wakeup.call();
    deadlines_wakeup.call();
  }
  /// A seed for short codes.
  [[nodiscard]] std::uint64_t seed() { return random.uniform(UINT64_MAX); }
};

}  // namespace moodline::actors
