// Named points where a test may crash the process: `crash.at("outbox.claimed")`.
// Nothing in production; SIGKILL at the n-th visit in a test; whatever it likes in a simulation.
#pragma once
#include <memory>
#include <string_view>

#include "rules/base/result.hpp"

namespace moodline::ports {

/// Names are "actor.moment", lower case, listed in docs/architecture.md. Any thread.
class CrashPoints {
 public:
  virtual ~CrashPoints() = default;
  virtual void at(std::string_view name) = 0;
};

class NoCrashPoints final : public CrashPoints {
 public:
  void at(std::string_view name) override { (void)name; }
};

/// `spec` is "name" or "name:n" (the n-th visit, from 1), as in MOODLINE_CRASH_AT; null or empty
/// gives NoCrashPoints. Fails with "crash_points_refused" unless `demo_or_test`, and with
/// "crash_points_malformed" for a bad n.
Result<std::unique_ptr<CrashPoints>> crash_points_from(const char* spec, bool demo_or_test);

}  // namespace moodline::ports
