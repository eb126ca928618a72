// Keys that come from credential files: the master key (wraps the keys of persons) and the look-up
// key (turns phone numbers into hashes). Each has versions; the newest is used for writing.
// Held in locked memory that is zeroed when freed; never logged.
#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "rules/base/result.hpp"

namespace moodline::store {

constexpr std::size_t key_bytes = 32;

/// 32 secret bytes in memory that is locked, guarded, and zeroed when freed (libsodium).
class Secret {
 public:
  Secret();  // all zeros
  static Secret random();
  static Secret of(const std::array<unsigned char, key_bytes>& bytes);
  [[nodiscard]] const unsigned char* data() const { return bytes_.get(); }
  [[nodiscard]] unsigned char* data() { return bytes_.get(); }

 private:
  struct Free {
    void operator()(unsigned char* p) const;
  };
  std::unique_ptr<unsigned char, Free> bytes_;
};

enum class KeyPurpose { master, lookup };

/// The versions of one key. Shared read-only once made.
class KeyRing {
 public:
  void add(int version, Secret key) { keys_[version] = std::move(key); }
  /// Null where this version is not in the ring.
  [[nodiscard]] const Secret* find(int version) const;
  [[nodiscard]] int newest() const { return keys_.empty() ? 0 : keys_.rbegin()->first; }
  [[nodiscard]] const std::map<int, Secret>& all() const { return keys_; }

 private:
  std::map<int, Secret> keys_;  // versions 1..255
};

using KeyRingPtr = std::shared_ptr<const KeyRing>;

/// Reads a key file: lines "master 1 <64 hex digits>" (or "lookup ..."), # comments, newest last.
/// Fails with key_missing, key_readable (by group or others), key_bad (shape, length, purpose).
Result<KeyRingPtr> load_key_file(const std::string& path, KeyPurpose purpose);
/// Makes a new file with version 1, readable by its owner only. Fails with key_exists, key_write.
Result<void> new_key_file(const std::string& path, KeyPurpose purpose);
/// Adds the next version to a file (rotation). The old versions stay until `rotate_master` has
/// re-wrapped every key; look-up versions stay for ever, since tombstones carry theirs.
Result<int> add_key_version(const std::string& path, KeyPurpose purpose);
/// A ring with one random key, version 1, that is in no file: tests and the demo.
KeyRingPtr random_key_ring();

}  // namespace moodline::store
