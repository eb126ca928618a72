// The walk over a reply, then vetoes, tiers and effects.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <utility>

#include "daemon/replies/safety.hpp"
#include "daemon/replies/safety_machine.hpp"
#include "daemon/replies/safety_stream.hpp"

namespace moodline::replies {
namespace safety {
namespace {

// Repeats of one rule in one reply beyond this add nothing: the flag is up already.
constexpr std::size_t matches_a_rule_max = 48;

// A word that begins so many patterns is worth a look at what stands ahead of it.
constexpr std::uint32_t heavy_from = 24;
constexpr std::size_t ahead_max = 3;  // four words of a text make one number of 64 bits
static_assert(symbols_max < 1U << 16U);

struct Match {
  std::uint32_t first = 0;  // symbols, both included
  std::uint32_t last = 0;
};

using Matches = std::vector<std::vector<Match>>;  // by rule

class Walk {
 public:
  Walk(const Machine& machine, const std::vector<Symbol>& symbols)
      : machine_(machine),
        symbols_(symbols),
        reached_(machine.positions.size(), never),
        began_(machine.positions.size(), 0),
        began_next_(machine.positions.size(), 0),
        ahead_holds_(machine.words.labels_end(), 0),
        held_(machine.words.labels_end(), 0),
        matches_(machine.rules.size()) {}

  Matches run() {
    look_around();
    for (std::uint32_t i = 0; i < symbols_.size(); ++i) {
      next_.clear();
      now_ = i + 1;
      const bool boundary = symbols_[i].boundary;
      held_[boundary ? label_boundary : label_any] = now_;
      for (const Label l : symbols_[i].word->labels) held_[l] = now_;
      for (const std::uint32_t p : active_) step(p, i, boundary);
      if (!boundary) seed(i);
      active_.swap(next_);
      began_.swap(began_next_);
    }
    return std::move(matches_);
  }

 private:
  struct Slice {
    std::uint64_t of = 0;  // the words it is for; 0: free
    bool known = false;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  static constexpr std::uint32_t never = std::numeric_limits<std::uint32_t>::max();

  /// Where clauses start and end, and where each run of one word is over.
  void look_around() {
    const auto n = static_cast<std::uint32_t>(symbols_.size());
    starts_.assign(n, 1);
    ends_.assign(n, 1);
    run_end_.assign(n, n);
    for (std::uint32_t i = 1; i < n; ++i) {
      const Symbol& before = symbols_[i - 1];
      const bool starts = symbols_[i].edge_before || before.boundary || before.word->joiner ||
                          (before.word->filler && starts_[i - 1] != 0);
      starts_[i] = starts ? 1 : 0;
    }
    for (std::uint32_t i = n; i-- > 1;) {
      const Symbol& next = symbols_[i];
      const Word& word = *next.word;
      const bool ends = next.boundary || next.edge_before || word.joiner || word.closer ||
                        word.number || (word.filler && ends_[i] != 0);
      ends_[i - 1] = ends ? 1 : 0;
      run_end_[i - 1] = symbols_[i - 1].word == next.word ? run_end_[i] : i;
    }
  }

  /// The nearest start is kept: a tight span is easier to read and to excuse justly.
  void reach(std::uint32_t p, std::uint32_t start, std::uint32_t i) {
    if (reached_[p] == i) {
      began_next_[p] = std::max(began_next_[p], start);
      return;
    }
    reached_[p] = i;
    began_next_[p] = start;
    next_.push_back(p);
  }

  void step(std::uint32_t p, std::uint32_t i, bool boundary) {
    const std::uint32_t start = began_[p];
    const Edge* const end = machine_.edges.data() + machine_.edges_from[p + 1];
    for (const Edge* e = machine_.edges.data() + machine_.edges_from[p]; e != end; ++e) {
      const bool held = held_[e->label] == now_;
      // "Outside a class" asks for a word, and a sentence's end is none.
      if (e->negated != 0 ? held || boundary : !held) continue;
      arrive(e->position, start, i);
    }
    if (symbols_[i].word->filler) reach(p, start, i);
  }

