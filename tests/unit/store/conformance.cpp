// The suite: records come back as they went in, unique rules hold, savepoints undo, order is kept.
#include "tests/unit/store/conformance.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "daemon/store/codec.hpp"

namespace moodline::store::testing {
namespace {

constexpr Instant t0{1'772'400'000'000};

Instant at(int minutes) {
  return t0 + Millis{minutes * 60'000LL};
}

RowId add_person(Store& s, int n) {
  RowId id = 0;
  s.write([&](Tx& tx) {
    Person p = some_person(n);
    id = tx.put(p);
  });
  return id;
}

template <class T>
T read_one(Store& s, const std::function<T(ReadTx&)>& f) {
  T out{};
  s.read([&](ReadTx& tx) { out = f(tx); });
  return out;
}

void same(const Person& a, const Person& b) {
  CHECK(a.id == b.id);
  CHECK(a.key == b.key);
  CHECK(a.status == b.status);
  CHECK(a.number == b.number);
  CHECK(a.display == b.display);
  CHECK(a.programme == b.programme);
  CHECK(a.practitioner == b.practitioner);
  CHECK(a.zone == b.zone);
  CHECK(a.language == b.language);
  CHECK(a.enrolled_by == b.enrolled_by);
  CHECK(a.enrolled_at == b.enrolled_at);
  CHECK(a.agree_code == b.agree_code);
  CHECK(a.agreed_at == b.agreed_at);
  CHECK(a.sharing == b.sharing);
  CHECK(a.discreet == b.discreet);
  CHECK(a.paused_until == b.paused_until);
  CHECK(a.hold == b.hold);
  CHECK(a.hold_reason == b.hold_reason);
  CHECK(a.hold_since == b.hold_since);
  CHECK(a.do_not_reply == b.do_not_reply);
  CHECK(a.auto_in_a_row == b.auto_in_a_row);
  CHECK(a.needs == b.needs);
  CHECK(a.plan == b.plan);
  CHECK(encode(a.measures) == encode(b.measures));
  CHECK(a.times == b.times);
  CHECK(a.days == b.days);
  CHECK(a.safe_from == b.safe_from);
  CHECK(a.safe_to == b.safe_to);
  CHECK(a.extra == b.extra);
  CHECK(a.rule_params == b.rule_params);
  CHECK(a.created_at == b.created_at);
  CHECK(a.updated_at == b.updated_at);
}

void persons(Store& s) {
  Person p = some_person(1);
  s.write([&](Tx& tx) { CHECK(tx.put(p) == p.id); });
  REQUIRE(p.id > 0);
  s.read([&](ReadTx& tx) {
    const auto by_id = tx.person(p.id);
    REQUIRE(by_id);
    same(*by_id, p);
    REQUIRE(tx.person_by_key(p.key));
    REQUIRE(tx.person_by_number(number_of(1)));
    CHECK(tx.person_by_number(number_of(1))->id == p.id);
    CHECK_FALSE(tx.person_by_number(number_of(2)));
    CHECK_FALSE(tx.person(p.id + 1));
    CHECK_FALSE(tx.person_by_key("p-nobody"));
  });
  p.number = number_of(2);
  p.agreed_at.reset();
  p.safe_from.reset();
  p.measures.clear();
  p.extra.clear();
  p.times.clear();
  p.status = PersonStatus::stopped;
  s.write([&](Tx& tx) { tx.put(p); });
  s.read([&](ReadTx& tx) {
    same(*tx.person(p.id), p);
    CHECK_FALSE(tx.person_by_number(number_of(1)));
  });
  // A recycled number: the newest person who has it.
  Person other = some_person(3);
  other.number = number_of(2);
  s.write([&](Tx& tx) { tx.put(other); });
  s.read([&](ReadTx& tx) {
    CHECK(tx.person_by_number(number_of(2))->id == other.id);
    CHECK(tx.person_ids(0, 10) == std::vector<RowId>{p.id, other.id});
    CHECK(tx.person_ids(p.id, 10) == std::vector<RowId>{other.id});
    CHECK(tx.person_ids(0, 1) == std::vector<RowId>{p.id});
  });
}

void prompts(Store& s) {
  const RowId person = add_person(s, 1);
  Prompt p{.person = person,
           .schedule = "evening",
           .local_date = date_of(2026, 3, 2),
           .slot = 1,
           .due_at = at(10),
           .expires_at = at(100),
           .status = PromptStatus::sent,
           .sent_at = at(11),
           .settled_at = at(12),
           .measures = {"mood", "sleep"},
           .clarifications = 1,
           .message = 7};
  s.write([&](Tx& tx) { REQUIRE(tx.put(p)); });
  s.write([&](Tx& tx) {
    Prompt again = p;
    again.id = 0;
    again.due_at = at(99);
    const auto taken = tx.put(again);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == "slot_taken");
    again.slot = 2;
    CHECK(tx.put(again));  // the transaction goes on after a refusal
    again.id = 0;
    again.local_date = date_of(2026, 3, 3);
    again.due_at = at(5);
    CHECK(tx.put(again));
  });
  s.read([&](ReadTx& tx) {
    const auto back = tx.prompt(p.id);
    REQUIRE(back);
    CHECK(back->schedule == "evening");
    CHECK(back->local_date == p.local_date);
    CHECK(back->slot == 1);
    CHECK(back->due_at == p.due_at);
    CHECK(back->expires_at == p.expires_at);
    CHECK(back->status == PromptStatus::sent);
    CHECK(back->sent_at == p.sent_at);
    CHECK(back->settled_at == p.settled_at);
    CHECK(back->measures == p.measures);
    CHECK(back->clarifications == 1);
    CHECK(back->message == 7);
    CHECK(tx.prompt_of_slot(person, "evening", p.local_date, 1)->id == p.id);
    CHECK_FALSE(tx.prompt_of_slot(person, "morning", p.local_date, 1));
    CHECK(tx.last_planned(person, "evening") == std::pair{date_of(2026, 3, 3), 2});
    CHECK_FALSE(tx.last_planned(person, "morning"));
    const auto all = tx.prompts_of(person, at(0));
    REQUIRE(all.size() == 3);
    CHECK(all[0].due_at == at(5));
    CHECK(all[2].due_at == at(99));
    CHECK(tx.prompts_of(person, at(11)).size() == 1);
  });
}

Message some_message(RowId person) {
  Message m;
  m.person = person;
  m.practitioner = "sam";
  m.purpose = Purpose::alert;
  m.priority = 3;
  m.status = MessageStatus::queued;
  m.to = number_of(50);
  m.language = "cy";
  m.template_name = "alert";
  m.template_version = 4;
  m.values = {{"code", "K7"}, {"words", "not, great: 5"}};
  m.text = "K7 low mood";
  m.due_at = at(1);
  m.expires_at = at(60);
  m.dedupe = "alert:9";
  m.prompt = 3;
  m.alert = 9;
  m.alerts = {9, 10};
  m.attempts = 2;
  m.route = "main";
  m.provider = "kannel";
  m.reference = "ref-1";
  m.provider_ids = {"a", "b"};
  m.segments = 2;
  m.outcome_code = "busy";
  m.created_at = at(0);
  m.claimed_at = at(2);
  m.accepted_at = at(3);
  m.settled_at = at(4);
  m.late = true;
  return m;
}

void message_comes_back(Store& s) {
  const RowId person = add_person(s, 1);
  Message m = some_message(person);
  s.write([&](Tx& tx) { REQUIRE(tx.put(m)); });
  s.read([&](ReadTx& tx) {
    const auto b = tx.message(m.id);
    REQUIRE(b);
    CHECK(b->person == person);
    CHECK(b->practitioner == "sam");
    CHECK(b->purpose == Purpose::alert);
    CHECK(b->priority == 3);
    CHECK(b->status == MessageStatus::queued);
    CHECK(b->to == m.to);
    CHECK(b->language == "cy");
    CHECK(b->template_name == "alert");
    CHECK(b->template_version == 4);
    CHECK(b->values == m.values);
    CHECK(b->text == m.text);
    CHECK(b->due_at == m.due_at);
    CHECK(b->expires_at == m.expires_at);
    CHECK(b->dedupe == m.dedupe);
    CHECK(b->prompt == 3);
    CHECK(b->alert == 9);
    CHECK(b->alerts == m.alerts);
    CHECK(b->attempts == 2);
    CHECK(b->route == "main");
    CHECK(b->provider == "kannel");
    CHECK(b->reference == "ref-1");
    CHECK(b->provider_ids == m.provider_ids);
    CHECK(b->segments == 2);
    CHECK(b->outcome_code == "busy");
    CHECK(b->created_at == m.created_at);
    CHECK(b->claimed_at == m.claimed_at);
    CHECK(b->accepted_at == m.accepted_at);
    CHECK(b->settled_at == m.settled_at);
    CHECK(b->late);
  });
}

void messages_are_found(Store& s) {
  const RowId person = add_person(s, 1);
  Message m = some_message(person);
  s.write([&](Tx& tx) { REQUIRE(tx.put(m)); });
  m.reference = "ref-2";  // a second attempt: receipts of the first still find it
  m.provider_ids = {"c"};
  s.write([&](Tx& tx) { REQUIRE(tx.put(m)); });
  s.read([&](ReadTx& tx) {
    for (const char* ref : {"ref-1", "ref-2"}) {
      CAPTURE(ref);
      REQUIRE(tx.message_by_reference(ref));
      CHECK(tx.message_by_reference(ref)->id == m.id);
    }
    for (const char* id : {"a", "b", "c"}) {
      CAPTURE(id);
      REQUIRE(tx.message_by_provider_id("kannel", id));
    }
    CHECK_FALSE(tx.message_by_provider_id("twilio", "a"));
    CHECK_FALSE(tx.message_by_reference("ref-3"));
    CHECK(tx.messages_of_alert(9).size() == 1);
    CHECK(tx.messages_of_alert(10).size() == 1);
    CHECK(tx.messages_of_alert(11).empty());
    CHECK(tx.messages_of(person, at(0)).size() == 1);
    CHECK(tx.messages_of(person, at(1)).empty());
    CHECK(tx.texts_sent(m.to, at(0), 5) == std::vector<std::string>{m.text});
    CHECK(tx.texts_sent(m.to, at(1), 5).empty());
    CHECK(tx.texts_sent(number_of(1), at(0), 5).empty());
  });
  s.write([&](Tx& tx) {
    Message again = some_message(person);
    const auto refused = tx.put(again);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "duplicate");
    again.dedupe.clear();  // empty is never a repeat
    again.reference.clear();
    again.provider_ids.clear();
    CHECK(tx.put(again));
    again.id = 0;
    CHECK(tx.put(again));
  });
}

void queue_order(Store& s) {
  // (priority, due minute): expected place among those due at minute 10, or none
  const struct {
    int priority;
    int due;
    MessageStatus status;
    int place;
  } table[] = {{5, 1, MessageStatus::queued, 2},   {0, 9, MessageStatus::queued, 0},
               {5, 0, MessageStatus::queued, 1},   {0, 11, MessageStatus::queued, -1},
               {9, 10, MessageStatus::queued, 4},  {5, 1, MessageStatus::queued, 3},
               {0, 1, MessageStatus::sending, -1}, {0, 1, MessageStatus::cancelled, -1}};
  std::vector<RowId> expected(5);
  s.write([&](Tx& tx) {
    CHECK_FALSE(tx.next_message_due());
    for (const auto& row : table) {
      Message m;
      m.to = number_of(1);
      m.priority = row.priority;
      m.due_at = at(row.due);
      m.status = row.status;
      REQUIRE(tx.put(m));
      if (row.place >= 0) expected[static_cast<std::size_t>(row.place)] = m.id;
    }
  });
  s.read([&](ReadTx& tx) {
    std::vector<RowId> got;
    for (const auto& m : tx.messages_due(at(10), 100)) got.push_back(m.id);
    CHECK(got == expected);
    got.clear();
    for (const auto& m : tx.messages_due(at(10), 2)) got.push_back(m.id);
    CHECK(got == std::vector<RowId>{expected[0], expected[1]});
    CHECK(tx.messages_due(at(-1), 10).empty());
    CHECK(tx.next_message_due() == at(0));
    CHECK(tx.messages_in(MessageStatus::sending, 10).size() == 1);
    CHECK(tx.messages_in(MessageStatus::queued, 3).size() == 3);
    CHECK(tx.messages_in(MessageStatus::unknown, 3).empty());
  });
}

void inbounds(Store& s) {
  const RowId person = add_person(s, 1);
  Inbound in;
  in.person = person;
  in.practitioner = "sam";
  in.provider = "kannel";
  in.event_id = "e1";
  in.from = number_of(1);
  in.to = "60777";
  in.text = std::string("3 \xff\x00 bad", 9);
  in.at = at(1);
  in.received_at = at(2);
  in.verdict = R"({"kind":"reading"})";
  in.kind = "reading";
  in.safety_tier = "indirect";
  in.needs_human = true;
  s.write([&](Tx& tx) {
    REQUIRE(tx.put(in));
    Inbound again = in;
    again.id = 0;
    CHECK(tx.put(again).error().code == "duplicate");
    again.provider = "plivo";
    again.person = 0;
    again.needs_human = false;
    CHECK(tx.put(again));
  });
  s.read([&](ReadTx& tx) {
    const auto b = tx.inbound(in.id);
    REQUIRE(b);
    CHECK(b->person == person);
    CHECK(b->practitioner == "sam");
    CHECK(b->from == in.from);
    CHECK(b->to == in.to);
    CHECK(b->text == in.text);
    CHECK(b->at == in.at);
    CHECK(b->received_at == in.received_at);
    CHECK(b->verdict == in.verdict);
    CHECK(b->kind == in.kind);
    CHECK(b->safety_tier == in.safety_tier);
    CHECK(b->needs_human);
    CHECK_FALSE(b->seen_at);
    CHECK(tx.inbound_known("kannel", "e1"));
    CHECK_FALSE(tx.inbound_known("kannel", "e2"));
    CHECK(tx.inbound_of(person, at(2)).size() == 1);
    CHECK(tx.inbound_of(person, at(3)).empty());
    REQUIRE(tx.inbound_unseen(10).size() == 1);
  });
  in.seen_at = at(9);
  in.seen_by = "sam";
  s.write([&](Tx& tx) { CHECK(tx.put(in)); });
  s.read([&](ReadTx& tx) {
    CHECK(tx.inbound_unseen(10).empty());
    CHECK(tx.inbound(in.id)->seen_by == "sam");
  });
}

void series(Store& s) {
  const RowId person = add_person(s, 1);
  Reading r;
  r.person = person;
  r.component = "bp.systolic";
  r.value = *decimal_from("-84.25");
  r.at = at(5);
  r.local_day = date_of(2026, 3, 2);
  r.inbound = 4;
  r.prompt = 5;
  r.doubtful = true;
  r.by_other = true;
  s.write([&](Tx& tx) {
    tx.put(r);
    Reading earlier = r;
    earlier.id = 0;
    earlier.at = at(1);
    earlier.value = Decimal::of(0);
    earlier.low_mark = true;
    tx.put(earlier);
  });
  s.read([&](ReadTx& tx) {
    const auto all = tx.readings_of(person, at(0));
    REQUIRE(all.size() == 2);
    CHECK(all[0].value == Decimal::of(0));
    CHECK(all[0].low_mark);
    CHECK(all[1].id == r.id);
    CHECK(all[1].component == r.component);
    CHECK(all[1].value == r.value);
    CHECK(all[1].local_day == r.local_day);
    CHECK(all[1].inbound == 4);
    CHECK(all[1].prompt == 5);
    CHECK(all[1].doubtful);
    CHECK(all[1].by_other);
    CHECK(all[1].corrected_by == 0);
    CHECK(tx.readings_of(person, at(2)).size() == 1);
    CHECK(tx.readings_of(person + 1, at(0)).empty());
  });
}

void log_and_rules(Store& s) {
  const RowId person = add_person(s, 1);
  std::vector<RowId> ids;
  s.write([&](Tx& tx) {
    for (int i = 0; i < 3; ++i) {
      LogEntry e{0, person, at(i), at(i + 1), "reading", "v" + std::to_string(i)};
      ids.push_back(tx.append(e));
    }
    tx.put(RuleState{person, "low-mood", 2, "h", "state one", at(7)});
    tx.put(RuleState{person, "silence", 1, "g", "s", std::nullopt});
  });
  s.write([&](Tx& tx) { tx.put(RuleState{person, "low-mood", 3, "i", "state two", at(8)}); });
  s.read([&](ReadTx& tx) {
    const auto log = tx.log_of(person, 0, 10);
    REQUIRE(log.size() == 3);
    CHECK(log[0].id < log[1].id);
    CHECK(log[1].payload == "v1");
    CHECK(log[2].at == at(2));
    CHECK(log[2].ingested == at(3));
    CHECK(tx.log_of(person, ids[0], 1).front().id == ids[1]);
    const auto rules = tx.rule_states_of(person);
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].rule == "low-mood");
    CHECK(rules[0].version == 3);
    CHECK(rules[0].hash == "i");
    CHECK(rules[0].state == "state two");
    CHECK(rules[0].next_due == at(8));
    CHECK_FALSE(rules[1].next_due);
  });
  s.write([&](Tx& tx) { tx.drop_rule_state(person, "silence"); });
  s.read([&](ReadTx& tx) { CHECK(tx.rule_states_of(person).size() == 1); });
}

