// The arguments of commands: lengths of time, times and days, as people write them.
#include <algorithm>

#include "daemon/checkins/commands.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::checkins {
namespace {

constexpr int pause_days_max = 366;
constexpr std::size_t times_max = 6;
constexpr std::size_t named_words_max = 100;  // of a command that names measures

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    const bool gap = c == ' ' || c == ',' || c == ';' || c == '\n' || c == '/' || c == '+';
    if (!gap) {
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

int leading_number(const std::string& w) {
  int n = 0;
  for (const char c : w) {
    if (c < '0' || c > '9' || n > 10'000) break;
    n = n * 10 + (c - '0');
  }
  return n;
}

bool any_word(const std::vector<std::string>& words,
              std::initializer_list<std::string_view> stems) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& w) {
    return std::any_of(stems.begin(), stems.end(),
                       [&](std::string_view s) { return std::string_view(w).starts_with(s); });
  });
}

std::optional<Weekday> weekday_in(const Desk& d, const std::string& word) {
  if (word.size() >= 3) {
    if (auto w = weekday_from_name(std::string_view(word).substr(0, 3))) return w;
  }
  for (const auto* names : {&d.words().weekdays, &d.words().weekdays_short}) {
    for (std::size_t i = 0; i < names->size() && i < 7; ++i) {
      const auto lower = words_of((*names)[i]);
      if (!lower.empty() && lower.front() == word) return static_cast<Weekday>(i);
    }
  }
  return std::nullopt;
}

std::optional<TimeOfDay> one_time(std::string w, bool pm_after, bool am_after) {
  bool pm = pm_after;
  bool am = am_after;
  if (w.ends_with("pm") || w.ends_with("am")) {
    (w.ends_with("pm") ? pm : am) = true;
    w.resize(w.size() - 2);
  }
  std::replace(w.begin(), w.end(), '.', ':');
  if (w.find(':') == std::string::npos) {
    if (w.size() == 4 && leading_number(w) >= 100) {
      w.insert(2, ":");
    } else {
      w += ":00";
    }
  }
  auto t = time_from_hm(w);
  if (!t) return std::nullopt;
  if ((pm || am) && t->s >= 13 * 3600) return std::nullopt;
  if (pm && t->s < 12 * 3600) t->s += 12 * 3600;
  if (am && t->s >= 12 * 3600) t->s -= 12 * 3600;
  return t;
}

/// Where a name of `measure` that begins at words[i] ends; i where none does.
std::size_t name_end(const config::Measure& measure, const std::vector<std::string>& words,
                     std::size_t i) {
  std::string id = measure.id;
  std::replace(id.begin(), id.end(), '_', ' ');
  std::size_t end = i;
  const auto try_name = [&](std::string_view name) {
    const auto parts = words_of(rules::normalise_phrase(name));
    const bool fits = !parts.empty() && parts.size() <= words.size() - i &&
                      std::equal(parts.begin(), parts.end(), words.begin() + static_cast<long>(i));
    if (fits) end = std::max(end, i + parts.size());
  };
  try_name(id);
  for (const auto& [language, name] : measure.name) try_name(name);
  return end;
}

}  // namespace

std::optional<Instant> pause_end(const Desk& d, std::string_view arg) {
  const auto words = words_of(arg);
  if (words.empty()) return Instant::max();
  const auto days_on = [&](int n) -> std::optional<Instant> {
    if (n < 1 || n > pause_days_max) return std::nullopt;
    return d.zone().resolve_or_next(d.today() + n, TimeOfDay::hm(4, 0));
  };
  int n = 0;
  for (const std::string& w : words) {
    if (n == 0) n = leading_number(w);
  }
  if (n == 0) {
    for (const std::string& w : words) {
      if (const auto day = weekday_in(d, w)) {
        int ahead = static_cast<int>(*day) - static_cast<int>(d.today().weekday());
        return days_on(ahead <= 0 ? ahead + 7 : ahead);
      }
    }
    if (any_word(words, {"tomorrow", "today", "tonight"})) return days_on(1);
    if (any_word(words, {"week"})) return days_on(7);
    if (any_word(words, {"month"})) return days_on(30);
    if (any_word(words, {"day"})) return days_on(1);
    return std::nullopt;
  }
  if (any_word(words, {"hour", "hr"})) return d.s.now + Millis{n * 3'600'000LL};
  if (any_word(words, {"week", "wk", "wythnos", "tydz"})) return days_on(n * 7);
  if (any_word(words, {"month", "mis", "mies"})) return days_on(n * 30);
  return days_on(n);
}

std::vector<NamedPart> parts_by_measure(const Desk& d, std::string_view arg) {
  const auto words = words_of(arg);
  std::vector<NamedPart> parts(1);
  if (words.size() > named_words_max) return parts;
  bool names_first = false;
  for (std::size_t i = 0; i < words.size();) {
    std::string named;
    std::size_t end = i;
    for (const store::TrackedMeasure& tracked : d.person.measures) {
      const config::Measure* m = d.s.service.measure(tracked.measure);
      const std::size_t to = m == nullptr ? i : name_end(*m, words, i);
      if (to > end) {
        end = to;
        named = tracked.measure;
      }
    }
    const NamedPart& last = parts.back();
    if (i == 0) names_first = end > i;
    const bool whole = !last.measures.empty() && !last.words.empty();
    if (end > i) {
      if (whole && names_first) parts.emplace_back();
      parts.back().measures.push_back(named);
      i = end;
    } else {
      if (whole && !names_first) parts.emplace_back();
      std::string& to = parts.back().words;
      to += (to.empty() ? "" : " ") + words[i++];
    }
  }
  return parts;
}

std::optional<std::vector<TimeOfDay>> times_from(std::string_view arg) {
  const auto words = words_of(arg);
  std::vector<TimeOfDay> times;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "pm" || words[i] == "am" || words[i] == "and" || words[i] == "at") continue;
    const bool pm = i + 1 < words.size() && words[i + 1] == "pm";
    const bool am = i + 1 < words.size() && words[i + 1] == "am";
    const auto t = one_time(words[i], pm, am);
    if (!t || times.size() >= times_max) return std::nullopt;
    times.push_back(*t);
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  if (times.empty()) return std::nullopt;
  return times;
}

std::optional<std::vector<Weekday>> days_from(const Desk& d, std::string_view arg) {
  const auto words = words_of(arg);
  std::vector<Weekday> days;
  for (const std::string& w : words) {
    if (w == "and" || w == "on") continue;
    if (w.starts_with("weekday")) {
      for (int i = 0; i < 5; ++i) days.push_back(static_cast<Weekday>(i));
    } else if (w.starts_with("weekend")) {
      days.push_back(Weekday::sat);
      days.push_back(Weekday::sun);
    } else if (w == "every" || w == "all" || w == "daily" || w == "day") {
      for (int i = 0; i < 7; ++i) days.push_back(static_cast<Weekday>(i));
    } else if (const auto day = weekday_in(d, w)) {
      days.push_back(*day);
    } else {
      return std::nullopt;
    }
  }
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  if (days.empty()) return std::nullopt;
  return days;
}

}  // namespace moodline::checkins
