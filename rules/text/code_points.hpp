// Small tables of single characters, for the normaliser alone.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

namespace moodline::rules {

/// Marks composed with one letter at most (longer piles are cut into groups of this many).
constexpr std::size_t mark_group_max = 16;

/// Zero-width and bidi marks, BOM, soft hyphen, variation selectors, skin tones, Arabic vowel signs
/// and tatweel: they change nothing that is read.
bool is_dropped(char32_t c);
/// ① .. ⑳, ⓪, ❶ .. ❿, ➀ .. ➓, 🔟: the number; -1 for anything else.
int circled_number(char32_t c);
/// Quotes, dashes and spaces made plain, ligatures of styled letters undone. At least one.
int plain_forms(char32_t c, char32_t out[2]);
/// Arabic-script letter variants that phones and keyboards mix up made one; others unchanged.
char32_t fold_letter(char32_t c);
/// {numerator, denominator}; {0, 0} when c is no vulgar fraction.
std::pair<int, int> vulgar_fraction(char32_t c);
bool is_emoji(char32_t c);
/// Latin letter without its accents ('é' -> 'e', 'ł' -> 'l'); other characters unchanged.
char32_t base_letter(char32_t c);

}  // namespace moodline::rules
