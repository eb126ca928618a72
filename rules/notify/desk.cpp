#include "rules/notify/desk.hpp"

#include <algorithm>

#include "rules/notify/desk_work.hpp"

namespace moodline::rules {

std::string_view name_of(LineKind v) {
  switch (v) {
    case LineKind::alert:
      return "notify";
    case LineKind::unsettled:
      return "unsettled";
    case LineKind::step:
      return "escalate";
    case LineKind::note:
      return "note";
    case LineKind::resolve_notice:
      return "resolve_notice";
    case LineKind::corrected_notice:
      return "corrected_notice";
    case LineKind::mass_silence:
      return "mass_silence";
    case LineKind::exhausted:
      return "exhausted";
  }
  return "";
}

std::vector<Step> steps_of(const Rule& rule) {
  std::vector<Step> all = rule.then;
  all.insert(all.end(), rule.escalate.begin(), rule.escalate.end());
  return all;
}

std::vector<Message> Desk::take(const std::vector<DeskEvent>& events, Instant now, bool late) {
  looked_ = std::max(looked_, now);
  DeskWork work(*this, now, late);
  for (const DeskEvent& event : events) work.apply(event);
  work.run();
  return work.take();
}

std::optional<Instant> Desk::next_deadline() const {
  std::optional<Instant> due;
  const auto earliest = [&](std::optional<Instant> at) {
    if (at && (!due || *at < *due)) due = at;
  };
  // The queries read only; the work object wants a Desk it could change.
  const DeskWork work(const_cast<Desk&>(*this), Instant::min(), false);
  for (const auto& [id, chase] : chases_) earliest(work.chase_due(chase));
  for (const auto& [id, queue] : queues_) {
    earliest(work.queue_due(queue));
    earliest(work.cover_due(queue));
  }
  return due;
}

std::optional<Instant> Desk::seen_at(const std::string& alert) const {
  const DeskWork work(const_cast<Desk&>(*this), Instant::min(), false);
  for (const auto& [id, queue] : queues_) {
    for (const Waiting& w : queue.waiting) {
      if (w.line.alert == alert) return work.line_due(queue, w);
    }
  }
  return std::nullopt;
}

std::vector<std::string> Desk::awaiting(const std::string& recipient) const {
  std::vector<std::string> alerts;
  for (const auto& [id, chase] : chases_) {
    const bool told =
        std::find(chase.told.begin(), chase.told.end(), recipient) != chase.told.end();
    if (told && chase.alert == Chase::Alert::open && !chase.acked) alerts.push_back(id);
  }
  return alerts;
}

}  // namespace moodline::rules
