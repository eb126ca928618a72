#include "daemon/records/opt_out_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>

#include "daemon/records/csv.hpp"

namespace moodline::records {
namespace {
namespace json = boost::json;

constexpr std::size_t unread_lines_max = 1'000;
constexpr unsigned json_depth_max = 16;

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

// Names that can mean nothing but the number that opted out. "from" and "to" are not among them:
// some lists mean the STOP by them, others the texts that are blocked.
bool names_the_number(std::string_view name) {
  constexpr std::array<std::string_view, 14> names{"optedoutnumber", "optedoutphonenumber",
                                                   "phone",          "phonenumber",
                                                   "phonenumbers",   "number",
                                                   "msisdn",         "mobile",
                                                   "mobilenumber",   "recipient",
                                                   "subscriber",     "contact",
                                                   "contactnumber",  "recipientnumber"};
  return std::find(names.begin(), names.end(), plain(name)) != names.end();
}

std::optional<std::string> number_in(std::string_view cell, const OptOutListFormat& format) {
  std::string text(cell);
  std::erase(text, '\'');  // put there so that a spreadsheet does not count with it
  if (format.international && !text.empty() && text[0] >= '1' && text[0] <= '9') text = "+" + text;
  const auto number = E164::parse(text, format.plan);
  return number ? std::optional(number->str()) : std::nullopt;
}

std::string cell_of(const CsvRow& row, std::size_t column) {
  return column < row.cells.size() ? row.cells[column] : std::string{};
}

tl::unexpected<Fault> which_column(const std::vector<std::string>& names) {
  return fault("bad_list",
               fmt::format("which column holds the numbers that opted out? Say --column "
                           "and one of: {}",
                           fmt::join(names, ", ")));
}

struct Table {
  std::vector<std::string> names;  // empty: no header
  std::vector<CsvRow> rows;
};

// One object a row; members that are objects or lists themselves do not count.
void add_object(const json::object& o, Table& table) {
  CsvRow row;
  row.line = static_cast<int>(table.rows.size()) + 1;
  for (const auto& [key, value] : o) {
    if (!value.is_string() && !value.is_number()) continue;
    auto at = std::find(table.names.begin(), table.names.end(), std::string(key));
    if (at == table.names.end()) at = table.names.insert(table.names.end(), std::string(key));
    const auto column = static_cast<std::size_t>(at - table.names.begin());
    if (row.cells.size() <= column) row.cells.resize(column + 1);
    row.cells[column] =
        value.is_string() ? std::string(value.get_string()) : json::serialize(value);
  }
  table.rows.push_back(std::move(row));
}

// The first list of texts or objects, wherever it stands: [..], {"data": [..]}, {"x": {"y": [..]}}.
bool find_list(const json::value& v, unsigned depth, Table& table) {
  if (depth > json_depth_max) return false;
  if (const auto* list = v.if_array()) {
    for (const json::value& x : *list) {
      if (x.is_object()) add_object(x.get_object(), table);
      if (x.is_string() || x.is_number()) {
        table.rows.push_back({static_cast<int>(table.rows.size()) + 1,
                              {x.is_string() ? std::string(x.get_string()) : json::serialize(x)}});
      }
    }
    return true;
  }
  if (const auto* o = v.if_object()) {
    for (const auto& [key, inner] : *o) {
      if ((inner.is_array() || inner.is_object()) && find_list(inner, depth + 1, table)) {
        return true;
      }
    }
  }
  return false;
}

Result<Table> table_of(std::string_view bytes, const OptOutListFormat& format) {
  const auto text = utf8_from(bytes);
  if (!text) return tl::unexpected(text.error());
  const auto begin = text->find_first_not_of(" \t\r\n");
  Table table;
  if (begin != std::string::npos && ((*text)[begin] == '{' || (*text)[begin] == '[')) {
    json::error_code ec;
    const json::value v = json::parse(*text, ec);
    if (ec || !find_list(v, 0, table)) {
      return fault("bad_list", "the file begins like JSON but holds no list; export it as CSV");
    }
    return table;
  }
  auto rows = read_csv(bytes);
  if (!rows) return tl::unexpected(rows.error());
  table.rows = std::move(*rows);
  // A first line without any number is a header.
  if (!table.rows.empty() &&
      std::none_of(table.rows[0].cells.begin(), table.rows[0].cells.end(),
                   [&](const std::string& cell) { return number_in(cell, format); })) {
    table.names = table.rows[0].cells;
    table.rows.erase(table.rows.begin());
  }
  return table;
}

// The column asked for, else the one whose name says so, else the only one with numbers.
Result<std::size_t> column_in(const Table& table, const OptOutListFormat& format) {
  std::vector<std::size_t> named;
  for (std::size_t i = 0; i < table.names.size(); ++i) {
    const bool wanted = format.column.empty() ? names_the_number(table.names[i])
                                              : plain(table.names[i]) == plain(format.column);
    if (wanted) named.push_back(i);
  }
  if (named.size() == 1) return named.front();
  if (!format.column.empty() || named.size() > 1) return which_column(table.names);
  std::set<std::size_t> with_numbers;
  for (const CsvRow& row : table.rows) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      if (number_in(row.cells[i], format)) with_numbers.insert(i);
    }
  }
  if (with_numbers.size() == 1) return *with_numbers.begin();
  if (with_numbers.empty()) {
    return fault("bad_list", "there is no phone number in the file; is it the right export?");
  }
  if (!table.names.empty()) return which_column(table.names);
  return fault("bad_list",
               "there are numbers in several columns and no line that names them: put one such as "
               "\"number,other\" on top, or leave one column alone");
}

}  // namespace

Result<OptOutList> read_opt_out_list(std::string_view bytes, const OptOutListFormat& format) {
  const auto table = table_of(bytes, format);
  if (!table) return tl::unexpected(table.error());
  const auto column = column_in(*table, format);
  if (!column) return tl::unexpected(column.error());
  OptOutList list;
  if (*column < table->names.size()) list.column = table->names[*column];
  for (const CsvRow& row : table->rows) {
    if (auto number = number_in(cell_of(row, *column), format)) {
      list.numbers.insert(std::move(*number));
    } else if (list.unread.size() < unread_lines_max) {
      list.unread.push_back(row.line);
    }
  }
  if (list.numbers.empty()) {
    return fault("bad_list", "there is no phone number in that column; is it the right one?");
  }
  return list;
}

}  // namespace moodline::records
