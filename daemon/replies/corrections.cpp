#include "daemon/replies/corrections.hpp"

#include <algorithm>

#include "daemon/replies/resolve.hpp"

namespace moodline::replies {
namespace {

struct Corrector {
  Scene& s;
  std::vector<std::size_t> numbers;  // candidates, in order

  [[nodiscard]] const Items& items() const { return s.items(); }
  [[nodiscard]] bool linked(std::size_t from, std::size_t to) const {
    return s.filler_between(from, to);
  }
  void gather() {
    for (std::size_t i = 0; i < items().size(); ++i) {
      const Item& n = items()[i];
      if (s.candidate(i) && !n.half_word && !n.own_language && !n.from_typo) numbers.push_back(i);
    }
  }
  void keep(std::size_t which) {
    s.m.items[which].star = true;
    for (const std::size_t i : numbers) {
      if (i != which) s.m.items[i].mask = Mask::edited;
    }
  }
  // "4 not 7", "mood 4 not 7", "meant 6 not 9"; "not 7, 6"; "no 4 not 5".
  std::optional<CorrectionResult> a_not_b() {
    if (numbers.size() != 2) return std::nullopt;
    const std::size_t a = numbers[0];
    const std::size_t b = numbers[1];
    if (same_answer(a, b)) return std::nullopt;
    const std::size_t after_a = std::max(a + 1, items()[a].after);
    const auto between = s.tongues.match(L::correction_not, items(), after_a, Sep::comma);
    std::size_t denied = a;
    const bool neither = s.tongues.match_before(L::correction_not, items(), a, 0, denied) &&
                         s.tongues.match_before(L::correction_not, items(), b, after_a, denied);
    if (neither) return std::nullopt;  // "not a 2, not a 9"
    if (between && items()[after_a].sep <= Sep::comma && linked(between.end, b)) {
      if (items()[a].value == items()[b].value) {
        return CorrectionResult{true, unclear("correction.same", s.m.span_of(a, b + 1)), {}};
      }
      keep(a);

      return done(a, b + 1);
    }
    std::size_t begin = a;
    const bool negated = a > 0 && s.tongues.match_before(L::correction_not, items(), a, 0, begin);
    if (negated && begin == 0 && items()[b].sep <= Sep::stop && linked(after_a, b) &&
        items()[b].sep >= Sep::comma && items()[a].value != items()[b].value) {
      keep(b);
      return done(begin, b + 1);
    }
    return std::nullopt;
  }
  // Only one number may answer each question: two named ones are no correction of each other.
  [[nodiscard]] bool same_answer(std::size_t a, std::size_t b) const {
    return items()[a].question >= 0 && items()[b].question >= 0 &&
           items()[a].question != items()[b].question;
  }

