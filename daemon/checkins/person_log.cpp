#include "daemon/checkins/person_log.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace moodline::checkins {
namespace {

namespace json = boost::json;

json::array list(const std::vector<std::string>& v) {
  json::array a;
  for (const std::string& s : v) a.emplace_back(s);
  return a;
}

std::vector<std::string> list(const json::object& o, std::string_view key) {
  std::vector<std::string> v;
  if (const json::value* x = o.if_contains(key); x != nullptr && x->is_array()) {
    for (const json::value& i : x->get_array()) {
      if (i.is_string()) v.emplace_back(i.get_string());
    }
  }
  return v;
}

std::string text(const json::object& o, std::string_view key) {
  const json::value* x = o.if_contains(key);
  return x != nullptr && x->is_string() ? std::string(x->get_string()) : std::string{};
}

std::optional<rules::PromptStatus> prompt_status(std::string_view s) {
  using P = rules::PromptStatus;
  if (s == "due" || s == "sending") return P::due;
  if (s == "held") return P::held;
  if (s == "paused") return P::paused;
  if (s == "not_sent") return P::not_sent;
  if (s == "accepted") return P::accepted;
  if (s == "sent") return P::sent;
  if (s == "delivered") return P::delivered;
  if (s == "undelivered") return P::undelivered;
  if (s == "unknown") return P::unknown;
  return std::nullopt;
}

bool contains(const std::vector<std::string>& v, std::string_view x) {
  return std::find(v.begin(), v.end(), x) != v.end();
}

std::optional<rules::What> simple(const PersonEvent& e) {
  if (e.type == "agree") return rules::Agree{};
  if (e.type == "disagree") return rules::Disagree{};
  if (e.type == "stop") return rules::Stop{};
  if (e.type == "unshare") return rules::Unshare{};
  if (e.type == "erase") return rules::Erase{};
  if (e.type == "retire") return rules::Retire{};
  if (e.type == "pause") return rules::Pause{};
  if (e.type == "resume") return rules::Resume{};
  if (e.type == "ack") return rules::Ack{};
  if (e.type == "done") return rules::Done{};
  if (e.type == "pass") return rules::Pass{};
  if (e.type == "clock_jump") return rules::ClockJump{};
  if (e.type == "clock_ok") return rules::ClockOk{};
  if (e.type == "zone") {
    if (const auto z = Zone::find(e.zone)) return rules::MoveZone{*z};
  }
  return std::nullopt;
}

rules::Inbound inbound(const PersonEvent& e, const rules::Rule& rule) {
  rules::Inbound in;
  in.id = e.id;
  in.at = e.at;
  in.text_key = e.text_key;
  if (const auto it = e.values.find(rule.measure); it != e.values.end()) in.value = it->second;
  in.low = contains(e.low, rule.measure);
  in.corrects = e.corrects && (in.value || in.low);
  in.for_day = e.for_day;
  in.lists = e.lists;
  return in;
}

}  // namespace

std::string to_text(const PersonEvent& e) {
  json::object o;
  o["type"] = e.type;
  if (!e.rule.empty()) o["rule"] = e.rule;
  if (!e.id.empty()) o["id"] = e.id;
  if (e.at != Instant{}) o["at"] = e.at.ms;
  if (!e.status.empty()) o["status"] = e.status;
  if (!e.measures.empty()) o["measures"] = list(e.measures);
  if (!e.values.empty()) {
    json::object v;
    for (const auto& [k, d] : e.values) v[k] = d.micro;
    o["values"] = std::move(v);
  }
  if (!e.low.empty()) o["low"] = list(e.low);
  if (e.corrects) o["corrects"] = true;
  if (e.for_day) o["for_day"] = e.for_day->days;
  if (!e.lists.empty()) o["lists"] = list(e.lists);
  if (!e.text_key.empty()) o["text_key"] = e.text_key;
  if (!e.zone.empty()) o["zone"] = e.zone;
  if (!e.was.empty()) o["was"] = e.was;
  return json::serialize(o);
}

Result<PersonEvent> person_event_from(std::string_view raw) {
  boost::system::error_code ec;
  const json::value v = json::parse(raw, ec);
  if (ec || !v.is_object()) {
    return fault("bad_log_entry", "a log entry is damaged; run moodline replay --check");
  }
  const json::object& o = v.get_object();
  PersonEvent e;
  e.type = text(o, "type");
  e.rule = text(o, "rule");
  e.id = text(o, "id");
  if (const auto* at = o.if_contains("at")) e.at = Instant{at->to_number<std::int64_t>()};
  e.status = text(o, "status");
  e.measures = list(o, "measures");
  if (const auto* values = o.if_contains("values"); values != nullptr && values->is_object()) {
    for (const auto& [k, d] : values->get_object()) {
      e.values[std::string(k)] = Decimal{d.to_number<std::int64_t>()};
    }
  }
  e.low = list(o, "low");
  e.corrects = o.if_contains("corrects") != nullptr;
  if (const auto* day = o.if_contains("for_day")) {
    e.for_day = LocalDate{day->to_number<std::int32_t>()};
  }
  e.lists = list(o, "lists");
  e.text_key = text(o, "text_key");
  e.zone = text(o, "zone");
  e.was = text(o, "was");
  return e;
}

std::optional<rules::Event> as_rule_sees(const PersonEvent& e, const rules::Rule& rule,
                                         std::string_view measure, Instant learned) {
  if (!e.rule.empty() && e.rule != rule.id) return std::nullopt;
  if (e.type == "prompt") {
    const auto status = prompt_status(e.status);
    if (!status || (!measure.empty() && !contains(e.measures, measure))) return std::nullopt;
    return rules::Event{learned, rules::PromptEvent{e.id, e.at, *status}};
  }
  if (e.type == "undo") return rules::Event{learned, rules::Undo{e.id, e.at}};
  if (e.type == "inbound") return rules::Event{learned, inbound(e, rule)};
  if (auto what = simple(e)) return rules::Event{learned, std::move(*what)};
  return std::nullopt;
}

}  // namespace moodline::checkins
