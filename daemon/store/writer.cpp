// Group commit. Erasure order: journal, keys, rows, log truncated; each step durable before the
// next, so that a crash between any two is finished at the next opening.
#include "daemon/store/writer.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace moodline::store {

Writer::Writer(const StoreOptions& options, Vault& vault)
    : options_(options),
      vault_(vault),
      db_(open_writer(options)),
      journal_(erased_path(options), options) {
  check_lookup_keys(*db_, *vault.lookup, true);
  finish_erasures();
}

void Writer::begin() {
  db_->exec("BEGIN IMMEDIATE", "starting a write");
}

void Writer::finish_erasures() {
  auto erased = journal_.all();
  SqliteTx tx(*db_, vault_);
  std::vector<Erasure> again;
  begin();
  try {
    RowId highest = 0;
    for (auto& e : erased) {
      highest = std::max(highest, e.person);
      if (tx.erase_rows(e)) again.push_back(std::move(e));
    }
    // A restored older copy must not give an erased person's id to somebody new.
    if (highest > 0) {
      db_->prepare(
             "INSERT INTO sqlite_sequence(name, seq) SELECT 'person', 0 WHERE NOT EXISTS "
             "(SELECT 1 FROM sqlite_sequence WHERE name = 'person')")
          .run();
      db_->prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'person' AND seq < ?")
          .bind(highest)
          .bind(highest)
          .run();
    }
    if (!again.empty()) {
      std::vector<RowId> persons;
      for (const auto& e : again) persons.push_back(e.person);
      vault_.keys.destroy(persons);
    }
    db_->exec("COMMIT", "finishing erasures");
  } catch (...) {
    db_->rollback_quietly();
    throw;
  }
  erasures_unfinished_ = false;
  if (!again.empty()) truncate_wanted_ = true;
  truncate_wal();
}

void Writer::truncate_wal() {
  if (!truncate_wanted_) return;
  // Readers may hold it off; then it is tried again after the next commit.
  const int rc = sqlite3_wal_checkpoint_v2(db_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                           nullptr, nullptr);
  if (rc == SQLITE_OK) truncate_wanted_ = false;
}

void Writer::run_one(SqliteTx& tx, Job& job) {
  tx.erasures().clear();
  db_->prepare("SAVEPOINT one").run();
  try {
    job.write(tx);
    db_->prepare("RELEASE one").run();
  } catch (...) {
    job.error = std::current_exception();
    tx.erasures().clear();
    // SQLite ends the whole transaction itself after some failures (disk full, I/O).
    if (!db_->in_transaction())
      throw StoreError("store_error", "the disk failed during this group of writes; try again");
    db_->exec("ROLLBACK TO one; RELEASE one", "undoing a write");
  }
}

void Writer::commit(std::vector<Erasure>& erasures) {
  if (!erasures.empty()) {
    erasures_unfinished_ = true;
    std::vector<RowId> persons;
    for (const auto& e : erasures) persons.push_back(e.person);
    journal_.add(erasures);
    vault_.keys.destroy(persons);
  }
  at("before_commit");
  db_->prepare("COMMIT").run();
  ++commits_;
  if (!erasures.empty()) {
    erasures_unfinished_ = false;
    truncate_wanted_ = true;
  }
}

std::size_t Writer::run(std::vector<Job>& jobs) {
  std::size_t done = 0;
  std::vector<Erasure> erasures;
  try {
    if (erasures_unfinished_) finish_erasures();
    begin();
    const KeyStore::Together keys(vault_.keys);
    SqliteTx tx(*db_, vault_);
    const std::int64_t start = options_.monotonic_us ? options_.monotonic_us() : 0;
    while (done < jobs.size() && done < options_.batch_writes_max) {
      run_one(tx, jobs[done++]);
      for (auto& e : tx.erasures()) erasures.push_back(std::move(e));
      tx.erasures().clear();
      if (options_.monotonic_us && options_.monotonic_us() - start >= options_.batch_us_max) break;
    }
    commit(erasures);
  } catch (const StoreError&) {
    // The whole group is undone: each of its writes hears of it and may be tried again.
    db_->rollback_quietly();
    done = std::max<std::size_t>(done, 1);  // where it could not even begin, the first hears of it
    for (std::size_t i = 0; i < done; ++i)
      if (!jobs[i].error) jobs[i].error = std::current_exception();
    return done;
  }
  at("after_commit");
  truncate_wal();
  return done;
}

}  // namespace moodline::store
