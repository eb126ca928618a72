// The words of alerts: who is meant (as agreed), which agreed sentence, since when, how to answer.
// Never a score, a threshold, a diagnosis or a full name.
#include <algorithm>
#include <set>
#include <utility>

#include "daemon/checkins/about.hpp"
#include "daemon/checkins/alert_desk.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/digest.hpp"
#include "daemon/checkins/email.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/rule_steps.hpp"

namespace moodline::checkins {
namespace {

using rules::LineKind;
using store::Alert;
using store::AlertStatus;
using store::Purpose;

TextValues alert_values(const Setting& s, const Alert& a, const store::Person& p,
                        const std::string& language) {
  TextValues v = common_values(s.service, language);
  v["code"] = a.code;
  v["rule"] = a.agreement_code;
  v["who"] = p.display;
  // The day the line was crossed, not the first of the low days that led to it.
  const Zone zone = Zone::find(p.zone).value_or(Zone::utc());
  v["since"] = short_day(s.service, language, zone.local(a.fired_at).date);
  return v;
}

Purpose purpose_of(const rules::MessageLine& line, const rules::Message& m) {
  switch (line.kind) {
    case LineKind::note:
    case LineKind::resolve_notice:
    case LineKind::corrected_notice:
      return Purpose::notice;
    case LineKind::mass_silence:
    case LineKind::exhausted:
      return Purpose::admin;
    case LineKind::step:
      return Purpose::escalation;
    case LineKind::alert:
    case LineKind::unsettled:
      break;
  }
  return m.digest ? Purpose::digest : Purpose::alert;
}

std::string template_of(const rules::MessageLine& line) {
  switch (line.kind) {
    case LineKind::alert:
    case LineKind::step:
      return line.template_id;
    case LineKind::unsettled:
      return "unsettled";
    case LineKind::note:
      return "cleared-note";
    case LineKind::resolve_notice:
      return "resolved";
    case LineKind::corrected_notice:
      return "withdrawn";
    case LineKind::mass_silence:
      return "admin-mass-silence";
    case LineKind::exhausted:
      return "admin-nobody-answered";
  }
  return line.template_id;
}

// To a friend: what the rule's own text says, and that it is over. Never a list of lines crossed.
std::string friend_template_of(const rules::MessageLine& line) {
  switch (line.kind) {
    case LineKind::alert:
    case LineKind::step:
    case LineKind::unsettled:
      return line.template_id;
    case LineKind::resolve_notice:
    case LineKind::corrected_notice:
      return "friend-over";
    case LineKind::note:  // they never heard of it
    case LineKind::mass_silence:
    case LineKind::exhausted:
      break;
  }
  return {};
}

bool tells_friend(store::ReadTx& tx, const Alert& alert) {
  for (const store::Agreement& a : tx.agreements_of(alert.person)) {
    if (a.rule == alert.rule && a.code == alert.agreement_code) return names_friend(a.recipients);
  }
  return false;
}

// To the person: each line is a text of its own.
void queue_for_person(store::Tx& tx, const Setting& s, const rules::Message& m,
                      store::Person person) {
  Desk d(tx, s, std::move(person));
  for (const rules::MessageLine& line : m.lines) {
    const auto a = tx.alert(std::stoll(line.alert));
    TextValues values;
    if (a) values = alert_values(s, *a, d.person, d.person.language);
    values["plan"] = d.person.plan;
    const bool crisis = m.urgent || line.template_id == "crisis-numbers";
    if (crisis) continue;  // the safety step texts the crisis numbers itself, once
    const bool own_words = line.template_id.starts_with("plan");
    if (own_words && d.person.plan.empty()) continue;
    const std::string key = "own:" + line.alert + ":" + line.template_id;
    d.tell(own_words ? "plan-fired" : line.template_id, std::move(values), Purpose::person_notice,
           key);
  }
}

void queue_staff_lines(store::Tx& tx, const Setting& s, const rules::Message& m,
                       const config::Practitioner& to, bool digest) {
  const std::string language = to.languages.empty() ? "en" : to.languages.front();
  store::Message out;
  out.practitioner = m.to;
  out.purpose = digest ? Purpose::digest : purpose_of(m.lines.front(), m);
  out.language = language;
  out.due_at = m.at;
  out.created_at = s.now;
  out.late = m.late;
  for (const rules::MessageLine& line : m.lines) out.alerts.push_back(std::stoll(line.alert));
  const auto first = tx.alert(out.alerts.front());
  const auto person = first ? tx.person(first->person) : std::nullopt;
  const bool several = m.lines.size() > 1 || digest;
  if (first && person && !several) {
    out.values = alert_values(s, *first, *person, language);
    out.person = person->id;
  } else {
    out.values = common_values(s.service, language);
    out.values["count"] = std::to_string(m.lines.size());
  }
  if (first) out.alert = first->id;
  out.template_name =
      config::is_friend(to) ? friend_template_of(m.lines.front()) : template_of(m.lines.front());
  if (out.template_name.empty() && !digest) return;
  if (several && out.purpose == Purpose::admin) {
    out.person = 0;
    out.values["code"] = first ? first->code : std::string{};
  } else if (several) {
    // About several people: its list is written as it leaves, over those who may be told then.
    out.template_name = digest ? "digest" : m.digest ? "cap-digest" : "alert-list";
    if (config::is_friend(to)) out.template_name = "friend-digest";
    out.person = 0;
    if (!refresh_list(tx, s, out)) return;
  }
  queue_for_staff(tx, s, std::move(out));
}

}  // namespace

void queue_desk_message(store::Tx& tx, const Setting& s, const rules::Message& m) {
  if (m.lines.empty()) return;
  const config::Practitioner* to = s.service.practitioner(m.to);
  if (to == nullptr) {
    if (auto person = tx.person_by_key(m.to)) queue_for_person(tx, s, m, std::move(*person));
    return;
  }
  // A digest is a text of its own, apart from alerts that leave in the same minute.
  rules::Message alerts = m;
  // That a friend did not answer is nobody's alarm: the person asked no one else.
  std::erase_if(alerts.lines, [&](const rules::MessageLine& line) {
    const auto a = tx.alert(std::stoll(line.alert));
    return line.kind == LineKind::exhausted && a && tells_friend(tx, *a);
  });
  rules::Message digests = m;
  const auto of_digest = [&](const rules::MessageLine& line) {
    const auto a = tx.alert(std::stoll(line.alert));
    return a && is_digest(tx, *a);
  };
  std::erase_if(alerts.lines, of_digest);
  std::erase_if(digests.lines, [&](const rules::MessageLine& line) { return !of_digest(line); });
  if (config::is_friend(*to)) {  // each a text of its own; none while they want none
    const auto state = tx.practitioner(to->id);
    const bool off = state && state->off_until && *state->off_until > s.now;
    if (!state || !state->accepted_at || off) return;
    for (rules::MessageLine& line : std::exchange(alerts.lines, {})) {
      rules::Message one = alerts;
      one.lines = {std::move(line)};
      one.digest = false;
      queue_staff_lines(tx, s, one, *to, false);
    }
  }
  if (!alerts.lines.empty()) queue_staff_lines(tx, s, alerts, *to, false);
  if (!digests.lines.empty()) queue_staff_lines(tx, s, digests, *to, true);
}

namespace {

Result<Alert> find_open(store::Tx& tx, std::string_view code) {
  auto a = tx.alert_by_code(code);
  if (!a) return fault("no_such_alert", "no alert has the code " + std::string(code));
  if (a->done_at) return fault("already_closed", "alert " + a->code + " is closed already");
  return std::move(*a);
}

void chase(store::Tx& tx, const Setting& s, rules::DeskEvent event) {
  take_alert_events(tx, s, {std::move(event)}, false);
}

}  // namespace

Result<Alert> acknowledge(store::Tx& tx, const Setting& s, std::string_view code,
                          const std::string& by, const std::string& actor) {
  auto a = find_open(tx, code);
  if (!a) return a;
  a->acked_at = s.now;
  a->acked_by = by;
  tx.put(*a);
  audit(tx, s, actor, "alert.ack", a->code, a->person);
  chase(tx, s, rules::AckedAlert{std::to_string(a->id)});
  return a;
}

Result<Alert> finish(store::Tx& tx, const Setting& s, std::string_view code, const std::string& by,
                     const std::string& actor, std::string note) {
  auto a = find_open(tx, code);
  if (!a) return a;
  a->done_at = s.now;
  a->done_by = by;
  a->note = std::move(note);
  tx.put(*a);
  audit(tx, s, actor, "alert.done", a->code, a->person);
  auto person = tx.person(a->person);
  if (a->status == AlertStatus::open && person) {
    Desk d(tx, s, std::move(*person));
    PersonEvent e;
    e.type = "done";
    e.rule = a->rule;
    e.at = s.now;
    learn(d, {e});
  } else {
    chase(tx, s, rules::AlertClosed{std::to_string(a->id), true});
  }
  return tx.alert(a->id).value_or(*a);
}

Result<Alert> pass_on(store::Tx& tx, const Setting& s, std::string_view code, const std::string& by,
                      const std::string& actor) {
  auto a = find_open(tx, code);
  if (!a) return a;
  audit(tx, s, actor, "alert.pass", a->code, a->person, by);
  chase(tx, s, rules::PassedAlert{std::to_string(a->id)});
  return a;
}

}  // namespace moodline::checkins
