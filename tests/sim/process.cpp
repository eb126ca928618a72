#include "tests/sim/process.hpp"

#include <boost/asio/post.hpp>
#include <boost/json.hpp>

#include "daemon/actors/commit.hpp"
#include "daemon/checkins/upkeep.hpp"
#include "providers/kit/json.hpp"

namespace moodline::sim {
namespace {

namespace json = boost::json;

constexpr int polls_max = 2'000'000;  // handlers of one instant; beyond: something spins

store::KeyRingPtr ring(unsigned char byte) {
  auto r = std::make_shared<store::KeyRing>();
  std::array<unsigned char, store::key_bytes> bytes{};
  bytes.fill(byte);
  r->add(1, store::Secret::of(bytes));
  return r;
}

}  // namespace

store::StoreOptions store_options(const testing::FaultDisk& disk) {
  static const store::KeyRingPtr master = ring(7);
  static const store::KeyRingPtr lookup = ring(9);
  store::StoreOptions o;
  o.path = "moodline.db";
  o.vfs = disk.vfs();
  o.master_key = master;
  o.lookup_key = lookup;
  o.executor = store::Executor::inline_;
  o.checkpoint_pages = 200;
  return o;
}

Process::Process(World& world, testing::FaultDisk& disk, Wire& wire,
                 std::shared_ptr<const actors::Live> live, std::uint64_t seed, CrashPlan plan)
    : world_(world),
      disk_(disk),
      wire_(wire),
      live_(std::move(live)),
      plan_(plan),
      time_(world.now),
      random_(seed),
      crash_dice_(seed ^ 0xC0FFEEU) {
  wire_.client = this;
  wire_.clock = &wire_clock_;
}

Process::~Process() {
  // Tasks end inside the loop; the store outlives them, for some wait for its answer.
  crashed_ = true;
  if (tasks_) {
    asio::post(io_, [this] { tasks_->stop(); });
    io_.restart();
    io_.poll();
  }
  store_.reset();
  io_.restart();
  io_.poll();
  wire_.client = nullptr;
  // Their connections were cut: the provider tries each again.
  for (auto& [id, hook] : hooks_) world_.unanswered(std::move(hook));
}

void Process::at(std::string_view name) {
  if (!crashed_) {
    if (plan_.of_ten_thousand == 0 ||
        crash_dice_.below(10'000) >= static_cast<std::uint64_t>(plan_.of_ten_thousand)) {
      return;
    }
    crashed_ = true;
    crashed_at_ = name;
    world_.trace("crash " + crashed_at_);
    // From here nothing reaches the disk: its handles are dead.
    if (crash_dice_.below(2) == 0) {
      disk_.kill();
    } else {
      disk_.cut(crash_dice_.next());
    }
  }
  // Inside the store the dead disk stops it; everywhere else this does.
  if (!name.starts_with("store.")) throw Crash();
}

bool Process::start() {
  store::StoreOptions o = store_options(disk_);
  o.post = [this](std::function<void()> f) { asio::post(io_, std::move(f)); };
  o.monotonic_us = [this] { return monotonic_.elapsed().count() / 1000; };
  o.fault_point = [this](std::string_view point) { at("store." + std::string(point)); };
  store_ = store::open_sqlite(std::move(o));
  gateway_.emplace(actors::Gateway{
      clock_, wire_clock_, monotonic_, random_, *this, *store_, metrics_, live_, {}, {}});
  actors::SupervisorHooks hooks;
  hooks.on_fatal = [this](std::string_view task) {
    if (!crashed_) {
      crashed_ = true;
      crashed_at_ = "task " + std::string(task);
      world_.trace("fatal " + crashed_at_);
      disk_.kill();
    }
  };
  tasks_.emplace(io_.get_executor(), monotonic_, std::move(hooks));
  outbox_.emplace(*gateway_, *tasks_);
  inbox_.emplace(*gateway_, no_http_);
  deadlines_.emplace(*gateway_);
  tasks_->supervise("begin", begin(), actors::OnFailure::stop_process);
  run();
  return !crashed_;
}

asio::awaitable<void> Process::begin() {
  co_await outbox_->recover();
  store::Write write = [live = live_, now = clock_.now(), seed = seed()](store::Tx& tx) {
    Dice dice(seed);
    checkins::ensure_upkeep(tx, {*live->service, live->reader.get(), now, dice});
  };
  co_await actors::commit(*store_, std::move(write));
  tasks_->supervise("outbox", [this] { return outbox_->run(); });
  tasks_->supervise("deadlines", [this] { return deadlines_->run(); });
}

void Process::run() {
  if (crashed_) return;
  if (world_.now > time_.now()) time_.advance_to(world_.now);
  io_.restart();
  for (int i = 0; i < polls_max; ++i) {
    if (crashed_ || io_.poll_one() == 0) return;
    if (io_.stopped()) io_.restart();
  }
  throw std::runtime_error("the process spins without time moving on");
}

void Process::carry(Hook hook) {
  const std::uint64_t id = ++next_hook_;
  hooks_.emplace(id, std::move(hook));
  tasks_->supervise("hook", take(id), actors::OnFailure::give_up);
}

asio::awaitable<void> Process::take(std::uint64_t id) {
  net::Request request;
  request.method = "POST";
  request.target = "/hooks/phones";
  request.headers = {{"authorization", std::string("Bearer ") + webhook_secret},
                     {"content-type", "application/json"}};
  request.body = hooks_.at(id).body;
  std::string provider = "phones";
  const net::Response r = co_await inbox_->webhook(std::move(request), std::move(provider));
  if (crashed_) co_return;
  auto node = hooks_.extract(id);
  world_.answered(node.mapped(), r.status);
}

void Process::admin(store::Write w) {
  if (crashed_) return;
  tasks_->supervise("admin", write(std::move(w)), actors::OnFailure::give_up);
}

asio::awaitable<void> Process::write(store::Write w) {
  co_await actors::commit(*store_, std::move(w));
  gateway_->wake();
}

Handed Process::describe(const std::string& body) {
  const json::object o = json::parse(body).as_object();
  Handed h;
  h.at = world_.now;
  h.to = o.at("to").as_string().c_str();
  h.text = o.at("text").as_string().c_str();
  h.reference = o.at("reference").as_string().c_str();
  store_->read([&](store::ReadTx& tx) {
    const auto m = tx.message_by_reference(h.reference);
    if (!m) return;
    h.message = m->id;
    h.purpose = static_cast<int>(m->purpose);
    h.template_name = m->template_name;
    h.alert = m->alert;
    h.alerts.assign(m->alerts.begin(), m->alerts.end());
    if (m->purpose != store::Purpose::prompt || m->prompt == 0) return;
    if (const auto p = tx.prompt(m->prompt)) {
      h.slot = std::to_string(p->person) + "/" + p->schedule + "/" + to_iso(p->local_date) + "/" +
               std::to_string(p->slot);
    }
  });
  return h;
}

asio::awaitable<ports::HttpResult> Process::fetch(providers::HttpCall call, ports::HttpLimits) {
  if (crashed_) throw Crash();
  const std::size_t index = world_.handed.size();
  const Fate fate = world_.draw_fate();
  world_.handed.push_back(describe(call.body));
  world_.trace("call " + world_.handed[index].to + " " + world_.handed[index].text);
  const auto latency = Millis{20 + static_cast<std::int64_t>(world_.dice.below(400))};
  std::string id;
  if (fate == Fate::accept || fate == Fate::accept_lost) id = world_.take(index);
  ports::HttpFailure failure;
  providers::HttpReply reply;
  switch (fate) {
    case Fate::accept:
      co_await monotonic_.sleep_for(latency);
      reply.status = 200;
      reply.body = json::serialize(json::object{{"id", id}});
      break;
    case Fate::accept_lost:
    case Fate::lost_before:
      co_await monotonic_.sleep_for(Millis{30'000});
      failure = {ports::HttpFailureKind::maybe_sent, "timeout", "no answer"};
      co_return tl::unexpected(failure);
    case Fate::no_connection:
      failure = {ports::HttpFailureKind::could_not_connect, "connect", "refused"};
      co_return tl::unexpected(failure);
    case Fate::slow_down:
      co_await monotonic_.sleep_for(latency);
      reply.status = 429;
      reply.headers = {{"retry-after", "7"}};
      break;
    case Fate::outage:
      co_await monotonic_.sleep_for(latency);
      reply.status = 503;
      break;
    case Fate::refuse:
      co_await monotonic_.sleep_for(latency);
      reply.status = 400;
      reply.body = R"({"code":"refused"})";
      break;
  }
  co_return reply;
}

}  // namespace moodline::sim
