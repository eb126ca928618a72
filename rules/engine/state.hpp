// State of one (person, rule): only what the rule can still look at. Opaque to everybody but the
// engine; copy it, compare it, store it with to_text() of engine.hpp.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/engine/event.hpp"
#include "rules/kinds/judge.hpp"

namespace moodline::rules {

constexpr int state_format = 1;  // first field of the stored text

/// A prompt whose windows may still matter.
struct KnownPrompt {
  std::string id;
  Instant at;
  PromptStatus status = PromptStatus::sent;
  std::int32_t day = 0;  // the person's local day when it was learned
  friend bool operator==(const KnownPrompt&, const KnownPrompt&) = default;
};

/// A reading with its own place in the order; corrections change its value, never its place.
struct Slot {
  std::string id;
  Instant at;
  Decimal value;
  bool low = false;
  bool named_day = false;  // for_day was given
  bool fixed = false;      // day and order can no longer change
  std::int32_t day = 0;    // receipt's local day, or the named one; once fixed: its day
  std::int64_t order = 0;  // once fixed: its cell (unit: prompt), no_cell where in none
  friend bool operator==(const Slot&, const Slot&) = default;
};

struct Correction {
  std::string id;
  Instant at;
  Decimal value;
  bool low = false;
  std::int32_t day = 0;  // receipt's local day: with nothing to correct it is a reading
  friend bool operator==(const Correction&, const Correction&) = default;
};

/// A reading that an alert stands on, with the corrections of it that are known.
struct Ground {
  Slot slot;
  Instant next_at;  // the next reading's timestamp: later corrections are not of this one
  std::vector<Correction> corrections;
  friend bool operator==(const Ground&, const Ground&) = default;
};

/// A closed unit without a reading whose prompts are older than the live zone.
struct FrozenGap {
  Cell cell;
  Instant at;  // its newest prompt
  friend bool operator==(const FrozenGap&, const FrozenGap&) = default;
};

constexpr std::int64_t no_cell = INT64_MIN;  // order of a reading outside every window

struct Episode {
  std::uint32_t alert = 0;
  RulePtr rule;
  Instant fired_at;
  std::int64_t fired_order = 0;  // newest cell at the fire
  std::int32_t fired_day = 0;
  Ratio baseline;  // baseline_drop: fixed at the fire
  bool done = false;
  bool stale = false;
  std::vector<Ground> grounds;
  std::vector<Cell> cells;  // the grounds' cells, gaps included, as they stood at the fire
};

/// What a version of the rule is allowed to look at.
struct Snapshot {
  RulePtr rule;
  Instant counts_from;  // the yes; Instant::min() with use_history
  Instant silent_to;    // a yes never fires by itself: judged only by what is learned after
};

struct State {
  Zone zone = Zone::utc();
  RulePtr file;                    // the newest version loaded
  std::optional<Snapshot> agreed;  // what acts
  std::optional<Snapshot> next;    // agreed while an alert is open: acts once it is over
  bool retired = false;
  bool deadlines_hold = false;
  Instant history_from = Instant::min();  // nothing before a STOP counts again
  std::uint32_t alerts = 0;               // numbers given so far

  std::vector<KnownPrompt> prompts;     // by at
  std::vector<Slot> slots;              // by at, id
  std::vector<Correction> corrections;  // by at, id
  std::vector<FrozenGap> gaps;          // closed units without a reading, older than the live zone
  std::vector<std::string> words_seen;  // ids of texts that matched, newest last
  Instant last_contact = Instant::min();
  Instant last_reading = Instant::min();
  Instant last_reply = Instant::min();  // crisis reply

  std::optional<Episode> episode;
  std::optional<Instant> true_since;    // settle runs from here
  std::int64_t used_order = INT64_MIN;  // cells to here belong to earlier episodes
  std::int32_t used_day = INT32_MIN;
  std::vector<DaySpan> left_out;        // baseline_drop: days from a fire to its clear
  bool armed = true;                    // rise: its condition was false since it last acted
  Instant judged_to = Instant::min();   // deadlines up to here have run
  std::optional<Instant> close_due;     // day_end: the next day with a reading closes
  std::optional<Instant> window_due;    // settling: the next window closes
  std::optional<Instant> scheduled_to;  // schedule: the last time that went
};

}  // namespace moodline::rules
