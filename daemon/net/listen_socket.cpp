#include "daemon/net/listen_socket.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace moodline::net {
namespace {

using boost::system::error_code;
using tcp = asio::ip::tcp;
using unix_socket = asio::local::stream_protocol;

constexpr int backlog = 1024;

tl::unexpected<Fault> cannot(std::string_view where, const error_code& ec) {
  namespace errc = boost::system::errc;
  if (ec == errc::address_in_use) {
    return fault("port_in_use",
                 fmt::format("{} is in use by another program; stop it or choose another", where));
  }
  if (ec == errc::permission_denied || ec == errc::operation_not_permitted) {
    return fault("not_permitted",
                 fmt::format("may not listen on {}: {}; choose a port over 1023 or a writable "
                             "folder",
                             where, ec.message()));
  }
  return fault("cannot_listen", fmt::format("cannot listen on {}: {}", where, ec.message()));
}

/// Runs the steps in order until one fails.
template <class... Steps>
error_code first_error(Steps... steps) {
  error_code ec;
  (void)((steps(ec), !ec) && ...);
  return ec;
}

}  // namespace

Result<tcp::acceptor> open_tcp(const asio::any_io_executor& io, const TcpListener& where) {
  error_code ec;
  const auto address = asio::ip::make_address(where.address, ec);
  if (ec) {
    return fault("bad_address",
                 fmt::format("listener {}: \"{}\" is not an IP address; write one such as "
                             "127.0.0.1 or ::",
                             where.name, where.address));
  }
  const tcp::endpoint end(address, where.port);
  tcp::acceptor acceptor(io);
  ec = first_error(
      [&](error_code& e) { acceptor.open(end.protocol(), e); },
      [&](error_code& e) { acceptor.set_option(tcp::acceptor::reuse_address(true), e); },
      [&](error_code& e) {
        if (address.is_v6()) acceptor.set_option(asio::ip::v6_only(false), e);
      },
      [&](error_code& e) { acceptor.bind(end, e); },
      [&](error_code& e) { acceptor.listen(backlog, e); });
  if (ec) return cannot(fmt::format("{} port {}", where.address, where.port), ec);
  return acceptor;
}

Result<unix_socket::acceptor> open_unix(const asio::any_io_executor& io,
                                        const UnixListener& where) {
  if (where.path.size() >= sizeof(sockaddr_un::sun_path)) {
    return fault("cannot_listen",
                 fmt::format("socket path {} is too long; the system takes up to {} bytes",
                             where.path, sizeof(sockaddr_un::sun_path) - 1));
  }
  const unix_socket::endpoint end(where.path);
  struct stat info {};
  if (::lstat(where.path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode)) {
      return fault("cannot_listen",
                   fmt::format("{} is there and is not a socket; move it away", where.path));
    }
    error_code ec;
    unix_socket::socket probe(io);
    probe.connect(end, ec);
    if (!ec) {
      return fault("socket_in_use",
                   fmt::format("another daemon answers on {}; stop it first", where.path));
    }
    ::unlink(where.path.c_str());  // left behind by a crash
  }
  unix_socket::acceptor acceptor(io);
  const error_code ec =
      first_error([&](error_code& e) { acceptor.open(end.protocol(), e); },
                  [&](error_code& e) { acceptor.bind(end, e); },
                  // Before listen(), so that nobody connects under the wrong mode.
                  [&](error_code& e) {
                    if (::chmod(where.path.c_str(), where.mode) != 0) {
                      e.assign(errno, boost::system::system_category());
                    }
                  },
                  [&](error_code& e) { acceptor.listen(backlog, e); });
  if (ec) return cannot(where.path, ec);
  return acceptor;
}

Result<std::shared_ptr<asio::ssl::context>> load_tls(const TcpListener& where) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* raw = context->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20");
  error_code ec;
  std::string file = where.tls_certificate_file;
  context->use_certificate_chain_file(file, ec);
  if (!ec) {
    file = where.tls_key_file;
    context->use_private_key_file(file, asio::ssl::context::pem, ec);
  }
  if (!ec && SSL_CTX_check_private_key(raw) != 1) {
    return fault("bad_certificate",
                 fmt::format("listener {}: the key in {} does not belong to the certificate in {}",
                             where.name, where.tls_key_file, where.tls_certificate_file));
  }
  if (ec) {
    return fault("bad_certificate", fmt::format("listener {}: cannot use {}: {}; give a PEM file "
                                                "that the daemon may read",
                                                where.name, file, ec.message()));
  }
  return context;
}

}  // namespace moodline::net
