#include "daemon/replies/scene.hpp"

#include <algorithm>

namespace moodline::replies {
namespace {

L next(L l) {
  return static_cast<L>(static_cast<std::uint8_t>(l) + 1);
}

// The first list from..to whose patterns match the whole phrase.
std::optional<L> list_of(std::string_view phrase, L from, L to, const Lexicon& lexicon,
                         const Tongues& tongues) {
  std::string spaced(phrase);
  std::replace(spaced.begin(), spaced.end(), '_', ' ');
  const Message m = build_message(rules::normalise(spaced), spaced, lexicon, tongues);
  for (L l = from; l <= to; l = next(l)) {
    for (const Tongue* t : tongues.all) {
      const PatternMatch hit = t->list(l).match(m.items, 0);
      if (hit && hit.end == m.items.size()) return l;
    }
  }
  return std::nullopt;
}

bool same_name(std::string_view word, std::string_view name) {
  if (word == name) return true;
  const auto plural = [](std::string_view a, std::string_view b) {
    return a.size() == b.size() + 1 && a.back() == 's' && a.substr(0, b.size()) == b;
  };
  return plural(word, name) || plural(name, word);
}

}  // namespace

Scene::Scene(Message& message, const Lexicon& lex, const Tongues& t, const Context& c)
    : m(message), lexicon(lex), tongues(t), context(c) {
  for (const Question& q : context.questions) {
    Names n;
    n.measure = list_of(q.measure, first_measure, last_measure, lexicon, tongues);
    if (!q.unit.empty()) n.unit = list_of(q.unit, first_unit, last_unit, lexicon, tongues);
    for (const std::string& name : q.names) n.spellings.push_back(rules::normalise_phrase(name));
    std::string own = q.measure;
    std::replace(own.begin(), own.end(), '_', ' ');
    n.spellings.push_back(rules::normalise_phrase(own));
    names.push_back(std::move(n));
  }
  asks_night = names.size() == 1 && names.front().measure == L::sleep;
}

bool Scene::said(L list, std::size_t from, std::size_t to) const {
  auto hits =
      std::find_if(hits_.begin(), hits_.end(), [&](const Hits& h) { return h.list == list; });
  if (hits == hits_.end()) {
    hits_.push_back({list, {}});
    hits = std::prev(hits_.end());
    for (std::size_t i = 0; i < m.items.size(); ++i) {
      if (const auto hit = tongues.match(list, m.items, i)) hits->places.emplace_back(i, hit.end);
    }
  }
  const auto& places = hits->places;
  auto at = std::lower_bound(places.begin(), places.end(), std::pair{from, std::size_t{0}});
  for (; at != places.end() && at->first < to; ++at) {
    if (at->second <= to) return true;
  }
  return false;
}

void Scene::walk_fillers() const {
  const std::size_t size = m.items.size();
  skips_.resize(size + 1, size);
  for (std::size_t i = 0; i < size; ++i) skips_[i] = skip_once(i);
  from_start_.assign(size + 1, false);
  for (std::size_t i = 0; i <= size; i = skips_[i]) {
    from_start_[i] = true;
    if (i == size || skips_[i] == i) break;
  }
  to_end_.assign(size + 1, false);
  to_end_[size] = true;
  for (std::size_t i = size; i-- > 0;) to_end_[i] = skips_[i] > i && to_end_[skips_[i]];
}

std::size_t Scene::skip_from(std::size_t i) const {
  if (i >= m.items.size()) return i;
  if (skips_.empty()) walk_fillers();
  return skips_[i];
}

std::size_t Scene::skip_once(std::size_t i) const {
  if (m.items[i].kind == Item::Kind::emoji) return i + 1;
  if (m.items[i].kind != Item::Kind::word) return i;
  std::size_t end = i;
  for (const L l : {L::filler, L::articles, L::approx, L::approx_after, L::copula, L::today,
                    L::thanks, L::manners, L::dictated}) {
    const PatternMatch hit = tongues.match(l, m.items, i, Sep::comma);
    if (hit) end = std::max(end, hit.end);
  }
  return end;
}

bool Scene::filler_between(std::size_t from, std::size_t to) const {
  if (from >= to) return true;
  if (skips_.empty()) walk_fillers();
  if (from == 0 && to <= m.items.size()) return from_start_[to];
  if (to == m.items.size()) return to_end_[from];
  while (from < to) {
    const std::size_t end = skip_from(from);
    if (end == from || end > to) return false;
    from = end;
  }
  return true;
}

bool Scene::filler_outside(std::size_t from, std::size_t to) const {
  return filler_between(0, from) && filler_between(to, m.items.size());
}

namespace {

// The walk to the left: one phrase a step, until a cue, a clause's start or a word that counts.
struct LeftWalk {
  const Scene& s;
  std::size_t number;
  std::size_t i;
  Left left;
  bool skipped = false;
  bool filled = false;  // past a filler, "not" denies something else: "not a bad day 7"

