// Schema 1. Never edited once released: a change is a new migration.
// Instants are UTC milliseconds, dates days since 1970, enumerations the number of the enumerator.
// BLOB columns are sealed or keyed hashes. `owner` and `lease_until` say which daemon works on a
// row where several share one database.
#pragma once
#include <string_view>

namespace moodline::store::migrations {

inline constexpr std::string_view v1 = R"sql(
CREATE TABLE meta(
  name TEXT PRIMARY KEY, value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE setting(
  name TEXT PRIMARY KEY, value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE person(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  status INTEGER NOT NULL,
  number BLOB, number_hash BLOB, display BLOB,
  programme TEXT NOT NULL, practitioner TEXT NOT NULL,
  zone TEXT NOT NULL, language TEXT NOT NULL,
  enrolled_by TEXT NOT NULL, enrolled_at INTEGER NOT NULL,
  agree_code TEXT NOT NULL, agreed_at INTEGER,
  sharing INTEGER NOT NULL, discreet INTEGER NOT NULL,
  paused_until INTEGER,
  hold INTEGER NOT NULL, hold_reason TEXT NOT NULL, hold_since INTEGER,
  do_not_reply INTEGER NOT NULL, auto_in_a_row INTEGER NOT NULL,
  needs BLOB, plan BLOB, measures BLOB,
  times TEXT NOT NULL, days TEXT NOT NULL,
  safe_from INTEGER, safe_to INTEGER,
  extra BLOB, rule_params TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  owner TEXT, lease_until INTEGER
) STRICT;
CREATE INDEX person_number ON person(number_hash);

CREATE TABLE prompt(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person INTEGER NOT NULL REFERENCES person(id),
  schedule TEXT NOT NULL, local_date INTEGER NOT NULL, slot INTEGER NOT NULL,
  due_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  status INTEGER NOT NULL, sent_at INTEGER, settled_at INTEGER,
  measures TEXT NOT NULL, clarifications INTEGER NOT NULL, message INTEGER,
  UNIQUE(person, schedule, local_date, slot)
) STRICT;
CREATE INDEX prompt_due ON prompt(person, due_at);

CREATE TABLE message(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person INTEGER REFERENCES person(id),
  practitioner TEXT NOT NULL, purpose INTEGER NOT NULL, priority INTEGER NOT NULL,
  status INTEGER NOT NULL,
  to_number BLOB, to_hash BLOB,
  language TEXT NOT NULL, template_name TEXT NOT NULL, template_version INTEGER NOT NULL,
  vals BLOB, text BLOB,
  due_at INTEGER NOT NULL, expires_at INTEGER, dedupe TEXT NOT NULL,
  prompt INTEGER, alert INTEGER, alerts TEXT NOT NULL,
  attempts INTEGER NOT NULL, route TEXT NOT NULL, provider TEXT NOT NULL,
  reference TEXT NOT NULL, provider_ids TEXT NOT NULL, segments INTEGER NOT NULL,
  outcome_code TEXT NOT NULL,
  created_at INTEGER NOT NULL, claimed_at INTEGER, accepted_at INTEGER, settled_at INTEGER,
  late INTEGER NOT NULL,
  owner TEXT, lease_until INTEGER
) STRICT;
CREATE UNIQUE INDEX message_dedupe ON message(dedupe) WHERE dedupe <> '';
CREATE INDEX message_queue ON message(priority, due_at) WHERE status = 0;
CREATE INDEX message_due ON message(due_at) WHERE status = 0;
CREATE INDEX message_status ON message(status, id);
CREATE INDEX message_person ON message(person, created_at);
CREATE INDEX message_to ON message(to_hash, created_at);
CREATE INDEX message_alert ON message(alert) WHERE alert IS NOT NULL;
CREATE INDEX message_text_age ON message(created_at) WHERE text IS NOT NULL OR vals IS NOT NULL;
CREATE TABLE message_reference(
  reference TEXT PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX message_reference_of ON message_reference(message);
CREATE TABLE message_provider_id(
  provider TEXT NOT NULL, provider_id TEXT NOT NULL,
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  PRIMARY KEY(provider, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_provider_id_of ON message_provider_id(message);
CREATE TABLE message_alerts(
  alert INTEGER NOT NULL,
  message INTEGER NOT NULL REFERENCES message(id) ON DELETE CASCADE,
  PRIMARY KEY(alert, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_alerts_of ON message_alerts(message);

CREATE TABLE inbound(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person INTEGER REFERENCES person(id),
  practitioner TEXT NOT NULL, provider TEXT NOT NULL, event_id TEXT NOT NULL,
  from_number BLOB, to_number TEXT NOT NULL, text BLOB,
  at INTEGER NOT NULL, received_at INTEGER NOT NULL,
  verdict BLOB, kind TEXT NOT NULL, safety_tier TEXT NOT NULL,
  needs_human INTEGER NOT NULL, seen_at INTEGER, seen_by TEXT NOT NULL,
  UNIQUE(provider, event_id)
) STRICT;
CREATE INDEX inbound_person ON inbound(person, received_at);
CREATE INDEX inbound_unseen ON inbound(id) WHERE needs_human = 1 AND seen_at IS NULL;

CREATE TABLE reading(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person INTEGER NOT NULL REFERENCES person(id),
  component TEXT NOT NULL, value BLOB, at INTEGER NOT NULL, local_day INTEGER NOT NULL,
  inbound INTEGER, prompt INTEGER, corrected_by INTEGER,
  doubtful INTEGER NOT NULL, by_other INTEGER NOT NULL, low_mark INTEGER NOT NULL
) STRICT;
CREATE INDEX reading_person ON reading(person, at);

CREATE TABLE log(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person INTEGER NOT NULL REFERENCES person(id),
  at INTEGER NOT NULL, ingested INTEGER NOT NULL, type TEXT NOT NULL, payload BLOB
) STRICT;
CREATE INDEX log_person ON log(person, id);

CREATE TABLE rule_state(
  person INTEGER NOT NULL REFERENCES person(id),
  rule TEXT NOT NULL, version INTEGER NOT NULL, hash TEXT NOT NULL, state BLOB, next_due INTEGER,
  PRIMARY KEY(person, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE agreement(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person INTEGER NOT NULL REFERENCES person(id),
  rule TEXT NOT NULL, version INTEGER NOT NULL, hash TEXT NOT NULL, code TEXT NOT NULL,
  status INTEGER NOT NULL, sentence BLOB, snapshot BLOB, recipients TEXT NOT NULL,
  offered_at INTEGER NOT NULL, answered_at INTEGER, inbound INTEGER, review_at INTEGER,
  reminders INTEGER NOT NULL
) STRICT;
CREATE INDEX agreement_person ON agreement(person, id);

CREATE TABLE alert(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  code TEXT NOT NULL,
  person INTEGER REFERENCES person(id),
  rule TEXT NOT NULL, version INTEGER NOT NULL, agreement_code TEXT NOT NULL,
  status INTEGER NOT NULL, urgent INTEGER NOT NULL, stale INTEGER NOT NULL,
  fired_at INTEGER NOT NULL, onset INTEGER, ended_at INTEGER,
  acked_at INTEGER, acked_by TEXT NOT NULL, done_at INTEGER, done_by TEXT NOT NULL,
  note BLOB, chase BLOB,
  owner TEXT, lease_until INTEGER
) STRICT;
CREATE INDEX alert_code ON alert(code, id);
CREATE INDEX alert_person ON alert(person, id);
CREATE INDEX alert_open ON alert(id) WHERE status = 0;
CREATE INDEX alert_fired ON alert(fired_at);

CREATE TABLE event(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  person INTEGER REFERENCES person(id),
  rule TEXT NOT NULL, alert INTEGER, type TEXT NOT NULL,
  at INTEGER NOT NULL, local_day INTEGER NOT NULL, tzdb TEXT NOT NULL, rule_hash TEXT NOT NULL,
  detail BLOB
) STRICT;
CREATE INDEX event_person ON event(person, at);

CREATE TABLE timer(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, key TEXT NOT NULL,
  person INTEGER REFERENCES person(id),
  due_at INTEGER NOT NULL,
  owner TEXT, lease_until INTEGER,
  UNIQUE(kind, key)
) STRICT;
CREATE INDEX timer_due ON timer(due_at, id);
CREATE INDEX timer_person ON timer(person) WHERE person IS NOT NULL;

CREATE TABLE opt_out(
  hash BLOB PRIMARY KEY, source TEXT NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE practitioner(
  id TEXT PRIMARY KEY, invited_at INTEGER, accepted_at INTEGER, off_until INTEGER,
  queue TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE route(
  route TEXT PRIMARY KEY, halted INTEGER NOT NULL, reason TEXT NOT NULL,
  failures INTEGER NOT NULL, retry_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE nonce(
  provider TEXT NOT NULL, nonce TEXT NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY(provider, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonce_until ON nonce(until);

CREATE TABLE audit(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
  person INTEGER NOT NULL, detail BLOB, chain BLOB NOT NULL
) STRICT;
CREATE INDEX audit_person ON audit(person, seq) WHERE person <> 0;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_is_fixed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
)sql";

}  // namespace moodline::store::migrations
