// The HTTP server and the router on any bytes that a stranger may send: the connection ends, an
// answer is an HTTP answer, and the next one is served.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/net/http_server.hpp"
#include "daemon/net/router.hpp"
#include "daemon/ports/clocks.hpp"

namespace {

using namespace moodline;
namespace asio = boost::asio;

constexpr int polls_max = 200'000;  // until a connection has ended

void must(bool holds) {
  if (!holds) std::abort();
}

net::Handler routes() {
  net::Router router;
  const auto say = [](net::Request r, net::Params p) -> asio::awaitable<net::Response> {
    std::string body = p["provider"] + p["rest"] + r.body;
    for (const auto& [name, value] : p.query) body += name + value;
    co_return net::Response{200, "text/plain", {}, std::move(body)};
  };
  router.add("POST", "/hooks/{provider}", say).add("GET", "/hooks/{provider}/{rest*}", say);
  return router.handler();
}

class World {
 public:
  World() {
    path_ = "/tmp/moodline-http-fuzz-" + std::to_string(::getpid());
    must(server_.listen(net::UnixListener{"fuzz", path_, 0600}, routes()).has_value());
  }
  ~World() { ::unlink(path_.c_str()); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// What comes back for these bytes, once the connection has ended.
  std::string ask(std::string_view bytes) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path_.copy(to.sun_path, sizeof to.sun_path - 1);
    must(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    std::string answer;
    std::size_t sent = 0;
    bool over = false;
    for (int i = 0; !over && i < polls_max; ++i) {
      if (sent < bytes.size()) {
        const auto n =
            ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) sent += static_cast<std::size_t>(n);
        if (n < 0 && errno != EAGAIN) sent = bytes.size();  // it hung up
      }
      if (sent == bytes.size()) ::shutdown(fd, SHUT_WR);
      io_.restart();
      io_.poll();
      char room[4096];
      const auto n = ::recv(fd, room, sizeof room, MSG_DONTWAIT);
      if (n > 0) answer.append(room, static_cast<std::size_t>(n));
      over = n == 0 || (n < 0 && errno != EAGAIN);
    }
    must(over);
    ::close(fd);
    for (int i = 0; server_.connections() > 0; ++i) {
      must(i < polls_max);
      io_.restart();
      io_.poll();
    }
    return answer;
  }

 private:
  asio::io_context io_{1};
  ports::RealWireClock wire_;
  ports::RealMonotonic mono_;
  net::HttpServer server_{io_.get_executor(), wire_, mono_, {}, {}};
  std::string path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World world;
  static unsigned turn = 0;
  const std::string answer = world.ask({reinterpret_cast<const char*>(data), size});
  must(answer.empty() || answer.starts_with("HTTP/1."));
  if (++turn % 64 == 0) {
    must(world.ask("POST /hooks/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n7")
             .starts_with("HTTP/1.1 200 "));
  }
  return 0;
}
