// A normalised reply as the automaton walks it: words with their labels, and the edges between.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/replies/safety_machine.hpp"
#include "rules/text/normalise.hpp"

namespace moodline::replies::safety {

/// Longer replies are walked no further; a text of that many words is not from a phone.
inline constexpr std::size_t symbols_max = 12'000;

/// One spelling of a reply, looked up once however often it stands there.
struct Word {
  std::vector<Label> labels;
  std::vector<Label> seeding;  // those of them that begin some pattern
  bool filler = false;
  bool joiner = false;
  bool closer = false;
  bool number = false;
  bool boundary = false;
  std::uint32_t seeds = 0;           // how many patterns it begins
  std::uint16_t number_in_text = 1;  // from 2; 1 is the boundary
};

struct Symbol {
  const Word* word = nullptr;  // with no labels for a boundary
  std::uint32_t first = 0;     // tokens of the reply, both included
  std::uint32_t last = 0;
  std::uint32_t sentence = 0;
  bool boundary = false;     // . ! ? or a line's end: no gap passes it
  bool edge_before = false;  // a comma, emoji, dash, number: a clause may start or end here
};

struct Symbols {
  std::vector<Symbol> list;
  std::unordered_map<std::string, Word> words;  // by what was typed
  Word none;
};

/// `sent` are our own texts: a whole copy of one inside the reply becomes a boundary.
std::unique_ptr<const Symbols> symbols_of(const Machine& machine, const rules::Normalised& text,
                                          const std::vector<rules::Normalised>& sent);

}  // namespace moodline::replies::safety
