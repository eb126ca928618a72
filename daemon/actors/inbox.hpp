// Inbox: webhooks in. A 2xx means that the text, its reading, the rules' state and any alert are on
// disk. Our own faults answer 503, so that the provider tries again. Thread: io.
#pragma once
#include <map>
#include <string>

#include "daemon/actors/gateway.hpp"
#include "daemon/checkins/inbound.hpp"
#include "daemon/net/message.hpp"
#include "daemon/net/router.hpp"

namespace moodline::actors {

class Inbox {
 public:
  explicit Inbox(Gateway& gateway) : g_(gateway) {}
  /// Adds POST and GET /hooks/{provider} and /hooks/{provider}/{rest*}.
  void routes(net::Router& router);
  asio::awaitable<net::Response> webhook(net::Request request, std::string provider);
  /// Events that came another way (a spool folder); committed when it returns.
  asio::awaitable<void> take(std::string provider, std::vector<providers::Event> events);

 private:
  Gateway& g_;
};

/// One event inside a transaction. Public for the simulator and tests.
void take_event(store::Tx& tx, const checkins::Setting& s, const std::string& provider,
                const providers::Event& event, Metrics& metrics);

}  // namespace moodline::actors
