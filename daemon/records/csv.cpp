#include "daemon/records/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/base/decimal.hpp"

namespace moodline::records {
namespace {

void append_utf8(std::string& out, char32_t c) {
  const auto byte = [&](char32_t v) { out += static_cast<char>(static_cast<unsigned char>(v)); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | (c >> 6U));
    byte(0x80 | (c & 0x3FU));
  } else if (c < 0x10000) {
    byte(0xE0 | (c >> 12U));
    byte(0x80 | ((c >> 6U) & 0x3FU));
    byte(0x80 | (c & 0x3FU));
  } else {
    byte(0xF0 | (c >> 18U));
    byte(0x80 | ((c >> 12U) & 0x3FU));
    byte(0x80 | ((c >> 6U) & 0x3FU));
    byte(0x80 | (c & 0x3FU));
  }
}

Fault bad_encoding(std::string_view what) {
  return {"bad_encoding", fmt::format("{}; save the file as CSV UTF-8 and try again", what)};
}

Result<std::string> from_utf16(std::string_view bytes, bool big) {
  if (bytes.size() % 2 != 0) return tl::unexpected(bad_encoding("the UTF-16 text is cut short"));
  const auto unit = [&](std::size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]);
    const auto b = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<char32_t>(big ? a * 256U + b : b * 256U + a);
  };
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    char32_t c = unit(i);
    if (c >= 0xD800 && c < 0xDC00 && i + 3 < bytes.size()) {
      const char32_t low = unit(i + 2);
      if (low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10U) + (low - 0xDC00);
        i += 2;
      }
    }
    if (c >= 0xD800 && c < 0xE000) {
      return tl::unexpected(bad_encoding("half a character stands in the UTF-16 text"));
    }
    append_utf8(out, c);
  }
  return out;
}

bool valid_utf8(std::string_view s) {
  for (std::size_t i = 0; i < s.size();) {
    const auto b = static_cast<unsigned char>(s[i]);
    const std::size_t n = b < 0x80                ? 1
                          : b >= 0xC2 && b < 0xE0 ? 2
                          : b >= 0xE0 && b < 0xF0 ? 3
                          : b >= 0xF0 && b < 0xF5 ? 4
                                                  : 0;
    if (n == 0 || i + n > s.size()) return false;
    for (std::size_t k = 1; k < n; ++k) {
      if ((static_cast<unsigned char>(s[i + k]) & 0xC0U) != 0x80U) return false;
    }
    i += n;
  }
  return true;
}

// The separator of the header: what stands in it most often.
char separator_of(std::string_view text) {
  const std::string_view head = text.substr(0, text.find('\n'));
  char best = ',';
  std::ptrdiff_t most = 0;
  for (const char c : {',', ';', '\t'}) {
    const auto n = std::count(head.begin(), head.end(), c);
    if (n > most) {
      most = n;
      best = c;
    }
  }
  return best;
}

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text), separator_(separator_of(text)) {}

  Result<std::vector<CsvRow>> run() {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (quoted_) {
        inside_quotes(i);
      } else if (!plain(i)) {
        return fault("bad_csv", fmt::format("line {}: a quote stands inside a cell that does not "
                                            "begin with one; put the whole cell in quotes and "
                                            "double each quote in it",
                                            line_));
      }
      if (rows_.size() > csv_rows_max || row_.cells.size() > csv_cells_max) {
        return fault("bad_csv", fmt::format("more than {} rows or {} columns; split the file",
                                            csv_rows_max, csv_cells_max));
      }
    }
    if (quoted_) {
      return fault("bad_csv",
                   fmt::format("line {}: a quoted cell that begins here never ends", quote_line_));
    }
    if (!cell_.empty() || !row_.cells.empty()) end_row();
    return std::move(rows_);
  }

 private:
  void inside_quotes(std::size_t& i) {
    const char c = text_[i];
    if (c == '\n') ++line_;
    if (c != '"') {
      cell_ += c;
    } else if (i + 1 < text_.size() && text_[i + 1] == '"') {
      cell_ += '"';
      ++i;
    } else {
      quoted_ = false;
      closed_ = true;
    }
  }
  bool plain(std::size_t i) {
    const char c = text_[i];
    if (c == '"') {
      if (!cell_.empty() || closed_) return false;
      quoted_ = true;
      quote_line_ = line_;
    } else if (c == separator_) {
      end_cell();
    } else if (c == '\n' || (c == '\r' && (i + 1 == text_.size() || text_[i + 1] != '\n'))) {
      end_row();
      ++line_;
      row_.line = line_;
    } else if (c != '\r') {
      if (closed_ && c != ' ') return false;
      if (!closed_) cell_ += c;
    }
    return true;
  }
  void end_cell() {
    row_.cells.push_back(std::move(cell_));
    cell_.clear();
    closed_ = false;
  }
  void end_row() {
    end_cell();
    const bool empty = std::all_of(row_.cells.begin(), row_.cells.end(), [](const std::string& s) {
      return s.find_first_not_of(" \t") == std::string::npos;
    });
    if (!empty) rows_.push_back(row_);
    row_.cells.clear();
  }

  std::string_view text_;
  char separator_;
  std::vector<CsvRow> rows_;
  CsvRow row_{1, {}};
  std::string cell_;
  int line_ = 1;
  int quote_line_ = 1;
  bool quoted_ = false;
  bool closed_ = false;  // a quoted cell has ended, its separator has not come
};

}  // namespace

std::string csv_cell(std::string_view text) {
  std::string out;
  const bool formula =
      !text.empty() && (std::string_view("=+-@").find(text.front()) != std::string_view::npos ||
                        static_cast<unsigned char>(text.front()) < 0x20);
  // A zero-width or full-width disguise is no formula to a spreadsheet; a leading blank is.
  const auto first = text.find_first_not_of(' ');
  const bool blanked = first != std::string_view::npos && first > 0 &&
                       std::string_view("=+-@").find(text[first]) != std::string_view::npos;
  if ((formula && !decimal_from(text)) || blanked) out += '\'';
  out += text;
  if (out.find_first_of(",;\"\r\n\t") == std::string::npos && out.find_first_of(' ') != 0)
    return out;
  std::string quoted = "\"";
  for (const char c : out) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string csv_row(const std::vector<std::string>& cells) {
  std::string out;
  for (const std::string& c : cells)
    out += (out.empty() && &c == cells.data() ? "" : ",") + csv_cell(c);
  return out + "\r\n";
}

namespace {

Result<std::string> decoded(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes.substr(2), false);
  if (bytes.starts_with("\xFE\xFF")) return from_utf16(bytes.substr(2), true);
  if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
  if (bytes.size() >= 2 && bytes[1] == '\0') return from_utf16(bytes, false);
  if (bytes.size() >= 2 && bytes[0] == '\0') return from_utf16(bytes, true);
  if (!valid_utf8(bytes)) return tl::unexpected(bad_encoding("the file is no UTF-8"));
  return std::string(bytes);
}

}  // namespace

Result<std::string> utf8_from(std::string_view bytes) {
  auto text = decoded(bytes);
  if (text && text->find('\0') != std::string::npos) {
    return tl::unexpected(bad_encoding("the file holds a zero byte"));
  }
  return text;
}

Result<std::vector<CsvRow>> read_csv(std::string_view bytes) {
  if (bytes.size() > csv_bytes_max) {
    return fault("bad_csv", fmt::format("the file is larger than {} MiB; split it",
                                        csv_bytes_max / (1024 * 1024)));
  }
  const auto text = utf8_from(bytes);
  if (!text) return tl::unexpected(text.error());
  return Scan(*text).run();
}

}  // namespace moodline::records
