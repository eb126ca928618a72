// The log of one person as a rule sees it, and what a rule says about it. Plain data.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rules/engine/rule.hpp"

namespace moodline::rules {

/// What is known of a prompt. Windows exist for accepted, sent, delivered and unknown.
enum class PromptStatus : std::uint8_t {
  due,          // planned, not yet tried
  held,         // excluded: kept back
  paused,       // excluded
  not_sent,     // excluded: never handed over
  accepted,     // handed over, a receipt is awaited; as sent, but does not clear `undelivered`
  sent,         // handed over where no receipt will come: taken as delivered
  delivered,    // receipt
  undelivered,  // failure learned: never had a window
  unknown       // perhaps sent: has a window from the claim; excluded unless a reply comes
};

/// A prompt came to be, or its status changed. Same `id`: the same prompt.
struct PromptEvent {
  std::string id;
  Instant at;  // due time, or the instant of sending (the claim) once it was tried
  PromptStatus status = PromptStatus::sent;
};

/// One inbound text (or imported reading).
struct Inbound {
  std::string id;                // provider's id; empty: `text` tells duplicates apart
  Instant at;                    // the network's timestamp
  std::string text_key;          // the text, or a hash of it; only used where `id` is empty
  std::optional<Decimal> value;  // a reading of the rule's component
  bool low = false;              // low mark: beyond the bad end, not a value
  bool corrects = false;
  std::optional<LocalDate> for_day;  // "yesterday 3"
  std::vector<std::string> lists;    // phrase lists that match the original text
};

/// A reading (or a correction) taken back: as if its text had said nothing. The text was contact.
struct Undo {
  std::string id;  // of the text; readings "id.…" that came in the same text go with it
  Instant at;      // the text's own timestamp
};

struct Agree {};     // yes to the waiting edit, or, without an agreement, to the rule as it is
struct Disagree {};  // no to the waiting edit; without one, ends the agreement
struct Edit {        // a new resolved version of the rule was loaded
  RulePtr rule;
  bool agreed = false;  // the yes came with it
};
struct Stop {};
struct Unshare {};
struct Erase {};
struct Retire {};
struct Pause {};
struct Resume {};
struct Ack {};
struct Done {};
struct Pass {};
struct Down {};       // the daemon is off from here ...
struct Up {};         // ... to here; nothing is learned between
struct ClockJump {};  // deadlines hold
struct ClockOk {};    // ... until here
struct MoveZone {     // the person's zone from now on; past days keep theirs
  Zone zone;
};

using What =
    std::variant<PromptEvent, Inbound, Undo, Agree, Disagree, Edit, Stop, Unshare, Erase, Retire,
                 Pause, Resume, Ack, Done, Pass, Down, Up, ClockJump, ClockOk, MoveZone>;

/// `at`: when the daemon learned of it. Order of the log: by learned instant; inside one instant
/// readings by their own timestamp, then id.
struct Event {
  Instant learned;
  What what;
};

enum class EmitType : std::uint8_t {
  clear,
  withdraw,
  fire,
  stale,
  unstale,
  close,         // DONE, STOP, unshare, erase, retire
  match,         // a later match of an open phrase alert
  reply_person,  // the crisis reply goes now
};
std::string_view name_of(EmitType v);

/// An event of the rule. Rows: stored once, never recomputed.
struct Emitted {
  EmitType type = EmitType::fire;
  Instant at;               // of the learned event, or the deadline itself
  std::uint32_t alert = 0;  // counts from 1 per (person, rule); 0 for reply_person without alert
  RulePtr rule;             // the version it happened under
  LocalDate onset;          // fire: first day of the run or window, shown with the alert
  std::string reason;       // close: done, stop, unshare, erase, retire
  friend bool operator==(const Emitted& a, const Emitted& b) {
    return a.type == b.type && a.at == b.at && a.alert == b.alert && a.reason == b.reason;
  }
};

}  // namespace moodline::rules