void agreements(Store& s) {
  const RowId person = add_person(s, 1);
  Agreement a;
  a.person = person;
  a.rule = "low-mood";
  a.version = 2;
  a.hash = "abc";
  a.code = "L3";
  a.sentence = "Below 3 for 4 days tells Sam.";
  a.snapshot = "{}";
  a.recipients = {"practitioner", "deputy"};
  a.offered_at = at(1);
  s.write([&](Tx& tx) { tx.put(a); });
  a.status = AgreementStatus::agreed;
  a.answered_at = at(2);
  a.inbound = 5;
  a.review_at = at(99);
  a.reminders = 1;
  s.write([&](Tx& tx) { tx.put(a); });
  s.read([&](ReadTx& tx) {
    const auto all = tx.agreements_of(person);
    REQUIRE(all.size() == 1);
    CHECK(all[0].status == AgreementStatus::agreed);
    CHECK(all[0].sentence == a.sentence);
    CHECK(all[0].snapshot == a.snapshot);
    CHECK(all[0].recipients == a.recipients);
    CHECK(all[0].answered_at == a.answered_at);
    CHECK(all[0].inbound == 5);
    CHECK(all[0].review_at == a.review_at);
    CHECK(all[0].reminders == 1);
    CHECK(all[0].code == "L3");
  });
}

