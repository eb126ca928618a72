// Reads history from CSV: one row a thing that happened.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/backtest.hpp"

namespace moodline::config {
namespace {
constexpr std::size_t columns_max = 32;
constexpr std::string_view number_prefix = "with.";

struct Cell {
  std::string text;
  int column = 1;  // of its first character
};

/// One CSV record (RFC 4180, one line). Nothing where a quote does not close.
std::optional<std::vector<Cell>> cells_of(std::string_view line) {
  std::vector<Cell> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') {
        out.back().text += c;
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        out.back().text += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && out.back().text.empty()) {
      quoted = true;
    } else if (c == ',') {
      if (out.size() >= columns_max) return std::nullopt;
      out.push_back({{}, static_cast<int>(i) + 2});
    } else if (c != '\r') {
      out.back().text += c;
    }
  }
  return quoted ? std::nullopt : std::optional(std::move(out));
}

const std::map<std::string, rules::PromptStatus, std::less<>>& statuses() {
  static const std::map<std::string, rules::PromptStatus, std::less<>> all = {
      {"sent", rules::PromptStatus::sent},
      {"delivered", rules::PromptStatus::delivered},
      {"not_sent", rules::PromptStatus::not_sent},
      {"undelivered", rules::PromptStatus::undelivered},
      {"paused", rules::PromptStatus::paused}};
  return all;
}

class CsvReader {
 public:
  CsvReader(std::string_view file, const Zone& zone, Problems& problems,
            const std::vector<std::string>& params)
      : file_(file), zone_(zone), problems_(problems) {
    for (const std::string& name : params) known_.push_back(std::string(number_prefix) + name);
  }

  std::vector<History> read(std::string_view csv) {
    while (!csv.empty() && line_ < static_cast<int>(history_rows_max)) {
      const auto end = std::min(csv.find('\n'), csv.size());
      ++line_;
      const std::string_view line = csv.substr(0, end);
      csv.remove_prefix(std::min(end + 1, csv.size()));
      if (line.empty() || line == "\r") continue;
      auto cells = cells_of(line);
      if (!cells) {
        problem(1, "", "has a quote that does not close", "double the quotes inside a value");
      } else if (columns_.empty()) {
        if (!header(*cells)) return {};
      } else {
        row(*cells);
      }
    }
    if (columns_.empty()) problem(1, "", "is empty", "begin with person,at,what,value");
    return finish();
  }

 private:
  void problem(int column, std::string_view path, std::string what, std::string cure) {
    problems_.add({std::string(file_), line_, column}, path, std::move(what), std::move(cure));
  }

