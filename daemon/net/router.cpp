#include "daemon/net/router.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace moodline::net {

enum class Piece { literal, name, rest };

struct Router::Route {
  std::string method;
  std::string pattern;
  std::vector<std::pair<Piece, std::string>> pieces;
  RouteHandler handler;

  [[nodiscard]] bool matches(const std::vector<std::string>& segments, Params& params) const {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto& [kind, text] = pieces[i];
      if (kind == Piece::rest) {
        std::string rest;
        for (std::size_t j = i; j < segments.size(); ++j) {
          rest += (j == i ? "" : "/") + segments[j];
        }
        params.path[text] = rest;
        return true;
      }
      if (i >= segments.size()) return false;
      if (kind == Piece::literal && segments[i] != text) return false;
      if (kind == Piece::name) {
        if (segments[i].empty()) return false;
        params.path[text] = segments[i];
      }
    }
    return pieces.size() == segments.size();
  }
};

struct Router::Table {
  std::vector<Route> routes;  // most literal first

  struct Found {
    const Route* route = nullptr;
    Params params;
    std::string allow;  // methods of patterns that match, where none has this method
  };
  [[nodiscard]] Found find(std::string_view method,
                           const std::vector<std::string>& segments) const {
    Found found;
    for (const Route& route : routes) {
      Params params;
      if (!route.matches(segments, params)) continue;
      if (route.method == method || (route.method == "GET" && method == "HEAD")) {
        found.route = &route;
        found.params = std::move(params);
        return found;
      }
      if (!found.allow.empty()) found.allow += ", ";
      found.allow += route.method;
    }
    return found;
  }

  static asio::awaitable<Response> handle(std::shared_ptr<Table> table, Request request) {
    auto target = parse_target(request.target);
    if (!target) co_return error_response(400, "bad_target", "the path or query is malformed");
    Found found = table->find(request.method, target->segments);
    if (found.route != nullptr) {
      found.params.query = std::move(target->query);
      co_return co_await found.route->handler(std::move(request), std::move(found.params));
    }
    if (found.allow.empty()) co_return error_response(404, "not_found", "there is no such page");
    Response response = error_response(405, "method_not_allowed", "this path takes " + found.allow);
    response.headers.emplace_back("Allow", found.allow);
    co_return response;
  }
};

const std::string& Params::operator[](std::string_view name) const {
  static const std::string none;
  const auto at = path.find(name);
  return at == path.end() ? none : at->second;
}

std::shared_ptr<Router::Table> Router::make_table() {
  return std::make_shared<Table>();
}

Router& Router::add(std::string method, std::string_view pattern, RouteHandler handler) {
  assert(!pattern.empty() && pattern.front() == '/');
  Route route{std::move(method), std::string(pattern), {}, std::move(handler)};
  for (std::string_view left = pattern; !left.empty();) {
    left.remove_prefix(1);
    const auto piece = left.substr(0, left.find('/'));
    left.remove_prefix(piece.size());
    if (piece.starts_with('{') && piece.ends_with("*}")) {
      route.pieces.emplace_back(Piece::rest, piece.substr(1, piece.size() - 3));
    } else if (piece.starts_with('{') && piece.ends_with('}')) {
      route.pieces.emplace_back(Piece::name, piece.substr(1, piece.size() - 2));
    } else {
      route.pieces.emplace_back(Piece::literal, piece);
    }
  }
  const auto before = [](const Route& a, const Route& b) {
    return std::lexicographical_compare(
        a.pieces.begin(), a.pieces.end(), b.pieces.begin(), b.pieces.end(),
        [](const auto& x, const auto& y) { return x.first < y.first; });
  };
  auto& routes = table_->routes;
  routes.insert(std::upper_bound(routes.begin(), routes.end(), route, before), std::move(route));
  return *this;
}

asio::awaitable<Response> Router::handle(Request request) const {
  return Table::handle(table_, std::move(request));
}

Handler Router::handler() const {
  return [table = table_](Request request) { return Table::handle(table, std::move(request)); };
}

std::string Router::pattern_of(std::string_view target) const {
  const auto parsed = parse_target(target);
  if (!parsed) return {};
  Params params;
  for (const Route& route : table_->routes) {
    if (route.matches(parsed->segments, params)) return route.pattern;
  }
  return {};
}

}  // namespace moodline::net