void alerts(Store& s) {
  const RowId person = add_person(s, 1);
  Alert a;
  a.code = "K7";
  a.person = person;
  a.rule = "low-mood";
  a.version = 2;
  a.agreement_code = "L3";
  a.urgent = true;
  a.fired_at = at(1);
  a.onset = date_of(2026, 3, 1);
  a.note = "rang them";
  a.chase = "step 2";
  Alert older = a;
  older.status = AlertStatus::closed;
  older.fired_at = at(0);
  s.write([&](Tx& tx) {
    tx.put(older);
    tx.put(a);
  });
  s.read([&](ReadTx& tx) {
    const auto b = tx.alert(a.id);
    REQUIRE(b);
    CHECK(b->urgent);
    CHECK_FALSE(b->stale);
    CHECK(b->onset == a.onset);
    CHECK(b->note == a.note);
    CHECK(b->chase == a.chase);
    CHECK(b->agreement_code == "L3");
    CHECK(tx.alert_by_code("K7")->id == a.id);
    CHECK_FALSE(tx.alert_by_code("K8"));
    CHECK(tx.alerts_of(person).size() == 2);
    REQUIRE(tx.alerts_open(10).size() == 1);
    CHECK(tx.alerts_open(10)[0].id == a.id);
    const auto recent = tx.alerts_recent(at(0), 10);
    REQUIRE(recent.size() == 2);
    CHECK(recent[0].id == a.id);
    CHECK(tx.alerts_recent(at(1), 10).size() == 1);
  });
  a.status = AlertStatus::cleared;
  a.ended_at = at(5);
  a.acked_at = at(4);
  a.acked_by = "sam";
  a.done_at = at(6);
  a.done_by = "kim";
  s.write([&](Tx& tx) {
    tx.put(a);
    EmittedEvent e{0,       person, "low-mood",     a.id, "clear", at(5), date_of(2026, 3, 2),
                   "2026a", "h",    R"({"days":4})"};
    tx.append(e);
  });
  s.read([&](ReadTx& tx) {
    CHECK(tx.alerts_open(10).empty());
    CHECK(tx.alert(a.id)->acked_by == "sam");
    CHECK(tx.alert(a.id)->done_at == a.done_at);
    const auto events = tx.events_of(person, at(5));
    REQUIRE(events.size() == 1);
    CHECK(events[0].detail == R"({"days":4})");
    CHECK(events[0].tzdb == "2026a");
    CHECK(events[0].alert == a.id);
    CHECK(tx.events_of(person, at(6)).empty());
  });
}