  void seed(std::uint32_t i) {
    const Word& word = *symbols_[i].word;
    if (word.seeds >= heavy_from && seed_heavy(word, i)) return;
    for (const Label l : word.seeding) {
      for (std::uint32_t s = machine_.seeds_from[l]; s < machine_.seeds_from[l + 1]; ++s) {
        const Seed& first = machine_.seeds_in_a_row[s];
        if (!first.at_start || starts_[i] != 0) arrive(first.position, i, i);
      }
    }
  }

  /// The words ahead: fillers, which any pattern passes, and the one after them. False when they
  /// are too many to tell apart.
  bool look_ahead(std::uint32_t i) {
    ahead_.clear();
    for (std::uint32_t k = i + 1; k < symbols_.size(); k = run_end_[k]) {
      if (ahead_.size() == ahead_max) return false;
      ahead_.push_back(symbols_[k].word);
      if (!symbols_[k].word->filler) break;
    }
    return true;
  }

  /// Some words begin hundreds of patterns, and most of those cannot go on with the words ahead.
  /// Where the same words stand side by side again, only those that can are begun.
  bool seed_heavy(const Word& word, std::uint32_t i) {
    if (!look_ahead(i)) return false;
    std::uint64_t of = word.number_in_text;
    for (const Word* w : ahead_) of = of << 16U | w->number_in_text;
    Slice& kept = slice_of(of);
    if (kept.of == 0) {
      kept.of = of;
      return false;
    }
    if (!kept.known) keep_promising(word, kept);
    for (std::uint32_t s = kept.begin; s < kept.end; ++s) {
      if (!seeds_[s].at_start || starts_[i] != 0) arrive(seeds_[s].position, i, i);
    }
    return true;
  }

