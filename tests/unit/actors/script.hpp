// A provider that does as it is told, behind the HttpClient port, on the rig's virtual time.
#pragma once
#include <boost/json.hpp>

#include "tests/unit/actors/rig.hpp"

namespace moodline::actors::test {

namespace json = boost::json;

inline std::shared_ptr<const providers::Provider> handsets() {
  return std::shared_ptr<const providers::Provider>(
      *providers::find_provider_type("simulated")
           ->make(config::Block::of({{"send_url", "http://127.0.0.1:1/"}, {"secret", "s"}})));
}

/// One template, "t", that says its value {n}; the window is open day and night.
inline void plain_texts(config::Service& s) {
  config::Template t;
  t.name = "t";
  t.length = config::Length::three;
  t.placeholders = {"n"};
  t.words["en"] = "{n}";
  s.texts.templates["t"] = t;
  s.settings.sending = {TimeOfDay{0}, TimeOfDay{86'400}};
}

inline config::Route route(std::string name, std::vector<std::string> prefixes = {},
                           int segments_per_s = 1000) {
  config::Route r;
  r.provider = name;
  r.name = std::move(name);
  r.prefixes = std::move(prefixes);
  r.segments_per_s = Decimal::of(segments_per_s);
  return r;
}

inline providers::HttpReply reply(int status, std::string body = {},
                                  providers::Headers headers = {}) {
  return {status, std::move(headers), std::move(body)};
}

inline ports::HttpResult failure(ports::HttpFailureKind kind, std::string code) {
  return tl::unexpected(ports::HttpFailure{kind, std::move(code), ""});
}

/// A webhook of the handsets to this provider.
inline net::Request hook(const std::string& provider, std::string body) {
  net::Request request;
  request.method = "POST";
  request.target = "/hooks/" + provider;
  request.headers = {{"authorization", "Bearer s"}, {"content-type", "application/json"}};
  request.body = std::move(body);
  return request;
}

/// Every provider of the rig; `answer` decides. A call is known by its bearer route in `from`.
class Script final : public ports::HttpClient {
 public:
  struct Call {
    Instant at;
    std::string route;  // what stands in `from`
    std::string reference, to, text;
  };
  Rig* rig = nullptr;
  std::vector<Call> calls;
  int in_flight = 0;
  std::map<std::string, int> in_flight_by_route;
  std::function<asio::awaitable<ports::HttpResult>(Call)> answer;

  asio::awaitable<ports::HttpResult> fetch(providers::HttpCall http, ports::HttpLimits) override {
    const json::object o = json::parse(http.body).as_object();
    Call call;
    call.at = rig->time.now();
    call.route = o.at("from").as_string().c_str();
    call.reference = o.at("reference").as_string().c_str();
    call.to = o.at("to").as_string().c_str();
    call.text = o.at("text").as_string().c_str();
    calls.push_back(call);
    const std::string route = call.route;
    ++in_flight_by_route[route];
    auto result = co_await answer(std::move(call));
    --in_flight_by_route[route];
    co_return result;
  }
  /// A receipt after `d`; `to` may be a stranger's.
  void receipt(Millis d, std::string id, std::string reference, std::string status,
               std::string to = "+447700900123") {
    std::string event = "e" + std::to_string(++events_);
    rig->tasks->supervise("receipt",
                          send(d, json::serialize(json::object{{"type", "dlr"},
                                                               {"event_id", event},
                                                               {"id", id},
                                                               {"reference", reference},
                                                               {"to", to},
                                                               {"status", status}})),
                          OnFailure::give_up);
  }
  int refused_receipts = 0;

 private:
  asio::awaitable<void> send(Millis d, std::string body) {
    co_await rig->monotonic.sleep_for(d);
    std::string provider = "main";
    net::Request request = hook(provider, std::move(body));
    const net::Response r = co_await rig->inbox->webhook(std::move(request), std::move(provider));
    if (r.status != 200) ++refused_receipts;
  }
  int events_ = 0;
};

inline LiveProvider carried(const std::string& name, ports::HttpClient& http,
                            ports::WireClock& wire) {
  auto provider = handsets();
  return {name, "simulated", provider, std::make_shared<HttpCarrier>(provider, http, wire),
          nullptr};
}

/// A wire clock to make carriers with before the rig is there; no script looks at it.
inline ports::WireClock& any_wire() {
  static ports::FrozenWireClock wire{Instant{1'795'290'000'000}};
  return wire;
}

}  // namespace moodline::actors::test
