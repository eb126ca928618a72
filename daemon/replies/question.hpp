// What was asked, and of whom: everything a reply is read against. Plain data.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rules/base/decimal.hpp"
#include "rules/base/instant.hpp"

namespace moodline::replies {

enum class Shape : std::uint8_t {
  scalar,          // one number: a scale, hours, an amount
  blood_pressure,  // one measure of two parts: emits NAME.systolic and NAME.diastolic
  yes_no,          // 0 or 1
};

struct ScaleLabel {
  Decimal value;
  std::string text;  // as the template shows it, in the person's language
};

/// One measure as it was asked.
struct Question {
  std::string measure;  // "mood"; its words also name it in a reply ("mood 4 sleep 7")
  Shape shape = Shape::scalar;
  Decimal min = Decimal::of(1);
  Decimal max = Decimal::of(10);
  Decimal step = {500'000};        // values off the step are asked back
  std::string unit;                // "hours", "kg", "mmHg", "mmol/L", "steps"; empty: a bare scale
  std::vector<ScaleLabel> labels;  // by value
  std::vector<std::string> names;  // further words that name it, in the person's language
  bool low_is_bad = true;          // mood: true; pain, worry: false
  std::optional<Decimal> alarm_low;  // at or below: a human is told under the measure's own rule
  std::optional<Decimal> alarm_high;
  // Parts of a blood pressure; unused elsewhere.
  Decimal systolic_min = Decimal::of(60), systolic_max = Decimal::of(260);
  Decimal diastolic_min = Decimal::of(30), diastolic_max = Decimal::of(160);
};

/// The person and the moment, as far as reading needs them.
struct Context {
  std::vector<std::string> languages = {"en"};  // pack codes, the person's own first
  std::vector<Question> questions;              // open ones, in the order asked
  std::vector<std::string> sent;                // texts we sent this number in the last 30 days
  std::optional<LocalDate> today;               // the person's local date when the reply came
  bool something_to_correct = true;             // a reading of the last 7 days exists
  bool yesterday_empty = false;                 // nothing is stored for yesterday
  std::vector<std::string> people;              // first names that may stand after UNSHARE
};

}  // namespace moodline::replies
