#include "daemon/replies/mask_words.hpp"

#include <algorithm>

namespace moodline::replies {
namespace {
constexpr std::size_t plural_letters_min = 4;
constexpr std::size_t adjectives_max = 3;
constexpr std::size_t media_words_max = 4;  // a title is no longer
}  // namespace

bool WordMasks::near(std::size_t i) const {
  return i < items.size() && items[i].sep <= Sep::tight;
}

bool WordMasks::word_before(std::size_t k) const {
  return k > 0 && items[k].sep <= Sep::tight && items[k - 1].kind == Item::Kind::word;
}

// Where the list's phrase that ends just before `k` begins; `k` when there is none.
std::size_t WordMasks::before(L list, std::size_t k) const {
  std::size_t begin = k;
  if (!word_before(k) || !s.tongues.match_before(list, items, k, 0, begin)) return k;
  return begin;
}

bool WordMasks::after(L list, std::size_t k) const {
  const std::size_t i = std::max(k + 1, items[k].after);
  return near(i) && static_cast<bool>(s.tongues.match(list, items, i));
}

// English: an unlisted word in -s (not -ss, -us, -is) is taken for things that are counted.
bool WordMasks::plural(std::size_t i) const {
  if (!near(i) || items[i].kind != Item::Kind::word || items[i].continues) return false;
  const std::string_view w = s.m.word_text(items[i]);
  const bool of_person = w.ends_with('s') && near(i + 1) && s.is(i + 1, L::people) &&
                         s.tongues.has(L::people, s.lexicon.id(w.substr(0, w.size() - 1)));
  if (of_person) return false;  // "3 neighbours lad ..."
  if (s.tongues.match(L::counts, items, i)) return true;
  if (i + 1 < items.size() && items[i + 1].continues) return false;
  if (w.size() < plural_letters_min || w.back() != 's' || w.find('\'') != std::string_view::npos) {
    return false;
  }
  // "4 grandads funeral": whose, not how many.
  const bool owned = near(i + 1) && items[i + 1].kind == Item::Kind::word &&
                     s.tongues.has(L::people, s.lexicon.id(w.substr(0, w.size() - 1)));
  if (owned) return false;
  const char c = w[w.size() - 2];
  if (c == 's' || c == 'u' || c == 'i') return false;
  return !s.is(i, L::not_plural) && s.skip_from(i) == i && !s.is(i, L::yesterday) &&
         s.context.languages.front() == "en";
}

bool WordMasks::counted(std::size_t k) const {
  const std::size_t i = k + 1;
  if (after(L::count_after, k) && !range_follows(k)) return true;  // not "11 till 6"
  if (items[k].out_of || called(k)) return false;
  if (plural(i)) return true;
  std::size_t noun = i;  // "two very good films"
  while (noun < i + adjectives_max && near(noun) && s.is(noun, L::adjectives)) ++noun;
  if (noun > i && near(noun) && plural(noun)) return true;
  if (items[k].value == Decimal::of(1)) {
    if (after(L::singulars, k)) return true;
    if (near(i) && near(i + 1) && s.is(i, L::adjectives) && s.is(i + 1, L::singulars)) return true;
  }
  if (before(L::count_before, k) != k) return true;
  // "got 6", "smoked 12": of a measure with a unit this is the answer itself.
  const bool amount = std::any_of(s.context.questions.begin(), s.context.questions.end(),
                                  [](const Question& q) { return !q.unit.empty(); });
  return !amount && before(L::count_verbs, k) != k;
}

// "its a 6 man": somebody is spoken to, and nothing is counted.
bool WordMasks::called(std::size_t k) const {
  const std::size_t i = k + 1;
  if (!near(i) || !s.is(i, L::filler)) return false;
  const bool ends = i + 1 >= items.size() || items[i + 1].sep >= Sep::comma;
  const Left left = s.left_of(k);
  return ends && (left.article || left.cue);
}

// Welsh "am 3": the person's own word for a time beats another language's cue, but not one of
// their own before it: Polish "dziś na sześć".
bool WordMasks::own_time_before(std::size_t k) const {
  if (s.tongues.own.size() < 2 || !word_before(k)) return false;
  const Tongue& own = *s.tongues.own.front();
  const auto own_cue = [&](std::size_t end) {
    std::size_t begin = end;
    return end > 0 && own.list(L::cues).match_before(items, end, 0, begin, Sep::tight);
  };
  std::size_t begin = k;
  return own.list(L::time_before).match_before(items, k, 0, begin, Sep::tight) && !own_cue(k) &&
         !own_cue(begin);
}

bool WordMasks::clock(std::size_t k, const Left& left) const {
  if (after(L::time_after, k)) return true;
  if (k > 0 && near(k) && items[k - 1].half_word) return true;         // "half 7"
  if (before(L::approx, k) < before(L::time_before, k)) return false;  // Polish "tak na 4"
  if (own_time_before(k)) return !range_follows(k);
  if (before(L::particles, k) != k) return false;
  if (left.cue || left.article) return false;
  const std::size_t bed = before(L::sleep_times, k);
  const bool hours = std::any_of(s.names.begin(), s.names.end(),
                                 [](const Names& n) { return n.unit == L::unit_hours; });
  if (bed != k && (hours || bed == 0 || items[bed].sep >= Sep::comma)) return true;
  // "4 going on 5": a choice, not a time.
  const std::size_t choice = before(L::either, k);
  if (choice != k && choice > 0 && items[choice - 1].kind == Item::Kind::number) return false;
  // "at about 4": the preposition may stand before an approximation.
  std::size_t i = k;
  for (int n = 0; n < 2; ++n) {
    const std::size_t b = before(L::time_before, i);
    // "5 to 6", "from 4 to 5" are ranges of values, not times.
    if (b != i) return !(b > 0 && s.candidate(b - 1)) && !range_follows(k);
    const std::size_t a = before(L::approx, i);
    if (a == i) return false;
    i = a;
  }
  return false;
}

bool WordMasks::range_follows(std::size_t k) const {
  const auto to = s.tongues.match(L::to, items, k + 1);
  return to && near(k + 1) && to.end < items.size() && near(to.end) &&
         items[to.end].kind == Item::Kind::number;
}

bool WordMasks::identified(std::size_t k) const {
  if (before(L::identifiers, k) != k) return true;
  const std::size_t weak = before(L::weak_identifiers, k);
  if (weak != k && before(L::today, k) == k) {
    const bool start = weak == 0 || items[weak].sep >= Sep::comma;
    // "level 5" names the answer where the word is a cue too.
    const bool cue = before(L::cues, k) <= weak && s.right_of(k).clause_end;
    if (start && cue) return false;
    if (start && s.skip_from(weak) < k) return true;
    // "chemo number 3", "rm 7 bed 3": of a thing that was named just before.
    if (!start && items[weak].sep <= Sep::tight && !s.is(weak, L::unit_time)) {
      const Item& thing = items[weak - 1];
      if (thing.kind == Item::Kind::word && thing.word == 0) return true;
      const bool named = thing.mask == Mask::identifier || thing.mask == Mask::count;
      if (thing.kind == Item::Kind::number && named) return true;
    }
    const Right right = s.right_of(k);
    if (start && !right.clause_end && !s.is(right.at, L::join)) return true;  // "number 7 mascara"
    if (before(L::identifier_lead, weak) != weak || before(L::time_before, weak) != weak) {
      return true;
    }
  }
  // A title: "watched Toy Story 4".
  if (!word_before(k)) return false;
  const bool capital = items[k - 1].capital && !items[k - 1].upper;
  std::size_t i = k - 1;
  for (std::size_t n = 0; n < media_words_max && i > 0 && items[i].sep <= Sep::tight; ++n) {
    --i;
    if (!s.is(i, L::media)) continue;
    // In small letters a word of no list may be a title's last: the number is not sure.
    const bool seen = !s.is(i, L::time_before) && items[k - 1].word == 0;
    if (!capital && seen) s.m.items[k].doubtful = true;
    if (capital) return true;
  }
  if (!capital) return false;
  return k >= 2 && items[k - 1].sep == Sep::none && items[k - 2].capital &&
         items[k - 2].kind == Item::Kind::word && items[k - 1].capital && !items[k - 2].upper &&
         items[k - 2].sep != Sep::line && s.skip_from(k - 2) == k - 2;
}

bool WordMasks::in_brackets(std::size_t k) const {
  const auto& tokens = s.m.text.tokens;
  const auto view = [&](std::size_t t) { return s.m.text.view(tokens[t]); };
  return items[k].first > 0 && items[k].last < tokens.size() && view(items[k].first - 1) == "(" &&
         view(items[k].last) == ")";
}

// "9, im 60 the day": beyond the scale, and an answer stands beside it.
bool WordMasks::own_age(std::size_t k) const {
  const auto& questions = s.context.questions;
  if (questions.size() != 1 || !questions[0].unit.empty() || k < 2) return false;
  if (items[k].value <= questions[0].max || items[k].value > Decimal::of(110)) return false;
  if (!s.is(k - 1, L::copula) || !s.is(k - 2, L::subject)) return false;
  return std::any_of(items.begin(), items.end(), [&](const Item& i) {
    return i.kind == Item::Kind::number && i.mask == Mask::none && i.value >= questions[0].min &&
           i.value <= questions[0].max;
  });
}

bool WordMasks::age(std::size_t k, const Left& left) const {
  // "mum is 82", "my grandson is 6"; "im lily im 6".
  std::size_t i = k;
  while (i > 0 && items[i].sep <= Sep::tight &&
         (s.is(i - 1, L::copula) || s.is(i - 1, L::approx))) {
    --i;
  }
  if (i != k && before(L::people, i) != i) return true;
  if (in_brackets(k) && k > 0 && items[k - 1].capital) return true;  // "Jack (8) off school"
  if (own_age(k)) return true;
  if (!left.cue || left.article || items[k].value < Decimal::of(3)) return false;
  for (std::size_t at = 0; at < left.at; ++at) {
    const auto intro = s.tongues.match(L::introductions, items, at);
    if (!intro || intro.end >= left.at || items[intro.end].word != 0) continue;
    if (intro.end + 2 >= left.at && left.at == intro.end + 1) return true;
  }
  return false;
}

bool WordMasks::text_speak(std::size_t k, const Left& left) const {
  const Item& n = items[k];
  if (!n.digits || n.out_of || (n.value != Decimal::of(2) && n.value != Decimal::of(4))) {
    return false;
  }
  if (left.article || left.cue) return false;
  if (near(k + 1) && s.tongues.match(L::join, items, k + 1)) return false;  // Welsh "4 a 6"
  // Polish "między 4 a 5".
  if (near(k + 1) && near(k + 2) && items[k + 2].kind == Item::Kind::number) return false;
  const auto choice = s.tongues.match(L::either, items, k + 1);  // "like 4 or 5"
  if (near(k + 1) && choice && choice.end < items.size() &&
      items[choice.end].kind == Item::Kind::number) {
    return false;
  }
  const bool has_before = word_before(k);
  const bool has_after = near(k + 1) && items[k + 1].kind == Item::Kind::word;
  if (has_before && has_after && s.is(k - 1, L::text_speak_before)) return true;
  // "i can speak 2": "to" at the end.
  if (has_before && !has_after && s.is(k - 1, L::text_speak_last)) return true;
  if (!has_after) return false;
  const bool opens = left.clause_start || left.text_start;
  return s.is(k + 1, opens ? L::text_speak_start : L::text_speak_after);
}

bool WordMasks::score(std::size_t k) const {
  const auto bare_pair = [&](std::size_t b) {  // "we lost 5 2"
    return b > 0 && b < items.size() && items[b].sep == Sep::none && items[b].digits &&
           items[b].kind == Item::Kind::number && items[b - 1].digits &&
           items[b - 1].kind == Item::Kind::number && s.context.questions.size() == 1;
  };
  const bool first = k + 1 < items.size() && (items[k + 1].tie == '-' || bare_pair(k + 1));
  const bool second = items[k].tie == '-' || bare_pair(k);
  if (!first && !second) return false;
  const std::size_t pair = first ? k : k - 1;
  for (std::size_t i = pair; i > 0 && pair - i < 4; --i) {
    if (s.is(i - 1, L::results)) return true;
  }
  for (std::size_t i = pair + 2; i < items.size() && i < pair + 4; ++i) {
    if (s.is(i, L::results)) return true;
  }
  return false;
}

bool WordMasks::date(std::size_t k) const {
  if (after(L::months, k) || before(L::months, k) != k) return true;
  return items[k].digits && items[k].value >= Decimal::of(1900) &&
         items[k].value <= Decimal::of(2100) && s.context.questions.size() == 1 &&
         s.context.questions[0].max < Decimal::of(1900);
}

// "covid-19" (a word tied to the number) and "2-day" (a number tied to a word).
bool WordMasks::glued_word(std::size_t k) const {
  if (k > 0 && items[k].sep == Sep::tight && items[k].tie == 0 &&
      items[k - 1].kind == Item::Kind::word) {
    std::size_t end = k;
    const bool ours =
        s.skip_from(k - 1) == k || s.measure_at(k - 1, end) != -1 || before(L::cues, k) != k;
    if (!ours) return true;
  }
  return k + 1 < items.size() && items[k + 1].sep == Sep::tight &&
         items[k + 1].kind == Item::Kind::word && items[k + 1].tie == 0 &&
         (s.is(k + 1, L::text_speak_after) || s.is(k + 1, L::counts) || s.is(k + 1, L::singulars));
}

Mask WordMasks::reason(std::size_t k) const {
  const Left left = s.left_of(k);
  if (items[k].unit) return Mask::none;  // a question's own unit
  if (glued_word(k)) return Mask::letter_digit;
  if (date(k)) return Mask::date;
  if (score(k)) return Mask::score;
  if (before(L::correction_strong, k) != k) return counted(k) ? Mask::count : Mask::none;
  if (text_speak(k, left)) return Mask::text_speak;
  if (counted(k)) return Mask::count;
  if (identified(k)) return Mask::identifier;
  if (clock(k, left)) return Mask::clock;
  if (age(k, left)) return Mask::age;
  return Mask::none;
}

}  // namespace moodline::replies
