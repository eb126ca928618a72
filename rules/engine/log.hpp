// Inside the engine: the log as kept in a State, and the cells it adds up to.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "rules/engine/state.hpp"

namespace moodline::rules {

/// The local day of an instant: times before day_start belong to the evening before; dates that
/// do not exist are no days.
std::int32_t local_day(const Zone& zone, Instant t, TimeOfDay day_start);
/// The instant at which that day's night is over.
Instant next_day_start(const Zone& zone, std::int32_t day, TimeOfDay day_start);

constexpr bool has_window(PromptStatus s) {
  return s == PromptStatus::accepted || s == PromptStatus::sent || s == PromptStatus::delivered ||
         s == PromptStatus::unknown;
}
/// Delivered as far as anybody knows: its closed window without a reading is missed.
constexpr bool reached(PromptStatus s) {
  return has_window(s) && s != PromptStatus::unknown;
}

/// The late limit in days, rounded up: for readings that name a day.
int late_days(const Rule& rule);
/// Learned later than late_limit after its stamp.
bool too_late(const Rule& rule, const Zone& zone, Instant stamp, Instant learned);

/// A reading as it counts now: in the original's place, with the newest correction's value.
struct Reading {
  Instant at;
  std::string_view id;
  std::int32_t day = 0;
  std::int64_t order = no_cell;
  Decimal value;
  bool low = false;
  bool fixed = false;
  bool named_day = false;
  std::size_t slot =
      0;  // index into State::slots; SIZE_MAX for a correction with nothing to correct
};
/// Every reading, by timestamp and id, corrections resolved. Not yet placed, unless fixed.
std::vector<Reading> resolve_readings(const State& state);
/// End of each prompt's window; Instant::min() where it has none.
std::vector<Instant> window_ends(std::span<const KnownPrompt> prompts, const Rule& rule,
                                 const Zone& zone);
/// Gives each reading its day and cell.
void place_readings(std::vector<Reading>& readings, std::span<const KnownPrompt> prompts,
                    std::span<const Instant> ends, const Rule& rule);

/// One unit's replies folded to one value; nothing when none is readable for this rule.
struct Folded {
  CellState state = CellState::value;
  Ratio value;
};
std::optional<Folded> fold_unit(const Rule& rule, std::span<const Reading> replies);

struct Built {
  std::vector<Cell> cells;             // by order
  std::vector<Reading> readings;       // counted ones that have a cell, by order, then at
  std::optional<Instant> next_close;   // day_end: the next unit with a reading closes
  std::optional<Instant> next_window;  // the next window that closes
  int open_units = 0;                  // day_end: units with a reading that are still open
};
/// What the snapshot may look at, as of `t`.
Built build_cells(const State& state, const Snapshot& snap, Instant t);

/// Adds to the log. False where nothing changed (a duplicate, too late, unknown).
bool add_prompt(State& state, const Rule& rule, const PromptEvent& event, Instant learned);
bool known_text(const State& state, std::string_view key);
std::string text_key(const Inbound& text);
/// The key is of a reading that came in this text.
bool of_text(std::string_view key, std::string_view id);
bool add_slot(State& state, Slot slot);
bool add_correction(State& state, Correction correction);
/// Drops what no rule of this state can look at any more; seldom does much.
void prune(State& state, Instant now);

}  // namespace moodline::rules
