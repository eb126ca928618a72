// Text as it may stand in HTML. Pure.
#pragma once
#include <string>
#include <string_view>

namespace moodline::text {

/// For an element or a quoted attribute. Control characters and bytes that are no UTF-8 become
/// U+FFFD; line breaks and tabs stay.
std::string escape_html(std::string_view text);

}  // namespace moodline::text
