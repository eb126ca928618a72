#include "daemon/actors/inbox.hpp"

#include <spdlog/spdlog.h>
#include <map>

#include "daemon/actors/commit.hpp"
#include "daemon/checkins/sending.hpp"

namespace moodline::actors {
namespace {

using providers::EventType;

constexpr std::size_t events_in_one_webhook_max = 1000;

std::string_view taken_name(checkins::Taken t) {
  switch (t) {
    case checkins::Taken::stored:
      return "stored";
    case checkins::Taken::duplicate:
      return "duplicate";
    case checkins::Taken::stranger:
      return "stranger";
    case checkins::Taken::part:
      return "part";
    case checkins::Taken::refused:
      return "refused";
  }
  return "refused";
}

net::Response refusal(int status, std::string_view code) {
  // Never more than it must say: a stranger learns nothing from a refusal.
  return net::error_response(status, code, "refused");
}

// Without the stranger's words. Somebody knocks, or the URL given to a provider is wrong.
void unknown_provider(Metrics& metrics) {
  spdlog::warn(
      "inbox: the path of a webhook names no provider of service.yaml; where texts are missing, "
      "compare the URL that the provider was given");
  metrics.count("webhooks_refused", {{"provider", "unknown"}, {"why", "no_such_provider"}});
}

std::string full_url(const config::Settings& s, const std::string& target) {
  std::string url = s.webhooks.public_url;
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url + target;
}

std::vector<std::string> subscriptions_in(const std::vector<providers::Event>& events) {
  std::vector<std::string> urls;
  for (const providers::Event& e : events) {
    if (e.type == EventType::confirm_subscription) urls.push_back(e.url);
  }
  return urls;
}

}  // namespace

void take_event(store::Tx& tx, const checkins::Setting& s, const std::string& provider,
                const providers::Event& event, Metrics& metrics) {
  if (providers::says_nothing(event)) {
    metrics.count("events_ignored", {{"provider", provider}});
    return;
  }
  switch (event.type) {
    case EventType::mo: {
      std::map<std::string, int> tally;
      checkins::Setting counted = s;
      counted.tally = &tally;
      const auto taken = checkins::take_inbound(tx, counted, provider, event);
      for (const auto& [what, n] : tally) metrics.count("replies", {{"what", what}}, n);
      metrics.count("texts_in", {{"provider", provider}, {"what", std::string(taken_name(taken))}});
      return;
    }
    case EventType::submit_result:
    case EventType::dlr: {
      const bool ours = checkins::receipt(tx, s, provider, event);
      metrics.count("receipts", {{"provider", provider}, {"what", ours ? "ours" : "unknown"}});
      return;
    }
    case EventType::opt_out:
    case EventType::opt_in:
      checkins::take_opt_event(tx, s, event);
      return;
    case EventType::confirm_subscription:
    case EventType::ignored:
      metrics.count("events_ignored", {{"provider", provider}});
      return;
  }
}

void Inbox::routes(net::Router& router) {
  const auto handle = [this](net::Request r, const net::Params& p) {
    return webhook(std::move(r), p["provider"]);
  };
  for (const char* method : {"POST", "GET"}) {
    router.add(method, "/hooks/{provider}", handle);
    router.add(method, "/hooks/{provider}/{rest*}", handle);
  }
}

asio::awaitable<void> Inbox::take(std::string provider, std::vector<providers::Event> events) {
  const auto live = g_.live;
  for (providers::Event& e : events) {
    if (e.at) e.at = g_.clock.at(*e.at);
  }
  store::Write write = [live, provider, events = std::move(events), now = g_.clock.now(),
                        seed = g_.seed(), metrics = &g_.metrics](store::Tx& tx) {
    Dice dice(seed);
    const checkins::Setting s{*live->service, live->reader.get(), now, dice};
    for (const providers::Event& e : events) take_event(tx, s, provider, e, *metrics);
  };
  co_await commit(g_.store, std::move(write));
  g_.crash.at("inbox.committed");
  g_.wake();
}

asio::awaitable<Result<providers::Authentic>> Inbox::prove(std::string name,
                                                           const providers::Webhook& hook) {
  auto live = g_.live;
  auto proof = live->providers.find(name)->second.provider->authenticate(hook, g_.wire.now());
  if (proof || proof.error().code != "certificate_needed") co_return proof;
  const bool fetched = co_await errands_.fetch_certificate(name, hook);
  if (!fetched) co_return proof;
  live = g_.live;
  const auto it = live->providers.find(name);
  if (it == live->providers.end() || !it->second.provider) co_return proof;
  co_return it->second.provider->authenticate(hook, g_.wire.now());
}

asio::awaitable<net::Response> Inbox::webhook(net::Request request, std::string name) {
  const auto live = g_.live;
  const auto it = live->providers.find(name);
  if (it == live->providers.end() || !it->second.provider) {
    unknown_provider(g_.metrics);
    co_return refusal(404, "not_found");
  }
  const providers::Provider& provider = *it->second.provider;
  providers::Webhook hook{request.method, full_url(live->service->settings, request.target),
                          std::move(request.headers), std::move(request.body)};
  const Instant wire = g_.wire.now();
  const auto authentic = co_await prove(name, hook);
  if (!authentic && authentic.error().code == "certificate_needed") {
    co_return refusal(503, "try_again");  // not fetched in time: the provider asks again
  }
  if (!authentic) {
    spdlog::warn("inbox: webhook for {} refused: {}", name, authentic.error().code);
    g_.metrics.count("webhooks_refused", {{"provider", name}, {"why", authentic.error().code}});
    co_return refusal(403, "not_authentic");
  }
  auto events = provider.read_events(hook);
  if (!events || events->size() > events_in_one_webhook_max) {
    g_.metrics.count("webhooks_refused", {{"provider", name}, {"why", "unreadable"}});
    spdlog::warn("inbox: webhook for {} is authentic but cannot be read", name);
    co_return refusal(400, "unreadable");
  }
  g_.crash.at("inbox.read");
  for (providers::Event& e : *events) {
    if (e.at) e.at = g_.clock.at(*e.at);
  }
  const std::vector<std::string> confirmations = subscriptions_in(*events);
  const auto fresh = std::make_shared<bool>(true);
  try {
    store::Write write = [live, name, key = authentic->replay_key, until = authentic->replay_until,
                          wire, events = std::move(*events), now = g_.clock.now(), seed = g_.seed(),
                          metrics = &g_.metrics, fresh](store::Tx& tx) {
      constexpr Millis remembered{24LL * 3'600'000};
      *fresh = key.empty() || tx.remember_nonce(name, key, until.value_or(wire + remembered));
      // A provider that retries sends the same proof again: the events are deduplicated by
      // their own ids below, so a known nonce is answered as a repeat, not as a forgery.
      Dice dice(seed);
      const checkins::Setting s{*live->service, live->reader.get(), now, dice};
      if (!*fresh) return;
      for (const providers::Event& e : events) take_event(tx, s, name, e, *metrics);
    };
    co_await commit(g_.store, std::move(write));
  } catch (const store::StoreError& e) {
    spdlog::error("inbox: webhook for {} not stored: {}: {}", name, e.code(), e.what());
    g_.metrics.count("store_errors", {{"actor", "inbox"}, {"code", e.code()}});
    co_return refusal(503, "try_again");
  }
  g_.crash.at("inbox.committed");
  g_.wake();
  for (const std::string& url : confirmations) (void)co_await errands_.confirm(name, url);
  if (!*fresh) g_.metrics.count("webhooks_repeated", {{"provider", name}});
  const providers::WebhookAnswer answer = provider.answer();
  co_return net::Response{answer.status, answer.content_type, {}, answer.body};
}

}  // namespace moodline::actors
