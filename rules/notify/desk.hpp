// Desk: who is told what and when about alerts. A pure state machine over rows: one Chase an
// alert, one Queue a recipient, one Talk a (rule, person), and the Service's one mass-silence row.
// The daemon loads the rows concerned into a Desk, hands it an event, stores the rows it marked.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "rules/engine/event.hpp"
#include "rules/notify/calendar.hpp"

namespace moodline::rules {

constexpr int codes_per_text_max = 5;
constexpr int mass_silence_min = 10;
constexpr int unsettled_fires = 3;
constexpr int unsettled_days = 21;

/// Somebody who is told. The person themself is one too: hours are their sending window.
struct Recipient {
  std::string id;
  Calendar calendar;
  std::string cover;    // told instead while on leave; empty: messages wait
  int texts_a_day = 0;  // cap on routine texts of a local day; 0: none
  bool person = false;  // one text a message, no grouping
  /// The person's own pause: routine texts wait for its end; Instant::max(): for RESUME.
  std::optional<Instant> paused_until = std::nullopt;
};

/// How long things wait. The defaults are the documented ones.
struct DeskSettings {
  Millis group_wait = std::chrono::minutes{5};
  Millis group_interval = std::chrono::minutes{30};
  Millis silence_wait = std::chrono::minutes{15};
  Millis urgent_repeat = std::chrono::minutes{15};
  std::string admin = "admin";  // recipient id for mass silence
};

/// Facts of an alert that the desk needs, given with its fire.
struct AlertFacts {
  std::string id;      // unique
  std::string person;  // unique
  RulePtr rule;
  std::map<std::string, std::string> roles;  // role -> recipient id; "person" is the person
};

enum class LineKind : std::uint8_t {
  alert,             // the rule's own message
  unsettled,         // third fire in 21 days
  step,              // an escalation or later step
  note,              // cleared before its message left
  resolve_notice,    // cleared after it was sent
  corrected_notice,  // withdrawn after it was sent
  mass_silence,      // to the admin: ten silence alerts wait
  exhausted          // to the admin: nobody is left to ask
};
std::string_view name_of(LineKind v);

struct MessageLine {
  std::string alert;
  LineKind kind = LineKind::alert;
  std::string template_id;
  std::string role;
  friend bool operator==(const MessageLine&, const MessageLine&) = default;
};

/// One text to hand to the outbox. The text itself is rendered later, from the lines.
struct Message {
  Instant at;                      // now: messages carry the time they are sent
  std::string to;                  // recipient id
  std::vector<MessageLine> lines;  // at most codes_per_text_max, but in a digest and to the admin
  bool urgent = false;
  bool digest = false;  // past the cap: everything in one
  bool late = false;    // due while the daemon was off
};

/// Inputs. They happen at `now` of the call; what a deadline brought while the daemon was off
/// happened at that deadline, and waits from there: `at`.
struct AlertFired {
  AlertFacts facts;
  std::optional<Instant> at = std::nullopt;
};
struct AlertCleared {
  std::string alert;
  std::optional<Instant> at = std::nullopt;
};
struct AlertWithdrawn {
  std::string alert;
  std::optional<Instant> at = std::nullopt;
};
struct AlertClosed {
  std::string alert;
  bool by_done = false;
};  // else retire: chase ends
struct AlertMatched {
  std::string alert;
};  // urgent: a later match
struct AckedAlert {
  std::string alert;
};
struct PassedAlert {
  std::string alert;
};
/// The provider said no, or a receipt said undelivered.
struct MessageFailed {
  std::string alert;
  std::string to;
};
/// STOP, unshare, erase: everything about the person ends, but urgent ones still go to duty.
struct PersonGone {
  std::string person;
  std::string alert = {};  // only this one: its agreement alone was ended
};
struct PersonPaused {
  std::string person;
  bool paused = true;
};
struct MassSilenceReleased {};
struct MassSilenceDropped {};
using DeskEvent = std::variant<AlertFired, AlertCleared, AlertWithdrawn, AlertClosed, AlertMatched,
                               AckedAlert, PassedAlert, MessageFailed, PersonGone, PersonPaused,
                               MassSilenceReleased, MassSilenceDropped>;

/// The chase of one alert.
struct Chase {
  AlertFacts facts;
  Instant fired;
  enum class Alert : std::uint8_t { open, cleared, withdrawn, closed } alert = Alert::open;
  std::optional<Instant> first_sent;  // steps count from here
  std::string first_to;               // in this one's hours and zone
  std::optional<Instant> last_sent;   // any message of it
  std::vector<std::string> told;
  int next_step = 0;  // index into then + escalate
  std::optional<Instant> step_due;
  std::optional<Instant> acked;
  std::optional<Instant> ack_ends;
  bool duty_only = false;  // the person is gone
  bool unsettled = false;
  bool muted = false;  // nothing more goes (unsettled), until mute ends
  bool exhausted = false;
};

/// One thing waiting for a recipient.
struct Waiting {
  MessageLine line;
  Instant arose;
  Instant ready;         // its own waiting time is over
  bool silence = false;  // counts for mass silence and always waits its own time
  bool released = false;
};
struct Queue {
  std::string recipient;
  std::vector<Waiting> waiting;
  std::optional<Instant> last_routine;
  std::int32_t day = INT32_MIN;  // texts_today counts this local day
  int texts_today = 0;
  std::optional<Instant> digest_at;  // past the cap: the rest go as one then
};
/// What was said about one (rule, person).
struct Talk {
  std::string key;  // rule id + person
  std::optional<Instant> last_message;
  std::string last_to;         // cooldown runs in this one's zone
  std::vector<Instant> fires;  // the newest three that were not withdrawn
  std::optional<Instant> muted_until;
};
struct MassSilence {
  bool held = false;
  bool told = false;
};

class Desk {
 public:
  explicit Desk(DeskSettings settings = {}) : settings_(std::move(settings)) {}

