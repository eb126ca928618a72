// Requests a second of our server (every bound on) against the smallest Beast server, alternately
// in one process, over loopback and keep-alive. Prints one JSON object a measurement and a ratio.
// Usage: http_bench [SECONDS_EACH] [ROUNDS]
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "daemon/net/http_server.hpp"
#include "daemon/ports/clocks.hpp"
#include "tests/bench/small_server.hpp"

using namespace moodline;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using std::chrono::steady_clock;

namespace {

const std::string body = "from=%2B447700900123&to=80999&text=3+slept+well&id=4f1a2b3c";
const std::string request =
    "POST /hooks/kannel HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
    "application/x-www-form-urlencoded\r\nContent-Length: " +
    std::to_string(body.size()) + "\r\n\r\n" + body;

struct Figures {
  double per_s = 0;
  double p50_us = 0;
  double p99_us = 0;
};

/// One request under way on each of `connections`, from one thread.
Figures load(std::uint16_t port, int connections, double seconds) {
  const int poller = ::epoll_create1(0);
  std::vector<int> sockets;
  std::vector<steady_clock::time_point> sent(static_cast<std::size_t>(connections));
  for (int i = 0; i < connections; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
      throw std::runtime_error("cannot connect");
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event e{EPOLLIN, {.u32 = static_cast<std::uint32_t>(i)}};
    ::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
    sockets.push_back(fd);
  }
  const auto send = [&](std::size_t i) {
    sent[i] = steady_clock::now();
    if (::send(sockets[i], request.data(), request.size(), 0) < 0) throw std::runtime_error("send");
  };
  for (std::size_t i = 0; i < sockets.size(); ++i) send(i);
  std::vector<double> took_us;
  const auto began = steady_clock::now();
  const auto until = began + std::chrono::duration<double>(seconds);
  std::vector<epoll_event> events(64);
  char answer[4096];
  while (steady_clock::now() < until) {
    const int n = ::epoll_wait(poller, events.data(), 64, 1000);
    for (int k = 0; k < n; ++k) {
      const std::size_t i = events[static_cast<std::size_t>(k)].data.u32;
      // Both servers write an answer at once, and it fits one segment.
      if (::recv(sockets[i], answer, sizeof answer, 0) < 12 || answer[9] != '2') {
        throw std::runtime_error("an answer that is not 2xx");
      }
      took_us.push_back(
          std::chrono::duration<double, std::micro>(steady_clock::now() - sent[i]).count());
      send(i);
    }
  }
  const double took_s = std::chrono::duration<double>(steady_clock::now() - began).count();
  for (const int fd : sockets) ::close(fd);
  ::close(poller);
  std::sort(took_us.begin(), took_us.end());
  const auto at = [&](double q) {
    return took_us[static_cast<std::size_t>(q * static_cast<double>(took_us.size() - 1))];
  };
  return {static_cast<double>(took_us.size()) / took_s, at(0.5), at(0.99)};
}

asio::awaitable<net::Response> ok(net::Request) {
  net::Response response;
  response.body = "ok";
  co_return response;
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  asio::io_context small_io(1);
  tcp::acceptor acceptor(small_io, {asio::ip::make_address("127.0.0.1"), 0});
  const bench::Answer says_ok = [](const bench::Request&, bench::Response& r) { r.body() = "ok"; };
  bench::serve(acceptor, says_ok);
  std::thread small_thread([&] { small_io.run(); });

  asio::io_context io(1);
  const ports::RealWireClock wire;
  ports::RealMonotonic mono;
  net::ServerLimits limits;
  limits.requests_per_connection_max = 1'000'000'000;
  net::HttpServer server(io.get_executor(), wire, mono, limits, {});
  const auto port = server.listen(net::TcpListener{"bench", "127.0.0.1", 0, "", ""}, ok);
  if (!port) return EXIT_FAILURE;
  std::thread thread([&] { io.run(); });

  for (const int connections : {16, 64}) {
    std::vector<double> ratios;
    for (int r = 0; r < rounds; ++r) {
      const Figures base = load(acceptor.local_endpoint().port(), connections, seconds);
      const Figures ours = load(*port, connections, seconds);
      ratios.push_back(ours.per_s / base.per_s);
      std::cout << fmt::format(
          R"({{"connections":{},"ours_per_s":{:.0f},"ours_p50_us":{:.0f},"ours_p99_us":{:.0f},)"
          R"("smallest_per_s":{:.0f},"ratio":{:.2f}}})"
          "\n",
          connections, ours.per_s, ours.p50_us, ours.p99_us, base.per_s, ratios.back());
    }
    std::cout << fmt::format(R"({{"connections":{},"median_ratio":{:.2f}}})"
                             "\n",
                             connections, median(ratios));
  }
  io.stop();
  small_io.stop();
  thread.join();
  small_thread.join();
  return EXIT_SUCCESS;
}
