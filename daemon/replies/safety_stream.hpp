// A normalised reply as the automaton walks it: words with their labels, and the edges between.
#pragma once
#include <cstdint>
#include <vector>

#include "daemon/replies/safety_machine.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::replies::safety {

/// Longer replies are walked no further; a text of that many words is not from a phone.
inline constexpr std::size_t symbols_max = 12'000;

struct Symbol {
  std::vector<Label> labels;  // empty for a boundary
  std::uint32_t first = 0;    // tokens of the reply, both included
  std::uint32_t last = 0;
  std::uint32_t sentence = 0;
  bool boundary = false;     // . ! ? or a line's end: no gap passes it
  bool edge_before = false;  // a comma, emoji, dash, number: a clause may start or end here
  bool filler = false;
  bool joiner = false;
  bool closer = false;
};

/// `sent` are our own texts: a whole copy of one inside the reply becomes a boundary.
std::vector<Symbol> symbols_of(const Machine& machine, const rules::Normalised& text,
                               const std::vector<rules::Normalised>& sent);

}  // namespace moodline::replies::safety
