// TLS between our own server and client, and emails to a scripted SMTP server.
#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <map>

#include "daemon/net/curl_client.hpp"
#include "daemon/net/curl_mail.hpp"
#include "tests/unit/net/raw.hpp"

using namespace moodline;
using namespace moodline::net;
using namespace moodline::net::test;

namespace {

/// A self-signed certificate for 127.0.0.1 in files of a folder of its own.
struct Certificate {
  explicit Certificate(long serial = 1) {
    REQUIRE(::mkdtemp(dir.data()) != nullptr);
    write(serial);
  }
  void write(long serial) const {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 24 * 3600);
    X509_set_pubkey(x, key);
    X509_NAME* name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("moodline test"), -1, -1, 0);
    X509_set_issuer_name(x, name);
    for (const auto& [nid, text] : {std::pair{NID_subject_alt_name, "IP:127.0.0.1"},
                                    std::pair{NID_basic_constraints, "critical,CA:TRUE"}}) {
      X509_EXTENSION* e = X509V3_EXT_conf_nid(nullptr, nullptr, nid, text);
      X509_add_ext(x, e, -1);
      X509_EXTENSION_free(e);
    }
    REQUIRE(X509_sign(x, key, EVP_sha256()) > 0);
    FILE* f = std::fopen(certificate().c_str(), "w");
    PEM_write_X509(f, x);
    std::fclose(f);
    f = std::fopen(key_file().c_str(), "w");
    PEM_write_PrivateKey(f, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(f);
    X509_free(x);
    EVP_PKEY_free(key);
  }
  [[nodiscard]] std::string certificate() const { return dir + "/cert.pem"; }
  [[nodiscard]] std::string key_file() const { return dir + "/key.pem"; }
  std::string dir = "/tmp/moodline-tls-XXXXXX";
};

asio::awaitable<Response> length(Request r) {
  Response out;
  out.body = std::to_string(r.body.size());
  co_return out;
}

std::string fetch(std::uint16_t port, const std::string& ca, const std::string& body) {
  asio::io_context io;
  CurlOptions options;
  options.ca_file = ca;
  CurlClient client(io.get_executor(), options);
  providers::HttpCall call;
  call.url = "https://127.0.0.1:" + std::to_string(port) + "/";
  call.body = body;
  auto result = asio::co_spawn(io, client.fetch(call, {}), asio::use_future);
  while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    if (io.run_one_for(std::chrono::seconds(20)) == 0) break;
  }
  const auto r = result.get();
  if (r) return std::to_string(r->status) + " " + r->body;
  return std::string(r.error().kind == ports::HttpFailureKind::maybe_sent ? "maybe_sent "
                                                                          : "not_sent ") +
         r.error().code;
}

/// What one SMTP conversation leads to. The far end answers each line by its first word.
struct Smtp {
  std::map<std::string, std::string> answers{{"EHLO", "250 here"}, {"MAIL", "250 ok"},
                                             {"RCPT", "250 ok"},   {"DATA", "354 go"},
                                             {".", "250 taken"},   {"QUIT", "221 bye"}};
  std::string cut_at;  // closes instead of answering this
  std::string received;

  void talk(Raw& peer) {
    peer.send("220 test ESMTP\r\n");
    std::string buffer;
    bool data = false;
    for (std::string more = peer.some(3000); !more.empty(); more = peer.some(3000)) {
      buffer += more;
      for (auto end = buffer.find("\r\n"); end != std::string::npos; end = buffer.find("\r\n")) {
        const std::string line = buffer.substr(0, end);
        buffer.erase(0, end + 2);
        if (data && line != ".") {
          received += line + "\n";
          continue;
        }
        const std::string word = line.substr(0, line.find(' '));
        if (word == cut_at) return;
        const auto answer = answers.find(word);
        peer.send((answer == answers.end() ? "502 what" : answer->second) + "\r\n");
        data = word == "DATA" && answers["DATA"].starts_with("354");
      }
    }
  }
};

MailReply send(std::uint16_t port, const Mail& mail) {
  asio::io_context io;
  CurlClient client(io.get_executor(), {});
  SmtpOptions smtp;
  smtp.url = "smtp://127.0.0.1:" + std::to_string(port);
  smtp.timeout_s = 5;
  auto result = asio::co_spawn(io, client.send_mail(mail, smtp, Instant{1'772'000'000'000}),
                               asio::use_future);
  while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    if (io.run_one_for(std::chrono::seconds(20)) == 0) break;
  }
  return result.get();
}

const Mail digest{"moodline@example.org", "sam@example.org",  "Weekly digest – wythnos",
                  "All well.\nŵ",         "<p>All well.</p>", "<m-1@example.org>"};

}  // namespace

