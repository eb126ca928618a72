// Learning: each event changes the log or the agreement; nothing is judged before all are in.
#include <algorithm>

#include "rules/engine/edits.hpp"
#include "rules/engine/fold.hpp"
#include "rules/engine/grounds.hpp"
#include "rules/kinds/kind.hpp"

namespace moodline::rules {
namespace {

// Matched texts remembered so that a repeated webhook is not a second match.
constexpr std::size_t words_seen_max = 1000;
constexpr std::string_view crisis_list = "safety";

template <class T>
bool is(const Event& event) {
  return std::holds_alternative<T>(event.what);
}

// A yes counts texts of its own instant; a STOP comes after what was said with it.
int stage(const Event& event) {
  if (is<MoveZone>(event) || is<ClockJump>(event) || is<ClockOk>(event)) return 0;
  if (is<Edit>(event) || is<Agree>(event) || is<Disagree>(event)) return 1;
  if (is<Inbound>(event)) return 2;
  return is<PromptEvent>(event) ? 3 : 4;
}

bool comes_first(const Event* a, const Event* b) {
  if (stage(*a) != stage(*b)) return stage(*a) < stage(*b);
  const auto* x = std::get_if<Inbound>(&a->what);
  const auto* y = std::get_if<Inbound>(&b->what);
  if (x != nullptr && y != nullptr) return x->at != y->at ? x->at < y->at : x->id < y->id;
  const auto* p = std::get_if<PromptEvent>(&a->what);
  const auto* q = std::get_if<PromptEvent>(&b->what);
  return p != nullptr && q != nullptr && p->at < q->at;
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

const Rule& Fold::acting_rule() const {
  return s_.agreed ? *s_.agreed->rule : *s_.file;
}

bool Fold::wants_readings() const {
  const auto wants = [](const RulePtr& r) { return r && info(r->when.kind).holds != nullptr; };
  return wants(s_.file) || (s_.agreed && wants(s_.agreed->rule)) ||
         (s_.next && wants(s_.next->rule));
}

void Fold::learn(std::span<const Event> events, Instant now) {
  std::vector<const Event*> order;
  order.reserve(events.size());
  for (const Event& e : events) order.push_back(&e);
  std::stable_sort(order.begin(), order.end(), comes_first);
  const Instant last_reading = s_.last_reading;
  // Asked again after the events: a yes may be among them.
  const auto day_end = [&] { return s_.agreed && s_.agreed->rule->decide == Decide::day_end; };
  int open_units = -1;
  for (const Event* e : order) {
    // A prompt may end the window before it, and so close a day.
    if (is<PromptEvent>(*e) && day_end() && open_units < 0 && wants_readings()) {
      open_units = build_cells(s_, *s_.agreed, now).open_units;
    }
    apply(*e, now);
  }
  if (s_.episode && s_.episode->stale && s_.last_reading > last_reading &&
      plus(s_.last_reading, s_.episode->rule->stale, s_.zone) > now) {
    s_.episode->stale = false;
    emit(EmitType::unstale, now, s_.episode->alert, s_.episode->rule);
  }
  if (!s_.agreed || !learned_anything_) return;
  // A day may close in this very instant.
  const bool closes = !s_.deadlines_hold && s_.close_due && *s_.close_due <= now;
  bool full = learned_reading_ || closes;
  if (open_units > 0) full |= build_cells(s_, *s_.agreed, now).open_units < open_units;
  const bool cells = info(s_.agreed->rule->when.kind).holds != nullptr;
  const bool idle = cells && !full && !day_end() && !s_.true_since && !grounds_changed_;
  if (!idle) judge(now, full);
}

void Fold::apply(const Event& event, Instant now) {
  if (const auto* text = std::get_if<Inbound>(&event.what)) return apply_text(*text, now);
  if (const auto* prompt = std::get_if<PromptEvent>(&event.what)) return apply_prompt(*prompt, now);
  if (const auto* undo = std::get_if<Undo>(&event.what)) return apply_undo(*undo, now);
  if (const auto* edit = std::get_if<Edit>(&event.what)) return apply_edit(*edit, now);
  if (is<Agree>(event)) return agree(now);
  if (is<Disagree>(event)) return disagree(now);
  if (is<Stop>(event)) return finish(now, "stop");
  if (is<Unshare>(event)) return finish(now, "unshare");
  if (is<Erase>(event)) return erase(now);
  if (is<Retire>(event)) {
    finish(now, "retire");
    s_.retired = true;
  } else if (is<Done>(event)) {
    done(now);
  } else if (is<ClockJump>(event)) {
    s_.deadlines_hold = true;
  } else if (is<ClockOk>(event)) {
    s_.deadlines_hold = false;
    learned_anything_ = true;  // what fell due meanwhile is judged now
    learned_reading_ = true;
  } else if (const auto* move = std::get_if<MoveZone>(&event.what)) {
    s_.zone = move->zone;
  }
}

void Fold::apply_prompt(const PromptEvent& prompt, Instant now) {
  const Kind kind = acting_rule().when.kind;
  if (kind == Kind::phrase || kind == Kind::schedule) return;
  if (add_prompt(s_, acting_rule(), prompt, now)) learned_anything_ = true;
}

void Fold::apply_text(const Inbound& text, Instant now) {
  std::string key = text_key(text);
  apply_match(text, now);
  if (too_late(acting_rule(), s_.zone, text.at, now) && !s_.episode) return;
  if (!too_late(acting_rule(), s_.zone, text.at, now) && text.at > s_.last_contact) {
    s_.last_contact = text.at;
    learned_anything_ = true;
  }
  if ((text.value || text.low) && wants_readings() && !known_text(s_, key)) {
    apply_reading(text, std::move(key), now);
  }
}

void Fold::apply_reading(const Inbound& text, std::string key, Instant now) {
  const Rule& rule = acting_rule();
  const std::int32_t day = local_day(s_.zone, text.at, rule.day_start);
  bool late = too_late(rule, s_.zone, text.at, now);
  if (text.for_day) {
    late |= text.for_day->days < local_day(s_.zone, now, rule.day_start) - late_days(rule);
  }
  const Decimal value = text.value.value_or(Decimal{});
  const bool low = !text.value.has_value();
  if (text.corrects) {
    Correction c{std::move(key), text.at, value, low, day};
    // However late, a correction of what an open alert stands on counts.
    if (s_.episode && ground_correction(*s_.episode, c)) {
      grounds_changed_ = true;
      learned_anything_ = true;
    }
    if (late) return;
    add_correction(s_, std::move(c));
    note_last_reading();  // it may make a reading of what was only a low mark
  } else {
    if (late) return;
    Slot slot{std::move(key),
              text.at,
              value,
              low,
              text.for_day.has_value(),
              false,
              text.for_day ? text.for_day->days : day,
              no_cell};
    if (s_.episode && ground_reading(*s_.episode, slot)) grounds_changed_ = true;
    if (!low || rule.low_mark) s_.last_reading = std::max(s_.last_reading, slot.at);
    add_slot(s_, std::move(slot));
  }
  learned_reading_ = true;
  learned_anything_ = true;
}

void Fold::apply_undo(const Undo& undo, Instant now) {
  if (s_.episode && ground_undo(*s_.episode, undo.id)) {
    grounds_changed_ = true;
    learned_anything_ = true;
  }
  if (too_late(acting_rule(), s_.zone, undo.at, now)) return;
  const auto gone =
      std::erase_if(s_.slots, [&](const Slot& s) { return of_text(s.id, undo.id); }) +
      std::erase_if(s_.corrections, [&](const Correction& c) { return of_text(c.id, undo.id); });
  if (gone == 0) return;
  learned_reading_ = true;
  learned_anything_ = true;
}

void Fold::note_last_reading() {
  for (const Reading& r : resolve_readings(s_)) {
    if (!r.low || acting_rule().low_mark) s_.last_reading = std::max(s_.last_reading, r.at);
  }
}

void Fold::apply_match(const Inbound& text, Instant now) {
  const Rule& rule = acting_rule();
  if (rule.when.kind != Kind::phrase || !contains(text.lists, rule.when.list)) return;
  std::string key = text_key(text);
  if (contains(s_.words_seen, key)) return;
  s_.words_seen.push_back(std::move(key));
  if (s_.words_seen.size() > words_seen_max) s_.words_seen.erase(s_.words_seen.begin());
  if (s_.agreed && text.at >= s_.agreed->counts_from) {
    learned_anything_ = true;
    if (s_.episode) {
      emit(EmitType::match, now, s_.episode->alert, s_.episode->rule);
    } else if (!s_.true_since) {
      s_.true_since = now;
    }
  }
  // The crisis reply needs no agreement: it goes to every match, at most once in a while.
  if (rule.when.list != crisis_list) return;
  const bool again =
      s_.last_reply != Instant::min() && now < plus(s_.last_reply, rule.reply_repeat, s_.zone);
  if (again) return;
  s_.last_reply = now;
  emit(EmitType::reply_person, now, s_.episode ? s_.episode->alert : 0, s_.file);
}

void Fold::adopt(RulePtr rule, Instant counts_from, Instant silent_to) {
  learned_anything_ = true;
  Snapshot snap{std::move(rule), counts_from, silent_to};
  if (s_.episode) {  // an open alert ends under its own version
    s_.next = std::move(snap);
    return;
  }
  if (s_.agreed && s_.agreed->rule->unit != snap.rule->unit) {
    change_unit(s_.agreed->rule->unit, silent_to);
  }
  s_.agreed = std::move(snap);
}

void Fold::apply_edit(const Edit& edit, Instant now) {
  s_.file = edit.rule;
  if (s_.agreed) {
    const Snapshot latest = s_.next ? *s_.next : *s_.agreed;
    if (is_narrowing(*latest.rule, *edit.rule)) {  // at once, and the days are kept
      return adopt(edit.rule, latest.counts_from, latest.silent_to);
    }
  }
  if (edit.agreed) agree(now);
}

void Fold::agree(Instant now) {
  if (s_.retired) return;
  if (s_.agreed) {
    const RulePtr& latest = s_.next ? s_.next->rule : s_.agreed->rule;
    if (same_rule(latest, s_.file)) return;  // the same plan, kept
  }
  if (!s_.episode) {
    s_.true_since.reset();
    s_.armed = true;
  }
  adopt(s_.file, s_.file->use_history ? s_.history_from : now, now);
}

void Fold::disagree(Instant now) {
  if (!s_.agreed) return;
  const RulePtr& latest = s_.next ? s_.next->rule : s_.agreed->rule;
  if (!same_rule(latest, s_.file)) {
    s_.file = latest;  // the waiting edit is dropped
  } else {
    finish(now, "disagree");
  }
}

void Fold::finish(Instant now, std::string_view reason) {
  if (s_.episode && !s_.episode->done) {
    emit(EmitType::close, now, s_.episode->alert, s_.episode->rule, std::string(reason));
  }
  s_.episode.reset();
  s_.agreed.reset();
  s_.next.reset();
  s_.true_since.reset();
  s_.close_due.reset();
  s_.window_due.reset();
  s_.left_out.clear();
  s_.used_order = INT64_MIN;
  s_.used_day = INT32_MIN;
  s_.armed = true;
  s_.history_from = now;  // a later yes starts from nothing
}

void Fold::done(Instant now) {
  if (!s_.episode || s_.episode->done) return;
  s_.episode->done = true;
  emit(EmitType::close, now, s_.episode->alert, s_.episode->rule, "done");
  if (s_.episode->rule->when.kind != Kind::phrase) return;  // DONE does not clear the condition
  s_.episode.reset();
  s_.true_since.reset();
  if (s_.next) s_.agreed = std::exchange(s_.next, std::nullopt);
}

void Fold::erase(Instant now) {
  finish(now, "erase");
  s_.prompts.clear();
  s_.slots.clear();
  s_.corrections.clear();
  s_.gaps.clear();
  s_.words_seen.clear();
  s_.last_contact = Instant::min();
  s_.last_reading = Instant::min();
}

}  // namespace moodline::rules
