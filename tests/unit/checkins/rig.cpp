#include "tests/unit/checkins/rig.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "config/load.hpp"
#include "daemon/actors/commit.hpp"
#include "daemon/actors/heartbeat.hpp"
#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/practitioners.hpp"
#include "daemon/control/actions.hpp"
#include "rules/text/segments.hpp"
#include "tests/support/virtual_daemon.hpp"

namespace moodline::rig {
namespace {

namespace fs = std::filesystem;
namespace asio = boost::asio;

constexpr const char* service_number = "+447700900000";
constexpr const char* webhook_secret = "simulated-handsets";
constexpr const char* phones_url = "http://127.0.0.1:1/";
constexpr int steps_max = 2'000'000;  // instants of one advance
constexpr Millis receipt_after{2'000};
constexpr Millis settle_for{8'000};  // texts, receipts and what they cause
constexpr int offers_max = 40;

std::string read_file(const fs::path& p) {
  std::stringstream in;
  in << std::ifstream(p, std::ios::binary).rdbuf();
  return in.str();
}

class KeptLog final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::string text;

 private:
  void sink_it_(const spdlog::details::log_msg& m) override {
    text.append(m.payload.begin(), m.payload.end());
    text += '\n';
  }
  void flush_() override {}
};

// Language packs take a second to compile: once a process. The providers too are the sample's.
struct Shared {
  testing::Wire wire;
  std::shared_ptr<const actors::Live> sample;
  std::shared_ptr<KeptLog> log = std::make_shared<KeptLog>();

  Shared() {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("rig", log));
    const fs::path dir = fs::temp_directory_path() / fmt::format("moodline-rig-{}", getpid());
    fs::remove_all(dir);
    for (const auto& [name, bytes] : sample_files()) {
      fs::create_directories((dir / name).parent_path());
      std::ofstream(dir / name, std::ios::binary) << bytes;
    }
    actors::LiveOptions o;
    o.config_dir = dir.string();
    o.languages_dir = (fs::path(MOODLINE_SOURCE_DIR) / "config/languages").string();
    o.secrets["phones-secret"] = webhook_secret;
    auto loaded = actors::load_live(o, wire, wire);
    std::error_code ec;
    fs::remove_all(dir, ec);
    if (!loaded.live) throw std::runtime_error(config::to_text(loaded.problems));
    sample = loaded.live;
  }
};

Shared& shared() {
  static Shared s;
  return s;
}

std::shared_ptr<const actors::Live> live_of(const Files& files) {
  auto loaded = config::load_files(files, actors::registries());
  if (!loaded.service) throw std::runtime_error(config::to_text(loaded.problems));
  auto live = std::make_shared<actors::Live>(*shared().sample);
  live->service = loaded.service;
  return live;
}

}  // namespace

Files sample_files() {
  Files files;
  const fs::path sample = fs::path(MOODLINE_SOURCE_DIR) / "config/sample";
  for (const auto& f : fs::recursive_directory_iterator(sample)) {
    const std::string name = fs::relative(f.path(), sample).string();
    if (f.is_regular_file() && name.find(".test.") == std::string::npos) {
      files[name] = read_file(f.path());
    }
  }
  replace_in(files, "service.yaml", "{name: phones, type: simulated}",
             fmt::format("{{name: phones, type: simulated, settings: {{send_url: \"{}\", secret: "
                         "phones-secret}}}}",
                         phones_url));
  return files;
}

void replace_in(Files& files, const std::string& file, const std::string& from,
                const std::string& to) {
  std::string& text = files[file];
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error(file + " has no \"" + from + "\"");
  text.replace(at, from.size(), to);
}

struct Rig::Process final : testing::VirtualDaemon {
  Rig& rig;
  ports::NoCrashPoints crash;
  std::optional<actors::Heartbeat> heartbeat;
  int answered = 0;

  explicit Process(Rig& r, std::uint64_t seed)
      : VirtualDaemon(shared().wire, r.now_, seed), rig(r) {
    open(testing::store_options(rig.disk_), rig.live_, crash, *this);
    heartbeat.emplace(*gateway, *this);
    tasks->supervise("begin", start(), actors::OnFailure::stop_process);
    poll();
  }

