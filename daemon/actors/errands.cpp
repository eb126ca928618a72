#include "daemon/actors/errands.hpp"

#include <spdlog/spdlog.h>

namespace moodline::actors {
namespace {

constexpr ports::HttpLimits limits{.timeout_s = 10, .body_bytes_max = std::size_t{64} * 1024};

}  // namespace

asio::awaitable<bool> Errands::fetch_certificate(std::string provider, providers::Webhook hook) {
  const auto before = live_;
  const auto it = before->providers.find(provider);
  if (it == before->providers.end() || !it->second.provider) co_return false;
  const auto call = it->second.provider->certificate_call(hook);
  if (!call) co_return false;
  const Instant now = wire_.now();
  Instant& next = next_fetch_[provider];
  if (now < next) co_return false;
  next = now + certificate_fetch_gap;
  const auto reply = co_await http_.fetch(*call, limits);
  if (!reply) {
    spdlog::warn("errands: certificate for {} not fetched: {}", provider, reply.error().code);
    metrics_.count("certificates", {{"provider", provider}, {"what", reply.error().code}});
    co_return false;
  }
  auto knowing = it->second.provider->with_certificate(*call, *reply);
  metrics_.count("certificates",
                 {{"provider", provider}, {"what", knowing ? "fetched" : "unusable"}});
  if (!knowing) {
    spdlog::warn("errands: certificate for {}: {}", provider, knowing.error().message);
    co_return false;
  }
  // A reload may have swapped the set meanwhile; then its translator is left alone, and the next
  // webhook asks again.
  const auto now_live = live_->providers.find(provider);
  if (now_live == live_->providers.end() || now_live->second.provider != it->second.provider)
    co_return false;
  auto next_live = std::make_shared<Live>(*live_);
  next_live->providers.at(provider).provider = std::move(*knowing);
  live_ = std::move(next_live);
  next_fetch_.erase(provider);
  co_return true;
}

asio::awaitable<bool> Errands::confirm(std::string provider, std::string url) {
  providers::HttpCall call{.method = "GET", .url = std::move(url)};
  const auto reply = co_await http_.fetch(std::move(call), limits);
  const bool done = reply && reply->status / 100 == 2;
  metrics_.count("subscriptions",
                 {{"provider", provider}, {"what", done ? "confirmed" : "failed"}});
  spdlog::info("errands: subscription for {} {}", provider, done ? "confirmed" : "not confirmed");
  co_return done;
}

}  // namespace moodline::actors
