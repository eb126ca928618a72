#include "daemon/pages/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "daemon/pages/html.hpp"

namespace moodline::pages {
namespace {

constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr const char* weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

// What one picture is drawn with; units are the SVG's own.
struct Frame {
  std::string_view css;
  std::string_view id;  // suffix of its title's id
  int width = 0;
  int height = 0;
  int left = 34;
  int right = 12;
  int top = 22;
  int bottom = 46;  // dates, and above them the row of days without a reading
  [[nodiscard]] double plot_width() const { return width - left - right; }
  [[nodiscard]] double plot_height() const { return height - top - bottom; }
  [[nodiscard]] double floor() const { return height - bottom; }
};

double number(Decimal d) {
  return static_cast<double>(d.micro) / Decimal::one;
}

struct Scale {
  Frame f;
  std::span<const ChartDay> days;
  double low = 0;
  double high = 1;
  [[nodiscard]] double step() const {
    return days.size() < 2 ? f.plot_width() : f.plot_width() / static_cast<double>(days.size());
  }
  [[nodiscard]] double x(std::size_t i) const {
    return f.left + step() * (static_cast<double>(i) + 0.5);
  }
  [[nodiscard]] double y(double v) const {
    const double part = std::clamp((v - low) / (high - low), 0.0, 1.0);
    return f.floor() - part * f.plot_height();
  }
};

Scale scale_of(const Chart& c, const Frame& f, std::span<const ChartDay> days) {
  Scale s{f, days, number(c.low), number(c.high)};
  if (s.high <= s.low) s.high = s.low + 1;
  // A wide scale (weight, steps) is drawn around what was read.
  double least = 1e18;
  double most = -1e18;
  for (const ChartDay& d : days) {
    if (!d.value) continue;
    least = std::min(least, number(*d.value));
    most = std::max(most, number(*d.value));
  }
  if (s.high - s.low <= 24 || least > most) return s;
  if (c.line) {
    least = std::min(least, number(c.line->value));
    most = std::max(most, number(c.line->value));
  }
  const double room = std::max((most - least) * 0.15, 1.0);
  s.low = std::max(s.low, std::floor(least - room));
  s.high = std::min(s.high, std::ceil(most + room));
  return s;
}

std::string short_number(double v) {
  return moodline::to_text(Decimal{static_cast<std::int64_t>(v * 10) * (Decimal::one / 10)});
}

std::string grid(const Scale& s) {
  std::string out;
  for (const double v : {s.low, (s.low + s.high) / 2, s.high}) {
    out += fmt::format(
        "<path class=\"grid\" d=\"M{} {:.1f}H{}\"/><text x=\"{}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{}</text>",
        s.f.left, s.y(v), s.f.width - s.f.right, s.f.left - 6, s.y(v) + 4, short_number(v));
  }
  // A date under each Monday, as far apart as they can be read.
  double last = -1000;
  for (std::size_t i = 0; i < s.days.size(); ++i) {
    const LocalDate d = s.days[i].day;
    if (d.weekday() != Weekday{0} || s.x(i) - last < 56 || s.x(i) > s.f.width - 26) continue;
    last = s.x(i);
    const CivilDate c = civil(d);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{} {}</text>", s.x(i),
                       s.f.height - 6, c.day, months[c.month - 1]);
    out += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}v5\"/>", s.x(i), s.f.floor());
  }
  return out;
}

std::string band(const Chart& c, const Scale& s) {
  if (!c.episode_from || s.days.empty()) return {};
  const LocalDate from = std::max(*c.episode_from, s.days.front().day);
  const LocalDate to = std::min(c.episode_until.value_or(s.days.back().day), s.days.back().day);
  if (from > to) return {};
  const double x0 =
      s.x(static_cast<std::size_t>(from.days - s.days.front().day.days)) - s.step() / 2;
  const double x1 = s.x(static_cast<std::size_t>(to.days - s.days.front().day.days)) + s.step() / 2;
  return fmt::format(
      "<rect class=\"band\" x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{:.1f}\"/>", x0,
      s.f.top, x1 - x0, s.f.plot_height());
}

std::string agreed_line(const Chart& c, const Scale& s) {
  if (!c.line) return {};
  const double y = s.y(number(c.line->value));
  return fmt::format(
      "<path class=\"agreed\" d=\"M{} {:.1f}H{}\"/><text class=\"agreed-text\" x=\"{}\" "
      "y=\"{:.1f}\" text-anchor=\"start\">agreed line: {}</text>",
      s.f.left, y, s.f.width - s.f.right, s.f.left + 4, y - 5, escape(line_words(*c.line)));
}

std::string mark(DayMark what, double x, double y) {
  switch (what) {
    case DayMark::missing:
    case DayMark::waiting:
      return fmt::format("<circle class=\"hollow\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.6\"/>", x, y);
    case DayMark::undelivered:
      return fmt::format("<path class=\"cross\" d=\"M{:.1f} {:.1f}l7 7m0 -7l-7 7\"/>", x - 3.5,
                         y - 3.5);
    case DayMark::not_sent:
      return fmt::format("<path class=\"dash\" d=\"M{:.1f} {:.1f}h7\"/>", x - 3.5, y);
    case DayMark::low_word:
      return fmt::format("<path class=\"down\" d=\"M{:.1f} {:.1f}h9l-4.5 8z\"/>", x - 4.5, y - 4);
    case DayMark::reading:
    case DayMark::none:
      break;
  }
  return {};
}

