#include "rules/engine/event.hpp"

namespace moodline::rules {

std::string_view name_of(EmitType v) {
  switch (v) {
    case EmitType::clear:
      return "clear";
    case EmitType::withdraw:
      return "withdraw";
    case EmitType::fire:
      return "fire";
    case EmitType::stale:
      return "stale";
    case EmitType::unstale:
      return "unstale";
    case EmitType::close:
      return "close";
    case EmitType::match:
      return "match";
    case EmitType::reply_person:
      return "reply_person";
  }
  return "";
}

}  // namespace moodline::rules
