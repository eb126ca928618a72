// Every captured webhook through the daemon's own stack: Beast server, router, inbox, SQLite. The
// wire clock stands at the capture's time. What is accepted is stored, what is refused changes
// nothing, and one flipped bit makes the one into the other.
#include <boost/asio/executor_work_guard.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <future>
#include <iterator>
#include <thread>

#include "providers/replay.hpp"
#include "rules/base/e164.hpp"
#include "tests/support/coverage.hpp"
#include "tests/unit/actors/rig.hpp"
#include "tests/unit/net/raw.hpp"

namespace moodline::actors::test {
namespace {

namespace json = boost::json;
using providers::DeliveryStatus;
using providers::Event;
using providers::EventType;
using providers::Webhook;
using store::MessageStatus;

// Bits tried of each covered thing, spread over its length; every bit is tried at the adapter.
constexpr std::size_t flips_each = 4;

struct Certificates final : ports::HttpClient {
  std::vector<std::string> urls;
  asio::awaitable<ports::HttpResult> fetch(providers::HttpCall call, ports::HttpLimits) override {
    urls.push_back(call.url);
    co_return providers::HttpReply{200, {}, ""};
  }
};

// The daemon's webhook side, on a thread of its own as in the daemon.
class Gate {
 public:
  Gate() : rig_(sample_with([](config::Service&) {}), http, Instant{1'795'290'000'000}) {
    const auto any = [this](net::Request r, const net::Params&) {
      std::string provider = name_;
      return inbox_->webhook(std::move(r), std::move(provider));
    };
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      router_.add(method, "/", any);
      router_.add(method, "/{rest*}", any);
    }
    gateway_.emplace(Gateway{rig_.clock,
                             wire_,
                             rig_.monotonic,
                             rig_.random,
                             rig_.crash,
                             *rig_.store,
                             rig_.metrics,
                             rig_.gateway->live,
                             {},
                             {}});
    inbox_.emplace(*gateway_, http);
    server_.emplace(rig_.io.get_executor(), wire_, monotonic_, net::ServerLimits{},
                    net::ServerHooks{});
    net::TcpListener where;
    where.name = "webhooks";
    where.address = "127.0.0.1";
    auto port = server_->listen(where, router_.handler());
    REQUIRE(port.has_value());
    port_ = *port;
    thread_ = std::thread([this] {
      const auto guard = asio::make_work_guard(rig_.io);
      rig_.io.run();
    });
  }
  ~Gate() {
    on_io([this] { server_.reset(); });
    rig_.io.stop();
    thread_.join();
    inbox_.reset();
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  template <class F>
  void on_io(F&& f) {
    std::promise<void> done;
    asio::post(rig_.io, [&] {
      f();
      done.set_value();
    });
    done.get_future().get();
  }
  /// From now on webhooks are for this provider, at this time, under this public address.
  void use(const std::string& name, std::shared_ptr<const providers::Provider> provider,
           Instant now, const std::string& origin) {
    // The service is a big thing to copy: once an origin, not once a flip.
    auto& service = services_[origin];
    if (!service) {
      service = sample_with([&](config::Service& s) {
                  s.settings.webhooks.public_url = origin;
                })->service;
    }
    on_io([&] {
      auto live = std::make_shared<Live>(sample_live());
      live->service = service;
      live->providers.clear();
      live->providers[name] = {name, name, std::move(provider), nullptr, nullptr};
      gateway_->live = std::move(live);
      wire_.set(now);
      name_ = name;
    });
  }
  /// The status that comes back; 0 where the server hung up.
  int ask(const std::string& method, const std::string& target, const providers::Headers& headers,
          const std::string& body) {
    std::string request = method + " " + target + " HTTP/1.1\r\nHost: gw.example.org\r\n";
    for (const auto& [name, value] : headers) {
      if (name == "host" || name == "content-length" || name == "connection") continue;
      request += name + ": " + value + "\r\n";
    }
    if (method != "GET" || !body.empty())
      request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    request += "Connection: close\r\n\r\n" + body;
    const auto peer = net::test::Raw::to_port(port_);
    (void)peer.send(request);
    const std::string answer = peer.all();
    if (answer.size() < 12) return 0;
    return std::stoi(answer.substr(9, 3));
  }
  std::uint64_t writes() {
    std::uint64_t n = 0;
    on_io([&] { n = rig_.store->stats().writes; });
    return n;
  }
  void write(const store::Write& w) {
    on_io([&] { rig_.store->write(w); });
  }
  void read(const std::function<void(store::ReadTx&)>& f) {
    on_io([&] { rig_.store->read(f); });
  }

  Certificates http;

 private:
  Rig rig_;
  ports::FrozenWireClock wire_{Instant{}};
  ports::RealMonotonic monotonic_;
  net::Router router_;
  std::optional<Gateway> gateway_;
  std::optional<Inbox> inbox_;
  std::optional<net::HttpServer> server_;
  std::map<std::string, std::shared_ptr<const config::Service>> services_;  // by origin
  std::string name_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

struct Place {
  std::string origin;
  std::string target;
};

// "https://host/path?x" cut in two; nothing where no request target can say the same URL.
std::optional<Place> cut(const std::string& url) {
  const auto start = url.find("://");
  if (start == std::string::npos) return std::nullopt;
  const auto slash = url.find_first_of("/?#", start + 3);
  if (slash == std::string::npos || url[slash] != '/') return std::nullopt;
  return Place{url.substr(0, slash), url.substr(slash)};
}

bool flag(const json::object& o, const char* name) {
  const auto* v = o.if_contains(name);
  return v != nullptr && v->is_bool() && v->get_bool();
}

struct Tally {
  int vectors = 0, accepted = 0, refused = 0, unreachable = 0, flips = 0;
};

// One capture, played to the gate.
class Player {
 public:
  Player(Gate& gate, const json::object& vector, int number, Tally& tally)
      : gate_(gate),
        vector_(vector),
        tally_(tally),
        type_(providers::find_provider_type(providers::vector_text(vector, "provider"))),
        name_("v" + std::to_string(number)),
        now_(providers::vector_now(vector)),
        hook_(*providers::vector_webhook(vector)) {
    if (hook_.method.empty()) hook_.method = "POST";
    provider_ =
        std::shared_ptr<const providers::Provider>(*type_->make(type_->replay.settings(vector)));
  }

  void play() {
    const auto place = cut(hook_.url);
    if (!place) {
      ++tally_.unreachable;
      return;
    }
    ++tally_.vectors;
    place_ = *place;
    gate_.use(name_, provider_, now_, place_.origin);
    const auto& expect = vector_.at("expect").as_object();
    const bool accept = flag(expect, "accept");
    const bool second = !accept && flag(expect, "stateful");
    if (accept || second) {
      taken();
    } else if (!flag(vector_, "optional")) {
      refused(hook_, "as captured");
      ++tally_.refused;
    }
  }

 private:
  int ask(const Webhook& h) {
    const auto place = cut(h.url);
    if (!place || place->origin != place_.origin) return 400;
    return gate_.ask(h.method, place->target, h.headers, h.body);
  }

  void refused(const Webhook& h, std::string_view why) {
    const auto before = gate_.writes();
    const int status = ask(h);
    CHECK_MESSAGE((status < 200 || status >= 300), why);
    CHECK_MESSAGE(gate_.writes() == before, why);
  }

  // What a receipt speaks of must be ours to have an effect.
  void put_text_of(const Event& e) {
    if (e.reference.empty() && e.provider_message_id.empty()) return;
    gate_.write([&](store::Tx& tx) {
      if (text_of(tx, e)) return;
      store::Message m;
      m.practitioner = "sam";
      m.purpose = store::Purpose::notice;
      m.status = MessageStatus::accepted;
      m.to = e.to.empty() ? "+447700900123" : e.to;
      m.provider = name_;
      m.reference = e.reference.empty() ? name_ + "-own" : e.reference;
      if (!e.provider_message_id.empty()) m.provider_ids = {e.provider_message_id};
      m.segments = 1;
      REQUIRE(tx.put(m).has_value());
    });
  }
  std::optional<store::Message> text_of(store::ReadTx& tx, const Event& e) const {
    auto m = e.reference.empty() ? std::nullopt : tx.message_by_reference(e.reference);
    return m ? m : tx.message_by_provider_id(name_, e.provider_message_id);
  }

  void taken() {
    ++tally_.accepted;
    const auto events = provider_->read_events(hook_);
    REQUIRE(events.has_value());
    for (const Event& e : *events)
      if (e.type == EventType::dlr) put_text_of(e);
    flip_all();
    const auto confirmed = gate_.http.urls.size();
    const int status = ask(hook_);
    CHECK_MESSAGE(status / 100 == 2, status);
    for (const Event& e : *events) check_stored(e, confirmed);
    const std::string after = state(*events);
    CHECK(ask(hook_) / 100 == 2);  // a repeat is answered alike and changes nothing
    CHECK(state(*events) == after);
  }

  void check_stored(const Event& e, std::size_t confirmed) {
    gate_.read([&](store::ReadTx& tx) {
      if (e.type == EventType::mo) {
        const std::string& id = e.event_id.empty() ? e.provider_message_id : e.event_id;
        if (!id.empty()) CHECK_MESSAGE(tx.inbound_known(name_, id), id);
      } else if (e.type == EventType::dlr) {
        const auto m = text_of(tx, e);
        if (!m) return;  // it names no text at all
        const auto expected = e.status == DeliveryStatus::delivered ? MessageStatus::delivered
                              : e.status == DeliveryStatus::failed  ? MessageStatus::undelivered
                                                                    : MessageStatus::accepted;
        CHECK(m->status >= MessageStatus::accepted);
        CHECK(checkins::rank(m->status) >= checkins::rank(expected));
      } else if (e.type == EventType::opt_out) {
        const auto number = E164::parse(e.from, *number_plan("GB"));
        if (number) CHECK(tx.opt_out(number->str()).has_value());
      }
    });
    if (e.type == EventType::confirm_subscription) {
      REQUIRE(gate_.http.urls.size() == confirmed + 1);
      CHECK(gate_.http.urls.back() == e.url);
    }
  }

  // Everything the events could have changed.
  std::string state(const std::vector<Event>& events) {
    std::string out;
    gate_.read([&](store::ReadTx& tx) {
      out += std::to_string(tx.inbound_unseen(1000).size()) + ";";
      for (const Event& e : events) {
        out += tx.inbound_known(name_, e.event_id) ? "k" : "-";
        if (const auto m = text_of(tx, e)) {
          out += std::to_string(static_cast<int>(m->status)) + m->outcome_code;
        }
        if (const auto number = E164::parse(e.from, *number_plan("GB"))) {
          const auto o = tx.opt_out(number->str());
          out += o ? o->source : "o";
        }
        out += ";";
      }
    });
    return out;
  }

  template <class F>
  void each(const std::string& text, F&& f) {
    const std::size_t bits = text.size() * 8;
    const std::size_t step = std::max<std::size_t>(1, bits / flips_each);
    // Another offset for each capture, so that together they visit the whole.
    for (std::size_t bit = std::hash<std::string>{}(name_) % step; bit < bits; bit += step) {
      ++tally_.flips;
      f(testing::flipped(text, bit));
    }
  }

  void flip_all() {
    const auto* cover = testing::coverage_of(providers::vector_text(vector_, "scheme"));
    if (cover == nullptr) return;
    if (cover->body == testing::Cover::bytes) {
      each(hook_.body, [&](const std::string& body) {
        Webhook h = hook_;
        h.body = body;
        refused(h, "body");
      });
    }
    if (cover->url) {
      each(place_.target, [&](const std::string& target) {
        Webhook h = hook_;
        h.url = place_.origin + target;
        refused(h, "url");
      });
    }
    for (const auto name : cover->headers)
      for (std::size_t i = 0; i < hook_.headers.size(); ++i)
        if (hook_.headers[i].first == name)
          each(hook_.headers[i].second, [&](const std::string& value) {
            Webhook h = hook_;
            h.headers[i].second = value;
            refused(h, name);
          });
    for (const auto key : cover->keys) flip_key(key);
    gate_.use(name_, provider_, now_, place_.origin);
  }

  void flip_key(std::string_view key) {
    each(providers::vector_text(vector_, key), [&](const std::string& value) {
      json::object other = vector_;
      other[json::string_view(key.data(), key.size())] = value;
      auto provider = type_->make(type_->replay.settings(other));
      if (!provider) return;
      gate_.use(name_, std::shared_ptr<const providers::Provider>(std::move(*provider)), now_,
                place_.origin);
      refused(hook_, key);
    });
  }

  Gate& gate_;
  const json::object& vector_;
  Tally& tally_;
  const providers::ProviderType* type_;
  std::string name_;
  Instant now_;
  Webhook hook_;
  std::shared_ptr<const providers::Provider> provider_;
  Place place_;
};

TEST_CASE("every captured webhook through server, router, inbox and store") {
  Gate gate;
  Tally tally;
  int number = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(MOODLINE_SOURCE_DIR "/tests/vectors")) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const json::value all = json::parse(std::string{std::istreambuf_iterator<char>(in), {}});
    for (const auto& v : all.as_array()) {
      const json::object& vector = v.as_object();
      const auto* body = vector.if_contains("body");
      if (providers::find_provider_type(providers::vector_text(vector, "provider")) == nullptr ||
          providers::vector_text(vector, "kind") == "outbound-request" ||
          (body != nullptr && body->is_null()))
        continue;
      const std::string id = providers::vector_text(vector, "id");
      CAPTURE(id);
      Player(gate, vector, ++number, tally).play();
    }
  }
  MESSAGE(tally.vectors, " captures: ", tally.accepted, " accepted, ", tally.refused, " refused; ",
          tally.flips, " flipped bits; ", tally.unreachable, " whose URL no request line can say");
  CHECK(tally.accepted >= 120);
  CHECK(tally.refused >= 45);
  CHECK(tally.flips >= 2500);
  CHECK(tally.unreachable <= 3);
}

}  // namespace
}  // namespace moodline::actors::test
