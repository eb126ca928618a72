// A shim under moodlined (LD_PRELOAD): every change of a file below MOODLINE_POWERCUT_DIR is
// written to MOODLINE_POWERCUT_LOG before it is made, and every sync after it would have ended. The
// log outlives the process, so that powercut.py can say what a disk may hold that lost its power at
// that instant. Nothing is synced for real: only the log knows the difference.
// MOODLINE_POWERCUT_AT=n: the process is killed at the n-th change, before it is made.
// MOODLINE_POWERCUT_LIES=1: syncs are not written down, as on a disk that lies; the census must
// see. Thread: any (one lock around each change and its record).
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

constexpr std::size_t descriptors_max = 65'536;

// One record: this head, then `size` bytes. powercut.py reads the same.
struct [[gnu::packed]] Head {
  char kind;
  std::uint32_t file;
  std::uint64_t at;
  std::uint64_t size;
};

class Shim {
 public:
  std::recursive_mutex mutex;

  Shim() {
    const char* dir = std::getenv("MOODLINE_POWERCUT_DIR");
    const char* log = std::getenv("MOODLINE_POWERCUT_LOG");
    if (dir == nullptr || log == nullptr) return;
    dir_ = std::string(dir) + "/";
    lies_ = std::getenv("MOODLINE_POWERCUT_LIES") != nullptr;
    if (const char* at = std::getenv("MOODLINE_POWERCUT_AT")) left_ = std::atoll(at);
    log_ = static_cast<int>(
        syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }

  // SQLite's index of its log lives in memory that a power cut takes as a whole.
  [[nodiscard]] bool ours(std::string_view path) const {
    return log_ >= 0 && path.starts_with(dir_) && !path.ends_with("-shm");
  }
  /// Our folder, or anything in it.
  [[nodiscard]] bool folder(std::string_view path) const {
    return log_ >= 0 && !dir_.empty() && (std::string(path) + "/").starts_with(dir_);
  }

  std::uint32_t file(int fd) const {
    return fd >= 0 && static_cast<std::size_t>(fd) < descriptors_max
               ? by_fd_[static_cast<std::size_t>(fd)]
               : 0;
  }
  void bind(int fd, std::uint32_t id) {
    if (fd >= 0 && static_cast<std::size_t>(fd) < descriptors_max) {
      by_fd_[static_cast<std::size_t>(fd)] = id;
    }
  }

  void opened(int fd, const std::string& path) {
    auto& id = by_path_[path];
    if (id == 0) {
      id = ++ids_;
      record('O', id, 0, path);
    }
    bind(fd, id);
  }
  void opened_folder(int fd) { bind(fd, folder_id); }
  void removed(const std::string& path) {
    by_path_.erase(path);
    record('U', 0, 0, path);
  }
  void renamed(const std::string& from, const std::string& to) {
    if (const auto it = by_path_.find(from); it != by_path_.end()) {
      const auto id = it->second;
      by_path_.erase(it);
      by_path_[to] = id;
    } else {
      by_path_.erase(to);
    }
    record('R', 0, from.size(), from + to);
  }

  void synced(std::uint32_t id) {
    if (!lies_) record('S', id, 0, {});
  }

  void record(char kind, std::uint32_t id, std::uint64_t at, std::string_view bytes) {
    if (--left_ == 0) syscall(SYS_kill, ::getpid(), SIGKILL);
    Head head{kind, id, at, bytes.size()};
    const std::array<iovec, 2> parts{iovec{&head, sizeof head},
                                     iovec{const_cast<char*>(bytes.data()), bytes.size()}};
    const int saved = errno;
    const auto wrote = syscall(SYS_writev, log_, parts.data(), parts.size());
    if (wrote != static_cast<long>(sizeof head + bytes.size())) std::abort();
    errno = saved;
  }

  static constexpr std::uint32_t folder_id = UINT32_MAX;

 private:
  std::string dir_;
  int log_ = -1;
  bool lies_ = false;
  long long left_ = -1;
  std::array<std::uint32_t, descriptors_max> by_fd_{};
  std::unordered_map<std::string, std::uint32_t> by_path_;
  std::uint32_t ids_ = 0;
};

Shim& shim() {
  static auto* the = new Shim;  // outlives every destructor that still writes
  return *the;
}

using Guard = std::lock_guard<std::recursive_mutex>;

int open_as(int folder, const char* path, int flags, mode_t mode) {
  Shim& s = shim();
  const Guard guard(s.mutex);
  const int fd = static_cast<int>(syscall(SYS_openat, folder, path, flags, mode));
  if (fd < 0) return fd;
  s.bind(fd, 0);
  const int saved = errno;
  struct stat st {};
  if (s.folder(path) && ::fstat(fd, &st) == 0) {
    if (S_ISDIR(st.st_mode)) {
      s.opened_folder(fd);
    } else if (s.ours(path)) {
      s.opened(fd, path);
      if ((flags & O_TRUNC) != 0) s.record('T', s.file(fd), 0, {});
    }
  }
  errno = saved;
  return fd;
}

ssize_t write_as(int fd, const void* from, std::size_t size, off_t at, bool here) {
  Shim& s = shim();
  if (s.file(fd) == 0) {
    return here ? syscall(SYS_write, fd, from, size) : syscall(SYS_pwrite64, fd, from, size, at);
  }
  const Guard guard(s.mutex);
  const auto to = static_cast<std::uint64_t>(here ? syscall(SYS_lseek, fd, 0, SEEK_CUR) : at);
  s.record('W', s.file(fd), to, {static_cast<const char*>(from), size});
  return here ? syscall(SYS_write, fd, from, size) : syscall(SYS_pwrite64, fd, from, size, at);
}

int truncate_as(int fd, off_t size) {
  Shim& s = shim();
  const Guard guard(s.mutex);
  if (s.file(fd) != 0) s.record('T', s.file(fd), static_cast<std::uint64_t>(size), {});
  return static_cast<int>(syscall(SYS_ftruncate, fd, size));
}

int sync_as(int fd, long call) {
  Shim& s = shim();
  const Guard guard(s.mutex);
  if (s.file(fd) == 0) return static_cast<int>(syscall(call, fd));
  s.synced(s.file(fd));
  return 0;
}

int unlink_as(const char* path) {
  Shim& s = shim();
  const Guard guard(s.mutex);
  if (s.ours(path)) s.removed(path);
  return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

mode_t mode_of(int flags, va_list more) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = mode_of(flags, more);
  va_end(more);
  return open_as(AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = mode_of(flags, more);
  va_end(more);
  return open_as(AT_FDCWD, path, flags, mode);
}

int close(int fd) {
  Shim& s = shim();
  const Guard guard(s.mutex);
  s.bind(fd, 0);
  return static_cast<int>(syscall(SYS_close, fd));
}

ssize_t write(int fd, const void* from, size_t size) {
  return write_as(fd, from, size, 0, true);
}
ssize_t pwrite(int fd, const void* from, size_t size, off_t at) {
  return write_as(fd, from, size, at, false);
}
ssize_t pwrite64(int fd, const void* from, size_t size, off64_t at) {
  return write_as(fd, from, size, at, false);
}
int ftruncate(int fd, off_t size) noexcept {
  return truncate_as(fd, size);
}
int ftruncate64(int fd, off64_t size) noexcept {
  return truncate_as(fd, size);
}
int fsync(int fd) {
  return sync_as(fd, SYS_fsync);
}
int fdatasync(int fd) {
  return sync_as(fd, SYS_fdatasync);
}
int unlink(const char* path) noexcept {
  return unlink_as(path);
}
int remove(const char* path) noexcept {
  if (unlink_as(path) == 0) return 0;
  return errno == EISDIR ? ::rmdir(path) : -1;
}

int rename(const char* from, const char* to) noexcept {
  Shim& s = shim();
  const Guard guard(s.mutex);
  if (s.ours(from) && s.ours(to)) s.renamed(from, to);
  return static_cast<int>(syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}
}