TEST_CASE(
    "TLS: round trips, an unknown issuer, plain text, a stalled handshake, a new certificate") {
  const Certificate cert;
  ServerLimits limits;
  limits.tls_handshake_s = 1;
  Served s(length, limits, TcpListener{"", "", 0, cert.certificate(), cert.key_file()});
  CHECK(fetch(s.port, cert.certificate(), "abc") == "200 3");
  CHECK(fetch(s.port, cert.certificate(), std::string(60'000, 'x')) == "200 60000");
  CHECK(fetch(s.port, "", "abc") == "not_sent tls");
  const Raw plain = s.connect();
  plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(plain.all().find("HTTP/1.1") == std::string::npos);
  const Raw stalled = s.connect();
  CHECK(stalled.all().empty());
  CHECK(s.refused >= 2);
  cert.write(2);
  std::promise<Result<void>> reloaded;
  asio::post(s.io, [&] { reloaded.set_value(s.server.reload_certificates()); });
  CHECK(reloaded.get_future().get().has_value());
  CHECK(fetch(s.port, cert.certificate(), "abc") == "200 3");
  const Certificate other;
  asio::io_context io;
  HttpServer second(io.get_executor(), s.wire, s.mono, {}, {});
  CHECK(
      second.listen(TcpListener{"t", "127.0.0.1", 0, cert.certificate(), other.key_file()}, length)
          .error()
          .code == "bad_certificate");
}

TEST_CASE("email: what became of it, by what the server said last") {
  struct Case {
    const char* name;
    const char* word;  // answered otherwise
    const char* answer;
    const char* cut_at;
    MailOutcome outcome;
    int code;
  };
  for (const Case& c : std::vector<Case>{
           {"taken", "QUIT", "221 bye", "", MailOutcome::accepted, 250},
           {"no such mailbox", "RCPT", "550 who", "", MailOutcome::rejected, 550},
           {"grey list", "RCPT", "451 later", "", MailOutcome::retry_later, 451},
           {"sender refused", "MAIL", "553 no", "", MailOutcome::rejected, 553},
           {"refused after the text", ".", "554 spam", "", MailOutcome::rejected, 554},
           {"busy after the text", ".", "452 full", "", MailOutcome::retry_later, 452},
           {"cut before the text", "", "", "DATA", MailOutcome::retry_later, -1},
           {"cut after the text", "", "", ".", MailOutcome::unknown, -1}}) {
    CAPTURE(c.name);
    Smtp smtp;
    if (*c.word != 0) smtp.answers[c.word] = c.answer;
    smtp.cut_at = c.cut_at;
    const Scripted far([&smtp](Raw& peer, int) { smtp.talk(peer); });
    const MailReply got = send(far.port, digest);
    CHECK(got.outcome == c.outcome);
    if (c.code > 0) CHECK(got.code == c.code);
  }
  std::uint16_t dead = 0;
  {
    dead = Scripted([](Raw&, int) {}).port;
  }
  CHECK(send(dead, digest).outcome == MailOutcome::retry_later);
  for (const Mail& bad :
       std::vector<Mail>{{"a", "b@c.d", "s", "t", "", "<m@x>"},
                         {"a@b.c", "b@c.d>\r\nRCPT TO:<x@y.z", "s", "t", "", "<m@x>"},
                         {"a@b.c", "b@c.d", "s\r\nBcc: x@y.z", "t", "", "<m@x>"},
                         {"a@b.c", "b@c.d", "s", "t", "", "m@x"}}) {
    CHECK(send(dead, bad).outcome == MailOutcome::rejected);
  }
}

TEST_CASE("email: the message is what mail programs read") {
  Smtp smtp;
  {
    const Scripted far([&smtp](Raw& peer, int) { smtp.talk(peer); });
    CHECK(send(far.port, digest).outcome == MailOutcome::accepted);
  }
  for (const char* part :
       {"Date: Wed, 25 Feb 2026 06:13:20 +0000\n", "From: <moodline@example.org>\n",
        "To: <sam@example.org>\n", "Message-ID: <m-1@example.org>\n",
        "Auto-Submitted: auto-generated\n", "Subject: =?UTF-8?B?", "multipart/alternative",
        "Content-Type: text/html; charset=utf-8\n", "QWxsIHdlbGwuCsW1\n"}) {
    CAPTURE(part);
    CHECK(smtp.received.find(part) != std::string::npos);
  }
  const Mail plain{"a@b.c", "d@e.f", "Hello", std::string(500, 'x'), "", "<m@x>"};
  const std::string message = mime_message(plain, Instant{0});
  CHECK(message.find("Subject: Hello\r\n") != std::string::npos);
  CHECK(message.find("multipart") == std::string::npos);
  for (std::size_t at = 0, end = 0; (end = message.find("\r\n", at)) != std::string::npos;
       at = end + 2) {
    CHECK(end - at <= 78);
  }
}
