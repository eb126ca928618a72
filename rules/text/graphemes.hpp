// UTF-8 into code points and into characters as a reader sees them. Pure; any bytes are accepted.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace moodline::text {

/// The same text with every invalid byte as U+FFFD.
std::string with_valid_utf8(std::string_view bytes);
/// Code points; invalid bytes as U+FFFD.
std::u32string code_points(std::string_view utf8);
/// The offset after the code point that starts at `from` (< size).
std::size_t next_code_point(std::string_view utf8, std::size_t from);
/// Extended grapheme clusters by UAX #29 (rules GB3 to GB13), but CR LF counts as two.
/// Views into `utf8`, which must be valid and outlive them.
std::vector<std::string_view> split_graphemes(std::string_view utf8);

}  // namespace moodline::text
