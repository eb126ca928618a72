// Bytes of texts as phones and gateways write them, to UTF-8; and long texts' user data headers.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace moodline::providers::kit {

bool is_utf8(std::string_view bytes);
bool is_ascii(std::string_view bytes);

/// UTF-16 big endian; a byte order mark of either order is honoured and dropped, trailing NULs
/// too. A lone surrogate or an odd last byte becomes U+FFFD.
std::string from_utf16be(std::string_view bytes);
/// The same where no mark says otherwise: little endian.
std::string from_utf16le(std::string_view bytes);
/// With no byte order mark. Wrong UTF-8 becomes U+FFFD.
std::string to_utf16be(std::string_view utf8);
std::string from_latin1(std::string_view bytes);
std::string from_windows1252(std::string_view bytes);  // Latin 1 with quotes, dashes, the euro sign
std::string from_latin9(std::string_view bytes);       // ISO 8859-15: Latin 1 with the euro sign
/// By name ("UTF-8", "UTF-16BE", "UCS-2", "ISO-8859-1", "ISO-8859-15", "UTF-16LE",
/// "WINDOWS-1252", "US-ASCII"), any case.
/// Nothing for another name, or where bytes said to be UTF-8 are not.
std::optional<std::string> from_charset(std::string_view bytes, std::string_view name);

/// A part of a long text (3GPP 23.040, 9.2.3.24.1 and .8).
struct Concat {
  int reference = 0;
  int total = 0;
  int part = 0;
};
/// From a user data header with its length byte. Nothing where there is none or it is broken
/// (total 0, part 0 or over total, an element past the end).
std::optional<Concat> concat_of(std::string_view udh);

}  // namespace moodline::providers::kit
