// Inside the engine: what prompts say without a reading: silence and undelivered.
#pragma once
#include "rules/engine/log.hpp"

namespace moodline::rules {

struct PromptVerdict {
  bool holds = false;
  Instant since = Instant::min();  // holds: when it became true
  std::int64_t first = 0;          // first prompt of the run, ms
  std::int64_t last = 0;           // last prompt of the run, ms
  int count = 0;
  std::optional<Instant> next_deadline;  // when time alone may make it true
};
PromptVerdict judge_silence(const State& state, const Snapshot& snap, Instant t);
PromptVerdict judge_undelivered(const State& state, const Snapshot& snap);

}  // namespace moodline::rules
