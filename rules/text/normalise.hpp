// The one normaliser: input and every lexicon pass through it, so that both meet in one form.
// The original is kept: every normalised byte knows the original bytes it came from.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moodline::rules {

/// Half-open range of bytes of the original text, as it was received.
struct TextSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend constexpr bool operator==(const TextSpan&, const TextSpan&) = default;
  [[nodiscard]] constexpr bool overlaps(TextSpan o) const { return begin < o.end && o.begin < end; }
};

enum class TokenKind : std::uint8_t {
  word,      // letters and marks, apostrophes inside kept ("don't"); case-folded
  digits,    // decimal digits of any script, written in the normalised text as ASCII
  fraction,  // one vulgar fraction character: ½ ¼ ¾ ⅓ ...
  punct,     // one punctuation mark or symbol (dashes as '-', quotes as '\'' or '"')
  emoji,     // one pictograph; skin tones, joiners and variation selectors are gone
  newline,   // one or more line breaks
};

struct Token {
  TokenKind kind = TokenKind::word;
  bool space_before = false;   // white space, a line break or the start of the text stands before
  bool upper = false;          // word: two or more letters, all upper case in the original
  bool mixed_scripts = false;  // digits: of more than one script, so no number
  bool enclosed = false;       // digits: keycap, circled or the 🔟 sign
  std::uint8_t numerator = 0;  // fraction only
  std::uint8_t denominator = 0;
  std::uint32_t begin = 0;  // bytes of Normalised::text
  std::uint32_t end = 0;
  TextSpan origin;  // bytes of the original
};

struct Normalised {
  std::string text;                   // UTF-8: see normalise()
  std::vector<std::uint32_t> origin;  // original offset of each byte of text, and one past the end
  std::vector<Token> tokens;
  bool invalid_utf8 = false;  // some bytes were no UTF-8; each became U+FFFD, a punct token
  bool truncated = false;     // over text_bytes_max; the rest was not looked at

  [[nodiscard]] std::string_view view(const Token& t) const {
    return std::string_view(text).substr(t.begin, t.end - t.begin);
  }
  /// The original bytes that text[begin, end) came from.
  [[nodiscard]] TextSpan original(std::uint32_t begin, std::uint32_t end) const;
};

/// Bytes looked at; the longest concatenated SMS (255 parts) is shorter.
constexpr std::size_t text_bytes_max = 40'000;

/// Pure; never fails; same bytes, same result. In this order: zero-width and bidi marks, BOM, soft
/// hyphens, variation selectors, skin tones and combining keycaps dropped; control characters and
/// all spaces become ' ' (line breaks '\n'); quotes and dashes made plain; circled digits, keycaps,
/// 🔟 and any Unicode Nd become ASCII digits; wide and styled letters become plain ones; NFC; case
/// folding without locale; Arabic-script vowel signs and tatweel dropped and letter variants (ي ی,
/// ك ک, ه ہ, أ إ آ) made one. Vulgar fractions stay single characters. Letters never become digits.
Normalised normalise(std::string_view original);

/// A lexicon entry in the same form: words separated by single spaces, no marks at the ends.
std::string normalise_phrase(std::string_view phrase);

/// The same word without Latin accents ("piéć" -> "piec"); other scripts unchanged.
std::string without_accents(std::string_view normalised);

}  // namespace moodline::rules
