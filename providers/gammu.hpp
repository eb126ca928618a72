#pragma once
#include "providers/spool.hpp"

namespace moodline::providers {

SpoolType gammu_type();

}  // namespace moodline::providers
