// The client against far ends that cut, stall, lie and vanish: was it sent, or may it have been?
#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <map>

#include "daemon/net/control_client.hpp"
#include "daemon/net/curl_client.hpp"
#include "daemon/net/router.hpp"
#include "tests/unit/net/raw.hpp"

using namespace moodline;
using namespace moodline::net;
using namespace moodline::net::test;
using ports::HttpFailureKind;
using ports::HttpLimits;
using ports::HttpResult;
using providers::HttpCall;

namespace {

HttpResult fetch(asio::io_context& io, CurlClient& client, HttpCall call, HttpLimits limits = {}) {
  io.restart();
  auto result = asio::co_spawn(io, client.fetch(std::move(call), limits), asio::use_future);
  // Until this one is done: connections that curl keeps open are watched on.
  while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    if (io.run_one_for(std::chrono::seconds(20)) == 0) break;
  }
  return result.get();
}

HttpResult fetch_once(HttpCall call, HttpLimits limits = {}, CurlOptions options = {}) {
  asio::io_context io;
  CurlClient client(io.get_executor(), std::move(options));
  return fetch(io, client, std::move(call), limits);
}

HttpCall call_to(std::string url, std::string body = "to=x") {
  HttpCall call;
  call.url = std::move(url);
  call.body = std::move(body);
  return call;
}

std::string outcome(const HttpResult& r) {
  if (r) return std::to_string(r->status);
  return (r.error().kind == HttpFailureKind::maybe_sent ? "maybe_sent " : "not_sent ") +
         r.error().code;
}

constexpr std::string_view ok_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Id: 7\r\n\r\nok";

}  // namespace

TEST_CASE("a call goes out as written and its answer comes back") {
  std::string seen;
  const Scripted far([&seen](Raw& peer, int) {
    seen = read_request(peer);
    peer.send(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nX-ID:  7 \r\n"
        "Content-Length: 3\r\n\r\na\r\n");
  });
  HttpCall call = call_to(far.url("/send?a=%20b"), R"({"to":"x"})");
  call.headers = {
      {"content-type", "application/json"}, {"authorization", "Bearer t"}, {"x-empty", ""}};
  const auto r = fetch_once(call);
  REQUIRE(r.has_value());
  CHECK(r->status == 201);
  CHECK(r->body == "a\r\n");
  CHECK(r->headers == providers::Headers{{"x-id", "7"}, {"content-length", "3"}});
  CHECK(seen.starts_with("POST /send?a=%20b HTTP/1.1\r\n"));
  for (const char* part :
       {"\r\ncontent-type: application/json\r\n", "\r\nauthorization: Bearer t\r\n",
        "\r\nx-empty:", "\r\nContent-Length: 10\r\n"}) {
    CAPTURE(part);
    CHECK(seen.find(part) != std::string::npos);
  }
  CHECK(seen.find("Expect") == std::string::npos);
  CHECK(seen.ends_with("\r\n\r\n{\"to\":\"x\"}"));
}

