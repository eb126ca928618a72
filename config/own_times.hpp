// A person's own days and times, laid over what a programme has. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "config/catalogue.hpp"
#include "rules/schedule/schedule.hpp"

namespace moodline::config {

/// What a person chose. Empty: not chosen.
struct OwnTimes {
  std::vector<TimeOfDay> times;  // sorted, no doubles
  std::vector<Weekday> days;     // sorted, no doubles
  friend bool operator==(const OwnTimes&, const OwnTimes&) = default;
};

/// By prompt id: the days and times they chose for that question alone.
using OwnTimesByPrompt = std::map<std::string, OwnTimes>;

/// One prompt's schedule as this person has it: what they chose for it, else what they chose for
/// all their questions, else the programme's. Days chosen for all do not make a weekly question a
/// daily one: it stays on its day where that was chosen, else comes on the next one that was.
/// Times drawn by lot stay so; days hold for them too.
schedule::Schedule schedule_of(const Prompt& prompt, const OwnTimes& all,
                               const OwnTimesByPrompt& one);

}  // namespace moodline::config
