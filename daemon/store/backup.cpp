// Backups: copy under another name, prove it, then rename. Restore: prove, put in place, erase
// again what was erased since.
#include "daemon/store/backup.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "daemon/store/schema.hpp"
#include "daemon/store/sqlite_tx.hpp"

namespace moodline::store {
namespace {

constexpr int persons_page = 500;

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

void sync_file(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

Result<void> move_file(const std::string& from, const std::string& to) {
  sync_file(from, O_RDONLY);
  if (std::rename(from.c_str(), to.c_str()) != 0)
    return fault("backup_failed",
                 fmt::format("{}: cannot be renamed to {}: {}", from, to, std::strerror(errno)));
  const auto slash = to.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : to.substr(0, slash + 1);
  sync_file(folder, O_RDONLY | O_DIRECTORY);
  return {};
}

/// Every person's row must open with their key; those without one are counted.
void check_persons(Db& db, Vault& vault, BackupReport& report) {
  SqliteTx tx(db, vault);
  RowId after = 0;
  for (auto ids = tx.person_ids(after, persons_page); !ids.empty();
       ids = tx.person_ids(after, persons_page)) {
    for (const RowId id : ids) {
      ++report.persons;
      KeyCopy key;
      if (!vault.keys.find(id, key)) {
        ++report.persons_without_key;
      } else if (!tx.person(id)) {
        throw StoreError("corrupt", "a person's row is listed but not found");
      }
    }
    after = ids.back();
  }
  if (const auto seq = tx.audit_broken_at())
    throw StoreError("corrupt", fmt::format("the audit trail does not verify from row {}", *seq));
}

BackupReport verify(const std::string& path, const std::string& keys, const StoreOptions& options) {
  BackupReport report;
  const auto db = open_reader(path, options);
  {
    Stmt s = db->prepare("PRAGMA integrity_check");
    if (!s.step() || s.bytes(0) != "ok")
      throw StoreError("corrupt", "its pages do not check: " + std::string(s.bytes(0)));
  }
  if (db->prepare("PRAGMA foreign_key_check").step())
    throw StoreError("corrupt", "a row belongs to a person who is not there");
  check_lookup_keys(*db, *options.lookup_key, false);
  KeyStore key_store(keys, options, true);
  Vault vault{key_store, options.lookup_key};
  report.schema = static_cast<int>(db->number("PRAGMA user_version"));
  report.messages = db->number("SELECT count(*) FROM message");
  report.inbound = db->number("SELECT count(*) FROM inbound");
  report.readings = db->number("SELECT count(*) FROM reading");
  report.audit_rows = db->number("SELECT count(*) FROM audit");
  check_persons(*db, vault, report);
  return report;
}

tl::unexpected<Fault> bad(const std::string& path, const StoreError& e) {
  return fault("backup_bad",
               fmt::format("{}: {} ({}); use another backup", path, e.what(), e.code()));
}

}  // namespace

Result<void> backup_store(const std::string& path, const StoreOptions& options, KeyStore& keys) {
  if (path == options.path)
    return fault("backup_failed", path + ": is the store itself; name another file");
  if (options.vfs.empty() && is_there(path))
    return fault("backup_failed", path + ": is there already; name a new file");
  const std::string partial = path + ".partial";
  const std::string partial_keys = path + ".keys-copy.partial";
  try {
    ::unlink(partial.c_str());
    ::unlink(partial_keys.c_str());
    {
      // The keys are copied second, so that they hold one for every person in the first.
      const auto from = open_reader(options.path, options);
      compact_copy(*from, partial);
      keys.copy_to(partial_keys);
    }
    verify(partial, partial_keys, options);
  } catch (const StoreError& e) {
    ::unlink(partial.c_str());
    ::unlink(partial_keys.c_str());
    return fault("backup_failed", fmt::format("{}: {}", path, e.what()));
  }
  if (!options.vfs.empty()) return {};  // no names to move in a VFS of memory
  ::chmod(partial.c_str(), 0600);
  ::chmod(partial_keys.c_str(), 0600);
  if (auto ok = move_file(partial_keys, path + ".keys-copy"); !ok) return ok;
  return move_file(partial, path);
}

Result<BackupReport> restore_check(const std::string& backup_path, const StoreOptions& options) {
  if (options.vfs.empty() && !is_there(backup_path))
    return fault("backup_missing", backup_path +
                                       ": is not there; name a file that `moodline "
                                       "backup` made");
  const bool copy = is_there(backup_path + ".keys-copy");
  try {
    auto report =
        verify(backup_path, copy ? backup_path + ".keys-copy" : keys_path(options), options);
    report.keys_copy = copy;
    return report;
  } catch (const StoreError& e) {
    return bad(backup_path, e);
  }
}

namespace {

/// The present keys where they fit the copy, else the copy's own.
Result<BackupReport> choose_keys(const std::string& backup_path, const StoreOptions& options,
                                 bool& use_copy) {
  use_copy = false;
  const std::string copy = backup_path + ".keys-copy";
  try {
    if (is_there(keys_path(options))) {
      const auto report = verify(backup_path, keys_path(options), options);
      if (report.persons_without_key < report.persons || report.persons == 0 || !is_there(copy))
        return report;
    }
  } catch (const StoreError& e) {
    if (!is_there(copy)) return bad(backup_path, e);
  }
  use_copy = true;
  auto checked = restore_check(backup_path, options);
  return checked;
}

Result<void> put_in_place(const std::string& from, const std::string& to,
                          const StoreOptions& options) {
  const std::string partial = to + ".restoring";
  ::unlink(partial.c_str());
  {
    Db source(from, {.create = false,
                     .read_only = true,
                     .busy_timeout_ms = options.busy_timeout_ms,
                     .vfs = {}});
    copy_database(source, partial, "");
  }
  ::chmod(partial.c_str(), 0600);
  for (const char* suffix : {"", "-wal", "-journal"}) {
    const std::string old = to + suffix;
    if (!is_there(old)) continue;
    if (auto ok = move_file(old, to + ".before-restore" + suffix); !ok) return ok;
  }
  ::unlink((to + "-shm").c_str());
  return move_file(partial, to);
}

}  // namespace

Result<BackupReport> restore(const std::string& backup_path, const StoreOptions& options) {
  if (!is_there(backup_path))
    return fault("backup_missing", backup_path +
                                       ": is not there; name a file that `moodline "
                                       "backup` made");
  try {
    const FileLock lock(options.path + ".lock");
    bool use_copy = false;
    auto report = choose_keys(backup_path, options, use_copy);
    if (!report) return report;
    if (use_copy)
      if (auto ok = put_in_place(backup_path + ".keys-copy", keys_path(options), options); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = put_in_place(backup_path, options.path, options); !ok)
      return tl::unexpected(ok.error());
    StoreOptions opening = options;
    opening.executor = Executor::inline_;
    opening.take_lock = false;  // held above
    opening.read_only = false;
    const auto store = open_sqlite(opening);  // erases again what the journal lists
    return report;
  } catch (const StoreError& e) {
    return fault("restore_failed", e.what());
  }
}

Result<int> rotate_master(const StoreOptions& options) {
  try {
    const FileLock lock(options.path + ".lock");  // not beside a running daemon
    KeyStore keys(keys_path(options), options, false);
    return keys.rewrap();
  } catch (const StoreError& e) {
    return fault(e.code(), e.what());
  }
}

Result<int> drop_old_key_copies(const std::string& folder, Instant now) {
  // A backup that was killed leaves its copy under the unfinished name.
  constexpr std::string_view suffix = ".keys-copy";
  constexpr std::string_view unfinished = ".keys-copy.partial";
  DIR* dir = ::opendir(folder.c_str());
  if (dir == nullptr)
    return fault("backup_missing",
                 fmt::format("{}: cannot be listed: {}", folder, std::strerror(errno)));
  int dropped = 0;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string_view name = entry->d_name;
    if (!name.ends_with(suffix) && !name.ends_with(unfinished)) continue;
    const std::string path = folder + "/" + std::string(name);
    struct stat st {};
    if (::stat(path.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) continue;
    const std::int64_t made_ms = static_cast<std::int64_t>(st.st_mtime) * 1000;
    if (now.ms - made_ms <= key_copies_kept_ms) continue;
    if (::unlink(path.c_str()) == 0) ++dropped;
  }
  ::closedir(dir);
  return dropped;
}

}  // namespace moodline::store
