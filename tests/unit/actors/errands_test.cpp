#include "daemon/actors/errands.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>

namespace moodline::actors {
namespace {

using providers::HttpCall;
using providers::HttpReply;
using providers::Webhook;

// Needs the certificate named in the body; knows it once it was handed over.
class Wanting final : public providers::Provider {
 public:
  explicit Wanting(std::string known = {}) : known_(std::move(known)) {}
  [[nodiscard]] providers::Capabilities capabilities() const override { return {}; }
  [[nodiscard]] Result<HttpCall> send_call(const providers::Sms&, Instant) const override {
    return HttpCall{};
  }
  [[nodiscard]] providers::SendReply read_reply(const HttpReply&) const override { return {}; }
  [[nodiscard]] Result<providers::Authentic> authenticate(const Webhook& hook,
                                                          Instant) const override {
    if (hook.body != known_) return fault("certificate_needed", "not known yet");
    return providers::Authentic{};
  }
  [[nodiscard]] Result<std::vector<providers::Event>> read_events(const Webhook&) const override {
    return std::vector<providers::Event>{};
  }
  [[nodiscard]] std::optional<HttpCall> certificate_call(const Webhook& hook) const override {
    if (hook.body.empty()) return std::nullopt;
    return HttpCall{.method = "GET", .url = "https://certificates.example/" + hook.body};
  }
  [[nodiscard]] Result<std::shared_ptr<const providers::Provider>> with_certificate(
      const HttpCall&, const HttpReply& reply) const override {
    if (reply.status != 200) return fault("bad_certificate", "no");
    return std::make_shared<Wanting>(reply.body);
  }

 private:
  std::string known_;
};

struct FrozenClock final : ports::WireClock {
  Instant at{1'795'290'000'000};
  [[nodiscard]] Instant now() const override { return at; }
};

struct ScriptedHttp final : ports::HttpClient {
  std::deque<ports::HttpResult> answers;
  std::vector<HttpCall> calls;
  std::function<void()> meanwhile;
  asio::awaitable<ports::HttpResult> fetch(HttpCall call, ports::HttpLimits) override {
    calls.push_back(std::move(call));
    REQUIRE(!answers.empty());
    auto answer = std::move(answers.front());
    answers.pop_front();
    if (meanwhile) meanwhile();
    co_return answer;
  }
};

struct Scene {
  FrozenClock clock;
  ScriptedHttp http;
  Metrics metrics;
  std::shared_ptr<const Live> live = with(std::make_shared<Wanting>());
  Errands errands{live, clock, http, metrics};

  static std::shared_ptr<const Live> with(std::shared_ptr<const providers::Provider> provider) {
    auto out = std::make_shared<Live>();
    out->providers["aws"] = {"aws", "aws", std::move(provider), nullptr};
    out->providers["spool"] = {"spool", "gammu", nullptr, nullptr};
    return out;
  }
  bool run(asio::awaitable<bool> errand) {
    asio::io_context io;
    bool result = false;
    asio::co_spawn(io, std::move(errand), [&result](const std::exception_ptr& e, bool done) {
      REQUIRE(!e);
      result = done;
    });
    io.run();
    return result;
  }
  bool fetch(const std::string& body, const std::string& provider = "aws") {
    return run(errands.fetch_certificate(provider, {"POST", "u", {}, body}));
  }
  bool believed(const std::string& body) {
    return live->providers.at("aws")
        .provider->authenticate({"POST", "u", {}, body}, clock.at)
        .has_value();
  }
};

TEST_CASE("errands: a certificate is fetched once and kept") {
  Scene s;
  CHECK(!s.believed("c1"));
  s.http.answers.emplace_back(HttpReply{200, {}, "c1"});
  CHECK(s.fetch("c1"));
  CHECK(s.believed("c1"));
  REQUIRE(s.http.calls.size() == 1);
  CHECK(s.http.calls[0].method == "GET");
  CHECK(s.http.calls[0].url == "https://certificates.example/c1");
}

TEST_CASE("errands: strangers cannot make us fetch without end") {
  Scene s;
  s.http.answers.emplace_back(HttpReply{404, {}, ""});
  CHECK(!s.fetch("no-such"));
  CHECK(!s.fetch("other"));
  CHECK(s.http.calls.size() == 1);
  s.clock.at = s.clock.at + certificate_fetch_gap;
  s.http.answers.emplace_back(HttpReply{200, {}, "c1"});
  CHECK(s.fetch("c1"));
  CHECK(s.http.calls.size() == 2);
}

TEST_CASE("errands: nothing to fetch, nobody to fetch for, no answer") {
  Scene s;
  CHECK(!s.fetch(""));
  CHECK(!s.fetch("c1", "nobody"));
  CHECK(!s.fetch("c1", "spool"));
  CHECK(s.http.calls.empty());
  s.http.answers.emplace_back(
      tl::unexpected(ports::HttpFailure{ports::HttpFailureKind::could_not_connect, "dns", ""}));
  CHECK(!s.fetch("c1"));
  CHECK(!s.believed("c1"));
}

TEST_CASE("errands: a reload in the meantime wins") {
  Scene s;
  const auto reloaded = Scene::with(std::make_shared<Wanting>("new"));
  s.http.answers.emplace_back(HttpReply{200, {}, "c1"});
  s.http.meanwhile = [&] { s.live = reloaded; };
  CHECK(!s.fetch("c1"));
  CHECK(s.live == reloaded);
}

TEST_CASE("errands: a subscription is confirmed by one GET") {
  Scene s;
  s.http.answers.emplace_back(HttpReply{200, {}, "<ok/>"});
  CHECK(s.run(s.errands.confirm("aws", "https://sns.example/?Token=t")));
  REQUIRE(s.http.calls.size() == 1);
  CHECK(s.http.calls[0].method == "GET");
  CHECK(s.http.calls[0].url == "https://sns.example/?Token=t");
  CHECK(s.http.calls[0].body.empty());
  s.http.answers.emplace_back(HttpReply{403, {}, ""});
  CHECK(!s.run(s.errands.confirm("aws", "https://sns.example/?Token=t")));
}

}  // namespace
}  // namespace moodline::actors
