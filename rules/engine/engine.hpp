// The fold of one (person, rule): events in, fires and clears out. Pure; the cost of a step and
// the size of the state depend on the rule's reach, not on the length of the history.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rules/engine/event.hpp"
#include "rules/engine/state.hpp"

namespace moodline::rules {

struct Outcome {
  std::vector<Emitted> emitted;          // in order
  std::optional<Instant> next_deadline;  // call advance() then; store it as a row
};

/// A state that knows nothing yet. `agreed_at`: Instant::min() for "before everything", nothing
/// for "not yet": an Agree event then says when.
State begin(RulePtr rule, std::optional<Instant> agreed_at, Zone zone);

/// Everything learned at one instant. Runs the deadlines before `now`, applies the events by
/// their own timestamps, judges once, then runs the deadlines of `now` itself. Events of one
/// instant (one transaction) must come in one call. `now` never goes back.
Outcome step(State& state, std::span<const Event> learned, Instant now);
inline Outcome step(State& state, const Event& learned) {
  return step(state, {&learned, 1}, learned.learned);
}
/// Runs every deadline up to and including `until`. Events carry their deadline, however late
/// this is called.
Outcome advance(State& state, Instant until);
std::optional<Instant> next_deadline(const State& state);

/// The oracle: the whole log (by learned instant) judged anew at every instant, nothing pruned.
/// Cost grows with the square of the log: for tests and `replay --check`, never in the daemon.
std::vector<Emitted> evaluate_from_scratch(RulePtr rule, std::optional<Instant> agreed_at,
                                           Zone zone, const std::vector<Event>& log, Instant until);

/// The arithmetic of the condition as it stands (and of the open alert), for `explain`.
struct Explained {
  struct Item {
    LocalDate day;
    std::string shown;  // "3", "low", "missed", "not asked or not delivered", "still open"
    bool hit = false;   // on the rule's line
  };
  std::vector<Item> items;  // oldest first
  std::string arithmetic;   // such as "3 days running below 4; 3 are needed"
  bool holds = false;
  std::optional<std::uint32_t> open_alert;
  std::optional<Instant> fired_at;
};
Explained explain(const State& state);

/// One line of text, versioned. Rules are named by Rule::key and found again through `source`.
std::string to_text(const State& state);
using RuleSource = std::function<RulePtr(std::string_view key)>;
Result<State> state_from_text(std::string_view text, const RuleSource& source);

}  // namespace moodline::rules
