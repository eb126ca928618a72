// Problem: one thing wrong in a file, with its place and its cure. All are told at once, sorted.
// Pure data; safe from any thread.
#pragma once
#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/block.hpp"

namespace moodline::config {

/// A list of problems stops growing here; one more says that there are others.
constexpr std::size_t problems_max = 500;

enum class Severity { error, warning };

/// `what` and `cure` are plain English without a full stop; neither ever holds a secret.
struct Problem {
  std::string file;  // relative to the directory that was loaded
  int line = 0;      // from 1; 0 where the file as a whole is meant
  int column = 0;    // from 1
  std::string path;  // such as "rules[0].when.streak.days"; empty for the whole file
  std::string what;
  std::string cure;
  Severity severity = Severity::error;
  friend bool operator==(const Problem&, const Problem&) = default;
};

/// "service.yaml:14:9: timezone: "Europe/Dubln" is unknown; did you mean
/// Europe/Dublin?".
std::string to_text(const Problem& problem);
/// One a line, each ending in a line break.
std::string to_text(const std::vector<Problem>& problems);
/// As above for the log, which no phone number may reach: long runs of digits show as "..".
std::string to_log(const std::vector<Problem>& problems);
/// {"problems": [{"file", "line", "column", "path", "what", "cure", "severity"}], "errors": N,
///  "warnings": N}
std::string to_json(const std::vector<Problem>& problems);

/// Collects problems while a set is read.
class Problems {
 public:
  void add(const Place& place, std::string_view path, std::string what, std::string cure);
  void warn(const Place& place, std::string_view path, std::string what, std::string cure);
  [[nodiscard]] bool has_errors() const { return errors_ > 0; }
  [[nodiscard]] std::size_t errors() const { return errors_; }
  /// Sorted by file, line, column, path, and without repeats.
  [[nodiscard]] std::vector<Problem> sorted() const;

 private:
  void put(const Place& place, std::string_view path, std::string what, std::string cure,
           Severity severity);
  std::vector<Problem> list_;
  std::size_t errors_ = 0;
};

/// The nearest of `known` to `word` by edits (a swap counts one); empty where none is close.
std::string nearest(std::string_view word, const std::vector<std::string>& known);
/// "did you mean x?" for a near word, else "write one of a, b, c" (at most 12 shown).
/// `text` in double quotes, control characters shown as ?, cut at 60 bytes.
std::string quote(std::string_view text);
std::string suggestion(std::string_view word, const std::vector<std::string>& known);

}  // namespace moodline::config
