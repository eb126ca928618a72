#include "daemon/replies/guards.hpp"

#include <algorithm>

#include "daemon/replies/sentence.hpp"

namespace moodline::replies {
namespace {

constexpr std::size_t deed_letters_min = 5;  // "asked"
constexpr std::size_t tail_words_max = 3;    // words a guard looks at behind a number

struct Guard {
  const Scene& s;
  const Items& items;
  bool english;

  [[nodiscard]] bool word(std::size_t i) const {
    return i < items.size() && items[i].kind == Item::Kind::word;
  }
  [[nodiscard]] bool touches(std::size_t i) const {
    return i < items.size() && items[i].sep <= Sep::tight;
  }
  [[nodiscard]] std::size_t clause_start(std::size_t i) const {
    while (i > 0 && items[i].sep < Sep::comma) --i;
    return i;
  }
  [[nodiscard]] std::size_t behind(const Candidate& c) const {
    return std::max(c.item + 1, items[c.item].after);
  }
  bool step_back(L list, std::size_t& i) const {
    std::size_t begin = i;
    if (i == 0 || !touches(i) || !s.tongues.match_before(list, items, i, 0, begin)) return false;
    i = begin;
    return true;
  }
  /// What a reply may say of itself with "is": the day, the night, everything, the measure.
  [[nodiscard]] bool own_subject(std::size_t i) const {
    std::size_t end = i;
    if (s.measure_at(i, end) >= 0) return true;
    return s.is(i, L::own_subjects) || s.is(i, L::number_states) || s.is(i, L::mood) ||
           s.is(i, L::today) || s.is(i, L::subject) || s.is(i, L::copula) ||
           s.m.word_text(items[i]).ends_with("ing");
  }
  [[nodiscard]] bool said_before(const Candidate& c, L list) const {
    return s.said(list, clause_start(c.item), c.item);
  }
  // "the film was a 7", "service was 10/10", "pain is at an 8": said of a thing by its name.
  [[nodiscard]] bool of_a_thing(const Candidate& c) const {
    const bool mood = !s.names.front().measure || s.names.front().measure == L::mood;
    if (!english || !mood) return false;  // "the hip is a 6" tells of pain
    std::size_t i = c.item;
    for (int n = 0; n < 4; ++n) {
      const bool more =
          step_back(L::articles, i) || step_back(L::approx, i) || step_back(L::number_states, i);
      if (!more) break;
    }
    if (i > 0 && touches(i) && s.is(i - 1, L::time_before)) --i;  // "is at an 8"
    if (i < 2 || !touches(i) || !touches(i - 1) || !word(i - 2)) return false;
    const std::string_view is = s.m.word_text(items[i - 1]);
    if (is != "is" && is != "was" && is != "are" && is != "were") return false;
    return !own_subject(i - 2) && !said_before(c, L::tells);
  }
  // "service 10/10": nothing but a thing and its mark.
  [[nodiscard]] bool marked(const Candidate& c) const {
    if (!items[c.item].out_of || c.left.cue || c.left.clause_start) return false;
    const std::size_t start = clause_start(c.item);
    if (c.left.at == 0 || c.left.at - start > 2 || !word(c.left.at - 1)) return false;
    return !own_subject(c.left.at - 1) && !tells_state(s, c.left.at - 1);
  }
  // "i knitted 4": a deed and how many, and no more.
  [[nodiscard]] bool did(const Candidate& c) const {
    if (!english || c.left.cue || c.left.article || items[c.item].out_of || c.item < 2)
      return false;
    const std::size_t verb = c.item - 1;
    const std::size_t start = clause_start(c.item);
    if (!touches(c.item) || !word(verb) || verb != start + 1 || !s.is(start, L::subject)) {
      return false;
    }
    const std::string_view w = s.m.word_text(items[verb]);
    return w.size() >= deed_letters_min && w.ends_with("ed") && !s.is(verb, L::correction_weak) &&
           !s.is(verb, L::correction_strong) && !s.is(verb, L::tells);
  }
  // "nurse has me at a 4", "she looks a 5": the sentence is another's, and gives the number out.
  [[nodiscard]] bool of_somebody(const Candidate& c) const {
    if (!c.left.article && !items[c.item].out_of) return false;
    std::size_t i = clause_start(c.item);
    while (i < c.item && (s.is(i, L::filler) || s.is(i, L::optout_determiners))) ++i;
    const auto person = s.tongues.match(L::people, items, i);
    const auto other = s.tongues.match(L::others, items, i);
    if ((!person && !other) || i >= c.item) return false;
    for (std::size_t k = std::max(person.end, other.end); k < c.item; ++k) {
      if (s.is(k, L::subject) || s.is(k, L::own_subjects) || s.tongues.match(L::tells, items, k)) {
        return false;
      }
    }
    return true;
  }
  // "he said \"7\"": words that somebody else used, or that are only named.
  [[nodiscard]] bool quoted(const Candidate& c) const {
    const Item& n = items[c.item];
    const auto& tokens = s.m.text.tokens;
    if (n.first == 0 || n.last >= tokens.size()) return false;
    const std::string_view open = s.m.text.view(tokens[n.first - 1]);
    const std::string_view close = s.m.text.view(tokens[n.last]);
    const bool marks = (open == "\"" || open == "'") && (close == "\"" || close == "'");
    return marks && !c.left.text_start && !c.left.cue && !s.filler_outside(c.item, c.item + 1);
  }
  // "a 7", "im a 7"
  [[nodiscard]] static bool held(const Candidate& c) { return c.left.article || c.left.cue; }
  // "10/10 for effort", "9 out of 10 cats", "a 7 in shoes", "a 4 would be a lie".
  [[nodiscard]] bool of_what_follows(const Candidate& c) const {
    const std::size_t i = behind(c);
    if (!touches(i) || !word(i)) return false;
    if (denied(c)) return true;
    const auto mark = s.tongues.match(L::mark_for, items, i);
    const bool in = word(i) && s.m.word_text(items[i]) == "in";
    if (mark && touches(mark.end) && word(mark.end) && (items[c.item].out_of || (in && held(c)))) {
      std::size_t at = mark.end;
      for (std::size_t n = 0; n < tail_words_max && word(at + 1) && touches(at + 1); ++n, ++at) {
        const bool points = s.m.word_text(items[at]) == "that";
        if (!points && !s.is(at, L::optout_determiners) && !s.is(at, L::articles)) break;
      }
      return !own_subject(at) && !s.is(at, L::states) && !s.is(at, L::feelings);
    }
    return english && items[c.item].out_of && plural_shape(s, i);
  }
  // "6 x eggs": how many of what.
  [[nodiscard]] bool times_of(const Candidate& c) const {
    const std::size_t i = behind(c);
    return english && touches(i) && word(i) && s.m.word_text(items[i]) == "x" && touches(i + 1) &&
           (plural_shape(s, i + 1) || s.tongues.match(L::counts, items, i + 1));
  }
  // "got to bed about 9", "a waiting list of about 6": a time or a count, and nothing leads to it.
  [[nodiscard]] bool thereabouts(const Candidate& c) const {
    std::size_t i = c.item;
    if (!english || c.left.cue || c.left.article || c.left.clause_start) return false;
    if (items[c.item].out_of || !step_back(L::approx, i) || i == 0 || !touches(i)) return false;
    std::size_t begin = i;
    if (s.tongues.match_before(L::sleep_times, items, i, 0, begin)) return true;
    return word(i - 1) && (s.is(i - 1, L::time_before) || !tells_state(s, i - 1)) &&
           !own_subject(i - 1);
  }
  // "kid number 3", "today is day 8": the number is a thing's name.
  [[nodiscard]] bool numbered(const Candidate& c) const {
    if (c.item < 2 || !touches(c.item) || !touches(c.item - 1) || !word(c.item - 2)) return false;
    const std::size_t before = c.item - 2;
    if (!s.is(c.item - 1, L::weak_identifiers)) return false;
    const std::string_view kind = s.m.word_text(items[c.item - 1]);
    // "was class 8": a word of praise, too.
    if (s.is(before, L::copula) && !s.is(c.item - 1, L::number_states)) return kind != "class";
    return kind == "number" && !own_subject(before) && !s.is(before, L::optout_determiners) &&
           !s.is(before, L::articles) && !s.is(before, L::filler) && !s.is(before, L::adjectives);
  }
  // "he smokes 30 a day does my husband": an amount, and all that is said is somebody else's.
  [[nodiscard]] bool their_amount(const Candidate& c) const {
    std::size_t start = c.item;
    while (start > 0 && items[start].sep < Sep::stop) --start;
    const std::size_t at = s.skip_from(start);
    const std::string_view who = s.m.word_text(items[at]);
    const bool other = who == "he" || who == "she" || who == "they";
    return english && other && at < c.item && !s.said(L::tells, start, c.item) &&
           !s.said(L::subject, start, c.item);
  }
  [[nodiscard]] bool denied(const Candidate& c) const {
    const std::size_t i = behind(c);
    return touches(i) && s.tongues.match(L::denied_after, items, i);
  }
  // "1 in 4 people": a share.
  [[nodiscard]] bool share(const Candidate& c) const {
    const auto number = [&](std::size_t i) {
      return i < items.size() && items[i].kind == Item::Kind::number;
    };
    const auto in = [&](std::size_t i) { return word(i) && s.m.word_text(items[i]) == "in"; };
    const std::size_t k = c.item;
    return english && ((in(k + 1) && touches(k + 1) && number(k + 2) && touches(k + 2)) ||
                       (k >= 2 && in(k - 1) && touches(k) && number(k - 2) && touches(k - 1)));
  }
};

}  // namespace

void guard_places(const Scene& scene, std::vector<Candidate>& candidates) {
  const bool amount = std::any_of(scene.context.questions.begin(), scene.context.questions.end(),
                                  [](const Question& q) { return !q.unit.empty(); });
  const Guard guard{scene, scene.items(), scene.context.languages.front() == "en"};
  for (Candidate& c : candidates) {
    if (!c.sure || scene.items()[c.item].star) continue;
    if (amount && (guard.their_amount(c) || guard.denied(c))) c.sure = false;
    if (c.bound || amount) continue;
    const bool elsewhere = guard.of_a_thing(c) || guard.marked(c) || guard.did(c) ||
                           guard.of_somebody(c) || guard.quoted(c) || guard.of_what_follows(c) ||
                           guard.times_of(c) || guard.numbered(c) || guard.thereabouts(c) ||
                           guard.share(c);
    if (elsewhere) c.sure = false;
  }
}

}  // namespace moodline::replies
