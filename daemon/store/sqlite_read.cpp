// Reads: one line of SQL each; records come back through tables.hpp.
#include "daemon/store/sqlite_tx.hpp"

namespace moodline::store {

// Partial indexes name these two numbers in the schema.
static_assert(static_cast<int>(MessageStatus::queued) == 0);
static_assert(static_cast<int>(AlertStatus::open) == 0);

std::optional<Person> SqliteTx::person(RowId id) {
  return one<Person>(" WHERE id = ?", id);
}

std::optional<Person> SqliteTx::person_by_key(std::string_view key) {
  return one<Person>(" WHERE key = ?", key);
}

std::optional<Person> SqliteTx::person_by_number(std::string_view e164) {
  std::optional<Person> best;
  each_hash(e164, [&](const std::string& hash) {
    auto found = one<Person>(" WHERE number_hash = ? AND status <> ? ORDER BY id DESC LIMIT 1",
                             Blob{hash}, static_cast<int>(PersonStatus::erased));
    if (found && (!best || found->id > best->id)) best = std::move(found);
    return false;
  });
  return best;
}

std::vector<RowId> SqliteTx::person_ids(RowId after, int limit) {
  Stmt s = query("SELECT id FROM person WHERE id > ? ORDER BY id LIMIT ?", after, limit);
  std::vector<RowId> out;
  while (s.step()) out.push_back(s.i64(0));
  return out;
}

std::optional<Prompt> SqliteTx::prompt(RowId id) {
  return one<Prompt>(" WHERE id = ?", id);
}

std::vector<Prompt> SqliteTx::prompts_of(RowId person, Instant since) {
  return list<Prompt>(" WHERE person = ? AND due_at >= ? ORDER BY due_at, id", person, since);
}

std::optional<Prompt> SqliteTx::prompt_of_slot(RowId person, std::string_view schedule,
                                               LocalDate date, int slot) {
  return one<Prompt>(" WHERE person = ? AND schedule = ? AND local_date = ? AND slot = ?", person,
                     schedule, date.days, slot);
}

std::optional<std::pair<LocalDate, int>> SqliteTx::last_planned(RowId person,
                                                                std::string_view schedule) {
  Stmt s = query(
      "SELECT local_date, slot FROM prompt WHERE person = ? AND schedule = ? "
      "ORDER BY local_date DESC, slot DESC LIMIT 1",
      person, schedule);
  if (!s.step()) return std::nullopt;
  return std::pair{LocalDate{static_cast<std::int32_t>(s.i64(0))}, static_cast<int>(s.i64(1))};
}

std::optional<Message> SqliteTx::message(RowId id) {
  return one<Message>(" WHERE id = ?", id);
}

std::optional<Message> SqliteTx::message_by_reference(std::string_view ref) {
  return one<Message>(" WHERE id = (SELECT message FROM message_reference WHERE reference = ?)",
                      ref);
}

std::optional<Message> SqliteTx::message_by_provider_id(std::string_view provider,
                                                        std::string_view id) {
  return one<Message>(
      " WHERE id = (SELECT message FROM message_provider_id WHERE provider = ? AND "
      "provider_id = ?)",
      provider, id);
}

std::vector<Message> SqliteTx::messages_due(Instant now, int limit) {
  // Priority by priority, so that 100,000 due at once cost no more a row than ten.
  std::vector<Message> out;
  std::int64_t priority = INT64_MIN;
  while (static_cast<int>(out.size()) < limit) {
    {
      Stmt next =
          query("SELECT min(priority) FROM message WHERE status = 0 AND priority > ?", priority);
      if (!next.step() || next.is_null(0)) break;
      priority = next.i64(0);
    }
    auto part = list<Message>(
        " WHERE status = 0 AND priority = ? AND due_at <= ? ORDER BY due_at, id LIMIT ?", priority,
        now, limit - static_cast<int>(out.size()));
    for (auto& m : part) out.push_back(std::move(m));
  }
  return out;
}

std::optional<Instant> SqliteTx::next_message_due() {
  Stmt s = query("SELECT min(due_at) FROM message WHERE status = 0");
  if (!s.step() || s.is_null(0)) return std::nullopt;
  return Instant{s.i64(0)};
}

std::vector<Message> SqliteTx::messages_in(MessageStatus status, int limit) {
  return list<Message>(" WHERE status = ? ORDER BY id LIMIT ?", static_cast<int>(status), limit);
}

std::vector<Message> SqliteTx::messages_of(RowId person, Instant since) {
  return list<Message>(" WHERE person = ? AND created_at >= ? ORDER BY created_at, id", person,
                       since);
}

std::vector<Message> SqliteTx::messages_of_alert(RowId alert) {
  return list<Message>(
      " WHERE id IN (SELECT message FROM message_alerts WHERE alert = ?) ORDER BY id", alert);
}

std::vector<std::string> SqliteTx::texts_sent(std::string_view e164, Instant since, int limit) {
  std::vector<std::string> out;
  each_hash(e164, [&](const std::string& hash) {
    const int left = limit - static_cast<int>(out.size());
    for (auto& m : list<Message>(" WHERE to_hash = ? AND created_at >= ? AND text IS NOT NULL "
                                 "ORDER BY created_at DESC, id DESC LIMIT ?",
                                 Blob{hash}, since, left))
      out.push_back(std::move(m.text));
    return static_cast<int>(out.size()) >= limit;
  });
  return out;
}

std::optional<Inbound> SqliteTx::inbound(RowId id) {
  return one<Inbound>(" WHERE id = ?", id);
}

bool SqliteTx::inbound_known(std::string_view provider, std::string_view event_id) {
  return query("SELECT 1 FROM inbound WHERE provider = ? AND event_id = ?", provider, event_id)
      .step();
}

std::vector<Inbound> SqliteTx::inbound_of(RowId person, Instant since) {
  return list<Inbound>(" WHERE person = ? AND received_at >= ? ORDER BY received_at, id", person,
                       since);
}

std::vector<Inbound> SqliteTx::inbound_unseen(int limit) {
  return list<Inbound>(" WHERE needs_human = 1 AND seen_at IS NULL ORDER BY id LIMIT ?", limit);
}

std::vector<Reading> SqliteTx::readings_of(RowId person, Instant since) {
  return list<Reading>(" WHERE person = ? AND at >= ? ORDER BY at, id", person, since);
}

std::vector<LogEntry> SqliteTx::log_of(RowId person, RowId after, int limit) {
  return list<LogEntry>(" WHERE person = ? AND id > ? ORDER BY id LIMIT ?", person, after, limit);
}

std::vector<RuleState> SqliteTx::rule_states_of(RowId person) {
  return list<RuleState>(" WHERE person = ? ORDER BY rule", person);
}

std::vector<Agreement> SqliteTx::agreements_of(RowId person) {
  return list<Agreement>(" WHERE person = ? ORDER BY id", person);
}

std::optional<Alert> SqliteTx::alert(RowId id) {
  return one<Alert>(" WHERE id = ?", id);
}

std::optional<Alert> SqliteTx::alert_by_code(std::string_view code) {
  return one<Alert>(" WHERE code = ? ORDER BY id DESC LIMIT 1", code);
}

std::vector<Alert> SqliteTx::alerts_of(RowId person) {
  return list<Alert>(" WHERE person = ? ORDER BY id", person);
}

std::vector<Alert> SqliteTx::alerts_open(int limit) {
  return list<Alert>(" WHERE status = 0 ORDER BY id LIMIT ?", limit);
}

std::vector<Alert> SqliteTx::alerts_recent(Instant since, int limit) {
  return list<Alert>(" WHERE fired_at >= ? ORDER BY fired_at DESC, id DESC LIMIT ?", since, limit);
}

std::vector<EmittedEvent> SqliteTx::events_of(RowId person, Instant since) {
  return list<EmittedEvent>(" WHERE person = ? AND at >= ? ORDER BY at, id", person, since);
}

std::vector<Timer> SqliteTx::timers_due(Instant now, int limit) {
  return list<Timer>(" WHERE due_at <= ? ORDER BY due_at, id LIMIT ?", now, limit);
}

std::optional<Instant> SqliteTx::next_timer_due() {
  Stmt s = query("SELECT min(due_at) FROM timer");
  if (!s.step() || s.is_null(0)) return std::nullopt;
  return Instant{s.i64(0)};
}

std::optional<Timer> SqliteTx::timer(std::string_view kind, std::string_view key) {
  return one<Timer>(" WHERE kind = ? AND key = ?", kind, key);
}

std::optional<OptOut> SqliteTx::opt_out(std::string_view e164) {
  std::optional<OptOut> out;
  each_hash(e164, [&](const std::string& hash) {
    Stmt s = query("SELECT source, at FROM opt_out WHERE hash = ?", Blob{hash});
    if (s.step()) out = OptOut{std::string(s.bytes(0)), Instant{s.i64(1)}};
    return out.has_value();
  });
  return out;
}

std::optional<PractitionerState> SqliteTx::practitioner(std::string_view id) {
  return one<PractitionerState>(" WHERE id = ?", id);
}

std::vector<RouteState> SqliteTx::route_states() {
  return list<RouteState>(" ORDER BY route");
}

std::optional<std::string> SqliteTx::setting(std::string_view name) {
  Stmt s = query("SELECT value FROM setting WHERE name = ?", name);
  if (!s.step()) return std::nullopt;
  return std::string(s.bytes(0));
}

}  // namespace moodline::store
