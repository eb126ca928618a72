// The HTTP API's own description: OpenAPI 3.1, made from the table of actions. Pure.
#pragma once
#include <boost/json/object.hpp>
#include <string_view>

#include "daemon/control/actions.hpp"

namespace moodline::control {

/// One argument of an action.
struct Argument {
  std::string_view name;
  std::string_view type;  // string, integer, boolean, object, strings (a list)
  bool required = false;
  std::string_view help;
};

/// Of an action; a test holds that every action has its row, an empty one where it takes nothing.
const std::vector<Argument>* arguments_of(std::string_view action);

/// The whole document. `url`: where the API is reached, such as "http://127.0.0.1:8082".
json::object openapi(std::string_view url);

}  // namespace moodline::control
