#include "tests/sim/process.hpp"

#include <boost/json.hpp>

#include "daemon/actors/commit.hpp"
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
                 std::shared_ptr<const actors::Live> live, std::uint64_t seed, CrashPlan plan)
    : VirtualDaemon(wire, world.now, seed),
      world_(world),
      disk_(disk),
      live_(std::move(live)),
      plan_(plan),
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
  store::StoreOptions o = sim_store_options(disk_);
  o.fault_point = [this](std::string_view point) { at("store." + std::string(point)); };
  open(std::move(o), live_, *this, no_http_);
  tasks->supervise("begin", begin(), actors::OnFailure::stop_process);
  run();
  return !crashed_;
}

void Process::run() {
  if (!crashed_) VirtualDaemon::run(world_.now, [this] { return crashed_; });
}

void Process::carry(Hook hook) {
  const std::uint64_t id = ++next_hook_;
  hooks_.emplace(id, std::move(hook));
  tasks->supervise("hook", take(id), actors::OnFailure::give_up);
}

asio::awaitable<void> Process::take(std::uint64_t id) {
  std::string body = hooks_.at(id).body;
  std::string secret = webhook_secret;
  const net::Response r = co_await hand_in(std::move(body), std::move(secret));
  if (crashed_) co_return;
  auto node = hooks_.extract(id);
  world_.answered(node.mapped(), r.status);
}

void Process::admin(store::Write w) {
  if (crashed_) return;
  tasks->supervise("admin", commit(std::move(w)), actors::OnFailure::give_up);
}

Handed Process::describe(const std::string& body) {
  const json::object o = json::parse(body).as_object();
  Handed h;
  h.at = world_.now;
  h.to = o.at("to").as_string().c_str();
  h.text = o.at("text").as_string().c_str();
  h.reference = o.at("reference").as_string().c_str();
  db->read([&](store::ReadTx& tx) {
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
  }
  co_return reply;
}

}  // namespace moodline::sim
