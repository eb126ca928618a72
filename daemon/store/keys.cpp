// keys.db: rollback journal in TRUNCATE mode, so that no old page outlives a destroyed key.
#include "daemon/store/keys.hpp"

#include <sodium.h>

#include <cstring>
#include <new>

#include <fmt/format.h>

namespace moodline::store {
namespace {

constexpr int keys_schema = 1;
constexpr int keys_application_id = 0x4d4f4f4b;  // "MOOK"
constexpr RowId keys_ahead = 32;                 // keys made in one commit
constexpr std::string_view wrap_column = "person_key.wrapped";

constexpr const char* keys_sql = R"sql(
CREATE TABLE person_key(
  person INTEGER PRIMARY KEY, master_version INTEGER NOT NULL, wrapped BLOB NOT NULL
) STRICT;
)sql";

OpenFlags flags_of(const StoreOptions& options, bool read_only) {
  return {.create = !read_only,
          .read_only = read_only,
          .busy_timeout_ms = options.busy_timeout_ms,
          .vfs = options.vfs};
}

/// A transaction that is rolled back unless committed.
struct Scope {
  Db& db;
  explicit Scope(Db& d) : db(d) { db.exec("BEGIN IMMEDIATE", "starting"); }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() { db.rollback_quietly(); }
  void commit() const { db.exec("COMMIT", "committing keys"); }
};

}  // namespace

void compact_copy(Db& from, const std::string& path) {
  from.exec("PRAGMA query_only=OFF", "starting a copy");  // it would forbid writing elsewhere too
  from.prepare("VACUUM INTO ?").text(path).run();
}

