// Sends each request of a file once, one under way on each connection, and measures until the last
// answer. File: a line with the length in bytes before each request. Prints one JSON object.
// Usage: http_load PORT CONNECTIONS FILE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

using std::chrono::steady_clock;

namespace {

std::vector<std::string> requests_in(const char* file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) {
    std::string request(std::stoul(line), '\0');
    in.read(request.data(), static_cast<std::streamsize>(request.size()));
    out.push_back(std::move(request));
  }
  return out;
}

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    throw std::runtime_error("cannot connect");
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto requests = requests_in(argv[3]);
  const std::size_t connections =
      std::min(requests.size(), static_cast<std::size_t>(std::atoi(argv[2])));
  const int poller = ::epoll_create1(0);
  std::vector<int> sockets;
  std::vector<steady_clock::time_point> sent(connections);
  for (std::size_t i = 0; i < connections; ++i) {
    sockets.push_back(connect_to(std::atoi(argv[1])));
    epoll_event e{EPOLLIN, {.u64 = i}};
    ::epoll_ctl(poller, EPOLL_CTL_ADD, sockets[i], &e);
  }
  std::size_t next = 0;
  const auto send = [&](std::size_t i) {
    if (next == requests.size()) return;
    sent[i] = steady_clock::now();
    const std::string& r = requests[next++];
    if (::send(sockets[i], r.data(), r.size(), 0) != static_cast<ssize_t>(r.size())) {
      throw std::runtime_error("cannot send");
    }
  };
  const auto began = steady_clock::now();
  for (std::size_t i = 0; i < connections; ++i) send(i);
  std::vector<double> took_us;
  std::size_t good = 0;
  std::vector<epoll_event> events(64);
  char answer[4096];
  while (took_us.size() < requests.size()) {
    const int n = ::epoll_wait(poller, events.data(), 64, 10'000);
    if (n == 0) throw std::runtime_error("no answer within 10 s");
    for (int k = 0; k < n; ++k) {
      const std::size_t i = events[static_cast<std::size_t>(k)].data.u64;
      // An answer is written at once, and fits one segment.
      if (::recv(sockets[i], answer, sizeof answer, 0) < 12) throw std::runtime_error("closed");
      good += answer[9] == '2' ? 1 : 0;
      took_us.push_back(
          std::chrono::duration<double, std::micro>(steady_clock::now() - sent[i]).count());
      send(i);
    }
  }
  const double s = std::chrono::duration<double>(steady_clock::now() - began).count();
  std::sort(took_us.begin(), took_us.end());
  const auto at = [&](double q) {
    return took_us[static_cast<std::size_t>(q * static_cast<double>(took_us.size() - 1))];
  };
  std::cout << "{\"requests\": " << requests.size() << ", \"good\": " << good
            << ", \"per_s\": " << static_cast<double>(requests.size()) / s
            << ", \"p50_us\": " << at(0.5) << ", \"p99_us\": " << at(0.99) << "}\n";
}
