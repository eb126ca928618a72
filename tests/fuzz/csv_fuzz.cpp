// Tables that an admin hands in, on any bytes: rows or a fault with words; a list of opt-outs
// never holds what is no number; what is written out reads back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/backtest.hpp"
#include "daemon/records/csv.hpp"
#include "daemon/records/opt_out_list.hpp"
#include "rules/base/e164.hpp"

namespace {

using namespace moodline;

void must(bool holds) {
  if (!holds) std::abort();
}

void there_and_back(const records::CsvRow& row) {
  // Below a header, so that a byte-order mark is a cell's and not the file's.
  const auto again = records::read_csv("a\r\n" + records::csv_row(row.cells));
  must(again.has_value());
  if (again->size() < 2) return;  // a row of nothing is left out
  const auto& cells = again->back().cells;
  must(cells.size() == row.cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    // What a spreadsheet would run has an apostrophe more.
    must(cells[i] == row.cells[i] || cells[i] == "'" + row.cells[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto rows = records::read_csv(bytes)) {
    for (const auto& row : *rows) there_and_back(row);
  } else {
    must(!rows.error().message.empty());
  }
  records::OptOutListFormat format;
  format.plan = *number_plan("GB");
  if (const auto list = records::read_opt_out_list(bytes, format)) {
    for (const std::string& number : list->numbers) must(E164::parse(number).has_value());
  }
  config::Problems problems;
  (void)config::read_history_csv("h.csv", bytes, Zone::utc(), problems, {"days"});
  return 0;
}
