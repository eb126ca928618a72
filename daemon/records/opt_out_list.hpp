// A provider's own list of numbers that said STOP, as its console exports it or its API lists it:
// CSV with or without a header, one number a line, or JSON. Pure.
#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/e164.hpp"
#include "rules/base/result.hpp"

namespace moodline::records {

struct OptOutListFormat {
  NumberPlan plan = {};        // of numbers without a country code
  std::string column = {};     // where the numbers stand; empty: found by its name or its cells
  bool international = false;  // digits alone have their country code: only the plus is missing
};

struct OptOutList {
  std::set<std::string> numbers = {};  // E.164
  std::string column = {};             // where they stood; empty: there is one column alone
  std::vector<int> unread = {};        // lines (JSON: entries, from 1) that hold no number
};

/// Fails with "bad_list" (no numbers, or no telling which column holds them), "bad_csv",
/// "bad_encoding". The message says what to do.
Result<OptOutList> read_opt_out_list(std::string_view bytes, const OptOutListFormat& format);

}  // namespace moodline::records
