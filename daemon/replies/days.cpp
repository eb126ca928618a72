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
  if (const auto night = s.tongues.match(L::last_night, s.items(), i); night && s.asks_night) {
    end = night.end;
    return 0;
  }
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

namespace {

struct DayWord {
  std::size_t begin = 0, end = 0;
  int back = 0;
};

// The one day word of the number's clause; nothing when there is none or a second one.
std::optional<DayWord> day_of_clause(const Scene& s, std::size_t number) {
  std::size_t from = number;
  while (from > 0 && s.items()[from].sep < Sep::comma) --from;
  std::optional<DayWord> found;
  for (std::size_t i = from; i < s.items().size();) {
    if (i > number && s.items()[i].sep >= Sep::comma) break;
    std::size_t end = i;
    const auto back = day_at(s, i, end);
    if (!back) {
      ++i;
      continue;
    }
    const bool vague = s.tongues.match(L::past, s.items(), i).end >= end;  // "the other day"
    if (found || vague) return std::nullopt;
    found = DayWord{i, end, *back};
    i = end;
  }
  return found;
}

// Every word of the clause is the number, the day, or one that changes nothing.
bool plain_clause(const Scene& s, std::size_t q, std::size_t number, const DayWord& day) {
  const Items& items = s.items();
  std::size_t from = std::min(number, day.begin);
  while (from > 0 && items[from].sep < Sep::comma) --from;
  for (std::size_t i = from; i < items.size();) {
    if (i > number && i >= day.end && items[i].sep >= Sep::comma) break;
    std::size_t end = s.skip_from(i);
    if (i == number) {
      end = std::max(number + 1, items[number].after);
    } else if (i == day.begin) {
      end = day.end;
    } else if (i + 1 == day.begin && s.is(i, L::time_before)) {
      end = day.begin;  // "3 for yesterday"
    } else {
      std::size_t named = i;
      if (s.measure_at(i, named) == static_cast<int>(q)) end = std::max(end, named);
      for (const L l : {L::cues, L::subject}) {
        if (const auto hit = s.tongues.match(l, items, i)) end = std::max(end, hit.end);
      }
      // A cue may end with the day or hold it, never the number.
      if (i < day.begin) end = std::min(end, day.begin);
      if (i < number) end = std::min(end, number);
    }
    if (end <= i) return false;
    i = end;
  }
  return true;
}

}  // namespace

std::optional<Verdict> resolve_day(const Scene& s, std::size_t q,
                                   const std::vector<Candidate>& all) {
  if (all.size() != 1) return std::nullopt;
  const Candidate& c = all.front();
  const Item& item = s.items()[c.item];
  if (item.invalid || item.doubtful || c.left.negated || c.left.bounded || c.right.bounded ||
      c.left.wished || c.left.usual ||
      item.out_of.value_or(s.context.questions[q].max) != s.context.questions[q].max) {
    return std::nullopt;
  }
  const auto day = day_of_clause(s, c.item);
  // "yesterday was a 3" tells of a day that is over; "yesterday 3" and "Tue 3" put it there.
  const bool beside = day && day->end == c.item;
  if (!beside || day->back < 1 || day->back > days_back_max || !plain_clause(s, q, c.item, *day)) {
    return std::nullopt;
  }
  Verdict v = judge_value(s, q, c.value,
                          s.m.span_of(std::min(c.item, day->begin), std::max(c.item + 1, day->end)),
                          "resolve.day");
  if (v.kind != Kind::reading) return v;
  v.for_day = day->back;
  v.converted_from = c.converted;
  const bool empty = day->back == 1 && s.context.yesterday_empty;
  if (s.context.something_to_correct && !empty) v.kind = Kind::correction;
  return v;
}

}  // namespace moodline::replies
