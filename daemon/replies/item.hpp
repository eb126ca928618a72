// Item: one thing that stands in a reply (a word, a number, a picture), with what stands before it.
// Built by message.cpp, marked by the masks, judged by resolve.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/replies/lists.hpp"
#include "rules/base/decimal.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::replies {

/// What stands between an item and the one before, weakest first.
enum class Sep : std::uint8_t {
  none,   // white space
  tight,  // a hyphen or slash without spaces
  comma,
  dash,  // spaced dash, colon, equals sign, a picture
  stop,  // . ! ? ; brackets, an ellipsis
  line,  // a line break
};

/// Why a number is no answer.
enum class Mask : std::uint8_t {
  none,
  phone,
  code,
  money,
  percent,
  clock,
  date,
  ordinal,
  duration,
  unit,
  score,
  age,
  dose,
  identifier,
  letter_digit,
  text_speak,
  idiom,
  scale_echo,
  count,
  other_measure,
  garbage,
  edited,
};

struct Item {
  enum class Kind : std::uint8_t { word, number, emoji } kind = Kind::word;
  Sep sep = Sep::none;
  int word = 0;             // lexicon id of the word or digits; 0: not in any list
  std::uint32_t first = 0;  // tokens [first, last)
  std::uint32_t last = 0;
  bool asks = false;       // a question mark follows
  bool upper = false;      // all capitals
  bool capital = false;    // begins with a capital
  bool continues = false;  // a further word of the same token ("i am" from "im")

  // Numbers only.
  Decimal value{};
  std::optional<Decimal> out_of;  // "7/10", "7 out of 10"
  char tie = 0;                   // '-' or '/' or ',' binds it to the number before, without spaces
  Mask mask = Mask::none;
  std::optional<L> unit;      // the unit that follows, as a list
  bool digits = false;        // written in digits
  bool from_typo = false;     // one edit from a number word
  bool own_language = false;  // also an ordinary word of another language
  bool pronoun = false;       // English "one"
  bool half_word = false;     // "half" alone
  bool star = false;          // "*4", "4*"
  bool plus = false;          // "7+"
  bool doubtful = false;  // "-7" after a word, two scripts, ...: a candidate nobody can be sure of
  bool two_decimals = false;  // "7.30": may be a time
  bool invalid = false;       // no number at all, though it looks like one
  int question = -1;          // index of the question whose name or unit binds it
  std::size_t after = 0;      // index of the first item after the number and its unit
};

using Items = std::vector<Item>;

}  // namespace moodline::replies
