// The walk over a reply, then vetoes, tiers and effects.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include "daemon/replies/safety.hpp"
#include "daemon/replies/safety_machine.hpp"
#include "daemon/replies/safety_stream.hpp"

namespace moodline::replies {
namespace safety {
namespace {

// Repeats of one rule in one reply beyond this add nothing: the flag is up already.
constexpr std::size_t matches_a_rule_max = 48;

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
  static constexpr std::uint32_t nothing_ahead = 0;  // of sets_
  struct Slice {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  static constexpr std::uint32_t never = std::numeric_limits<std::uint32_t>::max();

  /// Where clauses start and end, and which words stand ahead of each symbol.
  void look_around() {
    const auto n = static_cast<std::uint32_t>(symbols_.size());
    starts_.assign(n, true);
    ends_.assign(n, true);
    ahead_.assign(n, nothing_ahead);
    for (std::uint32_t i = 1; i < n; ++i) {
      const Symbol& before = symbols_[i - 1];
      starts_[i] = symbols_[i].edge_before || before.boundary || before.word->joiner ||
                   (before.word->filler && starts_[i - 1]);
    }
    for (std::uint32_t i = n; i-- > 1;) {
      const Symbol& next = symbols_[i];
      const Word& word = *next.word;
      ends_[i - 1] = next.boundary || next.edge_before || word.joiner || word.closer ||
                     word.number || (word.filler && ends_[i]);
      ahead_[i - 1] = with(word.filler ? ahead_[i] : nothing_ahead, next);
    }
  }

  /// The number of a set of words and one more: fillers, in any order, and the word after them.
  std::uint32_t with(std::uint32_t set, const Symbol& symbol) {
    const auto [known, fresh] = one_more_.try_emplace({symbol.word, set});
    if (!fresh) return known->second;
    std::vector<const Word*> words(set_words_.begin() + sets_[set].begin,
                                   set_words_.begin() + sets_[set].end);
    const auto at = std::lower_bound(words.begin(), words.end(), symbol.word);
    if (at != words.end() && *at == symbol.word) return known->second = set;
    words.insert(at, symbol.word);
    const auto next = static_cast<std::uint32_t>(sets_.size());
    if (set != nothing_ahead) {  // one word alone comes here once
      const auto [same, made] = numbers_.try_emplace(words, next);
      if (!made) return known->second = same->second;
    }
    const auto begin = static_cast<std::uint32_t>(set_words_.size());
    set_words_.insert(set_words_.end(), words.begin(), words.end());
    sets_.push_back({begin, static_cast<std::uint32_t>(set_words_.size())});
    return known->second = next;
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
    if (word.seeding.empty()) return;
    const Slice kept = promising(word, i);
    for (std::uint32_t s = kept.begin; s < kept.end; ++s) {
      if (!seeds_[s].at_start || starts_[i]) arrive(seeds_[s].position, i, i);
    }
  }

  /// The seeds of a word that what stands ahead lets go on, or that are whole already. Some words
  /// begin hundreds of patterns; the same words side by side are looked at once a text.
  Slice promising(const Word& word, std::uint32_t i) {
    const auto [at, fresh] = promising_.try_emplace({&word, ahead_[i]});
    if (!fresh) return at->second;
    ++looked_;
    for (std::uint32_t w = sets_[ahead_[i]].begin; w < sets_[ahead_[i]].end; ++w) {
      for (const Label l : set_words_[w]->labels) ahead_holds_[l] = looked_;
      ahead_holds_[set_words_[w]->boundary ? label_boundary : label_any] = looked_;
    }
    at->second.begin = static_cast<std::uint32_t>(seeds_.size());
    for (const Label l : word.seeding) {
      for (std::uint32_t s = machine_.seeds_from[l]; s < machine_.seeds_from[l + 1]; ++s) {
        const Seed& first = machine_.seeds_in_a_row[s];
        if (goes_on(first.position)) seeds_.push_back(first);
      }
    }
    at->second.end = static_cast<std::uint32_t>(seeds_.size());
    return at->second;
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
    if (done.at_end && !ends_[i]) return;
    auto& list = matches_[done.rule];
    if (list.size() < matches_a_rule_max) list.push_back({start, i});
  }

  const Machine& machine_;
  const std::vector<Symbol>& symbols_;
  std::vector<std::uint32_t> reached_;  // the symbol at which a position was last reached
  std::vector<std::uint32_t> began_;    // where its match began
  std::vector<std::uint32_t> began_next_;
  struct Hash {
    std::size_t operator()(const std::pair<const Word*, std::uint32_t>& p) const {
      return reinterpret_cast<std::uintptr_t>(p.first) / alignof(Word) * 31 + p.second;
    }
  };
  template <class Value>
  using ByWordAndSet = std::unordered_map<std::pair<const Word*, std::uint32_t>, Value, Hash>;

  std::vector<bool> starts_;          // by symbol: a clause starts here
  std::vector<bool> ends_;            // by symbol: a clause ends here
  std::vector<std::uint32_t> ahead_;  // by symbol: the set of words that stand ahead
  std::vector<Slice> sets_{{}};       // of set_words_
  std::vector<const Word*> set_words_;
  std::map<std::vector<const Word*>, std::uint32_t> numbers_;  // of sets_
  ByWordAndSet<std::uint32_t> one_more_;
  ByWordAndSet<Slice> promising_;  // of seeds_
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
