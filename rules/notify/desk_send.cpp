// Waiting, leaving and what follows from it.
#include <algorithm>

#include "rules/kinds/kind.hpp"
#include "rules/notify/desk_work.hpp"

namespace moodline::rules {
namespace {

constexpr int covers_max = 5;       // deputies of deputies
constexpr int rounds_max = 10'000;  // things due at one instant

bool is_message(LineKind kind) {
  return kind == LineKind::alert || kind == LineKind::unsettled || kind == LineKind::step;
}

bool low_kind(const Rule& rule) {
  switch (rule.when.kind) {
    case Kind::streak:
    case Kind::n_of_m:
    case Kind::average:
      return low_side(rule.when.line.test);
    case Kind::baseline_drop:
      return true;
    default:
      return false;
  }
}

}  // namespace

Chase* DeskWork::chase(const std::string& alert) {
  const auto it = d_.chases_.find(alert);
  if (it == d_.chases_.end()) return nullptr;
  touch(it->second);
  return &it->second;
}

Queue& DeskWork::queue(const std::string& id) {
  Queue& q = d_.queues_[id];
  q.recipient = id;
  touch(q);
  return q;
}

Talk& DeskWork::talk(const Chase& chase) {
  const std::string key = chase.facts.rule->id + "|" + chase.facts.person;
  Talk& t = d_.talks_[key];
  t.key = key;
  d_.dirty_.talks.insert(key);
  return t;
}

const Recipient& DeskWork::recipient(const std::string& id) const {
  static const Recipient nobody{"", Calendar::always(Zone::utc()), "", 0, false};
  const auto it = d_.recipients_.find(id);
  return it == d_.recipients_.end() ? nobody : it->second;
}

std::string DeskWork::route(const Chase& chase, const std::string& role) const {
  const auto it = chase.facts.roles.find(role.empty() ? std::string(role_person) : role);
  if (it == chase.facts.roles.end()) return {};
  std::string id = it->second;
  for (int i = 0; i < covers_max; ++i) {
    const Recipient& r = recipient(id);
    if (r.cover.empty() || !r.calendar.on_leave(now_)) break;
    id = r.cover;
  }
  return id;
}

void DeskWork::enqueue(Chase& chase, const Step& step, LineKind kind, Instant arose) {
  const bool to_person =
      step.kind == StepKind::text_person || step.kind == StepKind::text_own_words;
  const std::string role = to_person ? std::string(role_person) : step.role;
  const std::string to = route(chase, role);
  if (to.empty()) return;
  const bool silence =
      kind == LineKind::alert && !to_person && chase.facts.rule->when.kind == Kind::silence;
  enqueue_line(to, {chase.facts.id, kind, step.template_id, role},
               {arose, silence, kind == LineKind::step});
}

void DeskWork::enqueue_line(const std::string& to, MessageLine line, Wait w) {
  const Recipient& r = recipient(to);
  const DeskSettings& set = d_.settings_;
  // What arose outside hours leaves at opening itself, without the grouping wait.
  Millis wait = w.silence ? set.silence_wait : set.group_wait;
  if (w.at_once || r.person || !r.calendar.open_at(w.arose)) wait = Millis{0};
  queue(to).waiting.push_back({std::move(line), w.arose, w.arose + wait, w.silence, false});
}

void DeskWork::send_urgent(Chase& chase, const Step& step, LineKind kind) {
  const bool to_person =
      step.kind == StepKind::text_person || step.kind == StepKind::text_own_words;
  const std::string role = to_person ? std::string(role_person) : step.role;
  const std::string to = route(chase, role);
  if (to.empty()) return;
  const MessageLine line{chase.facts.id, kind, step.template_id, role};
  out_.push_back({now_, to, {line}, true, false, late_});
  sent(line, to);
}

void DeskWork::sent(const MessageLine& line, const std::string& to) {
  Chase* c = chase(line.alert);
  if (c == nullptr || !is_message(line.kind)) return;
  if (std::find(c->told.begin(), c->told.end(), to) == c->told.end()) c->told.push_back(to);
  c->last_sent = now_;
  Talk& t = talk(*c);
  t.last_message = now_;
  t.last_to = to;
  if (c->first_sent) return;
  c->first_sent = now_;
  if (c->first_to.empty()) c->first_to = to;
  schedule_step(*c);
}

void DeskWork::schedule_step(Chase& chase) {
  const auto steps = steps_of(*chase.facts.rule);
  chase.step_due.reset();
  if (chase.acked || chase.unsettled || !chase.first_sent) return;
  if (chase.next_step >= static_cast<int>(steps.size())) return;
  const Step& step = steps[static_cast<std::size_t>(chase.next_step)];
  const Instant from = *chase.first_sent;
  const Calendar& hours = recipient(chase.first_to).calendar;
  switch (step.clock) {
    case Clock::elapsed:
      chase.step_due = from + std::chrono::seconds{step.after_s};
      break;
    case Clock::working_hours:
      chase.step_due = hours.add_working(from, step.after_s);
      break;
    case Clock::working_days:
      chase.step_due = hours.add_working(from, hours.working_days_s(from, step.after_days));
      break;
  }
}

void DeskWork::run_step(Chase& chase, Instant due) {
  const auto steps = steps_of(*chase.facts.rule);
  const Step step = steps[static_cast<std::size_t>(chase.next_step)];
  ++chase.next_step;
  chase.step_due.reset();
  if (chase.facts.rule->urgent) {
    send_urgent(chase, step, LineKind::step);
  } else {
    enqueue(chase, step, LineKind::step, now_);
  }
  schedule_step(chase);
  // After an outage one message an alert: the step behind keeps its distance.
  if (late_ && chase.step_due && *chase.step_due <= now_) {
    chase.step_due = now_ + std::max(*chase.step_due - due, Millis{60'000});
  }
}

void DeskWork::nobody_left(Chase& chase) {
  if (chase.exhausted) return;
  chase.exhausted = true;
  const MessageLine line{chase.facts.id, LineKind::exhausted, {}, {}};
  out_.push_back({now_, d_.settings_.admin, {line}, false, false, late_});
}

bool DeskWork::run_chase(Chase& chase) {
  if (chase.alert != Chase::Alert::open) return false;
  if (chase.muted) {
    const Talk& t = talk(chase);
    if (t.muted_until && now_ < *t.muted_until) return false;
    chase.muted = false;  // 21 days hold fewer than three: what is still open goes
    start(chase, now_);
    return true;
  }
  if (chase.ack_ends && *chase.ack_ends <= now_) {
    const Instant ended = *chase.ack_ends;
    chase.acked.reset();
    chase.ack_ends.reset();
    if (chase.next_step >= static_cast<int>(steps_of(*chase.facts.rule).size())) {
      nobody_left(chase);
      return true;
    }
    chase.first_sent.reset();  // the steps behind count from the message that goes now
    run_step(chase, ended);
    return true;
  }
  if (chase.step_due && *chase.step_due <= now_) {
    run_step(chase, *chase.step_due);
    return true;
  }
  return false;
}

std::optional<Instant> DeskWork::chase_due(const Chase& chase) const {
  if (chase.alert != Chase::Alert::open) return std::nullopt;
  if (chase.muted) {
    const auto it = d_.talks_.find(chase.facts.rule->id + "|" + chase.facts.person);
    return it == d_.talks_.end() ? std::nullopt : it->second.muted_until;
  }
  if (chase.step_due && chase.ack_ends) return std::min(*chase.step_due, *chase.ack_ends);
  return chase.step_due ? chase.step_due : chase.ack_ends;
}

bool DeskWork::low_alert_open(const std::string& person) const {
  return std::any_of(d_.chases_.begin(), d_.chases_.end(), [&](const auto& row) {
    const Chase& c = row.second;
    const bool uncleared = c.alert == Chase::Alert::open || c.alert == Chase::Alert::closed;
    return c.facts.person == person && uncleared && !c.duty_only && low_kind(*c.facts.rule);
  });
}

// Waits without end for now: mass silence, a paused person, good news beside an open low alert.
bool DeskWork::held_back(const Queue& queue, const Waiting& w) const {
  if (w.silence && d_.mass_.held && !w.released) return true;
  const auto it = d_.chases_.find(w.line.alert);
  if (it == d_.chases_.end()) return false;
  const Chase& c = it->second;
  if (!recipient(queue.recipient).person) return false;
  if (d_.paused_.contains(c.facts.person)) return true;
  return c.facts.rule->when.kind == Kind::rise && low_alert_open(c.facts.person);
}

std::optional<Instant> DeskWork::cooldown_end(const Waiting& w) const {
  if (w.line.kind != LineKind::alert && w.line.kind != LineKind::unsettled) return std::nullopt;
  const auto it = d_.chases_.find(w.line.alert);
  if (it == d_.chases_.end()) return std::nullopt;
  const Chase& c = it->second;
  const auto t = d_.talks_.find(c.facts.rule->id + "|" + c.facts.person);
  if (t == d_.talks_.end() || !t->second.last_message) return std::nullopt;
  if (c.first_sent && *t->second.last_message >= *c.first_sent) return std::nullopt;  // its own
  return plus(*t->second.last_message, c.facts.rule->cooldown,
              recipient(t->second.last_to).calendar.zone);
}

std::optional<Instant> DeskWork::line_due(const Queue& queue, const Waiting& w) const {
  if (held_back(queue, w)) return std::nullopt;
  const Recipient& r = recipient(queue.recipient);
  Instant at = w.ready;
  if (const auto cool = cooldown_end(w)) at = std::max(at, *cool);
  if (!r.person && queue.last_routine) {
    at = std::max(at, *queue.last_routine + d_.settings_.group_interval);
  }
  if (queue.digest_at) at = std::max(at, *queue.digest_at);
  if (r.paused_until) at = std::max(at, *r.paused_until);
  if (at == Instant::max()) return std::nullopt;
  return r.calendar.next_open(at);
}

std::optional<Instant> DeskWork::queue_due(const Queue& queue) const {
  std::optional<Instant> due;
  for (const Waiting& w : queue.waiting) {
    const auto at = line_due(queue, w);
    if (at && (!due || *at < *due)) due = at;
  }
  return due;
}

std::optional<Instant> DeskWork::cover_due(const Queue& queue) const {
  const Recipient& r = recipient(queue.recipient);
  if (r.cover.empty() || queue.waiting.empty()) return std::nullopt;
  const auto leave = r.calendar.next_leave(d_.looked_);
  const auto due = queue_due(queue);
  return leave && due && *leave < *due ? leave : std::nullopt;
}

// Everything waiting goes, but what has a waiting time of its own.
std::vector<MessageLine> DeskWork::take_lines(Queue& queue) {
  std::vector<MessageLine> lines;
  const bool person = recipient(queue.recipient).person;
  std::erase_if(queue.waiting, [&](const Waiting& w) {
    const auto cool = cooldown_end(w);
    const auto pause = recipient(queue.recipient).paused_until;
    const bool waits = held_back(queue, w) || (cool && *cool > now_) || (pause && *pause > now_) ||
                       (w.silence && !w.released && w.ready > now_) || (person && w.ready > now_);
    if (waits) return false;
    MessageLine line = w.line;
    const Chase* c = chase(line.alert);
    if (c != nullptr && is_message(line.kind) && c->alert == Chase::Alert::cleared) {
      if (person || c->unsettled) return true;  // nothing to tell any more
      line.kind = LineKind::note;
    }
    lines.push_back(std::move(line));
    return true;
  });
  return lines;
}

void DeskWork::flush_lines(Queue& queue, std::vector<MessageLine> lines, const Recipient& to) {
  const std::int32_t today = to.calendar.zone.local(now_).date.days;
  if (queue.day != today) {
    queue.day = today;
    queue.texts_today = 0;
  }
  const bool digest = queue.digest_at.has_value();
  queue.digest_at.reset();
  const std::size_t size = digest ? lines.size() : to.person ? 1 : codes_per_text_max;
  for (std::size_t i = 0; i < lines.size(); i += size) {
    const auto end = std::min(i + size, lines.size());
    if (!digest && to.texts_a_day > 0 && queue.texts_today >= to.texts_a_day) {
      // Past the cap the rest become one digest at the next opening.
      queue.digest_at = to.calendar.next_opening_after(now_);
      for (; i < lines.size(); ++i) queue.waiting.push_back({lines[i], now_, now_, false, true});
      return;
    }
    Message m{now_,
              to.id,
              {lines.begin() + static_cast<std::ptrdiff_t>(i),
               lines.begin() + static_cast<std::ptrdiff_t>(end)}};
    m.digest = digest;
    m.late = late_;
    for (const MessageLine& line : m.lines) sent(line, to.id);
    out_.push_back(std::move(m));
    ++queue.texts_today;
    queue.last_routine = now_;
  }
}

// Due while nothing could be sent, and closed by now: it all waits for the next opening.
bool DeskWork::closed_now(Queue& queue) {
  const auto open = recipient(queue.recipient).calendar.next_open(now_);
  if (!open || *open == now_) return false;
  for (Waiting& w : queue.waiting) w.ready = std::max(w.ready, *open);
  return true;
}

bool DeskWork::flush(Queue& queue) {
  const auto due = queue_due(queue);
  if (!due || *due > now_) return false;
  touch(queue);
  if (closed_now(queue)) return false;
  auto lines = take_lines(queue);
  const Recipient to = recipient(queue.recipient);
  if (lines.empty()) return false;
  flush_lines(queue, std::move(lines), to);
  return true;
}

void DeskWork::drop_lines(const std::string& alert, bool steps_only) {
  for (auto& [id, q] : d_.queues_) {
    const auto before = q.waiting.size();
    std::erase_if(q.waiting, [&](const Waiting& w) {
      return w.line.alert == alert && (!steps_only || w.line.kind == LineKind::step);
    });
    if (q.waiting.size() != before) touch(q);
  }
}

// Ten silence alerts waiting at once are more likely a broken gateway than ten silent people.
void DeskWork::check_mass_silence() {
  if (d_.mass_.held) return;
  std::vector<MessageLine> waiting;
  for (const auto& [id, q] : d_.queues_) {
    for (const Waiting& w : q.waiting) {
      if (!w.silence || w.released) continue;
      const Chase* c = chase(w.line.alert);
      if (c == nullptr || c->alert != Chase::Alert::open) continue;
      const bool twice = std::any_of(waiting.begin(), waiting.end(), [&](const MessageLine& line) {
        return line.alert == w.line.alert;
      });
      if (!twice) waiting.push_back({w.line.alert, LineKind::mass_silence, {}, {}});
    }
  }
  if (waiting.size() < mass_silence_min) return;
  d_.mass_ = {true, true};
  d_.dirty_.mass = true;
  out_.push_back({now_, d_.settings_.admin, std::move(waiting), false, false, late_});
}

void DeskWork::move_covered() {
  std::vector<std::pair<std::string, Waiting>> moved;
  for (auto& [id, q] : d_.queues_) {
    const Recipient& r = recipient(id);
    if (r.cover.empty() || q.waiting.empty() || !r.calendar.on_leave(now_)) continue;
    for (Waiting& w : q.waiting) moved.emplace_back(r.cover, std::move(w));
    q.waiting.clear();
    touch(q);
  }
  for (auto& [to, w] : moved) queue(to).waiting.push_back(std::move(w));
}

void DeskWork::run() {
  move_covered();
  for (int round = 0; round < rounds_max; ++round) {
    bool any = false;
    for (auto& [id, c] : d_.chases_) {
      if (!run_chase(c)) continue;
      touch(c);
      any = true;
    }
    std::vector<std::string> ids;
    for (const auto& [id, q] : d_.queues_) ids.push_back(id);
    for (const std::string& id : ids) any |= flush(d_.queues_[id]);
    if (!any) break;
  }
}

}  // namespace moodline::rules
