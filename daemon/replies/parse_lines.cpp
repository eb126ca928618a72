#include "daemon/replies/parse_lines.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <istream>
#include <ostream>
#include <stdexcept>

namespace moodline::replies {
namespace {

namespace json = boost::json;

Decimal decimal_of(const json::value& v) {
  if (v.is_int64()) return Decimal::of(v.as_int64());
  if (v.is_uint64()) return Decimal::of(static_cast<std::int64_t>(v.as_uint64()));
  const std::string text = v.is_string() ? std::string(v.as_string()) : json::serialize(v);
  if (v.is_double()) {
    const double scaled = v.as_double() * static_cast<double>(Decimal::one);
    return {static_cast<std::int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5)};
  }
  const auto d = decimal_from(text);
  if (!d) throw std::invalid_argument("\"" + text + "\" is no number");
  return *d;
}

std::string text_of(const json::object& o, std::string_view key) {
  const auto* v = o.if_contains(key);
  return v != nullptr && v->is_string() ? std::string(v->as_string()) : std::string();
}

// The step and the bad end that a service would set for a measure of this kind.
void presume(Question& q) {
  const bool hours = q.unit == "hours" || q.unit == "h";
  const Decimal span{q.max.micro - q.min.micro};
  if (hours) {
    q.step = {Decimal::one / 4};
  } else if (q.unit == "kg" || q.unit == "mmol/L" || q.unit == "lb") {
    q.step = {Decimal::one / 10};
  } else if (!q.unit.empty() || span > Decimal::of(20) || span < Decimal::of(4)) {
    q.step = Decimal::of(1);
  }
  const auto& labels = q.labels;
  const auto bad = [](std::string_view text) {
    for (const std::string_view word : {"worst", "unbearable", "every day", "severe", "terrible"}) {
      if (text.find(word) != std::string_view::npos) return true;
    }
    return false;
  };
  if (!labels.empty() && bad(labels.back().text)) q.low_is_bad = false;
  if (!labels.empty() && labels.front().text == "no" && labels.back().text == "yes") {
    q.shape = Shape::yes_no;
  }
}

Question question_of(const json::object& o) {
  Question q;
  q.measure = text_of(o, "measure");
  if (q.measure.empty()) throw std::invalid_argument("prompt has no measure");
  if (const auto* v = o.if_contains("min")) q.min = decimal_of(*v);
  if (const auto* v = o.if_contains("max")) q.max = decimal_of(*v);
  q.unit = text_of(o, "unit");
  if (const auto* labels = o.if_contains("labels"); labels != nullptr && labels->is_object()) {
    for (const auto& [value, label] : labels->as_object()) {
      const auto at = decimal_from(std::string_view(value));
      if (at && label.is_string()) q.labels.push_back({*at, std::string(label.as_string())});
    }
    std::sort(q.labels.begin(), q.labels.end(),
              [](const ScaleLabel& a, const ScaleLabel& b) { return a.value < b.value; });
  }
  presume(q);
  if (const auto* v = o.if_contains("step")) q.step = decimal_of(*v);
  if (const auto* v = o.if_contains("names"); v != nullptr && v->is_array()) {
    for (const auto& name : v->as_array()) {
      if (name.is_string()) q.names.emplace_back(name.as_string());
    }
  }
  return q;
}

// The prompt as the plain template words it: a phone's copy of it is ours, not an answer.
void add_sent(Context& c) {
  for (const Question& q : c.questions) {
    if (q.labels.size() < 2) continue;
    c.sent.push_back("How is your " + q.measure + " today? Reply " +
                     to_text(q.labels.front().value) + " (" + q.labels.front().text + ") to " +
                     to_text(q.labels.back().value) + " (" + q.labels.back().text + ")");
  }
}

Context context_of(const json::value& prompt) {
  if (!prompt.is_object()) throw std::invalid_argument("prompt is no object");
  const json::object& o = prompt.as_object();
  Context c;
  if (const auto* many = o.if_contains("measures"); many != nullptr && many->is_array()) {
    for (const auto& m : many->as_array()) {
      if (m.is_object()) c.questions.push_back(question_of(m.as_object()));
    }
  } else {
    c.questions.push_back(question_of(o));
  }
  const std::string lang = text_of(o, "lang");
  if (!lang.empty()) c.languages = {lang};
  if (const auto* sent = o.if_contains("sent"); sent != nullptr && sent->is_array()) {
    for (const auto& s : sent->as_array()) {
      if (s.is_string()) c.sent.emplace_back(s.as_string());
    }
  }
  if (const std::string date = text_of(o, "date"); !date.empty()) c.today = date_from_iso(date);
  if (const auto* v = o.if_contains("something_to_correct"); v != nullptr && v->is_bool()) {
    c.something_to_correct = v->as_bool();
  }
  add_sent(c);
  return c;
}

json::value number(Decimal d) {
  if (d.micro % Decimal::one == 0) return d.micro / Decimal::one;
  return static_cast<double>(d.micro) / static_cast<double>(Decimal::one);
}

std::string_view ask_name(Ask a) {
  switch (a) {
    case Ask::none:
      return "";
    case Ask::value:
      return "value";
    case Ask::which_of:
      return "which_of";
    case Ask::neighbours:
      return "neighbours";
    case Ask::which_end:
      return "which_end";
    case Ask::which_measure:
      return "which_measure";
    case Ask::new_value:
      return "new_value";
    case Ask::neutral_stop:
      return "neutral_stop";
  }
  return "";
}

void add_flags(json::object& o, const Verdict& v) {
  const std::pair<const char*, bool> flags[] = {
      {"hold", v.hold},         {"do_not_reply", v.do_not_reply},
      {"reaction", v.reaction}, {"low_mark", v.low_mark},
      {"edited", v.edited},     {"urgent_read", v.urgent_read},
      {"deceased", v.deceased}, {"own_slip", v.own_slip},
      {"alarm", v.alarm},
  };
  for (const auto& [name, up] : flags) {
    if (up) o[name] = true;
  }
  if (v.by_other) o["by"] = "other";
  if (!v.safety.hits.empty()) {
    json::array rules;
    for (const SafetyHit& hit : v.safety.hits) rules.emplace_back(hit.rule);
    o["safety_rules"] = std::move(rules);
  }
  if (v.for_day) o["for_day"] = *v.for_day;
  if (v.converted_from) o["converted_from"] = *v.converted_from;
  if (v.ask != Ask::none) o["ask"] = ask_name(v.ask);
  if (!v.by_day.empty()) {
    json::object days;
    for (const auto& [day, value] : v.by_day) days[std::to_string(day)] = number(value);
    o["by_day"] = std::move(days);
  }
}

}  // namespace

