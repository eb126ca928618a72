// Writes. All of one function runs in one savepoint; nothing here commits.
#include "daemon/store/sqlite_tx.hpp"

namespace moodline::store {

template <class R>
bool SqliteTx::write(R& record) {
  if (record.id != 0) {
    Stmt s = db_.prepare(update_sql<R>());
    bind_record(s, vault_, record);
    s.bind(record.id);
    if (!s.run_unique()) return false;
    if (db_.changes() == 0)
      throw StoreError("constraint", "a row to be changed (" + std::string(Table<R>::name) +
                                         ") is not there: it was erased, or this is a bug");
    return true;
  }
  Stmt s = db_.prepare(insert_sql<R>());
  s.null();
  bind_record(s, vault_, record);
  if (!s.run_unique()) return false;
  record.id = db_.last_id();
  return true;
}

RowId SqliteTx::next_person_id() {
  // Never an id used before, not even one that was erased since a backup was made.
  return db_.number(
      "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'person'), 0),"
      " coalesce((SELECT max(id) FROM person), 0)) + 1");
}

RowId SqliteTx::put(Person& person) {
  if (person.id == 0) {
    const RowId id = next_person_id();
    vault_.keys.ensure(id);
    Person placed = person;
    placed.id = id;
    Stmt s = db_.prepare(insert_sql<Person>());
    s.bind(id);
    bind_record(s, vault_, placed);
    s.run();
    person.id = id;
    return id;
  }
  if (!write(person))
    throw StoreError("constraint", "a person's random key is taken; this is a bug, report it");
  return person.id;
}

Result<RowId> SqliteTx::put(Prompt& prompt) {
  if (!write(prompt))
    return fault("slot_taken", "this slot has a prompt already; it is not asked again");
  return prompt.id;
}

void SqliteTx::index_message(const Message& message) {
  if (!message.reference.empty())
    query(
        "INSERT INTO message_reference(reference, message) VALUES(?, ?) "
        "ON CONFLICT(reference) DO UPDATE SET message = excluded.message",
        message.reference, message.id)
        .run();
  for (const auto& id : message.provider_ids)
    query(
        "INSERT INTO message_provider_id(provider, provider_id, message) VALUES(?, ?, ?) "
        "ON CONFLICT(provider, provider_id) DO UPDATE SET message = excluded.message",
        message.provider, id, message.id)
        .run();
  const auto about = [&](RowId alert) {
    query("INSERT INTO message_alerts(alert, message) VALUES(?, ?) ON CONFLICT DO NOTHING", alert,
          message.id)
        .run();
  };
  if (message.alert != 0) about(message.alert);
  for (const RowId alert : message.alerts) about(alert);
}

Result<RowId> SqliteTx::put(Message& message) {
  if (!write(message))
    return fault("duplicate", "a message of this intent is there already; it is not sent again");
  index_message(message);
  return message.id;
}

Result<RowId> SqliteTx::put(Inbound& inbound) {
  if (!write(inbound))
    return fault("duplicate", "this text was taken in already; the repeat is answered and dropped");
  return inbound.id;
}

RowId SqliteTx::put(Reading& reading) {
  write(reading);
  return reading.id;
}

RowId SqliteTx::append(LogEntry& entry) {
  entry.id = 0;
  write(entry);
  return entry.id;
}

void SqliteTx::put(const RuleState& state) {
  Stmt s = db_.prepare(upsert_sql<RuleState>("person, rule"));
  bind_record(s, vault_, state);
  s.run();
}

void SqliteTx::drop_rule_state(RowId person, std::string_view rule) {
  query("DELETE FROM rule_state WHERE person = ? AND rule = ?", person, rule).run();
}

RowId SqliteTx::put(Agreement& agreement) {
  write(agreement);
  return agreement.id;
}

RowId SqliteTx::put(Alert& alert) {
  write(alert);
  return alert.id;
}

RowId SqliteTx::append(EmittedEvent& event) {
  event.id = 0;
  write(event);
  return event.id;
}

void SqliteTx::put(const Timer& timer) {
  Stmt s = db_.prepare(upsert_sql<Timer>("kind, key"));
  s.null();  // the id is the store's
  bind_record(s, vault_, timer);
  s.run();
}

void SqliteTx::drop_timer(std::string_view kind, std::string_view key) {
  query("DELETE FROM timer WHERE kind = ? AND key = ?", kind, key).run();
}

void SqliteTx::put_opt_out(std::string_view e164, const OptOut& opt_out) {
  // Under the newest version; rows of older versions stay where no newer one is wanted.
  query(
      "INSERT INTO opt_out(hash, source, at) VALUES(?, ?, ?) "
      "ON CONFLICT(hash) DO UPDATE SET source = excluded.source, at = excluded.at",
      Blob{vault_.hash(e164)}, opt_out.source, opt_out.at)
      .run();
}

void SqliteTx::drop_opt_out(std::string_view e164) {
  each_hash(e164, [&](const std::string& hash) {
    query("DELETE FROM opt_out WHERE hash = ?", Blob{hash}).run();
    return false;
  });
}

void SqliteTx::put(const PractitionerState& state) {
  Stmt s = db_.prepare(upsert_sql<PractitionerState>("id"));
  bind_record(s, vault_, state);
  s.run();
}

void SqliteTx::put(const RouteState& state) {
  Stmt s = db_.prepare(upsert_sql<RouteState>("route"));
  bind_record(s, vault_, state);
  s.run();
}

void SqliteTx::put_setting(std::string_view name, std::string_view value) {
  query(
      "INSERT INTO setting(name, value) VALUES(?, ?) "
      "ON CONFLICT(name) DO UPDATE SET value = excluded.value",
      name, value)
      .run();
}

bool SqliteTx::remember_nonce(std::string_view provider, std::string_view nonce, Instant until) {
  return query("INSERT INTO nonce(provider, nonce, until) VALUES(?, ?, ?)", provider, nonce, until)
      .run_unique();
}

}  // namespace moodline::store
