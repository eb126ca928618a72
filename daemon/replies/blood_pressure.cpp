#include "daemon/replies/blood_pressure.hpp"

#include <algorithm>

#include "daemon/replies/resolve.hpp"

namespace moodline::replies {
namespace {

constexpr std::int64_t gap_min = 10;  // mmHg that the upper value exceeds the lower by

struct Parts {
  std::optional<std::size_t> joint, upper, lower;  // question indexes
  [[nodiscard]] bool asked() const { return joint || (upper && lower); }
};

Parts parts_of(const Scene& s) {
  Parts p;
  for (std::size_t q = 0; q < s.context.questions.size(); ++q) {
    const Question& question = s.context.questions[q];
    if (question.shape == Shape::blood_pressure) p.joint = q;
    if (s.names[q].measure == L::systolic) p.upper = q;
    if (s.names[q].measure == L::diastolic) p.lower = q;
  }
  return p;
}

struct Pair {
  std::size_t a, b;  // items: as written, first and second
  Decimal upper, lower;
};

struct Finder {
  Scene& s;
  Parts parts;

  [[nodiscard]] const Items& items() const { return s.items(); }
  [[nodiscard]] const Question& upper_question() const {
    return s.context.questions[parts.joint ? *parts.joint : *parts.upper];
  }
  [[nodiscard]] bool upper_fits(Decimal d) const {
    const Question& q = upper_question();
    return parts.joint ? d >= q.systolic_min && d <= q.systolic_max : d >= q.min && d <= q.max;
  }
  [[nodiscard]] bool lower_fits(Decimal d) const {
    const Question& q = s.context.questions[parts.joint ? *parts.joint : *parts.lower];
    return parts.joint ? d >= q.diastolic_min && d <= q.diastolic_max : d >= q.min && d <= q.max;
  }
  // Large enough to be part of a pressure at all; masks of other kinds do not count.
  [[nodiscard]] bool plausible(const Item& item) const {
    const bool open = item.mask == Mask::none || item.mask == Mask::count ||
                      item.mask == Mask::identifier || item.mask == Mask::clock;
    return item.kind == Item::Kind::number && open && item.value >= Decimal::of(30) &&
           item.value <= Decimal::of(300) && (!item.unit || *item.unit == L::unit_mmhg);
  }
  // "pulse 72", "72 bpm", "hr 70".
  [[nodiscard]] bool is_pulse(std::size_t i) const {
    if (items()[i].unit == L::unit_bpm) return true;
    std::size_t j = i;
    for (int n = 0; n < 3 && j > 0 && items()[j].sep <= Sep::dash; ++n) {
      --j;
      if (s.is(j, L::pulse)) return true;
      if (items()[j].kind == Item::Kind::number) break;
    }
    const std::size_t k = std::max(i + 1, items()[i].after);
    const bool named = k < items().size() && items()[k].sep <= Sep::tight && s.is(k, L::pulse);
    return named && (k + 1 >= items().size() || items()[k + 1].kind != Item::Kind::number);
  }
  [[nodiscard]] std::vector<Pair> pairs(std::vector<std::size_t>& singles) const {
    std::vector<Pair> out;
    for (std::size_t i = 0; i < items().size(); ++i) {
      const Item& item = items()[i];
      if (item.kind != Item::Kind::number || is_pulse(i)) continue;
      if (item.out_of && item.mask == Mask::none) {  // "128/82" was read as a ratio
        out.push_back({i, i, item.value, *item.out_of});
        continue;
      }
      if (!plausible(item)) continue;
      const std::size_t j = partner(i);
      if (j != 0) {
        out.push_back({i, j, item.value, items()[j].value});
        i = j;
      } else {
        singles.push_back(i);
      }
    }
    return out;
  }
  // The number that follows with only "over", "/", a comma or a line between; 0 when none.
  [[nodiscard]] std::size_t partner(std::size_t i) const {
    std::size_t j = std::max(i + 1, items()[i].after);
    for (int n = 0; n < 3 && j < items().size(); ++n) {
      if (plausible(items()[j]) && !is_pulse(j) && !items()[j].out_of) return j;
      const bool link = s.is(j, L::bounds) || s.is(j, L::out_of) || s.is(j, L::diastolic) ||
                        s.is(j, L::systolic) || s.is(j, L::join) || s.skip_from(j) > j;
      if (!link) return 0;
      j = std::max(j + 1, s.skip_from(j));
    }
    return 0;
  }
  [[nodiscard]] bool trusted(const Pair& p) const {
    return upper_fits(p.upper) && lower_fits(p.lower) &&
           p.upper.micro - p.lower.micro >= gap_min * Decimal::one;
  }
  // "bottom 82 top 128": the names say which is which.
  void by_name(Pair& p) const {
    const auto named = [&](std::size_t i, L l) {
      for (std::size_t j = i; j > 0 && i - j < 3; --j) {
        if (items()[j].sep > Sep::dash) break;
        if (s.is(j - 1, l)) return true;
        if (items()[j - 1].kind == Item::Kind::number) break;
      }
      return false;
    };
    if (p.a != p.b && named(p.a, L::diastolic) && named(p.b, L::systolic)) {
      std::swap(p.upper, p.lower);
    }
  }
  void store(const Pair& p, Verdict& v) const {
    const Question& q = upper_question();
    const std::string upper =
        parts.joint ? q.measure + ".systolic" : s.context.questions[*parts.upper].measure;
    const std::string lower =
        parts.joint ? q.measure + ".diastolic" : s.context.questions[*parts.lower].measure;
    v.values[upper] = p.upper;
    v.values[lower] = p.lower;
    v.spans.push_back(s.m.span_of(p.a, p.b + 1));
    const auto alarmed = [](const Question& question, Decimal d) {
      return (question.alarm_high && d >= *question.alarm_high) ||
             (question.alarm_low && d <= *question.alarm_low);
    };
    v.alarm |= alarmed(q, p.upper);
    if (!parts.joint) v.alarm |= alarmed(s.context.questions[*parts.lower], p.lower);
  }
};

}  // namespace

bool only_pressure(const Scene& s) {
  const Parts p = parts_of(s);
  return p.asked() && s.context.questions.size() == (p.joint ? 1U : 2U);
}

std::vector<bool> read_pressure_part(Scene& s, Verdict& v) {
  std::vector<bool> answered(s.context.questions.size(), false);
  Finder f{s, parts_of(s)};
  if (!f.parts.asked()) return answered;
  std::vector<std::size_t> singles;
  std::vector<Pair> pairs = f.pairs(singles);
  const bool alone = only_pressure(s);
  if (!alone) {
    std::erase_if(pairs, [&](const Pair& p) { return !f.trusted(p); });
  }
  for (Pair& p : pairs) f.by_name(p);
  if (pairs.size() == 1 && f.trusted(pairs.front())) f.store(pairs.front(), v);
  for (const Pair& p : pairs) {
    s.m.items[p.a].mask = s.m.items[p.b].mask = Mask::other_measure;
  }
  for (std::size_t i = 0; i < s.items().size(); ++i) {
    if (s.candidate(i) && f.is_pulse(i)) s.m.items[i].mask = Mask::other_measure;
  }
  if (f.parts.joint) answered[*f.parts.joint] = true;
  if (f.parts.upper) answered[*f.parts.upper] = true;
  if (f.parts.lower) answered[*f.parts.lower] = true;
  return answered;
}

std::optional<Verdict> resolve_pressure(Scene& s) {
  Finder f{s, parts_of(s)};
  std::vector<std::size_t> singles;
  std::vector<Pair> pairs = f.pairs(singles);
  for (Pair& p : pairs) f.by_name(p);
  if (pairs.empty() && singles.empty()) return std::nullopt;
  const std::size_t first = pairs.empty() ? singles.front() : pairs.front().a;
  const std::size_t last = pairs.empty() ? singles.back() : pairs.back().b;
  const bool one = pairs.size() == 1 && f.trusted(pairs.front());
  const Left left = s.left_of(first);
  // "aim for 130/80", "under 140/90": nobody's pressure of today.
  const bool negated = left.negated || left.past || left.wished || left.bounded;
  if (!one || negated) {
    return unclear("pressure.pair", s.m.span_of(first, last + 1));
  }
  Verdict v;
  v.kind = Kind::readings;
  v.rule = "pressure.pair";
  f.store(pairs.front(), v);
  return v;
}

}  // namespace moodline::replies
