#include "daemon/replies/number_lexer.hpp"

#include <string>

namespace moodline::replies {
namespace {

using rules::Token;
using rules::TokenKind;

constexpr std::size_t value_digits_max = 9;  // longer runs are codes, not values
constexpr std::size_t phone_digits_min = 9;
constexpr std::size_t phone_groups_max = 8;

std::int64_t whole(std::string_view digits) {
  std::int64_t n = 0;
  for (const char c : digits) n = n * 10 + (c - '0');
  return n;
}

Decimal decimal_of(std::string_view whole_part, std::string_view fraction) {
  Decimal d = Decimal::of(whole(whole_part));
  std::int64_t scale = Decimal::one / 10;
  for (const char c : fraction.substr(0, 6)) {
    d.micro += (c - '0') * scale;
    scale /= 10;
  }
  return d;
}

Item number_item(std::uint32_t first, std::uint32_t last, Decimal value) {
  Item item;
  item.kind = Item::Kind::number;
  item.first = first;
  item.last = last;
  item.value = value;
  item.digits = true;
  return item;
}

bool all_of_letter(std::string_view word, char c) {
  return word.find_first_not_of(c) == std::string_view::npos;
}

}  // namespace

// One run of digits and the mark before it.
struct NumberLexer::Part {
  std::uint32_t at;
  char sep;
};

bool NumberLexer::is_punct(std::uint32_t i, char c) const {
  return i < text.tokens.size() && token(i).kind == TokenKind::punct &&
         text.view(token(i)) == std::string_view(&c, 1);
}

bool NumberLexer::glued(std::uint32_t i) const {
  return i < text.tokens.size() && !token(i).space_before;
}

bool NumberLexer::digits_at(std::uint32_t i) const {
  return i < text.tokens.size() && token(i).kind == TokenKind::digits;
}

// "+44 7700 900 321", "01632 960118": groups of digits with spaces or hyphens between.
std::uint32_t NumberLexer::phone_end(std::uint32_t at) const {
  const bool plus = at > 0 && is_punct(at - 1, '+') && glued(at);
  const std::string_view head = text.view(token(at));
  const bool bracket = at > 0 && is_punct(at - 1, '(');
  if (!plus && head.front() != '0' && head.size() < phone_digits_min) return at;
  std::size_t digits = head.size();
  std::uint32_t end = at + 1;
  for (std::size_t group = 0; group < phone_groups_max; ++group) {
    std::uint32_t next = end;
    if (is_punct(next, '-') || (bracket && is_punct(next, ')'))) ++next;
    if (!digits_at(next) || text.view(token(next)).size() < 2) break;
    digits += text.view(token(next)).size();
    end = next + 1;
  }
  return digits >= phone_digits_min ? end : at;
}

// One run of digits, with a fraction sign after it or decimals.
bool NumberLexer::one_part(std::uint32_t at, Item& item) const {
  const std::string_view digits = text.view(token(at));
  item = number_item(at, at + 1, {});
  item.word = lexicon.id(digits);
  item.invalid = token(at).mixed_scripts;
  item.doubtful = item.invalid;
  if (digits.size() > value_digits_max || (digits.size() > 2 && digits.starts_with("00"))) {
    item.mask = Mask::code;
    return false;
  }
  item.value = Decimal::of(whole(digits));
  return true;
}

// "7", "7.5", "3,5", "7/10", "9-5", "18:30", "14.11.25": digits with single marks, no spaces.
std::uint32_t NumberLexer::read_parts(std::uint32_t at, Items& out) const {
  std::vector<Part> parts{{at, 0}};
  std::uint32_t end = at + 1;
  while (parts.size() < 6 && end + 1 < text.tokens.size() && glued(end) && glued(end + 1) &&
         token(end).kind == TokenKind::punct && digits_at(end + 1)) {
    const std::string_view mark = text.view(token(end));
    if (mark.size() != 1 || std::string_view(".,:/-'~").find(mark[0]) == std::string_view::npos) {
      break;
    }
    parts.push_back({end + 1, mark[0] == '~' ? '-' : mark[0]});
    end += 2;
  }
  Item first;
  const bool plain = one_part(at, first);
  if (parts.size() == 1 || !plain) {
    first.last = parts.size() == 1 ? at + 1 : end;
    if (parts.size() > 1) first.mask = Mask::code;
    out.push_back(first);
    return end;
  }
  return read_joined(parts, end, first, out);
}

// Two or more runs of digits: decimals, a ratio, a pair, a date or a clock time.
std::uint32_t NumberLexer::read_joined(const std::vector<Part>& parts, std::uint32_t end,
                                       Item first, Items& out) const {
  const auto digits = [&](std::size_t i) { return text.view(token(parts[i].at)); };
  const auto decimal_mark = [&](char c) { return c == '.' || (c == ',' && tongues.decimal_comma); };
  first.last = end;
  for (const Part& p : parts) first.invalid |= token(p.at).mixed_scripts;
  const char sep = parts[1].sep;
  if (parts.size() == 2 && sep == ',' && digits(1).size() == 3 && digits(0).size() <= 3 &&
      digits(0) != "0" && !tongues.decimal_comma) {
    first.value = Decimal::of(whole(digits(0)) * 1000 + whole(digits(1)));
  } else if (parts.size() == 2 && sep == ':') {
    first.mask = Mask::clock;
  } else if (parts.size() == 2 && sep == '\'') {
    first.mask = Mask::unit;  // feet and inches
  } else if (const Items pair = pair_of(parts, end, decimal_mark); !pair.empty()) {
    out.insert(out.end(), pair.begin(), pair.end());
    return end;
  } else {
    first.mask = Mask::date;
  }
  out.push_back(first);
  return end;
}

// "6.5", "7/10", "6.5/10", "7-7.5", "3,4,5": each run with at most one decimal mark. Empty when it
// is a date or a version number.
Items NumberLexer::pair_of(const std::vector<Part>& parts, std::uint32_t end,
                           const std::function<bool(char)>& decimal_mark) const {
  Items out;
  std::size_t decimals = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Item item;
    const bool plain = one_part(parts[i].at, item);
    if (!plain) return {};
    if (i > 0) {
      item.tie = parts[i].sep;
      item.sep = item.tie == ',' ? Sep::comma : Sep::tight;
      if (item.tie == ':' || item.tie == '\'') return {};
    }
    if (i + 1 < parts.size() && decimal_mark(parts[i + 1].sep)) {
      const std::string_view a = text.view(token(parts[i].at));
      const std::string_view b = text.view(token(parts[i + 1].at));
      item.value = decimal_of(a, b.substr(0, value_digits_max));
      item.two_decimals = b.size() == 2;
      item.last = parts[i + 1].at + 1;
      item.invalid |= token(parts[i + 1].at).mixed_scripts;
      ++i;
      if (++decimals > 2 || (i + 1 < parts.size() && decimal_mark(parts[i + 1].sep))) return {};
    } else if (item.tie == '.') {
      return {};
    }
    out.push_back(item);
  }
  const bool list = out.size() > 2;
  for (std::size_t i = 1; list && i < out.size(); ++i) {
    if (out[i].tie == '/' || (out[i].tie == '-' && out[i].value > Decimal::of(31))) return {};
  }
  out.back().last = end;
  return out;
}

