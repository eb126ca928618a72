// Targets, forms and routes.
#include "daemon/net/router.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

using namespace moodline::net;

namespace {

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& p : parts) out += "[" + p + "]";
  return out;
}

Response ask(const Router& router, std::string method, std::string target) {
  asio::io_context io;
  Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  auto answer = asio::co_spawn(io, router.handle(std::move(request)), asio::use_future);
  io.run();
  return answer.get();
}

RouteHandler says(std::string word) {
  return [word](Request, Params params) -> asio::awaitable<Response> {
    return [](std::string text, Params p) -> asio::awaitable<Response> {
      Response out;
      out.body = text;
      for (const auto& [name, value] : p.path) out.body += " " + name + "=" + value;
      for (const auto& [name, value] : p.query) out.body += " ?" + name + "=" + value;
      co_return out;
    }(word, std::move(params));
  };
}

}  // namespace

TEST_CASE("targets are cut, then decoded") {
  struct Case {
    const char* target;
    const char* segments;  // null: malformed
    std::size_t query;
  };
  for (const Case& c : std::vector<Case>{{"/", "[]", 0},
                                         {"/a/b%2Fc", "[a][b/c]", 0},
                                         {"/a/", "[a][]", 0},
                                         {"/a?b=c&d", "[a]", 2},
                                         {"/a?", "[a]", 0},
                                         {"/a?x=%3F?y", "[a]", 1},
                                         {"", nullptr, 0},
                                         {"a", nullptr, 0},
                                         {"*", nullptr, 0},
                                         {"http://h/", nullptr, 0},
                                         {"/%", nullptr, 0},
                                         {"/%4", nullptr, 0},
                                         {"/%zz", nullptr, 0},
                                         {"/a%00", nullptr, 0},
                                         {"/a?b=%f", nullptr, 0}}) {
    CAPTURE(c.target);
    const auto got = parse_target(c.target);
    CHECK(got.has_value() == (c.segments != nullptr));
    if (got && c.segments != nullptr) {
      CHECK(join(got->segments) == c.segments);
      CHECK(got->query.size() == c.query);
    }
  }
  const auto form = parse_form("From=%2B447700900123&Body=a+b%26c&Body=second&empty=");
  REQUIRE(form.has_value());
  CHECK(value_of(*form, "From") == "+447700900123");
  CHECK(value_of(*form, "Body") == "a b&c");
  CHECK(value_of(*form, "empty") == "");
  CHECK_FALSE(value_of(*form, "none").has_value());
  CHECK(percent_encode("a b+/é~") == "a%20b%2B%2F%C3%A9~");
}

TEST_CASE("routes: literal beats name beats rest, 404, 405 with Allow, HEAD by GET") {
  Router router;
  router.add("GET", "/files/{rest*}", says("rest"))
      .add("GET", "/people/{id}", says("name"))
      .add("GET", "/people/new", says("literal"))
      .add("POST", "/people/{id}", says("post"))
      .add("PUT", "/people/new", says("put"))
      .add("GET", "/", says("root"));
  struct Case {
    const char* method;
    const char* target;
    int status;
    const char* body;
  };
  for (const Case& c : std::vector<Case>{{"GET", "/", 200, "root"},
                                         {"HEAD", "/", 200, "root"},
                                         {"GET", "/people/new", 200, "literal"},
                                         {"POST", "/people/new", 200, "post id=new"},
                                         {"GET", "/people/7?a=b", 200, "name id=7 ?a=b"},
                                         {"GET", "/people/a%2Fb", 200, "name id=a/b"},
                                         {"GET", "/files/a/b", 200, "rest rest=a/b"},
                                         {"GET", "/files/", 200, "rest rest="},
                                         {"GET", "/people/", 404, nullptr},
                                         {"GET", "/people/7/x", 404, nullptr},
                                         {"GET", "/none", 404, nullptr},
                                         {"DELETE", "/people/7", 405, nullptr},
                                         {"GET", "/%", 400, nullptr}}) {
    CAPTURE(c.method);
    CAPTURE(c.target);
    const Response got = ask(router, c.method, c.target);
    CHECK(got.status == c.status);
    if (c.body != nullptr) CHECK(got.body == c.body);
    if (c.status == 405) CHECK(got.headers == Headers{{"Allow", "GET, POST"}});
  }
  CHECK(router.pattern_of("/people/7?x=1") == "/people/{id}");
  CHECK(router.pattern_of("/none").empty());
}
