// The fold: everything learned at one instant is applied first and judged once; then deadlines.
#include "rules/engine/fold.hpp"

#include <algorithm>

#include "rules/engine/contact.hpp"
#include "rules/engine/due.hpp"
#include "rules/engine/engine.hpp"
#include "rules/engine/grounds.hpp"
#include "rules/kinds/kind.hpp"

namespace moodline::rules {

View Fold::view(const Built& built) const {
  return {built.cells, s_.used_order, s_.used_day, s_.left_out, &s_.zone};
}

void Fold::emit(EmitType type, Instant t, std::uint32_t alert, RulePtr rule, std::string reason) {
  out_.push_back({type, t, alert, std::move(rule), {}, std::move(reason)});
}

void Fold::judge(Instant t, bool full) {
  if (!s_.agreed) return;
  switch (s_.agreed->rule->when.kind) {
    case Kind::silence:
    case Kind::undelivered:
      return judge_prompts(t);
    case Kind::phrase:
      return judge_match(t);
    case Kind::schedule:
      return;
    default:
      return judge_cells(t, full);
  }
}

void Fold::judge_cells(Instant t, bool full) {
  Built built = build_cells(s_, *s_.agreed, t);
  const Rule& rule = *s_.agreed->rule;
  if (s_.episode) {
    if (grounds_changed_ && !grounds_hold(*s_.episode, s_)) {
      emit(EmitType::withdraw, t, s_.episode->alert, s_.episode->rule);
      return end_episode(t, full);
    }
    const bool clears =
        full && clear_holds(rule, view(built), s_.episode->fired_order, s_.episode->baseline);
    if (clears) {
      emit(EmitType::clear, t, s_.episode->alert, s_.episode->rule);
      use_days(built);
      return end_episode(t, full);
    }
  } else {
    judge_condition(t, full, built);
  }
  s_.close_due = rule.decide == Decide::day_end ? built.next_close : std::nullopt;
  s_.window_due = s_.true_since ? built.next_window : std::nullopt;
}

void Fold::judge_condition(Instant t, bool full, const Built& built) {
  const Rule& rule = *s_.agreed->rule;
  const View now = view(built);
  if (info(rule.when.kind).one_shot && !s_.armed) {
    // Its condition must have been false, by every day it has, before it may act again.
    View plain = now;
    plain.used_order = INT64_MIN;
    if (!full || condition_holds(rule, plain)) return;
    s_.armed = true;
  }
  if (!condition_holds(rule, now)) {
    s_.true_since.reset();
    return;
  }
  if (!s_.true_since && !full) return;  // only a reply or a closing day makes it true
  if (!s_.true_since) s_.true_since = t;
  const bool waits = s_.deadlines_hold && !rule.settle.zero();
  if (!waits && plus(*s_.true_since, rule.settle, s_.zone) <= t) fire(t, built);
}

void Fold::fire(Instant t, const Built& built) {
  const RulePtr rule = s_.agreed->rule;
  s_.true_since.reset();
  const View now = view(built);
  emit(EmitType::fire, t, ++s_.alerts, rule);
  out_.back().onset = LocalDate{onset_day(*rule, now)};
  if (info(rule->when.kind).one_shot) {
    use_days(built);
    s_.armed = false;
    return;
  }
  const Cell* newest = newest_reading(built.cells);
  Episode episode;
  episode.alert = s_.alerts;
  episode.rule = rule;
  episode.fired_at = t;
  episode.fired_order = newest->order;
  episode.fired_day = newest->day;
  if (rule->when.kind == Kind::baseline_drop) {
    episode.baseline = baseline_of(*rule, now).value_or(Ratio{});
  }
  take_grounds(episode, s_, built, now);
  s_.episode = std::move(episode);
}

void Fold::use_days(const Built& built) {
  const Cell* newest = newest_reading(built.cells);
  if (newest == nullptr) return;
  s_.used_order = newest->order;
  s_.used_day = newest->day;
  if (s_.episode && s_.episode->rule->when.kind == Kind::baseline_drop) {
    s_.left_out.push_back({s_.episode->fired_day, newest->day});
  }
}

// After a clear or withdraw the version that waited for it begins.
void Fold::end_episode(Instant t, bool full) {
  const Unit unit = s_.episode->rule->unit;
  s_.episode.reset();
  s_.true_since.reset();
  grounds_changed_ = false;
  if (s_.next) {
    s_.agreed = std::exchange(s_.next, std::nullopt);
    if (s_.agreed->rule->unit != unit) change_unit(unit, t);
  }
  judge(t, full);
}

// Orders count days or prompts; a version that counts the other starts after what is used.
void Fold::change_unit(Unit from, Instant t) {
  s_.gaps.clear();
  if (s_.used_day == INT32_MIN) return;
  s_.used_order = from == Unit::prompt ? s_.used_day : t.ms;
}

void Fold::judge_prompts(Instant t) {
  const Snapshot& snap = *s_.agreed;
  const Rule& rule = *snap.rule;
  const bool silence = rule.when.kind == Kind::silence;
  if (s_.episode) {
    const bool over = silence ? s_.last_contact.ms >= s_.episode->fired_order
                              : reached_after(s_.episode->fired_order);
    if (!over) return;
    emit(EmitType::clear, t, s_.episode->alert, s_.episode->rule);
    s_.used_order = silence ? s_.last_contact.ms : newest_reached();
    return end_episode(t, true);
  }
  if (s_.deadlines_hold) return;  // the clock jumped: time says nothing for now
  const PromptVerdict v = silence ? judge_silence(s_, snap, t) : judge_undelivered(s_, snap);
  s_.window_due = v.next_deadline;
  if (!v.holds || v.since < snap.silent_to) {
    s_.true_since.reset();
    return;
  }
  if (!s_.true_since) s_.true_since = t;
  if (plus(*s_.true_since, rule.settle, s_.zone) > t) return;
  s_.true_since.reset();
  emit(EmitType::fire, t, ++s_.alerts, snap.rule);
  Episode episode;
  episode.alert = s_.alerts;
  episode.rule = snap.rule;
  episode.fired_at = t;
  episode.fired_order = silence ? v.first : v.last;
  episode.fired_day = local_day(s_.zone, Instant{v.first}, rule.day_start);
  out_.back().onset = LocalDate{episode.fired_day};
  s_.episode = std::move(episode);
}

std::int64_t Fold::newest_reached() const {
  for (auto it = s_.prompts.rbegin(); it != s_.prompts.rend(); ++it) {
    if (it->status == PromptStatus::sent || it->status == PromptStatus::delivered) {
      return it->at.ms;
    }
  }
  return INT64_MIN;
}

bool Fold::reached_after(std::int64_t order) const {
  return newest_reached() > order;
}

void Fold::judge_match(Instant t) {
  const Rule& rule = *s_.agreed->rule;
  if (s_.episode || !s_.true_since) return;
  if (plus(*s_.true_since, rule.settle, s_.zone) > t) return;
  s_.true_since.reset();
  emit(EmitType::fire, t, ++s_.alerts, s_.agreed->rule);
  Episode episode;
  episode.alert = s_.alerts;
  episode.rule = s_.agreed->rule;
  episode.fired_at = t;
  episode.fired_day = local_day(s_.zone, t, rule.day_start);
  out_.back().onset = LocalDate{episode.fired_day};
  s_.episode = std::move(episode);
}

void Fold::run_deadline(Instant t) {
  const auto stale = stale_due(s_);
  const bool closes = s_.close_due && *s_.close_due <= t;
  const auto scheduled = schedule_due(s_);
  s_.window_due.reset();
  if (scheduled && *scheduled <= t) {
    s_.scheduled_to = *scheduled;
    emit(EmitType::fire, *scheduled, ++s_.alerts, s_.agreed->rule);
    out_.back().onset = s_.zone.local(*scheduled).date;
  }
  judge(t, closes);
  if (s_.episode && stale && *stale <= t && stale_due(s_)) {
    s_.episode->stale = true;
    emit(EmitType::stale, std::max(*stale, s_.episode->fired_at), s_.episode->alert,
         s_.episode->rule);
  }
}

void Fold::run_deadlines(Instant limit, bool inclusive) {
  constexpr int deadlines_max = 1'000'000;  // decades of a daily schedule
  for (int i = 0; i < deadlines_max; ++i) {
    const auto due = next_due(s_);
    if (!due || *due > limit || (*due == limit && !inclusive)) break;
    run_deadline(*due);
    s_.judged_to = std::max(s_.judged_to, *due);
  }
}

Outcome Fold::outcome() {
  // Events of one instant: state first, then messages.
  std::stable_sort(out_.begin(), out_.end(), [](const Emitted& a, const Emitted& b) {
    return a.at != b.at ? a.at < b.at : a.type < b.type;
  });
  return {std::move(out_), next_due(s_)};
}

State begin(RulePtr rule, std::optional<Instant> agreed_at, Zone zone) {
  State state;
  state.zone = zone;
  state.file = rule;
  if (agreed_at) {
    const Instant from = rule->use_history ? Instant::min() : *agreed_at;
    state.agreed = Snapshot{std::move(rule), from, *agreed_at};
  }
  return state;
}

Outcome step(State& state, std::span<const Event> learned, Instant now) {
  Fold fold(state);
  fold.run_deadlines(now, false);
  fold.learn(learned, now);
  fold.run_deadlines(now, true);
  state.judged_to = std::max(state.judged_to, now);
  prune(state, now);
  return fold.outcome();
}

Outcome advance(State& state, Instant until) {
  Fold fold(state);
  fold.run_deadlines(until, true);
  state.judged_to = std::max(state.judged_to, until);
  return fold.outcome();
}

std::optional<Instant> next_deadline(const State& state) {
  return next_due(state);
}

}  // namespace moodline::rules
