// Block: one YAML mapping, already checked against a FieldTable, with the place of each value.
// Pure data: built by the strict reader, or by hand in tests. Safe to copy.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/decimal.hpp"
#include "rules/base/field.hpp"
#include "rules/base/instant.hpp"

namespace moodline::config {

/// Where a value stands. Line and column count from 1; 0 means made by hand.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

struct Value {
  std::string text;                          // scalar, as written (durations and times too)
  std::vector<std::string> list;             // FieldType::texts
  std::map<std::string, std::string> table;  // FieldType::mapping
  Place place;
};

class Block {
 public:
  Block() = default;
  /// By hand, for tests and presets. Values are taken as already valid.
  explicit Block(std::map<std::string, Value> values) : values_(std::move(values)) {}
  static Block of(const std::map<std::string, std::string>& scalars);

  [[nodiscard]] bool has(std::string_view name) const;
  /// Empty where the field is absent and has no fallback (the reader fills fallbacks in).
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] Decimal decimal(std::string_view name) const;
  [[nodiscard]] bool boolean(std::string_view name) const;
  [[nodiscard]] std::chrono::seconds duration(std::string_view name) const;
  [[nodiscard]] TimeOfDay time(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& texts(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, std::string>& mapping(std::string_view name) const;
  [[nodiscard]] Place place(std::string_view name) const;
  void set(std::string name, Value value) { values_[std::move(name)] = std::move(value); }

 private:
  std::map<std::string, Value> values_;
};

/// "90s", "10m", "18h", "3d" (days are 86,400 s here; calendar days are the caller's matter).
std::optional<std::chrono::seconds> duration_from(std::string_view text);

}  // namespace moodline::config
