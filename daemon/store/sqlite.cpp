// SQLite wrapper: every failure becomes a StoreError that says what to do.
#include "daemon/store/sqlite.hpp"

#include <fmt/format.h>

namespace moodline::store {
namespace {

struct Meaning {
  int rc;
  const char* code;
  const char* cure;
};

constexpr Meaning meanings[] = {
    {SQLITE_FULL, "disk_full", "free some space on that disk; nothing was lost or half-written"},
    {SQLITE_IOERR, "io_error", "the disk failed; look at the kernel's log and check the disk"},
    {SQLITE_READONLY, "read_only",
     "the file or its disk cannot be written; mount it for writing, or mend its owner"},
    {SQLITE_CORRUPT, "corrupt", "the file is damaged; stop, keep it, and restore the last backup"},
    {SQLITE_NOTADB, "corrupt",
     "the file is not a database, or is damaged; restore the last backup"},
    {SQLITE_BUSY, "locked",
     "another process holds the database's lock; end it (a shell of sqlite3?) and try again"},
    {SQLITE_LOCKED, "locked", "the database is locked by another use; try again"},
    {SQLITE_CANTOPEN, "cannot_open",
     "the file cannot be opened; check that its folder is there and belongs to the service"},
    {SQLITE_PERM, "cannot_open", "the service may not open this file; mend its owner"},
    {SQLITE_AUTH, "cannot_open", "the service may not open this file; mend its owner"},
    {SQLITE_NOMEM, "no_memory", "memory ran out; give the service more"},
    {SQLITE_CONSTRAINT, "constraint", "a row breaks a rule of the store; this is a bug, report it"},
};

/// SQLite's count of its own memory takes a lock at each allocation, and nobody reads it.
void without_memory_statistics() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(done);  // refused where SQLite runs already; then it is only a little slower
}

constexpr int statements_max = 256;  // ours are constants; far fewer exist

}  // namespace

StoreError::StoreError(std::string code, std::string message)
    : code_(std::move(code)), message_(std::move(message)) {}

void throw_sqlite(int rc, std::string_view doing, const std::string& path) {
  for (const auto& m : meanings)
    if (m.rc == (rc & 0xff))
      throw StoreError(m.code, fmt::format("{}: {} failed ({}, {}); {}", path, doing,
                                           sqlite3_errstr(rc), rc, m.cure));
  throw StoreError("store_error", fmt::format("{}: {} failed ({}, {}); this is a bug, report it",
                                              path, doing, sqlite3_errstr(rc), rc));
}

Stmt::~Stmt() {
  if (s_ == nullptr) return;
  sqlite3_reset(s_);
  sqlite3_clear_bindings(s_);
}

Stmt& Stmt::bind(std::int64_t value) {
  if (const int rc = sqlite3_bind_int64(s_, next_++, value); rc != SQLITE_OK)
    db_->fail(rc, "binding");
  return *this;
}

Stmt& Stmt::text(std::string_view value) {
  const char* at = value.data() == nullptr ? "" : value.data();
  const int rc = sqlite3_bind_text64(s_, next_++, at, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (rc != SQLITE_OK) db_->fail(rc, "binding");
  return *this;
}

Stmt& Stmt::blob(std::string_view value) {
  const char* at = value.data() == nullptr ? "" : value.data();
  const int rc = sqlite3_bind_blob64(s_, next_++, at, value.size(), SQLITE_TRANSIENT);
  if (rc != SQLITE_OK) db_->fail(rc, "binding");
  return *this;
}

Stmt& Stmt::null() {
  if (const int rc = sqlite3_bind_null(s_, next_++); rc != SQLITE_OK) db_->fail(rc, "binding");
  return *this;
}

bool Stmt::step() {
  const int rc = sqlite3_step(s_);
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  db_->fail(rc, sqlite3_stmt_readonly(s_) != 0 ? "reading" : "writing");
}

bool Stmt::run_unique() {
  const int rc = sqlite3_step(s_);
  if (rc == SQLITE_DONE) return true;
  if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY) return false;
  db_->fail(rc, "writing");
}

std::int64_t Stmt::i64(int column) const {
  return sqlite3_column_int64(s_, column);
}

std::string_view Stmt::bytes(int column) const {
  const void* at = sqlite3_column_blob(s_, column);
  const int size = sqlite3_column_bytes(s_, column);
  return at == nullptr
             ? std::string_view{}
             : std::string_view(static_cast<const char*>(at), static_cast<std::size_t>(size));
}

bool Stmt::is_null(int column) const {
  return sqlite3_column_type(s_, column) == SQLITE_NULL;
}

Db::Db(const std::string& path, const OpenFlags& flags) : path_(path) {
  without_memory_statistics();
  const int mode = (flags.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                   (flags.create ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX;
  const int rc =
      sqlite3_open_v2(path.c_str(), &db_, mode, flags.vfs.empty() ? nullptr : flags.vfs.c_str());
  if (rc != SQLITE_OK) {
    sqlite3_close_v2(db_);
    db_ = nullptr;
    throw_sqlite(rc, "opening", path_);
  }
  sqlite3_extended_result_codes(db_, 1);
  sqlite3_busy_timeout(db_, flags.busy_timeout_ms);
}

Db::~Db() {
  for (auto& [sql, s] : cache_) sqlite3_finalize(s);
  sqlite3_close_v2(db_);
}

Stmt Db::prepare(std::string_view sql) {
  if (const auto it = cache_.find(sql); it != cache_.end()) return {*this, it->second};
  sqlite3_stmt* s = nullptr;
  const int rc = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                    SQLITE_PREPARE_PERSISTENT, &s, nullptr);
  if (rc != SQLITE_OK) fail(rc, "preparing a statement");
  if (cache_.size() >= statements_max) {
    sqlite3_finalize(s);
    throw StoreError("store_error", "too many kinds of statement; this is a bug, report it");
  }
  cache_.emplace(std::string(sql), s);
  return {*this, s};
}

void Db::exec(const std::string& sql, std::string_view doing) {
  if (const int rc = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr); rc != SQLITE_OK)
    fail(rc, doing);
}

std::int64_t Db::number(const std::string& sql) {
  Stmt s = prepare(sql);
  return s.step() ? s.i64(0) : 0;
}

bool Db::in_transaction() const {
  return sqlite3_get_autocommit(db_) == 0;
}

void Db::rollback_quietly() noexcept {
  if (in_transaction()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

std::int64_t Db::changes() const {
  return sqlite3_changes64(db_);
}
std::int64_t Db::last_id() const {
  return sqlite3_last_insert_rowid(db_);
}

}  // namespace moodline::store
