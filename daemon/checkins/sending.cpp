#include "daemon/checkins/sending.hpp"

#include <algorithm>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/gate.hpp"
#include "rules/text/segments.hpp"

namespace moodline::checkins {
namespace {

using providers::DeliveryStatus;
using providers::SendOutcome;
using store::Message;
using store::MessageStatus;
using store::Prompt;
using store::PromptStatus;
using store::Purpose;
using store::Tx;

constexpr int sending_read_max = 1000;

std::string_view purpose_group(Purpose p) {
  switch (p) {
    case Purpose::prompt:
    case Purpose::reminder:
      return "prompt";
    case Purpose::reply:
    case Purpose::crisis:
    case Purpose::stop_confirmation:
    case Purpose::practitioner_reply:
      return "reply";
    case Purpose::alert:
    case Purpose::escalation:
      return "alert";
    case Purpose::digest:
    case Purpose::webhook:
      return "bulk";
    default:
      return "notice";
  }
}

bool fits(const config::Route& r, const Message& m) {
  const auto in = [](const std::vector<std::string>& list, std::string_view x) {
    return list.empty() || std::find(list.begin(), list.end(), x) != list.end();
  };
  const bool prefix =
      r.prefixes.empty() || std::any_of(r.prefixes.begin(), r.prefixes.end(),
                                        [&](const std::string& p) { return m.to.starts_with(p); });
  return prefix && in(r.purposes, purpose_group(m.purpose));
}

void set_prompt(Tx& tx, const Setting& s, store::RowId id, PromptStatus status,
                std::optional<Instant> sent_at = std::nullopt) {
  if (id == 0) return;
  auto p = tx.prompt(id);
  if (!p || p->status == status) return;
  // A delivered prompt stays delivered, an undelivered one stays undelivered.
  if (p->status == PromptStatus::delivered || p->status == PromptStatus::undelivered) return;
  p->status = status;
  p->settled_at = s.now;
  if (sent_at) p->sent_at = sent_at;
  if (auto r = tx.put(*p); r) prompt_changed(tx, s, *p);
}

void save(Tx& tx, Message& m) {
  // An update cannot clash: the dedupe key was this row's already.
  if (auto r = tx.put(m); !r) throw store::StoreError("message_update", r.error().message);
}

GateView view_of(Tx& tx, const Message& m) {
  GateView v;
  if (m.person != 0) v.person = tx.person(m.person);
  if (v.person && !v.person->number.empty()) {
    if (const auto out = tx.opt_out(v.person->number)) {
      v.opted_out = true;
      v.opt_out_by_provider = out->source == "provider";
    }
  }
  v.held_by_admin = tx.setting("hold") == "on";
  if (m.alert != 0) {
    const auto a = tx.alert(m.alert);
    v.urgent = a && a->urgent;
  }
  return v;
}

Millis back_off(int attempts) {
  const int doublings = std::clamp(attempts - 1, 0, 8);
  return std::min(retry_first * (1 << doublings), retry_longest);
}

void end(Tx& tx, const Setting& s, Message& m, MessageStatus status, std::string_view why) {
  m.status = status;
  m.outcome_code = why;
  m.settled_at = s.now;
  save(tx, m);
  if (m.prompt != 0 && m.purpose == Purpose::prompt) {
    PromptStatus ps = PromptStatus::not_sent;
    if (why == "paused") ps = PromptStatus::paused;
    if (why == "hold" || why == "held_by_admin") ps = PromptStatus::held;
    set_prompt(tx, s, m.prompt, ps);
  }
  if (m.alert != 0 && status == MessageStatus::expired) {
    alert_text_settled(tx, s, m, Handed::failed);
  }
}

void note_route(Tx& tx, const Setting& s, const Message& m, const providers::SendReply& r) {
  store::RouteState state{m.route, false, {}, 0, std::nullopt};
  for (const auto& old : tx.route_states()) {
    if (old.route == m.route) state = old;
  }
  const bool failing = r.outcome == SendOutcome::retry_later || r.halt_route;
  if (!failing) {
    if (state.failures == 0 && !state.halted) return;
    state.failures = 0;
    state.retry_at.reset();
    tx.put(state);
    return;
  }
  state.failures = std::min(state.failures + 1, 20);
  state.reason = r.code;
  state.retry_at =
      s.now + (r.retry_after_s ? Millis{*r.retry_after_s * 1000LL} : back_off(state.failures));
  if (r.halt_route && !state.halted) {
    state.halted = true;
    tell_admin(tx, s, "admin-route-halted", {{"name", m.route}}, "route-halted:" + m.route);
  }
  tx.put(state);
}

void settle_accepted(Tx& tx, const Setting& s, Message& m, const providers::SendReply& r) {
  if (rank(m.status) < rank(MessageStatus::accepted)) m.status = MessageStatus::accepted;
  m.provider_ids = r.provider_message_ids;
  m.accepted_at = s.now;
  m.settled_at = s.now;
  save(tx, m);
  if (m.purpose == Purpose::prompt) set_prompt(tx, s, m.prompt, PromptStatus::sent);
  if (m.alert != 0) alert_text_settled(tx, s, m, Handed::accepted);
}

void settle_retry(Tx& tx, const Setting& s, Message& m, const providers::SendReply& r) {
  const Millis pause = r.retry_after_s ? Millis{*r.retry_after_s * 1000LL} : back_off(m.attempts);
  m.status = MessageStatus::queued;
  m.due_at = s.now + pause;
  if (m.expires_at && m.due_at >= *m.expires_at) {
    end(tx, s, m, MessageStatus::expired, r.code);
    return;
  }
  save(tx, m);
  if (m.purpose == Purpose::prompt && m.prompt != 0) {
    if (auto p = tx.prompt(m.prompt); p && p->status == PromptStatus::sending) {
      p->status = PromptStatus::due;
      p->sent_at.reset();
      if (auto put = tx.put(*p); !put) throw store::StoreError("prompt_update", "slot clash");
    }
  }
}

void settle_rejected(Tx& tx, const Setting& s, Message& m, const providers::SendReply& r) {
  m.status = MessageStatus::failed;
  m.outcome_code = r.code;
  m.settled_at = s.now;
  save(tx, m);
  if (m.purpose == Purpose::prompt) set_prompt(tx, s, m.prompt, PromptStatus::undelivered);
  if (m.alert != 0) alert_text_settled(tx, s, m, Handed::failed);
  if (!to_person(m)) return;
  if (r.opted_out) {
    if (auto p = tx.person(m.person)) opt_out(tx, s, *p, "provider");
  } else if (r.bad_number) {
    number_is_bad(tx, s, m.person, r.code);
  }
}

void settle_unknown(Tx& tx, const Setting& s, Message& m, std::string_view code) {
  m.status = MessageStatus::unknown;
  m.unknowns += 1;
  m.outcome_code = code;
  m.settled_at = s.now;
  save(tx, m);
  if (m.purpose == Purpose::prompt) set_prompt(tx, s, m.prompt, PromptStatus::unknown);
  tx.put(store::Timer{0, "unknown", std::to_string(m.id), m.person, s.now + unknown_wait});
}

}  // namespace

int rank(MessageStatus status) {
  switch (status) {
    case MessageStatus::queued:
      return 0;
    case MessageStatus::sending:
      return 1;
    case MessageStatus::unknown:
      return 2;
    case MessageStatus::accepted:
      return 3;
    case MessageStatus::cancelled:
    case MessageStatus::expired:
    case MessageStatus::failed:
    case MessageStatus::undelivered:
      return 4;
    case MessageStatus::delivered:
      return 5;
  }
  return 0;
}

RouteChoice choose_route(const config::Service& service, const Message& m,
                         const std::vector<store::RouteState>& states, Instant now) {
  RouteChoice choice;
  for (const config::Route& r : service.routes) {
    if (!fits(r, m)) continue;
    const auto st = std::find_if(states.begin(), states.end(),
                                 [&](const auto& x) { return x.route == r.name; });
    const bool resting = st != states.end() && st->retry_at && *st->retry_at > now;
    const bool halted = st != states.end() && st->halted;
    if (!halted && !resting) return {&r, std::nullopt};
    const Instant until = halted ? now + retry_longest : *st->retry_at;
    if (!choice.until || until < *choice.until) choice.until = until;
  }
  return choice;
}

std::optional<Claimed> claim(Tx& tx, const Setting& s, store::RowId id, const config::Route& route,
                             std::string reference) {
  auto found = tx.message(id);
  if (!found || found->status != MessageStatus::queued || found->due_at > s.now) {
    return std::nullopt;
  }
  Message& m = *found;
  const GateView view = view_of(tx, m);
  const GateVerdict v = gate(s.service.settings, m, view, s.now);
  if (v.gate == Gate::wait) {
    m.due_at = v.until;
    save(tx, m);
    return std::nullopt;
  }
  if (v.gate != Gate::send) {
    end(tx, s, m, v.gate == Gate::cancel ? MessageStatus::cancelled : MessageStatus::expired,
        v.reason);
    return std::nullopt;
  }
  m.text = render_message(s, m, view.person);
  const text::SegmentReport report = text::lint(m.text);
  m.status = MessageStatus::sending;
  m.attempts += 1;
  m.reference = std::move(reference);
  m.route = route.name;
  m.provider = route.provider;
  m.segments = static_cast<int>(report.segments);
  m.claimed_at = s.now;
  save(tx, m);
  if (m.purpose == Purpose::prompt) set_prompt(tx, s, m.prompt, PromptStatus::sending, s.now);
  Claimed c{m.id, route.provider, {}};
  c.sms.reference = m.reference;
  c.sms.from = route.from;
  c.sms.to = m.to;
  c.sms.text = m.text;
  c.sms.segments = m.segments;
  c.sms.unicode = report.encoding == text::SmsEncoding::ucs2;
  c.sms.template_name = m.template_name;
  c.sms.personalisation.assign(m.values.begin(), m.values.end());
  c.sms.personalisation.emplace_back("message", m.text);
  if (m.expires_at) {
    c.sms.validity_s = static_cast<int>((*m.expires_at - s.now).count() / 1000);
  }
  return c;
}

void settle(Tx& tx, const Setting& s, store::RowId id, const providers::SendReply& reply) {
  auto found = tx.message(id);
  if (!found ||
      (found->status != MessageStatus::sending && found->status != MessageStatus::unknown &&
       found->status != MessageStatus::accepted && found->status != MessageStatus::delivered)) {
    return;
  }
  Message& m = *found;
  note_route(tx, s, m, reply);
  const bool receipted = rank(m.status) >= rank(MessageStatus::accepted);
  if (receipted && reply.outcome != SendOutcome::accepted) return;  // a receipt came first
  switch (reply.outcome) {
    case SendOutcome::accepted:
      settle_accepted(tx, s, m, reply);
      break;
    case SendOutcome::retry_later:
      settle_retry(tx, s, m, reply);
      break;
    case SendOutcome::rejected:
      if (reply.halt_route) {
        settle_retry(tx, s, m, reply);  // the route's fault, not the text's: another may carry it
      } else {
        settle_rejected(tx, s, m, reply);
      }
      break;
    case SendOutcome::unknown:
      settle_unknown(tx, s, m, reply.code);
      break;
  }
}

bool receipt(Tx& tx, const Setting& s, std::string_view provider, const providers::Event& e) {
  std::optional<Message> found;
  if (!e.reference.empty()) found = tx.message_by_reference(e.reference);
  if (!found && !e.provider_message_id.empty()) {
    found = tx.message_by_provider_id(provider, e.provider_message_id);
  }
  if (!found) return false;
  Message& m = *found;
  MessageStatus next = m.status;
  if (e.status == DeliveryStatus::delivered) next = MessageStatus::delivered;
  if (e.status == DeliveryStatus::failed) next = MessageStatus::undelivered;
  if (e.status == DeliveryStatus::sent || e.status == DeliveryStatus::queued) {
    next = MessageStatus::accepted;
  }
  if (e.opted_out && to_person(m)) {
    if (auto p = tx.person(m.person)) opt_out(tx, s, *p, "provider");
  }
  if (rank(next) <= rank(m.status)) return true;
  const bool first_acceptance = !m.accepted_at && next != MessageStatus::undelivered;
  m.status = next;
  m.settled_at = s.now;
  if (first_acceptance) m.accepted_at = s.now;
  if (!e.error_code.empty()) m.outcome_code = e.error_code;
  save(tx, m);
  tx.drop_timer("unknown", std::to_string(m.id));
  if (m.purpose == Purpose::prompt) {
    set_prompt(tx, s, m.prompt,
               next == MessageStatus::delivered     ? PromptStatus::delivered
               : next == MessageStatus::undelivered ? PromptStatus::undelivered
                                                    : PromptStatus::sent);
  }
  if (m.alert == 0) return true;
  if (first_acceptance) alert_text_settled(tx, s, m, Handed::accepted);
  if (next == MessageStatus::delivered) alert_text_settled(tx, s, m, Handed::delivered);
  if (next == MessageStatus::undelivered) alert_text_settled(tx, s, m, Handed::failed);
  return true;
}

void unknown_is_over(Tx& tx, const Setting& s, store::RowId id) {
  auto found = tx.message(id);
  if (!found || found->status != MessageStatus::unknown) return;
  Message& m = *found;
  if (!policy(m.purpose).after_unknown || m.unknowns > repeats_after_unknown_max) {
    if (m.alert != 0) alert_text_settled(tx, s, m, Handed::failed);
    return;
  }
  m.status = MessageStatus::queued;
  m.due_at = s.now;
  save(tx, m);
  audit(tx, s, "system", "text.repeated", "m" + std::to_string(m.id), m.person);
}

int recover(Tx& tx, const Setting& s) {
  const auto left = tx.messages_in(MessageStatus::sending, sending_read_max);
  for (Message m : left) settle_unknown(tx, s, m, "process_stopped");
  return static_cast<int>(left.size());
}

}  // namespace moodline::checkins
