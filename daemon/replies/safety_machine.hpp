// Every pattern of every pack as one automaton over words: positions and what may follow each.
// Built once by compile(), then immutable: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/language_pack.hpp"
#include "daemon/replies/safety_words.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::replies::safety {

/// What a rule asks for when it matches.
enum class Effect : std::uint8_t {
  flag,      // a safety hit of `tier`
  quiet,     // do_not_reply, and a hit of `tier` where there is one
  hold,      // no further prompt until a human has read it
  deceased,  // news that the person has died
  queue,     // read by a human sooner; no flag
  nothing,   // a veto or a list that lowers
};

/// How near a veto must stand to the words it excuses.
enum class Reach : std::uint8_t { overlap, sentence, message };

struct Rule {
  std::string name;    // "en/direct/kill-self"
  std::string covers;  // the class it covers, in words
  Effect effect = Effect::flag;
  Tier tier = Tier::none;
  Reach reach = Reach::overlap;        // vetoes only
  std::vector<std::uint32_t> vetoes;   // rules
  std::vector<std::uint32_t> lowered;  // rules: a match makes the tier indirect
  bool unless_yes_no = false;          // not where a yes-or-no question is open
};

struct Pattern {
  std::uint32_t rule = 0;
  bool at_start = false;
  bool at_end = false;
};

inline constexpr std::uint32_t accepts_nothing = 0xFFFFFFFF;

struct Position {
  Label label = label_any;
  bool negated = false;
  std::uint32_t accepts = accepts_nothing;  // pattern
  std::vector<std::uint32_t> follow;        // positions
};

/// What may come next, with what it asks for beside it: the walk reads these in one run of memory.
struct Edge {
  std::uint32_t position = 0;
  Label label : 31 = label_any;
  Label negated : 1 = 0;
};

struct Seed {
  std::uint32_t position = 0;
  bool at_start = false;
};

struct Machine {
  Vocabulary words;
  std::vector<Rule> rules;
  std::vector<Pattern> patterns;
  std::vector<Position> positions;
  std::vector<Edge> edges;                             // of every position, one after another
  std::vector<std::uint32_t> edges_from;               // by position; one more at the end
  std::vector<std::uint32_t> accepts;                  // by position, as in Position
  std::unordered_map<Label, std::vector<Seed>> seeds;  // first positions by what they ask
  std::vector<Seed> seeds_in_a_row;                    // the same, by label
  std::vector<std::uint32_t> seeds_from;               // by label; one more at the end
  Label filler = 0;                                    // words that may stand anywhere
  Label joiner = 0;                                    // and, but, because: a clause's edge
  Label closer = 0;                                    // "not" of "not really": ends a clause
};

/// Faults are appended with their place; the rest is compiled.
Machine compile(const config::LanguagePacks& packs, std::vector<config::PackProblem>& problems);

/// Adds one pattern to the automaton. `classes` are the pack's. Returns what is wrong, or empty.
struct ClassEntry {
  Label label = 0;                                // its single words
  std::vector<std::vector<std::string>> phrases;  // its entries of several words, as keys
};
using Classes = std::unordered_map<std::string, ClassEntry>;
std::string add_pattern(Machine& machine, const Classes& classes, std::uint32_t rule,
                        std::string_view text);

}  // namespace moodline::replies::safety
