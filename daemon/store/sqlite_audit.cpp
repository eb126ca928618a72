// The audit trail: append-only, each row chained to the one before by a keyed hash over the sealed
// bytes. So it verifies after an erasure, and nobody without the key can mend a changed one.
#include <sodium.h>

#include "daemon/store/sqlite_tx.hpp"

namespace moodline::store {
namespace {

constexpr std::string_view columns =
    "SELECT seq, at, actor, action, subject, person, detail FROM audit";
constexpr std::string_view detail_column = "audit.detail";

void add(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

std::string link(const KeyCopy& key, std::string_view before, const AuditRow& row,
                 std::string_view sealed) {
  std::string input;
  add(input, before);
  add(input, std::to_string(row.seq));
  add(input, std::to_string(row.at.ms));
  add(input, row.actor);
  add(input, row.action);
  add(input, row.subject);
  add(input, std::to_string(row.person));
  add(input, sealed);
  return keyed_hash(key.bytes, input);
}

AuditRow read_row(const Stmt& s) {
  return {s.i64(0),
          Instant{s.i64(1)},
          std::string(s.bytes(2)),
          std::string(s.bytes(3)),
          std::string(s.bytes(4)),
          s.i64(5),
          {}};
}

/// The detail in the clear; empty where its person was erased.
std::string open_detail(Vault& vault, RowId person, std::string_view sealed) {
  KeyCopy key;
  if (sealed.empty() || !vault.keys.find(person, key)) return {};
  return unseal(key.bytes, person, detail_column, sealed);
}

}  // namespace

void audit_key(Vault& vault, KeyCopy& out) {
  KeyCopy service;
  vault.keys.get(service_person, service);
  const std::string derived = keyed_hash(service.bytes, "audit chain");
  std::copy(derived.begin(), derived.end(), out.bytes);
}

void SqliteTx::append(const AuditRow& row) {
  KeyCopy chain_key;
  audit_key(vault_, chain_key);
  AuditRow next = row;
  std::string before;
  {
    Stmt s = query("SELECT seq, chain FROM audit ORDER BY seq DESC LIMIT 1");
    next.seq = 1;
    if (s.step()) {
      next.seq = s.i64(0) + 1;
      before = s.bytes(1);
    }
  }
  std::string sealed;
  if (!row.detail.empty()) {
    KeyCopy key;
    vault_.keys.get(row.person, key);
    sealed = seal(key.bytes, row.person, detail_column, row.detail);
  }
  const std::string chain = link(chain_key, before, next, sealed);
  query(
      "INSERT INTO audit(seq, at, actor, action, subject, person, detail, chain) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
      next.seq, next.at, next.actor, next.action, next.subject, next.person, Blob{sealed},
      Blob{chain})
      .run();
}

std::vector<AuditRow> SqliteTx::audit(RowId after, int limit) {
  Stmt s = query(std::string(columns) + " WHERE seq > ? ORDER BY seq LIMIT ?", after, limit);
  std::vector<AuditRow> out;
  while (s.step()) {
    out.push_back(read_row(s));
    out.back().detail = open_detail(vault_, out.back().person, s.bytes(6));
  }
  return out;
}

std::vector<AuditRow> SqliteTx::audit_of(RowId person, RowId after, int limit) {
  Stmt s = query(
      std::string(columns) + " WHERE person = ? AND person <> 0 AND seq > ? ORDER BY seq LIMIT ?",
      person, after, limit);
  std::vector<AuditRow> out;
  while (s.step()) {
    out.push_back(read_row(s));
    out.back().detail = open_detail(vault_, person, s.bytes(6));
  }
  return out;
}

std::optional<Instant> SqliteTx::last_audit(RowId person, std::string_view actor,
                                            std::string_view action) {
  Stmt s = query(
      "SELECT at FROM audit WHERE person = ? AND person <> 0 AND actor = ? AND action = ? "
      "ORDER BY seq DESC LIMIT 1",
      person, actor, action);
  if (!s.step()) return std::nullopt;
  return Instant{s.i64(0)};
}

std::optional<RowId> SqliteTx::audit_broken_at() {
  KeyCopy key;
  audit_key(vault_, key);
  std::string before;
  RowId expected = 1;
  Stmt s = query(
      "SELECT seq, at, actor, action, subject, person, detail, chain FROM audit "
      "ORDER BY seq");
  while (s.step()) {
    const AuditRow row = read_row(s);
    if (row.seq != expected) return expected;
    const std::string chain = link(key, before, row, s.bytes(6));
    const auto stored = s.bytes(7);
    if (stored.size() != chain.size() ||
        sodium_memcmp(chain.data(), stored.data(), chain.size()) != 0)
      return row.seq;
    before = chain;
    ++expected;
  }
  // The newest rows cut off leave the table's own count of rows ever written behind.
  if (db_.number("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0)") >=
      expected)
    return expected;
  return std::nullopt;
}

}  // namespace moodline::store
