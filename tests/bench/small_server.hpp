// The smallest Beast server that keeps its connections: what our own figures stand beside. No
// bound, no time-out. Thread: whichever runs the acceptor's context.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <memory>
#include <utility>

namespace moodline::bench {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = boost::asio::ip::tcp;

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;
/// Fills in a 200 without a body; must outlive the server.
using Answer = std::function<void(const Request&, Response&)>;

class SmallConnection : public std::enable_shared_from_this<SmallConnection> {
 public:
  SmallConnection(tcp::socket socket, const Answer& answer)
      : stream_(std::move(socket)), answer_(answer) {}
  void read() {
    request_ = {};
    http::async_read(stream_, buffer_, request_,
                     [self = shared_from_this()](beast::error_code ec, std::size_t) {
                       if (!ec) self->write();
                     });
  }

 private:
  void write() {
    response_ = {http::status::ok, request_.version()};
    response_.keep_alive(request_.keep_alive());
    answer_(request_, response_);
    response_.prepare_payload();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code ec, std::size_t) {
                        if (!ec) self->read();
                      });
  }
  beast::tcp_stream stream_;
  const Answer& answer_;
  beast::flat_buffer buffer_;
  Request request_;
  Response response_;
};

inline void serve(tcp::acceptor& acceptor, const Answer& answer) {
  acceptor.async_accept([&](beast::error_code ec, tcp::socket socket) {
    if (ec) return;
    socket.set_option(tcp::no_delay(true));
    std::make_shared<SmallConnection>(std::move(socket), answer)->read();
    serve(acceptor, answer);
  });
}

}  // namespace moodline::bench
