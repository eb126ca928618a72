#include "daemon/replies/masks.hpp"

#include <algorithm>

#include "daemon/replies/mask_words.hpp"

namespace moodline::replies {
namespace {

// A measure's name in the text: the question it names, or -2 for a measure that was not asked.
struct Mention {
  std::size_t begin, end;
  int question;
};

struct Masker {
  Scene& s;
  Items& items;

  [[nodiscard]] bool near(std::size_t i) const {
    return i < items.size() && items[i].sep <= Sep::tight;
  }
  [[nodiscard]] bool word_before(std::size_t k) const {
    return k > 0 && items[k].sep <= Sep::tight && items[k - 1].kind == Item::Kind::word;
  }
  [[nodiscard]] bool word_after(std::size_t k) const {
    return near(k + 1) && items[k + 1].kind == Item::Kind::word;
  }

  void units() {
    for (std::size_t k = 0; k < items.size(); ++k) {
      Item& n = items[k];
      if (n.kind != Item::Kind::number) continue;
      n.after = k + 1;
      if (n.mask != Mask::none || n.unit || !near(k + 1)) continue;
      std::size_t best = k + 1;
      for (auto u = static_cast<std::size_t>(first_unit); u <= static_cast<std::size_t>(last_unit);
           ++u) {
        const auto hit = s.tongues.match(static_cast<L>(u), items, k + 1);
        if (hit && hit.end > best) {
          best = hit.end;
          n.unit = static_cast<L>(u);
        }
      }
      n.after = best;
    }
  }

  // "6 hours 30", "13 stone 4": two numbers that make one amount, in the first one's unit.
  void composites() {
    for (std::size_t k = 0; k < items.size(); ++k) {
      Item& n = items[k];
      if (n.kind != Item::Kind::number || n.mask != Mask::none || !n.unit) continue;
      feet_and_inches(n);
      const bool hours = *n.unit == L::unit_hours;
      const bool stone = *n.unit == L::unit_stone;
      if (!hours && !stone) continue;
      if (hours) half_after_unit(n);
      std::size_t j = n.after;
      if (s.is(j, L::join) && near(j)) ++j;
      if (!near(j) || !s.candidate(j)) continue;
      Item& part = items[j];
      const bool fits = hours ? part.unit == L::unit_minutes || (!part.unit && part.digits)
                              : part.unit == L::unit_lb || !part.unit;
      const Decimal top = hours ? Decimal::of(59) : Decimal::of(13);
      if (!fits || part.value > top || part.value < Decimal{}) continue;
      n.value.micro += hours ? part.value.micro / 60 : part.value.micro / 14;
      n.last = part.last;
      n.after = std::max(j + 1, part.after);
      part.mask = Mask::unit;
    }
  }
  // "6 foot 2", "5ft 4": the inches are no answer either.
  void feet_and_inches(const Item& n) {
    const auto& text = s.m.text;
    const std::string_view unit = text.view(text.tokens[items[n.after - 1].last - 1]);
    if (unit != "ft" && unit != "foot" && unit != "feet") return;
    if (near(n.after) && s.candidate(n.after)) s.m.items[n.after].mask = Mask::unit;
  }
  void half_after_unit(Item& n) {
    const auto half = s.tongues.match(L::half_after, items, n.after);
    if (!half || !near(n.after)) return;
    n.value.micro += Decimal::one / 2;
    n.after = half.end;
  }

  // A unit that no open question has makes the number no answer.
  void foreign_units() {
    for (Item& n : items) {
      if (n.kind != Item::Kind::number || n.mask != Mask::none || !n.unit) continue;
      const L unit = *n.unit;
      const bool wanted = std::any_of(s.names.begin(), s.names.end(), [&](const Names& q) {
        return q.unit && (*q.unit == unit || convertible(unit, *q.unit));
      });
      if (wanted) continue;
      if (unit == L::unit_percent && percent_scale()) {
        n.unit.reset();
        continue;
      }
      n.mask = unit == L::unit_money     ? Mask::money
               : unit == L::unit_percent ? Mask::percent
               : unit == L::unit_dose    ? Mask::dose
               : unit <= L::unit_time    ? Mask::duration
                                         : Mask::unit;
    }
  }
  static bool convertible(L from, L to) {
    const auto time = [](L l) { return l == L::unit_hours || l == L::unit_minutes; };
    const auto mass = [](L l) { return l == L::unit_kg || l == L::unit_lb || l == L::unit_stone; };
    const auto sugar = [](L l) { return l == L::unit_mmol || l == L::unit_mgdl; };
    return (time(from) && time(to)) || (mass(from) && mass(to)) || (sugar(from) && sugar(to));
  }
  [[nodiscard]] bool percent_scale() const {
    return s.context.questions.size() == 1 && s.context.questions[0].max == Decimal::of(100) &&
           s.context.questions[0].min == Decimal{};
  }

