#include "daemon/replies/sentence.hpp"

#include <algorithm>

#include "daemon/replies/days.hpp"

namespace moodline::replies {
namespace {

constexpr std::size_t short_words_max = 2;       // "ticket 9", "my flat 4": a name, not a sentence
constexpr std::size_t sequence_numbers_min = 3;  // "4 4 7 1" is a code
constexpr std::size_t state_letters_min = 5;
constexpr std::size_t object_words_max = 6;

bool ends_with(std::string_view word, std::string_view end) {
  return word.size() >= state_letters_min && word.ends_with(end);
}

struct Judge {
  const Scene& s;
  const Items& items;

  [[nodiscard]] bool touches(std::size_t i) const { return items[i].sep <= Sep::tight; }
  [[nodiscard]] std::size_t sentence_start(std::size_t i) const {
    while (i > 0 && items[i].sep < Sep::stop) --i;
    return i;
  }
  [[nodiscard]] std::size_t sentence_end(std::size_t i) const {
    ++i;
    while (i < items.size() && items[i].sep < Sep::stop) ++i;
    return i;
  }
  [[nodiscard]] bool said(L list, std::size_t from, std::size_t to) const {
    return s.said(list, from, to);
  }
  [[nodiscard]] bool ends_before(L list, std::size_t end, std::size_t& begin) const {
    return end > 0 && s.tongues.match_before(list, items, end, 0, begin);
  }

