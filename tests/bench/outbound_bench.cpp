// Texts a second to a provider on loopback, 64 under way: ours (translator, HTTP client, the
// reading of the answer) against plain libcurl multi making the very same requests, alternately in
// one process. Prints one JSON object a measurement and a ratio. Usage: outbound_bench
// [SECONDS_EACH] [ROUNDS]
#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "daemon/actors/route.hpp"
#include "daemon/net/curl_client.hpp"
#include "daemon/ports/clocks.hpp"
#include "tests/bench/small_server.hpp"

using namespace moodline;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t in_flight = 64;

providers::Sms text_to_send() {
  return {.from = {},
          .reference = "3f0c7f6a52b84a67",
          .to = "+15550101",
          .text = "How has your mood been today, 0 to 10? Answer with a number, or STOP.",
          .segments = 1};
}

struct Figures {
  double per_s = 0;
  double cpu_us = 0;  // processor time of the sending thread, a text
};

double thread_cpu_s() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

/// Counts until the time is over; what is under way then is not counted.
class Meter {
 public:
  explicit Meter(double seconds)
      : until_(began_ + std::chrono::duration_cast<steady_clock::duration>(
                            std::chrono::duration<double>(seconds))) {}
  bool count() {
    ++texts_;
    return steady_clock::now() < until_;
  }
  [[nodiscard]] Figures figures() const {
    const auto n = static_cast<double>(texts_);
    return {n / std::chrono::duration<double>(steady_clock::now() - began_).count(),
            (thread_cpu_s() - cpu_) / n * 1e6};
  }

 private:
  steady_clock::time_point began_ = steady_clock::now();
  steady_clock::time_point until_;
  double cpu_ = thread_cpu_s();
  long texts_ = 0;
};

asio::awaitable<void> send_on(actors::Carrier& carrier, Meter& meter) {
  do {
    providers::Sms sms = text_to_send();
    const auto reply = co_await carrier.submit(std::move(sms));
    if (reply.outcome != providers::SendOutcome::accepted) throw std::runtime_error(reply.code);
  } while (meter.count());
}

Figures ours(std::shared_ptr<const providers::Provider> provider, double seconds) {
  asio::io_context io(1);
  ports::RealWireClock wire;
  net::CurlClient client(io.get_executor(), {});
  actors::HttpCarrier carrier(std::move(provider), client, wire);
  Meter meter(seconds);
  for (std::size_t i = 0; i < in_flight; ++i) {
    asio::co_spawn(io, send_on(carrier, meter), [](std::exception_ptr e) {
      if (e) std::rethrow_exception(e);
    });
  }
  io.run();
  return meter.figures();
}

std::size_t drop_body(const char*, std::size_t size, std::size_t n, void* seen) {
  *static_cast<std::size_t*>(seen) += size * n;
  return size * n;
}

/// The same requests with libcurl alone: handles made once and used again, answers counted.
Figures plain(const providers::HttpCall& call, double seconds) {
  curl_slist* headers = nullptr;
  for (const auto& [name, value] : call.headers) {
    headers = curl_slist_append(headers, (name + ": " + value).c_str());
  }
  std::size_t bytes = 0;
  CURLM* multi = curl_multi_init();
  std::array<CURL*, in_flight> handles{};
  for (CURL*& easy : handles) {
    easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, call.url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(call.body.size()));
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &bytes);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_multi_add_handle(multi, easy);
  }
  Meter meter(seconds);
  int running = 1;
  while (running > 0) {
    curl_multi_perform(multi, &running);
    int left = 0;
    while (const CURLMsg* m = curl_multi_info_read(multi, &left)) {
      if (m->msg != CURLMSG_DONE) continue;
      CURL* easy = m->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      if (m->data.result != CURLE_OK || status != 201) throw std::runtime_error("plain libcurl");
      curl_multi_remove_handle(multi, easy);
      if (!meter.count()) continue;
      curl_multi_add_handle(multi, easy);
      running = 1;
    }
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  const Figures f = meter.figures();
  for (CURL* easy : handles) curl_easy_cleanup(easy);
  curl_multi_cleanup(multi);
  curl_slist_free_all(headers);
  return f;
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  asio::io_context io(1);
  tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  // The provider: takes every text.
  const bench::Answer takes = [](const bench::Request&, bench::Response& r) {
    r.result(bench::http::status::created);
    r.set(bench::http::field::content_type, "application/json");
    r.body() = R"({"sid":"SM00000000000000000000000000000001","status":"queued"})";
  };
  bench::serve(acceptor, takes);
  std::thread thread([&] { io.run(); });

  auto made = providers::find_provider_type("twilio")->make(config::Block::of(
      {{"account_sid", "AC00000000000000000000000000000000"},
       {"auth_token", "bench"},
       {"from", "+15550100"},
       {"webhook_url", "https://gw.example.org/hooks/twilio"},
       {"api_url", fmt::format("http://127.0.0.1:{}", acceptor.local_endpoint().port())}}));
  if (!made) return EXIT_FAILURE;
  const std::shared_ptr<const providers::Provider> provider = std::move(*made);
  const auto call = provider->send_call(text_to_send(), Instant{});
  if (!call) return EXIT_FAILURE;

  std::vector<double> ratios;
  for (int r = 0; r < rounds; ++r) {
    const Figures base = plain(*call, seconds);
    const Figures own = ours(provider, seconds);
    ratios.push_back(own.per_s / base.per_s);
    std::cout << fmt::format(
        R"({{"in_flight":{},"ours_per_s":{:.0f},"ours_cpu_us":{:.1f},"plain_per_s":{:.0f},)"
        R"("plain_cpu_us":{:.1f},"ratio":{:.2f}}})"
        "\n",
        in_flight, own.per_s, own.cpu_us, base.per_s, base.cpu_us, ratios.back());
  }
  std::cout << fmt::format(R"({{"in_flight":{},"median_ratio":{:.2f}}})"
                           "\n",
                           in_flight, median(ratios));
  io.stop();
  thread.join();
  return EXIT_SUCCESS;
}
