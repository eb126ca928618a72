// What the oracle learns; how it judges is in its header.
#include "rules/engine/oracle.hpp"

#include <tuple>

#include "rules/engine/edits.hpp"

namespace moodline::rules {
namespace {

template <class T>
bool happened(const Event& event) {
  return std::holds_alternative<T>(event.what);
}

int rank(const Event& e) {
  if (happened<MoveZone>(e) || happened<ClockJump>(e) || happened<ClockOk>(e)) return 0;
  if (happened<Edit>(e) || happened<Agree>(e) || happened<Disagree>(e)) return 1;
  return happened<Inbound>(e) ? 2 : happened<PromptEvent>(e) ? 3 : 4;
}

// Where an event stands among those of one instant: texts by their stamp and id, questions by
// their time.
std::tuple<int, Instant, std::string> place(const Event& e) {
  if (const auto* text = std::get_if<Inbound>(&e.what)) return {rank(e), text->at, text->id};
  const auto* prompt = std::get_if<PromptEvent>(&e.what);
  return {rank(e), prompt == nullptr ? Instant::min() : prompt->at, ""};
}

}  // namespace

int Oracle::open_units(Instant now) const {
  if (!agreed_ || !on_cells() || acting().decide != Decide::day_end) return 0;
  const auto closes = series_of(log_, *agreed_, zone_, now).closes;
  return static_cast<int>(
      std::count_if(closes.begin(), closes.end(), [&](Instant at) { return at > now; }));
}

void Oracle::learn(const std::vector<Event>& events, Instant now) {
  std::vector<Event> order = events;
  std::stable_sort(order.begin(), order.end(),
                   [](const Event& a, const Event& b) { return place(a) < place(b); });
  const Instant last = last_reading_;
  reading_ = false;
  corrected_ = false;
  for (const Event& e : order) {
    if (rank(e) <= 2) apply(e, now);
  }
  const int open = open_units(now);
  for (const Event& e : order) {
    if (rank(e) > 2) apply(e, now);
  }
  if (episode_ && episode_->stale && last_reading_ > last &&
      plus(last_reading_, episode_->rule->stale, zone_) > now) {
    episode_->stale = false;
    emit(EmitType::unstale, now);
  }
  judge(now, reading_ || open_units(now) < open);
  corrected_ = false;
}

void Oracle::apply(const Event& event, Instant now) {
  if (const auto* text = std::get_if<Inbound>(&event.what)) return apply_text(*text, now);
  if (const auto* undo = std::get_if<Undo>(&event.what)) return apply_undo(*undo, now);
  if (const auto* prompt = std::get_if<PromptEvent>(&event.what)) {
    log_.learn(*prompt, acting(), zone_, now);
  } else if (const auto* edit = std::get_if<Edit>(&event.what)) {
    file_ = edit->rule;
    const auto latest = next_ ? next_ : agreed_;
    if (latest && is_narrowing(*latest->rule, *file_)) {
      adopt(file_, latest->counts_from, latest->silent_to);
    } else if (edit->agreed) {
      agree(now);
    }
  } else if (happened<Agree>(event)) {
    agree(now);
  } else if (happened<Disagree>(event)) {
    const auto latest = next_ ? next_ : agreed_;
    if (!latest) return;
    if (same_rule(latest->rule, file_)) return finish(now, "disagree");
    file_ = latest->rule;
  } else if (happened<Stop>(event)) {
    finish(now, "stop");
  } else if (happened<Unshare>(event)) {
    finish(now, "unshare");
  } else if (happened<Erase>(event)) {
    finish(now, "erase");
    log_ = {};
    contact_ = last_reading_ = Instant::min();
  } else if (happened<Retire>(event)) {
    finish(now, "retire");
    retired_ = true;
  } else if (happened<Done>(event)) {
    if (!episode_ || episode_->done) return;
    episode_->done = true;
    emit(EmitType::close, now, "done");
    if (kind() != Kind::phrase) return;
    episode_.reset();
    since_.reset();
    if (next_) agreed_ = std::exchange(next_, std::nullopt);
  } else if (happened<ClockJump>(event) || happened<ClockOk>(event)) {
    hold_ = happened<ClockJump>(event);
    reading_ = reading_ || !hold_;
  } else if (const auto* move = std::get_if<MoveZone>(&event.what)) {
    zone_ = move->zone;
  }
}

void Oracle::apply_text(const Inbound& text, Instant now) {
  if (!log_.learn(text, acting(), zone_, now)) return;
  apply_match(text, now);
  const auto& known = log_.texts.back();
  if (!too_late(acting(), zone_, text.at, now)) contact_ = std::max(contact_, text.at);
  if (!text.value && !text.low) return;
  if (text.corrects) corrected_ = true;
  if (known.late) return;
  corrected_ = true;  // an earlier reading may lose the correction it had
  reading_ = true;
  const auto said = said_of(log_, false);
  for (const Said& s : said) {
    if (!s.low || acting().low_mark) last_reading_ = std::max(last_reading_, s.at);
  }
}

void Oracle::apply_undo(const Undo& undo, Instant now) {
  corrected_ = true;
  log_.undone.push_back(undo.id);
  if (too_late(acting(), zone_, undo.at, now)) return;  // only what an alert stands on
  const auto gone = std::erase_if(log_.texts, [&](const WholeLog::Text& t) {
    return (t.text.value || t.text.low) && of_text(t.key, undo.id);
  });
  reading_ = reading_ || gone > 0;
}

void Oracle::apply_match(const Inbound& text, Instant now) {
  const Rule& rule = acting();
  const auto& lists = text.lists;
  if (kind() != Kind::phrase) return;
  if (std::find(lists.begin(), lists.end(), rule.when.list) == lists.end()) return;
  if (agreed_ && text.at >= agreed_->counts_from) {
    if (episode_) {
      emit(EmitType::match, now);
    } else if (!since_) {
      since_ = now;
    }
  }
  const bool soon =
      last_reply_ != Instant::min() && now < plus(last_reply_, rule.reply_repeat, zone_);
  if (rule.when.list != "safety" || soon) return;
  last_reply_ = now;
  emit(EmitType::reply_person, now);
}

void Oracle::adopt(RulePtr rule, Instant from, Instant silent_to) {
  Snapshot snap{std::move(rule), from, silent_to};
  if (episode_) {
    next_ = std::move(snap);
    return;
  }
  if (agreed_ && agreed_->rule->unit != snap.rule->unit && used_day_ != INT32_MIN) {
    used_ = agreed_->rule->unit == Unit::prompt ? used_day_ : silent_to.ms;
  }
  agreed_ = std::move(snap);
}

void Oracle::agree(Instant now) {
  if (retired_) return;
  const auto latest = next_ ? next_ : agreed_;
  if (latest && same_rule(latest->rule, file_)) return;
  if (!episode_) {
    since_.reset();
    armed_ = true;
  }
  adopt(file_, file_->use_history ? history_from_ : now, now);
}

void Oracle::finish(Instant now, std::string reason) {
  if (episode_ && !episode_->done) emit(EmitType::close, now, std::move(reason));
  episode_.reset();
  agreed_.reset();
  next_.reset();
  since_.reset();
  left_out_.clear();
  used_ = INT64_MIN;
  used_day_ = INT32_MIN;
  armed_ = true;
  history_from_ = now;
}

std::vector<Emitted> evaluate_from_scratch(RulePtr rule, std::optional<Instant> agreed_at,
                                           Zone zone, const std::vector<Event>& log,
                                           Instant until) {
  return Oracle(std::move(rule), agreed_at, zone).run(log, until);
}

}  // namespace moodline::rules
