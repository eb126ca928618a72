// Sentence: what the whole sentence around a number says of it, where the words that touch it say
// nothing: a comparison, a question, a condition, another person, a score of something else.
#pragma once
#include "daemon/replies/resolve.hpp"

namespace moodline::replies {

/// Takes `usable` or `sure` from candidates that no careful reader would take for an answer.
void judge_sentences(const Scene& scene, std::vector<Candidate>& candidates);

/// A choice or a range touches the number at `item`, whether its partner is masked or not.
bool choice_beside(const Scene& scene, std::size_t item);

/// The word at `i` says how somebody is or feels, or is known to lead up to an answer.
bool tells_state(const Scene& scene, std::size_t i);

/// English: a word shaped like the name of several things, and no other word in -s.
bool plural_shape(const Scene& scene, std::size_t i);

}  // namespace moodline::replies
