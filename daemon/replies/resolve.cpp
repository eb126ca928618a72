#include "daemon/replies/resolve.hpp"

#include <algorithm>

#include "daemon/replies/days.hpp"
#include "daemon/replies/guards.hpp"
#include "daemon/replies/labels.hpp"
#include "daemon/replies/sentence.hpp"
#include "daemon/replies/units.hpp"

namespace moodline::replies {
namespace {

// Where the number stands, and what may not be said of it.
void judge_place(const Scene& s, Candidate& c) {
  const Item& item = s.items()[c.item];
  const bool alone = c.left.clause_start && c.right.clause_end;
  const bool whole = s.filler_outside(c.left.at, std::max(c.right.at, c.item + 1));
  const bool cued = c.left.cue || c.bound || item.star;
  if ((item.own_language && !whole && !item.out_of) || (item.from_typo && !whole && !cued)) {
    c.dropped = true;
  }
  if (item.pronoun && !alone && !cued && !c.left.article && !item.out_of) c.dropped = true;
  if (item.pronoun && cued && !c.right.clause_end && !item.out_of) c.dropped = true;
  if (item.half_word) c.dropped = true;
  c.usable =
      !((c.left.negated && !item.star) || c.left.bounded || c.right.bounded || c.left.wished ||
        c.left.past || c.left.usual || c.right.past || item.doubtful || item.invalid);
  const bool sentence_start = c.left.hard_start && c.left.clause_start;
  c.sure = cued || alone || c.left.text_start || c.right.text_end || sentence_start ||
           (c.left.article && c.right.clause_end) || (item.out_of && c.right.clause_end) ||
           (item.out_of && c.left.clause_start) ||
           (c.left.clause_start && c.right.at > std::max(c.item + 1, item.after)) ||
           (c.left.clause_start && c.right.at + 1 >= s.items().size()) || c.right.but;
}

bool ratio_fits(const Question& q, const Item& item) {
  return !item.out_of || *item.out_of == q.max;
}

struct Single {
  Scene& s;
  const Question& q;
  std::vector<Candidate> all;

