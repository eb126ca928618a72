// The arithmetic behind a verdict, for people.
#include <fmt/format.h>

#include "rules/engine/contact.hpp"
#include "rules/engine/engine.hpp"
#include "rules/engine/log.hpp"
#include "rules/kinds/kind.hpp"

namespace moodline::rules {
namespace {

// Two decimals are for reading only; every comparison is exact.
std::string shown(const Ratio& r) {
  constexpr __int128 cent = Decimal::one / 100;
  const bool exact = r.num % (r.den * cent) == 0;
  const auto cents = static_cast<std::int64_t>(r.num / (r.den * cent));
  return fmt::format("{}{}", exact ? "" : "about ",
                     moodline::to_text(Decimal{cents * (Decimal::one / 100)}));
}

std::string shown(const Cell& cell) {
  switch (cell.state) {
    case CellState::value:
      return shown(cell.value);
    case CellState::low:
      return "low";
    case CellState::missed:
      return "missed";
    case CellState::excluded:
      return "not asked or not delivered";
    case CellState::undecided:
      return "still open";
  }
  return "";
}

std::string line_text(const Line& line) {
  std::string name(name_of(line.test));
  for (char& c : name) c = c == '_' ? ' ' : c;
  return name + " " + moodline::to_text(line.value);
}

std::string window_text(const Rule& rule, const View& view) {
  const Condition& c = rule.when;
  const Cell* newest = newest_value(view);
  if (newest == nullptr) return "no reading yet";
  const auto mean = [&](int from, int to, int min_days) {
    const auto m = mean_of(view, days_back(view, newest->day, from - 1),
                           days_back(view, newest->day, to), min_days);
    return m ? shown(*m) : std::string("too little data");
  };
  if (c.kind == Kind::average) {
    return fmt::format("mean of {} days: {}; the line is {}", c.days, mean(c.days, 0, c.min_days),
                       line_text(c.line));
  }
  if (c.kind == Kind::rise) {
    return fmt::format("mean of the last {} days: {}; of the {} before: {}; a rise of {} acts",
                       c.days, mean(c.days, 0, c.min_days), c.days,
                       mean(2 * c.days, c.days, c.min_days), moodline::to_text(c.amount));
  }
  const auto usual = baseline_of(rule, view);
  return fmt::format("usual (median): {}; mean of the last {} days: {}; a drop of {} acts",
                     usual ? shown(*usual) : "not ready", c.recent, mean(c.recent, 0, c.min_recent),
                     moodline::to_text(c.amount));
}

std::string arithmetic(const Rule& rule, const View& view) {
  const Condition& c = rule.when;
  const std::string_view unit = rule.unit == Unit::day ? "days" : "prompts";
  if (c.kind == Kind::streak) {
    return fmt::format("{} {} running {}; {} are needed",
                       run_length(rule, view.cells, c.line, view.used_order), unit,
                       line_text(c.line), c.n);
  }
  if (c.kind == Kind::n_of_m) {
    int hits = 0;
    for (auto i = first_needed(rule, view); i < view.cells.size(); ++i) {
      if (view.cells[i].order > view.used_order && meets(view.cells[i], c.line)) ++hits;
    }
    return fmt::format("{} of the last {} {} {}; {} are needed", hits, c.m, unit, line_text(c.line),
                       c.n);
  }
  return window_text(rule, view);
}

std::string prompts_text(const State& state, const Snapshot& snap, bool& holds) {
  const Condition& c = snap.rule->when;
  const bool silence = c.kind == Kind::silence;
  const auto v =
      silence ? judge_silence(state, snap, state.judged_to) : judge_undelivered(state, snap);
  holds = v.holds;
  if (silence && c.prompts == 0) {
    return fmt::format("{} hours without a text after a prompt act", c.hours.s / 3600);
  }
  return fmt::format("{} prompts in a row {}; {} are needed", v.count,
                     silence ? "unanswered" : "undelivered", c.prompts);
}

}  // namespace

Explained explain(const State& state) {
  Explained out;
  if (state.episode) {
    out.open_alert = state.episode->alert;
    out.fired_at = state.episode->fired_at;
  }
  if (!state.agreed) {
    out.arithmetic = "not agreed: this rule looks at nothing";
    return out;
  }
  const Snapshot& snap = *state.agreed;
  const Rule& rule = *snap.rule;
  if (rule.when.kind == Kind::silence || rule.when.kind == Kind::undelivered) {
    out.arithmetic = prompts_text(state, snap, out.holds);
    return out;
  }
  if (info(rule.when.kind).holds == nullptr) return out;
  const auto built = build_cells(state, snap, state.judged_to);
  const View view{built.cells, state.used_order, state.used_day, state.left_out, &state.zone};
  const bool lined = rule.when.kind == Kind::streak || rule.when.kind == Kind::n_of_m;
  for (const Cell& cell : built.cells) {
    const bool hit = lined && cell.order > state.used_order && meets(cell, rule.when.line);
    out.items.push_back({LocalDate{cell.day}, shown(cell), hit});
  }
  out.holds = condition_holds(rule, view);
  out.arithmetic = arithmetic(rule, view);
  return out;
}

}  // namespace moodline::rules