  Slice& slice_of(std::uint64_t of) {
    if (slices_.empty()) slices_.resize(std::bit_ceil(2 * symbols_.size()));
    const std::size_t mask = slices_.size() - 1;
    std::size_t at = (of * 0x9E37'79B9'7F4A'7C15U >> 32U) & mask;
    while (slices_[at].of != 0 && slices_[at].of != of) at = (at + 1) & mask;
    return slices_[at];
  }

  /// The seeds that what stands ahead lets go on, or that are whole already.
  void keep_promising(const Word& word, Slice& kept) {
    ++looked_;
    for (const Word* w : ahead_) {
      for (const Label l : w->labels) ahead_holds_[l] = looked_;
      ahead_holds_[w->boundary ? label_boundary : label_any] = looked_;
    }
    kept.known = true;
    kept.begin = static_cast<std::uint32_t>(seeds_.size());
    for (const Label l : word.seeding) {
      for (std::uint32_t s = machine_.seeds_from[l]; s < machine_.seeds_from[l + 1]; ++s) {
        const Seed& first = machine_.seeds_in_a_row[s];
        if (goes_on(first.position)) seeds_.push_back(first);
      }
    }
    kept.end = static_cast<std::uint32_t>(seeds_.size());
  }

  [[nodiscard]] bool goes_on(std::uint32_t p) const {
    if (machine_.accepts[p] != accepts_nothing) return true;
    const Edge* const end = machine_.edges.data() + machine_.edges_from[p + 1];
    return std::any_of(machine_.edges.data() + machine_.edges_from[p], end, [&](const Edge& e) {
      return e.negated != 0 || ahead_holds_[e.label] == looked_;
    });
  }

  void arrive(std::uint32_t p, std::uint32_t start, std::uint32_t i) {
    reach(p, start, i);
    const std::uint32_t pattern = machine_.accepts[p];
    if (pattern == accepts_nothing) return;
    const Pattern& done = machine_.patterns[pattern];
    if (done.at_end && ends_[i] == 0) return;
    auto& list = matches_[done.rule];
    if (list.size() < matches_a_rule_max) list.push_back({start, i});
  }

  const Machine& machine_;
  const std::vector<Symbol>& symbols_;
  std::vector<std::uint32_t> reached_;  // the symbol at which a position was last reached
  std::vector<std::uint32_t> began_;    // where its match began
  std::vector<std::uint32_t> began_next_;
  std::vector<std::uint8_t> starts_;    // by symbol: a clause starts here
  std::vector<std::uint8_t> ends_;      // by symbol: a clause ends here
  std::vector<std::uint32_t> run_end_;  // by symbol: the next that is another word
  std::vector<const Word*> ahead_;
  std::vector<Slice> slices_;  // of seeds_, a table by the words it is for
  std::vector<Seed> seeds_;
  std::vector<std::uint32_t> ahead_holds_;  // by label: the look that last held it
  std::uint32_t looked_ = 0;
  std::vector<std::uint32_t> held_;  // by label: one more than the symbol that last held it
  std::uint32_t now_ = 0;
  std::vector<std::uint32_t> active_;
  std::vector<std::uint32_t> next_;
  Matches matches_;
};

bool excused(const Machine& machine, const std::vector<Symbol>& symbols, const Matches& matches,
             const std::vector<std::uint32_t>& by, const Match& hit) {
  return std::any_of(by.begin(), by.end(), [&](std::uint32_t rule) {
    return std::any_of(matches[rule].begin(), matches[rule].end(), [&](const Match& m) {
      switch (machine.rules[rule].reach) {
        case Reach::message:
          return true;
        case Reach::sentence:
          return symbols[m.first].sentence == symbols[hit.first].sentence;
        case Reach::overlap:
          break;
      }
      return m.first <= hit.last && hit.first <= m.last;
    });
  });
}

}  // namespace

SafetyScan read(const Machine& machine, const rules::Normalised& text,
                const SafetyContext& context) {
  SafetyScan out;
  if (context.machine) return out;
  const auto kept = symbols_of(machine, text, context.sent);
  const std::vector<Symbol>& symbols = kept->list;
  const Matches matches = Walk(machine, symbols).run();
  for (std::uint32_t r = 0; r < machine.rules.size(); ++r) {
    const Rule& rule = machine.rules[r];
    if (rule.effect == Effect::nothing || matches[r].empty()) continue;
    if (rule.unless_yes_no && context.yes_no_asked) continue;
    for (const Match& m : matches[r]) {
      if (excused(machine, symbols, matches, rule.vetoes, m)) continue;
      const Span span = text.original(text.tokens[symbols[m.first].first].begin,
                                      text.tokens[symbols[m.last].last].end);
      const bool lower = excused(machine, symbols, matches, rule.lowered, m);
      const Tier tier = lower && rule.tier != Tier::none ? Tier::indirect : rule.tier;
      if (tier != Tier::none) out.safety.hits.push_back({tier, rule.name, span});
      out.safety.tier = std::max(out.safety.tier, tier);
      out.safety.do_not_reply |= rule.effect == Effect::quiet;
      out.safety.reading_queue |= rule.effect == Effect::queue;
      out.hold |= rule.effect == Effect::hold;
      if (rule.effect == Effect::deceased) {
        out.deceased = true;
        out.deceased_span = span;
      }
    }
  }
  std::stable_sort(out.safety.hits.begin(), out.safety.hits.end(),
                   [](const SafetyHit& a, const SafetyHit& b) {
                     return std::pair(a.span.begin, b.tier) < std::pair(b.span.begin, a.tier);
                   });
  return out;
}

}  // namespace safety

SafetyScanner SafetyScanner::compile(const config::LanguagePacks& packs,
                                     std::vector<config::PackProblem>& problems) {
  return SafetyScanner(std::make_shared<const safety::Machine>(safety::compile(packs, problems)));
}

SafetyScan SafetyScanner::scan(const rules::Normalised& text, const SafetyContext& context) const {
  return safety::read(*machine_, text, context);
}

std::size_t SafetyScanner::rules() const {
  return machine_->rules.size();
}
std::size_t SafetyScanner::patterns() const {
  return machine_->patterns.size();
}

}  // namespace moodline::replies
