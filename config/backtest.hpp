// Backtest: a rule rehearsed on past data with the same engine, read-only. What was known then
// counts: a log is walked by the instant each thing was learned.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"
#include "rules/base/zones.hpp"
#include "rules/engine/event.hpp"

namespace moodline::config {

constexpr std::size_t history_rows_max = 5'000'000;
/// Smaller numbers of people are not shown in output that is shared.
constexpr int small_count_max = 4;

/// A number of the rule as one person has agreed to it, and where a file says so.
struct ChosenNumber {
  Decimal value;
  int line = 0;
  int column = 0;
};

/// One person's past.
struct History {
  std::string person;
  std::string practitioner;  // for the burden of each; may be empty
  Zone zone = Zone::utc();
  std::vector<rules::Event> log;  // sorted by learned
  /// By param, from a CSV's columns `with.NAME`: the last one of each that is filled in.
  std::map<std::string, ChosenNumber, std::less<>> numbers = {};
  /// The rules with this person's own numbers; null: as given to backtest().
  rules::RulePtr own = nullptr;
  rules::RulePtr own_against = nullptr;
};

/// CSV with a header: person,at,what,value and optionally learned,practitioner,timezone,for_day and
/// `with.NAME` for each name of `params`, such as with.days: the person's own number.
/// `at` and `learned` are RFC 3339. `what` is reply, low, text, correction, or a prompt's status:
/// sent, delivered, not_sent, undelivered, paused. Each bad row is a problem with its line; the
/// good rows are still returned.
std::vector<History> read_history_csv(std::string_view file, std::string_view csv, const Zone& zone,
                                      Problems& problems,
                                      const std::vector<std::string>& params = {});

struct BacktestCounts {
  int people = 0;
  int people_with_fire = 0;
  int fires = 0;
  int cleared = 0;
  double person_months = 0;       // of 30.44 days, from first to last row of each
  double practitioner_weeks = 0;  // weeks of each practitioner's people, together
  std::optional<double> median_days_open;
  [[nodiscard]] double per_person_month() const;
  [[nodiscard]] double per_practitioner_week() const;
};

struct BacktestDate {
  std::string person;
  LocalDate date;
  std::string in;  // the rule that fires then and the other does not
};

struct BacktestReport {
  std::string rule;
  BacktestCounts counts;
  std::string against;  // empty: one rule alone
  std::optional<BacktestCounts> against_counts;
  std::vector<BacktestDate> differ;
  int own_numbers = 0;  // people who were judged by numbers of their own
  /// `shared`: counts of people under five and single dates are left out.
  [[nodiscard]] std::string text(bool shared) const;
  [[nodiscard]] std::string json(bool shared) const;
};

/// Everybody by their own numbers where their History has them. `from`: fires before it are not
/// counted, but what came before is known.
BacktestReport backtest(rules::RulePtr rule, rules::RulePtr against,
                        const std::vector<History>& histories, std::optional<Instant> from);

}  // namespace moodline::config
