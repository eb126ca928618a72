// CSV out and in. Out: RFC 4180, and no cell that a spreadsheet would run as a formula. In: UTF-8
// or UTF-16 with or without a byte-order mark, commas, semicolons or tabs, quoted cells. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/result.hpp"

namespace moodline::records {

constexpr std::size_t csv_bytes_max = 8 * 1024 * 1024;
constexpr std::size_t csv_rows_max = 20'000;
constexpr std::size_t csv_cells_max = 100;  // a row
/// Of UTF-8: without it some spreadsheets take the file for Latin-1.
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// A cell as written: quoted where it must be. Text that starts with = + - @ or a control character
/// and is no plain number gets an apostrophe in front, so that no spreadsheet runs it.
std::string csv_cell(std::string_view text);
/// A row with its CRLF.
std::string csv_row(const std::vector<std::string>& cells);

struct CsvRow {
  int line = 0;  // where it begins, from 1
  std::vector<std::string> cells;
};

/// Any bytes to UTF-8. Fails with "bad_encoding".
Result<std::string> utf8_from(std::string_view bytes);

/// Rows of a file, empty ones left out. Fails with "bad_csv" (quote never closed, too large) and
/// "bad_encoding"; the message says where and what to do.
Result<std::vector<CsvRow>> read_csv(std::string_view bytes);

}  // namespace moodline::records
