// Inside the oracle: the series as the whole log tells it, worked out anew each time and slowly.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "rules/engine/log.hpp"

namespace moodline::rules {

/// Everything learned so far, nothing resolved, nothing pruned.
struct WholeLog {
  struct Text {
    std::string key;
    Inbound text;
    std::int32_t receipt_day = 0;
    bool late = false;  // older than late_limit when learned
  };
  struct Prompt {
    std::string id;
    Instant at;
    PromptStatus status = PromptStatus::sent;
    std::int32_t day = 0;
  };
  std::vector<Text> texts;
  std::vector<Prompt> prompts;
  std::vector<std::string> undone;  // ids of texts whose readings were taken back
  /// False where the text is a duplicate.
  bool learn(const Inbound& text, const Rule& rule, const Zone& zone, Instant learned);
  bool learn(const PromptEvent& prompt, const Rule& rule, const Zone& zone, Instant learned);
};

/// A reading and what it now says.
struct Said {
  std::string key;
  Instant at;
  Decimal value;
  bool low = false;
  std::int32_t day = 0;
  std::int64_t order = no_cell;
};

struct Series {
  std::vector<Cell> cells;
  std::map<std::int64_t, std::vector<Said>> said;  // by cell
  std::vector<Instant> closes;                     // day_end: when units with a reading close
  std::vector<Instant> window_ends;
};
Series series_of(const WholeLog& log, const Snapshot& snap, const Zone& zone, Instant t);
/// Every reading with the newest correction known of it; late corrections only when `all`.
std::vector<Said> said_of(const WholeLog& log, bool all);
std::optional<Instant> window_end(const WholeLog& log, std::size_t prompt, const Rule& rule,
                                  const Zone& zone);
/// One cell from what was said in it; nothing when nothing readable was.
std::optional<Cell> cell_of(const Rule& rule, const std::vector<Said>& said);

}  // namespace moodline::rules
