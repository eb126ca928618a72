#include "rules/engine/oracle_series.hpp"

#include <algorithm>

namespace moodline::rules {

bool WholeLog::learn(const Inbound& text, const Rule& rule, const Zone& zone, Instant learned) {
  Text t{text_key(text), text, local_day(zone, text.at, rule.day_start),
         too_late(rule, zone, text.at, learned)};
  if (text.for_day) {
    const int oldest = local_day(zone, learned, rule.day_start) - late_days(rule);
    t.late = t.late || text.for_day->days < oldest;
  }
  for (const Text& known : texts) {
    if (known.key == t.key) return false;
  }
  texts.push_back(std::move(t));
  return true;
}

bool WholeLog::learn(const PromptEvent& prompt, const Rule& rule, const Zone& zone,
                     Instant learned) {
  if (too_late(rule, zone, prompt.at, learned)) return false;
  std::erase_if(prompts, [&](const Prompt& p) { return p.id == prompt.id; });
  prompts.push_back(
      {prompt.id, prompt.at, prompt.status, local_day(zone, prompt.at, rule.day_start)});
  std::stable_sort(prompts.begin(), prompts.end(), [](const Prompt& a, const Prompt& b) {
    return a.at != b.at ? a.at < b.at : a.id < b.id;
  });
  return true;
}

std::optional<Instant> window_end(const WholeLog& log, std::size_t prompt, const Rule& rule,
                                  const Zone& zone) {
  const auto& p = log.prompts[prompt];
  if (!has_window(p.status)) return std::nullopt;
  Instant end = plus(p.at, rule.reply_window, zone);
  for (std::size_t i = prompt + 1; i < log.prompts.size(); ++i) {
    if (has_window(log.prompts[i].status)) end = std::min(end, log.prompts[i].at);
  }
  return end;
}

std::vector<Said> said_of(const WholeLog& log, bool all) {
  std::vector<const WholeLog::Text*> order;
  for (const auto& t : log.texts) {
    if (!t.text.value && !t.text.low) continue;
    if (t.late && !(all && t.text.corrects)) continue;
    order.push_back(&t);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return a->text.at != b->text.at ? a->text.at < b->text.at : a->key < b->key;
  });
  std::vector<Said> said;
  const auto add = [&](const WholeLog::Text& t) {
    const bool named = t.text.for_day && !t.text.corrects;
    said.push_back({t.key, t.text.at, t.text.value.value_or(Decimal{}), !t.text.value,
                    named ? t.text.for_day->days : t.receipt_day, named ? 1 : no_cell});
  };
  for (const auto* t : order) {
    Said* target = nullptr;
    for (Said& s : said) {
      if (s.at < t->text.at) target = &s;
    }
    if (!t->text.corrects || target == nullptr) {
      add(*t);
    } else {
      target->value = t->text.value.value_or(Decimal{});
      target->low = !t->text.value;
    }
  }
  return said;
}

std::optional<Cell> cell_of(const Rule& rule, const std::vector<Said>& said) {
  std::vector<Ratio> values;
  bool low = false;
  bool first_low = false;
  bool last_low = false;
  bool any = false;
  for (const Said& s : said) {
    if (s.low && !rule.low_mark) continue;
    if (!any) first_low = s.low;
    any = true;
    last_low = s.low;
    low = low || s.low;
    if (!s.low) values.push_back(Ratio::of(s.value));
  }
  if (!any) return std::nullopt;
  Cell cell{said.front().order, said.front().day, CellState::low, {}};
  const bool is_low = values.empty() || (rule.per_day == PerDay::min && low) ||
                      (rule.per_day == PerDay::first && first_low) ||
                      (rule.per_day == PerDay::last && last_low);
  if (is_low) return cell;
  cell.state = CellState::value;
  Ratio sum;
  for (const Ratio& v : values) sum = sum + v;
  switch (rule.per_day) {
    case PerDay::last:
      cell.value = values.back();
      break;
    case PerDay::first:
      cell.value = values.front();
      break;
    case PerDay::min:
      cell.value = *std::min_element(values.begin(), values.end());
      break;
    case PerDay::max:
      cell.value = *std::max_element(values.begin(), values.end());
      break;
    case PerDay::mean:
      cell.value = sum.over(static_cast<int>(values.size()));
      break;
  }
  return cell;
}

namespace {

using Ends = std::vector<std::optional<Instant>>;

void place(Said& s, const WholeLog& log, const Rule& rule, const Ends& ends) {
  const bool named = s.order == 1;
  const bool by_prompt = rule.unit == Unit::prompt;
  s.order = by_prompt ? no_cell : s.day;
  for (std::size_t i = 0; i < log.prompts.size(); ++i) {
    const auto end = ends[i];
    if (!end) continue;
    const auto& p = log.prompts[i];
    if (named) {
      if (by_prompt && p.day == s.day) s.order = p.at.ms;
    } else if (s.at >= p.at && s.at < *end) {
      s.day = p.day;
      s.order = by_prompt ? p.at.ms : p.day;
    }
  }
}

Instant closing(const Said& s, const WholeLog& log, const Rule& rule, const Zone& zone,
                const Ends& ends) {
  const bool by_prompt = rule.unit == Unit::prompt;
  Instant at = by_prompt ? Instant::min() : next_day_start(zone, s.day, rule.day_start);
  for (std::size_t i = 0; i < log.prompts.size(); ++i) {
    const bool own = by_prompt ? log.prompts[i].at.ms == s.order : log.prompts[i].day == s.day;
    if (own && ends[i]) at = std::max(at, *ends[i]);
  }
  return at;
}

void add_gap(Series& out, const WholeLog& log, std::size_t i, const Snapshot& snap,
             const Ends& ends, Instant t) {
  const auto& p = log.prompts[i];
  const std::int64_t order = snap.rule->unit == Unit::prompt ? p.at.ms : p.day;
  if (p.at < snap.counts_from || out.said.contains(order)) return;
  CellState state = CellState::excluded;
  if (reached(p.status)) {
    state = *ends[i] <= t ? CellState::missed : CellState::undecided;
  }
  for (Cell& cell : out.cells) {
    if (cell.order != order) continue;
    const bool stronger = state == CellState::missed || cell.state == CellState::excluded;
    if (stronger && cell.state != CellState::missed) cell.state = state;
    return;
  }
  out.cells.push_back({order, p.day, state, {}});
}

}  // namespace

Series series_of(const WholeLog& log, const Snapshot& snap, const Zone& zone, Instant t) {
  const Rule& rule = *snap.rule;
  Series out;
  Ends ends;
  for (std::size_t i = 0; i < log.prompts.size(); ++i) {
    ends.push_back(window_end(log, i, rule, zone));
  }
  for (Said& s : said_of(log, false)) {
    place(s, log, rule, ends);
    const bool readable = !s.low || rule.low_mark;
    if (s.at >= snap.counts_from && s.order != no_cell && readable) out.said[s.order].push_back(s);
  }
  for (std::size_t i = 0; i < log.prompts.size(); ++i) {
    add_gap(out, log, i, snap, ends, t);
    if (ends[i]) out.window_ends.push_back(*ends[i]);
  }
  for (const auto& [order, said] : out.said) {
    if (rule.decide == Decide::day_end) {
      const Instant at = closing(said.front(), log, rule, zone, ends);
      out.closes.push_back(at);
      if (at > t) continue;
    }
    if (auto cell = cell_of(rule, said)) out.cells.push_back(*cell);
  }
  std::sort(out.cells.begin(), out.cells.end(),
            [](const Cell& a, const Cell& b) { return a.order < b.order; });
  return out;
}

}  // namespace moodline::rules
