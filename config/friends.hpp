// A friend or carer whom a person chose: told less than anybody who works for the service, and
// nothing else besides. Pure; safe from any thread.
#pragma once
#include "config/catalogue.hpp"

namespace moodline::config {

/// Has the role "friend"; the loader sees to it that they then have no other.
bool is_friend(const Practitioner& p);

}  // namespace moodline::config
