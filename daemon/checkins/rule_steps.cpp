#include "daemon/checkins/rule_steps.hpp"

#include <algorithm>
#include "daemon/checkins/log_id.hpp"

#include <spdlog/spdlog.h>

#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/consequences.hpp"

namespace moodline::checkins {
namespace {

std::string timer_key(const store::Person& p, std::string_view rule) {
  return p.key + "/" + std::string(rule);
}

// The measure whose prompts a rule counts; empty: every prompt.
std::string measure_of(const config::Service& service, const rules::Rule& rule) {
  if (rule.measure.empty()) return {};
  const config::Measure* m = service.measure_of_component(rule.measure);
  return m == nullptr ? rule.measure : m->id;
}

const rules::Rule* rule_in(const rules::State& st) {
  if (st.agreed) return st.agreed->rule.get();
  return st.file.get();
}

rules::State read_state(const store::RuleState& row, const RuleBook& book) {
  auto state =
      rules::state_from_text(row.state, [&](std::string_view key) { return book.find(key); });
  if (!state) {
    // Never guess at who is told: the transaction fails, the admin sees why, nothing is lost.
    throw store::StoreError("bad_rule_state", "the state of rule " + row.rule +
                                                  " cannot be read: " + state.error().message);
  }
  return std::move(*state);
}

void save_state(Desk& d, store::RuleState row, const rules::State& state) {
  row.state = rules::to_text(state);
  row.next_due = rules::next_deadline(state);
  d.tx.put(row);
  const std::string key = timer_key(d.person, row.rule);
  if (row.next_due) {
    d.tx.put(store::Timer{0, "rule", key, d.person.id, *row.next_due});
  } else {
    d.tx.drop_timer("rule", key);
  }
}

std::vector<rules::Event> seen_by(const Desk& d, const std::vector<PersonEvent>& entries,
                                  const rules::Rule& rule) {
  std::vector<rules::Event> events;
  const std::string measure = measure_of(d.s.service, rule);
  for (const PersonEvent& e : entries) {
    if (auto seen = as_rule_sees(e, rule, measure, d.s.now)) events.push_back(std::move(*seen));
  }
  return events;
}

}  // namespace

RuleBook::RuleBook(store::ReadTx& tx, store::RowId person) {
  for (const store::Agreement& a : tx.agreements_of(person)) {
    if (a.snapshot.empty()) continue;
    auto rule = rule_from_text(a.snapshot);
    if (!rule) throw store::StoreError(rule.error().code, rule.error().message);
    add(std::make_shared<const rules::Rule>(std::move(*rule)));
  }
}

void RuleBook::add(rules::RulePtr rule) {
  rules_[rule->key] = std::move(rule);
}

rules::RulePtr RuleBook::find(std::string_view key) const {
  const auto it = rules_.find(key);
  return it == rules_.end() ? nullptr : it->second;
}

PersonEvent prompt_entry(const store::Prompt& p) {
  PersonEvent e;
  e.type = "prompt";
  e.id = "q" + std::to_string(p.id);
  e.at = p.sent_at.value_or(p.due_at);
  e.measures = p.measures;
  switch (p.status) {
    case store::PromptStatus::due:
      e.status = "due";
      break;
    case store::PromptStatus::sending:
      e.status = "unknown";
      break;
    case store::PromptStatus::sent:
      e.status = "accepted";
      break;
    case store::PromptStatus::delivered:
      e.status = "delivered";
      break;
    case store::PromptStatus::undelivered:
      e.status = "undelivered";
      break;
    case store::PromptStatus::not_sent:
      e.status = "not_sent";
      break;
    case store::PromptStatus::paused:
      e.status = "paused";
      break;
    case store::PromptStatus::held:
      e.status = "held";
      break;
    case store::PromptStatus::unknown:
      e.status = "unknown";
      break;
  }
  return e;
}

void learn(Desk& d, const std::vector<PersonEvent>& entries) {
  for (const PersonEvent& e : entries) {
    store::LogEntry row{0, d.person.id, e.at, d.s.now, e.type, to_text(e)};
    d.tx.append(row);
  }
  const auto rows = d.tx.rule_states_of(d.person.id);
  if (rows.empty()) return;
  const RuleBook book(d.tx, d.person.id);
  AlertEvents out;
  for (const store::RuleState& row : rows) {
    rules::State state = read_state(row, book);
    const rules::Rule* rule = rule_in(state);
    if (rule == nullptr) continue;
    const auto events = seen_by(d, entries, *rule);
    if (events.empty()) continue;
    const rules::Outcome outcome = rules::step(state, events, d.s.now);
    save_state(d, row, state);
    note_emitted(d, row, outcome.emitted, out);
  }
  take_alert_events(d.tx, d.s, out, false);
}

void rule_due(store::Tx& tx, const Setting& s, const store::Timer& timer) {
  auto person = tx.person(timer.person);
  if (!person) {
    tx.drop_timer(timer.kind, timer.key);
    return;
  }
  Desk d(tx, s, std::move(*person));
  const std::string id = timer.key.substr(timer.key.find('/') + 1);
  const RuleBook book(tx, d.person.id);
  AlertEvents out;
  bool found = false;
  for (const store::RuleState& row : tx.rule_states_of(d.person.id)) {
    if (row.rule != id) continue;
    found = true;
    rules::State state = read_state(row, book);
    const rules::Outcome outcome = rules::advance(state, s.now);
    save_state(d, row, state);
    note_emitted(d, row, outcome.emitted, out);
  }
  if (!found) tx.drop_timer(timer.kind, timer.key);
  constexpr Millis late_after{60'000};
  take_alert_events(tx, s, out, s.now - timer.due_at > late_after);
}

namespace {

// Where they lived when the log begins.
Zone first_zone(Desk& d) {
  constexpr int page = 1000;
  store::RowId after = 0;
  for (auto rows = d.tx.log_of(d.person.id, after, page); !rows.empty();
       rows = d.tx.log_of(d.person.id, after, page)) {
    after = rows.back().id;
    const auto move = std::find_if(rows.begin(), rows.end(),
                                   [](const store::LogEntry& row) { return row.type == "zone"; });
    if (move == rows.end()) continue;
    const auto e = person_event_from(move->payload);
    return e ? Zone::find(e->was).value_or(d.zone()) : d.zone();
  }
  return d.zone();
}

// A state that has seen the person's past, so that a text after the yes is understood (whose
// window it fell into); what counts is still only what came after the yes, but for use_history.
rules::State informed(Desk& d, const rules::RulePtr& rule) {
  constexpr int page = 1000;
  constexpr Millis looked_back{60LL * 86'400'000};
  rules::State state = rules::begin(rule, std::nullopt, first_zone(d));
  const std::string measure = measure_of(d.s.service, *rule);
  std::vector<rules::Event> together;
  const auto flush = [&] {
    if (!together.empty()) (void)rules::step(state, together, together.front().learned);
    together.clear();
  };
  store::RowId after = 0;
  for (auto rows = d.tx.log_of(d.person.id, after, page); !rows.empty();
       rows = d.tx.log_of(d.person.id, after, page)) {
    after = rows.back().id;
    for (const store::LogEntry& row : rows) {
      const auto e = person_event_from(row.payload);
      if (!e) throw store::StoreError(e.error().code, e.error().message);
      const bool old = !rule->use_history && row.ingested < d.s.now - looked_back;
      if ((old && e->type != "zone") || e->type == "retire") continue;
      auto seen = as_rule_sees(*e, *rule, measure, row.ingested);
      if (!seen) continue;
      if (!together.empty() && together.front().learned != row.ingested) flush();
      together.push_back(std::move(*seen));
    }
  }
  flush();
  return state;
}

}  // namespace

void start_rule(Desk& d, const rules::RulePtr& rule, const std::string& hash) {
  for (const store::RuleState& row : d.tx.rule_states_of(d.person.id)) {
    if (row.rule != rule->id) continue;
    // Running already: the agreed text is new. The engine decides what that means for it.
    RuleBook book(d.tx, d.person.id);
    book.add(rule);
    rules::State state = read_state(row, book);
    if (state.retired) break;  // lapsed, and agreed anew: from the beginning
    const rules::Event edit{d.s.now, rules::Edit{rule, true}};
    const rules::Outcome outcome = rules::step(state, edit);
    store::RuleState next = row;
    next.version = rule->version;
    next.hash = hash;
    save_state(d, next, state);
    AlertEvents out;
    note_emitted(d, next, outcome.emitted, out);
    take_alert_events(d.tx, d.s, out, false);
    return;
  }
  rules::State state = informed(d, rule);
  const rules::Event yes{d.s.now, rules::Agree{}};
  (void)rules::step(state, yes);  // a yes never fires by itself
  save_state(d, {d.person.id, rule->id, rule->version, hash, {}, std::nullopt}, state);
}

void log_undo(Desk& d, const store::Reading& reading) {
  PersonEvent e;
  e.type = "undo";
  e.id = log_id(reading.inbound);
  e.at = reading.at;
  learn(d, {e});
}

std::vector<Standing> standing_of(store::ReadTx& tx, store::RowId person) {
  std::vector<Standing> all;
  const RuleBook book(tx, person);
  for (store::RuleState& row : tx.rule_states_of(person)) {
    rules::State state = read_state(row, book);
    all.push_back({std::move(row), std::move(state)});
  }
  return all;
}

}  // namespace moodline::checkins