void timers(Store& s) {
  const RowId person = add_person(s, 1);
  s.write([&](Tx& tx) {
    CHECK_FALSE(tx.next_timer_due());
    tx.put(Timer{0, "rule", "a", person, at(5)});
    tx.put(Timer{0, "rule", "b", 0, at(3)});
    tx.put(Timer{0, "digest", "a", 0, at(9)});
  });
  s.write([&](Tx& tx) { tx.put(Timer{0, "rule", "a", person, at(1)}); });
  s.read([&](ReadTx& tx) {
    const auto due = tx.timers_due(at(5), 10);
    REQUIRE(due.size() == 2);
    CHECK(due[0].key == "a");
    CHECK(due[0].person == person);
    CHECK(due[1].key == "b");
    CHECK(tx.timers_due(at(5), 1).size() == 1);
    CHECK(tx.next_timer_due() == at(1));
    CHECK(tx.timer("digest", "a")->due_at == at(9));
    CHECK_FALSE(tx.timer("digest", "b"));
  });
  s.write([&](Tx& tx) {
    tx.drop_timer("rule", "a");
    tx.drop_timer("rule", "never was");
  });
  s.read([&](ReadTx& tx) { CHECK(tx.next_timer_due() == at(3)); });
}

void small_things(Store& s) {
  s.write([&](Tx& tx) {
    tx.put_opt_out(number_of(1), {"text", at(1)});
    tx.put_opt_out(number_of(1), {"provider", at(2)});
    tx.put_opt_out(number_of(2), {"text", at(1)});
    tx.drop_opt_out(number_of(2));
    tx.put(PractitionerState{"sam", at(1), std::nullopt, Instant::max(), "q"});
    tx.put(PractitionerState{"sam", at(1), at(2), Instant::max(), "r"});
    tx.put(RouteState{"b", true, "auth", 3, at(4)});
    tx.put(RouteState{"a", false, "", 0, std::nullopt});
    tx.put_setting("x", "1");
    tx.put_setting("x", "2");
    CHECK(tx.remember_nonce("twilio", "n", at(5)));
    CHECK_FALSE(tx.remember_nonce("twilio", "n", at(5)));
    CHECK(tx.remember_nonce("plivo", "n", at(5)));
  });
  s.read([&](ReadTx& tx) {
    REQUIRE(tx.opt_out(number_of(1)));
    CHECK(tx.opt_out(number_of(1))->source == "provider");
    CHECK(tx.opt_out(number_of(1))->at == at(2));
    CHECK_FALSE(tx.opt_out(number_of(2)));
    REQUIRE(tx.practitioner("sam"));
    CHECK(tx.practitioner("sam")->accepted_at == at(2));
    CHECK(tx.practitioner("sam")->off_until == Instant::max());
    CHECK(tx.practitioner("sam")->queue == "r");
    CHECK_FALSE(tx.practitioner("kim"));
    const auto routes = tx.route_states();
    REQUIRE(routes.size() == 2);
    CHECK(routes[0].route == "a");
    CHECK(routes[1].halted);
    CHECK(routes[1].failures == 3);
    CHECK(routes[1].retry_at == at(4));
    CHECK(tx.setting("x") == "2");
    CHECK_FALSE(tx.setting("y"));
  });
}

