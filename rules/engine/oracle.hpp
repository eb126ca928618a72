// The oracle: at every instant the whole log is read again. Slow and plain, so that the fold has
// something to be measured against.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rules/engine/contact.hpp"
#include "rules/engine/due.hpp"
#include "rules/engine/engine.hpp"
#include "rules/engine/oracle_series.hpp"
#include "rules/kinds/kind.hpp"

namespace moodline::rules {

struct OracleEpisode {
  std::uint32_t alert = 0;
  RulePtr rule;
  Instant fired_at;
  std::int64_t order = 0;
  std::int32_t day = 0;
  Ratio baseline;
  bool done = false;
  bool stale = false;
  Series grounds;  // as it stood at the fire
};

class Oracle {
 public:
  Oracle(RulePtr rule, std::optional<Instant> agreed_at, Zone zone) : zone_(zone), file_(rule) {
    if (!agreed_at) return;
    agreed_ = Snapshot{rule, rule->use_history ? Instant::min() : *agreed_at, *agreed_at};
  }

  std::vector<Emitted> run(const std::vector<Event>& log, Instant until) {
    for (std::size_t i = 0; i < log.size() && log[i].learned <= until;) {
      std::size_t end = i;
      while (end < log.size() && log[end].learned == log[i].learned) ++end;
      deadlines(log[i].learned, false);
      learn({log.begin() + static_cast<std::ptrdiff_t>(i),
             log.begin() + static_cast<std::ptrdiff_t>(end)},
            log[i].learned);
      deadlines(log[i].learned, true);
      done_to_ = std::max(done_to_, log[i].learned);
      i = end;
    }
    deadlines(until, true);
    std::stable_sort(out_.begin(), out_.end(), [](const Emitted& a, const Emitted& b) {
      return a.at != b.at ? a.at < b.at : a.type < b.type;
    });
    return std::move(out_);
  }

 private:
  const Rule& acting() const { return agreed_ ? *agreed_->rule : *file_; }
  Kind kind() const { return acting().when.kind; }
  bool on_cells() const { return info(kind()).holds != nullptr; }

  void emit(EmitType type, Instant t, std::string reason = {}) {
    const RulePtr& rule = episode_ ? episode_->rule : file_;
    out_.push_back({type, t, episode_ ? episode_->alert : 0, rule, {}, std::move(reason)});
  }

  void begin_episode(Instant t) {
    episode_ = OracleEpisode{};
    episode_->alert = ++alerts_;
    episode_->rule = agreed_->rule;
    episode_->fired_at = t;
    since_.reset();
    emit(EmitType::fire, t);
  }

  void end_episode(Instant t, bool full) {
    const Unit unit = episode_->rule->unit;
    episode_.reset();
    since_.reset();
    if (next_) {
      agreed_ = std::exchange(next_, std::nullopt);
      if (agreed_->rule->unit != unit && used_day_ != INT32_MIN) {
        used_ = unit == Unit::prompt ? used_day_ : t.ms;
      }
    }
    judge(t, full);
  }

  View view(const Series& s, std::int64_t used) const {
    return {s.cells, used, used_day_, left_out_, &zone_};
  }

  bool grounds_gone() const {
    Series now = episode_->grounds;
    const auto undone = [&](std::string_view key) {
      return std::any_of(log_.undone.begin(), log_.undone.end(),
                         [&](const std::string& id) { return of_text(key, id); });
    };
    WholeLog left = log_;
    std::erase_if(left.texts, [&](const WholeLog::Text& t) { return undone(t.key); });
    const auto all = said_of(left, true);
    for (Cell& cell : now.cells) {
      if (!cell.reading()) continue;
      auto said = now.said.at(cell.order);
      std::erase_if(said, [&](const Said& s) { return undone(s.key); });
      for (Said& s : said) {
        for (const Said& known : all) {
          if (known.key != s.key) continue;
          s.value = known.value;
          s.low = known.low;
        }
      }
      const auto fresh = cell_of(*episode_->rule, said);
      cell.state = fresh ? fresh->state : CellState::missed;
      cell.value = fresh ? fresh->value : Ratio{};
    }
    return !condition_holds(*episode_->rule, view(now, used_));
  }

  void use(const Series& s) {
    const Cell* newest = newest_reading(s.cells);
    used_ = newest->order;
    used_day_ = newest->day;
    if (episode_ && kind() == Kind::baseline_drop)
      left_out_.push_back({episode_->day, newest->day});
  }

  void judge(Instant t, bool full) {
    if (!agreed_ || kind() == Kind::schedule) return;
    if (kind() == Kind::phrase) return judge_match(t);
    if (!on_cells()) return judge_prompts(t);
    const Series s = series_of(log_, *agreed_, zone_, t);
    if (!episode_) return judge_condition(t, full, s);
    if (corrected_ && grounds_gone()) {
      emit(EmitType::withdraw, t);
      corrected_ = false;
      return end_episode(t, full);
    }
    if (full && clear_holds(acting(), view(s, used_), episode_->order, episode_->baseline)) {
      emit(EmitType::clear, t);
      use(s);
      end_episode(t, full);
    }
  }

  void judge_condition(Instant t, bool full, const Series& s) {
    if (info(kind()).one_shot && !armed_) {
      if (!full || condition_holds(acting(), view(s, INT64_MIN))) return;
      armed_ = true;
    }
    if (!condition_holds(acting(), view(s, used_))) {
      since_.reset();
      return;
    }
    if (!since_ && !full) return;
    if (!since_) since_ = t;
    if (plus(*since_, acting().settle, zone_) > t) return;
    if (hold_ && !acting().settle.zero()) return;
    begin_episode(t);
    const Cell* newest = newest_reading(s.cells);
    if (info(kind()).one_shot) {
      episode_.reset();
      use(s);
      armed_ = false;
      return;
    }
    episode_->order = newest->order;
    episode_->day = newest->day;
    if (kind() == Kind::baseline_drop) episode_->baseline = *baseline_of(acting(), view(s, used_));
    episode_->grounds = s;
  }

