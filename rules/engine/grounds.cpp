#include "rules/engine/grounds.hpp"

#include <algorithm>

namespace moodline::rules {
namespace {

// Corrections of one reading that are kept; the newest decides, so older ones only matter while
// a still later text may take the newest away.
constexpr std::size_t corrections_max = 32;

Reading as_reading(const Ground& ground) {
  const Slot& s = ground.slot;
  Reading r{s.at, s.id, s.day, s.order, s.value, s.low, true, s.named_day, 0};
  if (!ground.corrections.empty()) {
    r.value = ground.corrections.back().value;
    r.low = ground.corrections.back().low;
  }
  return r;
}

Ground ground_of(const Reading& r, const State& state) {
  Ground ground;
  if (r.slot != SIZE_MAX) {
    ground.slot = state.slots[r.slot];
    ground.next_at = r.slot + 1 < state.slots.size() ? state.slots[r.slot + 1].at : Instant::max();
  } else {
    ground.slot = {std::string(r.id), r.at, r.value, r.low, false, false, r.day, r.order};
    ground.next_at = state.slots.empty() ? Instant::max() : state.slots.front().at;
  }
  for (const Correction& c : state.corrections) {
    if (c.at > ground.slot.at && c.at <= ground.next_at) ground.corrections.push_back(c);
  }
  ground.slot.day = r.day;
  ground.slot.order = r.order;
  ground.slot.fixed = true;
  return ground;
}

}  // namespace

void take_grounds(Episode& episode, const State& state, const Built& built, const View& view) {
  const Rule& rule = *episode.rule;
  const auto first = first_needed(rule, view);
  episode.cells.assign(view.cells.begin() + static_cast<std::ptrdiff_t>(first), view.cells.end());
  for (const Reading& r : built.readings) {
    const bool inside = std::any_of(episode.cells.begin(), episode.cells.end(), [&](const Cell& c) {
      return c.reading() && c.order == r.order;
    });
    if (inside) episode.grounds.push_back(ground_of(r, state));
  }
}

bool ground_reading(Episode& episode, const Slot& slot) {
  bool changed = false;
  for (Ground& g : episode.grounds) {
    const bool after = slot.at != g.slot.at ? slot.at > g.slot.at : slot.id > g.slot.id;
    if (!after || slot.at > g.next_at) continue;
    g.next_at = slot.at;
    const auto gone = std::remove_if(g.corrections.begin(), g.corrections.end(),
                                     [&](const Correction& c) { return c.at > slot.at; });
    changed = changed || gone != g.corrections.end();
    g.corrections.erase(gone, g.corrections.end());
  }
  return changed;
}

bool ground_correction(Episode& episode, const Correction& correction) {
  for (Ground& g : episode.grounds) {
    if (correction.at <= g.slot.at || correction.at > g.next_at) continue;
    auto& list = g.corrections;
    if (std::any_of(list.begin(), list.end(),
                    [&](const Correction& c) { return c.id == correction.id; })) {
      return false;
    }
    auto it = list.end();
    while (it != list.begin() &&
           (std::prev(it)->at > correction.at ||
            (std::prev(it)->at == correction.at && std::prev(it)->id > correction.id))) {
      --it;
    }
    list.insert(it, correction);
    if (list.size() > corrections_max) list.erase(list.begin());
    return true;
  }
  return false;
}

bool ground_undo(Episode& episode, std::string_view id) {
  std::size_t gone =
      std::erase_if(episode.grounds, [&](const Ground& g) { return of_text(g.slot.id, id); });
  for (Ground& g : episode.grounds) {
    gone += std::erase_if(g.corrections, [&](const Correction& c) { return of_text(c.id, id); });
  }
  return gone > 0;
}

bool grounds_hold(const Episode& episode, const State& state) {
  const Rule& rule = *episode.rule;
  std::vector<Cell> cells = episode.cells;
  std::vector<Reading> replies;
  for (Cell& cell : cells) {
    if (!cell.reading()) continue;
    replies.clear();
    for (const Ground& g : episode.grounds) {
      if (g.slot.order == cell.order) replies.push_back(as_reading(g));
    }
    const auto folded = fold_unit(rule, replies);
    cell.state = folded ? folded->state : CellState::missed;
    cell.value = folded ? folded->value : Ratio{};
  }
  return condition_holds(rule,
                         {cells, state.used_order, state.used_day, state.left_out, &state.zone});
}

}  // namespace moodline::rules
