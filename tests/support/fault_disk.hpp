// A disk in memory behind a SQLite VFS, which can fail, fill up, freeze, and lose its power.
// Unsynced writes are kept aside: a power cut drops, reorders or tears them by a seed, so that the
// same seed gives the same wreck. For the store's own tests and for the simulator.
// Thread: any (one lock inside); sleeping is cut to a millisecond.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace moodline::testing {

enum class DiskOp { open, read, write, sync, truncate, remove, lock };

/// Calls of `op` on files whose name ends with `file` fail with the SQLite code `rc`, from the
/// one after `skip` on, `times` times.
struct DiskFault {
  DiskOp op = DiskOp::write;
  std::string file;  // "-wal", ".keys", "moodline.db"; empty: every file
  std::uint64_t skip = 0;
  std::uint64_t times = UINT64_MAX;
  int rc = 0;               // such as SQLITE_FULL or SQLITE_IOERR_FSYNC
  bool half_first = false;  // a write puts half of its bytes down before it fails
};

class FaultDisk {
 public:
  /// Registers a VFS under this name (StoreOptions::vfs), which must be no other's. `seed` is for
  /// SQLite's own randomness.
  explicit FaultDisk(std::string vfs_name, std::uint64_t seed = 1);
  ~FaultDisk();
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;

  [[nodiscard]] const std::string& vfs() const;
  void fail(const DiskFault& fault);
  /// Takes all faults and any freeze away.
  void heal();
  /// While true no fault strikes: for what a test itself reads in the midst of trouble.
  void hold(bool held);
  /// The file is gone, durably, as if another program had removed it.
  void forget(const std::string& file);
  /// After this many more writes, syncs, truncations and removals nothing works any longer, as in a
  /// process that was stopped at that instant. Follow with kill() or cut().
  void freeze_after(std::uint64_t ops);
  [[nodiscard]] bool frozen() const;
  /// kill -9: open handles are dead, locks are gone, all that was written stays.
  void kill();
  /// The power goes: like kill, and unsynced writes are dropped, kept in part, reordered or torn.
  void cut(std::uint64_t seed);

  [[nodiscard]] std::uint64_t syncs() const;
  /// Writes, syncs, truncations and removals so far: what freeze_after counts.
  [[nodiscard]] std::uint64_t ops() const;
  [[nodiscard]] bool exists(const std::string& file) const;
  [[nodiscard]] std::string bytes(const std::string& file) const;
  /// Replaces a file's bytes, durably; makes the file where there is none.
  void set_bytes(const std::string& file, std::string bytes);
  [[nodiscard]] std::vector<std::string> files() const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace moodline::testing
