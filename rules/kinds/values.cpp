#include "rules/kinds/values.hpp"

namespace moodline::rules {

Result<Line> alarm_line(const Values& values) {
  std::optional<Line> line;
  for (const Test test : {Test::below, Test::at_most, Test::above, Test::at_least}) {
    if (text_of(values, name_of(test)) == nullptr) continue;
    if (line) {
      return fault("bad_condition",
                   "a condition has one line: keep one of below, at_most, above "
                   "and at_least");
    }
    line = Line{test, decimal_of(values, name_of(test))};
  }
  if (!line) {
    return fault("bad_condition",
                 "the condition needs its line: write one of below, at_most, above or at_least");
  }
  return *line;
}

Result<Line> clear_line(const Values& values, const Line& alarm, std::string_view up_name,
                        std::string_view down_name) {
  const bool up = low_side(alarm.test);  // a low alarm clears upwards
  const auto wanted = up ? up_name : down_name;
  const auto other = up ? down_name : up_name;
  if (text_of(values, other) != nullptr || text_of(values, wanted) == nullptr) {
    return fault("bad_clear",
                 "clear needs " + std::string(wanted) + " here, and not " + std::string(other));
  }
  const Line line{up ? Test::at_least : Test::at_most, decimal_of(values, wanted)};
  // A value that clears must not be one that alarms.
  if (meets(Ratio::of(line.value), alarm)) {
    return fault("bad_clear", "the clear line " + moodline::to_text(line.value) +
                                  " is not beyond the alarm line " +
                                  moodline::to_text(alarm.value) + "; move it to the good side");
  }
  return line;
}

FieldTable with_line_fields(FieldTable more) {
  FieldTable table{
      {.name = "below", .type = FieldType::decimal, .help = "a value below this counts (strict)"},
      {.name = "at_most", .type = FieldType::decimal, .help = "this value or a lower one counts"},
      {.name = "above", .type = FieldType::decimal, .help = "a value above this counts (strict)"},
      {.name = "at_least",
       .type = FieldType::decimal,
       .help = "this value or a higher one counts"}};
  table.insert(table.end(), more.begin(), more.end());
  return table;
}

}  // namespace moodline::rules
