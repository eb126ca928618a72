// Handsets: simulated phones for the demo and for tests. They take texts as the simulated provider
// sends them, answer with a receipt, and send what is typed as a webhook. Thread: io.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/net/router.hpp"
#include "daemon/ports/http_client.hpp"
#include "rules/base/instant.hpp"

namespace moodline::pages {

struct ShownText {
  std::int64_t id = 0;
  bool from_phone = false;  // typed on the handset
  std::string text;
  std::string at;  // service time, ISO
};

class Handsets {
 public:
  static constexpr std::size_t texts_kept_max = 200;  // a phone
  static constexpr std::size_t phones_max = 20;

  /// `hook_url` takes the webhooks; `secret` is the bearer word of both sides.
  Handsets(ports::HttpClient& http, std::string secret, std::function<Instant()> now)
      : http_(http), secret_(std::move(secret)), now_(std::move(now)) {}
  void set_hook(std::string url) { hook_url_ = std::move(url); }

  /// Adds POST /demo/handset (from the simulated provider).
  void routes(net::Router& router);
  /// What the phone's owner types. Returns the webhook's status; 0 when it could not be delivered.
  boost::asio::awaitable<int> type(std::string number, std::string text);
  [[nodiscard]] const std::deque<ShownText>& texts(const std::string& number);
  /// Called after every text that arrives at a phone.
  std::function<void(const std::string& number, const std::string& text)> on_text;

 private:
  boost::asio::awaitable<net::Response> take(net::Request request);
  boost::asio::awaitable<int> post(std::string body);
  void add(const std::string& number, bool from_phone, const std::string& text);

  ports::HttpClient& http_;
  std::string secret_;
  std::function<Instant()> now_;
  std::string hook_url_;
  std::map<std::string, std::deque<ShownText>> phones_;
  std::int64_t next_id_ = 1;
};

}  // namespace moodline::pages
