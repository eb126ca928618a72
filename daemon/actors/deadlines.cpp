#include "daemon/actors/deadlines.hpp"

#include <spdlog/spdlog.h>

#include <array>

#include "daemon/actors/commit.hpp"
#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/clock_jump.hpp"
#include "daemon/checkins/inbound.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "daemon/checkins/sending.hpp"
#include "daemon/checkins/slots.hpp"
#include "daemon/checkins/upkeep.hpp"

namespace moodline::actors {
namespace {

using Handler = void (*)(store::Tx&, const checkins::Setting&, const store::Timer&);
struct Row {
  std::string_view kind;
  Handler handler;
};

void unknown_due(store::Tx& tx, const checkins::Setting& s, const store::Timer& t) {
  tx.drop_timer(t.kind, t.key);
  checkins::unknown_is_over(tx, s, std::stoll(t.key));
}

constexpr std::array handlers{
    // planner
    Row{"slot", checkins::slot_due},
    Row{"reminder", checkins::reminder_due},
    // escalator
    Row{"rule", checkins::rule_due},
    Row{"desk", checkins::desk_due},
    Row{"review", checkins::review_due},
    Row{"hold", checkins::hold_due},
    // outbox and inbox
    Row{"unknown", unknown_due},
    Row{"parts", checkins::parts_due},
    // upkeep
    Row{"clock", checkins::clock_due},
    Row{"erase", checkins::erase_due},
    Row{"nightly", checkins::nightly_due},
    Row{"daily", checkins::daily_due},
};

constexpr Millis store_retry{1'000};

}  // namespace

bool timer_due(store::Tx& tx, const checkins::Setting& s, const store::Timer& timer) {
  for (const Row& row : handlers) {
    if (row.kind != timer.kind) continue;
    row.handler(tx, s, timer);
    return true;
  }
  tx.drop_timer(timer.kind, timer.key);
  return false;
}

asio::awaitable<int> Deadlines::run_due() {
  const auto live = g_.live;
  const auto done = std::make_shared<int>(0);
  store::Write write = [live, done, now = g_.clock.now(), seed = g_.seed()](store::Tx& tx) {
    Dice dice(seed);
    const checkins::Setting s{*live->service, live->reader.get(), now, dice};
    for (const store::Timer& t : tx.timers_due(now, batch_max)) {
      timer_due(tx, s, t);
      ++*done;
    }
  };
  co_await commit(g_.store, std::move(write));
  if (*done > 0) {
    g_.crash.at("deadlines.committed");
    g_.outbox_wakeup.call();
  }
  co_return *done;
}

asio::awaitable<void> Deadlines::run() {
  while (!closed_) {
    bool failed = false;
    int done = 0;
    std::optional<Instant> next;
    try {
      co_await clock_.look();
      done = co_await run_due();
      g_.store.read([&](store::ReadTx& tx) { next = tx.next_timer_due(); });
    } catch (const store::StoreError& e) {
      spdlog::error("deadlines: {}: {}", e.code(), e.what());
      g_.metrics.count("store_errors", {{"actor", "deadlines"}, {"code", e.code()}});
      failed = true;
    }
    if (failed) {
      co_await g_.monotonic.sleep_for(store_retry);
    } else if (done == 0 || !next || *next > g_.clock.now()) {
      co_await g_.clock.sleep_until(next.value_or(Instant::max()), &g_.deadlines_wakeup);
    }
  }
}

}  // namespace moodline::actors
