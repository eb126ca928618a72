// The server against strangers: round trips, every bound, slow and rude clients, draining.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <future>
#include <stdexcept>

#include "tests/unit/net/raw.hpp"

using namespace moodline;
using namespace moodline::net;
using namespace moodline::net::test;

namespace {

asio::awaitable<Response> echo(Request r) {
  Response out;
  out.body = r.method + " " + r.target + " " + r.remote + " " + r.listener + "\n";
  for (const auto& [name, value] : r.headers) out.body += name + "=" + value + "\n";
  out.body += r.body;
  co_return out;
}

asio::awaitable<Response> broken(Request) {
  throw std::runtime_error("disk full");
  co_return Response{};
}

asio::awaitable<Response> slow(Request r) {
  asio::steady_timer timer(co_await asio::this_coro::executor, Millis{300});
  co_await timer.async_wait(asio::use_awaitable);
  co_return Response{200, "text/plain", {}, r.body};
}

std::string post(std::string_view body, std::string_view extra = "") {
  return fmt::format("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n{}\r\n{}", body.size(),
                     extra, body);
}

int status_of(const std::string& answer) {
  return answer.size() > 12 && answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

}  // namespace

TEST_CASE("a request arrives whole: raw target, lower-case headers in order, raw body") {
  const Served s(echo);
  const Raw c = s.connect();
  std::string body("\x00\xff\r\n\r\nGET", 9);
  CHECK(
      c.send(fmt::format("POST /a%2Fb?c=%20d&c=e HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nx-TWO:  2 \r\n"
                         "Content-Length: {}\r\n\r\n{}",
                         body.size(), body)));
  const std::string answer = c.answer();
  CHECK(status_of(answer) == 200);
  CHECK(has(answer, "POST /a%2Fb?c=%20d&c=e 127.0.0.1 test\n"));
  CHECK(has(answer, "host=h\nx-one=1\nx-two=2\ncontent-length=9\n"));
  CHECK(answer.ends_with(body));
  CHECK(has(answer, "X-Content-Type-Options: nosniff"));
  CHECK(has(answer, "\r\nDate: "));
}

TEST_CASE("a chunked body, and 100-continue") {
  const Served s(echo);
  const Raw c = s.connect();
  c.send(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
  CHECK(c.answer().ends_with("\nabcde"));
  c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  CHECK(c.answer().starts_with("HTTP/1.1 100 Continue\r\n"));
  c.send("hello");
  CHECK(c.answer().ends_with("\nhello"));
}

TEST_CASE("what is refused, how, and that the answer arrives") {
  struct Case {
    const char* name;
    std::string sent;
    int status;
  };
  ServerLimits limits;
  const std::string long_value(9000, 'v');
  const std::string long_target(5000, 't');
  const std::vector<Case> cases{
      {"no HTTP", "hello\r\n\r\n", 400},
      {"bad version", "GET / HTTP/9.9\r\nHost: h\r\n\r\n", 400},
      {"space in a name", "GET / HTTP/1.1\r\nHost: h\r\nA B: c\r\n\r\n", 400},
      {"folded header to nothing", "GET / HTTP/1.1\r\nHost h\r\n\r\n", 400},
      {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"two lengths",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
      {"length and chunked",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"bad length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
      {"bad chunk", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"no length", "POST / HTTP/1.1\r\nHost: h\r\n\r\n", 411},
      {"body over the bound", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n", 413},
      {"body over the bound, sent", post(std::string(200'000, 'b')), 413},
      {"chunked over the bound",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n" +
           std::string(0x20000, 'c') + "\r\n0\r\n\r\n",
       413},
      {"long target", "GET /" + long_target + " HTTP/1.1\r\nHost: h\r\n\r\n", 414},
      {"endless target", "GET /" + long_target + long_target, 414},
      {"long header", "GET / HTTP/1.1\r\nHost: h\r\nX: " + long_value + "\r\n\r\n", 431},
      {"endless header", "GET / HTTP/1.1\r\nHost: h\r\nX: " + long_value, 431},
  };
  const Served s(echo, limits);
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Raw raw = s.connect();
    raw.send(c.sent);
    const std::string answer = raw.all();
    CHECK(status_of(answer) == c.status);
    CHECK(has(answer, "Connection: close"));
    CHECK(has(answer, "application/json"));
  }
  CHECK(s.refused == static_cast<int>(cases.size()));
  const Raw exact = s.connect();
  exact.send(post(std::string(64 * 1024, 'b')));
  CHECK(status_of(exact.answer()) == 200);
}

TEST_CASE("slow clients: a body that never ends is 408, an idle one is closed") {
  ServerLimits limits;
  limits.read_s = 1;
  limits.idle_s = 1;
  const Served s(echo, limits);
  const Raw half = s.connect();
  half.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  const Raw idle = s.connect();
  CHECK(status_of(half.all()) == 408);
  CHECK(idle.all().empty());
  const Raw drip = s.connect();  // one byte at a time does not buy more time
  for (int i = 0; i < 30; ++i) {
    if (!drip.send("G")) break;
    std::this_thread::sleep_for(Millis{50});
  }
  CHECK(status_of(drip.all()) == 408);
}

TEST_CASE("keep-alive, pipelining in order, and requests per connection") {
  ServerLimits limits;
  limits.requests_per_connection_max = 50;
  const Served s(echo, limits);
  const Raw c = s.connect();
  std::string all;
  for (int i = 0; i < 60; ++i) all += post(fmt::format("n{:02}", i));
  c.send(all);
  for (int i = 0; i < 49; ++i) {
    const std::string answer = c.answer();
    CHECK(answer.ends_with(fmt::format("n{:02}", i)));
    CHECK_FALSE(has(answer, "Connection: close"));
  }
  CHECK(has(c.answer(), "Connection: close"));
  CHECK(c.all().empty());
  const Raw old = s.connect();
  old.send("GET / HTTP/1.0\r\n\r\n");
  CHECK(status_of(old.all().replace(7, 1, "1")) == 200);
}

TEST_CASE("HEAD has the length and no body; 204 has neither; bad headers of ours are dropped") {
  const Served s([](Request r) -> asio::awaitable<Response> {
    Response out{r.target == "/none" ? 204 : 200, "text/plain", {{"X-A", "1\r\nX-B: 2"}}, "body"};
    co_return out;
  });
  const Raw c = s.connect();
  c.send(
      "HEAD / HTTP/1.1\r\nHost: h\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\nConnection: "
      "close\r\n\r\n");
  const std::string both = c.all();
  CHECK(has(both, "Content-Length: 4\r\n"));
  CHECK(has(both, "HTTP/1.1 204 No Content\r\n"));
  CHECK_FALSE(has(both, "body"));
  CHECK_FALSE(has(both, "X-B"));
}

TEST_CASE("an exception in a handler is our fault: 503, Retry-After, and the connection lives") {
  const Served s(broken);
  const Raw c = s.connect();
  c.send(get);
  const std::string answer = c.answer();
  CHECK(status_of(answer) == 503);
  CHECK(has(answer, "Retry-After: 30"));
  CHECK_FALSE(has(answer, "disk full"));
  c.send(get);
  CHECK(status_of(c.answer()) == 503);
}

TEST_CASE("connections: whoever waits the longest without asking makes room for the next") {
  for (const bool of_address : {false, true}) {
    CAPTURE(of_address);
    ServerLimits limits;
    limits.connections_max = of_address ? 8 : 5;
    limits.connections_per_address_max = of_address ? 5 : 8;
    Served s(echo, limits);
    {
      std::vector<Raw> open;
      for (int i = 0; i < 5; ++i) {
        open.push_back(s.connect());
        open.back().send(get);
        CHECK(status_of(open.back().answer()) == 200);
      }
      open[0].send(get);  // it asked again, so the second has waited the longest
      CHECK(status_of(open[0].answer()) == 200);
      const Raw sixth = s.connect();
      sixth.send(get);
      CHECK(status_of(sixth.answer()) == 200);
      CHECK(s.open() == 5);
      CHECK(s.refused == 1);
      CHECK(open[1].all().empty());
      open[0].send(get);
      CHECK(status_of(open[0].answer()) == 200);
    }
    for (int i = 0; i < 200 && s.open() > 0; ++i) std::this_thread::sleep_for(Millis{10});
    CHECK(s.open() == 0);
    const Raw again = s.connect();
    again.send(get);
    CHECK(status_of(again.answer()) == 200);
  }
}

TEST_CASE("connections: nobody who is being served makes room, and a request that drips does") {
  ServerLimits limits;
  limits.connections_max = 4;
  Served s(slow, limits);
  std::vector<Raw> open;
  for (int i = 0; i < 4; ++i) {
    open.push_back(s.connect());
    open.back().send(post("x"));
  }
  std::this_thread::sleep_for(Millis{50});
  CHECK(status_of(s.connect().all()) == 503);
  for (const Raw& c : open) CHECK(status_of(c.answer()) == 200);
  open.clear();
  for (int i = 0; i < 200 && s.open() > 0; ++i) std::this_thread::sleep_for(Millis{10});
  for (int i = 0; i < 4; ++i) {
    open.push_back(s.connect());
    open.back().send("POST /x HTT");
  }
  std::this_thread::sleep_for(Millis{50});
  CHECK(status_of(s.connect().all()) == 503);  // they have only begun
  std::this_thread::sleep_for(Millis{2100});
  const Raw honest = s.connect();
  honest.send(post("y"));
  CHECK(status_of(honest.answer()) == 200);
  CHECK(open[0].all().empty());
}

TEST_CASE("requests a second of one address: 429 with Retry-After") {
  ServerLimits limits;
  limits.requests_per_s_per_address = 0.5;
  limits.burst_per_address = 3;
  const Served s(echo, limits);
  const Raw c = s.connect();
  std::vector<int> seen;
  for (int i = 0; i < 5; ++i) {
    c.send(get);
    const std::string answer = c.answer();
    seen.push_back(status_of(answer));
    if (i == 4) CHECK(has(answer, "Retry-After: 2"));
  }
  CHECK(seen == std::vector<int>{200, 200, 200, 429, 429});
}

TEST_CASE("draining answers what is under way and ends the rest") {
  Served s(slow);
  const Raw idle = s.connect();
  idle.send(post("a"));
  CHECK(status_of(idle.answer()) == 200);
  const Raw busy = s.connect();
  busy.send(post("b"));
  std::this_thread::sleep_for(Millis{100});
  s.drain(Millis{5000});
  const std::string answer = busy.all();
  CHECK(status_of(answer) == 200);
  CHECK(has(answer, "Connection: close"));
  CHECK(idle.all().empty());
  CHECK(s.open() == 0);
}

TEST_CASE("draining does not wait longer than told") {
  Served s([](Request) -> asio::awaitable<Response> {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
    co_await timer.async_wait(asio::use_awaitable);
    co_return Response{};
  });
  const Raw c = s.connect();
  c.send(get);
  std::this_thread::sleep_for(Millis{50});
  const auto began = std::chrono::steady_clock::now();
  s.drain(Millis{200});
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(5));
  CHECK(c.all().empty());
}

TEST_CASE("thousands of connections and requests leave nothing behind") {
  Served s(echo);
  const auto descriptors = [] {
    int n = 0;
    for (int fd = 0; fd < 1024; ++fd) n += ::fcntl(fd, F_GETFD) != -1 ? 1 : 0;
    return n;
  };
  const int before = descriptors();
  for (int i = 0; i < 1500; ++i) {
    const Raw c = s.connect();
    c.send(i % 3 == 0 ? std::string("GET / HT") : std::string(get));
    if (i % 3 == 1) CHECK(status_of(c.answer()) == 200);
  }
  // A busy machine takes its time to notice that so many peers have gone.
  const auto left = [&] { return s.open() > 0 || descriptors() != before; };
  for (int i = 0; i < 6000 && left(); ++i) std::this_thread::sleep_for(Millis{10});
  CHECK(s.open() == 0);
  CHECK(descriptors() == before);
}

TEST_CASE("listening fails with words") {
  asio::io_context io;
  const ports::RealWireClock wire;
  ports::RealMonotonic mono;
  HttpServer server(io.get_executor(), wire, mono, {}, {});
  const auto port = server.listen(TcpListener{"a", "127.0.0.1", 0, "", ""}, echo);
  REQUIRE(port.has_value());
  HttpServer second(io.get_executor(), wire, mono, {}, {});
  const auto fails = [&second](const TcpListener& where) {
    return second.listen(where, echo).error().code;
  };
  CHECK(fails({"b", "127.0.0.1", *port, "", ""}) == "port_in_use");
  CHECK(fails({"b", "localhost", 0, "", ""}) == "bad_address");
  CHECK(fails({"b", "192.0.2.1", 0, "", ""}) == "cannot_listen");
  CHECK(fails({"b", "127.0.0.1", 0, "/nowhere.pem", "/nowhere.key"}) == "bad_certificate");
}

TEST_CASE("a Unix socket: peer credentials, mode, stale and live sockets") {
  std::string dir = "/tmp/moodline-net-XXXXXX";
  REQUIRE(::mkdtemp(dir.data()) != nullptr);
  const std::string path = dir + "/control";
  asio::io_context io;
  const ports::RealWireClock wire;
  ports::RealMonotonic mono;
  const Handler who = [](Request r) -> asio::awaitable<Response> {
    Response out;
    out.body = r.peer ? fmt::format("{} {} [{}]", r.peer->uid, r.peer->pid, r.remote) : "nobody";
    co_return out;
  };
  auto server =
      std::make_unique<HttpServer>(io.get_executor(), wire, mono, ServerLimits{}, ServerHooks{});
  REQUIRE(server->listen(UnixListener{"control", path, 0600}, who).has_value());
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  HttpServer second(io.get_executor(), wire, mono, {}, {});
  CHECK(second.listen(UnixListener{"control", path, 0600}, who).error().code == "socket_in_use");
  CHECK(second.listen(UnixListener{"c", dir, 0600}, who).error().code == "cannot_listen");
  CHECK(second.listen(UnixListener{"c", std::string(200, 'x'), 0600}, who).error().code ==
        "cannot_listen");
  std::thread thread([&io] { io.run(); });
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  path.copy(to.sun_path, sizeof to.sun_path - 1);
  REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  const Raw raw(fd);
  raw.send(get);
  CHECK(raw.answer().ends_with(fmt::format("{} {} []", ::getuid(), ::getpid())));
  io.stop();
  thread.join();
  server.reset();
  CHECK(::stat(path.c_str(), &info) != 0);
  // A socket file left by a crash is replaced.
  const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(left, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  ::close(left);
  CHECK(second.listen(UnixListener{"control", path, 0660}, who).has_value());
}
