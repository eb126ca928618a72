// Schema of the main file: opening connections, migrating, and checking that keys belong.
#pragma once
#include <memory>
#include <string>

#include "daemon/store/rows.hpp"

namespace moodline::store {

/// One writer a file: holds FILE.lock until it goes. Throws StoreError("in_use").
class FileLock {
 public:
  explicit FileLock(const std::string& path);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  int fd_ = -1;
};

std::string keys_path(const StoreOptions& options);
std::string erased_path(const StoreOptions& options);

/// Writer's connection: WAL, FULL, migrated to this program's schema.
std::unique_ptr<Db> open_writer(const StoreOptions& options);
/// Reader's connection to a file of exactly this schema.
std::unique_ptr<Db> open_reader(const std::string& path, const StoreOptions& options);
/// Throws newer_schema, older_schema (readers) or not_moodline.
void check_schema(Db& db, bool may_be_older);
/// Writes or compares a hash under each version of the look-up key. Throws wrong_lookup_key.
void check_lookup_keys(Db& db, const KeyRing& ring, bool write);

}  // namespace moodline::store