std::string verdict_json(std::string_view id, const Verdict& v) {
  json::object o;
  o["id"] = id;
  o["kind"] = name_of(v.kind);
  if (v.value) o["value"] = number(*v.value);
  if (!v.values.empty()) {
    json::object values;
    for (const auto& [measure, value] : v.values) values[measure] = number(value);
    o["values"] = std::move(values);
  }
  if (v.command != Command::none) o["command"] = name_of(v.command);
  if (!v.arg.empty()) o["arg"] = v.arg;
  o["safety"] = v.safety.flagged();
  if (v.safety.flagged()) o["tier"] = name_of(v.safety.tier);
  o["auto"] = v.auto_reply;
  add_flags(o, v);
  o["rule"] = v.rule;
  json::array spans;
  for (const Span& s : v.spans) spans.push_back(json::array{s.begin, s.end});
  o["span"] = spans.empty() ? json::value(nullptr) : spans.front();
  return json::serialize(o);
}

Context context_of_prompt(std::string_view prompt_json) {
  boost::system::error_code ec;
  const json::value v = json::parse(prompt_json, ec);
  if (ec) throw std::invalid_argument("prompt is no JSON");
  return context_of(v);
}

ParseCount parse_lines(std::istream& in, std::ostream& out, const Reader& reader) {
  ParseCount count;
  std::string line;
  std::size_t number_of_line = 0;
  while (std::getline(in, line)) {
    ++number_of_line;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      const json::value v = json::parse(line);
      const json::object& o = v.as_object();
      const auto* prompt = o.if_contains("prompt");
      const Context context = prompt != nullptr ? context_of(*prompt) : Context{};
      const Verdict verdict = reader.read(std::string_view(o.at("text").as_string()), context);
      const auto* id = o.if_contains("id");
      std::string name;
      if (id != nullptr)
        name = id->is_string() ? std::string(id->as_string()) : json::serialize(*id);
      out << verdict_json(name, verdict) << '\n';
      ++count.lines;
    } catch (const std::exception&) {
      // What was wrong is not repeated: the line may hold a person's words.
      out << json::serialize(
                 json::object{{"line", number_of_line},
                              {"error",
                               "is no reply; write {\"id\", \"prompt\": {\"measure\", \"min\", "
                               "\"max\"}, \"text\"} on one line"}})
          << '\n';
      ++count.faults;
    }
  }
  return count;
}

}  // namespace moodline::replies
