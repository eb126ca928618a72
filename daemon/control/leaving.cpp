// Actions about a record as a whole: what was agreed for it, who holds it, and its end.
#include <fmt/format.h>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/commands.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/kind_word.hpp"
#include "daemon/checkins/leaving.hpp"
#include "daemon/checkins/person_log.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "daemon/checkins/slots.hpp"
#include "daemon/control/actions.hpp"

namespace moodline::control {
namespace {

using store::Person;

constexpr std::size_t needs_bytes_max = 200;

json::object done(const Person& p) {
  return {{"key", p.key}, {"as", p.display}, {"practitioner", p.practitioner}};
}

Result<json::value> discharge(ActionContext& c, const json::object& args) {
  auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  auto out = checkins::discharge(c.tx, c.s, std::move(*p), text_arg(args, "holder"), c.actor);
  if (!out) return tl::unexpected(out.error());
  return json::value(done(*out));
}

Result<json::value> transfer(ActionContext& c, const json::object& args) {
  auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  const auto to = needed_arg(args, "to");
  if (!to) return tl::unexpected(to.error());
  auto out = checkins::transfer(c.tx, c.s, std::move(*p), *to, c.actor);
  if (!out) return tl::unexpected(out.error());
  return json::value(done(*out));
}

Result<json::value> hand_over(ActionContext& c, const json::object& args) {
  const auto from = needed_arg(args, "from");
  if (!from) return tl::unexpected(from.error());
  const auto to = needed_arg(args, "to");
  if (!to) return tl::unexpected(to.error());
  const auto moved = checkins::hand_over(c.tx, c.s, *from, *to, c.actor);
  if (!moved) return tl::unexpected(moved.error());
  return json::value{{"moved", *moved}};
}

// From here their days, hours and deadlines are those of the new zone; what was stays as it was. A
// date that was asked is not asked again: plan_person looks at the last one.
void moved(ActionContext& c, checkins::Desk& d, const std::string& was) {
  checkins::PersonEvent e;
  e.type = "zone";
  e.at = c.s.now;
  e.zone = d.person.zone;
  e.was = was;
  checkins::learn(d, {e});
  checkins::desk_again(c.tx, c.s);
  checkins::audit(c.tx, c.s, c.actor, "person.moved", d.person.key, d.person.id,
                  was + " to " + d.person.zone);
}

// In the words of their own TIME and DAYS, and with the same refusals.
Result<void> set_times(checkins::Desk& d, const json::object& args) {
  if (args.contains("time") && !checkins::choose_times(d, text_arg(args, "time")).done) {
    return fault("bad_argument",
                 "time: write 19:30, or \"sleep 8:00\" for one question, within the hours in which "
                 "they may be texted; times drawn by lot cannot be set");
  }
  if (args.contains("days") && !checkins::choose_days(d, text_arg(args, "days")).done) {
    return fault(
        "bad_argument",
        "days: write mon wed fri, weekdays or all, or \"sleep weekdays\" for one question");
  }
  return {};
}

// What was agreed with them and may change: the safe window, needs, a friend, discretion, and where
// they live.
Result<json::value> set(ActionContext& c, const json::object& args) {
  auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  const std::string was = p->zone;
  if (args.contains("timezone")) {
    p->zone = text_arg(args, "timezone");
    if (const auto zone = Zone::find(p->zone); !zone) return tl::unexpected(zone.error());
  }
  if (const std::string safe = text_arg(args, "safe"); !safe.empty()) {
    if (auto ok = set_safe_window(safe, p->safe_from, p->safe_to); !ok)
      return tl::unexpected(ok.error());
  }
  if (const std::string needs = text_arg(args, "needs"); args.contains("needs")) {
    p->needs = needs == "none" ? std::string{} : needs;
    if (p->needs.size() > needs_bytes_max) {
      return fault("bad_argument", fmt::format("needs: at most {} bytes", needs_bytes_max));
    }
  }
  if (args.contains("discreet")) {
    const auto on = yes_or_no(args, "discreet");
    if (!on) return tl::unexpected(on.error());
    p->discreet = *on;
  }
  checkins::Desk d(c.tx, c.s, std::move(*p));
  if (const std::string id = text_arg(args, "friend"); !id.empty()) {
    if (auto ok = checkins::set_friend(d, id); !ok) return tl::unexpected(ok.error());
  }
  if (auto ok = set_times(d, args); !ok) return tl::unexpected(ok.error());
  d.save();
  if (d.person.zone != was) moved(c, d, was);
  checkins::plan_person(d);
  checkins::audit(c.tx, c.s, c.actor, "person.set", d.person.key, d.person.id);
  json::object out = done(d.person);
  const bool window = d.person.safe_from && d.person.safe_to;
  out["safe"] = window ? json::value(to_hm(*d.person.safe_from) + "-" + to_hm(*d.person.safe_to))
                       : json::value(nullptr);
  out["needs"] = d.person.needs;
  out["friend"] = checkins::friend_of(c.s.service, d.person);
  out["discreet"] = d.person.discreet;
  out["timezone"] = d.person.zone;
  return json::value(std::move(out));
}

// A human has read what they wrote, and says so.
Result<json::value> seen(ActionContext& c, const json::object& args) {
  auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  const auto by = needed_arg(args, "by");
  if (!by) return tl::unexpected(by.error());
  const config::Practitioner* who = c.s.service.practitioner(*by);
  if (who == nullptr) return fault("unknown_practitioner", "by: an id of practitioners.yaml");
  const int read =
      checkins::relay_seen(c.tx, c.s, std::move(*p), *who, text_arg(args, "words"), c.actor);
  return json::value{{"seen", read}};
}

}  // namespace

std::vector<Action> leaving_actions() {
  return {{"person.set", "safe window (safe), needs, friend, discreet, timezone, time, days", true,
           set},
          {"person.seen", "tell a person that their answers were read (by, words)", true, seen},
          {"person.discharge", "close a record; the person is told once", true, discharge},
          {"person.transfer", "hand a record to another practitioner (to)", true, transfer},
          {"practitioner.handover", "everybody of one practitioner to another", true, hand_over}};
}

}  // namespace moodline::control
