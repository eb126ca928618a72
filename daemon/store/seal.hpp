// Sealing of personal fields: XChaCha20-Poly1305 under a key a person, bound to person and column.
// Keyed hashes: numbers for look-up, links of the audit chain.
#pragma once
#include <string>
#include <string_view>

#include "daemon/store/keyring.hpp"
#include "daemon/store/records.hpp"

namespace moodline::store {

/// A key on the stack for the length of one call; zeroed when it goes.
struct KeyCopy {
  unsigned char bytes[key_bytes];
  KeyCopy() = default;
  KeyCopy(const KeyCopy&) = delete;
  KeyCopy& operator=(const KeyCopy&) = delete;
  ~KeyCopy();
};

/// Version byte, 24-byte nonce, ciphertext and tag. `column` is "table.column".
std::string seal(const unsigned char* key, RowId person, std::string_view column,
                 std::string_view clear);
/// Throws StoreError("corrupt") where the bytes were changed, moved, or sealed with another key.
std::string unseal(const unsigned char* key, RowId person, std::string_view column,
                   std::string_view sealed);
/// The same without throwing: false where it does not open.
bool unseal_into(const unsigned char* key, RowId person, std::string_view column,
                 std::string_view sealed, std::string& clear);

/// Version byte and 24 bytes of BLAKE2b of the number, keyed.
std::string number_hash(int version, const Secret& key, std::string_view e164);
/// 32 bytes of BLAKE2b, keyed.
std::string keyed_hash(const unsigned char* key, std::string_view bytes);

}  // namespace moodline::store
