// Readings: stored with their day, echoed once, asked about at most once.
#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/inbound.hpp"
#include "daemon/checkins/log_id.hpp"
#include "daemon/checkins/rule_steps.hpp"

namespace moodline::checkins {
namespace {

using replies::Ask;
using replies::Kind;
using replies::Verdict;
using store::Inbound;
using store::Reading;

constexpr Millis reading_day{86'400'000};

// What the reader calls "NAME" or, of a pair, "NAME.systolic" and "NAME.diastolic", as the
// service's measure calls its components ("bp.systolic"): what readings and rules go by.
std::string component_named(const Desk& d, const std::string& name) {
  const config::Measure* m = d.s.service.measure(name);
  if (m != nullptr && m->components.size() == 1) return m->components.front().id;
  const auto dot = name.rfind('.');
  if (m != nullptr || dot == std::string::npos) return name;
  const config::Measure* pair = d.s.service.measure(std::string_view(name).substr(0, dot));
  if (pair == nullptr || pair->components.size() != 2) return name;
  return name.substr(dot + 1) == "systolic" ? pair->components[0].id : pair->components[1].id;
}

// The components a verdict gives a value for.
std::map<std::string, Decimal> values_of(const Desk& d, const Verdict& v) {
  std::map<std::string, Decimal> out;
  const auto component = [&](const std::string& name) { return component_named(d, name); };
  for (const auto& [name, value] : v.values) out[component(name)] = value;
  if (v.value && !v.measure.empty() && v.kind != Kind::out_of_range) {
    out[component(v.measure)] = *v.value;
  }
  return out;
}

bool stores_value(Kind k) {
  return k == Kind::reading || k == Kind::readings || k == Kind::correction || k == Kind::command ||
         k == Kind::unclear || k == Kind::safety;
}

LocalDate day_of_reply(Desk& d, const Verdict& v, const Inbound& in) {
  if (v.for_day) return day_of(d.zone(), in.at) - *v.for_day;
  if (const auto p = open_prompt(d, in.at)) return p->local_date;
  return day_of(d.zone(), in.at);
}

// The reading that a correction replaces: the newest of that component before it.
std::optional<Reading> replaced(Desk& d, const std::string& component, const Verdict& v,
                                const Inbound& in) {
  std::optional<Reading> found;
  for (Reading& r : d.tx.readings_of(d.person.id, in.at - 8 * reading_day)) {
    if (r.component != component || r.corrected_by != 0 || r.at >= in.at) continue;
    if (v.for_day && r.local_day != day_of(d.zone(), in.at) - *v.for_day) continue;
    if (!found || r.at >= found->at) found = r;
  }
  return found;
}

std::string shown(const Desk& d, const std::map<std::string, Decimal>& values) {
  std::string out;
  const bool pressure = values.size() == 2 && values.begin()->first.find('.') != std::string::npos;
  if (pressure) {
    // Components sort as diastolic, systolic; people read them the other way round.
    return to_text(values.rbegin()->second) + "/" + to_text(values.begin()->second);
  }
  for (const auto& [component, value] : values) {
    if (!out.empty()) out += ", ";
    if (values.size() > 1) out += d.measure_name(component) + " ";
    out += to_text(value);
  }
  return out;
}

// Every measure that is still open, named in the one question that asks for the rest.
std::string missing(const Desk& d, const Verdict& v) {
  std::string out;
  for (const std::string& m : v.ask_measures) {
    out += (out.empty() ? "" : ", ") + d.measure_name(m);
  }
  return out;
}

const config::Component* component_of(const Desk& d, const std::string& measure) {
  const config::Measure* m = d.s.service.measure(measure);
  return m == nullptr || m->components.empty() ? nullptr : &m->components.front();
}

void ask_value(Desk& d, std::string_view template_name, const std::string& measure) {
  const config::Measure* m = d.s.service.measure(measure);
  if (m != nullptr && m->shape == config::Shape::yes_no) {
    d.reply("ask-yes-no", {{"measure", d.measure_name(measure)}});
  } else if (m != nullptr && m->shape == config::Shape::blood_pressure) {
    d.reply("ask-blood-pressure");
  } else if (const config::Component* c = component_of(d, measure)) {
    d.reply(template_name, {{"measure", d.measure_name(measure)},
                            {"low", to_text(c->min)},
                            {"high", to_text(c->max)}});
  }
}

void ask_which_end(Desk& d, const std::string& measure) {
  const config::Measure* m = d.s.service.measure(measure);
  if (m == nullptr || m->labels.size() < 2) {
    ask_value(d, "ask-number", measure);
    return;
  }
  const auto word = [&](const config::MeasureLabel& l) {
    const auto it = l.words.find(d.s.service.language_or_default(d.person.language));
    return it == l.words.end() ? std::string{} : it->second;
  };
  d.reply("ask-label", {{"low", to_text(m->labels.front().value)},
                        {"low_label", word(m->labels.front())},
                        {"high", to_text(m->labels.back().value)},
                        {"high_label", word(m->labels.back())}});
}

void ask_back(Desk& d, const Verdict& v, const std::string& measure) {
  if (v.kind == Kind::out_of_range) {
    ask_value(d, "ask-range", measure);
    return;
  }
  switch (v.ask) {
    case Ask::none:
      return;
    case Ask::value:
    case Ask::new_value:
      ask_value(d, "ask-number", measure);
      return;
    case Ask::which_of:
    case Ask::neighbours:
      if (v.candidates.size() >= 2) {
        d.reply("ask-between",
                {{"first", to_text(v.candidates[0])}, {"second", to_text(v.candidates[1])}});
      } else {
        ask_value(d, "ask-number", measure);
      }
      return;
    case Ask::which_end:
      ask_which_end(d, measure);
      return;
    case Ask::which_measure:
      if (v.candidates.size() == 1 && v.ask_measures.size() >= 2) {
        d.reply("ask-which-measure", {{"value", to_text(v.candidates[0])},
                                      {"first", d.measure_name(v.ask_measures[0])},
                                      {"second", d.measure_name(v.ask_measures[1])}});
      } else if (!v.ask_measures.empty()) {
        d.reply("ask-measure", {{"measure", missing(d, v)}});
      }
      return;
    case Ask::neutral_stop:
      d.reply("way-out");
      return;
  }
}

// At most one question about a prompt; without an open one, at most one a day.
bool may_ask(Desk& d, const Inbound& in) {
  if (auto p = open_prompt(d, in.at)) {
    p->clarifications += 1;
    if (!d.tx.put(*p)) throw store::StoreError("prompt_update", "slot clash");
    return p->clarifications == 1;
  }
  const std::string today = to_iso(d.today());
  std::string& last = d.person.extra["asked_back_on"];
  if (last == today) return false;
  last = today;
  return true;
}

// `changed`: the day whose reading was replaced; it is the one that is named.
void echo(Desk& d, const Verdict& v, const std::map<std::string, Decimal>& values, LocalDate on,
          std::optional<LocalDate> changed, const Inbound& in) {
  if (d.person.do_not_reply) return;
  const std::string value = shown(d, values);
  const std::string name = d.day_name(changed.value_or(on));
  if (changed) {
    d.reply("corrected", {{"value", value}, {"day", name}});
  } else if (v.ask == Ask::which_measure && !v.ask_measures.empty() && may_ask(d, in)) {
    d.reply("confirmed-partial", {{"list", value}, {"measure", missing(d, v)}});
  } else if (v.converted_from) {
    d.reply("confirmed-converted",
            {{"value", value}, {"converted", *v.converted_from}, {"day", name}});
  } else if (values.size() > 1) {
    d.reply("confirmed-list", {{"list", value}, {"day", name}});
  } else {
    d.reply("confirmed", {{"value", value}, {"day", name}});
  }
}

// A verdict's values for days other than the one it is stored for: "yesterday 4, today 6". One
// said in passing goes only where its day is empty.
std::map<int, Decimal> other_days(Desk& d, const Verdict& v, const Inbound& in) {
  std::map<int, Decimal> out = v.by_day;
  out.erase(v.for_day.value_or(0));
  const config::Component* c = component_of(d, v.measure);
  if (c == nullptr) return {};
  if (!v.only_if_empty || out.empty()) return out;
  const LocalDate today = day_of(d.zone(), in.at);
  for (const Reading& r : d.tx.readings_of(d.person.id, in.at - 9 * reading_day)) {
    const bool counts = r.component == c->id && r.corrected_by == 0 && !r.low_mark;
    if (counts && r.inbound != in.id) out.erase(today - r.local_day);
  }
  return out;
}

void store_other_days(Desk& d, const Verdict& v, const Inbound& in) {
  for (const auto& [back, value] : other_days(d, v, in)) {
    Reading r;
    r.person = d.person.id;
    r.component = component_of(d, v.measure)->id;
    r.value = value;
    r.at = in.at;
    r.local_day = day_of(d.zone(), in.at) - back;
    r.inbound = in.id;
    r.by_other = v.by_other;
    d.tx.put(r);
  }
}

/// The day whose reading was replaced, if one was.
std::optional<LocalDate> store_values(Desk& d, const Verdict& v, const Inbound& in,
                                      const std::map<std::string, Decimal>& values, LocalDate on) {
  const auto open = open_prompt(d, in.at);
  std::optional<LocalDate> changed;
  for (const auto& [component, value] : values) {
    Reading r;
    r.person = d.person.id;
    r.component = component;
    r.value = value;
    r.at = in.at;
    r.local_day = on;
    r.inbound = in.id;
    r.prompt = open ? open->id : 0;
    r.by_other = v.by_other;
    std::optional<Reading> old;
    if (v.kind == Kind::correction) old = replaced(d, component, v, in);
    if (old) r.local_day = old->local_day;
    d.tx.put(r);
    if (old) {
      old->corrected_by = r.id;
      d.tx.put(*old);
      changed = old->local_day;
    }
  }
  store_other_days(d, v, in);
  return changed;
}

void store_low_mark(Desk& d, const Inbound& in, const std::string& measure, LocalDate on) {
  const config::Component* c = component_of(d, measure);
  if (c == nullptr) return;
  Reading r;
  r.person = d.person.id;
  r.component = c->id;
  r.at = in.at;
  r.local_day = on;
  r.inbound = in.id;
  r.low_mark = true;
  d.tx.put(r);
}

std::string first_measure(Desk& d, const Verdict& v, const Inbound& in) {
  if (!v.measure.empty()) return v.measure;
  if (const auto p = open_prompt(d, in.at); p && !p->measures.empty()) return p->measures.front();
  return d.person.measures.empty() ? std::string{} : d.person.measures.front().measure;
}

}  // namespace

void learn_from(Desk& d, const Verdict& v, const Inbound& in) {
  std::vector<PersonEvent> entries;
  PersonEvent e;
  e.type = "inbound";
  e.id = log_id(in.id);
  e.at = in.at;
  if (stores_value(v.kind)) e.values = values_of(d, v);
  if (v.low_mark) {
    if (const auto* c = component_of(d, first_measure(d, v, in))) e.low.push_back(c->id);
  }
  e.corrects = v.kind == Kind::correction;
  if (v.for_day) e.for_day = day_of(d.zone(), in.at) - *v.for_day;
  if (v.safety.flagged()) {
    e.lists = {"safety", std::string(replies::name_of(v.safety.tier))};
  }
  entries.push_back(std::move(e));
  for (const auto& [back, value] : other_days(d, v, in)) {
    PersonEvent other;
    other.type = "inbound";
    other.id = fmt::format("{}.d{}", log_id(in.id), back);
    other.at = in.at;
    other.values[component_of(d, v.measure)->id] = value;
    other.for_day = day_of(d.zone(), in.at) - back;
    entries.push_back(std::move(other));
  }
  d.save();
  learn(d, entries);
}

void act_on_reading(Desk& d, const Verdict& v, const Inbound& in) {
  const LocalDate on = day_of_reply(d, v, in);
  const auto values = stores_value(v.kind) ? values_of(d, v) : std::map<std::string, Decimal>{};
  if (!values.empty()) {
    const auto changed = store_values(d, v, in, values, on);
    // A question about this number stands behind a hold or an unclear text, not an echo.
    const bool plain =
        v.kind == Kind::reading || v.kind == Kind::readings || v.kind == Kind::correction;
    if (plain) echo(d, v, values, on, changed, in);
    if (plain || v.kind == Kind::command) return;
  }
  const std::string measure = first_measure(d, v, in);
  if (v.low_mark) store_low_mark(d, in, measure, on);
  if (d.person.do_not_reply || v.safety.flagged() || v.own_slip) return;
  if (v.kind == Kind::note_only) {
    const std::string today = to_iso(d.today());
    std::string& last = d.person.extra["noted_on"];
    if (last != today && v.ask == Ask::none) d.reply("noted", {{"day", d.day_name(on)}});
    last = today;
    return;
  }
  if (v.ask == Ask::neutral_stop) {
    d.reply("way-out");
    return;
  }
  if ((v.ask != Ask::none || v.kind == Kind::out_of_range) && may_ask(d, in)) {
    ask_back(d, v, measure);
  }
}

}  // namespace moodline::checkins
