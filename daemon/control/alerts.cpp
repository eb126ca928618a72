// Actions about alerts.
#include "daemon/checkins/alerts.hpp"

#include <fmt/format.h>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "daemon/control/actions.hpp"

namespace moodline::control {
namespace {

using store::Alert;

constexpr Millis day{86'400'000};
constexpr int list_max = 1000;

json::object form(ActionContext& c, const Alert& a) {
  static constexpr const char* names[] = {"open", "cleared", "withdrawn", "closed"};
  const auto p = c.tx.person(a.person);
  json::object o{{"code", a.code},
                 {"person", p ? p->key : std::string{}},
                 {"rule", a.rule},
                 {"version", a.version},
                 {"agreement", a.agreement_code},
                 {"status", names[static_cast<int>(a.status)]},
                 {"urgent", a.urgent},
                 {"stale", a.stale},
                 {"fired", to_iso(a.fired_at)}};
  o["onset"] = a.onset ? json::value(to_iso(*a.onset)) : json::value(nullptr);
  o["acknowledged"] = or_null(a.acked_at);
  o["acknowledged_by"] = a.acked_by;
  o["done"] = or_null(a.done_at);
  o["ended"] = or_null(a.ended_at);
  return o;
}

Result<json::value> list(ActionContext& c, const json::object& args) {
  json::array out;
  const bool all = flag_arg(args, "all");
  const auto rows = all ? c.tx.alerts_recent(c.s.now - number_arg(args, "days", 90) * day, list_max)
                        : c.tx.alerts_open(list_max);
  for (const Alert& a : rows) out.push_back(form(c, a));
  return json::value(std::move(out));
}

Result<Alert> alert_arg(ActionContext& c, const json::object& args) {
  const auto code = needed_arg(args, "alert");
  if (!code) return tl::unexpected(code.error());
  auto a = c.tx.alert_by_code(*code);
  if (!a) return fault("no_such_alert", fmt::format("no alert has the code {}", *code));
  return std::move(*a);
}

Result<json::value> show(ActionContext& c, const json::object& args) {
  const auto a = alert_arg(c, args);
  if (!a) return tl::unexpected(a.error());
  json::object o = form(c, *a);
  static constexpr const char* names[] = {"queued",    "sending",     "accepted",
                                          "delivered", "undelivered", "failed",
                                          "unknown",   "cancelled",   "expired"};
  json::array texts;
  for (const store::Message& m : c.tx.messages_of_alert(a->id)) {
    texts.push_back({{"to", m.practitioner},
                     {"template", m.template_name},
                     {"status", names[static_cast<int>(m.status)]},
                     {"due", to_iso(m.due_at)},
                     {"accepted", or_null(m.accepted_at)},
                     {"attempts", m.attempts}});
  }
  o["texts"] = std::move(texts);
  json::array events;
  for (const store::EmittedEvent& e : c.tx.events_of(a->person, a->fired_at - day)) {
    if (e.alert == a->id) events.push_back({{"event", e.type}, {"at", to_iso(e.at)}});
  }
  o["events"] = std::move(events);
  return json::value(std::move(o));
}

Result<json::value> done_with(ActionContext& c, const Result<Alert>& a) {
  if (!a) return tl::unexpected(a.error());
  return json::value(form(c, *a));
}

Result<json::value> ack(ActionContext& c, const json::object& args) {
  const auto a = alert_arg(c, args);
  if (!a) return tl::unexpected(a.error());
  return done_with(c, checkins::acknowledge(c.tx, c.s, a->code, c.actor, c.actor));
}

Result<json::value> done(ActionContext& c, const json::object& args) {
  const auto a = alert_arg(c, args);
  if (!a) return tl::unexpected(a.error());
  return done_with(c,
                   checkins::finish(c.tx, c.s, a->code, c.actor, c.actor, text_arg(args, "note")));
}

Result<json::value> pass(ActionContext& c, const json::object& args) {
  const auto a = alert_arg(c, args);
  if (!a) return tl::unexpected(a.error());
  return done_with(c, checkins::pass_on(c.tx, c.s, a->code, c.actor, c.actor));
}

json::object explained(const checkins::Standing& st) {
  const rules::Explained x = rules::explain(st.state);
  json::array items;
  for (const auto& i : x.items) {
    items.push_back({{"day", to_iso(i.day)}, {"shown", i.shown}, {"hit", i.hit}});
  }
  json::object o{{"rule", st.row.rule},
                 {"version", st.row.version},
                 {"holds", x.holds},
                 {"arithmetic", x.arithmetic},
                 {"items", std::move(items)}};
  o["fired"] = or_null(x.fired_at);
  // Who is told, and who next if nobody answers, stands in the agreed sentence.
  if (st.state.agreed) o["sentence"] = st.state.agreed->rule->says_text;
  return o;
}

// By alert code, or every rule of one person as it stands.
Result<json::value> explain(ActionContext& c, const json::object& args) {
  store::RowId person = 0;
  std::string rule;
  if (!text_arg(args, "person").empty()) {
    const auto p = person_arg(c, args);
    if (!p) return tl::unexpected(p.error());
    person = p->id;
  } else {
    const auto a = alert_arg(c, args);
    if (!a) return tl::unexpected(a.error());
    person = a->person;
    rule = a->rule;
  }
  json::array out;
  for (const checkins::Standing& st : checkins::standing_of(c.tx, person)) {
    if (rule.empty() || st.row.rule == rule) out.push_back(explained(st));
  }
  if (const auto p = c.tx.person(person)) looked(c, *p, "explain");
  return json::value(std::move(out));
}

Result<json::value> mass(ActionContext& c, bool release) {
  checkins::AlertEvents events;
  if (release) {
    events.emplace_back(rules::MassSilenceReleased{});
  } else {
    events.emplace_back(rules::MassSilenceDropped{});
  }
  checkins::audit(c.tx, c.s, c.actor, release ? "alert.release" : "alert.drop", "mass silence", 0);
  checkins::take_alert_events(c.tx, c.s, events, false);
  return json::value{{"mass_silence", release ? "released" : "dropped"}};
}

Result<json::value> release(ActionContext& c, const json::object&) {
  return mass(c, true);
}
Result<json::value> drop(ActionContext& c, const json::object&) {
  return mass(c, false);
}

}  // namespace

std::vector<Action> alert_actions() {
  return {{"alert.list", "open alerts (all: also ended ones)", false, list},
          {"alert.show", "one alert, its texts and events", false, show},
          {"alert.ack", "acknowledge", true, ack},
          {"alert.done", "close the chase with a note", true, done},
          {"alert.pass", "hand on to the deputy", true, pass},
          {"alert.release", "let the silence alerts of a mass silence go", true, release},
          {"alert.drop", "drop the silence alerts of a mass silence", true, drop},
          {"explain", "the readings and the arithmetic behind an alert or a person's rules", false,
           explain}};
}

}  // namespace moodline::control
