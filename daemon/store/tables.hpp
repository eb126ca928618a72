// Which field of which record stands in which column. One row a field; order is the columns'.
// plain: in the clear. ref: a row's id, 0 as NULL. sealed: under the person's key.
// hash: keyed hash of a number, written only. `owner` gives the person whose key seals the row.
#pragma once
#include "daemon/store/records.hpp"

namespace moodline::store {

template <class R>
struct Table;

template <>
struct Table<Person> {
  static constexpr std::string_view name = "person";
  static RowId owner(const Person& r) { return r.id; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.plain("key", r.key);
    v.plain("status", r.status);
    v.sealed("number", r.number);
    v.hash("number_hash", r.number);
    v.sealed("display", r.display);
    v.plain("programme", r.programme);
    v.plain("practitioner", r.practitioner);
    v.plain("zone", r.zone);
    v.plain("language", r.language);
    v.plain("enrolled_by", r.enrolled_by);
    v.plain("enrolled_at", r.enrolled_at);
    v.plain("agree_code", r.agree_code);
    v.plain("agreed_at", r.agreed_at);
    v.plain("sharing", r.sharing);
    v.plain("discreet", r.discreet);
    v.plain("paused_until", r.paused_until);
    v.plain("hold", r.hold);
    v.plain("hold_reason", r.hold_reason);
    v.plain("hold_since", r.hold_since);
    v.plain("do_not_reply", r.do_not_reply);
    v.plain("auto_in_a_row", r.auto_in_a_row);
    v.sealed("needs", r.needs);
    v.sealed("plan", r.plan);
    v.sealed("measures", r.measures);
    v.plain("times", r.times);
    v.plain("days", r.days);
    v.plain("safe_from", r.safe_from);
    v.plain("safe_to", r.safe_to);
    v.sealed("extra", r.extra);
    v.plain("rule_params", r.rule_params);
    v.plain("created_at", r.created_at);
    v.plain("updated_at", r.updated_at);
    v.plain("own_times", r.own_times);
  }
};

template <>
struct Table<Prompt> {
  static constexpr std::string_view name = "prompt";
  static RowId owner(const Prompt& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.ref("person", r.person);
    v.plain("schedule", r.schedule);
    v.plain("local_date", r.local_date);
    v.plain("slot", r.slot);
    v.plain("due_at", r.due_at);
    v.plain("expires_at", r.expires_at);
    v.plain("status", r.status);
    v.plain("sent_at", r.sent_at);
    v.plain("settled_at", r.settled_at);
    v.plain("measures", r.measures);
    v.plain("clarifications", r.clarifications);
    v.ref("message", r.message);
  }
};

template <>
struct Table<Message> {
  static constexpr std::string_view name = "message";
  static RowId owner(const Message& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.ref("person", r.person);
    v.plain("practitioner", r.practitioner);
    v.plain("purpose", r.purpose);
    v.plain("priority", r.priority);
    v.plain("status", r.status);
    v.sealed("to_number", r.to);
    v.hash("to_hash", r.to);
    v.plain("language", r.language);
    v.plain("template_name", r.template_name);
    v.plain("template_version", r.template_version);
    v.sealed("vals", r.values);
    v.sealed("text", r.text);
    v.plain("due_at", r.due_at);
    v.plain("expires_at", r.expires_at);
    v.plain("dedupe", r.dedupe);
    v.ref("prompt", r.prompt);
    v.ref("alert", r.alert);
    v.plain("alerts", r.alerts);
    v.plain("attempts", r.attempts);
    v.plain("route", r.route);
    v.plain("provider", r.provider);
    v.plain("reference", r.reference);
    v.plain("provider_ids", r.provider_ids);
    v.plain("segments", r.segments);
    v.plain("outcome_code", r.outcome_code);
    v.plain("created_at", r.created_at);
    v.plain("claimed_at", r.claimed_at);
    v.plain("accepted_at", r.accepted_at);
    v.plain("settled_at", r.settled_at);
    v.plain("late", r.late);
    v.plain("unknowns", r.unknowns);
  }
};

template <>
struct Table<Inbound> {
  static constexpr std::string_view name = "inbound";
  static RowId owner(const Inbound& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.ref("person", r.person);
    v.plain("practitioner", r.practitioner);
    v.plain("provider", r.provider);
    v.plain("event_id", r.event_id);
    v.sealed("from_number", r.from);
    v.plain("to_number", r.to);
    v.sealed("text", r.text);
    v.plain("at", r.at);
    v.plain("received_at", r.received_at);
    v.sealed("verdict", r.verdict);
    v.plain("kind", r.kind);
    v.plain("safety_tier", r.safety_tier);
    v.plain("needs_human", r.needs_human);
    v.plain("seen_at", r.seen_at);
    v.plain("seen_by", r.seen_by);
  }
};

template <>
struct Table<Reading> {
  static constexpr std::string_view name = "reading";
  static RowId owner(const Reading& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.ref("person", r.person);
    v.plain("component", r.component);
    v.sealed("value", r.value);
    v.plain("at", r.at);
    v.plain("local_day", r.local_day);
    v.ref("inbound", r.inbound);
    v.ref("prompt", r.prompt);
    v.ref("corrected_by", r.corrected_by);
    v.plain("doubtful", r.doubtful);
    v.plain("by_other", r.by_other);
    v.plain("low_mark", r.low_mark);
  }
};

template <>
struct Table<LogEntry> {
  static constexpr std::string_view name = "log";
  static RowId owner(const LogEntry& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.ref("person", r.person);
    v.plain("at", r.at);
    v.plain("ingested", r.ingested);
    v.plain("type", r.type);
    v.sealed("payload", r.payload);
  }
};

template <>
struct Table<RuleState> {
  static constexpr std::string_view name = "rule_state";
  static RowId owner(const RuleState& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.ref("person", r.person);
    v.plain("rule", r.rule);
    v.plain("version", r.version);
    v.plain("hash", r.hash);
    v.sealed("state", r.state);
    v.plain("next_due", r.next_due);
  }
};

template <>
struct Table<Agreement> {
  static constexpr std::string_view name = "agreement";
  static RowId owner(const Agreement& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.ref("person", r.person);
    v.plain("rule", r.rule);
    v.plain("version", r.version);
    v.plain("hash", r.hash);
    v.plain("code", r.code);
    v.plain("status", r.status);
    v.sealed("sentence", r.sentence);
    v.sealed("snapshot", r.snapshot);
    v.plain("recipients", r.recipients);
    v.plain("offered_at", r.offered_at);
    v.plain("answered_at", r.answered_at);
    v.ref("inbound", r.inbound);
    v.plain("review_at", r.review_at);
    v.plain("reminders", r.reminders);
  }
};

template <>
struct Table<Alert> {
  static constexpr std::string_view name = "alert";
  static RowId owner(const Alert& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.plain("code", r.code);
    v.ref("person", r.person);
    v.plain("rule", r.rule);
    v.plain("version", r.version);
    v.plain("agreement_code", r.agreement_code);
    v.plain("status", r.status);
    v.plain("urgent", r.urgent);
    v.plain("stale", r.stale);
    v.plain("fired_at", r.fired_at);
    v.plain("onset", r.onset);
    v.plain("ended_at", r.ended_at);
    v.plain("acked_at", r.acked_at);
    v.plain("acked_by", r.acked_by);
    v.plain("done_at", r.done_at);
    v.plain("done_by", r.done_by);
    v.sealed("note", r.note);
    v.sealed("chase", r.chase);
  }
};

template <>
struct Table<EmittedEvent> {
  static constexpr std::string_view name = "event";
  static RowId owner(const EmittedEvent& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.ref("person", r.person);
    v.plain("rule", r.rule);
    v.ref("alert", r.alert);
    v.plain("type", r.type);
    v.plain("at", r.at);
    v.plain("local_day", r.local_day);
    v.plain("tzdb", r.tzdb);
    v.plain("rule_hash", r.rule_hash);
    v.sealed("detail", r.detail);
  }
};

template <>
struct Table<Timer> {
  static constexpr std::string_view name = "timer";
  static RowId owner(const Timer& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.plain("kind", r.kind);
    v.plain("key", r.key);
    v.ref("person", r.person);
    v.plain("due_at", r.due_at);
  }
};

template <>
struct Table<Access> {
  static constexpr std::string_view name = "access";
  static RowId owner(const Access& r) { return r.person; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.plain("hash", r.hash);
    v.plain("kind", r.kind);
    v.plain("name", r.name);
    v.plain("scopes", r.scopes);
    v.ref("person", r.person);
    v.ref("alert", r.alert);
    v.plain("created_at", r.created_at);
    v.plain("expires_at", r.expires_at);
    v.plain("used_at", r.used_at);
    v.plain("ended_at", r.ended_at);
  }
};

template <>
struct Table<PractitionerState> {
  static constexpr std::string_view name = "practitioner";
  static RowId owner(const PractitionerState&) { return 0; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.plain("id", r.id);
    v.plain("invited_at", r.invited_at);
    v.plain("accepted_at", r.accepted_at);
    v.plain("off_until", r.off_until);
    v.plain("queue", r.queue);
  }
};

template <>
struct Table<RouteState> {
  static constexpr std::string_view name = "route";
  static RowId owner(const RouteState&) { return 0; }
  template <class V, class R>
  static void each(V& v, R& r) {
    v.plain("route", r.route);
    v.plain("halted", r.halted);
    v.plain("reason", r.reason);
    v.plain("failures", r.failures);
    v.plain("retry_at", r.retry_at);
  }
};

}  // namespace moodline::store
