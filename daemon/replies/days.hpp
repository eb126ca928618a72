// Days: "Mon 3 Tue 4", "yesterday 4, today 6". Each value goes to its own day, within 7 days.
#pragma once
#include <optional>
#include <vector>

#include "daemon/replies/resolve.hpp"

namespace moodline::replies {

constexpr int days_back_max = 7;

/// Values bound to days, when there are two or more and every one is bound to a different day;
/// or a value for today beside others that are said to be past. Nothing when days decide nothing.
std::optional<Verdict> resolve_days(const Scene& scene, std::size_t q,
                                    const std::vector<Candidate>& all);

/// One value whose clause says nothing but its day ("yesterday 3", "Tue was a 4"): it goes to that
/// day, as a correction where something stands there already.
std::optional<Verdict> resolve_day(const Scene& scene, std::size_t q,
                                   const std::vector<Candidate>& all);

/// Days back that the day word next to item `i` names (0 today, 1 yesterday, weekdays by
/// context.today); nothing when there is none, or the weekday cannot be placed.
std::optional<int> day_beside(const Scene& scene, const Candidate& c);

/// Any day word in the text, as days back: for corrections ("meant 4 for Tuesday").
std::optional<int> day_anywhere(const Scene& scene);

}  // namespace moodline::replies
