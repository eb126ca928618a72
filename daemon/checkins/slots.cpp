#include "daemon/checkins/slots.hpp"

#include <algorithm>

#include "daemon/checkins/consequences.hpp"

namespace moodline::checkins {
namespace {

using store::Person;
using store::PersonStatus;
using store::Prompt;
using store::PromptStatus;

constexpr std::string_view timer_kind = "slot";
constexpr std::string_view reminder_kind = "reminder";

const config::Prompt* find_prompt(const config::Programme& p, std::string_view id) {
  const auto it = std::find_if(p.prompts.begin(), p.prompts.end(),
                               [&](const config::Prompt& x) { return x.id == id; });
  return it == p.prompts.end() ? nullptr : &*it;
}

std::optional<schedule::SlotId> last_asked(store::Tx& tx, const Person& p,
                                           std::string_view schedule) {
  const auto last = tx.last_planned(p.id, schedule);
  if (!last) return std::nullopt;
  return schedule::SlotId{last->first, last->second};
}

void set_timer(store::Tx& tx, const Person& p, const std::string& key,
               const std::optional<schedule::Slot>& slot) {
  if (slot) {
    tx.put(store::Timer{0, std::string(timer_kind), key, p.id, slot->due});
  } else {
    tx.drop_timer(timer_kind, key);
  }
}

PromptStatus status_for(const Person& p, schedule::SlotVerdict v) {
  if (p.hold || p.do_not_reply) return PromptStatus::held;
  switch (v) {
    case schedule::SlotVerdict::send:
    case schedule::SlotVerdict::too_early:
    case schedule::SlotVerdict::quiet:  // the gate waits for the window, within the shelf life
      return PromptStatus::due;
    case schedule::SlotVerdict::paused:
      return PromptStatus::paused;
    case schedule::SlotVerdict::expired:
      return PromptStatus::not_sent;
  }
  return PromptStatus::not_sent;
}

}  // namespace

std::vector<std::string> asked_of(const Person& p, const config::Prompt& prompt) {
  std::vector<std::string> asked;
  for (const std::string& m : prompt.measures) {
    if (std::any_of(p.measures.begin(), p.measures.end(),
                    [&](const store::TrackedMeasure& t) { return t.measure == m; })) {
      asked.push_back(m);
    }
  }
  return asked;
}

schedule::Schedule schedule_of(const Person& p, const config::Prompt& prompt) {
  return config::schedule_of(prompt, {p.times, p.days}, p.own_times);
}

schedule::PersonTime time_of(const config::Service& service, const Person& p, const Zone& zone) {
  const config::SendingWindow& w = service.settings.sending;
  std::optional<schedule::HoursOfDay> safe;
  if (p.safe_from && p.safe_to) safe = schedule::HoursOfDay{*p.safe_from, *p.safe_to};
  return {p.key, zone, schedule::AllowedHours::of({w.opens, w.closes}, safe)};
}

void write_slot(Desk& d, const config::Prompt& prompt, const schedule::Slot& slot) {
  const schedule::PersonTime when = time_of(d.s.service, d.person, d.zone());
  Prompt row;
  row.person = d.person.id;
  row.schedule = prompt.id;
  row.local_date = slot.id.date;
  row.slot = slot.id.index;
  row.due_at = slot.due;
  row.expires_at = slot.expires;
  row.measures = asked_of(d.person, prompt);
  row.status = status_for(d.person, schedule::decide(slot, when, d.person.paused_until, d.s.now));
  if (row.status != PromptStatus::due) row.settled_at = d.s.now;
  if (!d.tx.put(row)) return;  // the slot has a row: it is never asked again
  if (row.status != PromptStatus::due) {
    prompt_changed(d.tx, d.s, row);
    return;
  }
  store::Message m;
  m.person = d.person.id;
  m.purpose = store::Purpose::prompt;
  m.to = d.person.number;
  m.language = d.person.language;
  m.template_name = prompt.template_name.empty() ? "ask" : prompt.template_name;
  m.values = common_values(d.s.service, d.person.language);
  for (const std::string& id : row.measures) m.values["measures"] += id + " ";
  m.due_at = d.s.now;
  m.created_at = d.s.now;
  m.expires_at = slot.expires;
  m.prompt = row.id;
  m.dedupe = "prompt:" + std::to_string(row.id);
  queue(d.tx, std::move(m));
}

std::string slot_key(const Person& p, const config::Prompt& prompt) {
  return p.key + "/" + prompt.id;
}

void plan_person(Desk& d) {
  const config::Programme* programme = d.programme();
  if (programme == nullptr) return;
  const schedule::PersonTime when = time_of(d.s.service, d.person, d.zone());
  for (const config::Prompt& prompt : programme->prompts) {
    const std::string key = slot_key(d.person, prompt);
    if (d.person.status != PersonStatus::active || asked_of(d.person, prompt).empty()) {
      d.tx.drop_timer(timer_kind, key);
      continue;
    }
    const schedule::Schedule plan = schedule_of(d.person, prompt);
    set_timer(d.tx, d.person, key,
              schedule::next_due(plan, when, d.s.now, last_asked(d.tx, d.person, prompt.id)));
  }
}

void slot_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  auto person = tx.person(timer.person);
  if (!person || person->status != PersonStatus::active) {
    tx.drop_timer(timer_kind, timer.key);
    return;
  }
  Desk d(tx, s, std::move(*person));
  const config::Programme* programme = d.programme();
  const std::string id = timer.key.substr(timer.key.find('/') + 1);
  const config::Prompt* prompt = programme == nullptr ? nullptr : find_prompt(*programme, id);
  if (prompt == nullptr || asked_of(d.person, *prompt).empty()) {
    tx.drop_timer(timer_kind, timer.key);
    return;
  }
  const schedule::Schedule plan = schedule_of(d.person, *prompt);
  const schedule::PersonTime when = time_of(s.service, d.person, d.zone());
  std::optional<schedule::SlotId> last = last_asked(tx, d.person, prompt->id);
  std::optional<schedule::Slot> slot = schedule::next_due(plan, when, timer.due_at, last);
  for (int i = 0; i < slots_at_once_max && slot && slot->due <= s.now; ++i) {
    write_slot(d, *prompt, *slot);
    last = slot->id;
    slot = schedule::next_due(plan, when, timer.due_at, last);
  }
  set_timer(tx, d.person, timer.key, slot);
}

