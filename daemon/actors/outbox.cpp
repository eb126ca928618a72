#include "daemon/actors/outbox.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "daemon/actors/commit.hpp"

namespace moodline::actors {
namespace {

constexpr std::size_t reference_length = 20;
constexpr Millis store_retry{1'000};
// A provider knows a text a while after it was handed over, or not at all.
constexpr Millis look_up_after{20'000};
// Texts that a throttle keeps back are looked at again this often at the latest.
constexpr Millis throttle_step_max{1'000};

std::string_view outcome_name(providers::SendOutcome o) {
  switch (o) {
    case providers::SendOutcome::accepted:
      return "accepted";
    case providers::SendOutcome::retry_later:
      return "retry_later";
    case providers::SendOutcome::rejected:
      return "rejected";
    case providers::SendOutcome::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace

std::string Outbox::new_reference() {
  Dice dice(g_.seed());
  return "m" + dice.word(reference_length, clear_alphabet);
}

asio::awaitable<int> Outbox::recover() {
  int total = 0;
  int found = 0;
  do {
    const auto live = g_.live;
    const auto out = std::make_shared<int>(0);
    store::Write write = [live, out, now = g_.clock.now(), seed = g_.seed()](store::Tx& tx) {
      Dice dice(seed);
      *out = checkins::recover(tx, {*live->service, nullptr, now, dice});
    };
    co_await commit(g_.store, std::move(write));
    found = *out;
    total += found;
  } while (found > 0);
  if (total > 0)
    spdlog::warn("outbox: {} texts were in flight at the last stop; fate unknown", total);
  co_return total;
}

namespace {

double segments_per_s(const Live& live, const config::Route& route) {
  if (route.segments_per_s) {
    return static_cast<double>(route.segments_per_s->micro) / Decimal::one;
  }
  const auto it = live.providers.find(route.provider);
  return it == live.providers.end() ? 1.0 : it->second.carrier->capabilities().segments_per_s;
}

const store::RouteState* state_of(const std::vector<store::RouteState>& states,
                                  const std::string& route) {
  for (const store::RouteState& s : states) {
    if (s.route == route) return &s;
  }
  return nullptr;
}

}  // namespace

bool Outbox::open(const Live& live, const config::Route& route, const store::RouteState* state,
                  int picked, std::optional<Instant>& next, Instant now) {
  Way& way = ways_[route.name];
  if (state != nullptr && state->failures > 0) way.window = 1;
  if (way.in_flight + picked >= way.window) return false;  // an answer will wake us
  if (segments_per_s(live, route) <= 0) return true;
  const auto elapsed = g_.monotonic.elapsed();
  if (way.free_at <= elapsed) return true;
  const auto wait = std::chrono::ceil<Millis>(way.free_at - elapsed);
  const Instant at = now + std::min(wait, throttle_step_max);
  if (!next || at < *next) next = at;
  return false;
}

void Outbox::charge(const Live& live, const config::Route& route, int segments) {
  const double per_s = segments_per_s(live, route);
  if (per_s <= 0 || segments == 0) return;
  Way& way = ways_[route.name];
  const auto cost = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 * segments / per_s));
  // What was not used in the last second may go in a burst; nothing older than that.
  way.free_at = std::max(way.free_at, g_.monotonic.elapsed() - std::chrono::seconds{1}) + cost;
}

void Outbox::answered(const std::string& route, providers::SendOutcome outcome, bool halted) {
  Way& way = ways_[route];
  --way.in_flight;
  if (outcome == providers::SendOutcome::retry_later || halted) {
    way.window = 1;
  } else if (outcome != providers::SendOutcome::unknown) {
    way.window = std::min(way.window + 1, in_flight_max);  // doubles in a round
  }
}

Outbox::Round Outbox::look(const Live& live, Instant now, int limit) {
  Round round;
  const int room = in_flight_max - in_flight_;
  g_.store.read([&](store::ReadTx& tx) {
    const auto states = tx.route_states();
    const auto due = tx.messages_due(now, limit);
    round.full = static_cast<int>(due.size()) >= limit;
    for (const store::Message& m : due) {
      if (static_cast<int>(round.picks.size()) >= room) break;
      const checkins::RouteChoice c = checkins::choose_route(*live.service, m, states, now);
      if (c.route == nullptr) {
        if (c.until && (!round.next || *c.until < *round.next)) round.next = c.until;
        continue;
      }
      const config::Route& r = *c.route;
      if (!open(live, r, state_of(states, r.name), round.picked[r.name], round.next, now)) continue;
      const int segments = std::max(1, m.segments);
      charge(live, r, segments);
      ++round.picked[r.name];
      round.picks.push_back({m.id, &r, new_reference(), segments});
    }
    for (const config::Route& r : live.service->routes) {
      const store::RouteState* st = state_of(states, r.name);
      const bool shut = st != nullptr && (st->halted || (st->retry_at && *st->retry_at > now));
      std::optional<Instant> unused;
      if (!shut && open(live, r, st, round.picked[r.name], unused, now)) round.some_way_open = true;
    }
    const auto later = tx.next_message_due();
    if (later && *later > now && (!round.next || *later < *round.next)) round.next = later;
  });
  return round;
}

Outbox::Round Outbox::pick(const Live& live, Instant now) {
  if (in_flight_ >= in_flight_max) return {};
  Round round = look(live, now, read_max);
  // The first in line all wait for a slow or resting route: whoever stands behind them for
  // another one need not.
  if (round.picks.empty() && round.full && round.some_way_open) round = look(live, now, read_most);
  return round;
}

asio::awaitable<std::vector<checkins::Claimed>> Outbox::claim(std::shared_ptr<const Live> live,
                                                              std::vector<Pick> picks) {
  auto out = std::make_shared<std::vector<checkins::Claimed>>();
  store::Write write = [live, picks = std::move(picks), out, now = g_.clock.now(),
                        seed = g_.seed()](store::Tx& tx) {
    Dice dice(seed);
    const checkins::Setting s{*live->service, nullptr, now, dice};
    for (const Pick& p : picks) {
      if (auto c = checkins::claim(tx, s, p.message, *p.route, p.reference)) {
        out->push_back(std::move(*c));
      }
    }
  };
  co_await commit(g_.store, std::move(write));
  co_return std::move(*out);
}

bool Outbox::may_go(store::RowId message) {
  const auto live = g_.live;
  bool may = false;
  try {
    g_.store.read([&](store::ReadTx& tx) {
      Dice dice(g_.seed());
      may = checkins::may_go(tx, {*live->service, nullptr, g_.clock.now(), dice}, message);
    });
  } catch (const store::StoreError& e) {
    // What the provider answered is still to be written down.
    spdlog::error("outbox: text {} not handed over again: {}: {}", message, e.code(), e.what());
    g_.metrics.count("store_errors", {{"actor", "outbox"}, {"code", e.code()}});
  }
  return may;
}

// Who has texted START is no longer opted out; where the provider still blocks them its block is
// lifted, once, and the refused text goes again. A STOP may come while either call is under way.
asio::awaitable<providers::SendReply> Outbox::submit(std::shared_ptr<Carrier> carrier,
                                                     checkins::Claimed claimed) {
  if (!claimed.asked_back) co_return co_await carrier->submit(std::move(claimed.sms));
  providers::Sms again = claimed.sms;
  auto reply = co_await carrier->submit(std::move(claimed.sms));
  if (!reply.opted_out || !may_go(claimed.message)) co_return reply;
  std::string to = again.to;
  const bool lifted = co_await carrier->lift(std::move(to));
  g_.metrics.count("blocks_lifted",
                   {{"provider", claimed.provider}, {"outcome", lifted ? "lifted" : "refused"}});
  spdlog::info("outbox: text {}: the provider's block was {}", claimed.message,
               lifted ? "lifted" : "not lifted");
  reply.block_lifted = lifted;
  if (!lifted || !may_go(claimed.message)) co_return reply;
  reply = co_await carrier->submit(std::move(again));
  reply.block_lifted = true;
  co_return reply;
}

asio::awaitable<void> Outbox::send(checkins::Claimed claimed, std::string route) {
  const store::RowId id = claimed.message;
  const std::string provider = claimed.provider;
  const std::string reference = claimed.sms.reference;
  const auto live = g_.live;
  providers::SendReply reply;
  reply.code = "no_carrier";
  reply.outcome = providers::SendOutcome::retry_later;
  if (const auto it = live->providers.find(provider); it != live->providers.end()) {
    reply = co_await submit(it->second.carrier, std::move(claimed));
  }
  g_.crash.at("outbox.called");
  g_.metrics.count("texts_tried",
                   {{"provider", provider}, {"outcome", std::string(outcome_name(reply.outcome))}});
  spdlog::info("outbox: text {} through {}: {}{}{}", id, provider, outcome_name(reply.outcome),
               reply.code.empty() ? "" : " ", reply.code);
  // Known to the provider, not yet to us: nothing else matters until it is written down. If the
  // process dies first, the next start finds it `sending` and treats it as unknown.
  bool written = false;
  while (!written) {
    try {
      store::Write write = [live, id, reply, now = g_.clock.now(),
                            seed = g_.seed()](store::Tx& tx) {
        Dice dice(seed);
        checkins::settle(tx, {*live->service, nullptr, now, dice}, id, reply);
      };
      co_await commit(g_.store, std::move(write));
      written = true;
    } catch (const store::StoreError& e) {
      spdlog::error("outbox: text {} not settled yet: {}: {}", id, e.code(), e.what());
      g_.metrics.count("store_errors", {{"actor", "outbox"}, {"code", e.code()}});
    }
    if (!written) co_await g_.monotonic.sleep_for(store_retry);
  }
  g_.crash.at("outbox.settled");
  --in_flight_;
  answered(route, reply.outcome, reply.halt_route);
  g_.wake();
  if (reply.outcome == providers::SendOutcome::unknown) {
    tasks_.supervise("outbox.look_up", look_up(provider, reference), OnFailure::give_up);
  }
}

asio::awaitable<void> Outbox::look_up(std::string provider, std::string reference) {
  const auto live = g_.live;
  const auto it = live->providers.find(provider);
  if (it == live->providers.end()) co_return;
  const auto carrier = it->second.carrier;
  if (carrier->capabilities().lookup != providers::Lookup::by_reference) co_return;
  co_await g_.monotonic.sleep_for(look_up_after);
  auto events = co_await carrier->look_up(reference);
  if (events.empty()) co_return;
  store::Write write = [live, provider, events = std::move(events), now = g_.clock.now(),
                        seed = g_.seed()](store::Tx& tx) {
    Dice dice(seed);
    for (const providers::Event& e : events) {
      checkins::receipt(tx, {*live->service, nullptr, now, dice}, provider, e);
    }
  };
  co_await commit(g_.store, std::move(write));
  g_.wake();
}

void Outbox::start(const Live& live, const std::vector<Pick>& picks,
                   std::vector<checkins::Claimed> claimed) {
  for (const Pick& p : picks) {
    const auto it = std::find_if(claimed.begin(), claimed.end(), [&](const checkins::Claimed& c) {
      return c.message == p.message;
    });
    // The throttle counts segments, and those are known now; a text that stayed gives its own back.
    charge(live, *p.route, (it == claimed.end() ? 0 : it->sms.segments) - p.segments);
    if (it == claimed.end()) continue;
    ++in_flight_;
    ++ways_[p.route->name].in_flight;
    tasks_.supervise("outbox.send", send(std::move(*it), p.route->name), OnFailure::stop_process);
  }
}

asio::awaitable<void> Outbox::run() {
  while (!closed_) {
    std::optional<Instant> next;
    bool failed = false;
    try {
      const auto live = g_.live;
      Round round = pick(*live, g_.clock.now());
      next = round.next;
      if (!round.picks.empty()) {
        const std::vector<Pick> picks = round.picks;
        auto claimed = co_await claim(live, std::move(round.picks));
        g_.crash.at("outbox.claimed");
        start(*live, picks, std::move(claimed));
        continue;
      }
    } catch (const store::StoreError& e) {
      // Disk full or I/O error: nothing was claimed. Hold, say so, and look again.
      spdlog::error("outbox: {}: {}", e.code(), e.what());
      g_.metrics.count("store_errors", {{"actor", "outbox"}, {"code", e.code()}});
      failed = true;
    }
    if (failed) {
      co_await g_.monotonic.sleep_for(store_retry);
      continue;
    }
    co_await g_.clock.sleep_until(next.value_or(Instant::max()), &g_.outbox_wakeup);
  }
}

}  // namespace moodline::actors
