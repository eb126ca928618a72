// Taking away: erasure of a person, the age limits of texts, and retention.
#include "daemon/store/sqlite_tx.hpp"

namespace moodline::store {
namespace {

// Children first. The audit trail stays: its detail is sealed with the key that is destroyed.
constexpr std::string_view rows_of_person[] = {
    "DELETE FROM message WHERE person = ?",   "DELETE FROM prompt WHERE person = ?",
    "DELETE FROM inbound WHERE person = ?",   "DELETE FROM reading WHERE person = ?",
    "DELETE FROM log WHERE person = ?",       "DELETE FROM rule_state WHERE person = ?",
    "DELETE FROM agreement WHERE person = ?", "DELETE FROM event WHERE person = ?",
    "DELETE FROM alert WHERE person = ?",     "DELETE FROM timer WHERE person = ?",
    "DELETE FROM access WHERE person = ?",
};

}  // namespace

void SqliteTx::erase_person(RowId person, Instant now) {
  Erasure erasure{person, {}, {}, now};
  {
    Stmt s = query("SELECT key, number_hash FROM person WHERE id = ?", person);
    if (!s.step()) return;
    erasure.key = s.bytes(0);
    erasure.hash = s.bytes(1);
  }
  erase_rows(erasure);
  erasures_.push_back(std::move(erasure));
}

bool SqliteTx::erase_rows(const Erasure& erasure) {
  if (!query("SELECT 1 FROM person WHERE id = ? AND key = ?", erasure.person, erasure.key).step())
    return false;
  for (const auto sql : rows_of_person) query(sql, erasure.person).run();
  query("DELETE FROM person WHERE id = ?", erasure.person).run();
  if (!erasure.hash.empty())
    query("INSERT INTO opt_out(hash, source, at) VALUES(?, 'erased', ?) ON CONFLICT DO NOTHING",
          Blob{erasure.hash}, erasure.at)
        .run();
  return true;
}

int SqliteTx::prune(Instant texts_before, Instant nonces_before, int limit) {
  query(
      "UPDATE message SET text = NULL, vals = NULL WHERE id IN (SELECT id FROM message "
      "WHERE (text IS NOT NULL OR vals IS NOT NULL) AND created_at < ? AND status NOT IN (?, ?) "
      "LIMIT ?)",
      texts_before, static_cast<int>(MessageStatus::queued),
      static_cast<int>(MessageStatus::sending), limit)
      .run();
  auto done = static_cast<int>(db_.changes());
  // Of strangers and staff; a text that somebody has yet to read stays.
  query(
      "UPDATE inbound SET text = NULL, from_number = NULL, verdict = NULL WHERE id IN "
      "(SELECT id FROM inbound WHERE person IS NULL AND received_at < ? AND "
      "(text IS NOT NULL OR from_number IS NOT NULL) AND "
      "(needs_human = 0 OR seen_at IS NOT NULL) LIMIT ?)",
      texts_before, limit - done)
      .run();
  done += static_cast<int>(db_.changes());
  query(
      "DELETE FROM nonce WHERE (provider, nonce) IN "
      "(SELECT provider, nonce FROM nonce WHERE until < ? LIMIT ?)",
      nonces_before, limit - done)
      .run();
  done += static_cast<int>(db_.changes());
  query("DELETE FROM access WHERE hash IN (SELECT hash FROM access WHERE expires_at < ? LIMIT ?)",
        nonces_before, limit - done)
      .run();
  done += static_cast<int>(db_.changes());
  return done;
}

int SqliteTx::remove(std::string_view sql, RowId person, Instant before, int limit) {
  if (limit <= 0) return 0;
  query(sql, person, before, limit).run();
  return static_cast<int>(db_.changes());
}

int SqliteTx::drop_history(RowId person, Instant before, RowId checkpoint, int limit) {
  // Messages on their way (queued, sending) and open alerts stay whatever their age.
  constexpr std::string_view aged[] = {
      "DELETE FROM inbound WHERE id IN (SELECT id FROM inbound WHERE person = ? AND "
      "received_at < ? LIMIT ?)",
      "DELETE FROM reading WHERE id IN (SELECT id FROM reading WHERE person = ? AND at < ? LIMIT "
      "?)",
      "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE person = ? AND at < ? LIMIT ?)",
      "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE person = ? AND created_at < ? "
      "AND status > 1 LIMIT ?)",
      "DELETE FROM prompt WHERE id IN (SELECT id FROM prompt WHERE person = ? AND due_at < ? "
      "LIMIT ?)",
      "DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE person = ? AND fired_at < ? "
      "AND status <> 0 LIMIT ?)",
  };
  static_assert(static_cast<int>(MessageStatus::sending) == 1);
  int done = 0;
  for (const auto sql : aged) done += remove(sql, person, before, limit - done);
  if (checkpoint > 0 && done < limit) {
    query("DELETE FROM log WHERE id IN (SELECT id FROM log WHERE person = ? AND id <= ? LIMIT ?)",
          person, checkpoint, limit - done)
        .run();
    done += static_cast<int>(db_.changes());
  }
  return done;
}

}  // namespace moodline::store
