// Declared fields: a provider and a rule kind say here what their YAML block may hold.
// The loader reads any block through such a table and knows no provider or kind by name.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/decimal.hpp"

namespace moodline {

enum class FieldType {
  text,      // any string
  word,      // one of `choices`
  integer,   // whole number within min..max
  decimal,   // exact decimal within min..max
  boolean,   // true or false (never yes, no, on, off)
  duration,  // quoted, with a unit: "90s", "10m", "18h", "3d"
  time,      // quoted wall-clock time: "19:30"
  date,      // quoted calendar date: "2026-03-02"
  url,       // absolute http or https URL
  secret,    // the name of a credential; the value never stands in a file
  number,    // a phone number in E.164, quoted
  texts,     // list of strings
  mapping,   // string keys to string values
};

/// One field of a block. Aggregate, so that a table of them reads like a table.
struct Field {
  std::string_view name;
  FieldType type = FieldType::text;
  bool required = false;
  std::string_view fallback = {};  // as it would be written in YAML; empty: none
  std::string_view help = {};  // one line, with the unit; shown by `moodline ... --help` and docs
  std::optional<Decimal> min = std::nullopt;
  std::optional<Decimal> max = std::nullopt;
  std::vector<std::string_view> choices = {};
};

using FieldTable = std::vector<Field>;

}  // namespace moodline
