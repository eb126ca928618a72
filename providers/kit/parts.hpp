// A receipt that speaks of one part of a long text alone, where each part has a receipt of its own.
#pragma once
#include <string_view>

namespace moodline::providers::kit {

/// The name in Event::detail under which such a dlr says its part's id. A text is delivered when
/// as many parts are as it has.
constexpr std::string_view part_detail = "part";

}  // namespace moodline::providers::kit