  // "change mine from 4 to 5".
  std::optional<CorrectionResult> from_a_to_b() {
    if (numbers.size() != 2) return std::nullopt;
    std::size_t begin = numbers[0];
    if (!s.tongues.match_before(L::correction_from, items(), numbers[0], 0, begin)) {
      return std::nullopt;
    }
    const auto to = s.tongues.match(L::to, items(), numbers[0] + 1);
    if (!to || !linked(to.end, numbers[1])) return std::nullopt;
    keep(numbers[1]);
    return done(begin, numbers[1] + 1);
  }
  CorrectionResult done(std::size_t from, std::size_t to) const {
    return {true, std::nullopt, s.m.span_of(from, to)};
  }
  struct Marker {
    std::size_t begin, end;
    bool strong;
  };
  [[nodiscard]] std::vector<Marker> markers() const {
    std::vector<Marker> out;
    for (std::size_t i = 0; i < items().size();) {
      const auto none = s.tongues.match(L::correction_none, items(), i);
      const auto strong = s.tongues.match(L::correction_strong, items(), i, Sep::dash);
      const auto weak = s.tongues.match(L::correction_weak, items(), i, Sep::dash);
      const std::size_t best = std::max(strong.end, weak.end);
      const auto denied = s.tongues.match(L::negations, items(), i);
      if (weak && !strong && denied && denied.end > best) {
        i = denied.end;  // Spanish "no es un 7" denies; it corrects nothing
      } else if (none && none.end >= best) {
        i = none.end;  // "sorry for the late reply" corrects nothing
      } else if (best > i && s.is(i, L::no) && best == i + 1 && items()[i].sep < Sep::comma &&
                 i > 0 && i + 1 < items().size() && items()[i + 1].sep < Sep::comma) {
        ++i;  // "5 no 6" may mean either; "5, no, 6" does not
      } else if (best > i) {
        out.push_back({i, best, strong.end >= best});
        i = best;
      } else {
        ++i;
      }
    }
    return out;
  }
  // The value after the last marker; a weak marker must touch it.
  std::optional<CorrectionResult> after_marker() {
    const std::vector<Marker> all = markers();
    for (std::size_t n = all.size(); n-- > 0;) {
      const Marker& marker = all[n];
      std::vector<std::size_t> later;
      for (const std::size_t i : numbers) {
        if (i >= marker.end) later.push_back(i);
      }
      if (later.empty()) continue;
      const bool touches = links(marker.end, later.front());
      if (!marker.strong && (!touches || !s.right_of(later.front()).clause_end)) continue;
      if (marker.strong && !touches && marker.begin > 0 && later.size() == numbers.size()) continue;
      if (different(later)) return std::nullopt;
      if (later.size() == 1 && denied_between(marker.end, later.front())) {  // "oops not an 8"
        const Span span = s.m.span_of(marker.begin, later.back() + 1);
        return CorrectionResult{true, unclear("correction.no_value", span, Ask::new_value), span};
      }
      keep_all(later);
      return done(marker.begin, later.back() + 1);
    }
    // The marker stands after its one value: "that should have been a 7 sorry", "6 *typo".
    if (numbers.empty() || different(numbers)) return std::nullopt;
    for (const Marker& marker : all) {
      const std::size_t last = std::max(numbers.back() + 1, items()[numbers.back()].after);
      if (marker.begin >= last && linked(last, marker.begin) && after_form(marker.begin)) {
        keep_all(numbers);
        return done(numbers.front(), marker.end);
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] bool denied_between(std::size_t from, std::size_t to) const {
    for (std::size_t i = from; i < to; ++i) {
      if (s.tongues.match(L::negations, items(), i)) return true;
    }
    return false;
  }
  [[nodiscard]] bool after_form(std::size_t i) const {
    return static_cast<bool>(s.tongues.match(L::correction_after, items(), i));
  }
  // Fillers, the measure's name and further markers may stand between marker and value.
  [[nodiscard]] bool links(std::size_t from, std::size_t to) const {
    while (from < to) {
      std::size_t end = s.skip_from(from);
      for (const L l : {L::correction_strong, L::correction_weak, L::cues, L::yesterday}) {
        if (const auto hit = s.tongues.match(l, items(), from, Sep::dash)) {
          end = std::max(end, hit.end);
        }
      }
      std::size_t named = from;
      if (s.measure_at(from, named) >= 0) end = std::max(end, named);
      if (end <= from) return false;
      from = end;
    }
    return from == to;
  }
  [[nodiscard]] bool different(const std::vector<std::size_t>& which) const {
    return std::any_of(which.begin(), which.end(), [&](std::size_t i) {
      return items()[i].value != items()[which.front()].value;
    });
  }
  void keep_all(const std::vector<std::size_t>& which) {
    for (const std::size_t i : which) s.m.items[i].star = true;
    for (const std::size_t i : numbers) {
      if (std::find(which.begin(), which.end(), i) == which.end()) {
        s.m.items[i].mask = Mask::edited;
      }
    }
  }
  std::optional<CorrectionResult> starred() {
    for (const std::size_t i : numbers) {
      if (items()[i].star && numbers.size() == 1) return done(i, i + 1);
    }
    return std::nullopt;
  }
  CorrectionResult run() {
    gather();
    if (numbers.empty()) {
      for (std::size_t i = 0; i < items().size(); ++i) {
        const auto hit = s.tongues.match(L::correction_alone, items(), i);
        if (hit) {
          const auto span = s.m.span_of(i, hit.end);
          return {true, unclear("correction.no_value", span, Ask::new_value), span};
        }
      }
      return {};
    }
    if (auto r = starred()) return *r;
    if (auto r = a_not_b()) return *r;
    if (auto r = from_a_to_b()) return *r;
    if (auto r = after_marker()) return *r;
    return {};
  }
};

}  // namespace

CorrectionResult read_correction(Scene& scene) {
  return Corrector{scene, {}}.run();
}

}  // namespace moodline::replies
