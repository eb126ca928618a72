// Sealing: thin over libsodium, so that there is one place to review.
#include "daemon/store/seal.hpp"

#include <sodium.h>

#include <cstring>

#include "daemon/store/store.hpp"

namespace moodline::store {
namespace {

constexpr char sealed_version = 1;
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t hash_bytes = 24;
static_assert(key_bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

std::string associated(RowId person, std::string_view column) {
  std::string out(1, sealed_version);
  for (int i = 0; i < 8; ++i)
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(person) >> (8 * i) & 0xff));
  out.append(column);
  return out;
}

/// Fresh nonces from the system, fetched by the handful: one call a field would cost more than the
/// sealing. A nonce is not secret; it is used once, and each thread has its own.
const unsigned char* next_nonce() {
  constexpr std::size_t held = 64;
  thread_local unsigned char nonces[held * nonce_bytes];
  thread_local std::size_t used = held;
  if (used == held) {
    randombytes_buf(nonces, sizeof nonces);
    used = 0;
  }
  return nonces + nonce_bytes * used++;
}

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

KeyCopy::~KeyCopy() {
  sodium_memzero(bytes, sizeof bytes);
}

std::string seal(const unsigned char* key, RowId person, std::string_view column,
                 std::string_view clear) {
  const std::string ad = associated(person, column);
  std::string out(1 + nonce_bytes + clear.size() + tag_bytes, sealed_version);
  auto* at = reinterpret_cast<unsigned char*>(out.data()) + 1;
  std::memcpy(at, next_nonce(), nonce_bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(at + nonce_bytes, nullptr, bytes(clear), clear.size(),
                                             bytes(ad), ad.size(), nullptr, at, key);
  return out;
}

bool unseal_into(const unsigned char* key, RowId person, std::string_view column,
                 std::string_view sealed, std::string& clear) {
  if (sealed.size() < 1 + nonce_bytes + tag_bytes || sealed[0] != sealed_version) return false;
  const std::string ad = associated(person, column);
  const auto* nonce = bytes(sealed) + 1;
  clear.resize(sealed.size() - 1 - nonce_bytes - tag_bytes);
  return crypto_aead_xchacha20poly1305_ietf_decrypt(
             reinterpret_cast<unsigned char*>(clear.data()), nullptr, nullptr, nonce + nonce_bytes,
             sealed.size() - 1 - nonce_bytes, bytes(ad), ad.size(), nonce, key) == 0;
}

std::string unseal(const unsigned char* key, RowId person, std::string_view column,
                   std::string_view sealed) {
  std::string clear;
  if (!unseal_into(key, person, column, sealed, clear))
    throw StoreError("corrupt", "a sealed field (" + std::string(column) +
                                    ") does not open: it was changed, or its key is another; "
                                    "restore the last good backup");
  return clear;
}

std::string number_hash(int version, const Secret& key, std::string_view e164) {
  const std::string input = "number:" + std::string(e164);
  std::string out(1 + hash_bytes, static_cast<char>(version));
  crypto_generichash(reinterpret_cast<unsigned char*>(out.data()) + 1, hash_bytes, bytes(input),
                     input.size(), key.data(), key_bytes);
  return out;
}

std::string keyed_hash(const unsigned char* key, std::string_view text) {
  std::string out(32, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(), bytes(text),
                     text.size(), key, key_bytes);
  return out;
}

}  // namespace moodline::store
