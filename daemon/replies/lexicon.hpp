// Lexicon: the language packs compiled once, for matching. Immutable; safe to share by threads.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/language_pack.hpp"
#include "daemon/replies/pattern.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::replies {

struct NumberWord {
  std::vector<int> words;
  Decimal value;
  bool own_language = false;
};

struct Spelling {
  std::string text;
  std::u32string letters;
  Decimal value;
};

struct CommandList {
  Command command = Command::none;
  PatternList whole;  // the whole message, politeness aside
  PatternList frame;  // at the start of a clause; the rest is the argument
};

/// One bit a language: the first fifteen have their own, all later ones share the last.
using TongueBits = std::uint16_t;
constexpr std::size_t tongue_bits = 16;

/// One language, compiled.
struct Tongue {
  std::string code;
  TongueBits bit = 0;
  bool decimal_comma = false;
  std::array<PatternList, list_count> lists;
  std::vector<CommandList> commands;
  std::unordered_map<int, std::vector<NumberWord>> numbers;  // by first word, longest first
  std::vector<Spelling> spellings;                           // one-word numbers, for typos
  [[nodiscard]] const PatternList& list(L l) const { return lists[static_cast<std::size_t>(l)]; }
};

class Lexicon {
 public:
  /// The packs must have loaded without problems. Patterns that do not compile and unknown
  /// commands are appended to `problems`, with their places.
  Lexicon(const config::LanguagePacks& packs, std::vector<config::PackProblem>& problems);

  /// Id of a normalised word without apostrophes; 0 when no list holds it.
  [[nodiscard]] int id(std::string_view word) const;
  [[nodiscard]] const std::string& word(int id) const {
    return words_[static_cast<std::size_t>(id)];
  }
  /// What a contraction or text-speak word stands for ("im" -> "i am"); null when for itself.
  [[nodiscard]] const std::vector<int>* alias(int id) const;
  [[nodiscard]] const Tongue* find(std::string_view code) const;
  /// The languages whose list may begin (end) with this word. One look-up says "none" for nearly
  /// every word and list, so that reading costs little where nothing matches.
  [[nodiscard]] TongueBits starts(L list, int word) const { return starts_.at(list, word); }
  [[nodiscard]] TongueBits ends(L list, int word) const { return ends_.at(list, word); }
  /// Some language's list may begin with this word.
  [[nodiscard]] bool starts_anywhere(L list, int word) const { return starts(list, word) != 0; }
  /// The command frames, of every language in their order, that may begin with this word.
  [[nodiscard]] const std::vector<const CommandList*>& commands_from(int word) const;
  [[nodiscard]] bool starts_command(int word) const { return !commands_from(word).empty(); }
  [[nodiscard]] const std::vector<std::unique_ptr<Tongue>>& tongues() const { return tongues_; }

 private:
  friend struct LexiconBuilder;
  // By word, then by list: the lists that are asked about one word lie side by side.
  struct Edges {
    std::vector<TongueBits> words;
    std::array<TongueBits, list_count> any{};  // where a pattern begins with a wild card
    [[nodiscard]] TongueBits at(L list, int word) const {
      const auto l = static_cast<std::size_t>(list);
      const std::size_t row = word > 0 ? static_cast<std::size_t>(word) * list_count : 0;
      return word > 0 ? static_cast<TongueBits>(any[l] | words[row + l]) : any[l];
    }
  };
  Edges starts_;
  Edges ends_;
  std::unordered_map<int, std::vector<const CommandList*>> command_starts_;
  std::vector<std::string> words_;  // [0] is the unknown word
  std::unordered_map<std::string_view, int> ids_;
  std::vector<std::unique_ptr<std::string>> keys_;
  std::unordered_map<int, std::vector<int>> aliases_;
  std::vector<std::unique_ptr<Tongue>> tongues_;
};

/// The languages that count for one person: their own and English for numbers and fillers,
/// every language for what must never be missed.
struct Tongues {
  std::vector<const Tongue*> own;
  std::vector<const Tongue*> all;
  const Lexicon* lexicon = nullptr;
  bool decimal_comma = false;

  Tongues(const Lexicon& lex, const std::vector<std::string>& languages);
  [[nodiscard]] bool has(L list, int word) const {
    for (const Tongue* t : own) {
      if (t->list(list).has(word)) return true;
    }
    return false;
  }
  [[nodiscard]] PatternMatch match(L list, const Items& items, std::size_t at,
                                   Sep widest = Sep::tight) const {
    return match_of(own, list, items, at, widest);
  }
  [[nodiscard]] PatternMatch match_any_language(L list, const Items& items, std::size_t at,
                                                Sep widest = Sep::comma) const {
    return match_of(all, list, items, at, widest);
  }
  [[nodiscard]] PatternMatch match_before(L list, const Items& items, std::size_t end,
                                          std::size_t floor, std::size_t& begin,
                                          Sep widest = Sep::tight) const;

 private:
  // Nearly every word begins nothing in nearly every list: that answer needs no call.
  [[nodiscard]] PatternMatch match_of(const std::vector<const Tongue*>& of, L list,
                                      const Items& items, std::size_t at, Sep widest) const {
    if (at >= items.size()) return {};
    const TongueBits may = lexicon->starts(list, items[at].word);
    return may == 0 ? PatternMatch{} : longest(of, may, list, items, at, widest);
  }
  [[nodiscard]] static PatternMatch longest(const std::vector<const Tongue*>& of, TongueBits may,
                                            L list, const Items& items, std::size_t at, Sep widest);
};

}  // namespace moodline::replies
