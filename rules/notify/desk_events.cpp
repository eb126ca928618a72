// What happens to chases and queues when something is learned.
#include <algorithm>

#include "rules/kinds/kind.hpp"
#include "rules/notify/desk_work.hpp"

namespace moodline::rules {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

void DeskWork::apply(const DeskEvent& event) {
  std::visit([this](const auto& e) { on(e); }, event);
}

// The third fire inside 21 days says "unsettled" once; then nothing goes until 21 days hold fewer.
void DeskWork::count_fire(Chase& chase) {
  Talk& t = talk(chase);
  const bool muted = t.muted_until && chase.fired < *t.muted_until;
  t.fires.push_back(chase.fired);
  if (t.fires.size() > unsettled_fires) t.fires.erase(t.fires.begin());
  const Zone zone =
      recipient(route(chase, chase.facts.rule->then.empty() ? std::string(role_person)
                                                            : chase.facts.rule->then.front().role))
          .calendar.zone;
  const Instant leaves = plus(t.fires.front(), TimeSpan::of_days(unsettled_days), zone);
  const bool many = t.fires.size() == unsettled_fires && chase.fired < leaves;
  if (many) t.muted_until = leaves;
  chase.muted = muted;
  chase.unsettled = many && !muted;
  d_.dirty_.talks.insert(t.key);
}

void DeskWork::start(Chase& chase, Instant arose) {
  const auto steps = steps_of(*chase.facts.rule);
  const auto& then = chase.facts.rule->then;
  const auto first = static_cast<int>(
      std::find_if(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(then.size()),
                   [](const Step& step) { return !step.at_once(); }) -
      steps.begin());
  chase.next_step = first;  // before anything is sent: sending schedules the next step
  for (int i = 0; i < first; ++i) {
    const Step& step = steps[static_cast<std::size_t>(i)];
    if (chase.facts.rule->urgent) {
      send_urgent(chase, step, LineKind::alert);
    } else {
      const LineKind kind = chase.unsettled ? LineKind::unsettled : LineKind::alert;
      enqueue(chase, step, kind, arose);
    }
  }
  if (first == 0 && !steps.empty()) {  // every step waits: they count from the fire
    chase.first_sent = arose;
    chase.first_to = route(chase, steps.front().role);
    schedule_step(chase);
  }
}

void DeskWork::on(const AlertFired& e) {
  Chase chase;
  chase.facts = e.facts;
  chase.fired = e.at.value_or(now_);
  Chase& c = d_.chases_[e.facts.id] = std::move(chase);
  touch(c);
  if (!c.facts.rule->urgent) count_fire(c);
  if (!c.muted) start(c, c.fired);
  check_mass_silence();
}

void DeskWork::tell_told(Chase& chase, LineKind kind, Instant arose) {
  if (chase.unsettled || chase.muted) return;  // nothing more goes for this rule
  for (const std::string& to : chase.told) {
    if (recipient(to).person) continue;
    enqueue_line(to, {chase.facts.id, kind, {}, {}}, {arose});
  }
}

void DeskWork::on(const AlertCleared& e) {
  Chase* c = chase(e.alert);
  if (c == nullptr || c->alert == Chase::Alert::cleared || c->alert == Chase::Alert::withdrawn) {
    return;
  }
  c->alert = Chase::Alert::cleared;
  c->step_due.reset();
  c->ack_ends.reset();
  drop_lines(e.alert, true);
  tell_told(*c, LineKind::resolve_notice, e.at.value_or(now_));
}

void DeskWork::on(const AlertWithdrawn& e) {
  Chase* c = chase(e.alert);
  if (c == nullptr || c->alert == Chase::Alert::cleared) return;
  c->alert = Chase::Alert::withdrawn;
  c->step_due.reset();
  c->ack_ends.reset();
  drop_lines(e.alert, false);
  auto& fires = talk(*c).fires;
  std::erase(fires, c->fired);
  tell_told(*c, LineKind::corrected_notice, e.at.value_or(now_));
}

void DeskWork::on(const AlertClosed& e) {
  Chase* c = chase(e.alert);
  if (c == nullptr || c->alert != Chase::Alert::open) return;
  c->alert = Chase::Alert::closed;
  c->step_due.reset();
  c->ack_ends.reset();
  if (!e.by_done) c->told.clear();
  drop_lines(e.alert, false);
}

void DeskWork::restart(Chase& chase) {
  const auto steps = steps_of(*chase.facts.rule);
  chase.acked.reset();
  chase.ack_ends.reset();
  chase.next_step = 0;
  while (chase.next_step < static_cast<int>(steps.size()) &&
         steps[static_cast<std::size_t>(chase.next_step)].at_once()) {
    ++chase.next_step;
  }
  chase.first_sent = now_;
  schedule_step(chase);
}

void DeskWork::on(const AlertMatched& e) {
  Chase* c = chase(e.alert);
  if (c == nullptr || c->alert != Chase::Alert::open) return;
  if (c->acked) restart(*c);
  if (c->last_sent && now_ < *c->last_sent + d_.settings_.urgent_repeat) return;
  const Rule& rule = *c->facts.rule;
  std::vector<std::string> again;
  for (const Step& step : rule.then) {
    if (step.kind != StepKind::notify || !step.at_once()) continue;
    again.push_back(route(*c, step.role));
    send_urgent(*c, step, LineKind::alert);
  }
  for (const std::string& to : std::vector<std::string>(c->told)) {
    if (contains(again, to) || recipient(to).person) continue;
    const MessageLine line{c->facts.id, LineKind::alert, {}, {}};
    out_.push_back({now_, to, {line}, true, false, late_});
    sent(line, to);
  }
}

void DeskWork::on(const AckedAlert& e) {
  Chase* c = chase(e.alert);
  if (c == nullptr || c->alert != Chase::Alert::open) return;
  c->acked = now_;
  const TimeSpan ends = c->facts.rule->ack_expires;
  c->ack_ends = now_ + std::chrono::seconds{ends.days * std::int64_t{86'400} + ends.s};
  c->step_due.reset();
  drop_lines(e.alert, true);
}

void DeskWork::on(const PassedAlert& e) {
  Chase* c = chase(e.alert);
  if (c == nullptr || c->alert != Chase::Alert::open) return;
  c->acked.reset();
  c->ack_ends.reset();
  drop_lines(e.alert, true);
  const auto steps = steps_of(*c->facts.rule);
  for (auto i = static_cast<std::size_t>(c->next_step); i < steps.size(); ++i) {
    if (steps[i].role != role_deputy) continue;
    c->next_step = static_cast<int>(i);
    return run_step(*c, now_);
  }
  Step step;
  step.role = role_deputy;
  if (!c->facts.rule->then.empty()) step.template_id = c->facts.rule->then.front().template_id;
  enqueue(*c, step, LineKind::step, now_);
  schedule_step(*c);
}

void DeskWork::on(const MessageFailed& e) {
  Chase* c = chase(e.alert);
  if (c == nullptr || c->alert != Chase::Alert::open || c->acked) return;
  if (!c->first_sent) c->first_sent = now_;
  if (c->next_step < static_cast<int>(steps_of(*c->facts.rule).size())) {
    c->step_due = now_;
  } else {
    nobody_left(*c);
  }
}

// An urgent alert outlives the person's leaving, but only for the duty worker.
void DeskWork::keep_only_duty(Chase& chase) {
  const auto steps = steps_of(*chase.facts.rule);
  chase.duty_only = true;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].role != role_duty) continue;
    if (static_cast<int>(i) < chase.next_step) break;  // already told
    chase.next_step = static_cast<int>(i);
    if (chase.acked) return;
    if (chase.first_sent) return schedule_step(chase);
    chase.step_due = now_;
    return;
  }
  chase.alert = Chase::Alert::closed;
  chase.step_due.reset();
  chase.ack_ends.reset();
}

