#include "config/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <tuple>

namespace moodline::config {
namespace {
constexpr std::size_t quote_bytes_max = 60;
constexpr std::size_t choices_shown_max = 12;
constexpr std::size_t word_bytes_max = 64;  // longer words are not compared

auto order(const Problem& p) {
  return std::tie(p.file, p.line, p.column, p.path, p.what, p.cure);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Optimal string alignment distance: insert, delete, replace and swap of neighbours cost one.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t same = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + same});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

constexpr std::size_t number_digits_min = 6;
}  // namespace

std::string to_text(const Problem& p) {
  std::string out = p.file;
  if (p.line > 0) out += fmt::format(":{}:{}", p.line, p.column);
  out += ": ";
  if (p.severity == Severity::warning) out += "warning: ";
  if (!p.path.empty()) out += p.path + ": ";
  return out + p.what + "; " + p.cure;
}

std::string to_text(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& p : problems) out += to_text(p) + "\n";
  return out;
}

std::string to_log(const std::vector<Problem>& problems) {
  const std::string text = to_text(problems);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
    out += end - at >= number_digits_min ? std::string("..") : text.substr(at, end - at);
    at = end;
    if (at < text.size()) out += text[at++];
  }
  return out;
}

std::string to_json(const std::vector<Problem>& problems) {
  boost::json::array list;
  std::size_t errors = 0;
  for (const Problem& p : problems) {
    const bool error = p.severity == Severity::error;
    errors += error ? 1 : 0;
    list.push_back({{"file", p.file},
                    {"line", p.line},
                    {"column", p.column},
                    {"path", p.path},
                    {"what", p.what},
                    {"cure", p.cure},
                    {"severity", error ? "error" : "warning"}});
  }
  return boost::json::serialize(boost::json::object{
      {"problems", list}, {"errors", errors}, {"warnings", problems.size() - errors}});
}

void Problems::put(const Place& place, std::string_view path, std::string what, std::string cure,
                   Severity severity) {
  if (severity == Severity::error) ++errors_;
  if (list_.size() > problems_max) return;
  if (list_.size() == problems_max) {
    what = fmt::format("has over {} problems", problems_max);
    cure = "mend those above and check again";
    severity = Severity::error;
  }
  list_.push_back({place.file, place.line, place.column, std::string(path), std::move(what),
                   std::move(cure), severity});
}

void Problems::add(const Place& place, std::string_view path, std::string what, std::string cure) {
  put(place, path, std::move(what), std::move(cure), Severity::error);
}

void Problems::warn(const Place& place, std::string_view path, std::string what, std::string cure) {
  put(place, path, std::move(what), std::move(cure), Severity::warning);
}

std::vector<Problem> Problems::sorted() const {
  std::vector<Problem> out = list_;
  std::sort(out.begin(), out.end(),
            [](const Problem& a, const Problem& b) { return order(a) < order(b); });
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.empty() || word.size() > word_bytes_max) return {};
  const std::size_t allowed = std::max<std::size_t>(1, std::min<std::size_t>(3, word.size() / 3));
  std::size_t best = allowed + 1;
  std::string found;
  for (const std::string& k : known) {
    if (k.size() > word.size() + allowed || word.size() > k.size() + allowed) continue;
    const std::size_t d = distance(word, k);
    if (d < best) {
      best = d;
      found = k;
    }
  }
  return found;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  std::size_t end = std::min(text.size(), quote_bytes_max);
  // Never cut a UTF-8 character in two.
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  for (const char c : text.substr(0, end)) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  return out + (end < text.size() ? "...\"" : "\"");
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::string near = nearest(word, known);
  if (!near.empty()) return "did you mean " + near + "?";
  if (known.empty()) return "leave it out";
  std::string out = known.size() == 1 ? "write " : "write one of ";
  for (std::size_t i = 0; i < known.size() && i < choices_shown_max; ++i) {
    if (i > 0) out += ", ";
    out += known[i];
  }
  if (known.size() > choices_shown_max) out += ", ...";
  return out;
}

}  // namespace moodline::config
