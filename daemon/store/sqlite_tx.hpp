// The Store port's transactions over one SQLite connection.
// Thread: whoever holds the connection.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/rows.hpp"
#include "daemon/store/store.hpp"

namespace moodline::store {

/// A person to be erased: what the journal keeps of them.
struct Erasure {
  RowId person = 0;
  std::string key;   // the random one
  std::string hash;  // of the number, version byte first; may be empty
  Instant at;
};

struct Blob {
  std::string_view bytes;
};

class SqliteTx final : public Tx {
 public:
  SqliteTx(Db& db, Vault& vault) : db_(db), vault_(vault) {}

  std::optional<Person> person(RowId id) override;
  std::optional<Person> person_by_key(std::string_view key) override;
  std::optional<Person> person_by_number(std::string_view e164) override;
  std::vector<RowId> person_ids(RowId after, int limit) override;
  std::optional<Prompt> prompt(RowId id) override;
  std::vector<Prompt> prompts_of(RowId person, Instant since) override;
  std::optional<Prompt> prompt_of_slot(RowId person, std::string_view schedule, LocalDate date,
                                       int slot) override;
  std::optional<std::pair<LocalDate, int>> last_planned(RowId person,
                                                        std::string_view schedule) override;
  std::optional<Message> message(RowId id) override;
  std::optional<Message> message_by_reference(std::string_view ref) override;
  std::optional<Message> message_by_provider_id(std::string_view provider,
                                                std::string_view id) override;
  std::vector<Message> messages_due(Instant now, int limit) override;
  std::optional<Instant> next_message_due() override;
  std::vector<Message> messages_in(MessageStatus status, int limit) override;
  std::vector<Message> messages_of(RowId person, Instant since) override;
  std::vector<Message> messages_of_alert(RowId alert) override;
  std::vector<std::string> texts_sent(std::string_view e164, Instant since, int limit) override;
  std::optional<Inbound> inbound(RowId id) override;
  bool inbound_known(std::string_view provider, std::string_view event_id) override;
  std::vector<Inbound> inbound_of(RowId person, Instant since) override;
  std::vector<Inbound> inbound_unseen(int limit) override;
  std::vector<Reading> readings_of(RowId person, Instant since) override;
  std::vector<LogEntry> log_of(RowId person, RowId after, int limit) override;
  std::vector<RuleState> rule_states_of(RowId person) override;
  std::vector<Agreement> agreements_of(RowId person) override;
  std::optional<Alert> alert(RowId id) override;
  std::optional<Alert> alert_by_code(std::string_view code) override;
  std::vector<Alert> alerts_of(RowId person) override;
  std::vector<Alert> alerts_open(int limit) override;
  std::vector<Alert> alerts_recent(Instant since, int limit) override;
  std::vector<EmittedEvent> events_of(RowId person, Instant since) override;
  std::vector<Timer> timers_due(Instant now, int limit) override;
  std::optional<Instant> next_timer_due() override;
  std::optional<Timer> timer(std::string_view kind, std::string_view key) override;
  std::optional<Access> access(std::string_view hash) override;
  std::vector<Access> accesses(std::string_view kind, int limit) override;
  std::string token_mac(std::string_view text) override;
  bool token_mac_ok(std::string_view text, std::string_view mac) override;
  std::optional<OptOut> opt_out(std::string_view e164) override;
  std::optional<PractitionerState> practitioner(std::string_view id) override;
  std::vector<RouteState> route_states() override;
  std::optional<std::string> setting(std::string_view name) override;
  std::vector<AuditRow> audit(RowId after, int limit) override;
  std::vector<AuditRow> audit_of(RowId person, RowId after, int limit) override;
  std::optional<Instant> last_audit(RowId person, std::string_view actor,
                                    std::string_view action) override;
  std::optional<RowId> audit_broken_at() override;

  RowId put(Person& person) override;
  Result<RowId> put(Prompt& prompt) override;
  Result<RowId> put(Message& message) override;
  Result<RowId> put(Inbound& inbound) override;
  RowId put(Reading& reading) override;
  RowId append(LogEntry& entry) override;
  void put(const RuleState& state) override;
  void drop_rule_state(RowId person, std::string_view rule) override;
  RowId put(Agreement& agreement) override;
  RowId put(Alert& alert) override;
  RowId append(EmittedEvent& event) override;
  void put(const Timer& timer) override;
  void drop_timer(std::string_view kind, std::string_view key) override;
  void put(const Access& access) override;
  void put_opt_out(std::string_view e164, const OptOut& opt_out) override;
  void drop_opt_out(std::string_view e164) override;
  void put(const PractitionerState& state) override;
  void put(const RouteState& state) override;
  void put_setting(std::string_view name, std::string_view value) override;
  void append(const AuditRow& row) override;
  bool remember_nonce(std::string_view provider, std::string_view nonce, Instant until) override;
  void erase_person(RowId person, Instant now) override;
  int prune(Instant texts_before, Instant nonces_before, int limit) override;
  int drop_history(RowId person, Instant before, RowId checkpoint, int limit) override;

  /// Deletes the rows of one person and leaves the tombstone. False where they are gone already.
  bool erase_rows(const Erasure& erasure);
  /// Asked for in this transaction; the store destroys the keys just before it commits.
  std::vector<Erasure>& erasures() { return erasures_; }

 private:
  void bind_all(Stmt&) {}
  template <class A, class... B>
  void bind_all(Stmt& s, const A& a, const B&... b) {
    if constexpr (std::is_same_v<A, Blob>) {
      s.blob(a.bytes);
    } else if constexpr (std::is_same_v<A, Instant>) {
      s.bind(a.ms);
    } else if constexpr (std::is_integral_v<A>) {
      s.bind(static_cast<std::int64_t>(a));
    } else {
      s.text(a);
    }
    bind_all(s, b...);
  }
  template <class... A>
  Stmt query(std::string_view sql, const A&... args) {
    Stmt s = db_.prepare(sql);
    bind_all(s, args...);
    return s;
  }
  /// Records of R by the rest of the SELECT: " WHERE person = ? ORDER BY id".
  template <class R, class... A>
  std::vector<R> list(std::string_view rest, const A&... args) {
    Stmt s = query(select_sql<R>() + std::string(rest), args...);
    std::vector<R> out;
    while (s.step()) out.push_back(read_record<R>(s, vault_));
    return out;
  }
  template <class R, class... A>
  std::optional<R> one(std::string_view rest, const A&... args) {
    Stmt s = query(select_sql<R>() + std::string(rest), args...);
    if (!s.step()) return std::nullopt;
    return read_record<R>(s, vault_);
  }
  /// False where a unique rule is broken. Sets the id of a new record.
  template <class R>
  bool write(R& record);
  /// First row found under any version of the look-up key, newest version first.
  template <class F>
  void each_hash(std::string_view e164, F&& found);
  int remove(std::string_view sql, RowId person, Instant before, int limit);
  void index_message(const Message& message);
  RowId next_person_id();

  Db& db_;
  Vault& vault_;
  std::vector<Erasure> erasures_;
};

/// What the audit chain is keyed with, from the service's key.
void audit_key(Vault& vault, KeyCopy& out);

template <class F>
void SqliteTx::each_hash(std::string_view e164, F&& found) {
  const auto& versions = vault_.lookup->all();
  for (auto it = versions.rbegin(); it != versions.rend(); ++it)
    if (found(number_hash(it->first, it->second, e164))) return;
}

}  // namespace moodline::store