void accesses(Store& s) {
  const RowId person = add_person(s, 1);
  Access a;
  a.hash = "h1";
  a.kind = "alert";
  a.name = "sam";
  a.scopes = "read";
  a.person = person;
  a.alert = 7;
  a.created_at = at(1);
  a.expires_at = at(5);
  s.write([&](Tx& tx) {
    tx.put(a);
    a.used_at = at(2);
    tx.put(a);
    tx.put(Access{"h2", "api", "tool", "all", 0, 0, at(1), {}, {}, {}});
    tx.put(Access{"h3", "api", "tool", "all", 0, 0, at(2), at(3), {}, at(2)});
  });
  s.read([&](ReadTx& tx) {
    const auto row = tx.access("h1");
    REQUIRE(row);
    CHECK(row->kind == "alert");
    CHECK(row->name == "sam");
    CHECK(row->scopes == "read");
    CHECK(row->person == person);
    CHECK(row->alert == 7);
    CHECK(row->created_at == at(1));
    CHECK(row->expires_at == at(5));
    CHECK(row->used_at == at(2));
    CHECK_FALSE(row->ended_at);
    CHECK_FALSE(tx.access("h4"));
    const auto api = tx.accesses("api", 10);
    REQUIRE(api.size() == 2);
    CHECK(api[0].hash == "h3");
    CHECK(api[0].ended_at == at(2));
    CHECK(tx.accesses("api", 1).size() == 1);
    const std::string mac = tx.token_mac("words");
    CHECK(mac.size() == 32);
    CHECK(tx.token_mac_ok("words", mac));
    CHECK(tx.token_mac_ok("words", mac.substr(0, 12)));
    CHECK_FALSE(tx.token_mac_ok("words", mac.substr(0, 4)));
    CHECK_FALSE(tx.token_mac_ok("word", mac));
    CHECK_FALSE(tx.token_mac_ok("words", std::string(32, 'x')));
    CHECK_FALSE(tx.token_mac_ok("words", ""));
  });
  s.write([&](Tx& tx) {
    CHECK(tx.prune(at(0), at(4), 100) == 1);
    CHECK_FALSE(tx.access("h3"));
    tx.erase_person(person, at(9));
    CHECK_FALSE(tx.access("h1"));
    CHECK(tx.access("h2"));
  });
}

