#include "daemon/replies/labels.hpp"

#include <algorithm>

#include "daemon/replies/resolve.hpp"

namespace moodline::replies {
namespace {

constexpr Decimal adult_years = Decimal::of(16);

struct LabelHit {
  std::size_t begin = 0;
  std::size_t end = 0;
  Decimal value;
};

// Items as the label's words, contractions expanded on both sides.
std::vector<int> ids_of(const Scene& s, std::string_view text, std::vector<std::string>& words) {
  const Message m = build_message(rules::normalise(text), text, s.lexicon, s.tongues);
  std::vector<int> ids;
  for (const Item& item : m.items) {
    ids.push_back(item.word);
    words.emplace_back(m.word_text(item));
  }
  return ids;
}

std::size_t run_at(const Scene& s, std::size_t at, const std::vector<int>& ids,
                   const std::vector<std::string>& words) {
  for (std::size_t k = 0; k < ids.size(); ++k) {
    if (at + k >= s.items().size()) return at;
    const Item& item = s.items()[at + k];
    if (k > 0 && item.sep > Sep::comma) return at;
    if (ids[k] != 0 ? item.word != ids[k] : item.word != 0 || s.m.word_text(item) != words[k]) {
      return at;
    }
  }
  return at + ids.size();
}

std::vector<LabelHit> label_hits(const Scene& s, const Question& q) {
  std::vector<LabelHit> hits;
  for (const ScaleLabel& label : q.labels) {
    std::vector<std::string> words;
    const std::vector<int> ids = ids_of(s, label.text, words);
    if (ids.empty()) continue;
    for (std::size_t at = 0; at < s.items().size(); ++at) {
      const std::size_t end = run_at(s, at, ids, words);
      if (end > at) hits.push_back({at, end, label.value});
    }
  }
  // "more than half the days" holds "half the days": the longer one is meant.
  std::vector<LabelHit> longest;
  for (const LabelHit& h : hits) {
    const bool inside = std::any_of(hits.begin(), hits.end(), [&](const LabelHit& o) {
      return o.begin <= h.begin && o.end >= h.end && o.end - o.begin > h.end - h.begin;
    });
    if (!inside) longest.push_back(h);
  }
  return longest;
}

bool negated_before(const Scene& s, std::size_t at) {
  std::size_t begin = at;
  return at > 0 && s.tongues.match_before(L::negations, s.items(), at, 0, begin);
}

bool contains(const Scene& s, L list) {
  for (std::size_t i = 0; i < s.items().size(); ++i) {
    if (s.tongues.match(list, s.items(), i) && !negated_before(s, i)) return true;
  }
  return false;
}

// A very bad word said of the person or the day: at the end of its clause, or led in by a feeling.
bool very_bad_said(const Scene& s) {
  for (std::size_t i = 0; i < s.items().size(); ++i) {
    const auto hit = s.tongues.match(L::very_bad, s.items(), i);
    if (!hit) continue;
    std::size_t begin = i;
    if (negated_before(s, i)) continue;
    const std::size_t end = hit.end;
    const bool clause_end = end >= s.items().size() || s.items()[end].sep >= Sep::comma ||
                            s.skip_from(end) > end || s.is(end, L::singulars);
    const bool clause_start = i == 0 || s.items()[i].sep >= Sep::comma ||
                              s.items()[i - 1].kind == Item::Kind::number ||
                              s.tongues.match_before(L::very_bad_lead, s.items(), i, 0, begin);
    if (clause_end && clause_start) return true;
  }
  return false;
}

// "1 (best)": the number, what the other end of the scale is called, and nothing else.
bool only_top_word(const Scene& s, std::size_t item) {
  const std::size_t begin = std::max(item + 1, s.items()[item].after);
  const auto hit = s.tongues.match(L::top_words, s.items(), begin, Sep::stop);
  return hit && s.filler_between(0, item) && s.filler_between(hit.end, s.items().size());
}

}  // namespace

std::optional<Verdict> read_label(const Scene& s, std::size_t qi) {
  const Question& q = s.context.questions[qi];
  for (const LabelHit& h : label_hits(s, q)) {
    if (negated_before(s, h.begin) || !s.filler_outside(h.begin, h.end)) continue;
    // "are you okay", "good night x": asked of us, or a greeting.
    if (s.tongues.match(L::asks_open, s.items(), 0)) continue;
    if (s.tongues.match(L::filler, s.items(), h.begin).end > h.end) continue;
    const bool thanked = contains(s, L::thanks);
    bool manners = false;
    for (std::size_t i = h.begin; i < h.end && !manners; ++i) {
      const auto hit = s.tongues.match(L::manners, s.items(), i);
      manners = hit && i == h.begin && hit.end == h.end;
    }
    const bool ends = h.value == q.max || h.value == q.min;
    // "Great, thank you for asking": the answer to "how are you", not to ours.
    const bool asked = s.m.word_text(s.items().back()) == "asking";
    if (thanked && manners && ends && (asked || h.end - h.begin > 1)) {
      return unclear("labels.manners", s.m.span_of(h.begin, h.end));
    }
    return judge_value(s, qi, h.value, s.m.span_of(h.begin, h.end), "labels.whole");
  }
  return std::nullopt;
}

bool label_disagrees(const Scene& s, std::size_t qi, Decimal value, std::size_t item) {
  const Question& q = s.context.questions[qi];
  const Items& items = s.items();
  for (const LabelHit& h : label_hits(s, q)) {
    if (h.value == value) continue;
    const bool agrees_enough =
        (h.value == q.min && in_low_band(q, value) == q.low_is_bad &&
         value.micro - q.min.micro <= (q.max.micro - q.min.micro) / 3) ||
        (h.value == q.max && q.max.micro - value.micro <= (q.max.micro - q.min.micro) / 3);
    if (agrees_enough || negated_before(s, h.begin)) continue;
    // Only as a statement of its own: next to the number, or the rest of its clause.
    const bool beside = h.end == item || h.begin == item + 1;
    const bool own_clause = (h.begin == 0 || items[h.begin].sep >= Sep::comma) &&
                            (h.end >= items.size() || items[h.end].sep >= Sep::comma);
    if ((beside && items.size() <= h.end - h.begin + 3) || (own_clause && beside)) return true;
  }
  const std::int64_t third = (q.max.micro - q.min.micro) / 3;
  const bool good =
      q.low_is_bad ? value.micro >= q.max.micro - third : value.micro <= q.min.micro + third;
  const bool bad = in_low_band(q, value);
  if (q.unit.empty() && good && q.max.micro - q.min.micro >= 3 * Decimal::one && very_bad_said(s) &&
      !contains(s, L::but)) {
    return true;
  }
  return q.unit.empty() && bad && (contains(s, L::best_ever) || only_top_word(s, item));
}

void apply_speaker(const Scene& s, std::size_t item, Verdict& v) {
  const Items& items = s.items();
  std::size_t start = item;
  while (start > 0 && items[start].sep < Sep::stop) --start;
  bool told = false;
  for (std::size_t i = start; i < item && !told; ++i) {
    told = static_cast<bool>(s.tongues.match(L::tells, items, i));
  }
  for (std::size_t i = start; i < item; ++i) {
    const auto third = s.tongues.match(L::third_person, items, i);
    const auto guess = s.tongues.match(L::guesses, items, i);
    const bool direct = third && s.filler_between(third.end, item);
    const auto tells = s.tongues.match(L::tells, items, i);
    if ((direct && !told) || (guess && guess.end > tells.end)) {
      v = unclear("resolve.guess", s.m.span_of(i, item + 1));
      return;
    }
  }
  for (std::size_t i = start; i < item; ++i) {
    if (!s.tongues.match(L::tells, items, i)) continue;
    v.by_other = true;
    // "my 4 year old says 10"
    for (std::size_t k = start; k + 1 < i; ++k) {
      const bool aged = items[k].kind == Item::Kind::number && items[k].value < adult_years &&
                        s.tongues.match(L::ages, items, k + 1);
      if (aged) v = unclear("resolve.child", s.m.span_of(k, item + 1));
    }
    return;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (const auto hit = s.tongues.match(L::child, items, i)) {
      v = unclear("resolve.child", s.m.span_of(i, hit.end));
      return;
    }
    if (i > item && s.tongues.match(L::guesses, items, i)) {
      v = unclear("resolve.guess", s.m.span_of(item, i + 1));
      return;
    }
  }
}

std::optional<Verdict> read_meter_word(const Scene& s) {
  if (s.names.size() != 1 || s.names.front().measure != L::glucose) return std::nullopt;
  const Items& items = s.items();
  std::optional<std::size_t> word;
  for (std::size_t i = 0; i < items.size();) {
    // "hi" in small letters is a greeting.
    const bool end = s.tongues.match(L::meter_ends, items, i).end == i + 1 &&
                     (items[i].upper || !s.is(i, L::filler));
    std::size_t next = s.skip_from(i);
    std::size_t named = i;
    if (s.measure_at(i, named) == 0) next = std::max(next, named);
    next = std::max(next, s.tongues.match(L::meter_says, items, i).end);
    if (end && !word) {
      word = i;
      next = i + 1;
    }
    if (next <= i) return std::nullopt;
    i = next;
  }
  if (!word) return std::nullopt;
  Verdict v = unclear("resolve.meter", s.m.span_of(*word, *word + 1));
  v.alarm = true;
  return v;
}

}  // namespace moodline::replies
