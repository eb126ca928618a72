#pragma once
#include "providers/spool.hpp"

namespace moodline::providers {

SpoolType smstools3_type();

}  // namespace moodline::providers
