// Verdict: the one honest answer to a reply, with the rule and the span of text that decided it.
// Plain data: offsets into the reply, never its words.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/decimal.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::replies {

using Span = rules::TextSpan;

enum class Kind : std::uint8_t {
  reading,       // `value` for `measure`
  readings,      // `values` by measure (component names: "bp.systolic")
  correction,    // `value` (or `values`) replaces what was stored; see `for_day`
  command,       // `command` and `arg`
  out_of_range,  // a sure number that the scale does not hold
  unclear,       // a candidate that cannot be resolved, or no words at all
  note_only,     // words, no candidate
  safety,        // the flag is up and there is nothing else to take from the text
};

enum class Command : std::uint8_t {
  none,
  stop,
  start,
  help,
  pause,
  resume,
  time,
  days,
  history,
  who,
  why,
  plan,
  data,
  erase,  // DELETE
  share,
  unshare,
  log,
  undo,
  skip,
  lang,
  wrong,
  agree,
  disagree,
};

/// Danger over direct over indirect; all spans are kept.
enum class Tier : std::uint8_t { none, indirect, direct, danger };

/// One safety pattern that matched, by the name it has in its pack ("en/direct/kill-me").
struct SafetyHit {
  Tier tier = Tier::none;
  std::string rule;
  Span span;
};

/// What the safety scan found. Nothing later clears it.
struct Safety {
  Tier tier = Tier::none;       // the highest of `hits`
  bool do_not_reply = false;    // someone else reads the phone; "don't reply"
  bool reading_queue = false;   // not flagged, but a human should read it sooner
  std::vector<SafetyHit> hits;  // in order of place
  [[nodiscard]] bool flagged() const { return tier != Tier::none; }
};

/// Which single question to ask back. The words are the template's, never the person's.
enum class Ask : std::uint8_t {
  none,
  value,          // "Sorry, I could not read a number. <prompt again>"
  which_of,       // two or more candidates: `candidates`
  neighbours,     // off the step: `candidates` holds the two neighbours
  which_end,      // number and label disagree: which end is good
  which_measure,  // one bare number for two questions, or a measure is missing: `ask_measures`
  new_value,      // a correction without a value
  neutral_stop,   // may have asked us to stop: neutral text with the opt-out word (with `hold`)
};

struct Verdict {
  Kind kind = Kind::note_only;
  std::string measure;                    // reading, correction: the measure's name
  std::optional<Decimal> value;           // reading, correction, out_of_range
  std::map<std::string, Decimal> values;  // readings, and what a STOP or clarification kept
  Command command = Command::none;
  std::string arg;  // of the command, normalised: "19:30", "3 days", "polski", "L3", a name
  Command also_command = Command::none;  // a second request in the same text (HELP beside STOP)
  std::string also_arg;

  Safety safety;
  bool auto_reply = false;     // a machine wrote it: nothing is sent back
  bool reaction = false;       // with auto_reply: a phone reaction; say once a tap is not received
  bool edited = false;         // correction by the phone's own edit
  bool hold = false;           // no further prompt until a human has read it
  bool do_not_reply = false;   // nothing automatic goes out
  bool low_mark = false;       // beyond the bad end, or every candidate lies in the low band
  bool by_other = false;       // a relayed answer
  bool alarm = false;          // a value lies in its measure's alarm band
  bool urgent_read = false;    // to be read by a human the same day ("the lot", unknown language)
  bool deceased = false;       // first-hand news that the person has died: stop every send
  bool own_slip = false;       // "that was for someone else": the person's own slip
  std::optional<int> for_day;  // days back from the day of the reply (0 today, 1 yesterday .. 7)
  std::map<int, Decimal> by_day;  // several days, each bound: days back -> value
  bool only_if_empty = false;     // by_day's earlier values are stored only where the day is empty

  Ask ask = Ask::none;
  std::vector<Decimal> candidates;            // for Ask::which_of and neighbours
  std::vector<std::string> ask_measures;      // for Ask::which_measure: still open
  std::optional<std::string> converted_from;  // "186 lb" where a foreign unit was converted

  std::string rule;         // the name of what decided: "resolve.sole", "optout.frame"
  std::vector<Span> spans;  // of the original; the first one decided
};

std::string_view name_of(Kind k);     // "reading" .. as in the tables of docs/replies.md
std::string_view name_of(Command c);  // "STOP", "DELETE", ..; empty for none
std::string_view name_of(Tier t);     // "direct", ..; empty for none
std::optional<Command> command_from(std::string_view upper_case_name);

}  // namespace moodline::replies
