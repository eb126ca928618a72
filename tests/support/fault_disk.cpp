// The disk in memory. Files are kept twice: as the process sees them, and as they are on the
// platter, with the writes between the two in order.
#include "tests/support/fault_disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <thread>

namespace moodline::testing {
namespace {

constexpr std::size_t sector_bytes = 512;
constexpr int shm_slots = 8;
constexpr sqlite3_int64 fixed_time = 212'500'000'000'000;  // Julian milliseconds, in 2021

struct Handle;

/// One write or truncation that no sync has covered.
struct Pending {
  std::size_t at = 0;
  std::string bytes;
  bool truncate = false;  // to `at` bytes
};

void apply(std::string& content, const Pending& p, std::size_t bytes) {
  if (p.truncate) {
    content.resize(p.at);
    return;
  }
  if (content.size() < p.at + bytes) content.resize(p.at + bytes);
  content.replace(p.at, bytes, p.bytes, 0, bytes);
}

struct Shm {
  struct Slot {
    const Handle* exclusive = nullptr;
    int shared = 0;
  };
  std::vector<std::unique_ptr<char[]>> regions;
  std::array<Slot, shm_slots> slots;
  int users = 0;
};

struct File {
  std::string name;
  std::string current;
  std::string durable;
  std::vector<Pending> pending;
  bool name_durable = false;  // synced at least once since it was made
  const Handle* reserved = nullptr;
  const Handle* claimed = nullptr;  // pending or exclusive
  int shared = 0;
  Shm shm;
};

struct Handle {
  FaultDisk::Impl* disk = nullptr;
  std::shared_ptr<File> file;
  std::uint64_t life = 0;
  int level = SQLITE_LOCK_NONE;
  bool shm_open = false;
  unsigned shm_shared = 0, shm_exclusive = 0;  // bit a slot
};

struct SqliteFile {
  sqlite3_file base;
  Handle* handle;
};

struct ActiveFault {
  DiskFault fault;
  std::uint64_t seen = 0;
};

}  // namespace

struct FaultDisk::Impl {
  std::string name;
  sqlite3_vfs vfs{};
  mutable std::recursive_mutex mutex;
  std::map<std::string, std::shared_ptr<File>> files;
  std::map<std::string, std::shared_ptr<File>> removed;  // whose removal is not durable yet
  std::vector<ActiveFault> faults;
  std::mt19937_64 random;
  std::uint64_t life = 1;  // handles of an earlier life are dead
  std::uint64_t ops = 0, syncs = 0, freeze_at = UINT64_MAX;
  bool held = false;

  /// SQLITE_OK, or the code of a fault that strikes this call.
  int strike(DiskOp op, const std::string& file, bool* half = nullptr) {
    const bool changes =
        op == DiskOp::write || op == DiskOp::sync || op == DiskOp::truncate || op == DiskOp::remove;
    if (ops >= freeze_at) return SQLITE_IOERR;
    if (changes) ++ops;
    if (held) return SQLITE_OK;
    for (auto& a : faults) {
      if (a.fault.op != op || !file.ends_with(a.fault.file)) continue;
      const std::uint64_t n = a.seen++;
      if (n < a.fault.skip || n - a.fault.skip >= a.fault.times) continue;
      if (half != nullptr) *half = a.fault.half_first;
      return a.fault.rc;
    }
    return SQLITE_OK;
  }

