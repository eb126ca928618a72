// Pruning: what lies behind the live zone is final; of it only what the rule can still reach stays.
#include <algorithm>

#include "rules/engine/log.hpp"
#include "rules/kinds/kind.hpp"

namespace moodline::rules {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t margin_ms = 3 * day_ms;  // local days against instants
constexpr std::int64_t slack_ms = 7 * day_ms;   // pruned about once a week, not at every step
constexpr int margin_days = 3;

std::int64_t length_ms(TimeSpan span) {
  return span.days * day_ms + span.s * 1000;
}

// Cells that a gap may hold and still be bridged.
int bridge_max(const Rule& rule) {
  const int missed = rule.missing == Missing::brk ? 0 : rule.max_gap;
  return missed + (missed + 1) * rule.max_excluded;
}

std::vector<Snapshot> relevant(const State& s) {
  std::vector<Snapshot> list;
  if (s.agreed) list.push_back(*s.agreed);
  if (s.next) list.push_back(*s.next);
  const RulePtr& latest = s.next ? s.next->rule : s.agreed ? s.agreed->rule : nullptr;
  const bool waits = !same_rule(latest, s.file) && s.file->use_history;
  if (waits) list.push_back({s.file, s.history_from, s.history_from});
  return list;
}

class Pruner {
 public:
  Pruner(State& s, Instant now) : s_(s), now_(now), snaps_(relevant(s)) {
    std::int64_t live = 0;
    const auto widen = [&](const Rule& rule) {
      window_ = std::max(window_, Millis{length_ms(rule.reply_window)});
      live = std::max(live, length_ms(rule.late_limit) + length_ms(rule.reply_window));
      readings_ |= info(rule.when.kind).holds != nullptr;
    };
    for (const Snapshot& snap : snaps_) widen(*snap.rule);
    widen(*s.file);
    live_ = now - Millis{live + margin_ms};
  }

  [[nodiscard]] bool due() const {
    const Instant limit = live_ - Millis{slack_ms};
    const auto old = [&](const auto& list) { return !list.empty() && list.front().at < limit; };
    if (old(s_.prompts) || old(s_.corrections)) return true;
    return std::any_of(s_.slots.begin(), s_.slots.end(),
                       [&](const Slot& slot) { return !slot.fixed && slot.at < limit; });
  }

  void run() {
    if (!readings_) return prune_contact();
    settle_corrections();
    fix_slots();
    freeze_gaps();
    drop_cells();
  }

 private:
  // Corrections so old that nothing can come between them and their reading any more.
  void settle_corrections() {
    auto it = s_.corrections.begin();
    for (; it != s_.corrections.end() && it->at < live_; ++it) {
      auto target = s_.slots.rbegin();
      while (target != s_.slots.rend() && target->at >= it->at) ++target;
      if (target != s_.slots.rend()) {
        target->value = it->value;
        target->low = it->low;
      } else {
        s_.slots.insert(s_.slots.begin(),
                        Slot{it->id, it->at, it->value, it->low, false, false, it->day, no_cell});
      }
    }
    s_.corrections.erase(s_.corrections.begin(), it);
  }

  void fix_slots() {
    const Rule& rule = s_.agreed ? *s_.agreed->rule : *s_.file;
    auto readings = resolve_readings(s_);
    const auto ends = window_ends(s_.prompts, rule, s_.zone);
    place_readings(readings, s_.prompts, ends, rule);
    for (const Reading& r : readings) {
      if (r.slot == SIZE_MAX || r.fixed || r.at >= live_) continue;
      Slot& slot = s_.slots[r.slot];
      slot.day = r.day;
      slot.order = r.order;
      slot.fixed = true;
    }
  }

  // Prompts behind the live zone become gaps, a whole day at a time.
  void freeze_gaps() {
    std::size_t cut = 0;
    // A reading that is not fixed yet may lie in the window of a prompt older than itself.
    while (cut < s_.prompts.size() && s_.prompts[cut].at < live_ - window_) ++cut;
    while (cut > 0 && cut < s_.prompts.size() && s_.prompts[cut - 1].day == s_.prompts[cut].day) {
      --cut;
    }
    if (cut == 0) return;
    if (!snaps_.empty()) {
      const Snapshot& snap = snaps_.front();
      const auto built = build_cells(s_, snap, now_);
      for (const Cell& cell : built.cells) {
        if (!cell.reading()) freeze(cell, snap, cut);
      }
    }
    s_.prompts.erase(s_.prompts.begin(), s_.prompts.begin() + static_cast<std::ptrdiff_t>(cut));
  }

