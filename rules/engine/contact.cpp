#include "rules/engine/contact.hpp"

namespace moodline::rules {
namespace {

// A run of prompts that excluded ones do not end, up to max_excluded in a row.
struct Run {
  int count = 0;
  int row = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;

  void hit(const KnownPrompt& p) {
    if (count == 0) first = p.at.ms;
    last = p.at.ms;
    ++count;
    row = 0;
  }
  void excluded(const Rule& rule) {
    if (++row > rule.max_excluded) end();
  }
  void end() { *this = {}; }
};

PromptVerdict silent_hours(const State& state, const Snapshot& snap, Instant t) {
  PromptVerdict v;
  for (const KnownPrompt& p : state.prompts) {
    if (!reached(p.status) || p.at < snap.counts_from || p.at <= state.last_contact) continue;
    const Instant due = plus(p.at, snap.rule->when.hours, state.zone);
    v = {due <= t, due, p.at.ms, p.at.ms, 1, std::nullopt};
    if (!v.holds) v.next_deadline = due;
    break;
  }
  return v;
}

}  // namespace

PromptVerdict judge_silence(const State& state, const Snapshot& snap, Instant t) {
  const Rule& rule = *snap.rule;
  if (rule.when.prompts == 0) return silent_hours(state, snap, t);
  PromptVerdict v;
  Run run;
  const auto ends = window_ends(state.prompts, rule, state.zone);
  for (std::size_t i = 0; i < state.prompts.size(); ++i) {
    const KnownPrompt& p = state.prompts[i];
    // Any text after a prompt was sent ends the silence up to there.
    if (p.at < snap.counts_from || p.at <= state.last_contact) continue;
    if (!reached(p.status)) {
      run.excluded(rule);
      continue;
    }
    if (ends[i] > t) {
      v.next_deadline = ends[i];
      continue;
    }
    run.hit(p);
    v.since = ends[i];
  }
  v.holds = run.count >= rule.when.prompts;
  v.first = run.first;
  v.last = run.last;
  v.count = run.count;
  return v;
}

PromptVerdict judge_undelivered(const State& state, const Snapshot& snap) {
  const Rule& rule = *snap.rule;
  PromptVerdict v;
  Run run;
  for (const KnownPrompt& p : state.prompts) {
    if (p.at < snap.counts_from || p.at.ms <= state.used_order) continue;
    if (p.status == PromptStatus::undelivered) {
      run.hit(p);
      v.since = p.at;
    } else if (p.status == PromptStatus::sent || p.status == PromptStatus::delivered) {
      run.end();
    } else if (p.status != PromptStatus::accepted) {
      run.excluded(rule);
    }
  }
  v.holds = run.count >= rule.when.prompts;
  v.first = run.first;
  v.last = run.last;
  v.count = run.count;
  return v;
}

}  // namespace moodline::rules
