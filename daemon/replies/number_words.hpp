// Numbers in words: "four and a half", "siedem", "six point five", "minus two", "6 out of ten",
// and misspelt ones. Changes the message's word items into number items.
#pragma once
#include "daemon/replies/lexicon.hpp"

namespace moodline::replies {

struct Message;

void read_number_words(Message& m, const Lexicon& lexicon, const Tongues& tongues);

/// The number word that `word` is one edit (or one swap) from, where that is exactly one value;
/// nothing where the word is itself a word.
std::optional<Decimal> misspelt_number(std::string_view word, const Tongues& tongues);
/// Letters, not bytes: in Bengali and Punjabi two letters often differ in one byte. What is no
/// UTF-8 still gives some letters, the same each time.
std::u32string letters_of(std::string_view word);
/// Insertion, deletion, substitution or a swap of neighbours: one of them, at most.
bool one_edit_apart(std::string_view a, std::string_view b);

}  // namespace moodline::replies
