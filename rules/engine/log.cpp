#include "rules/engine/log.hpp"

#include <algorithm>

namespace moodline::rules {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

template <class T>
bool stamped_before(const T& a, const T& b) {
  return a.at != b.at ? a.at < b.at : a.id < b.id;
}

template <class T>
void insert_sorted(std::vector<T>& list, T item) {
  auto it = list.end();
  while (it != list.begin() && stamped_before(item, *std::prev(it))) --it;
  list.insert(it, std::move(item));
}

}  // namespace

std::int32_t local_day(const Zone& zone, Instant t, TimeOfDay day_start) {
  const LocalTime local = zone.local(t);
  if (local.time >= day_start) return local.date.days;
  LocalDate day = local.date - 1;
  while (!zone.exists(day)) day = day - 1;
  return day.days;
}

Instant next_day_start(const Zone& zone, std::int32_t day, TimeOfDay day_start) {
  return zone.resolve_or_next(LocalDate{day + 1}, day_start);
}

int late_days(const Rule& rule) {
  constexpr std::int64_t day_s = 86'400;
  return rule.late_limit.days + static_cast<int>((rule.late_limit.s + day_s - 1) / day_s);
}

bool too_late(const Rule& rule, const Zone& zone, Instant stamp, Instant learned) {
  const TimeSpan limit = rule.late_limit;
  if (learned - stamp < Millis{limit.days * day_ms + limit.s * 1000 - 2 * day_ms}) return false;
  return plus(stamp, limit, zone) < learned;
}

std::vector<Reading> resolve_readings(const State& state) {
  std::vector<Reading> readings;
  readings.reserve(state.slots.size());
  auto next = state.corrections.begin();
  const auto correct_up_to = [&](Instant end) {
    // A correction replaces the reading with the newest timestamp before its own.
    for (; next != state.corrections.end() && next->at <= end; ++next) {
      auto target = readings.size();
      while (target > 0 && readings[target - 1].at >= next->at) --target;
      if (target > 0) {
        readings[target - 1].value = next->value;
        readings[target - 1].low = next->low;
      } else {
        readings.push_back({next->at, next->id, next->day, no_cell, next->value, next->low, false,
                            false, SIZE_MAX});
      }
    }
  };
  for (std::size_t i = 0; i < state.slots.size(); ++i) {
    const Slot& slot = state.slots[i];
    correct_up_to(slot.at);
    readings.push_back({slot.at, slot.id, slot.day, slot.order, slot.value, slot.low, slot.fixed,
                        slot.named_day, i});
  }
  correct_up_to(Instant::max());
  return readings;
}

std::vector<Instant> window_ends(std::span<const KnownPrompt> prompts, const Rule& rule,
                                 const Zone& zone) {
  std::vector<Instant> ends(prompts.size(), Instant::min());
  Instant next = Instant::max();
  for (auto i = prompts.size(); i > 0; --i) {
    const KnownPrompt& p = prompts[i - 1];
    if (!has_window(p.status)) continue;
    ends[i - 1] = std::min(next, plus(p.at, rule.reply_window, zone));
    next = p.at;
  }
  return ends;
}

void place_readings(std::vector<Reading>& readings, std::span<const KnownPrompt> prompts,
                    std::span<const Instant> ends, const Rule& rule) {
  const bool by_prompt = rule.unit == Unit::prompt;
  for (Reading& r : readings) {
    if (r.fixed) {
      if (!by_prompt) r.order = r.day;
      continue;
    }
    r.order = by_prompt ? no_cell : r.day;
    // The newest prompt whose window holds it; for a named day the last prompt of that day.
    for (auto i = prompts.size(); i > 0; --i) {
      const KnownPrompt& p = prompts[i - 1];
      if (!has_window(p.status)) continue;
      if (r.named_day ? p.day != r.day || !by_prompt : p.at > r.at) continue;
      if (!r.named_day && r.at >= ends[i - 1]) break;
      r.day = p.day;
      r.order = by_prompt ? p.at.ms : p.day;
      break;
    }
  }
}

std::optional<Folded> fold_unit(const Rule& rule, std::span<const Reading> replies) {
  std::optional<Folded> out;
  Ratio sum;
  int values = 0;
  for (const Reading& r : replies) {
    if (r.low && !rule.low_mark) continue;
    const Folded one{r.low ? CellState::low : CellState::value, Ratio::of(r.value)};
    if (!r.low) {
      sum = sum + one.value;
      ++values;
    }
    if (!out || rule.per_day == PerDay::last) {
      out = one;
    } else if (rule.per_day == PerDay::min) {
      const bool lower = out->state == CellState::value && (r.low || one.value < out->value);
      if (lower) out = one;
    } else if (rule.per_day == PerDay::max) {
      const bool higher = !r.low && (out->state == CellState::low || one.value > out->value);
      if (higher) out = one;
    }
  }
  if (out && rule.per_day == PerDay::mean && values > 0) {
    out = Folded{CellState::value, sum.over(values)};
  }
  if (out && out->state == CellState::low) out->value = {};
  return out;
}

bool add_prompt(State& state, const Rule& rule, const PromptEvent& event, Instant learned) {
  if (too_late(rule, state.zone, event.at, learned)) return false;
  auto it = std::find_if(state.prompts.rbegin(), state.prompts.rend(),
                         [&](const KnownPrompt& p) { return p.id == event.id; });
  KnownPrompt prompt{event.id, event.at, event.status, 0};
  if (it != state.prompts.rend()) {
    if (it->at == event.at) {
      const bool changed = it->status != event.status;
      it->status = event.status;
      return changed;
    }
    state.prompts.erase(std::next(it).base());  // the claim moved it
  }
  prompt.day = local_day(state.zone, event.at, rule.day_start);
  insert_sorted(state.prompts, std::move(prompt));
  return true;
}

std::string text_key(const Inbound& text) {
  if (!text.id.empty()) return text.id;
  const std::string said =
      text.text_key.empty() && text.value ? moodline::to_text(*text.value) : text.text_key;
  return std::to_string(text.at.ms) + "|" + said;
}

bool known_text(const State& state, std::string_view key) {
  const auto same = [&](const auto& item) { return item.id == key; };
  return std::any_of(state.slots.rbegin(), state.slots.rend(), same) ||
         std::any_of(state.corrections.rbegin(), state.corrections.rend(), same);
}

bool of_text(std::string_view key, std::string_view id) {
  return !id.empty() && key.starts_with(id) && (key.size() == id.size() || key[id.size()] == '.');
}

bool add_slot(State& state, Slot slot) {
  insert_sorted(state.slots, std::move(slot));
  return true;
}

bool add_correction(State& state, Correction correction) {
  insert_sorted(state.corrections, std::move(correction));
  return true;
}

}  // namespace moodline::rules