  bool header(const std::vector<Cell>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (std::find(known_.begin(), known_.end(), cells[i].text) == known_.end()) {
        problem(cells[i].column, "", "column " + quote(cells[i].text) + " is unknown",
                suggestion(cells[i].text, known_));
        return false;
      }
      columns_[cells[i].text] = i;
    }
    for (const char* needed : {"person", "at", "what"}) {
      if (columns_.contains(needed)) continue;
      problem(1, "", fmt::format("has no column {}", needed), "begin with person,at,what,value");
      return false;
    }
    return true;
  }

  [[nodiscard]] const Cell* cell(const std::vector<Cell>& cells, std::string_view name) const {
    const auto it = columns_.find(name);
    if (it == columns_.end() || it->second >= cells.size()) return nullptr;
    return cells[it->second].text.empty() ? nullptr : &cells[it->second];
  }

  std::optional<Instant> instant(const std::vector<Cell>& cells, std::string_view name) {
    const Cell* c = cell(cells, name);
    if (c == nullptr) return std::nullopt;
    const auto t = from_iso(c->text);
    if (!t) {
      problem(c->column, name, quote(c->text) + " is not an instant",
              "write one such as 2026-03-02T18:05:00Z");
      bad_ = true;
    }
    return t;
  }

  void row(const std::vector<Cell>& cells) {
    bad_ = false;
    const Cell* person = cell(cells, "person");
    const Cell* what = cell(cells, "what");
    const auto at = instant(cells, "at");
    const auto learned = instant(cells, "learned");
    if (person == nullptr || what == nullptr || (!at && !bad_)) {
      problem(1, "", "has no person, at or what", "fill all three in");
      return;
    }
    if (bad_) return;
    History& h =
        people_.try_emplace(person->text, History{person->text, {}, zone_, {}}).first->second;
    if (const Cell* p = cell(cells, "practitioner")) h.practitioner = p->text;
    if (const Cell* z = cell(cells, "timezone")) {
      const auto zone = Zone::find(z->text);
      if (!zone) {
        problem(z->column, "timezone", "zone " + quote(z->text) + " is unknown",
                "write one such as Europe/London");
        return;
      }
      h.zone = *zone;
    }
    if (!numbers(h, cells)) return;
    const Instant known = std::max(learned.value_or(*at), *at);
    if (const auto it = statuses().find(what->text); it != statuses().end()) {
      const std::string id = fmt::format("p{}", at->ms);
      h.log.push_back({known, rules::PromptEvent{id, *at, it->second}});
      return;
    }
    inbound(h, cells, *what, *at, known);
  }

  /// The person's own numbers; false where one is none.
  bool numbers(History& h, const std::vector<Cell>& cells) {
    for (const auto& [name, index] : columns_) {
      if (!name.starts_with(number_prefix)) continue;
      const Cell* c = cell(cells, name);
      if (c == nullptr) continue;
      const auto value = decimal_from(c->text);
      if (!value) {
        problem(c->column, name, quote(c->text) + " is not a number",
                "write a number such as 4 or 6.5");
        return false;
      }
      h.numbers[name.substr(number_prefix.size())] = {*value, line_, c->column};
    }
    return true;
  }

  void inbound(History& h, const std::vector<Cell>& cells, const Cell& what, Instant at,
               Instant known) {
    static const std::vector<std::string> words = {"reply",      "low",         "text",
                                                   "correction", "sent",        "delivered",
                                                   "not_sent",   "undelivered", "paused"};
    if (std::find(words.begin(), words.begin() + 4, what.text) == words.begin() + 4) {
      problem(what.column, "what", quote(what.text) + " is unknown", suggestion(what.text, words));
      return;
    }
    rules::Inbound in;
    in.id = fmt::format("r{}", line_);
    in.at = at;
    in.low = what.text == "low";
    in.corrects = what.text == "correction";
    if (what.text == "reply" || in.corrects) {
      const Cell* value = cell(cells, "value");
      in.value = value == nullptr ? std::nullopt : decimal_from(value->text);
      if (!in.value) {
        problem(value == nullptr ? 1 : value->column, "value",
                value == nullptr ? "has no value" : quote(value->text) + " is not a number",
                "write a number such as 4 or 6.5");
        return;
      }
    }
    if (const Cell* day = cell(cells, "for_day")) {
      in.for_day = date_from_iso(day->text);
      if (!in.for_day) {
        problem(day->column, "for_day", quote(day->text) + " is not a date", "write 2026-03-02");
        return;
      }
    }
    h.log.push_back({known, std::move(in)});
  }

  std::vector<History> finish() {
    std::vector<History> out;
    for (auto& [name, h] : people_) {
      std::stable_sort(h.log.begin(), h.log.end(),
                       [](const auto& a, const auto& b) { return a.learned < b.learned; });
      out.push_back(std::move(h));
    }
    return out;
  }

  std::string_view file_;
  const Zone& zone_;
  Problems& problems_;
  std::vector<std::string> known_ = {"person",  "at",           "what",     "value",
                                     "learned", "practitioner", "timezone", "for_day"};
  std::map<std::string, std::size_t, std::less<>> columns_;
  std::map<std::string, History, std::less<>> people_;
  int line_ = 0;
  bool bad_ = false;
};
}  // namespace

std::vector<History> read_history_csv(std::string_view file, std::string_view csv, const Zone& zone,
                                      Problems& problems, const std::vector<std::string>& params) {
  return CsvReader(file, zone, problems, params).read(csv);
}

}  // namespace moodline::config
