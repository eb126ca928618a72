// Patterns: a phrase with choices, as packs write them. Matching is by word ids, never by
// characters, and costs one table look-up where the first word is not in the list.
//   stop (texting|messaging) [me]   choices in (), optional in []; both may hold several words
//   {texts}                         a class of the pack's classes.yaml
//   _   any one word     ...   up to 4 words     #   a number
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/replies/item.hpp"

namespace moodline::replies {

constexpr std::size_t wild_words_max = 4;

struct PatternElement {
  std::vector<int> singles;               // sorted ids; any of these
  std::vector<std::vector<int>> phrases;  // or any of these runs of two or more
  bool optional = false;
  bool number = false;       // '#'
  std::size_t wild_min = 0;  // wild_max > 0: any words
  std::size_t wild_max = 0;
};

struct Pattern {
  std::vector<PatternElement> elements;
  std::string name;  // "en/optout.frames:14": the pack, the list and the line
};

struct PatternMatch {
  std::size_t end = 0;  // one past the last item; 0: no match
  const Pattern* pattern = nullptr;
  explicit operator bool() const { return pattern != nullptr; }
};

class PatternList {
 public:
  void add(Pattern pattern);
  /// Call once after the last add.
  void seal(std::size_t vocabulary);
  [[nodiscard]] bool empty() const { return patterns_.empty(); }
  /// Some pattern may begin (end) with this word. Asked before every match: most say no.
  [[nodiscard]] bool may_start(int word) const {
    return !any_first_.empty() || marked(starts_, word);
  }
  [[nodiscard]] bool may_end(int word) const { return any_last_ || marked(ends_, word); }
  /// The one word is a whole entry of the list.
  [[nodiscard]] bool has(int word) const {
    return word > 0 && static_cast<std::size_t>(word) < single_.size() &&
           single_[static_cast<std::size_t>(word)];
  }
  /// The longest pattern that starts at `at`; words of one pattern stand no further apart than
  /// `widest`. With a `target` it must end exactly there.
  [[nodiscard]] PatternMatch match(const Items& items, std::size_t at, Sep widest = Sep::comma,
                                   std::size_t target = 0) const {
    if (at >= items.size() || !may_start(items[at].word)) return {};
    return search(items, at, widest, target);
  }
  /// The longest pattern that ends just before `end`, starting no earlier than `floor`.
  [[nodiscard]] PatternMatch match_before(const Items& items, std::size_t end, std::size_t floor,
                                          std::size_t& begin, Sep widest = Sep::comma) const;
  [[nodiscard]] const std::vector<Pattern>& patterns() const { return patterns_; }

 private:
  static bool marked(const std::vector<bool>& words, int word) {
    return word > 0 && static_cast<std::size_t>(word) < words.size() &&
           words[static_cast<std::size_t>(word)];
  }
  [[nodiscard]] PatternMatch search(const Items& items, std::size_t at, Sep widest,
                                    std::size_t target) const;

  std::vector<Pattern> patterns_;
  std::vector<bool> single_;
  std::vector<bool> starts_;   // words that begin some pattern
  std::vector<bool> ends_;     // words that end some pattern
  bool any_last_ = false;      // some pattern ends with a wild card or a number
  std::size_t words_max_ = 0;  // of the longest pattern
  // Which of 64 bins hold a word that may stand second; all of them where anything may, or nothing.
  struct Start {
    std::size_t pattern = 0;
    std::uint64_t seconds = 0;
  };
  std::unordered_map<int, std::vector<Start>> by_first_;
  std::vector<std::size_t> any_first_;  // patterns that begin with a wild card or a number
};

}  // namespace moodline::replies
