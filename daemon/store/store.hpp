// The Store port: one writer with group commit, many readers, personal fields sealed.
// The conformance suite (tests/unit/store/conformance.hpp) runs unchanged on every Store.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/records.hpp"
#include "rules/base/result.hpp"

namespace moodline::store {

/// Reads within one consistent view. Valid only inside the function it was handed to.
/// Throws StoreError when the machinery fails (I/O, corruption, missing key).
class ReadTx {
 public:
  virtual ~ReadTx() = default;
  [[nodiscard]] virtual std::optional<Person> person(RowId id) = 0;
  [[nodiscard]] virtual std::optional<Person> person_by_key(std::string_view key) = 0;
  /// The newest person with this number (E.164) that is not erased.
  [[nodiscard]] virtual std::optional<Person> person_by_number(std::string_view e164) = 0;
  /// Ids ascending, after `after`, at most `limit`.
  [[nodiscard]] virtual std::vector<RowId> person_ids(RowId after, int limit) = 0;

  [[nodiscard]] virtual std::optional<Prompt> prompt(RowId id) = 0;
  /// By due time, newest last; those due at or after `since`.
  [[nodiscard]] virtual std::vector<Prompt> prompts_of(RowId person, Instant since) = 0;
  [[nodiscard]] virtual std::optional<Prompt> prompt_of_slot(RowId person,
                                                             std::string_view schedule,
                                                             LocalDate date, int slot) = 0;
  /// Latest slot for which the schedule has a prompt row: its local date and number.
  [[nodiscard]] virtual std::optional<std::pair<LocalDate, int>> last_planned(
      RowId person, std::string_view schedule) = 0;

  [[nodiscard]] virtual std::optional<Message> message(RowId id) = 0;
  [[nodiscard]] virtual std::optional<Message> message_by_reference(std::string_view ref) = 0;
  [[nodiscard]] virtual std::optional<Message> message_by_provider_id(std::string_view provider,
                                                                      std::string_view id) = 0;
  /// Queued and due at `now`, by priority, then due time, then id.
  [[nodiscard]] virtual std::vector<Message> messages_due(Instant now, int limit) = 0;
  [[nodiscard]] virtual std::optional<Instant> next_message_due() = 0;
  [[nodiscard]] virtual std::vector<Message> messages_in(MessageStatus status, int limit) = 0;
  [[nodiscard]] virtual std::vector<Message> messages_of(RowId person, Instant since) = 0;
  [[nodiscard]] virtual std::vector<Message> messages_of_alert(RowId alert) = 0;
  /// Texts sent to this number since then, newest first (to recognise quotes of our own words).
  [[nodiscard]] virtual std::vector<std::string> texts_sent(std::string_view e164, Instant since,
                                                            int limit) = 0;

  [[nodiscard]] virtual std::optional<Inbound> inbound(RowId id) = 0;
  [[nodiscard]] virtual bool inbound_known(std::string_view provider,
                                           std::string_view event_id) = 0;
  [[nodiscard]] virtual std::vector<Inbound> inbound_of(RowId person, Instant since) = 0;
  [[nodiscard]] virtual std::vector<Inbound> inbound_unseen(int limit) = 0;

  [[nodiscard]] virtual std::vector<Reading> readings_of(RowId person, Instant since) = 0;
  [[nodiscard]] virtual std::vector<LogEntry> log_of(RowId person, RowId after, int limit) = 0;
  [[nodiscard]] virtual std::vector<RuleState> rule_states_of(RowId person) = 0;
  [[nodiscard]] virtual std::vector<Agreement> agreements_of(RowId person) = 0;

  [[nodiscard]] virtual std::optional<Alert> alert(RowId id) = 0;
  /// The newest with this code.
  [[nodiscard]] virtual std::optional<Alert> alert_by_code(std::string_view code) = 0;
  [[nodiscard]] virtual std::vector<Alert> alerts_of(RowId person) = 0;
  /// Status open, oldest first.
  [[nodiscard]] virtual std::vector<Alert> alerts_open(int limit) = 0;
  /// Fired since then, newest first.
  [[nodiscard]] virtual std::vector<Alert> alerts_recent(Instant since, int limit) = 0;
  [[nodiscard]] virtual std::vector<EmittedEvent> events_of(RowId person, Instant since) = 0;

  [[nodiscard]] virtual std::vector<Timer> timers_due(Instant now, int limit) = 0;
  [[nodiscard]] virtual std::optional<Instant> next_timer_due() = 0;
  [[nodiscard]] virtual std::optional<Timer> timer(std::string_view kind, std::string_view key) = 0;

  [[nodiscard]] virtual std::optional<Access> access(std::string_view hash) = 0;
  /// Newest first.
  [[nodiscard]] virtual std::vector<Access> accesses(std::string_view kind, int limit) = 0;
  /// 32 bytes over `text` under a key derived from the newest master key; the key stays in here.
  [[nodiscard]] virtual std::string token_mac(std::string_view text) = 0;
  /// Whether `mac` (at least 8 bytes, the front of one) was made over `text` under any version of
  /// the master key that is still given. Takes the same time for every wrong one.
  [[nodiscard]] virtual bool token_mac_ok(std::string_view text, std::string_view mac) = 0;

