// The seam of spool folders (smstools3, Gammu): our text to a file, the program's files to our
// words. No file is opened here; the spool route moves bytes. Thread: any.
#pragma once
#include <span>

#include "providers/provider.hpp"

namespace moodline::providers {

/// A file's name under the spool's root, with its folder ("incoming/GSM1.x"), and its bytes.
struct SpoolFile {
  std::string name;
  std::string bytes;
};

enum class SpoolUse { outgoing, incoming, report, sent, failed };

/// A folder under the spool's root. All but `outgoing` are read, and each file removed once its
/// events are committed.
struct SpoolFolder {
  std::string name;
  SpoolUse use = SpoolUse::incoming;
};

class Spool {
 public:
  virtual ~Spool() = default;
  [[nodiscard]] virtual Capabilities capabilities() const = 0;
  [[nodiscard]] virtual std::vector<SpoolFolder> folders() const = 0;
  /// The file that sends `sms`. Write it under another name outside the outgoing folder, on the
  /// same file system, sync it, then rename it in. Fails with "cannot_send".
  [[nodiscard]] virtual Result<SpoolFile> send_file(const Sms& sms, Instant wire_now) const = 0;
  /// Files with the same key make one text; read them together, sorted by name.
  [[nodiscard]] virtual std::string group_key(std::string_view name) const {
    return std::string(name);
  }
  /// Reads one group, at most `spool_group_files_max` files of `spool_file_bytes_max` bytes.
  [[nodiscard]] virtual Result<std::vector<Event>> read_files(
      std::span<const SpoolFile> group) const = 0;
};

constexpr std::size_t spool_file_bytes_max = 64UL * 1024;
constexpr std::size_t spool_group_files_max = 64;

/// One row of the registry of spool programs.
struct SpoolType {
  std::string_view name;
  std::string_view help;
  FieldTable fields;
  std::function<Result<std::unique_ptr<Spool>>(const config::Block& settings)> make;
  Replay replay = {};
};

const std::vector<SpoolType>& spool_types();
const SpoolType* find_spool_type(std::string_view name);

}  // namespace moodline::providers
