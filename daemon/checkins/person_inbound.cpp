// A person's text, whole: read against what was asked, stored, through the rules, answered.
#include <algorithm>
#include <set>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/commands.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/inbound.hpp"
#include "daemon/replies/reader.hpp"

namespace moodline::checkins {
namespace {

using replies::Command;
using replies::Verdict;
using store::Inbound;
using store::PersonStatus;

constexpr Millis inbound_day{86'400'000};
constexpr int sent_texts_max = 40;
constexpr int auto_in_a_row_max = 3;
constexpr int repeats_max = 3;
constexpr Millis repeats_within{3'600'000};

std::string wording(const config::Wording& w, const std::string& language) {
  const auto it = w.find(language);
  return it == w.end() ? std::string{} : it->second;
}

std::optional<replies::Question> question_of(const config::Service& service,
                                             const config::Measure& m,
                                             const std::string& language) {
  replies::Question q;
  q.measure = m.id;
  switch (m.shape) {
    case config::Shape::scale:
    case config::Shape::number:
      q.shape = replies::Shape::scalar;
      break;
    case config::Shape::blood_pressure:
      q.shape = replies::Shape::blood_pressure;
      break;
    case config::Shape::yes_no:
      q.shape = replies::Shape::yes_no;
      break;
    case config::Shape::note:
      return std::nullopt;
  }
  const std::string& lang = service.language_or_default(language);
  q.unit = wording(m.unit, lang);
  q.names = {wording(m.name, lang)};
  q.low_is_bad = m.direction != config::Direction::higher_is_worse;
  q.alarm_low = m.alarm.at_most;
  q.alarm_high = m.alarm.at_least;
  for (const config::MeasureLabel& l : m.labels)
    q.labels.push_back({l.value, wording(l.words, lang)});
  if (q.shape == replies::Shape::blood_pressure && m.components.size() == 2) {
    q.systolic_min = m.components[0].min;
    q.systolic_max = m.components[0].max;
    q.diastolic_min = m.components[1].min;
    q.diastolic_max = m.components[1].max;
  } else if (!m.components.empty()) {
    q.min = m.components[0].min;
    q.max = m.components[0].max;
    q.step = m.components[0].step;
  }
  return q;
}

std::vector<std::string> asked_now(Desk& d, Instant at) {
  if (const auto p = open_prompt(d, at)) return p->measures;
  const auto recent = d.tx.prompts_of(d.person.id, d.s.now - 14 * inbound_day);
  for (auto it = recent.rbegin(); it != recent.rend(); ++it) {
    if (it->sent_at && *it->sent_at <= at) return it->measures;
  }
  std::vector<std::string> all;
  for (const store::TrackedMeasure& m : d.person.measures) all.push_back(m.measure);
  return all;
}

replies::Context context_of(Desk& d, const Inbound& in) {
  replies::Context c;
  c.languages = {d.person.language};
  if (d.person.language != "en") c.languages.emplace_back("en");
  for (const std::string& id : asked_now(d, in.at)) {
    const config::Measure* m = d.s.service.measure(id);
    if (m == nullptr) continue;
    if (auto q = question_of(d.s.service, *m, d.person.language)) c.questions.push_back(*q);
  }
  c.sent = d.tx.texts_sent(d.person.number, d.s.now - 30 * inbound_day, sent_texts_max);
  c.today = day_of(d.zone(), in.at);
  bool any = false;
  bool yesterday = false;
  for (const store::Reading& r : d.tx.readings_of(d.person.id, in.at - 8 * inbound_day)) {
    if (r.corrected_by != 0) continue;
    any = any || in.at - r.at < 7 * inbound_day;
    yesterday = yesterday || r.local_day == *c.today - 1;
  }
  c.something_to_correct = any;
  c.yesterday_empty = !yesterday;
  if (const auto* p = d.s.service.practitioner(d.person.practitioner)) {
    c.people.push_back(p->name.substr(0, p->name.find(' ')));
  }
  return c;
}

// The measures of the open prompt that have an answer already.
std::set<std::string> answered_of(Desk& d, Instant at) {
  std::set<std::string> out;
  const auto open = open_prompt(d, at);
  if (!open) return out;
  for (const store::Reading& r : d.tx.readings_of(d.person.id, at - 8 * inbound_day)) {
    if (r.prompt != open->id || r.corrected_by != 0 || r.low_mark) continue;
    if (const auto* m = d.s.service.measure_of_component(r.component)) out.insert(m->id);
  }
  return out;
}

// Of several questions some may have their answer: a bare number then answers what is left, a
// named one may still change what was said, and nothing is asked for twice.
Verdict read_against_open(Desk& d, const Inbound& in) {
  const replies::Context all = context_of(d, in);
  Verdict v = d.s.reader->read(in.text, all);
  if (all.questions.size() < 2) return v;
  const std::set<std::string> answered = answered_of(d, in.at);
  if (answered.empty() || answered.size() >= all.questions.size()) return v;
  const bool lost = v.kind == replies::Kind::unclear || v.kind == replies::Kind::note_only;
  if (lost && v.values.empty() && !v.auto_reply && !v.hold) {
    replies::Context open = all;
    std::erase_if(open.questions,
                  [&](const replies::Question& q) { return answered.contains(q.measure); });
    v = d.s.reader->read(in.text, open);
  }
  std::erase_if(v.ask_measures, [&](const std::string& m) { return answered.contains(m); });
  if (v.ask == replies::Ask::which_measure && v.ask_measures.empty()) v.ask = replies::Ask::none;
  return v;
}

void take_machine_text(Desk& d, const Verdict& v, Inbound& in) {
  in.kind = v.reaction ? "reaction" : "auto";
  d.person.auto_in_a_row += 1;
  if (d.person.auto_in_a_row == auto_in_a_row_max && !v.reaction) {
    d.person.hold = true;
    d.person.hold_reason = "machine_texts";
    d.person.hold_since = d.s.now;
    in.needs_human = true;
    tell_admin(d.tx, d.s, "admin-bad-number", {{"person", d.person.display}},
               "auto:" + d.person.key, d.person.id);
  }
}

void keep(Desk& d, Inbound& in) {
  if (!d.tx.put(in)) throw store::StoreError("inbound_update", "row clash");
}

// What the metrics say of replies: names alone, never a word or a number of one.
void count_reply(const Desk& d, const Verdict& v, const Inbound& in) {
  if (d.s.tally == nullptr) return;
  auto& tally = *d.s.tally;
  tally[std::string(replies::name_of(v.kind))] += 1;
  if (v.safety.flagged()) tally["safety_" + std::string(replies::name_of(v.safety.tier))] += 1;
  const std::pair<const char*, bool> flags[] = {
      {"auto", v.auto_reply},
      {"reaction", v.reaction},
      {"hold", v.hold},
      {"deceased", v.deceased},
      {"alarm", v.alarm},
      {"low_mark", v.low_mark},
      {"do_not_reply", v.do_not_reply},
      {"for_a_human", in.needs_human},
  };
  for (const auto& [name, up] : flags) {
    if (up) tally[name] += 1;
  }
}

// The same words again and again within the hour: a machine that answers our answers, or a thumb
// on the button. Commands and words of risk are never held back.
bool repeats_itself(Desk& d, const Verdict& v, const Inbound& in) {
  if (v.safety.flagged() || v.command != Command::none || v.hold || v.do_not_reply || v.deceased) {
    return false;
  }
  int same = 0;
  for (const Inbound& old : d.tx.inbound_of(d.person.id, in.received_at - repeats_within)) {
    same += old.id != in.id && old.text == in.text ? 1 : 0;
  }
  return same >= repeats_max;
}

// Everything the text asks for; two requests in one text are both carried out.
void carry_out_all(Desk& d, const Verdict& v, const Inbound& in) {
  const bool flagged = v.safety.flagged();
  const std::size_t words_at = v.spans.empty() ? 0 : v.spans.front().end;
  if (v.command != Command::none) carry_out(d, {v.command, v.arg, in.id, flagged, words_at});
  if (v.also_command != Command::none) carry_out(d, {v.also_command, v.also_arg, in.id, flagged});
}

bool wants_reading(const Verdict& v) {
  return v.kind != replies::Kind::command || v.value || !v.values.empty();
}

}  // namespace

std::optional<store::Prompt> open_prompt(Desk& d, Instant t) {
  const auto prompts = d.tx.prompts_of(d.person.id, t - 8 * inbound_day);
  const config::Programme* programme = d.programme();
  std::optional<store::Prompt> found;
  for (const store::Prompt& p : prompts) {
    if (!p.sent_at || *p.sent_at > t || p.status == store::PromptStatus::undelivered) continue;
    std::chrono::seconds window{18 * 3600};
    if (programme != nullptr) {
      for (const config::Prompt& c : programme->prompts) {
        if (c.id == p.schedule) window = c.reply_window;
      }
    }
    if (t >= *p.sent_at + std::chrono::duration_cast<Millis>(window)) continue;
    if (!found || *p.sent_at >= *found->sent_at) found = p;
  }
  return found;
}

void take_from_person(Desk& d, Inbound& in) {
  const Verdict v = read_against_open(d, in);
  in.verdict = verdict_json(v);
  in.kind = replies::name_of(v.kind);
  in.safety_tier = replies::name_of(v.safety.tier);
  in.needs_human = in.needs_human || v.safety.flagged() || v.hold || v.do_not_reply ||
                   v.urgent_read || v.deceased || v.alarm || v.safety.reading_queue ||
                   v.kind == replies::Kind::note_only;
  if (v.auto_reply || repeats_itself(d, v, in)) {
    take_machine_text(d, v, in);
    count_reply(d, v, in);
    keep(d, in);
    return;
  }
  d.person.auto_in_a_row = 0;
  act_on_safety(d, v, in);
  const bool active = d.person.status == PersonStatus::active;
  if (active) learn_from(d, v, in);
  carry_out_all(d, v, in);
  if (active && wants_reading(v)) act_on_reading(d, v, in);
  if (v.kind == replies::Kind::unclear && !in.needs_human) {
    // Asked about once; a second one in the same window waits for a human.
    const auto open = open_prompt(d, in.at);
    in.needs_human = !open || open->clarifications > 1;
  }
  count_reply(d, v, in);
  keep(d, in);
}

}  // namespace moodline::checkins