  // "on a scale of 1 to 10", "1 (very low) to 10 (very good)", "out of 10" before the answer.
  void scale_echo() {
    for (const Question& q : s.context.questions) {
      for (std::size_t k = 0; k < items.size(); ++k) {
        if (!s.candidate(k)) continue;
        if (items[k].value == q.max && out_of_before(k)) items[k].mask = Mask::scale_echo;
        if (items[k].value != q.min || items[k].out_of) continue;
        std::size_t j = k + 1;
        while (j < items.size() && j < k + echo_words_max && !s.candidate(j)) ++j;
        if (j >= items.size() || items[j].value != q.max || !s.candidate(j)) continue;
        const bool dash = items[j].tie == '-' && j == k + 1;
        std::size_t begin = j;
        const bool to = s.tongues.match_before(L::to, items, j, k + 1, begin).end == j;
        const bool labels = dash || (to && (begin == k + 1 || label_between(k + 1, begin, q)));
        const bool lead = k > 0 && s.tongues.match_before(L::scale_lead, items, k, 0, begin);
        if (labels && (lead || j - k > 2 || k == 0 || q.max > Decimal::of(5))) {
          items[k].mask = items[j].mask = Mask::scale_echo;
        }
      }
    }
  }
  static constexpr std::size_t echo_words_max = 10;
  [[nodiscard]] bool out_of_before(std::size_t k) const {
    std::size_t begin = k;
    if (!s.tongues.match_before(L::out_of, items, k, 0, begin)) return false;
    return begin == 0 || items[begin].sep >= Sep::comma || !s.candidate(begin - 1);
  }
  [[nodiscard]] bool label_between(std::size_t from, std::size_t to, const Question& q) const {
    std::string words;
    for (std::size_t i = from; i < to; ++i) {
      if (items[i].continues) continue;
      if (!words.empty()) words += ' ';
      words += s.m.word_text(items[i]);
    }
    return std::any_of(q.labels.begin(), q.labels.end(), [&](const ScaleLabel& label) {
      return rules::normalise_phrase(label.text) == words;
    });
  }

  void run() {
    units();
    composites();
    scale_echo();
    foreign_units();
    bind_measures();
    WordMasks masks{s, items};
    for (std::size_t k = 0; k < items.size(); ++k) {
      if (s.candidate(k) && items[k].question < 0) items[k].mask = masks.reason(k);
    }
    text_speak_again();
    joined_again();
  }

  // "meds at 8 and 8", "a meeting at 4 then 6", "back in 3-5": what is joined to a time, a count or
  // a score is one too.
  void joined_again() {
    for (std::size_t k = 1; k < items.size(); ++k) {
      const Mask tied = items[k - 1].kind == Item::Kind::number ? items[k - 1].mask : Mask::none;
      if (s.candidate(k) && items[k].tie == '-' && items[k].question < 0 && tied != Mask::none &&
          tied != Mask::scale_echo) {
        items[k].mask = tied;
      }
    }
    for (std::size_t k = 2; k < items.size(); ++k) {
      const Item& before = items[k - 2];
      if (!s.candidate(k) || items[k].question >= 0 || !near(k) || !near(k - 1)) continue;
      const bool joins = s.is(k - 1, L::join) || s.is(k - 1, L::sequence);
      if (before.kind != Item::Kind::number || !joins) continue;
      if (before.mask == Mask::clock || before.mask == Mask::date ||
          before.mask == Mask::identifier || before.mask == Mask::score) {
        items[k].mask = before.mask;
      }
    }
  }

  // "2 good 2 be true": who writes "to" in digits once in a sentence writes it so each time.
  void text_speak_again() {
    for (std::size_t k = 0; k < items.size(); ++k) {
      if (items[k].mask != Mask::text_speak) continue;
      for (std::size_t i = k; i-- > 0 && items[i + 1].sep < Sep::comma;) {
        const bool word_follows = items[i + 1].kind == Item::Kind::word && near(i + 1);
        if (!s.candidate(i) || !word_follows || items[i].value != items[k].value) continue;
        const Right right = s.right_of(i);
        if (!right.clause_end && !right.today) items[i].mask = Mask::text_speak;
      }
    }
  }

