// Routes of the pages behind links. Tokens stand in addresses: nothing here logs one.
#include <boost/asio/awaitable.hpp>

#include "daemon/actors/commit.hpp"
#include "daemon/pages/html.hpp"
#include "daemon/pages/pages.hpp"
#include "daemon/wiring/parts.hpp"

namespace moodline::wiring {
namespace {

namespace asio = boost::asio;
using checkins::LinkKind;
using net::Request;
using net::Response;

// Changes nothing, whoever asks.
asio::awaitable<Response> show_cover(actors::Gateway& g, LinkKind kind, std::string token) {
  const auto live = g.live;
  Dice dice(g.seed());
  const checkins::Setting s{*live->service, nullptr, g.clock.now(), dice};
  const pages::PageRequest request{kind, std::move(token), {}};
  Response out;
  g.store.read([&](store::ReadTx& tx) { out = pages::cover(tx, s, request); });
  co_return out;
}

asio::awaitable<Response> press(actors::Gateway& g, LinkKind kind, std::string token,
                                std::string body) {
  const auto live = g.live;
  const auto out = std::make_shared<Response>();
  pages::PageRequest request{kind, std::move(token), net::parse_form(body).value_or(net::Pairs{})};
  store::Write write = [live, out, request = std::move(request), now = g.clock.now(),
                        seed = g.seed()](store::Tx& tx) {
    Dice dice(seed);
    *out = pages::open(tx, {*live->service, nullptr, now, dice}, request);
  };
  co_await actors::commit(g.store, std::move(write));
  g.wake();
  co_return std::move(*out);
}

asio::awaitable<Response> give(Response response) {
  co_return response;
}

}  // namespace

void Daemon::Parts::add_pages() {
  actors::Gateway& g = *gateway;
  constexpr std::pair<const char*, LinkKind> kinds[] = {{"/a/{token}", LinkKind::alert},
                                                        {"/s/{token}", LinkKind::series},
                                                        {"/d/{token}", LinkKind::data}};
  for (const auto& [pattern, kind] : kinds) {
    pages.add("GET", pattern, [&g, k = kind](Request, const net::Params& p) {
      return show_cover(g, k, p["token"]);
    });
    pages.add("POST", pattern, [&g, k = kind](Request r, const net::Params& p) {
      return press(g, k, p["token"], std::move(r.body));
    });
  }
  pages.add("GET", "/page.css",
            [](Request, const net::Params&) { return give(pages::stylesheet()); });
}

}  // namespace moodline::wiring
