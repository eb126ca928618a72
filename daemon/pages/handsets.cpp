#include "daemon/pages/handsets.hpp"

#include <boost/json.hpp>

namespace moodline::pages {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& o, const char* key) {
  const json::value* v = o.if_contains(key);
  return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string{};
}

}  // namespace

void Handsets::routes(net::Router& router) {
  router.add("POST", "/demo/handset",
             [this](net::Request r, const net::Params&) { return take(std::move(r)); });
}

void Handsets::add(const std::string& number, bool from_phone, const std::string& text) {
  if (!phones_.contains(number) && phones_.size() >= phones_max) return;
  auto& texts = phones_[number];
  texts.push_back({next_id_++, from_phone, text, to_iso(now_())});
  if (texts.size() > texts_kept_max) texts.pop_front();
  if (!from_phone && on_text) on_text(number, text);
}

const std::deque<ShownText>& Handsets::texts(const std::string& number) {
  static const std::deque<ShownText> none;
  const auto it = phones_.find(number);
  return it == phones_.end() ? none : it->second;
}

boost::asio::awaitable<net::Response> Handsets::take(net::Request request) {
  if (request.header("authorization") != "Bearer " + secret_) {
    co_return net::error_response(401, "not_authentic", "refused");
  }
  boost::system::error_code ec;
  const json::value v = json::parse(request.body, ec);
  if (ec || !v.is_object()) co_return net::error_response(400, "bad_json", "refused");
  const json::object& o = v.get_object();
  const std::string id = "sim-" + std::to_string(next_id_);
  add(text_at(o, "to"), false, text_at(o, "text"));
  const json::object receipt{{"type", "dlr"},
                             {"event_id", id + "-d"},
                             {"id", id},
                             {"reference", text_at(o, "reference")},
                             {"status", "delivered"}};
  (void)co_await post(json::serialize(receipt));
  co_return net::Response{200, "application/json", {}, json::serialize(json::object{{"id", id}})};
}

boost::asio::awaitable<int> Handsets::post(std::string body) {
  providers::HttpCall call;
  call.method = "POST";
  call.url = hook_url_;
  call.headers = {{"content-type", "application/json"}, {"authorization", "Bearer " + secret_}};
  call.body = std::move(body);
  const ports::HttpLimits limits{.timeout_s = 10};
  const auto reply = co_await http_.fetch(std::move(call), limits);
  co_return reply ? reply->status : 0;
}

boost::asio::awaitable<int> Handsets::type(std::string number, std::string text) {
  const std::string id = "typed-" + std::to_string(next_id_);
  add(number, true, text);
  const json::object mo{{"type", "mo"},   {"event_id", id}, {"id", id},
                        {"from", number}, {"to", ""},       {"text", text}};
  co_return co_await post(json::serialize(mo));
}

}  // namespace moodline::pages