  bool take(L list, bool& flag) {
    std::size_t begin = i;
    if (i == 0 || s.items()[i].sep > Sep::tight) return false;
    if (!s.tongues.match_before(list, s.items(), i, 0, begin)) return false;
    flag = true;
    i = begin;
    return true;
  }
  bool take_qualifier() {
    if (s.asks_night && take(L::last_night, left.today)) return true;
    return take(L::bounds, left.bounded) || take(L::wishes, left.wished) ||
           take(L::future, left.wished) || take(L::usual, left.usual) || take(L::past, left.past) ||
           take(L::yesterday, left.past);
  }
  bool take_link() {
    return take(L::articles, left.article) || take(L::today, left.today) ||
           take(L::copula, skipped) || take(L::approx, skipped) || take(L::filler, filled) ||
           take(L::thanks, skipped);
  }
  // The clause begins here. True when a cue stands just before its mark: "Mood: 6".
  bool reach_start(Sep sep) {
    std::size_t begin = i;
    if (sep <= Sep::dash && i == number &&
        s.tongues.match_before(L::cues, s.items(), i, 0, begin)) {
      left.cue = true;
      i = begin;
      return true;
    }
    left.clause_start = true;
    left.hard_start = sep >= Sep::stop;
    left.text_start = s.filler_between(0, i);
    return false;
  }
  // "was going to say 7", "wouldnt say 7": a longer phrase that ends with the cue's own words.
  void longer_than_cue(std::size_t end) {
    const auto reaches = [&](L list, bool& flag) {
      std::size_t begin = end;
      if (!s.tongues.match_before(list, s.items(), end, 0, begin) || begin >= i) return;
      flag = true;
    };
    reaches(L::wishes, left.wished);
    reaches(L::negations, left.negated);
    reaches(L::bounds, left.bounded);
    reaches(L::past, left.past);
  }
  void walk() {
    for (std::size_t n = 0; n <= number; ++n) {
      if (i == 0) {
        left.text_start = left.clause_start = left.hard_start = true;
        return;
      }
      const Sep sep = s.items()[i].sep;
      if (sep >= Sep::comma) {
        reach_start(sep);
        return;
      }
      const std::size_t end = i;
      if (take(L::cues, left.cue)) {
        longer_than_cue(end);
        return;
      }
      if (!filled && take(L::negations, left.negated)) continue;
      if (take_qualifier() || take_link()) continue;
      if (s.items()[i - 1].kind != Item::Kind::emoji) return;
      --i;
    }
  }
  Left run() {
    left.joined = number > 0 && s.items()[number].sep == Sep::none;
    walk();
    left.at = i;
    // A cue may itself be wished, negated or past: look one step further.
    if (left.cue && i > 0) {
      if (!filled) take(L::negations, left.negated);
      take(L::wishes, left.wished);
      take(L::usual, left.usual);
      if (!s.asks_night || !take(L::last_night, left.today)) take(L::yesterday, left.past);
    }
    // In mid-sentence these words belong to what was said before: "glad that's over 7".
    const bool opens = left.clause_start || s.filler_between(0, left.at) ||
                       (left.at > 0 && s.items()[left.at - 1].kind == Item::Kind::number) ||
                       (left.cue && s.items()[left.at].sep >= Sep::comma);
    if (!opens) left.bounded = left.past = left.usual = false;
    return left;
  }
};

}  // namespace

Left Scene::left_of(std::size_t number) const {
  return LeftWalk{*this, number, number, {}}.run();
}

// "7.8 before tea" is of now; "7 before" is not.
PatternMatch Scene::past_at(std::size_t i) const {
  const PatternMatch past = tongues.match(L::past, m.items, i);
  const std::size_t size = m.items.size();
  const bool led = past && past.end == i + 1 && is(i, L::time_before) && past.end < size &&
                   m.items[past.end].sep < Sep::comma && m.items[past.end].kind == Item::Kind::word;
  return led ? PatternMatch{} : past;
}

// "6 at least its friday": a bound ends its clause.
PatternMatch Scene::bound_at(std::size_t i) const {
  const auto hit = tongues.match(L::bounds_after, m.items, i);
  const bool ends = hit.end == i + 1 || hit.end >= m.items.size() ||
                    m.items[hit.end].sep >= Sep::comma || skip_from(hit.end) != hit.end;
  return hit && ends ? hit : PatternMatch{};
}

Right Scene::right_of(std::size_t number) const {
  Right right;
  std::size_t i = std::max(number + 1, m.items[number].after);
  right.bounded = m.items[number].plus;
  const std::size_t size = m.items.size();
  for (std::size_t n = 0; n <= size; ++n) {
    if (i >= size) {
      right.text_end = right.clause_end = true;
      break;
    }
    if (m.items[i].sep >= Sep::comma) {
      right.clause_end = true;
      right.text_end = filler_between(i, size);
      break;
    }
    if (const auto hit = bound_at(i)) {
      right.bounded = true;
      i = hit.end;
      continue;
    }
    if (i > number + 1 || m.items[i].sep == Sep::none) {
      if (is(i, L::but)) {
        right.clause_end = right.but = true;
        break;
      }
    }
    if (const auto night = tongues.match(L::last_night, m.items, i); night && asks_night) {
      right.today = true;
      i = night.end;
      continue;
    }
    const PatternMatch past = past_at(i);
    const auto yesterday = tongues.match(L::yesterday, m.items, i);
    const auto denied = tongues.match(L::negations, m.items, i);
    if (i == number + 1 && denied.end == size) right.bounded = true;  // "10 not"
    const auto usual = tongues.match(L::usual, m.items, i);
    if (usual.end > i + 1) {  // "4 on a good day"
      right.past = true;
      i = usual.end;
      continue;
    }
    const auto future = tongues.match(L::future, m.items, i);
    if (past || yesterday || future) {
      right.past = true;
      i = std::max({past.end, yesterday.end, future.end});
      continue;
    }
    if (const auto today = tongues.match(L::today, m.items, i)) {
      right.today = true;
      i = today.end;
      continue;
    }
    const std::size_t skip = skip_from(i);
    if (skip == i) break;
    i = skip;
  }
  right.at = i;
  return right;
}

int Scene::measure_at(std::size_t i, std::size_t& end) const {
  if (i >= m.items.size() || m.items[i].kind != Item::Kind::word) return -1;
  const std::string_view word = m.word_text(m.items[i]);
  for (std::size_t q = 0; q < names.size(); ++q) {
    for (const std::string& name : names[q].spellings) {
      if (name.find(' ') == std::string::npos && same_name(word, name)) {
        end = i + 1;
        return static_cast<int>(q);
      }
    }
  }
  for (L l = first_measure; l <= last_measure; l = next(l)) {
    const PatternMatch hit = tongues.match(l, m.items, i);
    if (!hit) continue;
    end = hit.end;
    for (std::size_t q = 0; q < names.size(); ++q) {
      if (names[q].measure == l) return static_cast<int>(q);
    }
    return -2;
  }
  return -1;
}

}  // namespace moodline::replies
