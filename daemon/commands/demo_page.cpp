// The demo's page: two phones, the series as a chart, the rules as they stand, and the clock.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "daemon/commands/demo.hpp"
#include "daemon/commands/demo_html.hpp"
#include "daemon/control/actions.hpp"

namespace moodline::commands {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr double factor_max = 20'000;  // two weeks in about a minute
constexpr std::size_t typed_bytes_max = 1600;

json::array texts_json(pages::Handsets& h, const char* number) {
  json::array out;
  for (const pages::ShownText& t : h.texts(number)) {
    json::object o;
    o["id"] = t.id;
    o["mine"] = t.from_phone;
    o["text"] = t.text;
    o["at"] = t.at;
    out.push_back(std::move(o));
  }
  return out;
}

json::object about(const char* number) {
  json::object o;
  o["person"] = number;
  return o;
}

json::object demo_enrolment() {
  json::object o;
  o["number"] = person_number;
  o["as"] = "MJ";
  o["programme"] = "evening-mood";
  o["practitioner"] = "sam";
  o["agreed_with"] = "Sam Reed";
  o["agreed_on"] = "2026-03-01";
  o["track"] = json::object{{"mood", "to get through the evenings"}};
  o["rules"] = json::array{"low-streak", "gone-quiet", "safety-words"};
  return o;
}

net::Response as_json(const json::value& v) {
  return {200, "application/json", {{"cache-control", "no-store"}}, json::serialize(v)};
}

asio::awaitable<net::Response> state(wiring::Daemon& d, pages::Handsets& h) {
  json::object o;
  o["now"] = to_iso(d.gateway().clock.now());
  o["factor"] = d.scaled_clock() == nullptr ? 1.0 : d.scaled_clock()->factor();
  o["person"] = texts_json(h, person_number);
  o["practitioner"] = texts_json(h, practitioner_number);
  const auto series = co_await wiring::run_in_store(
      d.gateway(), "person.series", about(person_number), std::string(control::demo_screen));
  const auto rules = co_await wiring::run_in_store(d.gateway(), "explain", about(person_number),
                                                   std::string(control::demo_screen));
  const auto alerts =
      co_await wiring::run_in_store(d.gateway(), "alert.list", json::object{}, "admin:demo");
  o["series"] = series ? *series : json::value(nullptr);
  o["rules"] = rules ? *rules : json::value(json::array{});
  o["alerts"] = alerts ? *alerts : json::value(json::array{});
  co_return as_json(o);
}

std::string field(const net::Request& r, std::string_view name) {
  const auto form = net::parse_form(r.body);
  if (!form) return {};
  for (const auto& [k, v] : *form) {
    if (k == name) return v;
  }
  return {};
}

asio::awaitable<net::Response> typed(pages::Handsets& h, net::Request r) {
  const std::string who = field(r, "who");
  const std::string text = field(r, "text");
  if (text.empty() || text.size() > typed_bytes_max) {
    co_return net::error_response(422, "bad_text", "type between 1 and 1600 bytes");
  }
  const int status =
      co_await h.type(who == "practitioner" ? practitioner_number : person_number, text);
  json::object o;
  o["webhook"] = status;
  co_return as_json(o);
}

asio::awaitable<net::Response> clock(wiring::Daemon& d, net::Request r) {
  if (d.scaled_clock() == nullptr) co_return net::error_response(409, "no_clock", "not scaled");
  const auto factor = decimal_from(field(r, "factor"));
  const double f = factor ? static_cast<double>(factor->micro) / Decimal::one : 1.0;
  d.scaled_clock()->set_factor(std::min(f, factor_max));
  if (const auto hours = decimal_from(field(r, "hours"))) {
    d.scaled_clock()->jump_to(d.gateway().clock.now() + Millis{hours->micro * 36 / 10});
  }
  d.gateway().wake();
  co_return as_json(json::object{});
}

asio::awaitable<net::Response> begin(wiring::Daemon& d) {
  const auto added =
      co_await wiring::run_in_store(d.gateway(), "person.add", demo_enrolment(), "admin:demo");
  if (!added) co_return net::error_response(422, added.error().code, added.error().message);
  co_return as_json(*added);
}

asio::awaitable<net::Response> page() {
  net::Response r;
  r.content_type = "text/html; charset=utf-8";
  r.headers = demo_headers();
  r.body = demo_html();
  co_return r;
}

asio::awaitable<net::Response> script() {
  net::Response r;
  r.content_type = "text/javascript; charset=utf-8";
  r.headers = demo_headers();
  r.body = demo_script();
  co_return r;
}

}  // namespace

net::Headers demo_headers() {
  net::Headers h;
  h.emplace_back("cache-control", "no-store");
  h.emplace_back("content-security-policy",
                 "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src "
                 "'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  h.emplace_back("referrer-policy", "no-referrer");
  h.emplace_back("x-content-type-options", "nosniff");
  return h;
}

void add_demo_page(wiring::Daemon& d, pages::Handsets& h) {
  net::Router& r = d.pages();
  r.add("GET", "/", [](net::Request, const net::Params&) { return page(); });
  r.add("GET", "/demo/demo.js", [](net::Request, const net::Params&) { return script(); });
  r.add("GET", "/demo/state", [&d, &h](net::Request, const net::Params&) { return state(d, h); });
  r.add("POST", "/demo/type",
        [&h](net::Request q, const net::Params&) { return typed(h, std::move(q)); });
  r.add("POST", "/demo/clock",
        [&d](net::Request q, const net::Params&) { return clock(d, std::move(q)); });
  r.add("POST", "/demo/begin", [&d](net::Request, const net::Params&) { return begin(d); });
}

}  // namespace moodline::commands