void plan_reminder(Desk& d, const Prompt& prompt) {
  const config::Programme* programme = d.programme();
  const config::Prompt* spec =
      programme == nullptr ? nullptr : find_prompt(*programme, prompt.schedule);
  if (spec == nullptr || !spec->reminder_after || !prompt.sent_at) return;
  if (prompt.status == PromptStatus::undelivered || prompt.status == PromptStatus::not_sent) return;
  const Instant due = *prompt.sent_at + std::chrono::duration_cast<Millis>(*spec->reminder_after);
  if (due <= d.s.now) return;
  d.tx.put(
      store::Timer{0, std::string(reminder_kind), std::to_string(prompt.id), d.person.id, due});
}

namespace {

struct Answered {
  bool words = false;  // anything a person wrote
  bool tap = false;    // a phone's reaction to our text
};

Answered answered_since(store::Tx& tx, store::RowId person, Instant since) {
  Answered a;
  for (const store::Inbound& in : tx.inbound_of(person, since)) {
    const bool machine = in.kind == "auto" || in.kind == "reaction";
    a.tap = a.tap || in.kind == "reaction";
    a.words = a.words || !machine;
  }
  return a;
}

}  // namespace

void reminder_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  tx.drop_timer(timer.kind, timer.key);
  auto person = tx.person(timer.person);
  const auto prompt = tx.prompt(std::stoll(timer.key));
  if (!person || !prompt || !prompt->sent_at || person->status != PersonStatus::active ||
      person->hold || person->do_not_reply || prompt->status == PromptStatus::undelivered) {
    return;
  }
  Desk d(tx, s, std::move(*person));
  const config::Programme* programme = d.programme();
  const config::Prompt* spec =
      programme == nullptr ? nullptr : find_prompt(*programme, prompt->schedule);
  if (spec == nullptr) return;
  const Answered answered = answered_since(tx, d.person.id, *prompt->sent_at);
  if (answered.words) return;
  store::Message m;
  m.person = d.person.id;
  m.purpose = store::Purpose::reminder;
  m.to = d.person.number;
  m.language = d.person.language;
  m.template_name = answered.tap ? "tap-not-received" : spec->reminder_template;
  m.values = common_values(s.service, d.person.language);
  m.values["day"] = d.day_name(prompt->local_date);
  for (const std::string& id : prompt->measures) m.values["measures"] += id + " ";
  m.due_at = s.now;
  m.created_at = s.now;
  m.expires_at = *prompt->sent_at + std::chrono::duration_cast<Millis>(spec->reply_window);
  m.dedupe = "reminder:" + timer.key;
  queue(tx, std::move(m));
}

}  // namespace moodline::checkins
