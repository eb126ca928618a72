#include "daemon/actors/outbox.hpp"

#include <spdlog/spdlog.h>

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

bool Outbox::throttled(const Live& live, const config::Route& route, int segments,
                       std::optional<Instant>& next, Instant now) {
  double per_s = 1.0;
  if (const auto it = live.providers.find(route.provider); it != live.providers.end()) {
    per_s = it->second.carrier->capabilities().segments_per_s;
  }
  if (route.segments_per_s) {
    per_s = static_cast<double>(route.segments_per_s->micro) / Decimal::one;
  }
  if (per_s <= 0) return false;
  Throttle& t = throttles_[route.name];
  const auto elapsed = g_.monotonic.elapsed();
  if (t.free_at > elapsed) {
    const auto wait = std::chrono::ceil<Millis>(t.free_at - elapsed);
    const Instant at = now + std::min(wait, throttle_step_max);
    if (!next || at < *next) next = at;
    return true;
  }
  const auto cost = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 * segments / per_s));
  t.free_at = std::max(t.free_at, elapsed - std::chrono::seconds{1}) + cost;
  return false;
}

std::vector<Outbox::Pick> Outbox::pick(const Live& live, Instant now,
                                       std::optional<Instant>& next) {
  std::vector<Pick> picks;
  const int room = in_flight_max - in_flight_;
  if (room <= 0) return picks;
  g_.store.read([&](store::ReadTx& tx) {
    const auto states = tx.route_states();
    for (const store::Message& m : tx.messages_due(now, read_max)) {
      if (static_cast<int>(picks.size()) >= room) break;
      const checkins::RouteChoice c = checkins::choose_route(*live.service, m, states, now);
      if (c.route == nullptr) {
        if (c.until && (!next || *c.until < *next)) next = c.until;
        continue;
      }
      if (throttled(live, *c.route, std::max(1, m.segments), next, now)) continue;
      picks.push_back({m.id, c.route, new_reference()});
    }
    const auto due = tx.next_message_due();
    if (due && *due > now && (!next || *due < *next)) next = due;
  });
  return picks;
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

asio::awaitable<void> Outbox::send(checkins::Claimed claimed) {
  const store::RowId id = claimed.message;
  const std::string provider = claimed.provider;
  const std::string reference = claimed.sms.reference;
  const auto live = g_.live;
  providers::SendReply reply;
  reply.code = "no_carrier";
  reply.outcome = providers::SendOutcome::retry_later;
  if (const auto it = live->providers.find(claimed.provider); it != live->providers.end()) {
    reply = co_await it->second.carrier->submit(std::move(claimed.sms));
  }
  g_.crash.at("outbox.called");
  g_.metrics.count("texts_tried", {{"provider", claimed.provider},
                                   {"outcome", std::string(outcome_name(reply.outcome))}});
  spdlog::info("outbox: text {} through {}: {}{}{}", id, claimed.provider,
               outcome_name(reply.outcome), reply.code.empty() ? "" : " ", reply.code);
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

asio::awaitable<void> Outbox::run() {
  while (!closed_) {
    std::optional<Instant> next;
    bool failed = false;
    try {
      const auto live = g_.live;
      auto picks = pick(*live, g_.clock.now(), next);
      if (!picks.empty()) {
        auto claimed = co_await claim(live, std::move(picks));
        g_.crash.at("outbox.claimed");
        for (checkins::Claimed& c : claimed) {
          ++in_flight_;
          tasks_.supervise("outbox.send", send(std::move(c)), OnFailure::stop_process);
        }
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
