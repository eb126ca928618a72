#include "tests/cases/daemon/town.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "config/problem.hpp"
#include "rules/base/dice.hpp"

namespace moodline::casetest {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* secret = "case-phones";
constexpr const char* service_number = "+447700900000";

/// Thrown by a probe so that nothing of it is kept.
struct Probed final : std::exception {};

}  // namespace

class Process final : public testing::VirtualDaemon, public ports::CrashPoints {
 public:
  explicit Process(Town& town) : VirtualDaemon(town.wire_, town.now_, town.seeds_++), town_(town) {
    open(testing::store_options(town_.disk_), town_.live_, *this, *this);
    tasks->supervise("begin", begin(), actors::OnFailure::stop_process);
    run();
  }

  ~Process() override {
    town_.disk_.kill();  // from here nothing reaches the disk
    close();
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void advance(Instant t) { time.advance_to(t); }
  void at(std::string_view) override {}

  void run() {
    VirtualDaemon::run(time.now(), [] { return false; });
    if (!failed.empty()) throw std::runtime_error("task " + failed + " failed");
  }

  void carry(const std::string& body) {
    answer_ = 0;
    tasks->supervise("hook", take(body), actors::OnFailure::give_up);
    time.advance_to(town_.now_);  // what is due now comes after what is learned now
    run();
    if (answer_ < 200 || answer_ > 299) {
      throw std::runtime_error("the inbox answered " + std::to_string(answer_));
    }
  }

  void write(Town::Work work) {
    wrote_ = false;
    tasks->supervise("admin", commit_one(std::move(work)), actors::OnFailure::give_up);
    time.advance_to(town_.now_);
    run();
    if (!wrote_) throw std::runtime_error("a write failed");
  }

  void swap(std::shared_ptr<const actors::Live> live) { gateway->live = std::move(live); }

  asio::awaitable<ports::HttpResult> fetch(providers::HttpCall call, ports::HttpLimits) override {
    const json::object o = json::parse(call.body).as_object();
    const std::string reference(o.at("reference").as_string());
    store::Message m;
    db->read([&](store::ReadTx& tx) {
      if (const auto found = tx.message_by_reference(reference)) m = *found;
    });
    town_.sent.push_back({town_.now_, m});
    Fate fate = Fate::accepted;
    if (m.purpose == store::Purpose::prompt) {
      const auto it = town_.fates.find(m.prompt);
      fate = it == town_.fates.end() ? Fate::delivered : it->second;
    }
    if (fate == Fate::lost) {
      const ports::HttpFailure failure{ports::HttpFailureKind::maybe_sent, "timeout", "no answer"};
      co_return tl::unexpected(failure);
    }
    // The receipt sets out when our process has heard of the acceptance.
    if (fate == Fate::delivered) receipts_.emplace_back(reference, "delivered");
    if (fate == Fate::undelivered) receipts_.emplace_back(reference, "failed");
    providers::HttpReply reply;
    reply.status = 200;
    reply.body = json::serialize(json::object{{"id", "pm" + std::to_string(++town_.ids_)}});
    co_return reply;
  }

  std::vector<std::pair<std::string, std::string>> take_receipts() {
    return std::exchange(receipts_, {});
  }

 private:
  asio::awaitable<void> take(std::string body) {
    std::string word = secret;
    const net::Response r = co_await hand_in(std::move(body), std::move(word));
    answer_ = r.status;
  }

  asio::awaitable<void> commit_one(Town::Work work) {
    const auto live = gateway->live;
    store::Write write = [live, work = std::move(work), now = clock.now(),
                          seed = seed()](store::Tx& tx) {
      Dice dice(seed);
      work(tx, {*live->service, live->reader.get(), now, dice});
    };
    co_await commit(std::move(write));
    wrote_ = true;
  }

  Town& town_;
  std::vector<std::pair<std::string, std::string>> receipts_;
  int answer_ = 0;
  bool wrote_ = false;
};

std::shared_ptr<const actors::Live> sample_live(Wire& wire) {
  const fs::path dir = fs::temp_directory_path() / ("moodline-cases-" + std::to_string(getpid()));
  fs::remove_all(dir);
  fs::copy(fs::path(MOODLINE_SOURCE_DIR) / "config/sample", dir, fs::copy_options::recursive);
  std::stringstream in;
  in << std::ifstream(dir / "service.yaml").rdbuf();
  std::string yaml = in.str();
  const auto put = [&yaml](const std::string& from, const std::string& to) {
    const auto at = yaml.find(from);
    if (at == std::string::npos) throw std::runtime_error("the sample service lacks " + from);
    yaml.replace(at, from.size(), to);
  };
  put("{name: phones, type: simulated}",
      "{name: phones, type: simulated, settings: {send_url: \"http://127.0.0.1:1/\", secret: "
      "phones-secret}}");
  put("segments_per_s: 5", "segments_per_s: 1000");
  std::ofstream(dir / "service.yaml") << yaml;
  actors::LiveOptions o;
  o.config_dir = dir.string();
  o.languages_dir = (fs::path(MOODLINE_SOURCE_DIR) / "config/languages").string();
  o.secrets["phones-secret"] = secret;
  auto loaded = actors::load_live(o, wire, wire);
  fs::remove_all(dir);
  if (!loaded.live) throw std::runtime_error(config::to_text(loaded.problems));
  return loaded.live;
}

Town::Town(std::shared_ptr<const actors::Live> live, Wire& wire, Instant start, bool restart)
    : wire_(wire), live_(std::move(live)), restart_(restart), now_(start), disk_("cases", 1) {
  this->start();
}

Town::~Town() = default;

void Town::start() {
  process_ = std::make_unique<Process>(*this);
  ++starts;
  settle();
}

void Town::stop() {
  process_.reset();
}

void Town::happened() {
  settle();
  if (restart_ && process_) {
    stop();
    start();
  }
}

void Town::settle() {
  if (!process_) return;
  process_->advance(now_);
  process_->run();
  constexpr int receipts_max = 1000;
  for (int i = 0; i < receipts_max; ++i) {
    const auto receipts = process_->take_receipts();
    if (receipts.empty()) return;
    for (const auto& [reference, status] : receipts) receipt(reference, status);
  }
}

void Town::go_to(Instant t) {
  constexpr int steps_max = 1'000'000;
  for (int i = 0; i < steps_max && process_; ++i) {
    const auto due = process_->next_due();
    if (!due || *due >= t) break;
    now_ = std::max(now_, *due);
    process_->advance(now_);
    happened();
  }
  now_ = t;  // what is due at `t` itself waits behind what is learned at `t`
}

void Town::deliver(json::object body) {
  if (!process_) throw std::runtime_error("the daemon is off");
  body["event_id"] =
      body.contains("event_id") ? body["event_id"] : json::value("e" + std::to_string(++ids_));
  process_->carry(json::serialize(body));
}

void Town::text(const std::string& from, const std::string& words, Instant stamped,
                const std::string& event_id) {
  json::object o{{"type", "mo"},
                 {"from", from},
                 {"to", service_number},
                 {"text", words},
                 {"at", to_iso(stamped)}};
  if (!event_id.empty()) o["event_id"] = event_id;
  deliver(std::move(o));
  happened();
}

void Town::receipt(const std::string& reference, const std::string& status) {
  deliver({{"type", "dlr"},
           {"reference", reference},
           {"status", status},
           {"from", service_number},
           {"at", to_iso(now_)}});
}

void Town::write(Work work) {
  process_->write(std::move(work));
  happened();
}

void Town::probe(Work work) {
  try {
    process_->store().write([&](store::Tx& tx) {
      Dice dice(1);
      work(tx, {*live_->service, live_->reader.get(), now_, dice});
      throw Probed();
    });
  } catch (const Probed&) {
  }
}

void Town::read(const std::function<void(store::ReadTx&)>& read) {
  process_->store().read(read);
}

void Town::swap(std::shared_ptr<const actors::Live> live) {
  live_ = std::move(live);
  if (process_) process_->swap(live_);
}

}  // namespace moodline::casetest