std::string marks(const Chart& c, const Scale& s) {
  std::string joins;
  std::string dots;
  bool joined = false;
  for (std::size_t i = 0; i < s.days.size(); ++i) {
    const ChartDay& d = s.days[i];
    const double x = s.x(i);
    if (d.mark == DayMark::reading && d.value) {
      const double y = s.y(number(*d.value));
      joins += fmt::format("{}{:.1f} {:.1f}", joined ? "L" : "M", x, y);
      const bool hit = c.line && meets(*c.line, *d.value);
      dots += fmt::format("<circle class=\"dot{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4.6\"/>",
                          hit ? " hit" : "", x, y);
      joined = true;
      continue;
    }
    joined = false;
    dots += mark(d.mark, x, s.f.floor() + 14);
  }
  return (joins.empty() ? std::string{} : "<path class=\"join\" d=\"" + joins + "\"/>") + dots;
}

std::string picture(const Chart& c, const Frame& f, std::span<const ChartDay> days) {
  const Scale s = scale_of(c, f, days);
  int read = 0;
  for (const ChartDay& d : days) read += d.mark == DayMark::reading ? 1 : 0;
  const std::string title =
      fmt::format("{}, {} to {}", escape(c.name), days.empty() ? "" : day_words(days.front().day),
                  days.empty() ? "" : day_words(days.back().day));
  std::string about = fmt::format("{} readings in {} days.", read, days.size());
  if (c.line) about += fmt::format(" The agreed line is {}.", line_words(*c.line));
  if (c.episode_from)
    about += fmt::format(" The shaded part began on {}.", day_words(*c.episode_from));
  about += " The table below has every day.";
  return fmt::format(
             "<svg class=\"chart {0}\" viewBox=\"0 0 {1} {2}\" role=\"img\" "
             "aria-labelledby=\"{3}-{4}t {3}-{4}d\"><title id=\"{3}-{4}t\">{5}</title>"
             "<desc id=\"{3}-{4}d\">{6}</desc>",
             f.css, f.width, f.height, c.id, f.id, title, escape(about)) +
         band(c, s) + grid(s) + agreed_line(c, s) + marks(c, s) + "</svg>";
}

std::string key_item(std::string_view shape, std::string_view words) {
  return fmt::format(
      "<li><svg viewBox=\"0 0 18 18\" aria-hidden=\"true\" focusable=\"false\">{}</svg>{}</li>",
      shape, words);
}

std::string key(const Chart& c) {
  const auto has = [&](DayMark m) {
    return std::any_of(c.days.begin(), c.days.end(),
                       [m](const ChartDay& d) { return d.mark == m; });
  };
  std::string out = key_item("<circle class=\"dot\" cx=\"9\" cy=\"9\" r=\"5\"/>", "reading");
  if (c.line) {
    out += key_item("<circle class=\"dot hit\" cx=\"9\" cy=\"9\" r=\"5\"/>",
                    escape(line_words(*c.line)));
  }
  for (const DayMark m : {DayMark::missing, DayMark::waiting, DayMark::undelivered,
                          DayMark::not_sent, DayMark::low_word}) {
    if (has(m)) out += key_item(mark(m, 9, 9), name_of(m));
  }
  return "<ul class=\"key\">" + out + "</ul>";
}

std::string table(const Chart& c) {
  std::string rows;
  for (auto d = c.days.rbegin(); d != c.days.rend(); ++d) {
    if (d->mark == DayMark::none) continue;
    const bool hit = d->value && c.line && meets(*c.line, *d->value);
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
                        day_words(d->day), d->value ? moodline::to_text(*d->value) : "",
                        hit ? escape(line_words(*c.line)) : std::string(name_of(d->mark)));
  }
  return fmt::format(
      "<details><summary>The same as a table</summary><div class=\"scroll\" tabindex=\"0\" "
      "role=\"region\" aria-label=\"Table of {0}\"><table><caption>{0}{1}, newest first</caption>"
      "<thead><tr><th scope=\"col\">day</th><th scope=\"col\">reading</th>"
      "<th scope=\"col\">what happened</th></tr></thead><tbody>{2}</tbody></table></div></details>",
      escape(c.name), c.unit.empty() ? "" : " in " + escape(c.unit), rows);
}

}  // namespace

std::string_view name_of(DayMark mark) {
  switch (mark) {
    case DayMark::reading:
      return "reading";
    case DayMark::low_word:
      return "low in words, no number";
    case DayMark::missing:
      return "asked, no answer";
    case DayMark::undelivered:
      return "asked, not delivered";
    case DayMark::not_sent:
      return "not asked";
    case DayMark::waiting:
      return "asked, may still be answered";
    case DayMark::none:
      return "nothing planned";
  }
  return "";
}

bool meets(const rules::Line& line, Decimal value) {
  switch (line.test) {
    case rules::Test::below:
      return value < line.value;
    case rules::Test::at_most:
      return value <= line.value;
    case rules::Test::above:
      return value > line.value;
    case rules::Test::at_least:
      return value >= line.value;
  }
  return false;
}

std::string line_words(const rules::Line& line) {
  std::string words(rules::name_of(line.test));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words + " " + moodline::to_text(line.value);
}

std::string day_words(LocalDate day) {
  const CivilDate c = civil(day);
  return fmt::format("{} {} {}", weekdays[static_cast<int>(day.weekday())], c.day,
                     months[c.month - 1]);
}

std::string figure(const Chart& c) {
  const std::span<const ChartDay> all(c.days);
  constexpr std::size_t narrow_days = 14;
  const auto few = all.size() > narrow_days ? all.last(narrow_days) : all;
  const Frame wide{"wide", "w", 720, 270};
  const Frame narrow{"narrow", "n", 320, 220, 26, 6};
  return "<figure>" + picture(c, wide, all) + picture(c, narrow, few) + key(c) + "</figure>" +
         table(c);
}

}  // namespace moodline::pages