// "6h", "7h30", "8ish", "5am", "3rd", "8xx", "2day", "10k": letters glued to the digits.
std::uint32_t NumberLexer::read_glued_word(std::uint32_t at, Item& item, std::size_t from,
                                           Items& out) const {
  const std::string word(text.view(token(at)));
  const int id = lexicon.id(word);
  std::uint32_t end = at + 1;
  if (all_of_letter(word, 'x')) {
    if (!digits_at(end) || !glued(end)) return end;
    item.mask = Mask::letter_digit;  // "4x4"
    item.last = end + 1;
    return end + 1;
  }
  const std::int64_t n = item.value.micro / Decimal::one;
  if (word == "st" && (n % 10 != 1 || n % 100 == 11)) {
    item.unit = L::unit_stone;  // "13st", never a 13th
  } else if (word == "st" || word == "nd" || word == "rd" || word == "th") {
    item.mask = Mask::ordinal;
  } else if (word == "h" && digits_at(end) && glued(end)) {
    const std::string_view minutes = text.view(token(end));
    item.unit = L::unit_hours;
    item.doubtful = minutes.size() != 2 || whole(minutes) > 59;
    if (!item.doubtful) item.value.micro += whole(minutes) * Decimal::one / 60;
    ++end;
    if (end < text.tokens.size() && glued(end) && token(end).kind == TokenKind::word) ++end;
  } else if (word == "k" && item.value < Decimal::of(1000)) {
    item.value.micro *= 1000;
    item.unit = L::unit_steps;  // "8k" counts steps; a 10k run is no mood
  } else if (tongues.has(L::time_after, id)) {
    item.mask = Mask::clock;
  } else if (tongues.has(L::approx_after, id)) {
    // "8ish" is the stated number.
  } else {
    for (std::size_t u = static_cast<std::size_t>(L::unit_hours);
         u <= static_cast<std::size_t>(L::unit_other); ++u) {
      if (tongues.has(static_cast<L>(u), id)) {
        item.unit = static_cast<L>(u);
        item.last = end;
        return end;
      }
    }
    item.mask =
        tongues.has(L::filler, id) || tongues.has(L::mood, id) ? Mask::none : Mask::letter_digit;
    while (end < text.tokens.size() && glued(end) &&
           (digits_at(end) || token(end).kind == TokenKind::word)) {
      ++end;
      item.mask = Mask::letter_digit;
    }
  }
  static_cast<void>(from);
  static_cast<void>(out);
  item.last = end;
  return end;
}