void audit_trail(Store& s) {
  const RowId person = add_person(s, 1);
  s.write([&](Tx& tx) {
    CHECK_FALSE(tx.audit_broken_at());
    tx.append(AuditRow{0, at(1), "admin:uid=1000", "person.add", "p-1", person, "secret one"});
    tx.append(AuditRow{0, at(2), "system", "start", "", 0, "service detail"});
    tx.append(AuditRow{0, at(3), "person", "stop", "p-1", person, ""});
  });
  s.read([&](ReadTx& tx) {
    const auto all = tx.audit(0, 10);
    REQUIRE(all.size() == 3);
    CHECK(all[0].seq + 1 == all[1].seq);
    CHECK(all[0].detail == "secret one");
    CHECK(all[0].actor == "admin:uid=1000");
    CHECK(all[1].detail == "service detail");
    CHECK(all[2].detail.empty());
    CHECK(tx.audit(all[0].seq, 1).front().seq == all[1].seq);
    CHECK(tx.audit_of(person, 0, 10).size() == 2);
    CHECK(tx.last_audit(person, "person", "stop") == at(3));
    CHECK(tx.last_audit(person, "admin:uid=1000", "person.add") == at(1));
    CHECK_FALSE(tx.last_audit(person, "admin:uid=1000", "stop"));
    CHECK_FALSE(tx.last_audit(0, "system", "start"));  // of nobody in particular
    CHECK_FALSE(tx.audit_broken_at());
  });
}

