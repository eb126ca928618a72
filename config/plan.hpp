// `moodline plan DIR`: what a new set of files would change, for whom, before it is loaded. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/catalogue.hpp"
#include "config/own_times.hpp"
#include "config/resolve.hpp"
#include "rules/schedule/schedule.hpp"

namespace moodline::config {

/// What is agreed by one person now.
struct PlanAgreement {
  RuleRef rule;
  ParamValues chosen;
  rules::RulePtr snapshot = nullptr;  // as agreed; null: as the old files resolve it
};

/// A sentence that a person was sent once, whatever came of it.
struct PlanAsked {
  std::string rule;
  std::string hash;
  enum class Answer : std::uint8_t { none, yes, no, ended } answer = Answer::none;
};

/// One active person, as far as a plan must know them.
struct PlanPerson {
  std::string display;  // code or initials
  std::string key;      // stable, for random schedules
  std::string programme;
  std::string practitioner;
  std::string language;
  Zone zone = Zone::utc();
  OwnTimes own;                       // for all their questions
  OwnTimesByPrompt own_by_prompt;     // for one alone
  std::vector<std::string> measures;  // tracked
  std::vector<PlanAgreement> agreed;
  std::vector<PlanAsked> asked = {};                                    // every sentence so far
  std::map<std::string, ParamValues> numbers = {};                      // their own, by rule
  std::optional<std::vector<std::string>> offered_only = std::nullopt;  // rules chosen for them
  RoleNames names = {};  // who the roles are for this person, in the new files
};

struct PlanChange {
  std::string what;                 // "rule low-streak@2 -> @3 waits for a new yes"
  std::vector<std::string> people;  // display names; empty where nobody is concerned
};

struct Plan {
  int extra_texts_today = 0;  // prompts and words about agreements that would not have gone
  int agreement_texts = 0;    // of these, what the reload itself says about rules
  int fewer_texts_today = 0;  // prompts of today that would no longer go
  int must_agree_again = 0;   // people with at least one rule that waits for a new yes
  int stays_on_snapshot = 0;  // people with a rule that left the files: it runs on as agreed
  std::vector<PlanChange> changes;
  std::vector<std::string> refused;  // why it cannot be loaded beside what is stored
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;
};

/// The last line of a plan.
std::string plan_sum(std::int64_t extra, std::int64_t about_rules, std::int64_t again);

/// `now` decides what "today" still holds for each person.
Plan plan(const Service& from, const Service& to, const std::vector<PlanPerson>& people,
          Instant now);

}  // namespace moodline::config