  void next_life(std::map<std::string, std::shared_ptr<File>> next) {
    files = std::move(next);
    ++life;
    freeze_at = UINT64_MAX;
    faults.clear();
  }
};

namespace {

using Impl = FaultDisk::Impl;
using Guard = std::lock_guard<std::recursive_mutex>;

Handle& handle_of(sqlite3_file* f) {
  return *reinterpret_cast<SqliteFile*>(f)->handle;
}
bool dead(const Handle& h) {
  return h.life != h.disk->life;
}
Impl& disk_of(sqlite3_vfs* vfs) {
  return *static_cast<Impl*>(vfs->pAppData);
}

void release(Handle& h, int level) {
  File& f = *h.file;
  if (f.reserved == &h) f.reserved = nullptr;
  if (f.claimed == &h) f.claimed = nullptr;
  if (level == SQLITE_LOCK_NONE && h.level >= SQLITE_LOCK_SHARED) --f.shared;
  h.level = std::min(h.level, level);
}

int shm_unmap(sqlite3_file* file, int) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  if (!h.shm_open) return SQLITE_OK;
  Shm& shm = h.file->shm;
  for (unsigned i = 0; i < shm_slots; ++i) {
    if ((h.shm_shared & (1U << i)) != 0) --shm.slots[i].shared;
    if ((h.shm_exclusive & (1U << i)) != 0) shm.slots[i].exclusive = nullptr;
  }
  h.shm_shared = h.shm_exclusive = 0;
  h.shm_open = false;
  if (--shm.users == 0) shm.regions.clear();
  return SQLITE_OK;
}

int do_close(sqlite3_file* file) {
  Handle& h = handle_of(file);
  {
    const Guard guard(h.disk->mutex);
    shm_unmap(file, 0);
    release(h, SQLITE_LOCK_NONE);
  }
  delete &h;
  return SQLITE_OK;
}

int do_read(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  if (dead(h)) return SQLITE_IOERR_READ;
  if (const int rc = h.disk->strike(DiskOp::read, h.file->name); rc != SQLITE_OK) return rc;
  const auto& bytes = h.file->current;
  const auto from = std::min(static_cast<std::size_t>(at), bytes.size());
  const auto have = std::min(static_cast<std::size_t>(size), bytes.size() - from);
  std::memcpy(out, bytes.data() + from, have);
  if (have == static_cast<std::size_t>(size)) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + have, 0, static_cast<std::size_t>(size) - have);
  return SQLITE_IOERR_SHORT_READ;
}

int do_write(sqlite3_file* file, const void* in, int size, sqlite3_int64 at) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  if (dead(h)) return SQLITE_IOERR_WRITE;
  bool half = false;
  const int rc = h.disk->strike(DiskOp::write, h.file->name, &half);
  if (rc != SQLITE_OK && !half) return rc;
  const auto bytes = static_cast<std::size_t>(rc == SQLITE_OK ? size : size / 2);
  Pending p{static_cast<std::size_t>(at), std::string(static_cast<const char*>(in), bytes), false};
  apply(h.file->current, p, bytes);
  h.file->pending.push_back(std::move(p));
  return rc;
}

int do_truncate(sqlite3_file* file, sqlite3_int64 size) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  if (dead(h)) return SQLITE_IOERR_TRUNCATE;
  if (const int rc = h.disk->strike(DiskOp::truncate, h.file->name); rc != SQLITE_OK) return rc;
  Pending p{static_cast<std::size_t>(size), {}, true};
  apply(h.file->current, p, 0);
  h.file->pending.push_back(std::move(p));
  return SQLITE_OK;
}

int do_sync(sqlite3_file* file, int) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  if (dead(h)) return SQLITE_IOERR_FSYNC;
  if (const int rc = h.disk->strike(DiskOp::sync, h.file->name); rc != SQLITE_OK) return rc;
  ++h.disk->syncs;
  for (const auto& p : h.file->pending) apply(h.file->durable, p, p.bytes.size());
  h.file->pending.clear();
  h.file->name_durable = true;
  h.disk->removed.erase(h.file->name);
  return SQLITE_OK;
}

int do_size(sqlite3_file* file, sqlite3_int64* size) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  if (dead(h)) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(h.file->current.size());
  return SQLITE_OK;
}

