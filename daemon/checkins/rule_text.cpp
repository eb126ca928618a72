// A resolved rule as JSON and back: field by field, so that an agreed snapshot outlives its file.
#include <boost/json.hpp>

#include "daemon/checkins/person_log.hpp"

namespace moodline::checkins {
namespace {

namespace json = boost::json;
using rules::Rule;

json::value span_json(rules::TimeSpan s) {
  return json::array{s.days, s.s};
}
rules::TimeSpan span_of(const json::value& v) {
  return {v.at(0).to_number<std::int32_t>(), v.at(1).to_number<std::int64_t>()};
}
json::value line_json(const rules::Line& l) {
  return json::array{static_cast<int>(l.test), l.value.micro};
}
rules::Line line_of(const json::value& v) {
  return {static_cast<rules::Test>(v.at(0).to_number<int>()),
          Decimal{v.at(1).to_number<std::int64_t>()}};
}
std::string str(const json::value& v) {
  return std::string(v.as_string());
}

template <class E>
E enum_of(const json::value& v) {
  return static_cast<E>(v.to_number<int>());
}

json::array steps_json(const std::vector<rules::Step>& steps) {
  json::array a;
  for (const rules::Step& s : steps) {
    a.push_back(json::array{static_cast<int>(s.kind), s.role, s.template_id,
                            static_cast<int>(s.clock), s.after_s, s.after_days});
  }
  return a;
}

std::vector<rules::Step> steps_of(const json::value& v) {
  std::vector<rules::Step> steps;
  for (const json::value& x : v.as_array()) {
    rules::Step s;
    s.kind = enum_of<rules::StepKind>(x.at(0));
    s.role = str(x.at(1));
    s.template_id = str(x.at(2));
    s.clock = enum_of<rules::Clock>(x.at(3));
    s.after_s = x.at(4).to_number<std::int64_t>();
    s.after_days = x.at(5).to_number<int>();
    steps.push_back(std::move(s));
  }
  return steps;
}

json::object condition_json(const rules::Condition& c) {
  json::object o{{"kind", static_cast<int>(c.kind)},
                 {"line", line_json(c.line)},
                 {"n", c.n},
                 {"m", c.m},
                 {"days", c.days},
                 {"min_days", c.min_days},
                 {"amount", c.amount.micro},
                 {"baseline", c.baseline},
                 {"gap", c.gap},
                 {"recent", c.recent},
                 {"min_baseline", c.min_baseline},
                 {"min_recent", c.min_recent},
                 {"prompts", c.prompts},
                 {"hours", span_json(c.hours)},
                 {"list", c.list},
                 {"at", c.at.s}};
  if (c.every) o["every"] = static_cast<int>(*c.every);
  return o;
}

rules::Condition condition_of(const json::object& o) {
  const auto num = [&](const char* k) { return o.at(k).to_number<int>(); };
  rules::Condition c;
  c.kind = enum_of<rules::Kind>(o.at("kind"));
  c.line = line_of(o.at("line"));
  c.n = num("n");
  c.m = num("m");
  c.days = num("days");
  c.min_days = num("min_days");
  c.amount = Decimal{o.at("amount").to_number<std::int64_t>()};
  c.baseline = num("baseline");
  c.gap = num("gap");
  c.recent = num("recent");
  c.min_baseline = num("min_baseline");
  c.min_recent = num("min_recent");
  c.prompts = num("prompts");
  c.hours = span_of(o.at("hours"));
  c.list = str(o.at("list"));
  c.at = TimeOfDay{num("at")};
  if (const auto* e = o.if_contains("every")) c.every = enum_of<Weekday>(*e);
  return c;
}

Rule rule_of(const json::object& o) {
  const auto num = [&](const char* k) { return o.at(k).to_number<int>(); };
  Rule r;
  r.id = str(o.at("id"));
  r.version = num("version");
  r.key = str(o.at("key"));
  r.measure = str(o.at("measure"));
  r.says = str(o.at("says"));
  r.says_text = str(o.at("says_text"));
  r.when = condition_of(o.at("when").as_object());
  r.clear.n = num("clear_n");
  r.clear.within = Decimal{o.at("clear_within").to_number<std::int64_t>()};
  if (const auto* l = o.if_contains("clear_line")) r.clear.line = line_of(*l);
  r.per_day = enum_of<rules::PerDay>(o.at("per_day"));
  r.decide = enum_of<rules::Decide>(o.at("decide"));
  r.unit = enum_of<rules::Unit>(o.at("unit"));
  r.missing = enum_of<rules::Missing>(o.at("missing"));
  r.max_gap = num("max_gap");
  r.max_excluded = num("max_excluded");
  r.reply_window = span_of(o.at("reply_window"));
  r.settle = span_of(o.at("settle"));
  r.cooldown = span_of(o.at("cooldown"));
  r.stale = span_of(o.at("stale"));
  r.late_limit = span_of(o.at("late_limit"));
  r.day_start = TimeOfDay{num("day_start")};
  r.ack_expires = span_of(o.at("ack_expires"));
  r.reply_repeat = span_of(o.at("reply_repeat"));
  r.urgent = o.at("urgent").as_bool();
  r.use_history = o.at("use_history").as_bool();
  r.low_mark = o.at("low_mark").as_bool();
  r.then = steps_of(o.at("then"));
  r.escalate = steps_of(o.at("escalate"));
  return r;
}

}  // namespace

std::string rule_to_text(const Rule& r) {
  json::object o{{"format", 1},
                 {"id", r.id},
                 {"version", r.version},
                 {"key", r.key},
                 {"measure", r.measure},
                 {"says", r.says},
                 {"says_text", r.says_text},
                 {"when", condition_json(r.when)},
                 {"clear_n", r.clear.n},
                 {"clear_within", r.clear.within.micro},
                 {"per_day", static_cast<int>(r.per_day)},
                 {"decide", static_cast<int>(r.decide)},
                 {"unit", static_cast<int>(r.unit)},
                 {"missing", static_cast<int>(r.missing)},
                 {"max_gap", r.max_gap},
                 {"max_excluded", r.max_excluded},
                 {"reply_window", span_json(r.reply_window)},
                 {"settle", span_json(r.settle)},
                 {"cooldown", span_json(r.cooldown)},
                 {"stale", span_json(r.stale)},
                 {"late_limit", span_json(r.late_limit)},
                 {"day_start", r.day_start.s},
                 {"ack_expires", span_json(r.ack_expires)},
                 {"reply_repeat", span_json(r.reply_repeat)},
                 {"urgent", r.urgent},
                 {"use_history", r.use_history},
                 {"low_mark", r.low_mark},
                 {"then", steps_json(r.then)},
                 {"escalate", steps_json(r.escalate)}};
  if (r.clear.line) o["clear_line"] = line_json(*r.clear.line);
  return json::serialize(o);
}

Result<Rule> rule_from_text(std::string_view raw) {
  boost::system::error_code ec;
  const json::value v = json::parse(raw, ec);
  try {
    if (!ec && v.is_object() && v.at("format") == 1) return rule_of(v.get_object());
  } catch (const std::exception&) {
    // A field is missing or of another type: told below, as one fault.
  }
  return fault("bad_snapshot",
               "an agreed rule cannot be read back; restore the store from a backup");
}

}  // namespace moodline::checkins
