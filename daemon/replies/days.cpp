#include "daemon/replies/days.hpp"

#include <algorithm>
#include <set>

namespace moodline::replies {
namespace {

// A weekday nobody can place (the date is not known) counts as bound, without a day.
constexpr int unplaced = 100;

std::optional<int> weekday_back(const Scene& s, Weekday day) {
  if (!s.context.today) return unplaced + static_cast<int>(day);
  const int today = static_cast<int>(s.context.today->weekday());
  return (today - static_cast<int>(day) + 7) % 7;
}

// The day word that starts at `i`.
std::optional<int> day_at(const Scene& s, std::size_t i, std::size_t& end) {
  if (const auto hit = s.tongues.match(L::today, s.items(), i)) {
    end = hit.end;
    return 0;
  }
  if (const auto hit = s.tongues.match(L::yesterday, s.items(), i)) {
    end = hit.end;
    return 1;
  }
  for (int d = 0; d < 7; ++d) {
    const auto list = static_cast<L>(static_cast<int>(L::monday) + d);
    if (const auto hit = s.tongues.match(list, s.items(), i)) {
      end = hit.end;
      return weekday_back(s, static_cast<Weekday>(d));
    }
  }
  return std::nullopt;
}

bool linking(const Scene& s, std::size_t from, std::size_t to) {
  return s.filler_between(from, to);
}

}  // namespace

std::optional<int> day_beside(const Scene& s, const Candidate& c) {
  // Before, in the same clause or across a colon: "Mon 3", "Tue: 4", "today was a 6".
  const std::size_t floor = c.item > 4 ? c.item - 4 : 0;
  for (std::size_t i = c.item; i-- > floor;) {
    std::size_t end = i;
    if (s.candidate(i)) break;
    const auto day = day_at(s, i, end);
    if (day && end <= c.item && linking(s, end, c.item)) return day;
  }
  std::size_t i = std::max(c.item + 1, s.items()[c.item].after);
  if (i < s.items().size() && s.is(i, L::time_before)) ++i;  // "3 on monday"
  if (i >= s.items().size() || s.items()[i].sep >= Sep::comma) return std::nullopt;
  std::size_t end = i;
  return day_at(s, i, end);
}

std::optional<int> day_anywhere(const Scene& s) {
  for (std::size_t i = 0; i < s.items().size(); ++i) {
    std::size_t end = i;
    const auto day = day_at(s, i, end);
    if (day && *day > 0 && *day <= days_back_max) return day;
  }
  return std::nullopt;
}

std::optional<Verdict> resolve_days(const Scene& s, std::size_t q,
                                    const std::vector<Candidate>& all) {
  if (all.size() < 2) return std::nullopt;
  std::map<int, Decimal> by_day;
  bool named = false;
  for (const Candidate& c : all) {
    const auto day = day_beside(s, c);
    const Item& item = s.items()[c.item];
    if (!day || item.out_of.value_or(s.context.questions[q].max) != s.context.questions[q].max ||
        item.invalid || c.left.negated || c.left.bounded || c.right.bounded || c.left.wished) {
      return std::nullopt;
    }
    named |= *day > 1;
    if (!by_day.emplace(*day, c.value).second) return std::nullopt;
  }
  for (const auto& [day, value] : by_day) {
    const Verdict judged = judge_value(s, q, value, {}, "resolve.days");
    if (judged.kind != Kind::reading || day >= unplaced) return std::nullopt;
  }
  Verdict v = judge_value(s, q, by_day.begin()->second,
                          s.m.span_of(all.front().item, all.back().item + 1), "resolve.days");
  v.for_day = by_day.begin()->first;
  v.by_day = by_day;
  v.only_if_empty = !named;
  return v;
}

}  // namespace moodline::replies
