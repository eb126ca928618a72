// A rule kind: its declared fields, how they become a Condition, and how it is judged.
// Adding one touches its own file and one row of registry.cpp.
#pragma once
#include <map>
#include <span>
#include <string>

#include "rules/base/field.hpp"
#include "rules/engine/rule.hpp"
#include "rules/kinds/judge.hpp"

namespace moodline::rules {

/// Scalars as written in YAML, params already filled in, checked against the FieldTable.
using Values = std::map<std::string, std::string, std::less<>>;

struct KindInfo {
  Kind kind;
  std::string_view name;  // the key under `when:`
  FieldTable when;        // fields of `when: {NAME: {...}}`
  FieldTable clear;       // fields of `clear: {...}`; empty: the kind takes no clear
  bool needs_measure;     // judged on readings of a measure
  bool one_shot;          // rise, schedule: no open state
  /// Fills rule.when and rule.clear. Fails with "bad_condition" or "bad_clear" (a clear line that
  /// is not beyond the alarm line included); the message says what to write instead.
  Result<void> (*read)(const Values& when, const Values& clear, Rule& rule);
  /// Judged on readings; null for the kinds that look at prompts, texts or the clock.
  bool (*holds)(const Rule& rule, const View& view) = nullptr;
  bool (*clears)(const Rule& rule, const View& view, std::int64_t fired_order,
                 const Ratio& baseline) = nullptr;
  std::size_t (*first_needed)(const Rule& rule, const View& view) = nullptr;
  /// Calendar days, newest included, that a window may reach back.
  int (*reach_days)(const Rule& rule) = nullptr;
};

KindInfo streak_kind();
KindInfo n_of_m_kind();
KindInfo average_kind();
KindInfo baseline_drop_kind();
KindInfo rise_kind();
KindInfo silence_kind();
KindInfo undelivered_kind();
KindInfo phrase_kind();
KindInfo schedule_kind();

/// Every kind, in the order of the documents.
std::span<const KindInfo> kinds();
const KindInfo& info(Kind kind);
/// Null where no kind has that name.
const KindInfo* kind_named(std::string_view name);

/// Fields of `defaults:` that a rule may override: per_day, decide, missing, max_gap,
/// max_excluded, reply_window, settle, cooldown, stale, late_limit, day_start, unit, ack_expires.
const FieldTable& common_fields();
/// Sets the common fields from text; `decide` defaults to day_end for mean and max. On an urgent
/// rule settle and cooldown become zero and naming them fails with "urgent_key".
/// Fails with "bad_field".
Result<void> read_common(const Values& values, Rule& rule);

}  // namespace moodline::rules