  [[nodiscard]] Span span(const Candidate& c) const {
    const Item& item = s.items()[c.item];
    const auto& tokens = s.m.text.tokens;
    return {tokens[item.first].origin.begin, tokens[item.last - 1].origin.end};
  }
  // Explicitly named or cued numbers beat a stray one in mid-sentence.
  void drop_strays() {
    const bool named = std::any_of(all.begin(), all.end(), [](const Candidate& c) {
      return c.usable && (c.left.cue || c.bound);
    });
    if (!named) return;
    std::erase_if(all, [&](const Candidate& c) {
      return c.usable && !c.left.cue && !c.bound && !c.left.clause_start && !c.right.text_end &&
             !s.items()[c.item].tie && !beside_number(c.item);
    });
  }
  [[nodiscard]] bool beside_number(std::size_t k) const {
    const Items& items = s.items();
    const auto number = [&](std::size_t i) {
      return i < items.size() && items[i].kind == Item::Kind::number;
    };
    return (k > 0 && number(k - 1)) || number(k + 1);
  }
  // "my carer says 6 but i say 4": two people's values are nobody's answer.
  [[nodiscard]] bool two_speak() const {
    if (distinct().size() < 2) return false;
    for (std::size_t i = 0; i < s.items().size(); ++i) {
      if (s.tongues.match(L::tells, s.items(), i)) return true;
    }
    return false;
  }
  // "9! passed my test 48/50": a score out of another number, said of something, beside an answer.
  void drop_other_scores() {
    const bool answered = std::any_of(all.begin(), all.end(), [&](const Candidate& c) {
      return c.usable && c.sure && !s.items()[c.item].out_of;
    });
    if (!answered) return;
    std::erase_if(all, [&](const Candidate& c) {
      return !ratio_fits(q, s.items()[c.item]) && !c.left.clause_start && !c.left.cue;
    });
  }
  // Named by the measure's own word beats numbers that only carry its unit: "in bed 9 h, slept 5".
  [[nodiscard]] std::vector<Decimal> distinct() const {
    std::vector<Decimal> values;
    for (const Candidate& c : all) {
      // "5 no 6": a bare "no" may deny the one before as well as the one after.
      const bool torn = c.left.negated && c.item > 0 && s.is(c.item - 1, L::no) &&
                        s.items()[c.item].sep < Sep::comma && !c.left.clause_start;
      if ((c.usable || torn || c.torn) &&
          std::find(values.begin(), values.end(), c.value) == values.end()) {
        values.push_back(c.value);
      }
    }
    return values;
  }
  [[nodiscard]] bool doubted() const {
    for (std::size_t i = 0; i < s.items().size(); ++i) {
      if (s.tongues.match(L::doubt, s.items(), i)) return true;
      const bool start = i == 0 || s.items()[i].sep >= Sep::stop;
      if (start && s.m.asks && s.tongues.match(L::questions, s.items(), i)) return true;
    }
    return false;
  }
  Verdict several(const std::vector<Decimal>& values) const {
    Verdict v = unclear("resolve.several", span(all.front()), Ask::which_of);
    v.candidates = values;
    v.low_mark =
        std::all_of(values.begin(), values.end(), [&](Decimal d) { return in_low_band(q, d); });
    return v;
  }
  Verdict lone_unusable() const {
    Verdict v = unclear("resolve.qualified", span(all.front()));
    v.low_mark = std::all_of(all.begin(), all.end(),
                             [&](const Candidate& c) { return in_low_band(q, c.value); });
    return v;
  }
  Verdict decide() {
    if (has_range(s, all)) {
      Verdict v = several(distinct());
      v.rule = "resolve.range";
      return v;
    }
    if (two_speak()) return several(distinct());
    drop_other_scores();
    drop_strays();
    // "yesterday was a 2": told, not sent in for that day.
    const bool bygone =
        std::all_of(all.begin(), all.end(), [](const Candidate& c) { return c.bygone; });
    if (bygone) return lone_unusable();
    if (auto days = resolve_days(s, 0, all)) return *days;
    if (auto day = resolve_day(s, 0, all)) return *day;
    const std::vector<Decimal> values = distinct();
    if (values.empty()) return lone_unusable();
    if (values.size() > 1) return several(values);
    if (doubted()) return unclear("resolve.question", span(all.front()));
    const auto best =
        std::find_if(all.begin(), all.end(), [](const Candidate& c) { return c.usable && c.sure; });
    if (best == all.end()) return unclear("resolve.place", span(all.front()));
    if (!ratio_fits(q, s.items()[best->item])) return unclear("resolve.ratio", span(*best));
    if (std::any_of(all.begin(), all.end(), [&](const Candidate& c) {
          return !ratio_fits(q, s.items()[c.item]) || s.items()[c.item].invalid;
        })) {
      return unclear("resolve.ratio", span(*best));
    }
    Verdict v = judge_value(s, 0, best->value, span(*best),
                            best->bound      ? "resolve.named"
                            : best->left.cue ? "resolve.cue"
                                             : "resolve.sole");
    v.converted_from = best->converted;
    if (v.kind == Kind::reading) {
      if (label_disagrees(s, 0, best->value, best->item)) {
        return unclear("labels.disagree", span(*best), Ask::which_end);
      }
      apply_speaker(s, best->item, v);
    }
    return v;
  }
};

}  // namespace

Verdict unclear(std::string_view rule, Span span, Ask ask) {
  Verdict v;
  v.kind = Kind::unclear;
  v.rule = rule;
  v.ask = ask;
  if (span.end > span.begin) v.spans.push_back(span);
  return v;
}

bool in_low_band(const Question& q, Decimal value) {
  const std::int64_t third = (q.max.micro - q.min.micro) / 3;
  return q.low_is_bad ? value.micro <= q.min.micro + third : value.micro >= q.max.micro - third;
}

namespace {

// Two numbers on both sides of a choice, one of them a word that is ordinary elsewhere.
bool near_word_number(const Items& items, std::size_t a, std::size_t b) {
  const bool numbers = items[a].kind == Item::Kind::number && items[b].kind == Item::Kind::number;
  return numbers && (items[a].own_language || items[b].own_language) &&
         items[a].value != items[b].value && items[b].sep <= Sep::tight &&
         items[a].mask == Mask::none && items[b].mask == Mask::none;
}

}  // namespace

bool has_range(const Scene& s, const std::vector<Candidate>& candidates) {
  const Items& items = s.items();
  for (std::size_t n = 0; n + 1 < candidates.size(); ++n) {
    const std::size_t a = candidates[n].item;
    const std::size_t b = candidates[n + 1].item;
    if (candidates[n].dropped || candidates[n + 1].dropped) continue;
    if (items[b].tie == '-' || items[b].tie == '/') return true;
    const std::size_t after = std::max(a + 1, items[a].after);
    if (after >= b) continue;
    if (items[a].value == items[b].value) continue;  // "6... maybe 6"
    for (std::size_t i = after; i < b && s.filler_between(after, i); ++i) {
      for (const L l : {L::either, L::to}) {
        const auto hit = s.tongues.match(l, items, i);
        if (hit && hit.end <= b && s.filler_between(hit.end, b)) return true;
      }
    }
  }
  for (const Candidate& c : candidates) {
    if (!c.dropped && choice_beside(s, c.item)) return true;
  }
  // Words that count only alone still make a choice: "char ya panch", "pedwar neu bump".
  for (std::size_t i = 1; i + 1 < items.size(); ++i) {
    const auto hit = s.tongues.match(L::either, items, i);
    if (!hit || hit.end >= items.size() || !near_word_number(items, i - 1, hit.end)) continue;
    return true;
  }
  for (const Candidate& c : candidates) {
    std::size_t begin = c.item;
    if (s.tongues.match_before(L::between, items, c.left.at, 0, begin) ||
        s.tongues.match_before(L::between, items, c.item, 0, begin)) {
      return true;
    }
  }
  return false;
}

std::vector<Candidate> candidates_for(const Scene& s, std::size_t q) {
  std::vector<Candidate> out;
  const Question& question = s.context.questions[q];
  for (std::size_t i = 0; i < s.items().size(); ++i) {
    const Item& item = s.items()[i];
    if (!s.candidate(i) || (item.question >= 0 && item.question != static_cast<int>(q))) continue;
    Candidate c;
    c.item = i;
    c.value = item.value;
    c.left = s.left_of(i);
    c.right = s.right_of(i);
    c.bound = item.question == static_cast<int>(q);
    if (item.unit && !in_unit_of(s, q, item, c)) continue;
    judge_place(s, c);
    if (item.two_decimals && question.unit.empty() && item.value.micro % (Decimal::one / 2) != 0) {
      c.usable = false;
    }
    if (!c.dropped) out.push_back(c);
  }
  judge_sentences(s, out);
  guard_places(s, out);
  return out;
}

Verdict judge_value(const Scene& s, std::size_t qi, Decimal value, Span span,
                    std::string_view rule) {
  const Question& q = s.context.questions[qi];
  Verdict v;
  v.measure = q.measure;
  v.rule = rule;
  v.spans.push_back(span);
  if (value < q.min || value > q.max) {
    v.kind = Kind::out_of_range;
    v.value = value;
    v.ask = Ask::value;
    v.rule = "resolve.out_of_range";
    v.low_mark = q.low_is_bad ? value < q.min : value > q.max;
    return v;
  }
  if (q.step.micro > 0 && value.micro % q.step.micro != 0) {
    v = unclear("resolve.step", span, Ask::neighbours);
    const std::int64_t below = value.micro - value.micro % q.step.micro;
    v.candidates = {{below}, {below + q.step.micro}};
    v.low_mark = in_low_band(q, v.candidates[0]) && in_low_band(q, v.candidates[1]);
    return v;
  }
  v.kind = Kind::reading;
  v.value = value;
  v.alarm = (q.alarm_low && value <= *q.alarm_low) || (q.alarm_high && value >= *q.alarm_high);
  return v;
}

std::optional<Verdict> resolve_single(Scene& scene) {
  std::vector<Candidate> all = candidates_for(scene, 0);
  if (all.empty()) return std::nullopt;
  return Single{scene, scene.context.questions[0], std::move(all)}.decide();
}

}  // namespace moodline::replies