int do_lock(sqlite3_file* file, int level) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  if (dead(h)) return SQLITE_IOERR_LOCK;
  if (h.level >= level) return SQLITE_OK;
  if (const int rc = h.disk->strike(DiskOp::lock, h.file->name); rc != SQLITE_OK) return rc;
  File& f = *h.file;
  if (f.claimed != nullptr && f.claimed != &h) return SQLITE_BUSY;
  if (level == SQLITE_LOCK_SHARED) {
    ++f.shared;
    h.level = SQLITE_LOCK_SHARED;
    return SQLITE_OK;
  }
  if (f.reserved != nullptr && f.reserved != &h) return SQLITE_BUSY;
  if (level == SQLITE_LOCK_RESERVED) {
    f.reserved = &h;
    h.level = SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
  }
  f.claimed = &h;
  h.level = SQLITE_LOCK_PENDING;
  if (f.shared > 1) return SQLITE_BUSY;
  h.level = SQLITE_LOCK_EXCLUSIVE;
  return SQLITE_OK;
}

int do_unlock(sqlite3_file* file, int level) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  release(h, level);
  return SQLITE_OK;
}

int do_check_reserved(sqlite3_file* file, int* out) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  *out = h.file->reserved != nullptr || h.file->claimed != nullptr ? 1 : 0;
  return SQLITE_OK;
}

int do_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int do_sector(sqlite3_file*) {
  return static_cast<int>(sector_bytes);
}
int do_characteristics(sqlite3_file*) {
  return 0;
}  // promises nothing: the hardest disk

int shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  *out = nullptr;
  if (dead(h)) return SQLITE_IOERR_SHMMAP;
  Shm& shm = h.file->shm;
  if (!h.shm_open) {
    h.shm_open = true;
    ++shm.users;
  }
  while (static_cast<int>(shm.regions.size()) <= region) {
    if (extend == 0) return SQLITE_OK;
    shm.regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  }
  *out = shm.regions[static_cast<std::size_t>(region)].get();
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* file, int first, int count, int flags) {
  Handle& h = handle_of(file);
  const Guard guard(h.disk->mutex);
  if (dead(h)) return SQLITE_IOERR_SHMLOCK;
  auto& slots = h.file->shm.slots;
  const bool shared = (flags & SQLITE_SHM_SHARED) != 0;
  for (int i = first; i < first + count; ++i) {
    const unsigned bit = 1U << i;
    auto& slot = slots[static_cast<std::size_t>(i)];
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      if (shared && (h.shm_shared & bit) != 0) --slot.shared;
      if (!shared && (h.shm_exclusive & bit) != 0) slot.exclusive = nullptr;
      (shared ? h.shm_shared : h.shm_exclusive) &= ~bit;
      continue;
    }
    if (slot.exclusive != nullptr && slot.exclusive != &h) return SQLITE_BUSY;
    const int others = slot.shared - ((h.shm_shared & bit) != 0 ? 1 : 0);
    if (!shared && others > 0) return SQLITE_BUSY;
  }
  if ((flags & SQLITE_SHM_UNLOCK) != 0) return SQLITE_OK;
  for (int i = first; i < first + count; ++i) {
    const unsigned bit = 1U << i;
    auto& slot = slots[static_cast<std::size_t>(i)];
    if (shared && (h.shm_shared & bit) == 0) ++slot.shared;
    if (!shared) slot.exclusive = &h;
    (shared ? h.shm_shared : h.shm_exclusive) |= bit;
  }
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file* file) {
  const Guard guard(handle_of(file).disk->mutex);
}

const sqlite3_io_methods methods = {2,
                                    do_close,
                                    do_read,
                                    do_write,
                                    do_truncate,
                                    do_sync,
                                    do_size,
                                    do_lock,
                                    do_unlock,
                                    do_check_reserved,
                                    do_control,
                                    do_sector,
                                    do_characteristics,
                                    shm_map,
                                    shm_lock,
                                    shm_barrier,
                                    shm_unmap,
                                    nullptr,
                                    nullptr};