  // The number that a measure's name binds, before it or after it.
  void bind_measures() {
    std::vector<Mention> mentions;
    const bool pressure_asked =
        std::any_of(s.names.begin(), s.names.end(),
                    [](const Names& n) { return n.measure == L::systolic; }) ||
        std::any_of(s.context.questions.begin(), s.context.questions.end(),
                    [](const Question& q) { return q.shape == Shape::blood_pressure; });
    for (std::size_t i = 0; i < items.size();) {
      std::size_t end = i + 1;
      const int q = s.measure_at(i, end);
      // "weight 70 bp 124/79": the pair that it names is found by its own rule.
      const bool pair = q == -2 && pressure_asked && s.tongues.match(L::pressure, items, i);
      if (q != -1 && !pair && !is_unit_of_number(i)) mentions.push_back({i, end, q});
      i = std::max(end, i + 1);
    }
    if (mentions.empty()) return;
    const std::size_t first_number = first_candidate(0);
    const Mention& last = mentions.back();
    const bool after = first_number < mentions.front().begin &&
                       number_after(last.end, last.question) == items.size() &&
                       number_before(mentions.front().begin) != items.size();
    for (const Mention& mention : mentions) {
      const bool feeling = static_cast<bool>(s.tongues.match(L::feelings, items, mention.begin));
      if (after && feeling && mention.question < 0) continue;
      std::size_t k =
          after ? number_before(mention.begin) : number_after(mention.end, mention.question);
      if (k == items.size() && !after) k = number_before_for(mention);
      if (k == items.size() || items[k].question != -1 || !s.candidate(k)) continue;
      if (mention.question >= 0) {
        if (fits(k, mention.question)) items[k].question = mention.question;
      } else if (clause_start(mention.begin) || after) {
        items[k].mask = Mask::other_measure;
      } else if (!negated(mention.begin) && scale_word(mention.begin)) {
        items[k].doubtful = true;
      }
    }
  }
  [[nodiscard]] bool fits(std::size_t k, int question) const {
    const auto& unit = s.names[static_cast<std::size_t>(question)].unit;
    return !items[k].unit ||
           (unit && (*unit == *items[k].unit || convertible(*items[k].unit, *unit)));
  }
  [[nodiscard]] bool negated(std::size_t i) const {
    std::size_t begin = i;
    return i > 0 && s.tongues.match_before(L::negations, items, i, 0, begin);
  }
  [[nodiscard]] bool clause_start(std::size_t i) const {
    while (i > 0 && items[i].sep < Sep::comma) {
      const std::size_t p = i - 1;
      if (items[p].kind == Item::Kind::number) return true;
      if (s.skip_from(p) != i && !s.is(p, L::but) && !s.is(p, L::join)) return false;
      --i;
    }
    return true;
  }
  [[nodiscard]] bool is_unit_of_number(std::size_t i) const {
    return i > 0 && items[i - 1].kind == Item::Kind::number && items[i - 1].after > i;
  }
  [[nodiscard]] std::size_t first_candidate(std::size_t from) const {
    while (from < items.size() && !s.candidate(from)) ++from;
    return from;
  }
  // A number after the name, with nothing but linking words and fillers between.
  [[nodiscard]] std::size_t number_after(std::size_t i, int question) const {
    for (std::size_t n = 0; n < 8 && i < items.size(); ++n) {
      if (items[i].sep >= Sep::stop) break;
      if (items[i].sep == Sep::comma && question < 0) break;
      if (s.candidate(i)) return question < 0 || fits(i, question) ? i : items.size();
      std::size_t end = std::max(s.skip_from(i), i);
      for (const L l : {L::correction_strong, L::cues}) {
        if (const auto hit = s.tongues.match(l, items, i)) end = std::max(end, hit.end);
      }
      if (end == i) break;
      i = end;
    }
    return items.size();
  }
  // "5/10 mood", "5 for mood": a number right before the name.
  [[nodiscard]] std::size_t number_before(std::size_t i) const {
    for (std::size_t n = 0; n < 4 && i > 0 && items[i].sep < Sep::comma; ++n) {
      --i;
      if (s.candidate(i)) return i;
      if (s.skip_from(i) == i && !s.is(i, L::time_before)) break;
    }
    return items.size();
  }
  // Of another measure only where the clause ends with its name: "2 energy", not "6 anxious again".
  [[nodiscard]] std::size_t number_before_for(const Mention& mention) const {
    const bool ends = mention.end >= items.size() || items[mention.end].sep >= Sep::comma;
    const bool feeling = static_cast<bool>(s.tongues.match(L::feelings, items, mention.begin));
    if (mention.question < 0 && (!ends || feeling)) return items.size();
    return number_before(mention.begin);
  }
  // Words that are scored out of ten; "smoking" or "tablets" in mid-sentence bind nothing.
  [[nodiscard]] bool scale_word(std::size_t i) const {
    for (const L l : {L::energy, L::worry, L::pain, L::stress, L::craving, L::confidence,
                      L::other_measure, L::glucose, L::pressure, L::pulse}) {
      if (s.tongues.match(l, items, i)) return true;
    }
    return false;
  }
};

}  // namespace

void mask_non_answers(Scene& scene) {
  Masker{scene, scene.m.items}.run();
}

}  // namespace moodline::replies
