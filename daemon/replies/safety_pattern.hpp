// One safety pattern as it is written in a pack, parsed into a tree.
//   word          exactly this word (any case, accents or apostrophes)
//   word*         any word that starts so
//   <name>        any entry of the pack's class `name`; <number>, <many> are digits
//   not:<name>    any one word outside the class      not:word
//   _             any one word          ~3   up to three words, never past a sentence's end
//   (a|b c|<d>)   one of these          x?   may be absent (x a word, class or group)
//   /             a sentence's end may stand here
//   ^  $          first or last: only at the start or end of a clause; (a|b|$) last: a, b or the
//   end
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "rules/base/result.hpp"

namespace moodline::replies::safety {

inline constexpr int pattern_gap_max = 6;
inline constexpr int pattern_depth_max = 8;

struct PatternNode {
  enum class Kind { word, stem, in_class, any, boundary, sequence, choice } kind = Kind::sequence;
  std::string text;  // word, stem: as word_key makes it; in_class: the class's name
  bool negated = false;
  bool optional = false;
  bool or_end = false;             // choice: the clause may end here instead
  std::vector<PatternNode> items;  // sequence, choice
};

struct PatternTree {
  PatternNode root;  // a sequence
  bool at_start = false;
  bool at_end = false;
  bool or_end = false;  // root without its last item, at a clause's end, is a match too
};

/// Fails with "bad_pattern" and a sentence saying what to write instead.
Result<PatternTree> parse_pattern(std::string_view text);

}  // namespace moodline::replies::safety
