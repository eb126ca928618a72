// Errands: the calls that a webhook asks of us before or after it is taken. A certificate that
// proves the sender is fetched once and kept; a subscription of our own topics is confirmed.
// Thread: io.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>
#include <string>

#include "daemon/actors/gateway.hpp"

namespace moodline::actors {

namespace asio = boost::asio;

/// A stranger can name certificates that do not exist: one fetch a provider in that time.
constexpr std::chrono::seconds certificate_fetch_gap{5};

class Errands {
 public:
  /// `live` is the gateway's own: a fetched certificate swaps it for a set that knows it.
  Errands(std::shared_ptr<const Live>& live, ports::WireClock& wire, ports::HttpClient& http,
          Metrics& metrics)
      : live_(live), wire_(wire), http_(http), metrics_(metrics) {}

  /// After authenticate failed with "certificate_needed". True where the provider knows the
  /// certificate now: authenticate again, with the provider of the new live set. Else answer 503.
  asio::awaitable<bool> fetch_certificate(std::string provider, providers::Webhook hook);

  /// For an event confirm_subscription, after its commit. True on 2xx; the provider asks again.
  asio::awaitable<bool> confirm(std::string provider, std::string url);

 private:
  std::shared_ptr<const Live>& live_;
  ports::WireClock& wire_;
  ports::HttpClient& http_;
  Metrics& metrics_;
  std::map<std::string, Instant> next_fetch_;  // by provider name: as many as are configured
};

}  // namespace moodline::actors
