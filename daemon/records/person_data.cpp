#include "daemon/records/person_data.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "daemon/records/csv.hpp"

namespace moodline::records {
namespace {

namespace json = boost::json;
using checkins::Setting;
using store::Person;

constexpr int log_rows_max = 100'000;

constexpr const char* person_status[] = {"invited",    "active",   "stopped", "wrong_number",
                                         "discharged", "deceased", "erased"};
constexpr const char* prompt_status[] = {"due",      "sending", "sent", "delivered", "undelivered",
                                         "not_sent", "paused",  "held", "unknown"};
constexpr const char* message_status[] = {"queued",    "sending",     "accepted",
                                          "delivered", "undelivered", "failed",
                                          "unknown",   "cancelled",   "expired"};
constexpr const char* agreement_status[] = {"offered", "agreed",     "disagreed", "withdrawn",
                                            "lapsed",  "superseded", "retired"};
constexpr const char* alert_status[] = {"open", "cleared", "withdrawn", "closed"};

json::value when(const std::optional<Instant>& t) {
  if (!t) return nullptr;
  if (*t == Instant::max()) return "open";
  return json::value(to_iso(*t));
}

// Bytes as they came may be no UTF-8; JSON must be.
std::string clean(const std::string& text) {
  if (utf8_from(text)) return text;
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x80 ? c : '?';
  return out;
}

json::object record(const Person& p) {
  json::object o{{"key", p.key},
                 {"status", person_status[static_cast<int>(p.status)]},
                 {"number", p.number},
                 {"called", clean(p.display)},
                 {"programme", p.programme},
                 {"practitioner", p.practitioner},
                 {"timezone", p.zone},
                 {"language", p.language},
                 {"enrolled_by", clean(p.enrolled_by)},
                 {"enrolled_at", to_iso(p.enrolled_at)},
                 {"agreed_at", when(p.agreed_at)},
                 {"sharing", p.sharing},
                 {"paused_until", when(p.paused_until)},
                 {"hold", p.hold},
                 {"needs", clean(p.needs)},
                 {"plan", clean(p.plan)}};
  json::array measures;
  for (const auto& m : p.measures) {
    measures.push_back(
        {{"measure", m.measure}, {"goal", clean(m.goal)}, {"wording", clean(m.wording)}});
  }
  o["measures"] = std::move(measures);
  json::array times;
  for (const TimeOfDay t : p.times) times.emplace_back(to_hm(t));
  o["times"] = std::move(times);
  json::array days;
  for (const Weekday d : p.days) days.emplace_back(std::string(short_name(d)));
  o["days"] = std::move(days);
  json::object single;
  for (const auto& [prompt, own] : p.own_times) {
    json::array own_times;
    for (const TimeOfDay t : own.times) own_times.emplace_back(to_hm(t));
    json::array own_days;
    for (const Weekday d : own.days) own_days.emplace_back(std::string(short_name(d)));
    single[prompt] = {{"times", std::move(own_times)}, {"days", std::move(own_days)}};
  }
  o["own_times"] = std::move(single);
  json::object extra;
  for (const auto& [k, v] : p.extra) extra[k] = clean(v);
  o["other"] = std::move(extra);
  json::object params;
  for (const auto& [rule, values] : p.rule_params) {
    json::object set;
    for (const auto& [k, v] : values) set[k] = v;
    params[rule] = std::move(set);
  }
  o["rule_numbers"] = std::move(params);
  return o;
}

json::array readings(store::ReadTx& tx, const Person& p) {
  json::array out;
  for (const store::Reading& r : tx.readings_of(p.id, Instant{0})) {
    out.push_back({{"component", r.component},
                   {"value", r.low_mark ? json::value(nullptr) : json::value(to_text(r.value))},
                   {"day", to_iso(r.local_day)},
                   {"at", to_iso(r.at)},
                   {"replaced", r.corrected_by != 0},
                   {"low_in_words", r.low_mark},
                   {"doubtful", r.doubtful},
                   {"by_somebody_else", r.by_other}});
  }
  return out;
}

json::array questions(store::ReadTx& tx, const Person& p) {
  json::array out;
  for (const store::Prompt& q : tx.prompts_of(p.id, Instant{0})) {
    json::array measures;
    for (const std::string& m : q.measures) measures.emplace_back(m);
    out.push_back({{"schedule", q.schedule},
                   {"day", to_iso(q.local_date)},
                   {"due", to_iso(q.due_at)},
                   {"sent", when(q.sent_at)},
                   {"status", prompt_status[static_cast<int>(q.status)]},
                   {"measures", std::move(measures)}});
  }
  return out;
}

json::array texts_to(store::ReadTx& tx, const Person& p) {
  json::array out;
  for (const store::Message& m : tx.messages_of(p.id, Instant{0})) {
    out.push_back({{"to", m.practitioner.empty() ? std::string("person") : m.practitioner},
                   {"kind", m.template_name},
                   {"text", clean(m.text)},
                   {"due", to_iso(m.due_at)},
                   {"handed_over", when(m.accepted_at)},
                   {"status", message_status[static_cast<int>(m.status)]}});
  }
  return out;
}

json::array texts_from(store::ReadTx& tx, const Person& p) {
  json::array out;
  for (const store::Inbound& in : tx.inbound_of(p.id, Instant{0})) {
    out.push_back({{"at", to_iso(in.at)},
                   {"text", clean(in.text)},
                   {"read_as", in.kind},
                   {"seen", when(in.seen_at)},
                   {"seen_by", in.seen_by}});
  }
  return out;
}

json::array agreements(store::ReadTx& tx, const Person& p) {
  json::array out;
  for (const store::Agreement& a : tx.agreements_of(p.id)) {
    json::array roles;
    for (const std::string& r : a.recipients) roles.emplace_back(r);
    out.push_back({{"code", a.code},
                   {"sentence", clean(a.sentence)},
                   {"status", agreement_status[static_cast<int>(a.status)]},
                   {"tells", std::move(roles)},
                   {"offered", to_iso(a.offered_at)},
                   {"answered", when(a.answered_at)},
                   {"review", when(a.review_at)}});
  }
  return out;
}

json::array alerts(store::ReadTx& tx, const Person& p) {
  json::array out;
  for (const store::Alert& a : tx.alerts_of(p.id)) {
    out.push_back({{"code", a.code},
                   {"agreement", a.agreement_code},
                   {"status", alert_status[static_cast<int>(a.status)]},
                   {"since", a.onset ? json::value(to_iso(*a.onset)) : json::value(nullptr)},
                   {"told", to_iso(a.fired_at)},
                   {"ended", when(a.ended_at)},
                   {"acknowledged", when(a.acked_at)},
                   {"acknowledged_by", a.acked_by},
                   {"done", when(a.done_at)},
                   {"done_by", a.done_by},
                   {"note", clean(a.note)}});
  }
  return out;
}

json::array trail(store::ReadTx& tx, const Person& p) {
  json::array out;
  for (const store::AuditRow& r : tx.audit_of(p.id, 0, log_rows_max)) {
    out.push_back({{"at", to_iso(r.at)},
                   {"who", r.actor},
                   {"what", r.action},
                   {"about", r.subject},
                   {"detail", clean(r.detail)}});
  }
  return out;
}

void indent(std::string& out, const json::value& v, int depth) {
  const std::string pad(static_cast<std::size_t>(depth + 1) * 2, ' ');
  const std::string end(static_cast<std::size_t>(depth) * 2, ' ');
  if (v.is_object() && !v.get_object().empty()) {
    out += "{\n";
    bool first = true;
    for (const auto& [k, x] : v.get_object()) {
      out += (first ? "" : ",\n") + pad + json::serialize(json::value(k)) + ": ";
      indent(out, x, depth + 1);
      first = false;
    }
    out += "\n" + end + "}";
  } else if (v.is_array() && !v.get_array().empty()) {
    out += "[\n";
    bool first = true;
    for (const json::value& x : v.get_array()) {
      out += (first ? "" : ",\n") + pad;
      indent(out, x, depth + 1);
      first = false;
    }
    out += "\n" + end + "]";
  } else {
    out += json::serialize(v);
  }
}

std::string text_of(const json::object& o, std::string_view name) {
  const json::value* v = o.if_contains(name);
  return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string{};
}

}  // namespace

json::object person_data(store::ReadTx& tx, const Setting& s, const Person& p) {
  return {{"format", "moodline-person/1"},
          {"service", s.service.settings.name},
          {"as_of", to_iso(s.now)},
          {"record", record(p)},
          {"readings", readings(tx, p)},
          {"questions", questions(tx, p)},
          {"texts_from_you", texts_from(tx, p)},
          {"texts_about_you", texts_to(tx, p)},
          {"agreements", agreements(tx, p)},
          {"alerts", alerts(tx, p)},
          {"trail", trail(tx, p)}};
}

std::string person_json(store::ReadTx& tx, const Setting& s, const Person& person) {
  std::string out;
  indent(out, person_data(tx, s, person), 0);
  return out + "\n";
}

std::string person_csv(store::ReadTx& tx, const Setting& s, const Person& person) {
  const json::object all = person_data(tx, s, person);
  std::string out(byte_order_mark);
  out += csv_row({"kind", "at", "day", "name", "value", "detail"});
  for (const auto& [k, v] : all.at("record").get_object()) {
    const std::string value = v.is_string() ? std::string(v.get_string())
                              : v.is_null() ? std::string{}
                                            : json::serialize(v);
    out += csv_row({"record", "", "", std::string(k), value, ""});
  }
  struct Sheet {
    const char *list, *kind, *at, *day, *name, *value, *detail;
  };
  static constexpr Sheet sheets[] = {
      {"readings", "reading", "at", "day", "component", "value", ""},
      {"questions", "question", "due", "day", "schedule", "status", ""},
      {"texts_from_you", "text from you", "at", "", "read_as", "text", "seen_by"},
      {"texts_about_you", "text about you", "handed_over", "", "kind", "text", "status"},
      {"agreements", "agreement", "answered", "", "code", "sentence", "status"},
      {"alerts", "alert", "told", "since", "code", "status", "note"},
      {"trail", "trail", "at", "", "who", "what", "detail"}};
  for (const Sheet& sheet : sheets) {
    for (const json::value& v : all.at(sheet.list).get_array()) {
      const json::object& o = v.get_object();
      std::string detail = text_of(o, sheet.detail);
      if (o.contains("replaced") && o.at("replaced").as_bool()) detail = "replaced";
      if (o.contains("low_in_words") && o.at("low_in_words").as_bool()) detail = "low in words";
      out += csv_row({sheet.kind, text_of(o, sheet.at), text_of(o, sheet.day),
                      text_of(o, sheet.name), text_of(o, sheet.value), detail});
    }
  }
  return out;
}

}  // namespace moodline::records
