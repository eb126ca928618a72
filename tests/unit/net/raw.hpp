// Far ends for the network tests: raw blocking sockets that send exactly what they are told.
#pragma once
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "daemon/net/http_server.hpp"
#include "daemon/ports/clocks.hpp"

namespace moodline::net::test {

constexpr int wait_ms_max = 10'000;

/// A connected socket. Every read is bounded by wait_ms_max.
class Raw {
 public:
  explicit Raw(int fd) : fd_(fd) {}
  static Raw to_port(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    return Raw(fd);
  }
  Raw(Raw&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;
  Raw& operator=(Raw&&) = delete;
  ~Raw() { close(); }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  /// What comes next, at most `room` bytes; empty at the end or after wait_ms.
  std::string some(int wait_ms = wait_ms_max, std::size_t room = 65536) const {
    pollfd p{fd_, POLLIN, 0};
    if (::poll(&p, 1, wait_ms) <= 0) return {};
    std::string out(room, '\0');
    const auto n = ::recv(fd_, out.data(), out.size(), 0);
    out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return out;
  }
  /// Until the other side closes.
  std::string all() const {
    std::string out;
    for (std::string s = some(); !s.empty(); s = some()) out += s;
    return out;
  }
  /// One answer with Content-Length, and no byte of the next.
  std::string answer() const {
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
      const std::string byte = some(wait_ms_max, 1);
      if (byte.empty()) return head;
      head += byte;
    }
    const auto at = head.find("Content-Length: ");
    std::size_t left = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
    while (left > 0) {
      const std::string more = some(wait_ms_max, left);
      if (more.empty()) break;
      head += more;
      left -= more.size();
    }
    return head;
  }

 private:
  int fd_;
};

/// The server under test, its io_context on a thread of its own.
class Served {
 public:
  explicit Served(Handler handler, ServerLimits limits = {}, TcpListener where = {})
      : server(io.get_executor(), wire, mono, limits, hooks()) {
    where.name = "test";
    where.address = "127.0.0.1";
    auto bound = server.listen(where, std::move(handler));
    REQUIRE(bound.has_value());
    port = *bound;
    thread = std::thread([this] { io.run(); });
  }
  ~Served() {
    io.stop();
    thread.join();
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  void drain(Millis limit) { asio::co_spawn(io, server.drain(limit), asio::use_future).get(); }
  [[nodiscard]] int open() {
    std::promise<int> n;
    asio::post(io, [&] { n.set_value(server.connections()); });
    return n.get_future().get();
  }
  [[nodiscard]] Raw connect() const { return Raw::to_port(port); }

  asio::io_context io;
  ports::RealWireClock wire;
  ports::RealMonotonic mono;
  std::atomic<int> refused = 0;
  std::atomic<int> answered = 0;
  HttpServer server;
  std::uint16_t port = 0;
  std::thread thread;

 private:
  ServerHooks hooks() {
    return {[this](const std::string&, int, std::chrono::nanoseconds) { ++answered; },
            [this](const std::string&, std::string_view) { ++refused; }};
  }
  asio::executor_work_guard<asio::io_context::executor_type> work_{io.get_executor()};
};

/// A TCP server that hands each connection to `script`, one after the other, on its own thread.
class Scripted {
 public:
  explicit Scripted(std::function<void(Raw&, int connection)> script) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::listen(fd_, 256) == 0);
    socklen_t size = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    thread_ = std::thread([this, script = std::move(script)] {
      for (;;) {
        const int fd = ::accept(fd_, nullptr, nullptr);
        if (fd < 0) return;
        Raw peer(fd);
        script(peer, connections++);
      }
    });
  }
  ~Scripted() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  Scripted(const Scripted&) = delete;
  Scripted& operator=(const Scripted&) = delete;
  [[nodiscard]] std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port) + std::string(path);
  }

  std::uint16_t port = 0;
  std::atomic<int> connections = 0;

 private:
  int fd_ = -1;
  std::thread thread_;
};

/// Reads one request with Content-Length from a client; empty when it closed.
inline std::string read_request(const Raw& peer, int wait_ms = wait_ms_max) {
  std::string got;
  for (;;) {
    const auto end = got.find("\r\n\r\n");
    if (end != std::string::npos) {
      const auto at = got.find("Content-Length: ");
      const std::size_t body = at == std::string::npos ? 0 : std::stoul(got.substr(at + 16));
      if (got.size() >= end + 4 + body) return got;
    }
    const std::string more = peer.some(wait_ms);
    if (more.empty()) return {};
    got += more;
  }
}

}  // namespace moodline::net::test