void erasure(Store& s) {
  const RowId one = add_person(s, 1), two = add_person(s, 2);
  s.write([&](Tx& tx) {
    for (const RowId person : {one, two}) {
      Message m = some_message(person);
      m.dedupe = std::to_string(person);
      m.reference = m.dedupe;
      m.provider_ids = {m.dedupe};
      REQUIRE(tx.put(m));
      Prompt p;
      p.person = person;
      REQUIRE(tx.put(p));
      Inbound in;
      in.person = person;
      in.event_id = std::to_string(person);
      REQUIRE(tx.put(in));
      Reading r;
      r.person = person;
      tx.put(r);
      LogEntry e{0, person, {}, {}, "t", "p"};
      tx.append(e);
      tx.put(RuleState{person, "r", 1, "h", "s", {}});
      Agreement a;
      a.person = person;
      tx.put(a);
      Alert alert;
      alert.person = person;
      tx.put(alert);
      EmittedEvent event;
      event.person = person;
      event.alert = alert.id;
      tx.append(event);
      tx.put(Timer{0, "k", std::to_string(person), person, at(1)});
      tx.append(AuditRow{0, at(1), "person", "agree", "p", person, "detail"});
    }
  });
  s.write([&](Tx& tx) { tx.erase_person(one, at(9)); });
  s.read([&](ReadTx& tx) {
    CHECK_FALSE(tx.person(one));
    CHECK_FALSE(tx.person_by_number(number_of(1)));
    CHECK(tx.messages_of(one, {}).empty());
    CHECK_FALSE(tx.message_by_reference(std::to_string(one)));
    CHECK(tx.prompts_of(one, {}).empty());
    CHECK(tx.inbound_of(one, {}).empty());
    CHECK(tx.readings_of(one, {}).empty());
    CHECK(tx.log_of(one, 0, 9).empty());
    CHECK(tx.rule_states_of(one).empty());
    CHECK(tx.agreements_of(one).empty());
    CHECK(tx.alerts_of(one).empty());
    CHECK(tx.events_of(one, {}).empty());
    CHECK_FALSE(tx.timer("k", std::to_string(one)));
    // The tombstone keeps the opt-out; the trail stands, its sealed words gone.
    REQUIRE(tx.opt_out(number_of(1)));
    CHECK(tx.opt_out(number_of(1))->source == "erased");
    CHECK(tx.opt_out(number_of(1))->at == at(9));
    REQUIRE(tx.audit_of(one, 0, 10).size() == 1);
    CHECK(tx.audit_of(one, 0, 10)[0].detail.empty());
    CHECK_FALSE(tx.audit_broken_at());
    // Nobody else is touched.
    CHECK(tx.person(two));
    CHECK(tx.messages_of(two, {}).size() == 1);
    CHECK(tx.alerts_of(two).size() == 1);
    CHECK(tx.audit_of(two, 0, 10)[0].detail == "detail");
    CHECK_FALSE(tx.opt_out(number_of(2)));
  });
  CHECK(add_person(s, 3) > two);                           // ids are never used again
  s.write([&](Tx& tx) { tx.erase_person(one, at(10)); });  // harmless to repeat
}

void ages_of_strangers(Store& s) {
  const RowId person = add_person(s, 1);
  const auto add = [&](RowId whose, int minute, bool needs_human) {
    Inbound in;
    in.person = whose;
    in.provider = "p";
    in.event_id = std::to_string(whose) + "/" + std::to_string(minute) + (needs_human ? "h" : "");
    in.from = "+447700900777";
    in.text = "words";
    in.received_at = at(minute);
    in.needs_human = needs_human;
    s.write([&](Tx& tx) { REQUIRE(tx.put(in)); });
    return in.id;
  };
  const RowId old = add(0, 0, false), unread = add(0, 1, true), fresh = add(0, 9, false),
              known = add(person, 0, false);
  const auto words = [&](RowId id) {
    std::string out;
    s.read([&](ReadTx& tx) {
      const auto in = tx.inbound(id);
      REQUIRE(in);
      out = in->from + in->text;
    });
    return out;
  };
  s.write([&](Tx& tx) {
    CHECK(tx.prune(at(5), at(0), 100) == 1);
    CHECK(tx.prune(at(5), at(0), 100) == 0);
    CHECK(tx.inbound_known("p", "0/0"));  // a repeat is still known
  });
  CHECK(words(old).empty());
  for (const RowId id : {unread, fresh, known}) CHECK(words(id) == "+447700900777words");
  s.write([&](Tx& tx) {
    auto in = tx.inbound(unread);
    in->seen_at = at(6);
    REQUIRE(tx.put(*in));
    CHECK(tx.prune(at(5), at(0), 100) == 1);
  });
  CHECK(words(unread).empty());
}

void ages(Store& s) {
  const RowId person = add_person(s, 1);
  const auto add = [&](int minute, MessageStatus status) {
    Message m;
    m.person = person;
    m.text = "words";
    m.values = {{"a", "b"}};
    m.created_at = at(minute);
    m.status = status;
    s.write([&](Tx& tx) { REQUIRE(tx.put(m)); });
    return m.id;
  };
  const RowId old = add(0, MessageStatus::delivered), waiting = add(0, MessageStatus::queued),
              fresh = add(10, MessageStatus::delivered);
  s.write([&](Tx& tx) {
    tx.remember_nonce("p", "1", at(1));
    tx.remember_nonce("p", "2", at(9));
    CHECK(tx.prune(at(5), at(5), 100) == 2);
    CHECK(tx.prune(at(5), at(5), 100) == 0);
    CHECK(tx.remember_nonce("p", "1", at(1)));
    CHECK_FALSE(tx.remember_nonce("p", "2", at(9)));
  });
  s.read([&](ReadTx& tx) {
    CHECK(tx.message(old)->text.empty());
    CHECK(tx.message(old)->values.empty());
    CHECK(tx.message(waiting)->text == "words");
    CHECK(tx.message(fresh)->text == "words");
  });
  s.write([&](Tx& tx) {
    for (int i = 0; i < 6; ++i) {
      Reading r;
      r.person = person;
      r.at = at(i);
      tx.put(r);
      LogEntry e{0, person, at(i), at(i), "t", "p"};
      tx.append(e);
    }
    const RowId checkpoint = tx.log_of(person, 0, 4).back().id;
    CHECK(tx.drop_history(person, at(3), checkpoint, 2) == 2);
    CHECK(tx.drop_history(person, at(3), checkpoint, 100) == 1 + 1 + 4);
    CHECK(tx.readings_of(person, at(0)).size() == 3);
    CHECK(tx.log_of(person, 0, 10).size() == 2);
    CHECK(tx.message(waiting));
    CHECK_FALSE(tx.message(old));
  });
}