void DeskWork::on(const PersonGone& e) {
  for (auto& [id, c] : d_.chases_) {
    if (c.facts.person != e.person || (!e.alert.empty() && id != e.alert)) continue;
    if (c.duty_only) continue;  // gone already
    touch(c);
    drop_lines(id, false);
    c.told.clear();
    if (c.alert == Chase::Alert::open && c.facts.rule->urgent) {
      if (c.fired == now_) c.first_sent.reset();  // raised by this very text: nothing has left
      keep_only_duty(c);
      continue;
    }
    if (c.alert == Chase::Alert::open) c.alert = Chase::Alert::closed;
    c.step_due.reset();
    c.ack_ends.reset();
    c.muted = false;
  }
  // A message made in this very instant has not left: the urgent one goes to duty instead.
  std::erase_if(out_, [&](const Message& m) {
    return std::any_of(m.lines.begin(), m.lines.end(), [&](const MessageLine& line) {
      const Chase* c = chase(line.alert);
      const bool meant = e.alert.empty() || line.alert == e.alert;
      return c != nullptr && meant && c->facts.person == e.person && line.role != role_duty;
    });
  });
}

void DeskWork::on(const PersonPaused& e) {
  if (e.paused) {
    d_.paused_.insert(e.person);
  } else {
    d_.paused_.erase(e.person);
  }
}

void DeskWork::on(const MassSilenceReleased&) {
  d_.mass_ = {};
  d_.dirty_.mass = true;
  for (auto& [id, q] : d_.queues_) {
    for (Waiting& w : q.waiting) w.released |= w.silence;
    touch(q);
  }
}

void DeskWork::on(const MassSilenceDropped&) {
  d_.mass_ = {};
  d_.dirty_.mass = true;
  for (auto& [id, q] : d_.queues_) {
    std::erase_if(q.waiting, [](const Waiting& w) { return w.silence && !w.released; });
    touch(q);
  }
}

}  // namespace moodline::rules