  ~Process() override { close(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  asio::awaitable<void> start() {
    co_await begin();
    if (!rig.live_->service->settings.heartbeat_url.empty()) {
      tasks->supervise("heartbeat", [this] { return heartbeat->run(); });
    }
  }

  void poll() {
    run(rig.now_, [this] { return !failed.empty(); });
    if (!failed.empty()) throw std::runtime_error("task " + failed + " failed:\n" + rig.log());
  }

  asio::awaitable<void> take(std::string body) {
    std::string secret = webhook_secret;
    const net::Response r = co_await hand_in(std::move(body), std::move(secret));
    if (r.status / 100 != 2) failed = "webhook answered " + std::to_string(r.status);
    ++answered;
  }

  asio::awaitable<ports::HttpResult> fetch(providers::HttpCall call, ports::HttpLimits) override {
    providers::HttpReply reply;
    if (call.url != phones_url) {
      rig.calls.push_back({rig.now_, call.method, call.url, call.body});
      reply.status = rig.call_status;
      co_return reply;
    }
    if (rig.provider_down) {
      reply.status = 503;
      co_return reply;
    }
    const json::object o = json::parse(call.body).as_object();
    Text t;
    t.at = rig.now_;
    t.to = o.at("to").as_string().c_str();
    t.text = o.at("text").as_string().c_str();
    const std::string reference = o.at("reference").as_string().c_str();
    db->read([&](store::ReadTx& tx) {
      const auto m = tx.message_by_reference(reference);
      if (!m) return;
      t.message = m->id;
      t.person = m->person;
      t.purpose = m->purpose;
      t.template_name = m->template_name;
      t.segments = m->segments;
    });
    const std::string id = "pm" + std::to_string(++rig.ids_);
    const bool bad = rig.unreachable.contains(t.to);
    if (!rig.receiptless.contains(t.to)) {
      json::object dlr{{"type", "dlr"},
                       {"event_id", "r" + std::to_string(++rig.ids_)},
                       {"id", id},
                       {"reference", reference},
                       {"status", bad ? "failed" : "delivered"},
                       {"from", service_number},
                       {"to", t.to},
                       {"at", to_iso(rig.now_ + receipt_after)}};
      if (bad && !rig.undelivered_code.empty()) dlr["code"] = rig.undelivered_code;
      rig.receipts_.emplace((rig.now_ + receipt_after).ms, std::move(dlr));
    }
    rig.texts_.push_back(std::move(t));
    reply.status = 200;
    reply.body = json::serialize(json::object{{"id", id}});
    co_return reply;
  }
};

Rig::Rig(Options options)
    : options_(std::move(options)), files_(sample_files()), disk_("rig", 1), now_(options_.start) {
  shared().log->text.clear();
  if (options_.edit) {
    options_.edit(files_);
    live_ = live_of(files_);
  } else {
    live_ = shared().sample;
  }
  process_ = std::make_unique<Process>(*this, options_.seed);
  settle();
  if (options_.staff_accept) {
    for (const config::Practitioner& p : live_->service->practitioners) {
      if (!p.number) continue;
      const std::string number = p.number->str();
      const std::string request = last_to(number);
      const auto at = request.find("Text ACCEPT ");
      // A friend is asked when somebody has chosen them; here they have said yes already.
      says(number, at == std::string::npos ? "ACCEPT " + checkins::role_code(p)
                                           : request.substr(at + 5, 9));
    }
    forget();
  }
}

Rig::~Rig() = default;

Instant Rig::now() const {
  return now_;
}

void Rig::advance_to(Instant t) {
  for (int i = 0; i < steps_max; ++i) {
    process_->poll();
    std::optional<Instant> next = process_->time.next_due();
    if (!receipts_.empty() && (!next || receipts_.begin()->first < next->ms)) {
      next = Instant{receipts_.begin()->first};
    }
    if (!next || *next > t) {
      now_ = std::max(now_, t);
      process_->poll();
      return;
    }
    now_ = std::max(now_, *next);
    while (!receipts_.empty() && receipts_.begin()->first <= now_.ms) {
      const json::object body = std::move(receipts_.extract(receipts_.begin()).mapped());
      webhook(body);
    }
  }
  throw std::runtime_error("time does not move on");
}

void Rig::step_clock(Millis by) {
  now_ = now_ + by;
  process_->time.step(by);
  gateway().wake();  // the daemon looks every 20 seconds
  settle();
}

void Rig::advance(double hours) {
  advance_to(now_ + Millis{static_cast<std::int64_t>(std::llround(hours * 3'600'000.0))});
}

void Rig::until(TimeOfDay t) {
  const Zone zone = Zone::find(service().settings.timezone).value_or(Zone::utc());
  LocalDate date = zone.local(now_).date;
  while (zone.resolve_or_next(date, t) <= now_) date = date + 1;
  advance_to(zone.resolve_or_next(date, t));
}

void Rig::evenings(const std::string& number, const std::vector<std::string>& replies) {
  for (const std::string& reply : replies) {
    until(TimeOfDay::hm(19, 0));
    says(number, reply);
  }
}

void Rig::settle() {
  advance_to(now_ + settle_for);
}

void Rig::webhook(const json::object& body) {
  const int before = process_->answered;
  process_->tasks->supervise("hook", process_->take(json::serialize(body)),
                             actors::OnFailure::give_up);
  process_->poll();
  if (process_->answered == before) throw std::runtime_error("a webhook got no answer:\n" + log());
}

void Rig::says(const std::string& number, const std::string& text) {
  webhook({{"type", "mo"},
           {"event_id", "t" + std::to_string(++ids_)},
           {"from", number},
           {"to", service_number},
           {"text", text},
           {"at", to_iso(now_)}});
  settle();
}

void Rig::says_twice(const std::string& number, const std::string& text) {
  const json::object body{{"type", "mo"},   {"event_id", "t" + std::to_string(++ids_)},
                          {"from", number}, {"to", service_number},
                          {"text", text},   {"at", to_iso(now_)}};
  webhook(body);
  webhook(body);
  settle();
}

void Rig::provider_says(const std::string& type, const std::string& number) {
  webhook({{"type", type},
           {"event_id", "o" + std::to_string(++ids_)},
           {"from", number},
           {"to", service_number},
           {"at", to_iso(now_)}});
  settle();
}

std::vector<Text> Rig::texts_to(const std::string& number) const {
  std::vector<Text> out;
  for (const Text& t : texts_) {
    if (t.to == number) out.push_back(t);
  }
  return out;
}

std::vector<std::string> Rig::sent_to(const std::string& number) const {
  std::vector<std::string> out;
  for (const Text& t : texts_to(number)) out.push_back(t.text);
  return out;
}

std::string Rig::last_to(const std::string& number) const {
  const auto all = texts_to(number);
  return all.empty() ? std::string{} : all.back().text;
}

std::string Rig::answer(const std::string& number, const std::string& text) {
  const std::size_t before = sent_to(number).size();
  says(number, text);
  const auto all = sent_to(number);
  std::string out;
  for (std::size_t i = before; i < all.size(); ++i) out += (out.empty() ? "" : "\n") + all[i];
  return out;
}

checkins::NewPerson Rig::someone(const std::string& number, const std::string& display) const {
  checkins::NewPerson n;
  n.number = number;
  n.display = display;
  n.programme = "evening-mood";
  n.practitioner = "sam";
  n.agreed_with = "Sam Reed";
  n.agreed_on = now_ - day;
  n.measures = {{"mood", "to see what helps", {}}};
  return n;
}

Result<store::Person> Rig::try_enrol(const checkins::NewPerson& n) {
  Result<store::Person> out = fault("not_run", "not run");
  with([&](store::Tx& tx, const checkins::Setting& s) {
    out = checkins::add_person(tx, s, n, "admin:test");
  });
  settle();
  return out;
}

store::Person Rig::enrol(const checkins::NewPerson& n) {
  auto p = try_enrol(n);
  if (!p) throw std::runtime_error(p.error().code + ": " + p.error().message);
  return *p;
}

store::Person Rig::join(const checkins::NewPerson& n, const std::set<std::string>& rules) {
  const store::Person p = enrol(n);
  says(n.number, "AGREE " + p.agree_code);
  answer_offers(n.number, rules);
  return person(n.number);
}

void Rig::answer_offers(const std::string& number, const std::set<std::string>& rules) {
  for (int i = 0; i < offers_max; ++i) {
    std::string code;
    bool yes = false;
    for (const store::Agreement& a : agreements_of(number)) {
      if (a.status != store::AgreementStatus::offered) continue;
      code = a.code;
      yes = rules.contains(a.rule);
    }
    if (code.empty()) return;
    says(number, (yes ? "AGREE " : "DISAGREE ") + code);
  }
  throw std::runtime_error("sentences are offered without end");
}

store::Person Rig::person(const std::string& number) {
  std::optional<store::Person> p;
  read([&](store::ReadTx& tx) { p = tx.person_by_number(number); });
  if (!p) throw std::runtime_error("nobody has this number");
  return *p;
}

std::vector<store::Alert> Rig::alerts_of(const std::string& number) {
  const store::Person p = person(number);
  std::vector<store::Alert> out;
  read([&](store::ReadTx& tx) { out = tx.alerts_of(p.id); });
  return out;
}

std::string Rig::code_of(const std::string& number) {
  const auto all = alerts_of(number);
  return all.empty() ? std::string{} : all.back().code;
}

std::vector<store::Agreement> Rig::agreements_of(const std::string& number) {
  const store::Person p = person(number);
  std::vector<store::Agreement> out;
  read([&](store::ReadTx& tx) { out = tx.agreements_of(p.id); });
  return out;
}

std::string Rig::agreement(const std::string& number, const std::string& rule) {
  std::string code;
  for (const store::Agreement& a : agreements_of(number)) {
    if (a.rule == rule) code = a.code;
  }
  return code;
}

Result<json::value> Rig::act(const std::string& action, json::object args) {
  Result<json::value> out = fault("not_run", "not run");
  with([&](store::Tx& tx, const checkins::Setting& s) {
    control::ActionContext c{tx, s, "admin:test", live_.get()};
    out = control::run_action(c, action, args);
  });
  settle();
  return out;
}

void Rig::write(const store::Write& w) {
  process_->db->write(w);
  process_->gateway->wake();
  process_->poll();
}

void Rig::read(const std::function<void(store::ReadTx&)>& r) {
  process_->db->read(r);
}

void Rig::with(const std::function<void(store::Tx&, const checkins::Setting&)>& f) {
  write([&](store::Tx& tx) {
    Dice dice(process_->gateway->seed());
    f(tx, {*live_->service, live_->reader.get(), now_, dice});
  });
}

void Rig::reload(const std::function<void(Files&)>& edit) {
  edit(files_);
  live_ = live_of(files_);
  process_->gateway->live = live_;
  with([](store::Tx& tx, const checkins::Setting& s) {
    for (const store::RowId id : tx.person_ids(0, 10'000)) {
      auto p = tx.person(id);
      if (!p) continue;
      checkins::Desk desk(tx, s, std::move(*p));
      checkins::rules_changed(desk);
      desk.save();
    }
  });
  settle();
}

const config::Service& Rig::service() const {
  return *live_->service;
}

std::shared_ptr<const actors::Live> Rig::live() const {
  return live_;
}

actors::Gateway& Rig::gateway() {
  return *process_->gateway;
}

store::Store& Rig::store() {
  return *process_->db;
}

testing::FaultDisk& Rig::disk() {
  return disk_;
}

const std::string& Rig::log() const {
  return shared().log->text;
}

void Rig::restart(Millis down) {
  process_.reset();
  now_ = now_ + down;
  process_ = std::make_unique<Process>(*this, ++options_.seed);
  settle();
}

}  // namespace moodline::rig
