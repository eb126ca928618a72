// Which way a text goes: routes in the order of service.yaml, by purpose and country prefix, those
// that rest or are halted left out; and what each answer says about its route.
#include <algorithm>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/email.hpp"
#include "daemon/checkins/sending_steps.hpp"

namespace moodline::checkins {
namespace {

using providers::SendOutcome;
using store::Message;
using store::Purpose;
using store::RouteState;

constexpr int failures_counted_max = 20;

std::string_view purpose_group(Purpose p) {
  switch (p) {
    case Purpose::prompt:
    case Purpose::reminder:
      return "prompt";
    case Purpose::reply:
    case Purpose::crisis:
    case Purpose::stop_confirmation:
    case Purpose::practitioner_reply:
      return "reply";
    case Purpose::alert:
    case Purpose::escalation:
      return "alert";
    case Purpose::digest:
    case Purpose::webhook:
      return "bulk";
    default:
      return "notice";
  }
}

bool fits(const config::Route& r, const Message& m) {
  if (!carries_way(r, m)) return false;
  if (way_of(m) != Way::text) return true;
  const auto in = [](const std::vector<std::string>& list, std::string_view x) {
    return list.empty() || std::find(list.begin(), list.end(), x) != list.end();
  };
  const bool prefix =
      r.prefixes.empty() || std::any_of(r.prefixes.begin(), r.prefixes.end(),
                                        [&](const std::string& p) { return m.to.starts_with(p); });
  return prefix && in(r.purposes, purpose_group(m.purpose));
}

const RouteState* state_of(const std::vector<RouteState>& states, std::string_view route) {
  const auto it =
      std::find_if(states.begin(), states.end(), [&](const auto& x) { return x.route == route; });
  return it == states.end() ? nullptr : &*it;
}

}  // namespace

RouteChoice choose_route(const config::Service& service, const Message& m,
                         const std::vector<RouteState>& states, Instant now) {
  // A route that has just failed is tried again by texts that can wait; what is urgent goes by one
  // that is known to be well, where there is one.
  const bool urgent = m.purpose == Purpose::alert || m.purpose == Purpose::escalation ||
                      m.purpose == Purpose::crisis;
  RouteChoice choice;
  const config::Route* ailing = nullptr;
  for (const config::Route& r : service.routes) {
    if (!fits(r, m)) continue;
    const RouteState* st = state_of(states, r.name);
    const bool resting = st != nullptr && st->retry_at && *st->retry_at > now;
    const bool halted = st != nullptr && st->halted;
    if (!halted && !resting) {
      if (!urgent || st == nullptr || st->failures == 0) return {&r, std::nullopt};
      if (ailing == nullptr) ailing = &r;
      continue;
    }
    const Instant until = halted ? now + retry_longest : *st->retry_at;
    if (!choice.until || until < *choice.until) choice.until = until;
  }
  if (ailing != nullptr) return {ailing, std::nullopt};
  return choice;
}

Millis back_off(int attempts) {
  const int doublings = std::clamp(attempts - 1, 0, 8);
  return std::min(retry_first * (1 << doublings), retry_longest);
}

void note_route(store::Tx& tx, const Setting& s, const Message& m, const providers::SendReply& r) {
  const auto states = tx.route_states();
  const RouteState* old = state_of(states, m.route);
  RouteState state = old != nullptr ? *old : RouteState{m.route, false, {}, 0, std::nullopt};
  const bool failing = r.outcome == SendOutcome::retry_later || r.halt_route;
  if (!failing) {
    // Only an answer says that the route is well: silence (unknown) says nothing, and one that was
    // under way when the route began to rest does not end the rest.
    const bool resting = state.retry_at && *state.retry_at > s.now;
    if (state.failures == 0 || resting || r.outcome == SendOutcome::unknown) return;
    state.failures = 0;
    state.retry_at.reset();
    tx.put(state);
    return;
  }
  // Texts that were in flight together fail together: that is one failure of the route.
  const bool same_failure = state.retry_at && *state.retry_at > s.now;
  if (!same_failure) state.failures = std::min(state.failures + 1, failures_counted_max);
  state.reason = r.code;
  const Instant until =
      s.now + (r.retry_after_s ? Millis{*r.retry_after_s * 1000LL} : back_off(state.failures));
  if (!state.retry_at || until > *state.retry_at) state.retry_at = until;
  if (r.halt_route && !state.halted) {
    state.halted = true;
    tell_admin(tx, s, "admin-route-halted", {{"name", m.route}}, "route-halted:" + m.route);
  }
  tx.put(state);
}

}  // namespace moodline::checkins
