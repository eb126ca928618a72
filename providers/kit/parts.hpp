// Names in Event::detail that mean something to the daemon too.
#pragma once
#include <string_view>

namespace moodline::providers::kit {

/// The name in Event::detail under which such a dlr says its part's id. A text is delivered when
/// as many parts are as it has.
constexpr std::string_view part_detail = "part";

/// On a received text or an opt-out: the provider writes every number with its country code and
/// without "+". Else digits alone are read as a national number where they do not begin with the
/// service's own country code. Its value says nothing.
constexpr std::string_view bare_numbers_detail = "bare_numbers";

}  // namespace moodline::providers::kit
