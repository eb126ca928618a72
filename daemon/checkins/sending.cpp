#include "daemon/checkins/sending.hpp"

#include <algorithm>

#include "daemon/checkins/about.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/email.hpp"
#include "daemon/checkins/gate.hpp"
#include "daemon/checkins/sending_steps.hpp"
#include "daemon/checkins/spend.hpp"
#include "rules/text/segments.hpp"

namespace moodline::checkins {
namespace {

using providers::SendOutcome;
using store::Message;
using store::MessageStatus;
using store::PromptStatus;
using store::Purpose;
using store::Tx;

constexpr int sending_read_max = 1000;

GateView view_of(store::ReadTx& tx, const Setting& s, const Message& m) {
  GateView v;
  if (is_bulk(m.purpose)) v.bulk_waits_until = bulk_waits_until(tx, s);
  if (m.person != 0) v.person = tx.person(m.person);
  if (v.person && !v.person->number.empty()) {
    if (const auto out = tx.opt_out(v.person->number)) {
      v.opted_out = true;
      v.opt_out_by_provider = out->source == "provider";
    }
  }
  if (v.person && !to_person(m)) {
    v.may_be_told = v.person->status == store::PersonStatus::active && !v.opted_out;
  }
  v.held_by_admin = tx.setting("hold") == "on";
  // An email of an alert's text has the alert in its list only.
  const store::RowId about = m.alert != 0 ? m.alert : m.alerts.size() == 1 ? m.alerts.front() : 0;
  if (about != 0) {
    const auto a = tx.alert(about);
    v.urgent = a && a->urgent;
    if (!to_person(m) && a && m.alerts.size() <= 1) {
      v.may_be_told = may_be_told(tx, s.service, *a, m.practitioner);
    }
  }
  return v;
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

void settle_accepted(Tx& tx, const Setting& s, Message& m, const providers::SendReply& r) {
  m.provider_ids = r.provider_message_ids;
  MessageStatus next = MessageStatus::accepted;
  if (all_parts_there(m)) next = MessageStatus::delivered;  // every receipt came before the answer
  if (rank(m.status) < rank(next)) m.status = next;
  m.accepted_at = s.now;
  m.settled_at = s.now;
  save(tx, m);
  tx.drop_timer("unknown", std::to_string(m.id));
  const bool there = m.status == MessageStatus::delivered;
  if (m.purpose == Purpose::prompt) {
    set_prompt(tx, s, m.prompt, there ? PromptStatus::delivered : PromptStatus::sent);
  }
  if (m.alert != 0) alert_text_settled(tx, s, m, there ? Handed::delivered : Handed::accepted);
}

void settle_retry(Tx& tx, const Setting& s, Message& m, const providers::SendReply& r) {
  // Where another route carries it, it does not wait for this one.
  const bool another = choose_route(s.service, m, tx.route_states(), s.now).route != nullptr;
  const Millis pause = another           ? Millis{0}
                       : r.retry_after_s ? Millis{*r.retry_after_s * 1000LL}
                                         : back_off(m.attempts);
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
      prompt_changed(tx, s, *p);  // it has no window yet
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

void set_prompt(Tx& tx, const Setting& s, store::RowId id, PromptStatus status,
                std::optional<Instant> sent_at) {
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

bool may_go(store::ReadTx& tx, const Setting& s, store::RowId id) {
  const auto m = tx.message(id);
  return m && m->status == MessageStatus::sending &&
         gate(s.service.settings, *m, view_of(tx, s, *m), s.now).gate == Gate::send;
}

std::optional<Claimed> claim(Tx& tx, const Setting& s, store::RowId id, const config::Route& route,
                             std::string reference) {
  auto found = tx.message(id);
  if (!found || found->status != MessageStatus::queued || found->due_at > s.now) {
    return std::nullopt;
  }
  Message& m = *found;
  const GateView view = view_of(tx, s, m);
  GateVerdict v = gate(s.service.settings, m, view, s.now);
  const bool list =
      !to_person(m) && m.person == 0 && !m.alerts.empty() && m.purpose != Purpose::admin;
  if (v.gate == Gate::send && list && !refresh_list(tx, s, m)) {
    v = {Gate::cancel, {}, "not_shared"};
  }
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
  const Way way = way_of(m);
  m.text = way == Way::webhook ? std::string{} : render_message(s, m, view.person);
  if (way == Way::email) m.text = render_email(tx, s, m, std::move(m.text));
  const text::SegmentReport report = text::lint(m.text);
  m.status = MessageStatus::sending;
  m.attempts += 1;
  m.reference = std::move(reference);
  m.route = route.name;
  m.provider = route.provider;
  m.segments = way == Way::text ? static_cast<int>(report.segments) : 0;
  m.provider_ids.clear();
  m.values.erase(parts_note);
  m.claimed_at = s.now;
  save(tx, m);
  count_segments(tx, s, m.segments);
  if (m.purpose == Purpose::prompt) set_prompt(tx, s, m.prompt, PromptStatus::sending, s.now);
  Claimed c{m.id, route.provider, {}, m.values.contains(std::string(asked_back_note))};
  c.sms.reference = m.reference;
  c.sms.from = route.from;
  c.sms.to = m.to;
  c.sms.text = m.text;
  c.sms.segments = m.segments;
  c.sms.unicode = report.encoding == text::SmsEncoding::ucs2;
  c.sms.template_name = m.template_name;
  for (const auto& value : m.values) {
    if (!value.first.starts_with(note_mark)) c.sms.personalisation.push_back(value);
  }
  c.sms.personalisation.emplace_back("message", m.text);
  if (way == Way::webhook) c.sms.personalisation.emplace_back("id", "msg_" + std::to_string(m.id));
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
  if (reply.block_lifted) audit(tx, s, "system", "provider.block_lifted", m.provider, m.person);
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