  void judge_match(Instant t) {
    if (episode_ || !since_ || plus(*since_, acting().settle, zone_) > t) return;
    begin_episode(t);
  }

  // The prompts kinds share their judge with the fold; the log here is whole.
  State as_state() const {
    State s;
    s.zone = zone_;
    s.last_contact = contact_;
    s.used_order = used_;
    for (const auto& p : log_.prompts) s.prompts.push_back({p.id, p.at, p.status, p.day});
    return s;
  }

  void judge_prompts(Instant t) {
    const bool silence = kind() == Kind::silence;
    const State s = as_state();
    std::int64_t newest = INT64_MIN;
    for (const auto& p : log_.prompts) {
      const bool got = p.status == PromptStatus::sent || p.status == PromptStatus::delivered;
      if (got) newest = p.at.ms;
    }
    if (episode_) {
      const std::int64_t now = silence ? contact_.ms : newest;
      if (silence ? now < episode_->order : now <= episode_->order) return;
      emit(EmitType::clear, t);
      used_ = now;
      return end_episode(t, true);
    }
    if (hold_) return;
    const auto v = silence ? judge_silence(s, *agreed_, t) : judge_undelivered(s, *agreed_);
    if (!v.holds || v.since < agreed_->silent_to) {
      since_.reset();
      return;
    }
    if (!since_) since_ = t;
    if (plus(*since_, acting().settle, zone_) > t) return;
    begin_episode(t);
    episode_->order = silence ? v.first : v.last;
  }

  std::optional<Instant> stale_at() const {
    if (!episode_ || episode_->stale || episode_->done) return std::nullopt;
    if (!info(episode_->rule->when.kind).needs_measure) return std::nullopt;
    return std::max(plus(last_reading_, episode_->rule->stale, zone_), episode_->fired_at);
  }

  std::optional<Instant> schedule_at() const {
    State s;
    s.zone = zone_;
    s.agreed = agreed_;
    s.scheduled_to = scheduled_;
    s.judged_to = done_to_;
    return schedule_due(s);
  }

  std::optional<Instant> next_at() const {
    if (hold_) return std::nullopt;
    std::optional<Instant> due;
    const auto take = [&](Instant at, bool again = false) {
      if ((at > done_to_ || again) && (!due || at < *due)) due = at;
    };
    if (agreed_) {
      if (since_) take(plus(*since_, acting().settle, zone_), true);
      const Series s = series_of(log_, *agreed_, zone_, done_to_);
      for (const Instant at : s.window_ends) take(at);
      for (const Instant at : s.closes) take(at);
      if (kind() == Kind::silence) {
        for (const auto& p : log_.prompts) take(plus(p.at, acting().when.hours, zone_));
      }
      if (const auto at = schedule_at()) take(*at, true);
    }
    if (const auto at = stale_at()) take(*at, true);
    return due;
  }

  void deadlines(Instant limit, bool inclusive) {
    for (auto due = next_at(); due; due = next_at()) {
      if (*due > limit || (*due == limit && !inclusive)) return;
      deadline(*due);
      done_to_ = std::max(done_to_, *due);
    }
  }

  void deadline(Instant t) {
    if (const auto at = schedule_at(); at && *at <= t) {
      scheduled_ = *at;
      out_.push_back({EmitType::fire, *at, ++alerts_, agreed_->rule, {}, {}});
    }
    bool full = false;
    if (agreed_ && on_cells()) {
      for (const Instant at : series_of(log_, *agreed_, zone_, t).closes) {
        full |= at <= t && at > done_to_;
      }
    }
    const auto stale = stale_at();
    judge(t, full);
    if (stale && *stale <= t && stale_at()) {
      episode_->stale = true;
      emit(EmitType::stale, *stale);
    }
  }

  // oracle.cpp
  void learn(const std::vector<Event>& events, Instant now);
  [[nodiscard]] int open_units(Instant now) const;
  void apply(const Event& event, Instant now);
  void apply_text(const Inbound& text, Instant now);
  void apply_undo(const Undo& undo, Instant now);
  void apply_match(const Inbound& text, Instant now);
  void agree(Instant now);
  void finish(Instant now, std::string reason);
  void adopt(RulePtr rule, Instant from, Instant silent_to);

  Zone zone_;
  RulePtr file_;
  std::optional<Snapshot> agreed_;
  std::optional<Snapshot> next_;
  WholeLog log_;
  std::optional<OracleEpisode> episode_;
  std::optional<Instant> since_;
  std::optional<Instant> scheduled_;
  std::int64_t used_ = INT64_MIN;
  std::int32_t used_day_ = INT32_MIN;
  std::vector<DaySpan> left_out_;
  bool armed_ = true;
  bool retired_ = false;
  bool hold_ = false;
  bool corrected_ = false;  // something learned now may have touched the grounds
  bool reading_ = false;    // a reading was learned now
  std::uint32_t alerts_ = 0;
  Instant contact_ = Instant::min();
  Instant last_reading_ = Instant::min();
  Instant last_reply_ = Instant::min();
  Instant history_from_ = Instant::min();
  Instant done_to_ = Instant::min();
  std::vector<Emitted> out_;
};

}  // namespace moodline::rules