  [[nodiscard]] virtual std::optional<OptOut> opt_out(std::string_view e164) = 0;
  [[nodiscard]] virtual std::optional<PractitionerState> practitioner(std::string_view id) = 0;
  [[nodiscard]] virtual std::vector<RouteState> route_states() = 0;
  [[nodiscard]] virtual std::optional<std::string> setting(std::string_view name) = 0;
  [[nodiscard]] virtual std::vector<AuditRow> audit(RowId after, int limit) = 0;
  [[nodiscard]] virtual std::vector<AuditRow> audit_of(RowId person, RowId after, int limit) = 0;
  /// When this actor last did this about a person.
  [[nodiscard]] virtual std::optional<Instant> last_audit(RowId person, std::string_view actor,
                                                          std::string_view action) = 0;
  /// First row whose chain does not verify; nothing when all is well. Reads the whole trail.
  [[nodiscard]] virtual std::optional<RowId> audit_broken_at() = 0;
};

/// Reads and writes. All of one function is one savepoint: it is kept whole or not at all.
/// A put with id 0 inserts, sets the id in the record, and returns it.
class Tx : public ReadTx {
 public:
  virtual RowId put(Person& person) = 0;  // a new person gets a key of their own first
  /// Fails with "slot_taken" where the slot has a row already.
  virtual Result<RowId> put(Prompt& prompt) = 0;
  /// Fails with "duplicate" where `dedupe` is taken already.
  virtual Result<RowId> put(Message& message) = 0;
  /// Fails with "duplicate" where (provider, event_id) is there already.
  virtual Result<RowId> put(Inbound& inbound) = 0;
  virtual RowId put(Reading& reading) = 0;
  virtual RowId append(LogEntry& entry) = 0;
  virtual void put(const RuleState& state) = 0;
  virtual void drop_rule_state(RowId person, std::string_view rule) = 0;
  virtual RowId put(Agreement& agreement) = 0;
  virtual RowId put(Alert& alert) = 0;
  virtual RowId append(EmittedEvent& event) = 0;
  virtual void put(const Timer& timer) = 0;
  virtual void drop_timer(std::string_view kind, std::string_view key) = 0;
  /// Inserts, or replaces the one with this hash.
  virtual void put(const Access& access) = 0;
  virtual void put_opt_out(std::string_view e164, const OptOut& opt_out) = 0;
  virtual void drop_opt_out(std::string_view e164) = 0;
  virtual void put(const PractitionerState& state) = 0;
  virtual void put(const RouteState& state) = 0;
  virtual void put_setting(std::string_view name, std::string_view value) = 0;
  virtual void append(const AuditRow& row) = 0;
  /// Remembers a webhook's nonce; false where it is there already. Old ones go with time.
  virtual bool remember_nonce(std::string_view provider, std::string_view nonce, Instant until) = 0;
  /// Erasure: destroys the person's key, then every row; a keyed tombstone keeps the opt-out.
  virtual void erase_person(RowId person, Instant now) = 0;
  /// Blanks texts and values of settled messages made before `texts_before`, blanks number and
  /// words of older texts that came from nobody's number or from staff and wait for no reader, and
  /// deletes nonces and accesses that ran out before `nonces_before`; at most `limit` rows a call;
  /// returns how many rows changed.
  virtual int prune(Instant texts_before, Instant nonces_before, int limit) = 0;
  /// Retention of one person: deletes texts in and out, readings, prompts, emitted events and ended
  /// alerts from before `before`, and log entries up to `checkpoint` (the caller has written that
  /// checkpoint first; 0: none go). At most `limit` rows a call; returns rows deleted.
  virtual int drop_history(RowId person, Instant before, RowId checkpoint, int limit) = 0;
};

/// The machinery failed: disk full, I/O error, corruption, key missing, newer schema.
/// Codes: disk_full, io_error, read_only, corrupt, locked, cannot_open, no_memory, constraint,
/// key_missing, wrong_key, wrong_lookup_key, newer_schema, not_moodline, in_use, overloaded,
/// closed.
class StoreError : public std::exception {
 public:
  StoreError(std::string code, std::string message);
  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] const std::string& code() const { return code_; }

 private:
  std::string code_;
  std::string message_;
};

using Write = std::function<void(Tx&)>;
/// Called after the group's fsync (error empty) or when it failed. On the completion executor.
using Done = std::function<void(std::exception_ptr error)>;

class Store {
 public:
  virtual ~Store() = default;
  /// Queues a write. Writes run in order; those waiting together share one commit; each has its own
  /// savepoint, so one that throws fails alone. Any thread.
  virtual void submit(Write write, Done done) = 0;
  /// Runs a write and waits for its commit (tools, tests, start-up).
  virtual void write(const Write& write) = 0;
  /// Runs a read on the caller's thread.
  virtual void read(const std::function<void(ReadTx&)>& read) = 0;
  /// Inline executor: commits what is queued, now, on this thread; true where there was something.
  virtual bool run_pending() { return false; }
  /// Writes and commits done since opening.
  struct Stats {
    std::uint64_t writes = 0;
    std::uint64_t commits = 0;
  };
  [[nodiscard]] virtual Stats stats() const = 0;
  /// A verified copy while running, and beside it one of the keys (`path` with .keys-copy, dropped
  /// after 7 days). Fails with "backup_failed". Any thread.
  virtual Result<void> backup(const std::string& path) = 0;
};

}  // namespace moodline::store