void savepoints(Store& s) {
  CHECK_THROWS_AS(s.write([](Tx& tx) {
    tx.put_setting("a", "1");
    throw std::runtime_error("no");
  }),
                  std::runtime_error);
  s.write([](Tx& tx) {
    CHECK_FALSE(tx.setting("a"));
    tx.put_setting("b", "1");
    CHECK(tx.setting("b") == "1");  // its own writes are seen
  });
  // One that throws among others takes none of them along.
  std::vector<int> order;
  int failed = 0;
  std::atomic<int> finished{0};
  for (int i = 0; i < 20; ++i)
    s.submit(
        [&, i](Tx& tx) {
          order.push_back(i);
          tx.put_setting("n" + std::to_string(i), "x");
          if (i % 5 == 0) throw std::runtime_error("no");
        },
        [&](const std::exception_ptr& error) {
          if (error) ++failed;
          ++finished;
        });
  s.write([](Tx&) {});  // behind them all
  for (int i = 0; i < 2000 && finished < 20; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  REQUIRE(finished == 20);
  CHECK(failed == 4);
  for (int i = 0; i < 20; ++i) CHECK(order[static_cast<std::size_t>(i)] == i);
  s.read([](ReadTx& tx) {
    CHECK_FALSE(tx.setting("n0"));
    CHECK(tx.setting("n1"));
    CHECK_FALSE(tx.setting("n5"));
    CHECK(tx.setting("n19"));
  });
  CHECK(s.stats().writes >= 22);
}

void views(Store& s) {
  s.write([](Tx& tx) { tx.put_setting("v", "1"); });
  s.read([&](ReadTx& tx) {
    CHECK(tx.setting("v") == "1");
    s.write([](Tx& w) { w.put_setting("v", "2"); });
    CHECK(tx.setting("v") == "1");  // one view, whatever is written meanwhile
  });
  s.read([](ReadTx& tx) { CHECK(tx.setting("v") == "2"); });
  CHECK_THROWS_AS(s.read([](ReadTx&) { throw std::runtime_error("no"); }), std::runtime_error);
  s.read([](ReadTx& tx) { CHECK(tx.setting("v") == "2"); });
}

}  // namespace

std::string number_of(int n) {
  return "+447700900" + std::to_string(100 + n);
}

Person some_person(int n) {
  Person p;
  p.key = "p-test" + std::to_string(n);
  p.status = PersonStatus::active;
  p.number = number_of(n);
  p.display = "J.D.";
  p.programme = "standard";
  p.practitioner = "sam";
  p.zone = "Europe/London";
  p.language = "en";
  p.enrolled_by = "kim";
  p.enrolled_at = t0;
  p.agree_code = "4821";
  p.agreed_at = at(3);
  p.sharing = true;
  p.discreet = false;
  p.paused_until = Instant::max();
  p.hold = true;
  p.hold_reason = "words";
  p.hold_since = at(4);
  p.do_not_reply = true;
  p.auto_in_a_row = 2;
  p.needs = "large print";
  p.plan = "If low, ring Al.";
  p.measures = {{"mood", "sleep better", "How is today?"}, {"bp", "stay off tablets", ""}};
  p.times = {TimeOfDay::hm(9, 0), TimeOfDay::hm(19, 30)};
  p.days = {Weekday::mon, Weekday::sun};
  p.own_times = {{"evening", {{TimeOfDay::hm(18, 0)}, {}}},
                 {"week-note", {{}, {Weekday::tue, Weekday::sat}}}};
  p.safe_from = TimeOfDay::hm(0, 0);
  p.safe_to = TimeOfDay::hm(21, 0);
  p.extra = {{"carer", "yes"}, {"", "empty name"}};
  p.rule_params = {{"low-mood", {{"below", "3"}, {"days", "4"}}}, {"none", {}}};
  p.created_at = t0;
  p.updated_at = at(5);
  return p;
}

void conformance(const Factory& fresh) {
  const struct {
    const char* name;
    void (*run)(Store&);
  } cases[] = {{"persons", persons},
               {"prompts", prompts},
               {"a message comes back whole", message_comes_back},
               {"messages are found", messages_are_found},
               {"the queue's order", queue_order},
               {"inbound texts", inbounds},
               {"the series", series},
               {"log and rule states", log_and_rules},
               {"agreements", agreements},
               {"alerts and events", alerts},
               {"timers", timers},
               {"opt-outs, practitioners, routes, settings, nonces", small_things},
               {"links and tokens", accesses},
               {"the audit trail", audit_trail},
               {"erasure", erasure},
               {"ages", ages},
               {"ages of strangers", ages_of_strangers},
               {"savepoints and order", savepoints},
               {"views", views}};
  for (const auto& c : cases) {
    SUBCASE(c.name) {
      const auto store = fresh();
      c.run(*store);
    }
  }
}

}  // namespace moodline::store::testing
