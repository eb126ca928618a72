// Router: method and path pattern to handler; 404 and 405 with Allow for everything else.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/net/message.hpp"

namespace moodline::net {

/// What the {names} of a pattern matched, decoded, and the query.
struct Params {
  std::map<std::string, std::string, std::less<>> path;
  Pairs query;
  /// Of the path; empty when there is no such name.
  [[nodiscard]] const std::string& operator[](std::string_view name) const;
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const {
    return value_of(query, name);
  }
};

using RouteHandler = std::function<asio::awaitable<Response>(Request, Params)>;

/// Patterns: "/hooks/{provider}/{secret}"; a last "{rest*}" takes every further segment, joined by
/// "/". A literal segment beats a {name}, which beats {rest*}. HEAD is served by GET.
/// Thread: io; fill before use.
class Router {
 public:
  Router& add(std::string method, std::string_view pattern, RouteHandler handler);
  [[nodiscard]] asio::awaitable<Response> handle(Request request) const;
  /// As a server's handler; shares the routes.
  [[nodiscard]] Handler handler() const;
  /// The pattern a target falls under, for metrics (never the raw path); empty for none.
  [[nodiscard]] std::string pattern_of(std::string_view target) const;

 private:
  struct Route;
  struct Table;
  std::shared_ptr<Table> table_ = make_table();
  static std::shared_ptr<Table> make_table();
};

}  // namespace moodline::net