  // "closer to 4 than 5", "above a five", "as high as 6": whatever stood before.
  [[nodiscard]] bool compared(std::size_t k) const {
    std::size_t i = k;
    for (int n = 0; n < 3 && i > 0 && touches(i); ++n) {
      std::size_t begin = i;
      if (ends_before(L::than, i, begin)) return true;
      if (!ends_before(L::articles, i, begin) && !ends_before(L::yesterday, i, begin) &&
          !ends_before(L::approx, i, begin)) {
        return false;
      }
      i = begin;
    }
    return false;
  }
  // "what would a 5 feel like", "do i just put 7": asked, with or without the mark.
  [[nodiscard]] bool asked(const Candidate& c) const {
    const std::size_t start = sentence_start(c.item);
    std::size_t i = start;
    while (i < c.item && s.is(i, L::filler)) ++i;
    for (const std::size_t at : {start, i}) {
      if (at < c.item && s.tongues.match(L::asks_open, items, at)) return true;
    }
    if (c.left.at > start && c.left.at < c.item && items[c.left.at].sep >= Sep::comma &&
        s.tongues.match(L::asks_open, items, c.left.at)) {
      return true;
    }
    const std::size_t end = sentence_end(c.item);
    if (!items[end - 1].asks) return false;
    return s.tongues.match(L::asks_after, items, c.item + 1) || proposed(c, end);
  }
  // "5ish tonight ok?", "7 alright?": a time put to somebody, who is to agree.
  [[nodiscard]] bool proposed(const Candidate& c, std::size_t end) const {
    std::size_t i = std::max(c.item + 1, items[c.item].after);
    for (std::size_t n = 0; n < object_words_max && i < end; ++n) {
      const auto agree = s.tongues.match(L::agreeable, items, i, Sep::comma);
      if (agree && agree.end == end) return true;
      const auto day = s.tongues.match(L::today, items, i, Sep::comma);
      const auto part = s.tongues.match(L::dayparts, items, i, Sep::comma);
      const auto near = s.tongues.match(L::approx_after, items, i, Sep::comma);
      const auto soon = s.tongues.match(L::future, items, i, Sep::comma);
      const std::size_t next = std::max({day.end, part.end, near.end, soon.end});
      if (next <= i) return false;
      i = next;
    }
    return false;
  }
  // "could be an 8 if ...", "one day ill be a 10": not so now.
  [[nodiscard]] bool supposed(const Candidate& c) const {
    if (!said(L::modals, c.left.at, c.item)) return false;
    const std::size_t start = sentence_start(c.item);
    const std::size_t end = sentence_end(c.item);
    return said(L::conditions, start, c.item) || said(L::conditions, c.item + 1, end) ||
           said(L::future, c.item + 1, end);
  }
  // "was 5", "this time last year i was a 9".
  [[nodiscard]] bool bygone(const Candidate& c) const {
    if (c.left.today || c.right.today) return false;
    const std::size_t next = c.item + 1;
    const bool after = next < items.size() && touches(next) &&
                       static_cast<bool>(s.tongues.match(L::past_after, items, next));
    if (after) return true;  // Urdu "3 tha"
    // The copula itself, over an article: "weekend was lovely 8" says nothing of the 8.
    std::size_t i = c.item;
    std::size_t begin = i;
    for (int n = 0; n < 2 && touches(i); ++n) {
      if (!ends_before(L::articles, i, begin) && !ends_before(L::approx, i, begin)) break;
      i = begin;
    }
    if (i == 0 || !touches(i) || !ends_before(L::past_copula, i, begin)) return false;
    const std::size_t start = sentence_start(c.item);
    for (int d = 0; d < 7; ++d) {
      if (said(static_cast<L>(static_cast<int>(L::monday) + d), start, begin)) return false;
    }
    if (begin == 0 || items[begin].sep >= Sep::comma) return true;
    // "it was 8 when they took me in".
    const std::size_t behind = std::max(next, items[c.item].after);
    if (behind < items.size() && s.m.word_text(items[behind]) == "when") return true;
    // "it was 9 before they gave me the gas"; a meter's 7.8 before tea is of now.
    const bool meter = s.names.size() == 1 && s.names.front().measure == L::glucose;
    if (!meter && next < items.size() && s.tongues.match(L::past, items, next)) return true;
    return said(L::past, start, begin) || said(L::yesterday, start, begin);
  }
  [[nodiscard]] bool first_person(std::size_t from, std::size_t to) const {
    return said(L::subject, from, to);
  }
  // "my husbands a 2", "mum would say 3", "everyone else is a 10", "noah is 9".
  [[nodiscard]] bool of_another(const Candidate& c) const {
    // Relayed: judged elsewhere.
    if (said(L::tells, sentence_start(c.item), c.item)) return false;
    std::size_t i = c.left.at;
    for (std::size_t n = 0; n < 4 && i > 0 && touches(i); ++n) {
      std::size_t begin = i;
      if (ends_before(L::people, i, begin) || ends_before(L::others, i, begin)) {
        // "slept like a baby 7" says nothing of the baby.
        return begin + 1 < i || said(L::copula, i, c.item) || said(L::articles, i, c.item) ||
               said(L::modals, i, c.item);
      }
      if (!ends_before(L::copula, i, begin) && !ends_before(L::articles, i, begin) &&
          !ends_before(L::modals, i, begin) && !ends_before(L::filler, i, begin)) {
        break;
      }
      i = begin;
    }
    // A name nobody knows, and "is": "noah is 9".
    const std::size_t start = sentence_start(c.item);
    return c.item >= 2 && start + 2 == c.item && !c.left.cue && items[start].word == 0 &&
           items[start].kind == Item::Kind::word && s.is(start + 1, L::copula) && touches(c.item) &&
           touches(c.item - 1) && !c.bound;
  }
  // "hes not answering me, maybe 3": nobody speaks of themselves, and the number is a guess.
  [[nodiscard]] bool guessed(const Candidate& c) const {
    const std::size_t start = sentence_start(c.item);
    return s.tongues.match(L::others, items, start) && said(L::hedges, start, c.item) &&
           std::none_of(items.begin(), items.end(), [&](const Item& i) {
             return i.word != 0 && s.lexicon.word(i.word) == "i";
           });
  }
  // "he scored the film a 9", "ofsted gave us a 2", "rolled a 6".
  [[nodiscard]] bool awarded(const Candidate& c) const {
    const std::size_t start = sentence_start(c.item);
    for (std::size_t i = start; i < c.item; ++i) {
      const auto hit = s.tongues.match(L::gives, items, i);
      if (!hit || c.item - i > object_words_max) continue;
      const bool ours = s.tongues.match(L::gives_ours, items, hit.end) ||
                        s.tongues.match(L::gives_ours, items, i);
      return !ours;
    }
    return false;
  }
  // "ticket 9", "arsenal 3 spurs 1": a thing and its number, and no sentence around them.
  [[nodiscard]] bool only_named(const Candidate& c) const {
    if (c.left.cue || c.bound || c.left.clause_start || c.left.article) return false;
    if (s.context.languages.front() != "en" || c.left.at == 0 || items[c.item].out_of) return false;
    if (items[c.left.at - 1].kind != Item::Kind::word) return false;
    if (!s.context.questions[0].unit.empty()) return false;  // "got 6 in the end"
    if (said(L::tells, sentence_start(c.item), c.item)) return false;
    std::size_t from = c.left.at;
    while (from > 0 && items[from].sep < Sep::comma && !s.candidate(from - 1)) --from;
    std::size_t words = 0;
    for (std::size_t i = from; i < c.item; ++i) words += items[i].continues ? 0 : 1;
    if (words == 0 || words > short_words_max || first_person(from, c.item)) return false;
    const std::string_view first = s.m.word_text(items[from]);
    if (words > 1 && (ends_with(first, "ed") || ends_with(first, "ing"))) return false;
    return !replies::tells_state(s, c.left.at - 1);
  }
  // "4 hospital visits", "7 deadly sins", "1 bath": nothing but a number and what is counted.
  [[nodiscard]] bool only_counted(const Candidate& c) const {
    const std::size_t i = c.item + 1;
    if (c.item != 0 || s.context.languages.front() != "en" || items[c.item].out_of) return false;
    const std::size_t end = sentence_end(c.item);
    if (i >= end || !touches(i) || items[i].kind != Item::Kind::word) return false;
    const bool one = items[c.item].value == Decimal::of(1);
    if (one && i + 1 == end && items[i].word == 0 && !replies::tells_state(s, i)) return true;
    return i + 2 == end && touches(i + 1) && items[i + 1].kind == Item::Kind::word &&
           plural_shape(s, i + 1) && !items[i].continues && s.skip_from(i) == i &&
           !s.is(i, L::time_before) && !s.is(i, L::join) && !s.is(i, L::but) &&
           !s.is(i, L::states) && !s.is(i, L::people);
  }
  // Three and more numbers in a row, not all the same: a code, a list.
  [[nodiscard]] bool in_sequence(std::size_t k) const {
    const auto number = [&](std::size_t i) { return i < items.size() && s.candidate(i); };
    std::size_t from = k;
    while (from > 0 && number(from - 1) && items[from].sep <= Sep::comma) --from;
    std::size_t to = k + 1;
    while (number(to) && items[to].sep <= Sep::comma) ++to;
    bool same = true;
    for (std::size_t i = from; i < to; ++i) same &= items[i].value == items[from].value;
    return to - from >= sequence_numbers_min && !same;
  }
};

}  // namespace

bool tells_state(const Scene& s, std::size_t i) {
  const Item& item = s.items()[i];
  if (item.kind != Item::Kind::word) return item.kind == Item::Kind::emoji;
  for (const L l : {L::states, L::adjectives, L::filler, L::manners, L::thanks, L::cues, L::today,
                    L::approx, L::copula, L::very_bad, L::yes, L::dayparts, L::feelings, L::mood,
                    L::negations, L::correction_strong, L::correction_weak, L::number_states}) {
    if (s.is(i, l)) return true;
  }
  std::size_t end = i;
  if (s.measure_at(i, end) != -1) return true;
  for (int d = 0; d < 7; ++d) {
    if (s.is(i, static_cast<L>(static_cast<int>(L::monday) + d))) return true;
  }
  const std::string_view w = s.m.word_text(item);
  const auto endings = {"ed", "ing", "y", "ful", "less", "ous", "ish", "able", "ible", "ly"};
  if (std::any_of(endings.begin(), endings.end(),
                  [&](std::string_view e) { return ends_with(w, e); })) {
    return true;
  }
  // "strugglin", not "train" or "cousin".
  return ends_with(w, "in") &&
         std::string_view("aou").find(w[w.size() - 3]) == std::string_view::npos;
}

bool plural_shape(const Scene& s, std::size_t i) {
  if (i >= s.items().size() || s.items()[i].kind != Item::Kind::word) return false;
  const std::string_view w = s.m.word_text(s.items()[i]);
  return w.size() > 3 && w.back() == 's' && w[w.size() - 2] != 's' && w[w.size() - 2] != 'u' &&
         w[w.size() - 2] != 'i' && !s.is(i, L::not_plural) && s.skip_from(i) == i;
}

void judge_sentences(const Scene& scene, std::vector<Candidate>& candidates) {
  const Judge judge{scene, scene.items()};
  for (Candidate& c : candidates) {
    if (scene.items()[c.item].star) continue;
    c.bygone = judge.bygone(c);
    c.torn = judge.of_another(c) || (c.bygone && !day_beside(scene, c));
    if (!c.usable) continue;
    if (judge.compared(c.item) || judge.asked(c) || judge.supposed(c) || c.torn || c.bygone ||
        judge.guessed(c) || judge.awarded(c) || judge.in_sequence(c.item)) {
      c.usable = false;
    } else if (judge.only_named(c) || judge.only_counted(c)) {
      c.sure = false;
    }
  }
}

bool choice_beside(const Scene& s, std::size_t item) {
  const Items& items = s.items();
  // The scale itself is no alternative: "from 1 to 10 maybe 3".
  const auto number = [&](std::size_t i) {
    return i < items.size() && items[i].kind == Item::Kind::number &&
           items[i].mask != Mask::scale_echo;
  };
  const std::size_t after = std::max(item + 1, items[item].after);
  for (std::size_t i = after; i < items.size() && s.filler_between(after, i); ++i) {
    if (items[i].sep > Sep::comma) break;
    const auto hit = s.tongues.match(L::either, items, i);
    if (!hit) continue;
    for (std::size_t j = hit.end; j < items.size() && s.filler_between(hit.end, j); ++j) {
      if (number(j) && items[j].value != items[item].value) return true;
    }
    if (number(hit.end) && items[hit.end].value != items[item].value) return true;
  }
  std::size_t begin = item;
  std::size_t i = item;
  for (int n = 0; n < 3 && i > 0 && items[i].sep <= Sep::comma; ++n) {
    if (s.tongues.match_before(L::either, items, i, 0, begin)) {
      return begin > 0 && number(begin - 1) && items[begin - 1].value != items[item].value;
    }
    if (!s.tongues.match_before(L::articles, items, i, 0, begin) &&
        !s.tongues.match_before(L::filler, items, i, 0, begin)) {
      return false;
    }
    i = begin;
  }
  return false;
}

}  // namespace moodline::replies