  // Rows in.
  void put(Recipient r) { recipients_[r.id] = std::move(r); }
  void put(Chase c) { chases_[c.facts.id] = std::move(c); }
  void put(Queue q) { queues_[q.recipient] = std::move(q); }
  void put(Talk t) { talks_[t.key] = std::move(t); }
  void put(MassSilence m) { mass_ = m; }

  /// Everything that happened at `now`, in the order of the log; then what is due at `now`.
  /// `late`: the daemon was off when it became due.
  std::vector<Message> take(const std::vector<DeskEvent>& events, Instant now, bool late = false);
  std::vector<Message> advance(Instant now, bool late = false) { return take({}, now, late); }
  [[nodiscard]] std::optional<Instant> next_deadline() const;
  /// When a routine message that waits for this alert will leave; for "the person is told when it
  /// will be seen".
  [[nodiscard]] std::optional<Instant> seen_at(const std::string& alert) const;
  /// Alerts of a recipient for which a bare OK could be meant: open, sent to them, not yet acked.
  [[nodiscard]] std::vector<std::string> awaiting(const std::string& recipient) const;

  // Rows out: everything, and what changed since the last call.
  [[nodiscard]] const std::map<std::string, Chase>& chases() const { return chases_; }
  [[nodiscard]] const std::map<std::string, Queue>& queues() const { return queues_; }
  [[nodiscard]] const std::map<std::string, Talk>& talks() const { return talks_; }
  [[nodiscard]] const MassSilence& mass() const { return mass_; }
  struct Dirty {
    std::set<std::string> chases, queues, talks;
    bool mass = false;
  };
  Dirty take_dirty() { return std::exchange(dirty_, {}); }

 private:
  friend class DeskWork;
  DeskSettings settings_;
  std::map<std::string, Recipient> recipients_;
  std::map<std::string, Chase> chases_;
  std::map<std::string, Queue> queues_;
  std::map<std::string, Talk> talks_;
  std::set<std::string> paused_;
  MassSilence mass_;
  Dirty dirty_;
  Instant looked_ = Instant::min();  // the latest that was taken
};

std::string to_text(const Chase& c);
std::string to_text(const Queue& q);
std::string to_text(const Talk& t);
std::string to_text(const MassSilence& m);
Result<Chase> chase_from_text(std::string_view text,
                              const std::function<RulePtr(std::string_view)>& source);
Result<Queue> queue_from_text(std::string_view text);
Result<Talk> talk_from_text(std::string_view text);
Result<MassSilence> mass_from_text(std::string_view text);

}  // namespace moodline::rules
