// Keys of persons: a file of its own, each key wrapped under the master key. A key is committed
// here before the first row it seals, and destroyed here before that person's rows go.
// Thread: any (one lock inside).
#pragma once
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/store/open.hpp"
#include "daemon/store/seal.hpp"
#include "daemon/store/sqlite.hpp"

namespace moodline::store {

constexpr RowId service_person = 0;  // the service's own key stands under this id

class KeyStore {
 public:
  /// While one lives, keys are read under one lock of the file, not under one each: a group of
  /// writes that reads the keys of many people. A write of keys ends it and the next read begins
  /// it again. Keep it short: other processes cannot write the file meanwhile.
  class Together {
   public:
    explicit Together(KeyStore& keys);
    Together(const Together&) = delete;
    Together& operator=(const Together&) = delete;
    ~Together();

   private:
    KeyStore& keys_;
  };

  /// Opens or makes the file. Throws StoreError: wrong_key, key_missing, newer_schema and SQLite's.
  KeyStore(const std::string& path, const StoreOptions& options, bool read_only);
  ~KeyStore();
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  /// False where this person has no key: never enrolled, or erased.
  bool find(RowId person, KeyCopy& out);
  /// Throws StoreError("key_missing").
  void get(RowId person, KeyCopy& out);
  /// Commits a key for this person (and some to come, to spare syncs) where there is none.
  void ensure(RowId person);
  /// Commits the end of these keys. Harmless to repeat.
  void destroy(const std::vector<RowId>& persons);
  /// Re-wraps all keys under the newest master key; returns how many changed.
  int rewrap();
  /// As given at opening. Never changes.
  [[nodiscard]] const KeyRingPtr& master() const { return master_; }
  /// Copies the file (SQLite's online backup).
  void copy_to(const std::string& path);

 private:
  struct Slot {
    RowId person;
    std::size_t at;
  };
  void open_file();
  void end_reading() noexcept;
  bool load(RowId person, KeyCopy& out);
  void remember(RowId person, const KeyCopy& key);
  void forget(RowId person);
  void insert(RowId person, const unsigned char* key);
  void unwrap(RowId person, int version, std::string_view wrapped, KeyCopy& out) const;

  std::mutex mutex_;
  Db db_;
  KeyRingPtr master_;
  std::string vfs_;
  bool read_only_;
  int together_ = 0;
  std::size_t slots_max_;
  unsigned char* arena_ = nullptr;  // slots_max_ keys in locked memory
  std::list<Slot> recent_;          // newest first
  std::unordered_map<RowId, std::list<Slot>::iterator> by_person_;
  std::vector<std::size_t> free_;
};

/// A copy of a whole database in a fresh file of the same VFS, row by row: nothing of what pages
/// held before comes along.
void compact_copy(Db& from, const std::string& path);
/// SQLite's online backup of a whole database into a fresh file, page by page.
void copy_database(Db& from, const std::string& path, const std::string& vfs);

}  // namespace moodline::store