TEST_CASE("methods, and no content type that nobody chose") {
  for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"}) {
    CAPTURE(method);
    std::string seen;
    const Scripted far([&seen](Raw& peer, int) {
      seen = read_request(peer);
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
    HttpCall call = call_to(far.url(), "");
    call.method = method;
    CHECK(outcome(fetch_once(call)) == "200");
    CHECK(seen.starts_with(std::string(method) + " / HTTP/1.1\r\n"));
    CHECK(seen.find("Content-Type") == std::string::npos);
  }
}

TEST_CASE("an answer cut at any byte may have been acted on; a whole one is an answer") {
  const std::string whole(ok_answer);
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
  for (const std::string& answer : {whole, chunked}) {
    std::atomic<std::size_t> now = 0;  // how much the far end answers
    const Scripted far([&](Raw& peer, int) {
      if (!read_request(peer).empty()) peer.send(answer.substr(0, now));
    });
    for (std::size_t cut = 0; cut <= answer.size(); ++cut) {
      CAPTURE(cut);
      now = cut;
      const auto r = fetch_once(call_to(far.url()));
      // Curl takes a chunked answer as whole without its very last line feed.
      if (cut == answer.size() || (answer == chunked && cut + 1 == answer.size())) {
        CHECK(outcome(r) == "200");
      } else {
        CHECK(!r.has_value());
        if (!r) CHECK(r.error().kind == HttpFailureKind::maybe_sent);
      }
    }
    CHECK(far.connections == static_cast<int>(answer.size()) + 1);  // none was repeated
  }
}

TEST_CASE("what was never sent is said to be not sent") {
  std::uint16_t dead = 0;
  {
    dead = Scripted([](Raw&, int) {}).port;
  }
  CHECK(outcome(fetch_once(call_to(fmt::format("http://127.0.0.1:{}/", dead)))) ==
        "not_sent connect");
  CHECK(outcome(fetch_once(call_to("http://name.invalid/"))) == "not_sent dns");
  CHECK(outcome(fetch_once(call_to("ftp://127.0.0.1/"))) == "not_sent bad_call");
  CHECK(outcome(fetch_once(call_to("http://127.0.0.1/\r\nX: y"))) == "not_sent bad_call");
  HttpCall split = call_to("http://127.0.0.1/");
  split.headers = {{"x", "a\r\nb: c"}};
  CHECK(outcome(fetch_once(split)) == "not_sent bad_call");
  const Scripted plain([](Raw& peer, int) {
    (void)peer.some();
    peer.send("this is no TLS\r\n");
  });
  CHECK(outcome(fetch_once(call_to(fmt::format("https://127.0.0.1:{}/", plain.port)))) ==
        "not_sent tls");
  const Scripted mute([](Raw& peer, int) {
    (void)peer.some(2500);
    (void)peer.some(2500);
  });
  CurlOptions hasty;
  hasty.connect_timeout_s = 1;
  CHECK(outcome(fetch_once(call_to(fmt::format("https://127.0.0.1:{}/", mute.port)), {}, hasty)) ==
        "not_sent timeout");
}

TEST_CASE("a far end that takes the request and stalls, lies or says too much may have acted") {
  struct Case {
    const char* name;
    std::string answer;
    bool hold;
    const char* outcome;
  };
  for (const Case& c : std::vector<Case>{
           {"silence", "", true, "maybe_sent timeout"},
           {"half a status line", "HTTP/1.1 20", true, "maybe_sent timeout"},
           {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", true,
            "maybe_sent timeout"},
           {"not HTTP", "SSH-2.0-x\r\n\r\n", false, "maybe_sent cut"},
           {"a large body",
            "HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + std::string(3000, 'x'), false,
            "maybe_sent reply_too_large"},
           {"endless headers",
            "HTTP/1.1 200 OK\r\n" +
                [] {
                  std::string s;
                  for (int i = 0; i < 2000; ++i) s += "X-H: " + std::string(50, 'h') + "\r\n";
                  return s;
                }(),
            false, "maybe_sent reply_too_large"},
           {"a redirect is an answer",
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
            false, "302"},
           {"a server error is an answer", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", false,
            "500"},
       }) {
    CAPTURE(c.name);
    const Scripted far([&c](Raw& peer, int) {
      (void)read_request(peer);
      peer.send(c.answer);
      if (c.hold) (void)peer.some(3000);
    });
    const std::string got = outcome(fetch_once(call_to(far.url()), {1, 1000}));
    if (std::string_view(c.name) == "not HTTP") {
      CHECK(got.starts_with("maybe_sent "));
    } else {
      CHECK(got == c.outcome);
    }
    CHECK(far.connections == 1);
  }
}

TEST_CASE("connections are kept, and a request on one that dies is not repeated by curl") {
  for (const char* method : {"POST", "GET"}) {
    CAPTURE(method);
    std::atomic<int> requests = 0;
    const Scripted far([&requests](Raw& peer, int connection) {
      for (int i = 0; connection > 0 || i < 2; ++i) {
        if (read_request(peer, 2000).empty()) return;
        ++requests;
        peer.send(ok_answer);
      }
      // The third request on the first connection arrives and is never answered.
      if (!read_request(peer, 5000).empty()) ++requests;
    });
    asio::io_context io;
    CurlClient client(io.get_executor(), {});
    HttpCall call = call_to(far.url(), std::string_view(method) == "GET" ? "" : "b");
    call.method = method;
    CHECK(outcome(fetch(io, client, call)) == "200");
    CHECK(outcome(fetch(io, client, call)) == "200");
    CHECK(far.connections == 1);
    CHECK(outcome(fetch(io, client, call)) == "maybe_sent cut");
    CHECK(requests == 3);
    CHECK(outcome(fetch(io, client, call)) == "200");  // a new call is a new matter
    CHECK(requests == 4);
  }
}

TEST_CASE("64 in flight, the rest wait their turn, and beyond that is busy") {
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  Served far([&](Request) -> asio::awaitable<Response> {
    return [](std::atomic<int>& n, std::atomic<int>& m) -> asio::awaitable<Response> {
      m = std::max<int>(m, ++n);
      asio::steady_timer timer(co_await asio::this_coro::executor, Millis{50});
      co_await timer.async_wait(asio::use_awaitable);
      --n;
      co_return Response{};
    }(now, most);
  });
  asio::io_context io;
  CurlOptions options;
  options.waiting_max = 200;
  CurlClient client(io.get_executor(), options);
  std::map<std::string, int> outcomes;
  for (int i = 0; i < 300; ++i) {
    asio::co_spawn(io, client.fetch(call_to(fmt::format("http://127.0.0.1:{}/", far.port)), {}),
                   [&](const std::exception_ptr&, const HttpResult& r) { ++outcomes[outcome(r)]; });
  }
  io.run_for(std::chrono::seconds(30));
  CHECK(outcomes == std::map<std::string, int>{{"200", 264}, {"not_sent busy", 36}});
  CHECK(most <= 64);
  CHECK(most >= 32);  // how many really are under way at once is the scheduler's
}

TEST_CASE("thousands of calls leave no descriptor and no connection too many") {
  Served far([](Request r) -> asio::awaitable<Response> {
    Response out;
    out.body = std::move(r.body);
    co_return out;
  });
  const auto descriptors = [] {
    int n = 0;
    for (int fd = 0; fd < 1024; ++fd) n += ::fcntl(fd, F_GETFD) != -1 ? 1 : 0;
    return n;
  };
  const int before = descriptors();
  {
    asio::io_context io;
    CurlClient client(io.get_executor(), {});
    int good = 0;
    for (int i = 0; i < 3000; ++i) {
      asio::co_spawn(
          io,
          client.fetch(call_to(fmt::format("http://127.0.0.1:{}/", far.port), std::to_string(i)),
                       {}),
          [&good, i](const std::exception_ptr&, const HttpResult& r) {
            good += r && r->body == std::to_string(i) ? 1 : 0;
          });
    }
    io.run_for(std::chrono::seconds(60));
    CHECK(good == 3000);
    CHECK(client.in_flight() == 0);
    CHECK(far.open() <= 64);
  }
  for (int i = 0; i < 200 && far.open() > 0; ++i) std::this_thread::sleep_for(Millis{10});
  CHECK(far.open() == 0);
  CHECK(descriptors() == before);
}

TEST_CASE("cancelling drops the call; destroying the client ends what is under way") {
  const Scripted far([](Raw& peer, int) {
    (void)read_request(peer);
    (void)peer.some(500);
  });
  asio::io_context io;
  auto client = std::make_unique<CurlClient>(io.get_executor(), CurlOptions{});
  asio::cancellation_signal stop;
  bool threw = false;
  asio::co_spawn(io, client->fetch(call_to(far.url()), {}),
                 asio::bind_cancellation_slot(
                     stop.slot(), [&threw](const std::exception_ptr& e, const HttpResult&) {
                       threw = e != nullptr;
                     }));
  io.run_for(Millis{100});
  CHECK(client->in_flight() == 1);
  stop.emit(asio::cancellation_type::terminal);
  io.run_for(Millis{100});
  CHECK(threw);
  CHECK(client->in_flight() == 0);
  std::string got;
  io.restart();
  asio::co_spawn(io, client->fetch(call_to(far.url()), {}),
                 [&got](const std::exception_ptr&, const HttpResult& r) { got = outcome(r); });
  io.run_for(Millis{100});
  client.reset();
  io.restart();
  io.run_for(Millis{100});
  CHECK(got == "maybe_sent closed");
  // And one whose frame outlives the client: it goes with the loop.
  asio::io_context other;
  client = std::make_unique<CurlClient>(other.get_executor(), CurlOptions{});
  asio::co_spawn(other, client->fetch(call_to(far.url()), {}), asio::detached);
  other.run_for(Millis{50});
  client.reset();
}

TEST_CASE("AWS signature 4 is curl's, over the body we send") {
  std::string seen;
  const Scripted far([&seen](Raw& peer, int) {
    seen = read_request(peer);
    peer.send(ok_answer);
  });
  HttpCall call = call_to(far.url("/"), "Action=Publish");
  call.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  call.sign = providers::Signing::aws_sigv4;
  call.aws_region = "eu-west-2";
  call.aws_service = "sns";
  call.aws_key_id = "AKIDEXAMPLE";
  call.aws_secret = "secret";
  CHECK(outcome(fetch_once(call)) == "200");
  CHECK(seen.find("Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") != std::string::npos);
  CHECK(seen.find("/eu-west-2/sns/aws4_request, SignedHeaders=") != std::string::npos);
  CHECK(seen.find("secret") == std::string::npos);
}

TEST_CASE("the control call: JSON over a Unix socket, and words when nobody is there") {
  std::string dir = "/tmp/moodline-ctl-XXXXXX";
  REQUIRE(::mkdtemp(dir.data()) != nullptr);
  const std::string path = dir + "/control";
  CHECK(control_call(path, "GET", "/api/v1/x", "").error().code == "daemon_not_running");
  asio::io_context io;
  const ports::RealWireClock wire;
  ports::RealMonotonic mono;
  auto server =
      std::make_unique<HttpServer>(io.get_executor(), wire, mono, ServerLimits{}, ServerHooks{});
  Router router;
  router.add("POST", "/api/v1/people/{id}", [](Request r, Params p) -> asio::awaitable<Response> {
    return [](Request request, Params params) -> asio::awaitable<Response> {
      co_return Response{200, "application/json", {}, params["id"] + request.body};
    }(std::move(r), std::move(p));
  });
  REQUIRE(server->listen(UnixListener{"control", path, 0600}, router.handler()).has_value());
  std::thread thread([&io] { io.run(); });
  const auto got = control_call(path, "POST", "/api/v1/people/p-1", R"({"a":1})");
  REQUIRE(got.has_value());
  CHECK(got->status == 200);
  CHECK(got->body == R"(p-1{"a":1})");
  CHECK(got->headers == providers::Headers{{"content-type", "application/json"}});
  CHECK(control_call(path, "GET", "/none", "")->status == 404);
  CHECK(control_call(path, "DELETE", "/none", "")->status == 404);
  io.stop();
  thread.join();
  server.reset();
  CHECK(control_call(path, "GET", "/", "").error().code == "daemon_not_running");
}
