// Actions about people.
#include <fmt/format.h>

#include <boost/json/value_from.hpp>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/enrolment.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/practitioners.hpp"
#include "daemon/checkins/slots.hpp"
#include "daemon/checkins/upkeep.hpp"
#include "daemon/control/actions.hpp"

namespace moodline::control {
namespace {

using store::Person;
using store::PersonStatus;

constexpr int list_max = 10'000;
constexpr Millis day{86'400'000};

std::string_view status_name(PersonStatus s) {
  switch (s) {
    case PersonStatus::invited:
      return "invited";
    case PersonStatus::active:
      return "active";
    case PersonStatus::stopped:
      return "stopped";
    case PersonStatus::wrong_number:
      return "wrong_number";
    case PersonStatus::discharged:
      return "discharged";
    case PersonStatus::deceased:
      return "deceased";
    case PersonStatus::erased:
      return "erased";
  }
  return "unknown";
}

json::object short_form(const Person& p) {
  return {{"key", p.key},
          {"as", p.display},
          {"status", status_name(p.status)},
          {"programme", p.programme},
          {"practitioner", p.practitioner},
          {"language", p.language},
          {"sharing", p.sharing},
          {"paused_until", or_null(p.paused_until)},
          {"hold", p.hold}};
}

}  // namespace

Result<checkins::NewPerson> new_person_from(const json::object& a) {
  checkins::NewPerson n;
  n.number = text_arg(a, "number");
  n.display = text_arg(a, "as");
  n.programme = text_arg(a, "programme");
  n.practitioner = text_arg(a, "practitioner");
  n.zone = text_arg(a, "timezone");
  n.language = text_arg(a, "language");
  n.agreed_with = text_arg(a, "agreed_with");
  if (a.contains("discreet")) {
    const auto on = yes_or_no(a, "discreet");
    if (!on) return tl::unexpected(on.error());
    n.discreet = *on;
  }
  n.needs = text_arg(a, "needs");
  n.plan = text_arg(a, "plan");
  if (const std::string on = text_arg(a, "agreed_on"); !on.empty()) {
    n.agreed_on = from_iso(on);
    if (const auto d = date_from_iso(on)) n.agreed_on = Instant{d->days * day.count()};
    if (!n.agreed_on) return fault("bad_argument", "agreed_on: write a date such as 2026-03-02");
  }
  if (const std::string safe = text_arg(a, "safe"); !safe.empty()) {
    if (auto ok = set_safe_window(safe, n.safe_from, n.safe_to); !ok) {
      return tl::unexpected(ok.error());
    }
  }
  for (const auto* list : {a.if_contains("track")}) {
    if (list == nullptr || !list->is_object()) continue;
    for (const auto& [measure, goal] : list->get_object()) {
      if (goal.is_string()) {
        n.measures.push_back({std::string(measure), std::string(goal.get_string()), {}});
      }
    }
  }
  if (const auto* rules = a.if_contains("rules"); rules != nullptr && rules->is_array()) {
    for (const json::value& r : rules->get_array()) {
      if (r.is_string()) n.rules.emplace_back(r.get_string());
    }
  }
  if (const auto* times = a.if_contains("times"); times != nullptr && times->is_array()) {
    for (const json::value& t : times->get_array()) {
      const auto parsed = t.is_string() ? time_from_hm(t.get_string()) : std::nullopt;
      if (!parsed) return fault("bad_argument", "times: write times such as \"19:30\"");
      n.times.push_back(*parsed);
    }
  }
  if (const auto* params = a.if_contains("params"); params != nullptr && params->is_object()) {
    for (const auto& [rule, values] : params->get_object()) {
      if (!values.is_object()) continue;
      for (const auto& [k, v] : values.get_object()) {
        if (v.is_string()) n.rule_params[rule][k] = std::string(v.get_string());
      }
    }
  }
  return n;
}

namespace {

Result<json::value> add(ActionContext& c, const json::object& args) {
  const auto n = new_person_from(args);
  if (!n) return tl::unexpected(n.error());
  const std::string companion = text_arg(args, "friend");
  if (auto ok = checkins::check_friend(c.s.service, companion); !ok) {
    return tl::unexpected(ok.error());
  }
  auto p = checkins::add_person(c.tx, c.s, *n, c.actor);
  if (!p || companion.empty()) return p.map(short_form).map([](auto o) { return json::value(o); });
  checkins::Desk d(c.tx, c.s, std::move(*p));
  if (auto ok = checkins::set_friend(d, companion); !ok) return tl::unexpected(ok.error());
  return json::value(short_form(d.person));
}

// The invitation arrived, or they have texted: else somebody has to look at the number.
bool reached(ActionContext& c, const Person& p) {
  for (const store::Message& m : c.tx.messages_of(p.id, p.created_at)) {
    if (m.purpose == store::Purpose::invitation && m.status == store::MessageStatus::delivered) {
      return true;
    }
  }
  return !c.tx.inbound_of(p.id, p.created_at).empty();
}

Result<json::value> list(ActionContext& c, const json::object& args) {
  json::array out;
  const std::string status = text_arg(args, "status");
  for (const store::RowId id : c.tx.person_ids(0, list_max)) {
    const auto p = c.tx.person(id);
    if (!p || (p->status == PersonStatus::erased)) continue;
    if (!status.empty() && status != status_name(p->status)) continue;
    json::object o = short_form(*p);
    o["reached"] = reached(c, *p);
    out.push_back(std::move(o));
  }
  return json::value(std::move(out));
}

Result<json::value> show(ActionContext& c, const json::object& args) {
  const auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  json::object o = short_form(*p);
  o["number"] = p->number;
  o["timezone"] = p->zone;
  o["enrolled_by"] = p->enrolled_by;
  o["enrolled_at"] = to_iso(p->enrolled_at);
  o["agreed_at"] = or_null(p->agreed_at);
  json::array measures;
  for (const auto& m : p->measures) measures.push_back({{"measure", m.measure}, {"goal", m.goal}});
  o["measures"] = std::move(measures);
  json::array times, days;
  for (const TimeOfDay t : p->times) times.emplace_back(to_hm(t));
  for (const Weekday d : p->days) days.emplace_back(short_name(d));
  o["times"] = std::move(times);  // their own; none: the programme's
  o["days"] = std::move(days);
  json::object single;  // by question, where they chose for one alone
  for (const auto& [prompt, own] : p->own_times) {
    std::string said;
    for (const TimeOfDay t : own.times) said += (said.empty() ? "" : " ") + to_hm(t);
    for (const Weekday d : own.days) said += (said.empty() ? "" : " ") + std::string(short_name(d));
    single[prompt] = said;
  }
  o["own_times"] = std::move(single);
  o["safe"] = p->safe_from && p->safe_to
                  ? json::value(to_hm(*p->safe_from) + "-" + to_hm(*p->safe_to))
                  : json::value(nullptr);
  const std::string companion = checkins::friend_of(c.s.service, *p);
  o["friend"] = companion.empty() ? json::value(nullptr) : json::value(companion);
  o["discreet"] = p->discreet;
  o["plan"] = p->plan;
  o["needs"] = p->needs;
  o["hold_reason"] = p->hold_reason;
  o["do_not_reply"] = p->do_not_reply;
  checkins::audit(c.tx, c.s, c.actor, "person.show", p->key, p->id);
  return json::value(std::move(o));
}

Result<json::value> series(ActionContext& c, const json::object& args) {
  const auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  const Instant since = c.s.now - number_arg(args, "days", 28) * day;
  json::array readings;
  for (const store::Reading& r : c.tx.readings_of(p->id, since)) {
    json::object o{{"component", r.component}, {"day", to_iso(r.local_day)},
                   {"at", to_iso(r.at)},       {"corrected", r.corrected_by != 0},
                   {"low_mark", r.low_mark},   {"doubtful", r.doubtful}};
    o["value"] = r.low_mark ? json::value(nullptr) : json::value(to_text(r.value));
    readings.push_back(std::move(o));
  }
  json::array prompts;
  static constexpr const char* names[] = {"due",      "sending", "sent", "delivered", "undelivered",
                                          "not_sent", "paused",  "held", "unknown"};
  for (const store::Prompt& q : c.tx.prompts_of(p->id, since)) {
    prompts.push_back({{"schedule", q.schedule},
                       {"day", to_iso(q.local_date)},
                       {"due", to_iso(q.due_at)},
                       {"sent", or_null(q.sent_at)},
                       {"status", names[static_cast<int>(q.status)]}});
  }
  if (c.actor != demo_screen) {
    checkins::audit(c.tx, c.s, c.actor, "person.series", p->key, p->id);
  }
  return json::value{{"person", p->key}, {"readings", readings}, {"prompts", prompts}};
}

Result<json::value> pause(ActionContext& c, const json::object& args) {
  auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  const std::int64_t days = number_arg(args, "days", 0);
  p->paused_until = days > 0 ? c.s.now + days * day : Instant::max();
  c.tx.put(*p);
  checkins::audit(c.tx, c.s, c.actor, "person.pause", p->key, p->id);
  checkins::desk_again(c.tx, c.s);
  return json::value(short_form(*p));
}

Result<json::value> resume(ActionContext& c, const json::object& args) {
  auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  p->paused_until.reset();
  c.tx.put(*p);
  checkins::audit(c.tx, c.s, c.actor, "person.resume", p->key, p->id);
  checkins::desk_again(c.tx, c.s);
  return json::value(short_form(*p));
}

// A human has read what was held: prompts may go again.
Result<json::value> release(ActionContext& c, const json::object& args) {
  auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  p->hold = false;
  p->hold_reason.clear();
  p->hold_since.reset();
  p->do_not_reply = false;
  c.tx.put(*p);
  c.tx.drop_timer("hold", p->key);
  checkins::audit(c.tx, c.s, c.actor, "person.release", p->key, p->id);
  return json::value(short_form(*p));
}

Result<json::value> erase(ActionContext& c, const json::object& args) {
  const auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  if (text_arg(args, "confirm") != p->key) {
    return fault("not_confirmed",
                 fmt::format("erasing cannot be undone; repeat with --confirm {}", p->key));
  }
  store::Person copy = *p;
  checkins::opt_out(c.tx, c.s, copy, "erased");
  checkins::audit(c.tx, c.s, c.actor, "person.erase", p->key, 0);
  checkins::erase_everywhere(c.tx, *p, c.s.now);
  return json::value{{"erased", p->key}};
}

Result<json::value> practitioners(ActionContext& c, const json::object&) {
  json::array out;
  for (const config::Practitioner& p : c.s.service.practitioners) {
    const auto st = c.tx.practitioner(p.id);
    json::object o{{"id", p.id}, {"name", p.name}, {"roles", json::value_from(p.roles)}};
    o["invited"] = st ? or_null(st->invited_at) : json::value(nullptr);
    o["accepted"] = st ? or_null(st->accepted_at) : json::value(nullptr);
    o["off_until"] = st ? or_null(st->off_until) : json::value(nullptr);
    o["role_code"] = checkins::role_code(p);
    out.push_back(std::move(o));
  }
  return json::value(std::move(out));
}

}  // namespace

std::vector<Action> people_actions() {
  return {{"person.add", "enrol a person and send the one invitation", true, add},
          {"person.list", "everybody, with their state", false, list},
          {"person.show", "one record", true, show},
          {"person.series", "readings and prompts of one person", true, series},
          {"person.pause", "stop prompts for some days", true, pause},
          {"person.resume", "start prompts again", true, resume},
          {"person.release", "a human has read what was held", true, release},
          {"person.erase", "destroy a person's key and rows", true, erase},
          {"practitioner.list", "practitioners and whether they accepted", false, practitioners}};
}

}  // namespace moodline::control
