// SQLite in C++ clothes: connections, cached statements, errors as StoreError.
// Included by daemon/store alone.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/store/store.hpp"

namespace moodline::store {

/// The StoreError of a SQLite result code. `doing` is plain words: "committing".
[[noreturn]] void throw_sqlite(int rc, std::string_view doing, const std::string& path);

struct OpenFlags {
  bool create = false;
  bool read_only = false;
  int busy_timeout_ms = 5'000;
  std::string vfs;
};

class Db;

/// One use of a cached statement; resets it when it goes. Not shared between threads.
class Stmt {
 public:
  Stmt(Db& db, sqlite3_stmt* s) : db_(&db), s_(s) {}
  Stmt(Stmt&& o) noexcept : db_(o.db_), s_(o.s_), next_(o.next_) { o.s_ = nullptr; }
  Stmt(const Stmt&) = delete;
  Stmt& operator=(const Stmt&) = delete;
  Stmt& operator=(Stmt&&) = delete;
  ~Stmt();

  // Binding, in order, from the first parameter on.
  Stmt& bind(std::int64_t value);
  Stmt& text(std::string_view value);
  Stmt& blob(std::string_view value);
  Stmt& null();

  /// True where there is a row. Throws StoreError.
  bool step();
  /// Runs a statement without rows; a broken unique rule gives false, all else throws.
  bool run_unique();
  void run() { step(); }

  // Columns of the row, from 0.
  [[nodiscard]] std::int64_t i64(int column) const;
  [[nodiscard]] std::string_view bytes(int column) const;  // until the next step
  [[nodiscard]] bool is_null(int column) const;

 private:
  Db* db_;
  sqlite3_stmt* s_;
  int next_ = 1;
};

/// One connection. One thread at a time.
class Db {
 public:
  Db(const std::string& path, const OpenFlags& flags);
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;
  ~Db();

  /// A statement from the cache. `sql` may end with the call.
  Stmt prepare(std::string_view sql);
  void exec(const std::string& sql, std::string_view doing);
  std::int64_t number(const std::string& sql);
  [[nodiscard]] bool in_transaction() const;
  void rollback_quietly() noexcept;
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] std::int64_t last_id() const;
  [[nodiscard]] sqlite3* handle() const { return db_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[noreturn]] void fail(int rc, std::string_view doing) const { throw_sqlite(rc, doing, path_); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  std::string path_;
  sqlite3* db_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*, Hash, std::equal_to<>> cache_;
};

}  // namespace moodline::store
