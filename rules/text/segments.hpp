// Segments: what a text costs on the air, and which character made it cost more.
// Pure. GSM 03.38 (3GPP TS 23.038) default and extension tables, else UCS-2 as UTF-16 units.
// National language shift tables are never used: few phones and no gateway we know honour them.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moodline::text {

enum class SmsEncoding { gsm7, ucs2 };

/// Capacities of one SMS of 140 octets, alone and as a part with a 6-octet joining header.
inline constexpr std::size_t gsm7_single_septets = 160;
inline constexpr std::size_t gsm7_part_septets = 153;
inline constexpr std::size_t ucs2_single_units = 70;
inline constexpr std::size_t ucs2_part_units = 67;
/// The report names at most so many offending characters; the first is the one to mend.
inline constexpr std::size_t offenders_max = 64;

/// A character (as a reader sees it) that GSM 03.38 cannot carry.
struct Offender {
  std::string character;                   // UTF-8, one grapheme
  std::size_t byte = 0;                    // offset in the text, in bytes
  std::size_t index = 0;                   // position in the text, in characters, from 0
  std::optional<std::string> alternative;  // GSM text to write instead; "" means leave it out
};

/// What `lint` found. For GSM-7 `units` are septets (an extension character is two), for UCS-2
/// 16-bit units (a character beyond U+FFFF is two).
struct SegmentReport {
  SmsEncoding encoding = SmsEncoding::gsm7;
  std::size_t characters = 0;            // graphemes
  std::size_t units = 0;                 // without any joining header
  std::size_t segments = 1;              // an empty text is one segment
  std::vector<std::string> parts;        // UTF-8; joined they are the text (bad bytes as U+FFFD)
  std::vector<Offender> offenders;       // empty for GSM-7; in order, up to offenders_max
  std::optional<std::string> gsm7_text;  // the whole text rewritten, where every offender can be
  std::size_t gsm7_segments = 0;         // of gsm7_text; 0 where there is none
};

/// Any bytes; invalid UTF-8 counts as U+FFFD. A grapheme is kept whole in one part (so an escape
/// pair, a surrogate pair, an emoji with its skin tone never parts) unless it alone is longer
/// than a part. Never throws but for memory. Linear in the text.
SegmentReport lint(std::string_view text);

/// True when every character is in the default or extension table.
bool fits_gsm7(std::string_view text);

/// Septets of one code point in GSM 03.38: 1, 2 (extension table) or 0 (not there).
int gsm7_septets(char32_t c);

/// One line for people: `UCS-2, 71 units, 2 segments; "ŵ" at character 5 forced it, write "w"`.
std::string describe(const SegmentReport& report);

}  // namespace moodline::text