void copy_database(Db& from, const std::string& path, const std::string& vfs) {
  Db to(path, {.create = true, .read_only = false, .busy_timeout_ms = 5'000, .vfs = vfs});
  sqlite3_backup* job = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (job == nullptr) to.fail(sqlite3_extended_errcode(to.handle()), "starting a copy");
  const int step = sqlite3_backup_step(job, -1);
  const int rc = sqlite3_backup_finish(job);
  if (step != SQLITE_DONE) to.fail(step, "copying");
  if (rc != SQLITE_OK) to.fail(rc, "copying");
  to.exec("PRAGMA journal_mode=DELETE", "finishing a copy");
}

KeyStore::KeyStore(const std::string& path, const StoreOptions& options, bool read_only)
    : db_(path, flags_of(options, read_only)),
      master_(options.master_key),
      vfs_(options.vfs),
      read_only_(read_only),
      slots_max_(std::max<std::size_t>(options.unwrapped_keys_max, 1)) {
  if (!master_ || master_->newest() == 0)
    throw StoreError("key_missing", "no master key was given; name its credential file");
  open_file();
  arena_ = static_cast<unsigned char*>(sodium_malloc(slots_max_ * key_bytes));
  if (arena_ == nullptr) throw std::bad_alloc();
  for (std::size_t i = slots_max_; i > 0; --i) free_.push_back(i - 1);
  KeyCopy service;
  try {
    if (!load(service_person, service)) {
      if (read_only_)
        throw StoreError("key_missing", path + ": holds no keys; name the right keys file");
      ensure(service_person);
    }
  } catch (...) {
    sodium_free(arena_);
    throw;
  }
}

KeyStore::~KeyStore() {
  sodium_free(arena_);
}

KeyStore::Together::Together(KeyStore& keys) : keys_(keys) {
  const std::lock_guard lock(keys_.mutex_);
  ++keys_.together_;
}

KeyStore::Together::~Together() {
  const std::lock_guard lock(keys_.mutex_);
  if (--keys_.together_ == 0) keys_.end_reading();
}

void KeyStore::end_reading() noexcept {
  db_.rollback_quietly();
}

void KeyStore::open_file() {
  if (!read_only_) {
    db_.exec("PRAGMA journal_mode=TRUNCATE", "choosing the journal");
    db_.exec("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON", "opening keys");
  }
  const auto version = db_.number("PRAGMA user_version");
  const auto tables = db_.number("SELECT count(*) FROM sqlite_schema");
  if (version != 0 && db_.number("PRAGMA application_id") != keys_application_id)
    throw StoreError("not_moodline", db_.path() + ": is not a file of keys; name the right one");
  if (version > keys_schema)
    throw StoreError("newer_schema",
                     fmt::format("{}: was written by a newer moodline (schema {}, this program "
                                 "knows {}); install that version or later",
                                 db_.path(), version, keys_schema));
  if (version == 0 && tables > 0)
    throw StoreError("not_moodline", db_.path() +
                                         ": is another program's database; name a file of "
                                         "moodline's own");
  if (version == keys_schema) return;
  if (read_only_)
    throw StoreError("key_missing", db_.path() + ": holds no keys; start the daemon once first");
  const Scope scope(db_);
  db_.exec(keys_sql, "making the keys' table");
  db_.exec(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", keys_application_id,
                       keys_schema),
           "making the keys' table");
  scope.commit();
}

void KeyStore::unwrap(RowId person, int version, std::string_view wrapped, KeyCopy& out) const {
  const Secret* master = master_->find(version);
  if (master == nullptr)
    throw StoreError("wrong_key",
                     fmt::format("{}: keys are wrapped under master key version {}, which the key "
                                 "file lacks; put that line back and run `moodline key rotate`",
                                 db_.path(), version));
  std::string clear;
  const bool ok =
      unseal_into(master->data(), person, wrap_column, wrapped, clear) && clear.size() == key_bytes;
  if (ok) std::memcpy(out.bytes, clear.data(), key_bytes);
  sodium_memzero(clear.data(), clear.size());
  if (!ok)
    throw StoreError("wrong_key", db_.path() +
                                      ": this master key does not open the keys in it; "
                                      "give the key file that this store was made with");
}

bool KeyStore::load(RowId person, KeyCopy& out) {
  if (const auto it = by_person_.find(person); it != by_person_.end()) {
    recent_.splice(recent_.begin(), recent_, it->second);
    std::memcpy(out.bytes, arena_ + it->second->at * key_bytes, key_bytes);
    return true;
  }
  if (together_ > 0 && !db_.in_transaction()) db_.prepare("BEGIN").run();
  Stmt s = db_.prepare("SELECT master_version, wrapped FROM person_key WHERE person = ?");
  if (!s.bind(person).step()) return false;
  unwrap(person, static_cast<int>(s.i64(0)), s.bytes(1), out);
  remember(person, out);
  return true;
}

void KeyStore::remember(RowId person, const KeyCopy& key) {
  if (free_.empty()) forget(recent_.back().person);
  const std::size_t at = free_.back();
  free_.pop_back();
  std::memcpy(arena_ + at * key_bytes, key.bytes, key_bytes);
  recent_.push_front({person, at});
  by_person_[person] = recent_.begin();
}

void KeyStore::forget(RowId person) {
  const auto it = by_person_.find(person);
  if (it == by_person_.end()) return;
  sodium_memzero(arena_ + it->second->at * key_bytes, key_bytes);
  free_.push_back(it->second->at);
  recent_.erase(it->second);
  by_person_.erase(it);
}

bool KeyStore::find(RowId person, KeyCopy& out) {
  const std::lock_guard lock(mutex_);
  return load(person, out);
}

void KeyStore::get(RowId person, KeyCopy& out) {
  if (!find(person, out))
    throw StoreError("key_missing",
                     fmt::format("{}: holds no key for person {}; the database and the keys file "
                                 "do not belong together: restore both from the same backup",
                                 db_.path(), person));
}

void KeyStore::insert(RowId person, const unsigned char* key) {
  const int version = master_->newest();
  const std::string wrapped = seal(master_->find(version)->data(), person, wrap_column,
                                   std::string_view(reinterpret_cast<const char*>(key), key_bytes));
  db_.prepare(
         "INSERT INTO person_key(person, master_version, wrapped) VALUES(?, ?, ?) "
         "ON CONFLICT(person) DO NOTHING")
      .bind(person)
      .bind(version)
      .blob(wrapped)
      .run();
}

void KeyStore::ensure(RowId person) {
  const std::lock_guard lock(mutex_);
  {
    KeyCopy held;
    if (load(person, held)) return;
  }
  const RowId last = person == service_person ? person : person + keys_ahead - 1;
  end_reading();
  const Scope scope(db_);
  for (RowId id = person; id <= last; ++id) {
    KeyCopy key;
    randombytes_buf(key.bytes, key_bytes);
    insert(id, key.bytes);
  }
  scope.commit();
}

void KeyStore::destroy(const std::vector<RowId>& persons) {
  const std::lock_guard lock(mutex_);
  end_reading();
  const Scope scope(db_);
  for (const RowId person : persons)
    db_.prepare("DELETE FROM person_key WHERE person = ?").bind(person).run();
  scope.commit();
  // A page that once took part in a balancing of the tree may keep a copy of its neighbour's rows
  // where it is empty, which secure_delete does not see: the file, small as it is, is written anew.
  db_.exec("VACUUM", "writing the keys anew");
  for (const RowId person : persons) forget(person);
}

int KeyStore::rewrap() {
  const std::lock_guard lock(mutex_);
  struct Row {
    RowId person;
    int version;
    std::string wrapped;
  };
  const int newest = master_->newest();
  int changed = 0;
  end_reading();
  const Scope scope(db_);
  std::vector<Row> rows;
  {
    Stmt s = db_.prepare(
        "SELECT person, master_version, wrapped FROM person_key "
        "WHERE master_version <> ?");
    s.bind(newest);
    while (s.step())
      rows.push_back({s.i64(0), static_cast<int>(s.i64(1)), std::string(s.bytes(2))});
  }
  for (const auto& row : rows) {
    KeyCopy key;
    unwrap(row.person, row.version, row.wrapped, key);
    const auto wrapped = seal(master_->find(newest)->data(), row.person, wrap_column,
                              std::string_view(reinterpret_cast<char*>(key.bytes), key_bytes));
    db_.prepare("UPDATE person_key SET master_version = ?, wrapped = ? WHERE person = ?")
        .bind(newest)
        .blob(wrapped)
        .bind(row.person)
        .run();
    ++changed;
  }
  scope.commit();
  return changed;
}

void KeyStore::copy_to(const std::string& path) {
  const std::lock_guard lock(mutex_);
  end_reading();
  copy_database(db_, path, vfs_);
}

}  // namespace moodline::store
