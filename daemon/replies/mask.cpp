#include "daemon/replies/mask.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "rules/text/normalise.hpp"

namespace moodline::replies {
namespace {

using rules::Normalised;
using rules::Token;
using rules::TokenKind;

// Words, normalised, that say a number is a code; in each language of the packs.
constexpr std::array code_words = std::to_array<std::string_view>(
    {"code",  "codes", "pin",  "otp",    "passcode", "password", "cvv",    "cvc", "passwords",
     "cod",   "kod",   "kodu", "código", "codigo",   "clave",    "mot",    "رمز", "كود",
     "الرمز", "کوڈ",   "কোড",  "পিন",    "ਕੋਡ",       "ਪਿੰਨ",      "sumadda"});
// "Your verification code is 481 207", "481207 is my pin": so many words may stand between.
constexpr std::size_t words_between_max = 3;

/// Digit tokens that read as one number: parted by one space, dash or dot at most.
struct Number {
  std::size_t first = 0;  // tokens, both included
  std::size_t last = 0;
  std::string digits;
};

bool joins(const Normalised& n, std::size_t from, std::size_t to) {
  if (n.tokens[to].kind != TokenKind::digits) return false;
  if (to == from + 1) return true;
  const std::string_view sign = n.view(n.tokens[from + 1]);
  return to == from + 2 && (sign == "-" || sign == ".");
}

std::vector<Number> numbers_of(const Normalised& n) {
  std::vector<Number> out;
  for (std::size_t i = 0; i < n.tokens.size(); ++i) {
    if (n.tokens[i].kind != TokenKind::digits) continue;
    Number number{i, i, std::string(n.view(n.tokens[i]))};
    for (;;) {
      const std::size_t next = number.last + 1;
      std::size_t to = next;
      if (to < n.tokens.size() && joins(n, number.last, to)) {
      } else if (to + 1 < n.tokens.size() && joins(n, number.last, to + 1)) {
        ++to;
      } else {
        break;
      }
      number.last = to;
      number.digits += n.view(n.tokens[to]);
    }
    i = number.last;
    out.push_back(std::move(number));
  }
  return out;
}

bool is_card(std::string_view digits) {
  if (digits.size() < card_digits_min || digits.size() > card_digits_max) return false;
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int d = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
    sum += d;
  }
  return sum % 10 == 0 && digits.find_first_not_of('0') != std::string_view::npos;
}

bool is_nhs(std::string_view digits) {
  if (digits.size() != nhs_digits || digits[0] == '0') return false;
  int sum = 0;
  for (std::size_t i = 0; i + 1 < nhs_digits; ++i) {
    sum += (digits[i] - '0') * static_cast<int>(nhs_digits - i);
  }
  const int check = (11 - sum % 11) % 11;
  return check != 10 && check == digits[nhs_digits - 1] - '0';
}

bool near_code_word(const Normalised& n, const Number& number) {
  const auto is_code = [&](const Token& t) {
    return t.kind == TokenKind::word &&
           std::find(code_words.begin(), code_words.end(), n.view(t)) != code_words.end();
  };
  const auto look = [&](std::size_t from, std::size_t step, std::size_t end) {
    std::size_t words = 0;
    for (std::size_t i = from; i != end && words <= words_between_max; i += step) {
      const Token& t = n.tokens[i];
      if (t.kind == TokenKind::newline || t.kind == TokenKind::digits) return false;
      if (is_code(t)) return true;
      words += t.kind == TokenKind::word ? 1 : 0;
    }
    return false;
  };
  constexpr auto back = static_cast<std::size_t>(-1);
  return look(number.first - 1, back, back) || look(number.last + 1, 1, n.tokens.size());
}

}  // namespace

MaskedNote mask_note(std::string_view note) {
  MaskedNote out{std::string(note), 0};
  const Normalised n = rules::normalise(note);
  std::vector<rules::TextSpan> stars;
  for (const Number& number : numbers_of(n)) {
    const std::size_t size = number.digits.size();
    const bool code =
        size >= code_digits_min && size <= code_digits_max && near_code_word(n, number);
    if (!code && !is_card(number.digits) && !is_nhs(number.digits)) continue;
    ++out.numbers;
    for (std::size_t i = number.first; i <= number.last; ++i) {
      if (n.tokens[i].kind == TokenKind::digits) stars.push_back(n.tokens[i].origin);
    }
  }
  // From the end, so that earlier places stay right; digits of other scripts are several bytes.
  for (auto it = stars.rbegin(); it != stars.rend(); ++it) {
    const std::string_view was = note.substr(it->begin, it->end - it->begin);
    const auto letters = static_cast<std::size_t>(std::count_if(was.begin(), was.end(), [](char c) {
      return (static_cast<unsigned>(c) & 0xC0U) != 0x80U;
    }));
    out.text.replace(it->begin, it->end - it->begin, letters, '*');
  }
  return out;
}

}  // namespace moodline::replies
