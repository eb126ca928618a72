// Migrations run one by one, each in its own transaction with its version: killed half-way, the
// next start goes on from the last whole one.
#include "daemon/store/schema.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "daemon/store/migrations/v1.hpp"
#include "daemon/store/migrations/v2.hpp"
#include "daemon/store/migrations/v3.hpp"
#include "daemon/store/migrations/v4.hpp"

namespace moodline::store {
namespace {

constexpr int application_id = 0x4d4f4f44;  // "MOOD"
constexpr std::string_view all_migrations[] = {migrations::v1, migrations::v2, migrations::v3,
                                               migrations::v4};
constexpr std::int64_t wal_bytes_kept = 16LL * 1024 * 1024;
constexpr int cache_kib = 8 * 1024;

void use_wal(Db& db) {
  // EXTRA for this one step: the rollback journal of the change to WAL must not come back from the
  // dead after a power cut, when it would undo what was committed since.
  db.exec("PRAGMA synchronous=EXTRA", "opening");
  Stmt s = db.prepare("PRAGMA journal_mode=WAL");
  if (!s.step() || s.bytes(0) != "wal")
    throw StoreError("cannot_open", db.path() +
                                        ": cannot use a write-ahead log here; put the "
                                        "database on a local disk");
}

void migrate(Db& db) {
  for (int version = 0; version < schema_version(); ++version) {
    if (db.number("PRAGMA user_version") > version) continue;
    db.exec("BEGIN IMMEDIATE", "starting a migration");
    try {
      db.exec(std::string(all_migrations[version]), "migrating");
      db.exec(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", application_id,
                          version + 1),
              "migrating");
      db.exec("COMMIT", "committing a migration");
    } catch (...) {
      db.rollback_quietly();
      throw;
    }
  }
}

}  // namespace

int schema_version() {
  return static_cast<int>(std::size(all_migrations));
}

std::string keys_path(const StoreOptions& options) {
  return options.keys_path.empty() ? options.path + ".keys" : options.keys_path;
}

std::string erased_path(const StoreOptions& options) {
  return options.erased_path.empty() ? options.path + ".erased" : options.erased_path;
}

FileLock::FileLock(const std::string& path) {
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0)
    throw StoreError("cannot_open",
                     fmt::format("{}: cannot be made ({}); check that its folder is there and "
                                 "belongs to the service",
                                 path, std::strerror(errno)));
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(fd_);
  throw StoreError("in_use", path +
                                 ": another moodlined, or a moodline tool that writes, has this "
                                 "store open; stop it first, or ask the daemon instead");
}

FileLock::~FileLock() {
  ::close(fd_);
}

void check_schema(Db& db, bool may_be_older) {
  const auto version = db.number("PRAGMA user_version");
  if (version == 0 && may_be_older) {
    if (db.number("SELECT count(*) FROM sqlite_schema") > 0)
      throw StoreError("not_moodline", db.path() +
                                           ": is another program's database; name a file "
                                           "of moodline's own");
    return;
  }
  if (db.number("PRAGMA application_id") != application_id)
    throw StoreError("not_moodline",
                     db.path() + ": is not a moodline database; name the right file");
  if (version > schema_version())
    throw StoreError("newer_schema",
                     fmt::format("{}: was written by a newer moodline (schema {}, this program "
                                 "knows {}); install that version or later, or restore a backup "
                                 "made before the upgrade",
                                 db.path(), version, schema_version()));
  if (version < schema_version() && !may_be_older)
    throw StoreError("older_schema",
                     fmt::format("{}: has schema {} and this program reads {}; start moodlined "
                                 "once to migrate it",
                                 db.path(), version, schema_version()));
}

std::unique_ptr<Db> open_writer(const StoreOptions& options) {
  auto db = std::make_unique<Db>(options.path, OpenFlags{.create = true,
                                                         .read_only = false,
                                                         .busy_timeout_ms = options.busy_timeout_ms,
                                                         .vfs = options.vfs});
  check_schema(*db, true);
  use_wal(*db);
  db->exec(fmt::format("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
                       "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
                       "PRAGMA wal_autocheckpoint={}; PRAGMA journal_size_limit={};"
                       "PRAGMA cache_size=-{}",
                       options.checkpoint_pages, wal_bytes_kept, cache_kib),
           "opening");
  migrate(*db);
  return db;
}

std::unique_ptr<Db> open_reader(const std::string& path, const StoreOptions& options) {
  auto db = std::make_unique<Db>(path, OpenFlags{.create = false,
                                                 .read_only = true,
                                                 .busy_timeout_ms = options.busy_timeout_ms,
                                                 .vfs = options.vfs});
  check_schema(*db, false);
  db->exec("PRAGMA query_only=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF", "opening");
  return db;
}

void check_lookup_keys(Db& db, const KeyRing& ring, bool write) {
  if (ring.newest() == 0)
    throw StoreError("key_missing", "no look-up key was given; name its credential file");
  // Every version the file has seen must be in the ring: tombstones may carry it.
  Stmt seen = db.prepare("SELECT name, value FROM meta WHERE name LIKE 'lookup-%'");
  while (seen.step()) {
    const std::string value(seen.bytes(1));
    const int version = static_cast<unsigned char>(value.empty() ? 0 : value[0]);
    const Secret* key = ring.find(version);
    if (key == nullptr || number_hash(version, *key, "check") != value)
      throw StoreError("wrong_lookup_key",
                       fmt::format("{}: look-up key version {} is missing from the key file or is "
                                   "another; give the file this store was made with (versions are "
                                   "only ever added)",
                                   db.path(), version));
  }
  if (!write) return;
  for (const auto& [version, key] : ring.all())
    db.prepare("INSERT INTO meta(name, value) VALUES(?, ?) ON CONFLICT(name) DO NOTHING")
        .text("lookup-" + std::to_string(version))
        .blob(number_hash(version, key, "check"))
        .run();
}

}  // namespace moodline::store