int vfs_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  Impl& disk = disk_of(vfs);
  const Guard guard(disk.mutex);
  out->pMethods = nullptr;
  const std::string path = name == nullptr ? "" : name;
  if (const int rc = disk.strike(DiskOp::open, path); rc != SQLITE_OK) return rc;
  std::shared_ptr<File> file;
  const auto it = disk.files.find(path);
  if (name == nullptr || (it == disk.files.end() && (flags & SQLITE_OPEN_CREATE) != 0)) {
    file = std::make_shared<File>();
    file->name = path;
    if (name != nullptr) disk.files[path] = file;
  } else if (it != disk.files.end()) {
    file = it->second;
  } else {
    return SQLITE_CANTOPEN;
  }
  auto* made = new Handle;
  made->disk = &disk;
  made->file = std::move(file);
  made->life = disk.life;
  reinterpret_cast<SqliteFile*>(out)->handle = made;
  out->pMethods = &methods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  Impl& disk = disk_of(vfs);
  const Guard guard(disk.mutex);
  if (const int rc = disk.strike(DiskOp::remove, name); rc != SQLITE_OK) return rc;
  const auto it = disk.files.find(name);
  if (it == disk.files.end()) return SQLITE_IOERR_DELETE_NOENT;
  if (sync_folder == 0 && it->second->name_durable) disk.removed[name] = it->second;
  disk.files.erase(it);
  return SQLITE_OK;
}

int vfs_access(sqlite3_vfs* vfs, const char* name, int flags, int* out) {
  Impl& disk = disk_of(vfs);
  const Guard guard(disk.mutex);
  const auto it = disk.files.find(name);
  // As on Unix, an empty file does not count as being there.
  *out = it != disk.files.end() && (flags != SQLITE_ACCESS_EXISTS || !it->second->current.empty())
             ? 1
             : 0;
  return SQLITE_OK;
}

