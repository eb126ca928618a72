// Chart: one measure over some days as an inline SVG and as a table. Days without a reading are
// told apart: asked and unanswered, not delivered, not asked. Shapes differ, not only colours.
// Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "rules/engine/rule.hpp"

namespace moodline::pages {

enum class DayMark {
  reading,
  low_word,     // no number, but words that meet the low line
  missing,      // asked, no answer
  undelivered,  // asked, the text did not arrive
  not_sent,     // nothing was sent: paused, held, a fault of ours
  waiting,      // asked, may still be answered
  none,         // nothing was planned
};
std::string_view name_of(DayMark mark);  // "asked, no answer"

struct ChartDay {
  LocalDate day;
  DayMark mark = DayMark::none;
  std::optional<Decimal> value;
};

struct Chart {
  std::string id;       // unique on its page: letters and digits
  std::string measure;  // its measure's id
  std::string name;     // "mood"
  std::string unit;     // may be empty
  Decimal low;          // the scale's ends
  Decimal high;
  std::vector<ChartDay> days;              // every day, oldest first
  std::optional<rules::Line> line;         // as agreed
  std::optional<LocalDate> episode_from;   // an open episode is shaded
  std::optional<LocalDate> episode_until;  // nothing: still open
};

/// Whether a value is on the agreed line's far side.
bool meets(const rules::Line& line, Decimal value);
/// "below 4", "at least 140".
std::string line_words(const rules::Line& line);
/// "Tue 3 Mar".
std::string day_words(LocalDate day);

/// A figure: a wide and a narrow picture (the page shows one), a key, and the table folded away.
std::string figure(const Chart& chart);

}  // namespace moodline::pages
