// What the pages show, read from the store: charts of a person's measures, the trail of an alert,
// who may look. Thread: the store's.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "daemon/checkins/setting.hpp"
#include "daemon/pages/chart.hpp"
#include "rules/base/zones.hpp"

namespace moodline::pages {

constexpr int chart_days = 28;

/// One line of an alert's trail.
struct TrailLine {
  Instant at;
  std::string words;  // plain text
};

/// One chart a component of every measure this person tracks.
std::vector<Chart> charts_of(store::ReadTx& tx, const checkins::Setting& s,
                             const store::Person& person);

/// The measures whose agreements in force name this practitioner. Nobody sees more than was agreed.
std::set<std::string> shared_measures(store::ReadTx& tx, const checkins::Setting& s,
                                      const store::Person& person, const std::string& practitioner);

/// The rule an alert fired under, as it was agreed; null where its agreement is gone.
rules::RulePtr rule_of(store::ReadTx& tx, const store::Alert& alert, store::Agreement& agreement);

/// Everything that happened about an alert, oldest first: texts, answers, looks.
std::vector<TrailLine> trail_of(store::ReadTx& tx, const checkins::Setting& s,
                                const store::Alert& alert);

/// "Ana Price, 4 working hours later; Gwen Shaw, ...": what happens where nobody answers.
std::vector<std::string> ladder_of(const config::Service& service, const store::Person& person,
                                   const rules::Rule& rule);

/// The name people know a recipient by: "Sam Reed", "the admin", "the person".
std::string called(const config::Service& service, std::string_view recipient);

/// "Tue 3 Mar, 14:05" in this zone.
std::string moment_words(const Zone& zone, Instant t);

/// Whether this practitioner may look at this person at all now: the person is there, has not
/// stopped, shares, and an agreement in force (or an urgent alert) names them.
bool may_see(store::ReadTx& tx, const checkins::Setting& s, const store::Person& person,
             const std::string& practitioner, const store::Alert* alert);

}  // namespace moodline::pages
