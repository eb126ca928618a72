// Cells: days or prompts with a value, missed, excluded or still open, as of one instant.
#include <algorithm>

#include "rules/engine/log.hpp"

namespace moodline::rules {
namespace {

class Builder {
 public:
  Builder(const State& state, const Snapshot& snap, Instant t)
      : state_(state), snap_(snap), rule_(*snap.rule), t_(t) {}

  Built build() {
    ends_ = window_ends(state_.prompts, rule_, state_.zone);
    take_readings();
    fold_readings();
    add_gaps();
    const auto by_order = [](const Cell& a, const Cell& b) { return a.order < b.order; };
    std::sort(out_.cells.begin(), out_.cells.end(), by_order);
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      if (ends_[i] > t_) earliest(out_.next_window, ends_[i]);
    }
    return std::move(out_);
  }

 private:
  static void earliest(std::optional<Instant>& slot, Instant at) {
    if (!slot || at < *slot) slot = at;
  }

  void take_readings() {
    auto all = resolve_readings(state_);
    place_readings(all, state_.prompts, ends_, rule_);
    for (Reading& r : all) {
      const bool counts = r.at >= snap_.counts_from && r.order != no_cell;
      if (counts && (!r.low || rule_.low_mark)) out_.readings.push_back(r);
    }
    std::stable_sort(out_.readings.begin(), out_.readings.end(),
                     [](const Reading& a, const Reading& b) { return a.order < b.order; });
  }

  // When the unit can no longer change by replies of its own.
  Instant closes(const Reading& r) const {
    Instant at = Instant::min();
    if (rule_.unit == Unit::day) at = next_day_start(state_.zone, r.day, rule_.day_start);
    for (std::size_t i = 0; i < ends_.size(); ++i) {
      const KnownPrompt& p = state_.prompts[i];
      const bool own = rule_.unit == Unit::day ? p.day == r.day : p.at.ms == r.order;
      if (own && has_window(p.status)) at = std::max(at, ends_[i]);
    }
    return at;
  }

  void fold_readings() {
    const auto& all = out_.readings;
    for (std::size_t i = 0; i < all.size();) {
      std::size_t end = i;
      while (end < all.size() && all[end].order == all[i].order) ++end;
      const auto folded = fold_unit(rule_, std::span(all).subspan(i, end - i));
      orders_.push_back(all[i].order);
      bool closed = true;
      // Fixed readings are weeks old; only the newest days need the calendar.
      if (rule_.decide == Decide::day_end && !all[i].fixed) {
        const Instant at = closes(all[i]);
        closed = at <= t_;
        if (!closed) {
          earliest(out_.next_close, at);
          ++out_.open_units;
        }
      }
      if (folded && closed) {
        out_.cells.push_back({all[i].order, all[i].day, folded->state, folded->value});
      }
      i = end;
    }
  }

  [[nodiscard]] bool has_reading(std::int64_t order) const {
    return std::binary_search(orders_.begin(), orders_.end(), order);
  }

  CellState gap_state(const KnownPrompt& p, Instant end) const {
    if (!reached(p.status)) return CellState::excluded;
    return end <= t_ ? CellState::missed : CellState::undecided;
  }

  // missed before undecided before excluded
  static CellState stronger(CellState a, CellState b) { return std::min(a, b, rank_less); }
  static bool rank_less(CellState a, CellState b) { return rank(a) < rank(b); }
  static int rank(CellState s) {
    return s == CellState::missed ? 0 : s == CellState::undecided ? 1 : 2;
  }

  void add_gaps() {
    for (const FrozenGap& gap : state_.gaps) {
      if (gap.at >= snap_.counts_from && !has_reading(gap.cell.order)) {
        out_.cells.push_back(gap.cell);
      }
    }
    std::vector<Cell> gaps;
    for (std::size_t i = 0; i < state_.prompts.size(); ++i) {
      const KnownPrompt& p = state_.prompts[i];
      if (p.at < snap_.counts_from) continue;
      const std::int64_t order = rule_.unit == Unit::day ? p.day : p.at.ms;
      if (has_reading(order)) continue;
      const CellState state = gap_state(p, ends_[i]);
      auto same =
          std::find_if(gaps.rbegin(), gaps.rend(), [&](const Cell& c) { return c.order == order; });
      if (same == gaps.rend()) {
        gaps.push_back({order, p.day, state, {}});
      } else {
        same->state = stronger(same->state, state);
      }
    }
    out_.cells.insert(out_.cells.end(), gaps.begin(), gaps.end());
  }

  const State& state_;
  const Snapshot& snap_;
  const Rule& rule_;
  Instant t_;
  std::vector<Instant> ends_;
  std::vector<std::int64_t> orders_;  // units with a reading, closed or not
  Built out_;
};

}  // namespace

Built build_cells(const State& state, const Snapshot& snap, Instant t) {
  return Builder(state, snap, t).build();
}

}  // namespace moodline::rules
