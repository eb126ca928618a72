// Links and tokens: rows by the hash of the token, and the keyed code that makes a token one of
// ours.
#include <sodium.h>

#include "daemon/store/sqlite_tx.hpp"

namespace moodline::store {
namespace {

constexpr std::size_t mac_bytes_min = 8;

std::string mac_under(const Secret& master, std::string_view text) {
  // The master key itself wraps keys and does nothing else.
  const std::string derived = keyed_hash(master.data(), "page and API tokens");
  return keyed_hash(reinterpret_cast<const unsigned char*>(derived.data()), text);
}

}  // namespace

std::optional<Access> SqliteTx::access(std::string_view hash) {
  return one<Access>(" WHERE hash = ?", hash);
}

std::vector<Access> SqliteTx::accesses(std::string_view kind, int limit) {
  return list<Access>(" WHERE kind = ? ORDER BY created_at DESC, hash LIMIT ?", kind, limit);
}

void SqliteTx::put(const Access& access) {
  Stmt s = db_.prepare(upsert_sql<Access>("hash"));
  bind_record(s, vault_, access);
  s.run();
}

std::string SqliteTx::token_mac(std::string_view text) {
  const KeyRing& ring = *vault_.keys.master();
  return mac_under(*ring.find(ring.newest()), text);
}

bool SqliteTx::token_mac_ok(std::string_view text, std::string_view mac) {
  if (mac.size() < mac_bytes_min || mac.size() > key_bytes) return false;
  bool ok = false;
  for (const auto& [version, key] : vault_.keys.master()->all()) {
    const std::string right = mac_under(key, text);
    ok = sodium_memcmp(right.data(), mac.data(), mac.size()) == 0 || ok;
  }
  return ok;
}

}  // namespace moodline::store
