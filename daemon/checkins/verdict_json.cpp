// A verdict as canonical JSON: names, numbers and offsets, never a word of the text.
#include <boost/json.hpp>

#include "daemon/checkins/inbound.hpp"

namespace moodline::checkins {

namespace json = boost::json;

std::string verdict_json(const replies::Verdict& v) {
  json::object o{{"kind", replies::name_of(v.kind)}, {"rule", v.rule}};
  if (!v.measure.empty()) o["measure"] = v.measure;
  if (v.value) o["value"] = to_text(*v.value);
  if (!v.values.empty()) {
    json::object values;
    for (const auto& [k, d] : v.values) values[k] = to_text(d);
    o["values"] = std::move(values);
  }
  if (v.command != replies::Command::none) o["command"] = replies::name_of(v.command);
  if (v.also_command != replies::Command::none) o["also"] = replies::name_of(v.also_command);
  if (v.safety.flagged()) {
    o["safety"] = replies::name_of(v.safety.tier);
    json::array hits;
    for (const auto& h : v.safety.hits) hits.push_back({h.rule, h.span.begin, h.span.end});
    o["hits"] = std::move(hits);
  }
  const auto flag = [&](const char* name, bool on) {
    if (on) o[name] = true;
  };
  flag("auto", v.auto_reply);
  flag("hold", v.hold);
  flag("do_not_reply", v.do_not_reply);
  flag("low_mark", v.low_mark);
  flag("by_other", v.by_other);
  flag("alarm", v.alarm);
  flag("deceased", v.deceased);
  if (v.for_day) o["for_day"] = *v.for_day;
  json::array spans;
  for (const auto& s : v.spans) spans.push_back({s.begin, s.end});
  o["spans"] = std::move(spans);
  return json::serialize(o);
}

}  // namespace moodline::checkins
