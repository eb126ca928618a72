// Inside the engine: one step of the fold over a State.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "rules/engine/engine.hpp"
#include "rules/engine/log.hpp"

namespace moodline::rules {

class Fold {
 public:
  explicit Fold(State& state) : s_(state) {}
  /// Applies everything learned at `now`, then judges once. learn.cpp.
  void learn(std::span<const Event> events, Instant now);
  /// Runs what is due before `limit` (and at it, when inclusive), in order.
  void run_deadlines(Instant limit, bool inclusive);
  Outcome outcome();

 private:
  // learn.cpp
  void apply(const Event& event, Instant now);
  void apply_undo(const Undo& undo, Instant now);
  void apply_text(const Inbound& text, Instant now);
  void apply_reading(const Inbound& text, std::string key, Instant now);
  void apply_match(const Inbound& text, Instant now);
  void note_last_reading();
  void apply_prompt(const PromptEvent& prompt, Instant now);
  void apply_edit(const Edit& edit, Instant now);
  void agree(Instant now);
  void adopt(RulePtr rule, Instant counts_from, Instant silent_to);
  void finish(Instant now, std::string_view reason);
  void erase(Instant now);
  void disagree(Instant now);
  void done(Instant now);
  [[nodiscard]] bool wants_readings() const;
  [[nodiscard]] const Rule& acting_rule() const;

  // fold.cpp. `full`: a reply or a closing day; else a pending condition can only break.
  void judge(Instant t, bool full);
  void judge_cells(Instant t, bool full);
  void judge_condition(Instant t, bool full, const Built& built);
  void judge_prompts(Instant t);
  void judge_match(Instant t);
  void fire(Instant t, const Built& built);
  void use_days(const Built& built);
  void end_episode(Instant t, bool full);
  void run_deadline(Instant t);
  void change_unit(Unit from, Instant t);
  [[nodiscard]] std::int64_t newest_reached() const;
  [[nodiscard]] bool reached_after(std::int64_t order) const;
  [[nodiscard]] View view(const Built& built) const;
  void emit(EmitType type, Instant t, std::uint32_t alert, RulePtr rule, std::string reason = {});

  State& s_;
  std::vector<Emitted> out_;
  bool learned_reading_ = false;
  bool learned_anything_ = false;
  bool grounds_changed_ = false;
};

}  // namespace moodline::rules
