// Records: what the store keeps, as plain structs in the clear. Sealing is the store's matter:
// every field marked [sealed] is encrypted at rest under its person's key (or the service's key
// where there is no person) and never leaves the process otherwise.
// Instants are UTC milliseconds; ids count from 1, 0 means none or not yet written.
// Enumerators are kept by their number: add new ones at the end only.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/own_times.hpp"
#include "rules/base/decimal.hpp"
#include "rules/base/instant.hpp"

namespace moodline::store {

using RowId = std::int64_t;

enum class PersonStatus { invited, active, stopped, wrong_number, discharged, deceased, erased };

/// One measure as this person tracks it.
struct TrackedMeasure {
  std::string measure;
  std::string goal;     // in their words; required: nobody is tracked without a stated goal
  std::string wording;  // their own words for the question; empty: the measure's
};

/// A person. Looked up by number through a keyed hash.
struct Person {
  RowId id = 0;
  std::string key;  // random, such as "p-7f3k9q2m"; the only name in logs and audit
  PersonStatus status = PersonStatus::invited;
  std::string number;   // [sealed] E.164
  std::string display;  // [sealed] code or initials, as agreed
  std::string programme;
  std::string practitioner;  // id of the named practitioner; empty: tracks for oneself alone
  std::string zone;
  std::string language;
  std::string enrolled_by;  // who agreed the enrolment with them
  Instant enrolled_at;      // and when
  std::string agree_code;   // digits they text back after AGREE
  std::optional<Instant> agreed_at;
  bool sharing = false;
  bool discreet = true;
  std::optional<Instant> paused_until;  // Instant::max(): until they text RESUME
  bool hold = false;                    // no further prompt until a human has read
  std::string hold_reason;
  std::optional<Instant> hold_since;
  bool do_not_reply = false;  // somebody else may read this phone: nothing automatic goes there
  int auto_in_a_row = 0;      // machine texts in a row
  std::string needs;          // [sealed] agreed special needs
  std::string plan;           // [sealed] their own if-then plan, in their words
  std::vector<TrackedMeasure> measures;  // [sealed]
  std::vector<TimeOfDay> times;          // their own, of all questions; empty: the programme's
  std::vector<Weekday> days;             // their own, of all questions; empty: the programme's
  config::OwnTimesByPrompt own_times;    // their own, of one question alone
  std::optional<TimeOfDay> safe_from;    // safe window; nothing is ever sent outside it
  std::optional<TimeOfDay> safe_to;
  std::map<std::string, std::string> extra;  // [sealed] further small facts, by name
  std::map<std::string, std::map<std::string, std::string>>
      rule_params;  // rule id -> param -> value
  Instant created_at;
  Instant updated_at;
};

enum class PromptStatus {
  due,
  sending,
  sent,
  delivered,
  undelivered,
  not_sent,
  paused,
  held,
  unknown
};

/// One slot. Unique by (person, schedule, local_date, slot): texted at most once.
struct Prompt {
  RowId id = 0;
  RowId person = 0;
  std::string schedule;
  LocalDate local_date;
  int slot = 0;
  Instant due_at;
  Instant expires_at;
  PromptStatus status = PromptStatus::due;
  std::optional<Instant> sent_at;     // its window opens here (the claim, where unknown)
  std::optional<Instant> settled_at;  // when the status above was learned
  std::vector<std::string> measures;  // asked, in order
  int clarifications = 0;             // questions asked about it: at most one
  RowId message = 0;
};

enum class Purpose {
  prompt,
  reminder,
  reply,
  crisis,
  invitation,
  stop_confirmation,
  agreement,
  person_notice,
  alert,
  escalation,
  notice,
  digest,
  admin,
  practitioner_reply,
  webhook
};

enum class MessageStatus {
  queued,
  sending,
  accepted,
  delivered,
  undelivered,
  failed,
  unknown,
  cancelled,
  expired
};

/// One outgoing text from due to settled.
struct Message {
  RowId id = 0;
  RowId person = 0;          // whom it is about or to; 0: nobody
  std::string practitioner;  // recipient where not the person: practitioner id, "admin", "duty"
  Purpose purpose = Purpose::prompt;
  int priority = 5;  // 0 first; replies of people before bulk
  MessageStatus status = MessageStatus::queued;
  std::string to;  // [sealed] E.164
  std::string language;
  std::string template_name;
  int template_version = 0;
  std::map<std::string, std::string> values;  // [sealed] of the template
  std::string text;                           // [sealed] as sent; kept 30 days
  Instant due_at;                             // not before
  std::optional<Instant> expires_at;
  std::string dedupe;  // unique where not empty: a repeat of the same intent is harmless
  RowId prompt = 0;
  RowId alert = 0;
  std::vector<RowId> alerts;  // grouped codes
  int attempts = 0;
  std::string route;
  std::string provider;
  std::string reference;  // ours, of the last attempt
  std::vector<std::string> provider_ids;
  int segments = 0;
  std::string outcome_code;  // the provider's code or our short word
  Instant created_at;
  std::optional<Instant> claimed_at;
  std::optional<Instant> accepted_at;
  std::optional<Instant> settled_at;
  bool late = false;
  int unknowns = 0;  // attempts whose fate nobody could tell
};

/// One incoming text, exactly as received.
struct Inbound {
  RowId id = 0;
  RowId person = 0;  // 0: from a stranger or a practitioner
  std::string practitioner;
  std::string provider;
  std::string event_id;  // unique with provider
  std::string from;      // [sealed]
  std::string to;
  std::string text;         // [sealed] bytes as received, valid UTF-8 or not
  Instant at;               // the network's timestamp
  Instant received_at;      // ours
  std::string verdict;      // [sealed] canonical JSON of the verdict
  std::string kind;         // reading, command, note_only ... (no words)
  std::string safety_tier;  // empty, direct, indirect, danger
  bool needs_human = false;
  std::optional<Instant> seen_at;
  std::string seen_by;
};

/// One value of one component ("mood", "bp.systolic").
struct Reading {
  RowId id = 0;
  RowId person = 0;
  std::string component;
  Decimal value;  // [sealed]
  Instant at;
  LocalDate local_day;
  RowId inbound = 0;
  RowId prompt = 0;
  RowId corrected_by = 0;  // a later reading took its place
  bool doubtful = false;
  bool by_other = false;
  bool low_mark = false;  // no value, but it meets the low line
};

/// The rule engine's own input, in order: replaying it gives the same series and events.
struct LogEntry {
  RowId id = 0;  // ascending: commit order
  RowId person = 0;
  Instant at;
  Instant ingested;
  std::string type;
  std::string payload;  // [sealed] canonical text of the engine's event
};

/// Fold of one (person, rule).
struct RuleState {
  RowId person = 0;
  std::string rule;
  int version = 0;
  std::string hash;   // of the agreed rule
  std::string state;  // [sealed] versioned text of the engine
  std::optional<Instant> next_due;
};

enum class AgreementStatus { offered, agreed, disagreed, withdrawn, lapsed, superseded, retired };

struct Agreement {
  RowId id = 0;
  RowId person = 0;
  std::string rule;
  int version = 0;
  std::string hash;
  std::string code;  // "L3": unique per person
  AgreementStatus status = AgreementStatus::offered;
  std::string sentence;                 // [sealed] exact wording
  std::string snapshot;                 // [sealed] canonical text of the resolved rule
  std::vector<std::string> recipients;  // roles
  Instant offered_at;
  std::optional<Instant> answered_at;
  RowId inbound = 0;  // the message that said yes or no
  std::optional<Instant> review_at;
  int reminders = 0;
};

enum class AlertStatus { open, cleared, withdrawn, closed };

/// One episode of one rule of one person.
struct Alert {
  RowId id = 0;
  std::string code;  // "K7": unique among open ones, not reused for 90 days
  RowId person = 0;
  std::string rule;
  int version = 0;
  std::string agreement_code;  // "L3"
  AlertStatus status = AlertStatus::open;
  bool urgent = false;
  bool stale = false;
  Instant fired_at;
  std::optional<LocalDate> onset;
  std::optional<Instant> ended_at;
  std::optional<Instant> acked_at;
  std::string acked_by;
  std::optional<Instant> done_at;
  std::string done_by;
  std::string note;   // [sealed]
  std::string chase;  // [sealed] notifier's state
};

/// An emitted event; never recomputed.
struct EmittedEvent {
  RowId id = 0;
  RowId person = 0;
  std::string rule;
  RowId alert = 0;
  std::string type;  // fire, clear, withdraw, notify ...
  Instant at;
  LocalDate local_day;
  std::string tzdb;
  std::string rule_hash;
  std::string detail;  // [sealed] canonical JSON
};

/// Every timer is a row. Unique by (kind, key); a put moves it.
struct Timer {
  RowId id = 0;
  std::string kind;  // rule, notify, prompt_plan, expire, review, digest ...
  std::string key;
  RowId person = 0;
  Instant due_at;
};

/// What lets somebody in without an account: the link of a page, a token of the API. The token
/// itself is never kept, only its hash.
struct Access {
  std::string hash;    // daemon/checkins/access.hpp makes it; the key
  std::string kind;    // alert, series, data, api
  std::string name;    // who it was given to: a practitioner's id, "person", or the token's name
  std::string scopes;  // api only, by spaces: "read alerts"
  RowId person = 0;
  RowId alert = 0;
  Instant created_at;
  std::optional<Instant> expires_at;
  std::optional<Instant> used_at;   // last
  std::optional<Instant> ended_at;  // used up or revoked
};

struct OptOut {
  std::string source;  // text, provider, admin, erased
  Instant at;
};

/// What a practitioner has told us by text; the rest stands in practitioners.yaml.
struct PractitionerState {
  std::string id;
  std::optional<Instant> invited_at;
  std::optional<Instant> accepted_at;
  std::optional<Instant> off_until;  // Instant::max(): OFF without end
  std::string queue;                 // notifier's state
};

struct RouteState {
  std::string route;
  bool halted = false;
  std::string reason;  // the provider's code, in our words
  int failures = 0;
  std::optional<Instant> retry_at;
};

struct AuditRow {
  RowId seq = 0;
  Instant at;
  std::string actor;    // "person", "practitioner:sam", "admin:uid=1000", "system"
  std::string action;   // "person.add", "alert.ack" ...
  std::string subject;  // random id
  RowId person = 0;     // whose key seals the detail; 0: the service's
  std::string detail;   // [sealed]
};

}  // namespace moodline::store
