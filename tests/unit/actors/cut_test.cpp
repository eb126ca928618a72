// The provider hangs up: after every byte of its answer, and after every part of our request. Real
// sockets, the real client. Only a whole answer counts; anything less may have been carried out.
#include <boost/asio/co_spawn.hpp>

#include "daemon/net/curl_client.hpp"
#include "tests/unit/actors/rig.hpp"
#include "tests/unit/net/raw.hpp"

namespace moodline::actors::test {
namespace {

using net::test::Raw;
using net::test::Scripted;
using providers::SendOutcome;

constexpr std::string_view whole =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n"
    "Connection: close\r\n\r\n{\"id\":\"m7\"}";

// Sends one text to whatever answers at `url`.
class Sender {
 public:
  providers::SendReply send(const std::string& url, std::size_t words = 20) {
    const std::shared_ptr<const providers::Provider> provider(
        *providers::find_provider_type("simulated")
             ->make(config::Block::of({{"send_url", url}, {"secret", "s"}})));
    HttpCarrier carrier(provider, client_, wire_);
    providers::Sms sms;
    sms.reference = "m1";
    sms.to = "+447700900123";
    sms.text = std::string(words, 'x');
    std::optional<providers::SendReply> reply;
    asio::co_spawn(io_, carrier.submit(sms), [&](const std::exception_ptr& e, auto r) {
      REQUIRE(!e);
      reply = std::move(r);
    });
    io_.restart();
    while (!reply && io_.run_one() > 0) {
    }
    REQUIRE(reply.has_value());
    return *reply;
  }

 private:
  asio::io_context io_{1};
  ports::RealWireClock wire_;
  net::CurlClient client_{io_.get_executor(), {}};
};

TEST_CASE("an answer cut at any byte leaves the text unknown") {
  Scripted provider([](Raw& peer, int connection) {
    (void)net::test::read_request(peer);
    (void)peer.send(whole.substr(0, static_cast<std::size_t>(connection)));
  });
  Sender sender;
  for (std::size_t k = 0; k < whole.size(); ++k) {
    CAPTURE(k);
    CHECK(sender.send(provider.url()).outcome == SendOutcome::unknown);
  }
  const auto last = sender.send(provider.url());
  CHECK(last.outcome == SendOutcome::accepted);
  CHECK(last.provider_message_ids == std::vector<std::string>{"m7"});
  CHECK(provider.connections == static_cast<int>(whole.size()) + 1);  // never tried twice
}

TEST_CASE("a request cut short on its way is not sent again by itself") {
  constexpr std::size_t long_text = 60'000;  // over what one read takes
  Scripted provider([](Raw& peer, int connection) {
    std::size_t left = static_cast<std::size_t>(connection) * 1'500;
    while (left > 0) {
      const std::string some = peer.some(2'000, std::min<std::size_t>(left, 4'096));
      if (some.empty()) return;
      left -= some.size();
    }
  });
  Sender sender;
  constexpr int cuts = 40;
  for (int i = 0; i < cuts; ++i) {
    CAPTURE(i);
    CHECK(sender.send(provider.url(), long_text).outcome == SendOutcome::unknown);
  }
  CHECK(provider.connections == cuts);
}

TEST_CASE("bytes that are no HTTP, an answer too many, and nobody there") {
  static const std::vector<std::string> answers{"\x16\x03\x01\x02",
                                                "SSH-2.0-x\r\n",
                                                "HTTP/1.1 999999 \r\n\r\n",
                                                std::string(70'000, 'A'),
                                                "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
                                                "HTTP/9.9 200 OK\r\n\r\n{}"};
  Scripted provider([](Raw& peer, int connection) {
    (void)net::test::read_request(peer);
    (void)peer.send(answers[static_cast<std::size_t>(connection) % answers.size()]);
  });
  Sender sender;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CAPTURE(i);
    CHECK(sender.send(provider.url()).outcome == SendOutcome::unknown);
  }
  Scripted twice([](Raw& peer, int) {
    (void)net::test::read_request(peer);
    (void)peer.send(std::string(whole) + std::string(whole));
  });
  CHECK(sender.send(twice.url()).outcome == SendOutcome::accepted);
  std::string nowhere;
  {
    const Scripted gone([](Raw&, int) {});
    nowhere = gone.url();
  }
  CHECK(sender.send(nowhere).outcome == SendOutcome::retry_later);
}

}  // namespace
}  // namespace moodline::actors::test
