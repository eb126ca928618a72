// Actions about the service as a whole: hold, routes, audit.
#include <algorithm>

#include "daemon/actors/gateway.hpp"
#include "daemon/checkins/clock_jump.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/control/actions.hpp"
#include "providers/provider.hpp"

namespace moodline::control {
namespace {

constexpr int audit_max = 1000;

Result<json::value> hold(ActionContext& c, const json::object& args) {
  const bool off = flag_arg(args, "off");
  c.tx.put_setting("hold", off ? "off" : "on");
  checkins::audit(c.tx, c.s, c.actor, off ? "hold.off" : "hold.on", "service", 0);
  return json::value{{"hold", !off}};
}

std::string joined(const std::vector<std::string>& words, std::string_view none) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : " ") + w;
  return out.empty() ? std::string(none) : out;
}

// What a route can carry, as its provider's translator says it. Spool folders hold whatever the
// modem behind them takes: texts both ways, in any letters, with receipts where it gives them.
void add_capabilities(const ActionContext& c, const config::Route& r, json::object& o) {
  o["purposes"] = joined(r.purposes, "all");
  o["countries"] = joined(r.prefixes, "all");
  for (const char* what : {"two_way", "unicode", "receipts"}) o[what] = nullptr;
  if (c.live == nullptr) return;
  const auto it = c.live->providers.find(r.provider);
  if (it == c.live->providers.end()) return;
  providers::Capabilities can;
  if (it->second.provider) {
    can = it->second.provider->capabilities();
  } else if (!it->second.spool) {  // email, webhooks: nothing comes back
    can.two_way = false;
    can.receipts = false;
  }
  o["two_way"] = can.two_way;
  o["unicode"] = can.unicode;
  o["receipts"] = can.receipts;
}

Result<json::value> routes(ActionContext& c, const json::object&) {
  json::array out;
  const auto states = c.tx.route_states();
  for (const config::Route& r : c.s.service.routes) {
    json::object o{{"route", r.name}, {"provider", r.provider}};
    add_capabilities(c, r, o);
    o["halted"] = false;
    o["failures"] = 0;
    o["reason"] = "";
    o["retry_at"] = nullptr;
    for (const auto& st : states) {
      if (st.route != r.name) continue;
      o["halted"] = st.halted;
      o["failures"] = st.failures;
      o["reason"] = st.reason;
      o["retry_at"] = or_null(st.retry_at);
    }
    out.push_back(std::move(o));
  }
  return json::value{{"routes", out},
                     {"hold", c.tx.setting("hold") == "on"},
                     {"clock_held", checkins::clock_held(c.tx)}};
}

Result<json::value> reopen(ActionContext& c, const json::object& args) {
  const auto name = needed_arg(args, "route");
  if (!name) return tl::unexpected(name.error());
  const auto& routes = c.s.service.routes;
  if (std::none_of(routes.begin(), routes.end(),
                   [&](const config::Route& r) { return r.name == *name; })) {
    return fault("no_such_route", "service.yaml has no route \"" + *name +
                                      "\"; see `moodline service` for their names");
  }
  // One failure is left to its name: the first text goes alone, the others follow if it is taken.
  c.tx.put(store::RouteState{*name, false, {}, 1, std::nullopt});
  checkins::audit(c.tx, c.s, c.actor, "route.reopen", *name, 0);
  return json::value{{"route", *name}, {"halted", false}};
}

Result<json::value> clock_ok(ActionContext& c, const json::object&) {
  if (!checkins::clock_is_right(c.tx, c.s)) {
    return fault("clock_not_held", "no rule is held for the clock; there is nothing to do");
  }
  checkins::audit(c.tx, c.s, c.actor, "clock.ok", "service", 0);
  return json::value{{"clock_held", false}};
}

Result<json::value> audit_list(ActionContext& c, const json::object& args) {
  json::array out;
  for (const store::AuditRow& r : c.tx.audit(number_arg(args, "after", 0), audit_max)) {
    out.push_back({{"seq", r.seq},
                   {"at", to_iso(r.at)},
                   {"actor", r.actor},
                   {"action", r.action},
                   {"subject", r.subject}});
  }
  return json::value(std::move(out));
}

Result<json::value> audit_verify(ActionContext& c, const json::object&) {
  const auto broken = c.tx.audit_broken_at();
  if (broken) {
    return fault("audit_broken", "the audit trail does not verify from row " +
                                     std::to_string(*broken) +
                                     " on; keep the file and tell the "
                                     "data-protection officer");
  }
  return json::value{{"verified", true}};
}

}  // namespace

std::vector<Action> service_actions() {
  return {{"hold", "stop all sending but urgent (off: send again)", true, hold},
          {"service.routes", "routes, what each can carry and how it is; holds", false, routes},
          {"route.reopen", "use a halted route again", true, reopen},
          {"clock.ok", "the machine's clock is right: deadlines count again", true, clock_ok},
          {"audit.list", "the audit trail", false, audit_list},
          {"audit.verify", "check the trail's chain", false, audit_verify}};
}

}  // namespace moodline::control
