#include "rules/engine/edits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace moodline::rules {
namespace {

class Text {
 public:
  void add(std::string_view name, std::string_view value) {
    // Values may hold line breaks; a name=value line must not.
    fmt::format_to(std::back_inserter(out_), "{}=", name);
    for (const char c : value) {
      if (c == '\n' || c == '\\') out_ += '\\';
      out_ += c == '\n' ? 'n' : c;
    }
    out_ += '\n';
  }
  void add(std::string_view name, std::int64_t value) { add(name, std::to_string(value)); }
  void add(std::string_view name, Decimal value) { add(name, moodline::to_text(value)); }
  void add(std::string_view name, TimeSpan value) { add(name, to_text(value)); }
  void add(std::string_view name, const Line& line) {
    add(name, fmt::format("{} {}", name_of(line.test), moodline::to_text(line.value)));
  }
  void steps(std::string_view name, const std::vector<Step>& list) {
    for (const Step& step : list) {
      const std::string_view unit = step.clock == Clock::elapsed         ? "elapsed"
                                    : step.clock == Clock::working_hours ? "working"
                                                                         : "days";
      add(name, fmt::format("{} {} {} after {} {} {}", name_of(step.kind), step.role,
                            step.template_id, unit, step.after_s, step.after_days));
    }
  }
  std::string out_;
};

void add_condition(Text& text, const Rule& rule) {
  const Condition& c = rule.when;
  text.add("when", name_of(c.kind));
  text.add("line", c.line);
  text.add("n", c.n);
  text.add("m", c.m);
  text.add("days", c.days);
  text.add("min_days", c.min_days);
  text.add("amount", c.amount);
  text.add("baseline", c.baseline);
  text.add("gap", c.gap);
  text.add("recent", c.recent);
  text.add("min_baseline", c.min_baseline);
  text.add("min_recent", c.min_recent);
  text.add("prompts", c.prompts);
  text.add("hours", c.hours);
  text.add("list", c.list);
  text.add("every", c.every ? short_name(*c.every) : "day");
  text.add("at", to_hm(c.at));
  if (rule.clear.line) text.add("clear", *rule.clear.line);
  text.add("clear_n", rule.clear.n);
  text.add("within", rule.clear.within);
}

// Everything but what an edit may narrow; equal texts differ in nothing else.
std::string fixed_part(const Rule& rule) {
  Rule r = rule;
  r.version = 0;
  r.says_text.clear();  // follows from says and the numbers
  r.when.line.value = {};
  r.when.n = r.when.kind == Kind::streak || r.when.kind == Kind::n_of_m ? 0 : r.when.n;
  r.when.m = 0;
  r.when.amount = {};
  r.when.min_baseline = 0;
  r.when.prompts = r.when.prompts > 0 ? 1 : 0;
  r.when.hours = r.when.hours.zero() ? TimeSpan{} : TimeSpan::of_hours(1);
  r.settle = {};
  r.low_mark = false;
  r.then.clear();
  r.escalate.clear();
  return canonical(r);
}

bool fewer_steps(const std::vector<Step>& old, const std::vector<Step>& now) {
  auto from = old.begin();
  for (const Step& step : now) {
    from = std::find(from, old.end(), step);
    if (from == old.end()) return false;
    ++from;
  }
  return true;
}

bool narrower_line(const Line& old, const Line& now) {
  return low_side(old.test) ? now.value <= old.value : now.value >= old.value;
}

bool longer(TimeSpan old, TimeSpan now) {
  if (old == now) return true;
  return (old.days == 0) == (now.days == 0) && now.days >= old.days && now.s >= old.s;
}

}  // namespace

std::string canonical(const Rule& rule) {
  Text text;
  text.add("format", "moodline-rule/1");
  text.add("id", rule.id);
  text.add("version", rule.version);
  text.add("measure", rule.measure);
  text.add("says", rule.says);
  text.add("says_text", rule.says_text);
  add_condition(text, rule);
  text.add("per_day", name_of(rule.per_day));
  text.add("decide", name_of(rule.decide));
  text.add("unit", name_of(rule.unit));
  text.add("missing", name_of(rule.missing));
  text.add("max_gap", rule.max_gap);
  text.add("max_excluded", rule.max_excluded);
  text.add("reply_window", rule.reply_window);
  text.add("settle", rule.settle);
  text.add("cooldown", rule.cooldown);
  text.add("stale", rule.stale);
  text.add("late_limit", rule.late_limit);
  text.add("day_start", to_hm(rule.day_start));
  text.add("ack_expires", rule.ack_expires);
  text.add("reply_repeat", rule.reply_repeat);
  text.add("urgent", rule.urgent);
  text.add("use_history", rule.use_history);
  text.add("low_mark", rule.low_mark);
  text.steps("then", rule.then);
  text.steps("escalate", rule.escalate);
  return std::move(text.out_);
}

bool is_narrowing(const Rule& agreed, const Rule& edited) {
  const Condition& old = agreed.when;
  const Condition& now = edited.when;
  if (fixed_part(agreed) != fixed_part(edited)) return false;
  const bool m_smaller = now.m <= old.m;
  return narrower_line(old.line, now.line) && now.n >= old.n && m_smaller &&
         now.amount >= old.amount && now.min_baseline >= old.min_baseline &&
         now.prompts >= old.prompts && longer(old.hours, now.hours) &&
         longer(agreed.settle, edited.settle) && (agreed.low_mark || !edited.low_mark) &&
         fewer_steps(agreed.then, edited.then) && fewer_steps(agreed.escalate, edited.escalate);
}

Result<std::string> sentence(std::string_view says,
                             const std::map<std::string, std::string>& names) {
  std::string out;
  while (!says.empty()) {
    const auto open = says.find('{');
    out += says.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = says.find('}', open);
    if (close == std::string_view::npos) {
      return fault("unknown_param", "the sentence has a { without its }; close it");
    }
    const std::string name(says.substr(open + 1, close - open - 1));
    const auto it = names.find(name);
    if (it == names.end()) {
      return fault("unknown_param", "the sentence names {" + name +
                                        "}, which is neither a param nor a role of this rule");
    }
    out += it->second;
    says.remove_prefix(close + 1);
  }
  return out;
}

}  // namespace moodline::rules
