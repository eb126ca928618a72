#include "daemon/replies/several.hpp"

#include <algorithm>

#include "daemon/replies/blood_pressure.hpp"
#include "daemon/replies/sentence.hpp"
#include "daemon/replies/units.hpp"
#include "daemon/replies/yes_no.hpp"

namespace moodline::replies {
namespace {

struct Several {
  Scene& s;
  Verdict v;
  std::vector<std::size_t> numbers;  // candidates, in order
  std::vector<bool> pressure;        // questions that blood pressure answers
  bool conflict = false;
  bool bare_yes = false;  // "yes" alone, to several questions: kept, but asked again

  [[nodiscard]] const Items& items() const { return s.items(); }
  [[nodiscard]] std::size_t questions() const { return s.context.questions.size(); }

  void gather() {
    numbers.clear();
    for (std::size_t i = 0; i < items().size(); ++i) {
      if (!s.candidate(i)) continue;
      Candidate c;
      c.left = s.left_of(i);
      const Item& item = items()[i];
      if (item.half_word || (item.pronoun && item.question < 0 && !c.left.cue && !alone(i)))
        continue;
      numbers.push_back(i);
    }
  }
  [[nodiscard]] bool alone(std::size_t i) const {
    return (i == 0 || items()[i].sep >= Sep::comma) &&
           (i + 1 >= items().size() || items()[i + 1].sep >= Sep::comma);
  }
  // Units of exactly one question bind; a foreign reading of the same unit does not.
  void bind_units() {
    for (const std::size_t i : numbers) {
      Item& item = s.m.items[i];
      if (item.question != -1 || !item.unit) continue;
      for (std::size_t q = 0; q < questions(); ++q) {
        Candidate c;
        if (s.names[q].unit && in_unit(q, item, c)) item.question = static_cast<int>(q);
      }
    }
  }
  [[nodiscard]] bool in_unit(std::size_t q, const Item& item, Candidate& c) const {
    return in_unit_of(s, q, item, c);
  }
  // "feeling a 5" beside another measure's number: the first scale that nothing binds yet.
  void bind_cues() {
    for (const std::size_t i : numbers) {
      if (items()[i].question != -1 || !s.left_of(i).cue) continue;
      // "just 5", "its 6 tonight": of two questions nobody knows which.
      if (numbers.size() == 1 && !tells_feeling(s.left_of(i).at, i)) continue;
      std::vector<std::size_t> open;
      for (std::size_t q = 0; q < questions(); ++q) {
        if (!taken(q) && s.context.questions[q].unit.empty()) open.push_back(q);
      }
      const bool mood_first = !open.empty() && s.names[open[0]].measure == L::mood;
      if (open.size() == 1 || mood_first) s.m.items[i].question = static_cast<int>(open[0]);
    }
  }
  [[nodiscard]] bool tells_feeling(std::size_t from, std::size_t to) const {
    for (std::size_t k = from; k < to; ++k) {
      const std::string_view w = s.m.word_text(items()[k]);
      if (s.is(k, L::subject) || s.is(k, L::mood) || w.starts_with("feel")) return true;
    }
    return false;
  }
  [[nodiscard]] bool taken(std::size_t q) const {
    return (q < pressure.size() && pressure[q]) ||
           std::any_of(numbers.begin(), numbers.end(),
                       [&](std::size_t i) { return items()[i].question == static_cast<int>(q); });
  }
  [[nodiscard]] std::vector<std::size_t> unbound() const {
    std::vector<std::size_t> out;
    for (const std::size_t i : numbers) {
      if (items()[i].question == -1) out.push_back(i);
    }
    return out;
  }
  [[nodiscard]] std::vector<std::size_t> open_questions() const {
    std::vector<std::size_t> out;
    for (std::size_t q = 0; q < questions(); ++q) {
      if (!taken(q)) out.push_back(q);
    }
    return out;
  }
  bool store(std::size_t q, Decimal value, std::size_t i) {
    const Item& item = items()[i];
    const Left left = s.left_of(i);
    const Right right = s.right_of(i);
    const Question& question = s.context.questions[q];
    if (item.invalid || item.doubtful || left.negated || left.bounded || right.bounded ||
        left.wished || left.past || right.past || left.usual || choice_beside(s, i) ||
        item.out_of.value_or(question.max) != question.max) {
      conflict = true;
      return false;
    }
    const Verdict judged = judge_value(s, q, value, s.m.span_of(i, i + 1), "several");
    if (judged.kind != Kind::reading) {
      v.low_mark |= judged.low_mark;
      return false;
    }
    const auto [it, fresh] = v.values.emplace(question.measure, value);
    if (!fresh && it->second != value) {
      v.values.erase(it);
      conflict = true;
      return false;
    }
    v.alarm |= judged.alarm;
    v.spans.push_back(s.m.span_of(i, i + 1));
    return true;
  }
  void store_bound() {
    for (const std::size_t i : numbers) {
      const Item& item = items()[i];
      if (item.question < 0) continue;
      const auto q = static_cast<std::size_t>(item.question);
      Candidate c;
      c.value = item.value;
      if (item.unit && !in_unit(q, item, c)) continue;
      store(q, c.value, i);
    }
  }
  // Position alone: as many bare numbers as open questions, spaced all alike.
  bool by_position(const std::vector<std::size_t>& bare, const std::vector<std::size_t>& open) {
    if (bare.size() != open.size() || bare.size() < 2) return false;
    for (std::size_t n = 0; n < bare.size(); ++n) {
      const Item& item = items()[bare[n]];
      if (item.tie == '/' || item.from_typo || item.own_language) return false;
      const std::size_t from = n == 0 ? bare[0] : bare[n - 1] + 1;
      std::size_t between = n > 0 ? std::max(from, items()[bare[n - 1]].after) : bare[n];
      if (n > 0 && s.is(between, L::join)) ++between;  // "5 and 7"
      if (n > 0 && !s.filler_between(between, bare[n])) {
        return false;
      }
      if (s.left_of(bare[n]).negated) return false;
    }
    for (std::size_t n = 0; n < bare.size(); ++n) {
      const Verdict judged =
          judge_value(s, open[n], items()[bare[n]].value, {}, "several.position");
      if (judged.kind != Kind::reading) return false;
    }
    for (std::size_t n = 0; n < bare.size(); ++n) store(open[n], items()[bare[n]].value, bare[n]);
    return true;
  }
  bool for_all(const std::vector<std::size_t>& bare) {
    if (bare.size() != 1) return false;
    for (std::size_t i = 0; i < items().size(); ++i) {
      if (!s.tongues.match(L::all, items(), i)) continue;
      for (std::size_t q = 0; q < questions(); ++q) {
        const Question& question = s.context.questions[q];
        const Decimal value = items()[bare[0]].value;
        const bool holds = value >= question.min && value <= question.max;
        if (question.shape != Shape::scalar || !holds) return false;
      }
      for (std::size_t q = 0; q < questions(); ++q) store(q, items()[bare[0]].value, bare[0]);
      return true;
    }
    return false;
  }
  // "worry none": nothing at all, said right after the measure's name.
  void named_zero() {
    for (std::size_t i = 0; i < items().size(); ++i) {
      std::size_t end = i;
      const int q = s.measure_at(i, end);
      if (q < 0 || taken(static_cast<std::size_t>(q)) || end >= items().size()) continue;
      const auto& question = s.context.questions[static_cast<std::size_t>(q)];
      const bool joined = items()[end].sep <= Sep::dash;
      const bool ends = end + 1 >= items().size() || items()[end + 1].sep >= Sep::comma ||
                        (s.skip_from(end + 1) > end + 1 && !s.is(end + 1, L::out_of)) ||
                        s.is(end + 1, L::join);
      if (joined && ends && question.min == Decimal{} && s.is(end, L::amount_zero)) {
        v.values.emplace(question.measure, Decimal{});
        v.spans.push_back(s.m.span_of(i, end + 1));
      }
    }
  }
  [[nodiscard]] bool bare_form() const {
    for (std::size_t i = 0; i < items().size(); ++i) {
      const bool word = items()[i].kind == Item::Kind::word;
      if (word && !s.is(i, L::bare) && s.skip_from(i) == i) return false;
    }
    return true;
  }
  void yes_no_parts() {
    for (std::size_t q = 0; q < questions(); ++q) {
      if (s.context.questions[q].shape != Shape::yes_no || taken(q)) continue;
      if (const auto value = yes_no_within(s)) {
        v.values.emplace(s.context.questions[q].measure, *value ? Decimal::of(1) : Decimal{});
        bare_yes = numbers.empty() && bare_form();
      }
    }
  }
  Verdict finish() {
    for (std::size_t q = 0; q < questions(); ++q) {
      const std::string& name = s.context.questions[q].measure;
      const bool kept = v.values.contains(name) || v.values.contains(name + ".systolic");
      if (!kept) v.ask_measures.push_back(name);
    }
    if (v.values.empty()) {
      Verdict none =
          unclear("several.which",
                  numbers.empty() ? Span{} : s.m.span_of(numbers.front(), numbers.front() + 1),
                  Ask::which_measure);
      none.ask_measures = v.ask_measures;
      return none;
    }
    v.kind = Kind::readings;
    v.rule = v.rule.empty() ? "several.named" : v.rule;
    if (!v.ask_measures.empty()) v.ask = Ask::which_measure;
    if (bare_yes && !v.ask_measures.empty()) v.kind = Kind::unclear;
    return v;
  }
  std::optional<Verdict> run() {
    pressure = read_pressure_part(s, v);
    gather();
    if (numbers.empty() && v.values.empty()) {
      named_zero();
      yes_no_parts();
      if (v.values.empty()) return std::nullopt;
      return finish();
    }
    bind_units();
    bind_cues();
    std::vector<std::size_t> bare = unbound();
    const std::vector<std::size_t> open = open_questions();
    if (bare.size() == numbers.size() && v.values.empty()) {
      if (for_all(bare)) {
        v.rule = "several.all";
        return finish();
      }
      if (by_position(bare, open)) {
        v.rule = "several.position";
        return finish();
      }
      // "6, taken": the number can only be the one scale's, since the yes is the other's answer.
      if (bare.size() == 1 && numeric(open).size() == 1 && yes_no_within(s) && sure(bare[0])) {
        s.m.items[bare[0]].question = static_cast<int>(numeric(open)[0]);
      }
    } else if (bare.size() == 1 && numeric(open).size() == 1 && sure(bare[0])) {
      s.m.items[bare[0]].question = static_cast<int>(numeric(open)[0]);
    }
    store_bound();
    named_zero();
    yes_no_parts();
    if (numbers.empty() && v.values.empty()) return std::nullopt;
    return finish();
  }
  [[nodiscard]] std::vector<std::size_t> numeric(const std::vector<std::size_t>& open) const {
    std::vector<std::size_t> out;
    for (const std::size_t q : open) {
      if (s.context.questions[q].shape == Shape::scalar) out.push_back(q);
    }
    return out;
  }
  [[nodiscard]] bool sure(std::size_t i) const {
    const Left left = s.left_of(i);
    const Right right = s.right_of(i);
    return (left.text_start || left.hard_start || right.text_end || left.cue ||
            (left.clause_start && right.clause_end)) &&
           items()[i].tie == 0 && !items()[i].from_typo;
  }
};

}  // namespace

std::optional<Verdict> resolve_several(Scene& scene) {
  return Several{scene, {}, {}, {}}.run();
}

}  // namespace moodline::replies
