// Resolve: the candidates that masking left become one value, or an honest "unclear".
#pragma once
#include <optional>
#include <vector>

#include "daemon/replies/scene.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::replies {

/// One number as an answer to one question.
struct Candidate {
  std::size_t item = 0;
  Decimal value;  // in the question's unit
  Left left;
  Right right;
  bool bound = false;    // by the measure's name or its unit
  bool sure = false;     // stands where an answer stands: start, end, alone, after a cue
  bool usable = true;    // not negated, wished, past, bounded, off the scale's own top
  bool bygone = false;   // said of a time that is over
  bool torn = false;     // not usable, yet it makes another value unsure: "was a 3 now a 6"
  bool dropped = false;  // no number after all (a pronoun, another language's word)
  std::optional<std::string> converted;
};

/// The answer to one question from a text with one open question. Nothing when the text holds no
/// candidate at all.
std::optional<Verdict> resolve_single(Scene& scene);

/// All candidates for question `q`, judged one by one.
std::vector<Candidate> candidates_for(const Scene& scene, std::size_t q);

/// A sure value against its scale: reading, out_of_range, or unclear when it is off the step.
Verdict judge_value(const Scene& scene, std::size_t q, Decimal value, Span span,
                    std::string_view rule);

/// A range or a choice of two: "3-4", "3 or 4", "between 5 and 6".
bool has_range(const Scene& scene, const std::vector<Candidate>& candidates);

/// Lies in the third of the scale at its bad end.
bool in_low_band(const Question& q, Decimal value);

Verdict unclear(std::string_view rule, Span span, Ask ask = Ask::value);

}  // namespace moodline::replies
