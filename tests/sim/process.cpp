#include "tests/sim/process.hpp"

#include <boost/json.hpp>

#include "daemon/actors/commit.hpp"
#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/alert_desk.hpp"
#include "daemon/checkins/upkeep.hpp"
#include "providers/kit/json.hpp"

namespace moodline::sim {
namespace {
namespace json = boost::json;
}

store::StoreOptions sim_store_options(const testing::FaultDisk& disk) {
  store::StoreOptions o = testing::store_options(disk);
  o.checkpoint_pages = 200;
  return o;
}

Process::Process(World& world, testing::FaultDisk& disk, Wire& wire,
                 std::shared_ptr<const actors::Live> live, std::uint64_t seed, CrashPlan plan,
                 Millis clock_off)
    : VirtualDaemon(wire, world.now + clock_off, seed),
      world_(world),
      disk_(disk),
      live_(std::move(live)),
      plan_(plan),
      clock_off_(clock_off),
      crash_dice_(seed ^ 0xC0FFEEU) {}

Process::~Process() {
  crashed_ = true;
  close();
  // Their connections were cut: the provider tries each again.
  for (auto& [id, hook] : hooks_) world_.unanswered(std::move(hook));
}

void Process::on_fatal(std::string_view task) {
  if (crashed_) return;
  crashed_ = true;
  crashed_at_ = "task " + std::string(task);
  world_.trace("fatal " + crashed_at_);
  disk_.kill();
}

void Process::at(std::string_view name) {
  if (!crashed_) {
    if (on_point) on_point(name);
    if (plan_.of_ten_thousand == 0 ||
        crash_dice_.below(10'000) >= static_cast<std::uint64_t>(plan_.of_ten_thousand)) {
      return;
    }
    stop_at(name);
  }
  // Inside the store the dead disk stops it; everywhere else this does.
  if (!name.starts_with("store.")) throw Crash();
}

// From here nothing reaches the disk: its handles are dead.
void Process::stop_at(std::string_view where) {
  crashed_ = true;
  crashed_at_ = where;
  world_.trace("crash " + crashed_at_);
  if (crash_dice_.below(2) == 0) {
    disk_.kill();
  } else {
    disk_.cut(crash_dice_.next());
  }
}

bool Process::start() {
  store::StoreOptions o = sim_store_options(disk_);
  o.fault_point = [this](std::string_view point) { at("store." + std::string(point)); };
  try {
    open(std::move(o), live_, *this, no_http_);
  } catch (const store::StoreError& e) {
    stop_at("start, " + e.code());  // moodlined ends, and is started again
    return false;
  }
  tasks->supervise("begin", begin_all(), actors::OnFailure::stop_process);
  run();
  return !crashed_;
}

asio::awaitable<void> Process::begin_all() {
  co_await begin();
  bool seen = false;
  db->read([&](store::ReadTx& tx) {
    seen = tx.setting(checkins::rules_seen_setting) == live_->service->hash;
  });
  if (!seen) tasks->supervise("rules", [this] { return tell_changes(); });
}

// As Daemon::Parts::tell_changes does it, some people a transaction.
asio::awaitable<void> Process::tell_changes() {
  constexpr int people_at_once = 3;
  const auto live = gateway->live;
  const auto next = std::make_shared<store::RowId>(0);
  do {
    store::Write write = [live, next, now = clock.now(), seed = seed()](store::Tx& tx) {
      Dice dice(seed);
      const checkins::Setting s{*live->service, live->reader.get(), now, dice};
      *next = checkins::rules_changed_for(tx, s, *next, people_at_once);
    };
    co_await commit(std::move(write));
  } while (*next != 0 && gateway->live == live);
}

void Process::run() {
  if (!crashed_) VirtualDaemon::run(world_.now + clock_off_, [this] { return crashed_; });
}

std::optional<Instant> Process::next_due() const {
  auto due = VirtualDaemon::next_due();
  if (due) *due = *due - clock_off_;
  return due;
}

void Process::step(Millis by) {
  clock_off_ += by;
  time.step(by);
  gateway->wake();  // the daemon looks at its clocks every 20 s
}

void Process::reload(std::shared_ptr<const actors::Live> live) {
  live_ = live;
  gateway->live = std::move(live);
  admin([live = live_, now = clock.now(), seed = seed()](store::Tx& tx) {
    Dice dice(seed);
    checkins::ensure_upkeep(tx, {*live->service, live->reader.get(), now, dice});
  });
  tasks->supervise("rules", [this] { return tell_changes(); });
}

Result<void> Process::back_up(const std::string& name, std::optional<std::uint64_t> stop_after) {
  if (stop_after) disk_.freeze_after(*stop_after);
  auto done = db->backup(name);
  if (stop_after && disk_.frozen()) stop_at("backup");
  return done;
}

void Process::carry(Hook hook) {
  const std::uint64_t id = ++next_hook_;
  hooks_.emplace(id, std::move(hook));
  tasks->supervise("hook", take(id), actors::OnFailure::give_up);
}

asio::awaitable<void> Process::take(std::uint64_t id) {
  std::string body = hooks_.at(id).body;
  std::string secret = webhook_secret;
  std::string provider = hooks_.at(id).provider;
  const net::Response r = co_await hand_in(std::move(body), std::move(secret), std::move(provider));
  if (crashed_) co_return;
  auto node = hooks_.extract(id);
  world_.answered(node.mapped(), r.status);
}

void Process::admin(store::Write w, std::function<void()> done) {
  if (crashed_) return;
  tasks->supervise("admin", write_then(std::move(w), std::move(done)), actors::OnFailure::give_up);
}

asio::awaitable<void> Process::write_then(store::Write w, std::function<void()> done) {
  co_await commit(std::move(w));
  if (done && !crashed_) done();
}

// Whoever is away by their own calendar is covered; told in spite of it, they are named. A text
// that was written before they went may still be on its way.
std::string Process::told_on_leave(store::ReadTx& tx, const store::Message& m) {
  constexpr Millis on_its_way{10 * minute_ms};
  if (m.purpose != store::Purpose::alert && m.purpose != store::Purpose::escalation) return {};
  const config::Service& service = *live_->service;
  const config::Practitioner* p = service.practitioner(m.practitioner);
  const Instant now = clock.now();
  if (p == nullptr || p->deputy.empty() || now - m.created_at > on_its_way) return {};
  const config::Practitioner* cover = service.practitioner(p->deputy);
  if (cover == nullptr) return {};
  const auto planned = [&](Instant t) {
    store::PractitionerState accepted;
    accepted.accepted_at = t;
    return checkins::calendar_of(*p, accepted, t).on_leave(t);
  };
  const auto there = [&](Instant t) {
    return !checkins::calendar_of(*cover, tx.practitioner(cover->id), t).on_leave(t);
  };
  const bool away = planned(m.created_at) && planned(now);
  return away && there(m.created_at) && there(now) ? p->id : std::string{};
}

Handed Process::describe(const std::string& body) {
  const json::object o = json::parse(body).as_object();
  Handed h;
  h.at = world_.now;
  h.to = o.at("to").as_string().c_str();
  h.text = o.at("text").as_string().c_str();
  h.reference = o.at("reference").as_string().c_str();
  disk_.hold(true);
  db->read([&](store::ReadTx& tx) {
    const auto m = tx.message_by_reference(h.reference);
    if (!m) return;
    h.message = m->id;
    h.purpose = static_cast<int>(m->purpose);
    h.template_name = m->template_name;
    h.language = m->language;
    h.on_leave = told_on_leave(tx, *m);
    h.stale = m->expires_at && *m->expires_at + Millis{minute_ms} < clock.now();
    h.unknowns = m->unknowns;
    h.alert = m->alert;
    h.alerts.assign(m->alerts.begin(), m->alerts.end());
    if (m->purpose != store::Purpose::prompt || m->prompt == 0) return;
    if (const auto p = tx.prompt(m->prompt)) {
      h.slot = std::to_string(p->person) + "/" + p->schedule + "/" + to_iso(p->local_date) + "/" +
               std::to_string(p->slot);
    }
  });
  disk_.hold(false);
  return h;
}

asio::awaitable<ports::HttpResult> Process::fetch(providers::HttpCall call, ports::HttpLimits) {
  if (crashed_) throw Crash();
  const std::size_t index = world_.handed.size();
  const std::size_t way = call.url.find(":2/") == std::string::npos ? 0 : 1;
  const Fate fate = world_.draw_fate(way);
  world_.handed.push_back(describe(call.body));
  world_.handed.back().way = way;
  world_.handed.back().failed =
      fate == Fate::no_connection || fate == Fate::slow_down || fate == Fate::outage;
  world_.handed.back().maybe_taken =
      fate == Fate::accept || fate == Fate::accept_lost || fate == Fate::lost_before;
  world_.trace(std::string("call ") + providers.at(way) + " " + world_.handed[index].to + " " +
               world_.handed[index].text);
  const auto latency = Millis{20 + static_cast<std::int64_t>(world_.dice.below(400))};
  world_.handed[index].answered_at = world_.now + latency;
  if (fate != Fate::accept_lost && fate != Fate::lost_before) {
    world_.handed[index].well = fate == Fate::accept || fate == Fate::refuse;
  }
  std::string id;
  if (fate == Fate::accept || fate == Fate::accept_lost) id = world_.take(index);
  ports::HttpFailure failure;
  providers::HttpReply reply;
  switch (fate) {
    case Fate::accept:
      co_await monotonic.sleep_for(latency);
      reply.status = 200;
      reply.body = json::serialize(json::object{{"id", id}});
      break;
    case Fate::accept_lost:
    case Fate::lost_before:
      co_await monotonic.sleep_for(Millis{30'000});
      failure = {ports::HttpFailureKind::maybe_sent, "timeout", "no answer"};
      co_return tl::unexpected(failure);
    case Fate::no_connection:
      failure = {ports::HttpFailureKind::could_not_connect, "connect", "refused"};
      co_return tl::unexpected(failure);
    case Fate::slow_down:
      co_await monotonic.sleep_for(latency);
      reply.status = 429;
      reply.headers = {{"retry-after", "7"}};
      break;
    case Fate::outage:
      co_await monotonic.sleep_for(latency);
      reply.status = 503;
      break;
    case Fate::refuse:
      co_await monotonic.sleep_for(latency);
      reply.status = 400;
      reply.body = R"({"code":"refused"})";
      break;
    case Fate::account:
      co_await monotonic.sleep_for(latency);
      reply.status = 401;
      break;
  }
  co_return reply;
}

}  // namespace moodline::sim
