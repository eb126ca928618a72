// Route: one way out for a text, whatever carries it: an HTTP provider or a spool folder.
// `submit` gives one of four outcomes; everything else a route learns comes in as events.
#pragma once
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "daemon/ports/clock.hpp"
#include "daemon/ports/http_client.hpp"
#include "providers/provider.hpp"

namespace moodline::actors {

namespace asio = boost::asio;

/// Thread: io.
class Carrier {
 public:
  virtual ~Carrier() = default;
  [[nodiscard]] virtual providers::Capabilities capabilities() const = 0;
  virtual asio::awaitable<providers::SendReply> submit(providers::Sms sms) = 0;
  /// What the provider says became of a send whose fate is unknown; empty where it cannot say.
  virtual asio::awaitable<std::vector<providers::Event>> look_up(std::string reference) {
    (void)reference;
    co_return std::vector<providers::Event>{};
  }
  /// Takes a number off the provider's own opt-out list; false where that cannot be done.
  virtual asio::awaitable<bool> lift(std::string to) {
    (void)to;
    co_return false;
  }
};

/// Every HTTP provider.
class HttpCarrier final : public Carrier {
 public:
  static constexpr int timeout_s = 30;
  HttpCarrier(std::shared_ptr<const providers::Provider> provider, ports::HttpClient& http,
              ports::WireClock& wire)
      : provider_(std::move(provider)), http_(http), wire_(wire) {}
  [[nodiscard]] providers::Capabilities capabilities() const override {
    return provider_->capabilities();
  }
  asio::awaitable<providers::SendReply> submit(providers::Sms sms) override;
  asio::awaitable<std::vector<providers::Event>> look_up(std::string reference) override;
  asio::awaitable<bool> lift(std::string to) override;

 private:
  std::shared_ptr<const providers::Provider> provider_;
  ports::HttpClient& http_;
  ports::WireClock& wire_;
};

}  // namespace moodline::actors
