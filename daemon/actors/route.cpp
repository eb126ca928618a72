#include "daemon/actors/route.hpp"

#include <spdlog/spdlog.h>

namespace moodline::actors {
namespace {

using providers::SendOutcome;
using providers::SendReply;

// A failed call: only what surely never left may be tried again.
SendReply from_failure(const ports::HttpFailure& f) {
  SendReply r;
  r.outcome = f.kind == ports::HttpFailureKind::could_not_connect ? SendOutcome::retry_later
                                                                  : SendOutcome::unknown;
  r.code = f.code;
  return r;
}

}  // namespace

asio::awaitable<SendReply> HttpCarrier::submit(providers::Sms sms) {
  const ports::HttpLimits limits{.timeout_s = timeout_s};
  auto call = provider_->send_call(sms, wire_.now());
  if (!call) {
    SendReply r;
    r.outcome = SendOutcome::rejected;
    r.code = call.error().code;
    // Fixed words and names from the files, never a number: it says what to mend.
    spdlog::warn("route: {}: {}", call.error().code, call.error().message);
    co_return r;
  }
  const auto reply = co_await http_.fetch(std::move(*call), limits);
  if (!reply) co_return from_failure(reply.error());
  co_return provider_->read_reply(*reply);
}

asio::awaitable<std::vector<providers::Event>> HttpCarrier::look_up(std::string reference) {
  std::vector<providers::Event> none;
  const ports::HttpLimits limits{.timeout_s = timeout_s};
  auto call = provider_->lookup_call(reference, wire_.now());
  if (!call) co_return none;
  const auto reply = co_await http_.fetch(std::move(*call), limits);
  if (!reply) co_return none;
  auto events = provider_->read_lookup(*reply);
  if (!events) co_return none;
  co_return std::move(*events);
}

asio::awaitable<bool> HttpCarrier::lift(std::string to) {
  const ports::HttpLimits limits{.timeout_s = timeout_s};
  auto call = provider_->lift_call(to);
  if (!call) co_return false;
  const auto reply = co_await http_.fetch(std::move(*call), limits);
  co_return reply && provider_->read_lift(*reply);
}

}  // namespace moodline::actors
