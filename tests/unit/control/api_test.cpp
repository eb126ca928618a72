// The HTTP API's description covers every action, and scopes keep what they should.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "daemon/control/openapi.hpp"

namespace moodline::control {

TEST_CASE("every action says which arguments it takes") {
  for (const Action& a : actions()) {
    CAPTURE(std::string(a.name));
    CHECK(arguments_of(a.name) != nullptr);
    CHECK_FALSE(a.help.empty());
  }
}

TEST_CASE("the description is OpenAPI 3.1") {
  const json::object doc = openapi("http://127.0.0.1:8082");
  CHECK(doc.at("openapi").as_string() == "3.1.0");
  CHECK(doc.at("info").at("version").as_string() == "1");
  const json::object& paths = doc.at("paths").as_object();
  std::size_t open = 0;
  for (const Action& a : actions()) {
    const std::string path = "/api/v1/" + std::string(a.name);
    CAPTURE(path);
    if (scope_of(a) == "admin") {
      CHECK_FALSE(paths.contains(path));
      continue;
    }
    ++open;
    REQUIRE(paths.contains(path));
    const json::object& post = paths.at(path).at("post").as_object();
    CHECK(post.at("operationId").as_string().find('.') == std::string::npos);
    for (const char* status : {"200", "400", "401", "403", "404", "422", "503"}) {
      CHECK(post.at("responses").as_object().contains(status));
    }
    CHECK(post.at("requestBody").at("content").as_object().contains("application/json"));
  }
  CHECK(paths.size() == open);
  const json::value& error = doc.at("components").at("schemas").at("Error");
  CHECK(error.at("required").as_array().size() == 1);
}

TEST_CASE("what each scope opens") {
  struct Row {
    const char* action;
    const char* scopes;
    bool open;
  };
  const Row rows[] = {{"alert.list", "read", true},
                      {"alert.list", "alerts", false},
                      {"alert.ack", "read", false},
                      {"alert.ack", "read alerts", true},
                      {"person.show", "read", false},
                      {"person.show", "people", true},
                      {"person.series", "read", false},
                      {"person.erase", "alerts texts", false},
                      {"person.export", "people", false},
                      {"person.export", "export", true},
                      {"hold", "read", false},
                      {"hold", "service", true},
                      {"hold", "all", true},
                      {"token.add", "all", false},
                      {"audit.export", "all", false},
                      {"alert.list", "", false},
                      {"alert.list", "reader", false}};
  for (const Row& r : rows) {
    CAPTURE(r.action);
    CAPTURE(r.scopes);
    const Action* a = find_action(r.action);
    REQUIRE(a != nullptr);
    CHECK(allows(r.scopes, scope_of(*a)) == r.open);
  }
}

}  // namespace moodline::control
