// Key files: read strictly, refuse what others could read, say what to do about it.
#include "daemon/store/keyring.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <new>

#include <fmt/format.h>

namespace moodline::store {
namespace {

constexpr std::size_t key_file_bytes_max = 16 * 1024;
constexpr int versions_max = 255;  // a version is one byte at rest

std::string_view word(KeyPurpose purpose) {
  return purpose == KeyPurpose::master ? "master" : "lookup";
}

/// A descriptor closed on every path.
struct Fd {
  int n = -1;
  explicit Fd(int fd) : n(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (n >= 0) ::close(n);
  }
};

/// Text of a key file, zeroed when done with.
struct Wiped {
  std::string text;
  Wiped() = default;
  Wiped(Wiped&&) = default;
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  Wiped& operator=(Wiped&&) = default;
  ~Wiped() { sodium_memzero(text.data(), text.size()); }
};

Result<Wiped> read_guarded(const std::string& path, KeyPurpose purpose) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.n < 0)
    return fault(
        "key_missing",
        fmt::format("{}: cannot open the {} key ({}); make one with `moodline key new`, or "
                    "name the credential in the unit",
                    path, word(purpose), std::strerror(errno)));
  struct stat st {};
  if (::fstat(fd.n, &st) != 0 || !S_ISREG(st.st_mode))
    return fault("key_bad", path + ": is not a plain file; name a key file");
  if ((st.st_mode & 077) != 0)
    return fault("key_readable",
                 fmt::format("{}: others than its owner may read this key; run `chmod 600 {}`, and "
                             "make a new key if they may have",
                             path, path));
  if (st.st_size > static_cast<off_t>(key_file_bytes_max))
    return fault("key_bad", path + ": is too large for a key file; name the right file");
  Wiped out;
  out.text.resize(key_file_bytes_max);
  std::size_t have = 0;
  while (have < out.text.size()) {
    const ssize_t n = ::read(fd.n, out.text.data() + have, out.text.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fault("key_missing", path + ": cannot be read: " + std::strerror(errno));
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  out.text.resize(have);
  return out;
}

Result<void> read_line(std::string_view line, const std::string& where, KeyPurpose purpose,
                       KeyRing& ring) {
  const auto gap1 = line.find(' ');
  const auto gap2 = gap1 == line.npos ? line.npos : line.find(' ', gap1 + 1);
  const auto bad = [&](std::string_view what) {
    return fault("key_bad", fmt::format("{}: {}; a line reads `{} 1 <64 hex digits>`", where, what,
                                        word(purpose)));
  };
  if (gap2 == line.npos) return bad("is not three words");
  if (line.substr(0, gap1) != word(purpose)) return bad("is a key for something else");
  int version = 0;
  const auto number = line.substr(gap1 + 1, gap2 - gap1 - 1);
  const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), version);
  if (ec != std::errc{} || end != number.data() + number.size() || version < 1 ||
      version > versions_max)
    return bad("has a version that is not 1 to 255");
  if (ring.find(version) != nullptr) return bad("repeats a version");
  const auto hex = line.substr(gap2 + 1);
  Secret key;
  std::size_t got = 0;
  if (hex.size() != 2 * key_bytes ||
      sodium_hex2bin(key.data(), key_bytes, hex.data(), hex.size(), nullptr, &got, nullptr) != 0 ||
      got != key_bytes)
    return bad("has a key of the wrong length");
  ring.add(version, std::move(key));
  return {};
}

Result<void> write_line(int fd, const std::string& path, KeyPurpose purpose, int version) {
  Wiped line;
  const Secret key = Secret::random();
  char hex[2 * key_bytes + 1];
  sodium_bin2hex(hex, sizeof hex, key.data(), key_bytes);
  line.text = fmt::format("{} {} {}\n", word(purpose), version, hex);
  sodium_memzero(hex, sizeof hex);
  if (::write(fd, line.text.data(), line.text.size()) != static_cast<ssize_t>(line.text.size()) ||
      ::fsync(fd) != 0)
    return fault("key_write", path + ": cannot be written: " + std::strerror(errno));
  return {};
}

}  // namespace

void Secret::Free::operator()(unsigned char* p) const {
  sodium_free(p);
}

Secret::Secret() {
  if (sodium_init() < 0) throw std::bad_alloc();
  bytes_.reset(static_cast<unsigned char*>(sodium_malloc(key_bytes)));
  if (!bytes_) throw std::bad_alloc();
  sodium_memzero(bytes_.get(), key_bytes);
}

Secret Secret::random() {
  Secret out;
  randombytes_buf(out.data(), key_bytes);
  return out;
}

Secret Secret::of(const std::array<unsigned char, key_bytes>& bytes) {
  Secret out;
  std::memcpy(out.data(), bytes.data(), key_bytes);
  return out;
}

const Secret* KeyRing::find(int version) const {
  const auto it = keys_.find(version);
  return it == keys_.end() ? nullptr : &it->second;
}

Result<KeyRingPtr> load_key_file(const std::string& path, KeyPurpose purpose) {
  auto file = read_guarded(path, purpose);
  if (!file) return tl::unexpected(file.error());
  auto ring = std::make_shared<KeyRing>();
  std::string_view rest = file->text;
  for (int n = 1; !rest.empty(); ++n) {
    const auto end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    if (auto ok = read_line(line, fmt::format("{}:{}", path, n), purpose, *ring); !ok)
      return tl::unexpected(ok.error());
  }
  if (ring->newest() == 0)
    return fault("key_bad",
                 path + ": holds no key; remove it and make one with `moodline key new`");
  return KeyRingPtr(std::move(ring));
}

Result<void> new_key_file(const std::string& path, KeyPurpose purpose) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (fd.n < 0 && errno == EEXIST)
    return fault("key_exists", path +
                                   ": is there already and is not replaced; data sealed with a "
                                   "lost key cannot be read again");
  if (fd.n < 0) return fault("key_write", path + ": cannot be made: " + std::strerror(errno));
  return write_line(fd.n, path, purpose, 1);
}

Result<int> add_key_version(const std::string& path, KeyPurpose purpose) {
  const auto ring = load_key_file(path, purpose);
  if (!ring) return tl::unexpected(ring.error());
  const int next = (*ring)->newest() + 1;
  if (next > versions_max) return fault("key_bad", path + ": has all 255 versions already");
  const Fd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (fd.n < 0) return fault("key_write", path + ": cannot be written: " + std::strerror(errno));
  // A file edited by hand may lack its last line break; an empty line does no harm.
  if (::write(fd.n, "\n", 1) != 1)
    return fault("key_write", path + ": cannot be written: " + std::strerror(errno));
  if (auto ok = write_line(fd.n, path, purpose, next); !ok) return tl::unexpected(ok.error());
  return next;
}

KeyRingPtr random_key_ring() {
  auto ring = std::make_shared<KeyRing>();
  ring->add(1, Secret::random());
  return ring;
}

}  // namespace moodline::store