int vfs_path(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int vfs_random(sqlite3_vfs* vfs, int size, char* out) {
  Impl& disk = disk_of(vfs);
  const Guard guard(disk.mutex);
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(disk.random() & 0xff);
  return size;
}

int vfs_sleep(sqlite3_vfs*, int us) {
  std::this_thread::sleep_for(std::chrono::microseconds(std::min(us, 1'000)));
  return us;
}

int vfs_time(sqlite3_vfs*, double* out) {
  *out = static_cast<double>(fixed_time) / 86'400'000.0;
  return SQLITE_OK;
}

int vfs_last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

/// What is on the platter after the power went: by the seed, each unsynced write is kept, dropped,
/// torn at a sector, or overtaken by a later one.
std::string wreck(const File& file, std::mt19937_64& random) {
  std::string out = file.durable;
  const auto mode = random() % 4;
  if (mode == 0) return out;  // all dropped
  std::vector<const Pending*> kept;
  if (mode == 1) {  // in order, up to some point
    const auto n = random() % (file.pending.size() + 1);
    for (std::size_t i = 0; i < n; ++i) kept.push_back(&file.pending[i]);
  } else {  // any of them; in the last mode, in any order
    for (const auto& p : file.pending)
      if (random() % 2 == 0) kept.push_back(&p);
    if (mode == 3)
      for (std::size_t i = kept.size(); i > 1; --i) std::swap(kept[i - 1], kept[random() % i]);
  }
  for (std::size_t i = 0; i < kept.size(); ++i) {
    std::size_t size = kept[i]->bytes.size();
    const bool torn = !kept[i]->truncate && (i + 1 == kept.size() || random() % 8 == 0);
    if (torn && size > sector_bytes) size = random() % (size / sector_bytes) * sector_bytes;
    apply(out, *kept[i], size);
  }
  return out;
}

}  // namespace

FaultDisk::FaultDisk(std::string vfs_name, std::uint64_t seed) : impl_(std::make_unique<Impl>()) {
  Impl& d = *impl_;
  d.name = std::move(vfs_name);
  d.random.seed(seed);
  d.vfs.iVersion = 1;
  d.vfs.szOsFile = sizeof(SqliteFile);
  d.vfs.mxPathname = 512;
  d.vfs.zName = d.name.c_str();
  d.vfs.pAppData = &d;
  d.vfs.xOpen = vfs_open;
  d.vfs.xDelete = vfs_delete;
  d.vfs.xAccess = vfs_access;
  d.vfs.xFullPathname = vfs_path;
  d.vfs.xRandomness = vfs_random;
  d.vfs.xSleep = vfs_sleep;
  d.vfs.xCurrentTime = vfs_time;
  d.vfs.xGetLastError = vfs_last_error;
  sqlite3_vfs_register(&d.vfs, 0);
}

FaultDisk::~FaultDisk() {
  sqlite3_vfs_unregister(&impl_->vfs);
}

const std::string& FaultDisk::vfs() const {
  return impl_->name;
}

void FaultDisk::fail(const DiskFault& fault) {
  const Guard guard(impl_->mutex);
  impl_->faults.push_back({fault});
}

void FaultDisk::heal() {
  const Guard guard(impl_->mutex);
  impl_->faults.clear();
  impl_->freeze_at = UINT64_MAX;
}

void FaultDisk::hold(bool held) {
  const Guard guard(impl_->mutex);
  impl_->held = held;
}

void FaultDisk::forget(const std::string& file) {
  const Guard guard(impl_->mutex);
  impl_->files.erase(file);
  impl_->removed.erase(file);
}

void FaultDisk::freeze_after(std::uint64_t ops) {
  const Guard guard(impl_->mutex);
  impl_->freeze_at = impl_->ops + ops;
}

bool FaultDisk::frozen() const {
  const Guard guard(impl_->mutex);
  return impl_->ops >= impl_->freeze_at;
}

void FaultDisk::kill() {
  const Guard guard(impl_->mutex);
  std::map<std::string, std::shared_ptr<File>> next;
  for (const auto& [name, file] : impl_->files) {
    // Handles of this life are dead and read nothing any more: what lies here moves on.
    auto copy = std::make_shared<File>();
    copy->name = name;
    copy->current = std::move(file->current);
    copy->durable = std::move(file->durable);
    copy->pending = std::move(file->pending);
    copy->name_durable = file->name_durable;
    next[name] = std::move(copy);
  }
  impl_->next_life(std::move(next));
}

void FaultDisk::cut(std::uint64_t seed) {
  const Guard guard(impl_->mutex);
  std::mt19937_64 random(seed);
  std::map<std::string, std::shared_ptr<File>> next;
  const auto keep = [&](const File& file) {
    auto copy = std::make_shared<File>();
    copy->name = file.name;
    copy->current = copy->durable = wreck(file, random);
    copy->name_durable = true;
    next[file.name] = std::move(copy);
  };
  for (const auto& [name, file] : impl_->files)
    if (file->name_durable || random() % 2 == 0) keep(*file);
  for (const auto& [name, file] : impl_->removed)
    if (!next.contains(name) && random() % 2 == 0) keep(*file);
  impl_->removed.clear();
  impl_->next_life(std::move(next));
}

std::uint64_t FaultDisk::syncs() const {
  const Guard guard(impl_->mutex);
  return impl_->syncs;
}

std::uint64_t FaultDisk::ops() const {
  const Guard guard(impl_->mutex);
  return impl_->ops;
}

bool FaultDisk::exists(const std::string& file) const {
  const Guard guard(impl_->mutex);
  return impl_->files.contains(file);
}

std::string FaultDisk::bytes(const std::string& file) const {
  const Guard guard(impl_->mutex);
  const auto it = impl_->files.find(file);
  return it == impl_->files.end() ? std::string{} : it->second->current;
}

void FaultDisk::set_bytes(const std::string& file, std::string bytes) {
  const Guard guard(impl_->mutex);
  auto& f = impl_->files[file];
  if (!f) {
    f = std::make_shared<File>();
    f->name = file;
  }
  f->current = f->durable = std::move(bytes);
  f->pending.clear();
  f->name_durable = true;
}

std::vector<std::string> FaultDisk::files() const {
  const Guard guard(impl_->mutex);
  std::vector<std::string> out;
  for (const auto& [name, file] : impl_->files) out.push_back(name);
  return out;
}

}  // namespace moodline::testing