// What may follow: a fraction, '%', '+', '*', "/10" with spaces, letters.
std::uint32_t NumberLexer::read_suffix(std::uint32_t at, std::size_t from, Items& out) const {
  Item& item = out.back();
  if (at < text.tokens.size() && token(at).kind == TokenKind::fraction && out.size() == from + 1) {
    item.value.micro += token(at).numerator * Decimal::one / token(at).denominator;
    return item.last = at + 1;
  }
  // "6 1/2", "5 3/4"
  if (at + 2 < text.tokens.size() && out.size() == from + 1 && digits_at(at) &&
      is_punct(at + 1, '/') && glued(at + 1) && glued(at + 2) && digits_at(at + 2)) {
    const std::string_view above = text.view(token(at));
    const std::string_view below = text.view(token(at + 2));
    const bool fraction = above.size() == 1 && below.size() == 1 && above[0] >= '1' &&
                          above[0] < below[0] && below[0] >= '2' && below[0] <= '8';
    if (fraction) {
      item.value.micro += (above[0] - '0') * Decimal::one / (below[0] - '0');
      return item.last = at + 3;
    }
  }
  if (at < text.tokens.size() && glued(at) && token(at).kind == TokenKind::word) {
    at = read_glued_word(at, item, from, out);
  }
  if (is_punct(at, '%')) {
    item.unit = L::unit_percent;
    return item.last = at + 1;
  }
  if (is_punct(at, '+') && glued(at) && !digits_at(at + 1)) {
    item.plus = true;
    ++at;
  } else if (is_punct(at, '*') && glued(at)) {
    item.star = true;
    ++at;
  } else if ((is_punct(at, '$') || is_punct(at, '\xA3')) && glued(at)) {
    item.mask = Mask::money;
    ++at;
  } else if (at < text.tokens.size() && glued(at) && token(at).kind == TokenKind::punct &&
             (text.view(token(at)) == "£" || text.view(token(at)) == "€")) {
    item.mask = Mask::money;
    ++at;
  }
  // "7 /10", "7 / 10"
  if (out.size() == from + 1 && is_punct(at, '/') && digits_at(at + 1) &&
      (token(at).space_before || token(at + 1).space_before)) {
    Item next;
    one_part(at + 1, next);
    next.tie = '/';
    next.sep = Sep::tight;
    out.push_back(next);
    return at + 2;
  }
  return at;
}

std::uint32_t NumberLexer::read(std::uint32_t at, bool after_number, Items& out) const {
  const std::size_t from = out.size();
  if (at < text.tokens.size() && token(at).kind == TokenKind::fraction) {
    out.push_back(
        number_item(at, at + 1, {token(at).numerator * Decimal::one / token(at).denominator}));
    return at + 1;
  }
  std::uint32_t i = at;
  bool minus = false;
  bool money = false;
  if (!digits_at(i)) {
    const std::string_view mark = text.view(token(i));
    money = mark == "£" || mark == "€" || mark == "$";
    minus = mark == "-" && token(i).space_before && !after_number;
    const bool plus = mark == "+" && token(i).space_before;
    if ((!money && !minus && !plus) || !digits_at(i + 1) || (token(i + 1).space_before && !money)) {
      return at;
    }
    ++i;
  }
  if (const std::uint32_t end = phone_end(i); end != i) {
    Item item = number_item(at, end, {});
    item.mask = Mask::phone;
    out.push_back(item);
    return end;
  }
  std::uint32_t end = read_parts(i, out);
  end = read_suffix(end, from, out);
  Item& item = out[from];
  item.first = at;
  if (minus) {
    item.value = -item.value;
    item.doubtful |= from > 0;
  }
  if (money) {
    for (std::size_t k = from; k < out.size(); ++k) out[k].mask = Mask::money;
  }
  return end;
}

}  // namespace moodline::replies
