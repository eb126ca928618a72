// Opening a store, and what is done to a whole one: rotation, backups, restore.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "daemon/store/keyring.hpp"
#include "daemon/store/store.hpp"

namespace moodline::store {

enum class Executor {
  /// A thread of the store's own commits; completions go through `post`.
  background,
  /// The caller's thread commits. With `post`, submit() queues and posts one run_pending();
  /// without, submit() commits before it returns. Deterministic: simulation, tools, tests.
  inline_,
};

struct StoreOptions {
  std::string path;         // the database; beside it -wal, -shm, .lock and .erased (the journal)
  std::string keys_path;    // keys of persons; empty: `path` with .keys
  std::string erased_path;  // erasure journal, kept out of backups; empty: `path` with .erased
  KeyRingPtr master_key;
  KeyRingPtr lookup_key;
  Executor executor = Executor::background;
  bool read_only = false;  // reading tools: no lock, no migration, every write refused
  bool take_lock = true;   // one writer: false only where the caller holds the lock already
  /// Runs a completion where the caller wants it (asio::post). Empty: on the committing thread.
  std::function<void(std::function<void()>)> post;
  /// Microseconds of any monotonic clock, for the batch's time bound. Empty: bound by count only.
  std::function<std::int64_t()> monotonic_us;
  /// Called at "before_commit", "after_commit" and "before_done" (crash tests). May throw inline.
  std::function<void(std::string_view point)> fault_point;
  std::string vfs;                          // SQLite VFS by name; empty: the system's
  std::size_t queue_max = 100'000;          // writes waiting; beyond: refused with "overloaded"
  std::size_t batch_writes_max = 500;       // writes that share one commit
  std::int64_t batch_us_max = 20'000;       // and the time they may take together
  int busy_timeout_ms = 5'000;              // for a lock held by another process
  std::size_t unwrapped_keys_max = 16'384;  // keys of persons held in the clear
  std::size_t reader_connections_max = 8;   // reads at once
  int checkpoint_pages = 4'000;             // WAL pages before it is written back
};

/// Opens (and makes or migrates) a SQLite store. Throws StoreError with one of: key_missing,
/// wrong_key, wrong_lookup_key, in_use, newer_schema, not_moodline, disk_full, io_error, read_only,
/// corrupt, locked, cannot_open. The message says what to do.
std::unique_ptr<Store> open_sqlite(StoreOptions options);

/// Schema this program writes.
int schema_version();

/// Re-wraps every person's key under the newest master key. Nothing else is rewritten. Returns how
/// many. The store must be closed, or be this process's own.
Result<int> rotate_master(const StoreOptions& options);

/// Copies of keys are kept this long, so that an erased person's key is soon nowhere.
constexpr std::int64_t key_copies_kept_ms = 7LL * 24 * 3600 * 1000;

struct BackupReport {
  int schema = 0;
  std::int64_t persons = 0;
  std::int64_t messages = 0;
  std::int64_t inbound = 0;
  std::int64_t readings = 0;
  std::int64_t audit_rows = 0;
  std::int64_t persons_without_key = 0;  // erased after the copy: `restore` erases them again
  bool keys_copy = false;                // keys of the same time stand beside it
};

/// Opens a copy read-only and proves it: pages, foreign keys, audit chain, every person's key.
/// `options` gives the keys and, for copies older than 7 days, the present keys_path.
/// Fails with "backup_bad" or "backup_missing".
Result<BackupReport> restore_check(const std::string& backup_path, const StoreOptions& options);
/// Puts a checked copy in the place of options.path (which must not be open), then re-applies the
/// erasure journal. The replaced file is kept with .before-restore.
Result<BackupReport> restore(const std::string& backup_path, const StoreOptions& options);
/// Deletes copies of keys (*.keys-copy, and what a killed backup left of one) in a folder of
/// backups older than 7 days. Returns how many.
Result<int> drop_old_key_copies(const std::string& folder, Instant now);

}  // namespace moodline::store
