// Erasure journal in a small SQLite file of its own.
#include "daemon/store/erasures.hpp"

namespace moodline::store {

ErasureJournal::ErasureJournal(const std::string& path, const StoreOptions& options)
    : db_(path, {.create = true,
                 .read_only = false,
                 .busy_timeout_ms = options.busy_timeout_ms,
                 .vfs = options.vfs}) {
  db_.exec("PRAGMA journal_mode=TRUNCATE", "opening the erasure journal");
  db_.exec(
      "PRAGMA synchronous=FULL;"
      "CREATE TABLE IF NOT EXISTS erased("
      "person INTEGER NOT NULL, key TEXT NOT NULL, hash BLOB NOT NULL, at INTEGER NOT NULL,"
      "PRIMARY KEY(person, key)) STRICT, WITHOUT ROWID",
      "opening the erasure journal");
}

void ErasureJournal::add(const std::vector<Erasure>& erasures) {
  db_.exec("BEGIN IMMEDIATE", "writing the erasure journal");
  try {
    for (const auto& e : erasures)
      db_.prepare(
             "INSERT INTO erased(person, key, hash, at) VALUES(?, ?, ?, ?) "
             "ON CONFLICT DO NOTHING")
          .bind(e.person)
          .text(e.key)
          .blob(e.hash)
          .bind(e.at.ms)
          .run();
    db_.exec("COMMIT", "writing the erasure journal");
  } catch (...) {
    db_.rollback_quietly();
    throw;
  }
}

std::vector<Erasure> ErasureJournal::all() {
  std::vector<Erasure> out;
  Stmt s = db_.prepare("SELECT person, key, hash, at FROM erased ORDER BY person");
  while (s.step())
    out.push_back({s.i64(0), std::string(s.bytes(1)), std::string(s.bytes(2)), Instant{s.i64(3)}});
  return out;
}

}  // namespace moodline::store
