#include "daemon/checkins/gate.hpp"

#include <algorithm>

namespace moodline::checkins {
namespace {

using store::Message;
using store::Person;
using store::PersonStatus;
using store::Purpose;

constexpr int days_searched_max = 3;

bool answers_their_text(Purpose p) {
  return p == Purpose::reply || p == Purpose::crisis || p == Purpose::stop_confirmation;
}

bool allowed_after_stop(const Message& m) {
  return m.purpose == Purpose::stop_confirmation || m.purpose == Purpose::crisis ||
         (m.purpose == Purpose::reply && m.template_name == "help");
}

bool routine_to_person(Purpose p) {
  return p == Purpose::prompt || p == Purpose::reminder || p == Purpose::person_notice;
}

// Reasons that end every text to this person, whatever the text is.
std::string_view refused_outright(const Message& m, const GateView& v) {
  const Person& p = *v.person;
  if (p.status == PersonStatus::erased) return "erased";
  if (p.status == PersonStatus::deceased) return "deceased";
  if (p.status == PersonStatus::wrong_number) return "wrong_number";
  if (p.do_not_reply) return "do_not_reply";
  if (v.opt_out_by_provider) return "provider_block";
  const bool stopped = v.opted_out || p.status == PersonStatus::stopped;
  if (stopped && !allowed_after_stop(m)) return "opted_out";
  if (p.status == PersonStatus::discharged && !answers_their_text(m.purpose) &&
      m.template_name != "discharged") {
    return "discharged";
  }
  if (p.status == PersonStatus::invited && m.purpose != Purpose::invitation &&
      !answers_their_text(m.purpose)) {
    return "not_agreed";
  }
  return {};
}

GateVerdict gate_person(const config::Settings& s, const Message& m, const GateView& v,
                        Instant now) {
  if (!v.person) return {Gate::cancel, {}, "erased"};
  if (const auto why = refused_outright(m, v); !why.empty()) return {Gate::cancel, {}, why};
  const Person& p = *v.person;
  const bool routine = routine_to_person(m.purpose);
  if (routine && p.hold) return {Gate::cancel, {}, "hold"};
  if (routine && p.paused_until && *p.paused_until > now) return {Gate::cancel, {}, "paused"};
  if (v.held_by_admin && m.purpose != Purpose::crisis && m.purpose != Purpose::stop_confirmation) {
    return {Gate::wait, now + Millis{60'000}, "held_by_admin"};
  }
  const Instant opens = window_opens(s, p, now, answers_their_text(m.purpose));
  if (opens > now) {
    if (m.expires_at && opens >= *m.expires_at) return {Gate::expire, {}, "quiet_hours"};
    return {Gate::wait, opens, "quiet_hours"};
  }
  return {};
}

// About a person, to somebody they named: cancelled with the agreement that carried it. An urgent
// one still goes to the duty worker.
GateVerdict gate_about(const Message& m, const GateView& v, Instant now) {
  const bool about = m.purpose == Purpose::alert || m.purpose == Purpose::escalation ||
                     m.purpose == Purpose::notice || m.purpose == Purpose::digest ||
                     (m.purpose == Purpose::admin && m.alert != 0);
  if (about && !v.may_be_told) return {Gate::cancel, {}, "not_shared"};
  if (m.purpose == Purpose::webhook && v.person && !v.urgent) {
    const PersonStatus st = v.person->status;
    if (st == PersonStatus::stopped || st == PersonStatus::erased || v.opted_out) {
      return {Gate::cancel, {}, "opted_out"};
    }
    if (!v.person->sharing) return {Gate::cancel, {}, "not_shared"};
  }
  if (v.held_by_admin && !v.urgent && m.purpose != Purpose::admin) {
    return {Gate::wait, now + Millis{60'000}, "held_by_admin"};
  }
  return {};
}

}  // namespace

bool to_person(const Message& m) {
  return m.practitioner.empty();
}

Instant window_opens(const config::Settings& s, const Person& p, Instant now,
                     bool safe_window_only) {
  const auto zone = Zone::find(p.zone);
  if (!zone) return now;
  TimeOfDay from{0};
  TimeOfDay to{86'400};
  if (!safe_window_only) {
    from = s.sending.opens;
    to = s.sending.closes;
  }
  if (p.safe_from && *p.safe_from > from) from = *p.safe_from;
  if (p.safe_to && *p.safe_to < to) to = *p.safe_to;
  if (from >= to) {  // the two windows do not meet: their own safe window is what counts
    from = p.safe_from.value_or(s.sending.opens);
    to = p.safe_to.value_or(s.sending.closes);
  }
  const LocalTime local = zone->local(now);
  if (local.time >= from && local.time < to) return now;
  for (int i = 0; i <= days_searched_max; ++i) {
    const auto opens = zone->resolve(local.date + i, from);
    if (opens && *opens > now) return *opens;
  }
  return now;
}

GateVerdict gate(const config::Settings& s, const Message& m, const GateView& view, Instant now) {
  if (m.expires_at && now >= *m.expires_at) return {Gate::expire, {}, "expired"};
  if (view.bulk_waits_until) {
    const Instant until = *view.bulk_waits_until;
    if (m.expires_at && until >= *m.expires_at) return {Gate::expire, {}, "spend_ceiling"};
    return {Gate::wait, until, "spend_ceiling"};
  }
  return to_person(m) ? gate_person(s, m, view, now) : gate_about(m, view, now);
}

Repeat policy(Purpose purpose) {
  switch (purpose) {
    case Purpose::alert:
    case Purpose::escalation:
    case Purpose::crisis:
    case Purpose::admin:
      return {true, true};
    case Purpose::notice:
    case Purpose::digest:
    case Purpose::webhook:
      return {true, false};
    case Purpose::agreement:
    case Purpose::invitation:
    case Purpose::person_notice:
    case Purpose::practitioner_reply:
    case Purpose::reply:
    case Purpose::prompt:
    case Purpose::reminder:
    case Purpose::stop_confirmation:
      return {false, false};
  }
  return {};
}

}  // namespace moodline::checkins
