// SQLite store: the queue before the writer, and a pool of reading connections.
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "daemon/store/backup.hpp"
#include "daemon/store/writer.hpp"

namespace moodline::store {
namespace {

/// Read-only connections, lent one at a time. Thread: any.
class ReaderPool {
 public:
  explicit ReaderPool(const StoreOptions& options) : options_(options) {}

  std::unique_ptr<Db> take() {
    std::unique_lock lock(mutex_);
    if (!free_cv_.wait_for(lock, std::chrono::milliseconds(options_.busy_timeout_ms), [&] {
          return !free_.empty() || lent_ < options_.reader_connections_max;
        }))
      throw StoreError("locked", "all reading connections are busy; try again in a moment");
    ++lent_;
    if (!free_.empty()) {
      auto db = std::move(free_.back());
      free_.pop_back();
      return db;
    }
    lock.unlock();
    try {
      return open_reader(options_.path, options_);
    } catch (...) {
      give(nullptr);
      throw;
    }
  }

  void give(std::unique_ptr<Db> db) {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (db) free_.push_back(std::move(db));
    free_cv_.notify_one();
  }

 private:
  const StoreOptions& options_;
  std::mutex mutex_;
  std::condition_variable free_cv_;
  std::vector<std::unique_ptr<Db>> free_;
  std::size_t lent_ = 0;
};

StoreOptions checked(StoreOptions options) {
  if (!options.lookup_key)
    throw StoreError("key_missing", "no look-up key was given; name its credential file");
  options.batch_writes_max = std::max<std::size_t>(options.batch_writes_max, 1);
  options.reader_connections_max = std::max<std::size_t>(options.reader_connections_max, 1);
  return options;
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(StoreOptions options);
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;
  ~SqliteStore() override;

  void submit(Write write, Done done) override;
  void write(const Write& write) override;
  void read(const std::function<void(ReadTx&)>& read) override;
  bool run_pending() override;
  [[nodiscard]] Stats stats() const override;
  Result<void> backup(const std::string& path) override {
    return backup_store(path, options_, keys_);
  }

 private:
  void push(Job job);
  void take_from_queue(std::vector<Job>& jobs);
  void loop();
  bool run_batch(std::vector<Job>& jobs);
  void complete(std::vector<Job>& jobs, std::size_t count);
  [[nodiscard]] bool background() const { return options_.executor == Executor::background; }

  StoreOptions options_;
  std::unique_ptr<FileLock> lock_;
  KeyStore keys_;
  Vault vault_;
  std::unique_ptr<Writer> writer_;
  ReaderPool readers_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  Stats stats_;
  bool closing_ = false;
  bool running_ = false;                // inline: a batch is being run
  bool posted_ = false;                 // inline: a run_pending() is on its way
  std::shared_ptr<SqliteStore*> self_;  // emptied when this goes, so that late posts do nothing
  std::thread thread_;
};

SqliteStore::SqliteStore(StoreOptions options)
    : options_(checked(std::move(options))),
      lock_(options_.read_only || !options_.take_lock || !options_.vfs.empty()
                ? nullptr
                : std::make_unique<FileLock>(options_.path + ".lock")),
      keys_(keys_path(options_), options_, options_.read_only),
      vault_{keys_, options_.lookup_key},
      readers_(options_),
      self_(std::make_shared<SqliteStore*>(this)) {
  if (options_.read_only) {
    auto db = readers_.take();
    check_lookup_keys(*db, *options_.lookup_key, false);
    readers_.give(std::move(db));
    return;
  }
  writer_ = std::make_unique<Writer>(options_, vault_);
  if (background()) thread_ = std::thread([this] { loop(); });
}

SqliteStore::~SqliteStore() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  *self_ = nullptr;
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SqliteStore::push(Job job) {
  const std::lock_guard lock(mutex_);
  if (!writer_)
    throw StoreError("read_only", "this store was opened for reading; ask the daemon to change it");
  if (closing_) throw StoreError("closed", "the store is closing; nothing more is written");
  if (queue_.size() >= options_.queue_max)
    throw StoreError("overloaded",
                     fmt::format("{} writes wait already; try again in a moment", queue_.size()));
  queue_.push_back(std::move(job));
}

void SqliteStore::submit(Write write, Done done) {
  push({std::move(write), std::move(done), false, nullptr});
  if (background()) {
    wake_.notify_one();
  } else if (!options_.post) {
    if (!running_) run_pending();
  } else if (!posted_) {
    posted_ = true;
    options_.post([weak = std::weak_ptr(self_)] {
      const auto self = weak.lock();
      if (!self || *self == nullptr) return;
      (*self)->posted_ = false;
      (*self)->run_pending();
    });
  }
}

// What one waiting write came to. The waiter takes the error away whole: a promise would share it
// with the writer thread, which may free it while the waiter still reads its words.
struct Outcome {
  void settle(std::exception_ptr e) {
    const std::lock_guard lock(mutex);
    error = std::move(e);
    settled = true;
    changed.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return settled; });
    if (error) std::rethrow_exception(std::exchange(error, nullptr));
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::exception_ptr error;
  bool settled = false;
};

void SqliteStore::write(const Write& write) {
  if (background() && std::this_thread::get_id() == thread_.get_id())
    throw StoreError("store_error", "a write waits inside a write; this is a bug, report it");
  auto outcome = std::make_shared<Outcome>();
  const Done done = [outcome](std::exception_ptr error) { outcome->settle(std::move(error)); };
  if (!background() && running_)
    throw StoreError("store_error", "a write waits inside a write; this is a bug, report it");
  push({write, done, true, nullptr});
  if (background()) {
    wake_.notify_one();
  } else {
    run_pending();
  }
  outcome->wait();
}

void SqliteStore::read(const std::function<void(ReadTx&)>& read) {
  struct Lent {
    ReaderPool& pool;
    std::unique_ptr<Db> db;
    ~Lent() {
      if (db) db->rollback_quietly();
      pool.give(std::move(db));
    }
  };
  const Lent lent{readers_, readers_.take()};
  lent.db->exec("BEGIN", "starting a read");
  SqliteTx tx(*lent.db, vault_);
  read(tx);
}

void SqliteStore::take_from_queue(std::vector<Job>& jobs) {
  while (!queue_.empty() && jobs.size() < options_.batch_writes_max) {
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
}

bool SqliteStore::run_batch(std::vector<Job>& jobs) {
  const std::size_t count = writer_->run(jobs);
  {
    const std::lock_guard lock(mutex_);
    stats_.writes += count;
    stats_.commits = writer_->commits();
  }
  if (options_.fault_point) options_.fault_point("before_done");
  complete(jobs, count);
  return !jobs.empty();
}

void SqliteStore::complete(std::vector<Job>& jobs, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    Job& job = jobs[i];
    if (!job.done) continue;
    if (options_.post && !job.direct) {
      options_.post([done = std::move(job.done), error = std::move(job.error)] { done(error); });
    } else {
      job.done(std::move(job.error));
    }
  }
  jobs.erase(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(count));
}

bool SqliteStore::run_pending() {
  if (background() || running_) return false;
  struct Running {
    bool& flag;
    explicit Running(bool& f) : flag(f) { flag = true; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { flag = false; }
  };
  const Running running(running_);
  bool any = false;
  std::vector<Job> jobs;
  // A completion may submit again; those go round once more, to the queue's bound.
  for (std::size_t round = 0; round < options_.queue_max; ++round) {
    {
      const std::lock_guard lock(mutex_);
      take_from_queue(jobs);
    }
    if (jobs.empty()) break;
    any = true;
    while (run_batch(jobs)) {
    }
  }
  return any;
}

void SqliteStore::loop() {
  std::vector<Job> jobs;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (jobs.empty()) wake_.wait(lock, [&] { return !queue_.empty() || closing_; });
      if (jobs.empty() && queue_.empty()) return;
      take_from_queue(jobs);
    }
    run_batch(jobs);
  }
}

Store::Stats SqliteStore::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace

std::unique_ptr<Store> open_sqlite(StoreOptions options) {
  return std::make_unique<SqliteStore>(std::move(options));
}

}  // namespace moodline::store