  void freeze(const Cell& cell, const Snapshot& snap, std::size_t cut) {
    for (auto i = cut; i > 0; --i) {
      const KnownPrompt& p = s_.prompts[i - 1];
      const std::int64_t order = snap.rule->unit == Unit::day ? p.day : p.at.ms;
      if (order != cell.order || p.at < snap.counts_from) continue;
      auto at = std::find_if(s_.gaps.begin(), s_.gaps.end(),
                             [&](const FrozenGap& g) { return g.cell.order >= order; });
      if (at == s_.gaps.end() || at->cell.order != order) s_.gaps.insert(at, {cell, p.at});
      return;
    }
  }

  struct Keep {
    std::int64_t from_order = INT64_MAX;  // runs
    std::int32_t from_day = INT32_MAX;    // windows
    std::int64_t newest = INT64_MIN;
    int trailing = 0;  // gaps kept behind the newest reading
  };

  void widen(Keep& keep, const Snapshot& snap) const {
    const Rule& rule = *snap.rule;
    const auto cells = build_cells(s_, snap, now_).cells;
    auto i = cells.size();
    while (i > 0 && !cells[i - 1].reading()) --i;
    if (i == 0) return;
    const int window = rule.unit == Unit::prompt ? rule.when.m : 0;
    const int units = std::max({rule.when.n, rule.clear.n, 1});
    const auto back =
        static_cast<std::size_t>(std::max((units + 1) * (1 + bridge_max(rule)), window));
    const Cell& newest = cells[i - 1];
    keep.from_order = std::min(keep.from_order, cells[i > back ? i - back : 0].order);
    const auto reach = info(rule.when.kind).reach_days;
    if (reach != nullptr) {
      keep.from_day = std::min(keep.from_day, newest.day - reach(rule) - margin_days);
    }
    keep.newest = std::max(keep.newest, newest.order);
    keep.trailing = std::max({keep.trailing, bridge_max(rule) + 1, window});
  }

  void drop_cells() {
    Keep keep;
    for (const Snapshot& snap : snaps_) widen(keep, snap);
    // The newest reading and the newest fixed one stay: a correction may still be of them.
    std::size_t newest_fixed = SIZE_MAX;
    for (std::size_t i = 0; i < s_.slots.size(); ++i) {
      if (s_.slots[i].fixed) newest_fixed = i;
    }
    std::vector<Slot> kept;
    for (std::size_t i = 0; i < s_.slots.size(); ++i) {
      Slot& slot = s_.slots[i];
      const bool reach = slot.order != no_cell && slot.order >= keep.from_order;
      const bool window = slot.day >= keep.from_day;
      if (!slot.fixed || reach || window || i == newest_fixed) kept.push_back(std::move(slot));
    }
    for (Slot& slot : kept) {
      if (slot.fixed) slot.id.clear();  // too old to come twice
    }
    s_.slots = std::move(kept);
    int trailing = 0;
    std::erase_if(s_.gaps, [&](const FrozenGap& gap) {
      if (gap.cell.order > keep.newest) return ++trailing > std::max(keep.trailing, 1);
      return gap.cell.order < keep.from_order;
    });
    std::erase_if(s_.left_out, [&](DaySpan span) { return span.to < keep.from_day; });
  }

  // silence and undelivered: the run since the last contact, and its first prompt.
  void prune_contact() {
    std::size_t cut = 0;
    while (cut < s_.prompts.size() && s_.prompts[cut].at < live_) ++cut;
    std::size_t back = 1;
    bool silence = false;
    for (const Snapshot& snap : snaps_) {
      const Rule& rule = *snap.rule;
      const auto run = static_cast<std::size_t>((rule.when.prompts + 1) * (1 + rule.max_excluded));
      back = std::max(back, run);
      silence |= rule.when.kind == Kind::silence;
    }
    const std::size_t newest = cut > back ? cut - back : 0;
    std::vector<KnownPrompt> kept;
    bool first = true;
    for (std::size_t i = 0; i < s_.prompts.size(); ++i) {
      KnownPrompt& p = s_.prompts[i];
      if (i < cut && silence && p.at <= s_.last_contact) continue;
      const bool counts = !s_.agreed || p.at >= s_.agreed->counts_from;
      const bool run_start = first && counts && reached(p.status);
      if (run_start) first = false;
      if (i >= newest || (run_start && silence)) kept.push_back(std::move(p));
    }
    s_.prompts = std::move(kept);
  }

  State& s_;
  Instant now_;
  std::vector<Snapshot> snaps_;
  Instant live_;  // what is older is final
  Millis window_{0};
  bool readings_ = false;
};

}  // namespace

void prune(State& state, Instant now) {
  Pruner pruner(state, now);
  if (pruner.due()) pruner.run();
}

}  // namespace moodline::rules
