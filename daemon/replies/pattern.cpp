#include "daemon/replies/pattern.hpp"

#include <algorithm>

namespace moodline::replies {
namespace {

constexpr std::size_t phrase_words_max = 16;  // of match_before: no cue is longer

struct Matcher {
  const Items& items;
  const Pattern& pattern;
  Sep widest;
  std::size_t begin;
  std::size_t target = 0;  // the match must end here; 0: anywhere, the furthest wins

  // One past the furthest item that elements[e..] can take from `at`; 0 when they cannot.
  [[nodiscard]] std::size_t from(std::size_t e, std::size_t at) const {
    if (e == pattern.elements.size()) return target == 0 || at == target ? at : 0;
    const PatternElement& element = pattern.elements[e];
    std::size_t best = 0;
    if (element.wild_max > 0) {
      for (std::size_t n = 0; n <= element.wild_max && at + n <= items.size(); ++n) {
        if (n > 0 && !joined(at + n - 1)) break;
        if (n >= element.wild_min) best = std::max(best, from(e + 1, at + n));
      }
      return best;
    }
    if (element.optional) best = from(e + 1, at);
    if (at >= items.size() || !joined(at)) return best;
    const Item& item = items[at];
    const bool hit = (element.number && item.kind == Item::Kind::number) ||
                     (item.word > 0 && std::binary_search(element.singles.begin(),
                                                          element.singles.end(), item.word));
    if (hit) best = std::max(best, from(e + 1, at + 1));
    for (const auto& phrase : element.phrases) {
      if (const std::size_t end = run(phrase, at); end != 0) {
        best = std::max(best, from(e + 1, end));
      }
    }
    return best;
  }
  [[nodiscard]] bool joined(std::size_t at) const { return at == begin || items[at].sep <= widest; }
  [[nodiscard]] std::size_t run(const std::vector<int>& phrase, std::size_t at) const {
    for (const int word : phrase) {
      if (at >= items.size() || !joined(at) || items[at].word != word) return 0;
      ++at;
    }
    return at;
  }
};

void first_words(const Pattern& pattern, std::vector<int>& words, bool& any) {
  for (const PatternElement& element : pattern.elements) {
    any = any || element.number || element.wild_max > 0;
    if (element.wild_max > 0) return;
    words.insert(words.end(), element.singles.begin(), element.singles.end());
    for (const auto& phrase : element.phrases) words.push_back(phrase.front());
    if (!element.optional) return;
  }
}

// The same from the other end.
void last_words(const Pattern& pattern, std::vector<int>& words, bool& any) {
  for (auto it = pattern.elements.rbegin(); it != pattern.elements.rend(); ++it) {
    any = any || it->number || it->wild_max > 0;
    words.insert(words.end(), it->singles.begin(), it->singles.end());
    for (const auto& phrase : it->phrases) words.push_back(phrase.back());
    if (!it->optional && it->wild_max == 0) return;
  }
}

constexpr std::uint64_t any_second = ~std::uint64_t{0};
constexpr unsigned bins = 63;  // the last bit is no word's: only "anything" has it

std::uint64_t bin_of(int word) {
  return std::uint64_t{1} << (word > 0 ? static_cast<unsigned>(word) % bins : bins);
}

// The words that may come first from elements[e..] on, as bins.
std::uint64_t firsts_from(const Pattern& pattern, std::size_t e) {
  std::uint64_t out = 0;
  for (; e < pattern.elements.size(); ++e) {
    const PatternElement& element = pattern.elements[e];
    if (element.number || element.wild_max > 0) return any_second;
    for (const int w : element.singles) out |= bin_of(w);
    for (const auto& phrase : element.phrases) out |= bin_of(phrase.front());
    if (!element.optional) return out;
  }
  return any_second;  // the pattern may end here
}

// The words that may follow `word` where it begins the pattern.
std::uint64_t seconds_after(const Pattern& pattern, int word) {
  std::uint64_t out = 0;
  for (std::size_t e = 0; e < pattern.elements.size(); ++e) {
    const PatternElement& element = pattern.elements[e];
    if (element.wild_max > 0) return any_second;
    if (std::binary_search(element.singles.begin(), element.singles.end(), word)) {
      out |= firsts_from(pattern, e + 1);
    }
    for (const auto& phrase : element.phrases) {
      if (phrase.front() == word) out |= bin_of(phrase[1]);
    }
    if (!element.optional) break;
  }
  return out;
}

std::size_t words_of(const Pattern& pattern) {
  std::size_t out = 0;
  for (const PatternElement& element : pattern.elements) {
    std::size_t most = std::max<std::size_t>(element.wild_max, 1);
    for (const auto& phrase : element.phrases) most = std::max(most, phrase.size());
    out += most;
  }
  return out;
}

}  // namespace

void PatternList::add(Pattern pattern) {
  patterns_.push_back(std::move(pattern));
}

void PatternList::seal(std::size_t vocabulary) {
  if (patterns_.empty()) return;  // most lists of most packs: no table for them
  single_.assign(vocabulary, false);
  starts_.assign(vocabulary, false);
  ends_.assign(vocabulary, false);
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    std::vector<int> words;
    bool any = false;
    first_words(patterns_[i], words, any);
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    for (const int w : words) {
      by_first_[w].push_back({i, seconds_after(patterns_[i], w)});
      starts_[static_cast<std::size_t>(w)] = true;
    }
    if (any) any_first_.push_back(i);
    words_max_ = std::max(words_max_, words_of(patterns_[i]));
    words.clear();
    last_words(patterns_[i], words, any_last_);
    for (const int w : words) ends_[static_cast<std::size_t>(w)] = true;
    const auto& elements = patterns_[i].elements;
    std::size_t needed = 0;
    for (const auto& element : elements) needed += element.optional ? 0 : 1;
    for (const auto& element : elements) {
      if (needed > 1 || (needed == 1 && element.optional)) continue;
      for (const int w : element.singles) single_[static_cast<std::size_t>(w)] = true;
    }
  }
}

PatternMatch PatternList::search(const Items& items, std::size_t at, Sep widest,
                                 std::size_t target) const {
  PatternMatch best;
  if (at >= items.size()) return best;
  const auto attempt = [&](std::size_t i) {
    const std::size_t end = Matcher{items, patterns_[i], widest, at, target}.from(0, at);
    if (end > at && end > best.end) best = {end, &patterns_[i]};
  };
  const int word = items[at].word;
  if (word > 0 && static_cast<std::size_t>(word) < starts_.size() &&
      starts_[static_cast<std::size_t>(word)]) {
    const std::size_t next = at + 1;
    const bool joined = next < items.size() && items[next].sep <= widest;
    const std::uint64_t second = bin_of(joined ? items[next].word : 0);
    for (const Start& start : by_first_.at(word)) {
      if ((start.seconds & second) != 0) attempt(start.pattern);
    }
  }
  for (const std::size_t i : any_first_) attempt(i);
  return best;
}

PatternMatch PatternList::match_before(const Items& items, std::size_t end, std::size_t floor,
                                       std::size_t& begin, Sep widest) const {
  PatternMatch found;
  if (end == 0 || end > items.size() || !may_end(items[end - 1].word)) return found;
  const std::size_t longest = std::min(phrase_words_max, words_max_);
  const std::size_t reach = end > longest ? end - longest : 0;
  for (std::size_t at = std::max(floor, reach); at < end; ++at) {
    const PatternMatch m = match(items, at, widest, end);
    if (m) {
      begin = at;
      return m;
    }
  }
  return found;
}

}  // namespace moodline::replies
