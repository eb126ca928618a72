// Inbox: webhooks in. A 2xx means that the text, its reading, the rules' state and any alert are on
// disk. Our own faults answer 503, so that the provider tries again. Thread: io.
#pragma once
#include <map>
#include <string>

#include "daemon/actors/errands.hpp"
#include "daemon/actors/gateway.hpp"
#include "daemon/checkins/inbound.hpp"
#include "daemon/net/message.hpp"
#include "daemon/net/router.hpp"

namespace moodline::actors {

class Inbox {
 public:
  Inbox(Gateway& gateway, ports::HttpClient& http)
      : g_(gateway), errands_(gateway.live, gateway.wire, http, gateway.metrics) {}
  /// Adds POST and GET /hooks/{provider} and /hooks/{provider}/{rest*}.
  void routes(net::Router& router);
  asio::awaitable<net::Response> webhook(net::Request request, std::string provider);
  /// Events that came another way (a spool folder); committed when it returns.
  asio::awaitable<void> take(std::string provider, std::vector<providers::Event> events);

 private:
  /// Proves the sender; fetches a certificate where that is what is missing.
  asio::awaitable<Result<providers::Authentic>> prove(std::string name,
                                                      const providers::Webhook& hook);
  Gateway& g_;
  Errands errands_;
};

/// One event inside a transaction. Public for the simulator and tests.
void take_event(store::Tx& tx, const checkins::Setting& s, const std::string& provider,
                const providers::Event& event, Metrics& metrics);

}  // namespace moodline::actors
