#include "config/friends.hpp"

#include <algorithm>

namespace moodline::config {

bool is_friend(const Practitioner& p) {
  return std::find(p.roles.begin(), p.roles.end(), "friend") != p.roles.end();
}

}  // namespace moodline::config
