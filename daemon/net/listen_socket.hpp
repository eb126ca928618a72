// Opening what the server listens on: sockets with words for every way it fails, and TLS files.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "daemon/net/http_server.hpp"

namespace moodline::net {

Result<asio::ip::tcp::acceptor> open_tcp(const asio::any_io_executor& io, const TcpListener& where);
Result<asio::local::stream_protocol::acceptor> open_unix(const asio::any_io_executor& io,
                                                         const UnixListener& where);
/// TLS 1.2 and newer, forward-secret AEAD ciphers only, no renegotiation or compression.
Result<std::shared_ptr<asio::ssl::context>> load_tls(const TcpListener& where);

}  // namespace moodline::net
