// What a note must not keep: card numbers, NHS numbers and one-time codes become stars before the
// note is stored or shown. Pure; any bytes; phone numbers, readings and dates stay.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace moodline::replies {

/// Card numbers have so many digits (ISO/IEC 7812) and pass the Luhn check.
inline constexpr std::size_t card_digits_min = 13;
inline constexpr std::size_t card_digits_max = 19;
/// NHS numbers have ten digits, the last a modulus 11 check (NHS Data Dictionary).
inline constexpr std::size_t nhs_digits = 10;
/// A code is so many digits near a word that calls it one ("PIN", "passcode", "kod").
inline constexpr std::size_t code_digits_min = 3;
inline constexpr std::size_t code_digits_max = 8;

struct MaskedNote {
  std::string text;         // the same text, each digit of a masked number as '*'
  std::size_t numbers = 0;  // how many were masked
};

/// Never fails. Bytes that are not part of a masked number come back as they were received.
MaskedNote mask_note(std::string_view note);

}  // namespace moodline::replies
