// The one writer: a batch of writes, each in its own savepoint, one commit, then the completions.
// Thread: one at a time (the store's thread, or the caller's where inline).
#pragma once
#include <exception>
#include <memory>
#include <vector>

#include "daemon/store/erasures.hpp"
#include "daemon/store/schema.hpp"

namespace moodline::store {

struct Job {
  Write write;
  Done done;
  bool direct = false;  // a caller waits for it: the completion is not posted
  std::exception_ptr error;
};

class Writer {
 public:
  /// Opens the file, migrates it, finishes erasures that a crash or a restore left undone.
  Writer(const StoreOptions& options, Vault& vault);

  /// Runs jobs from the front of the list, as many as the batch's bounds allow, in one commit.
  /// Returns how many; each has its error set or none. Throws only what a fault point throws.
  std::size_t run(std::vector<Job>& jobs);
  [[nodiscard]] std::uint64_t commits() const { return commits_; }

 private:
  void begin();
  void run_one(SqliteTx& tx, Job& job);
  void commit(std::vector<Erasure>& erasures);
  void finish_erasures();
  void truncate_wal();
  void at(std::string_view point) const {
    if (options_.fault_point) options_.fault_point(point);
  }

  StoreOptions options_;
  Vault& vault_;
  std::unique_ptr<Db> db_;
  ErasureJournal journal_;
  bool erasures_unfinished_ = false;
  bool truncate_wanted_ = false;
  std::uint64_t commits_ = 0;
};

}  // namespace moodline::store
