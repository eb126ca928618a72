// The HTTP API: the actions by name for other programs, behind bearer tokens with scopes. Its own
// listener; loopback unless service.yaml says otherwise.
#include <boost/json.hpp>

#include "daemon/actors/commit.hpp"
#include "daemon/checkins/access.hpp"
#include "daemon/control/openapi.hpp"
#include "daemon/wiring/parts.hpp"

namespace moodline::wiring {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using net::Request;
using net::Response;

constexpr std::string_view bearer = "Bearer ";
// A token's last use is written at most this often.
constexpr Millis use_noted_every{60'000};

Response refused(int status, std::string_view code, std::string_view message) {
  Response r = net::error_response(status, code, message);
  r.headers.emplace_back("Cache-Control", "no-store");
  if (status == 401) r.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"moodline\"");
  return r;
}

Response run(store::Tx& tx, const checkins::Setting& s, const actors::Live& live,
             std::string_view token, const std::string& name, const json::object& args) {
  auto access = checkins::open_api_token(tx, token, s.now);
  if (!access) return refused(401, access.error().code, access.error().message);
  const control::Action* action = control::find_action(name);
  if (action == nullptr) return refused(404, "no_such_action", "see /api/v1/openapi.json");
  if (!control::allows(access->scopes, control::scope_of(*action))) {
    return refused(403, "scope_missing",
                   "this token has not the scope \"" + std::string(control::scope_of(*action)) +
                       "\"; see moodline token add");
  }
  if (!access->used_at || s.now - *access->used_at > use_noted_every) {
    access->used_at = s.now;
    tx.put(*access);
  }
  control::ActionContext c{tx, s, "api:" + access->name, &live};
  const auto result = control::run_action(c, name, args);
  if (!result) {
    const Fault& f = result.error();
    return refused(f.code.starts_with("no_such") ? 404 : 422, f.code, f.message);
  }
  return {200, "application/json", {{"Cache-Control", "no-store"}}, json::serialize(*result)};
}

asio::awaitable<Response> call(actors::Gateway& g, Request request, std::string name) {
  const std::string_view given = request.header("authorization");
  if (!given.starts_with(bearer)) {
    co_return refused(401, "no_token", "send Authorization: Bearer TOKEN");
  }
  const std::string token(given.substr(bearer.size()));
  json::object args;
  if (!request.body.empty()) {
    boost::system::error_code ec;
    const json::value v = json::parse(request.body, ec);
    if (ec || !v.is_object()) co_return refused(400, "bad_json", "the body must be a JSON object");
    args = v.get_object();
  }
  const auto live = g.live;
  const auto out = std::make_shared<Response>();
  store::Write write = [live, out, token, name = std::move(name), args = std::move(args),
                        now = g.clock.now(), seed = g.seed()](store::Tx& tx) {
    Dice dice(seed);
    *out = run(tx, {*live->service, live->reader.get(), now, dice}, *live, token, name, args);
  };
  co_await actors::commit(g.store, std::move(write));
  g.wake();
  co_return std::move(*out);
}

asio::awaitable<Response> describe(actors::Gateway& g) {
  const config::Endpoint& e = g.live->service->settings.api;
  const std::string url = e.public_url.empty() ? "/" : e.public_url;
  co_return Response{200, "application/json", {}, json::serialize(control::openapi(url))};
}

}  // namespace

void Daemon::Parts::add_api() {
  actors::Gateway& g = *gateway;
  api.add("GET", "/api/v1/openapi.json", [&g](Request, const net::Params&) { return describe(g); });
  api.add("POST", "/api/v1/{action}",
          [&g](Request r, const net::Params& p) { return call(g, std::move(r), p["action"]); });
}

Result<void> Daemon::Parts::listen_api(const config::Endpoint& where, net::ServerHooks hooks_of) {
  if (where.address.empty()) return {};
  net::ServerLimits limits;
  limits.connections_max = 128;
  limits.body_bytes_max = import_bytes_max;
  limits.requests_per_s_per_address = 50;  // also what guessing tokens is slowed to
  api_server.emplace(io.get_executor(), wire, monotonic, limits, std::move(hooks_of));
  net::TcpListener l;
  l.name = "api";
  l.address = where.address;
  l.port = static_cast<std::uint16_t>(where.port);
  const auto at = api_server->listen(l, api.handler());
  if (!at) return tl::unexpected(at.error());
  api_port = *at;
  return {};
}

}  // namespace moodline::wiring
