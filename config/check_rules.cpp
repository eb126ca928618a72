// What a rule must be beyond its form: possible, ending, agreed in full, and never to nobody.
#include <fmt/format.h>

#include <algorithm>

#include "config/friends.hpp"
#include "config/loader.hpp"
#include "config/resolve.hpp"

namespace moodline::config {
namespace {
using rules::Step;
using rules::StepKind;

constexpr std::int64_t day_s = 86'400;
constexpr std::string_view safety_list = "safety";

bool tells(const Action& a) {
  return a.step.kind == StepKind::notify || a.step.kind == StepKind::digest;
}

/// Default numbers first, then every corner of the allowed box.
std::vector<ParamValues> corners(const RuleSpec& rule) {
  ParamValues first;
  for (const Param& p : rule.params) first[p.name] = p.fallback;
  std::vector<ParamValues> out{first};
  const std::size_t count = std::size_t{1} << rule.params.size();
  for (std::size_t bits = 0; bits < count; ++bits) {
    ParamValues v;
    for (std::size_t i = 0; i < rule.params.size(); ++i) {
      const Param& p = rule.params[i];
      v[p.name] = (bits >> i & 1U) != 0 ? p.high : p.low;
    }
    if (v != first) out.push_back(std::move(v));
  }
  return out;
}

std::string shown(const ParamValues& values) {
  std::string out;
  for (const auto& [name, value] : values)
    out += (out.empty() ? "" : ", ") + name + " " + to_text(value);
  return out;
}

bool can_hold(const rules::Line& line, const Component& c) {
  switch (line.test) {
    case rules::Test::below:
      return line.value > c.min;
    case rules::Test::at_most:
      return line.value >= c.min;
    case rules::Test::above:
      return line.value < c.max;
    case rules::Test::at_least:
      return line.value <= c.max;
  }
  return true;
}

bool always_holds(const rules::Line& line, const Component& c) {
  switch (line.test) {
    case rules::Test::below:
      return line.value > c.max;
    case rules::Test::at_most:
      return line.value >= c.max;
    case rules::Test::above:
      return line.value < c.min;
    case rules::Test::at_least:
      return line.value <= c.min;
  }
  return false;
}

/// An alarm that no answer can raise, or every answer does; a clear line no answer can reach.
void check_possible(Problems& problems, const RuleSpec& spec, const rules::Rule& rule,
                    const Component& c) {
  if (c.max <= c.min) return;  // told already
  const std::string cure =
      fmt::format("choose one inside {} to {}", to_text(c.min), to_text(c.max));
  if (rule.clear.line) {
    // A clear line stands beside an alarm line.
    const bool can = can_hold(rule.when.line, c);
    if (!can || always_holds(rule.when.line, c)) {
      problems.add(spec.when.place, spec.when.path,
                   can ? "every answer meets the line" : "no answer meets the line", cure);
    }
    if (!can_hold(*rule.clear.line, c)) {
      problems.add(spec.clear ? spec.clear->place : spec.place, spec.path + ".clear",
                   "no answer reaches the clear line", cure);
    }
  }
  if (rule.when.amount > c.max - c.min) {
    problems.add(spec.when.place, spec.when.path,
                 fmt::format("a change of {} cannot happen", to_text(rule.when.amount)),
                 fmt::format("choose {} at most", to_text(c.max - c.min)));
  }
}

void check_list(Problems& problems, const RuleSpec& spec, const rules::Rule& rule) {
  if (rule.when.list == safety_list && !spec.urgent) {
    problems.add(spec.place, spec.path,
                 "a safety rule that is not urgent could wait for office hours",
                 "add urgent: true");
  } else if (!rule.when.list.empty() && rule.when.list != safety_list) {
    problems.add(spec.when.place, spec.when.path,
                 fmt::format("word list {} is unknown", quote(rule.when.list)), "write safety");
  }
}

/// The rule at its defaults and at every corner of what may be agreed.
void check_numbers(Loader& l, const RuleSpec& spec, const rules::KindInfo& kind) {
  if (!spec.clear && !kind.clear.empty()) return;  // told already
  const Measure* measure = l.service.measure_of_component(spec.measure);
  const Component* component = measure == nullptr ? nullptr : measure->component(spec.measure);
  bool defaults = true;
  for (const ParamValues& values : corners(spec)) {
    Problems own;
    const rules::Rule rule = build_rule(spec, values, own);
    const std::string with = defaults ? "" : " with " + shown(values);
    if (!own.has_errors() && component != nullptr) check_possible(own, spec, rule, *component);
    check_list(own, spec, rule);
    for (const Problem& p : own.sorted()) {
      l.add({p.file, p.line, p.column}, p.path, p.what + with, p.cure);
    }
    if (own.has_errors()) return;  // one set of numbers is enough to mend
    defaults = false;
  }
}

void check_measure(Loader& l, const RuleSpec& spec, const rules::KindInfo& kind) {
  std::vector<std::string> known;
  for (const Measure& m : l.service.measures) {
    for (const Component& c : m.components) known.push_back(c.id);
  }
  if (spec.measure.empty()) {
    if (kind.needs_measure) {
      l.add(spec.place, spec.path, fmt::format("{} needs a measure", spec.kind),
            "add measure: with one of " + fmt::format("{}", fmt::join(known, ", ")));
    }
    return;
  }
  if (l.whole("measures.yaml") &&
      std::find(known.begin(), known.end(), spec.measure) == known.end()) {
    const Measure* whole = l.service.measure(spec.measure);
    std::string parts;
    if (whole != nullptr) {
      for (const Component& c : whole->components) parts += (parts.empty() ? "" : " or ") + c.id;
    }
    l.add(spec.measure_place, spec.path + ".measure",
          whole != nullptr ? fmt::format("{} is not one number", quote(spec.measure))
                           : fmt::format("measure {} is not in measures.yaml", quote(spec.measure)),
          parts.empty() ? suggestion(spec.measure, known) : "write " + parts);
  }
  if (kind.needs_measure && !kind.clear.empty() && !spec.common.contains("missing")) {
    l.add(spec.place, spec.path, "does not say what a missed day means",
          "add missing: skip or missing: break, here or under defaults");
  }
}

void check_templates(Loader& l, const RuleSpec& spec) {
  if (!l.whole("texts/") || l.service.texts.templates.empty()) return;
  for (const auto* list : {&spec.then, &spec.escalate}) {
    for (const Action& a : *list) {
      const Step& s = a.step;
      if (s.template_id.empty() || s.kind == StepKind::text_own_words) continue;
      const Audience wanted =
          s.kind == StepKind::notify ? Audience::practitioner : Audience::person;
      std::vector<std::string> known;
      for (const auto& [name, t] : l.service.texts.templates) {
        if (t.audience == wanted) known.push_back(name);
      }
      if (std::find(known.begin(), known.end(), s.template_id) != known.end()) continue;
      const std::string near = nearest(s.template_id, known);
      l.add(a.text_place, a.path + (s.kind == StepKind::notify ? ".template" : ".text_person"),
            fmt::format("text {} is not in texts/*.yaml", quote(s.template_id)),
            !near.empty()                      ? "did you mean " + near + "?"
            : wanted == Audience::practitioner ? "add it under alerts"
                                               : "add it under messages");
    }
  }
}

/// True where `b` can never be due after `a`.
bool not_later(const Step& a, const Step& b) {
  if (a.clock == b.clock) {
    return b.after_days < a.after_days || (b.after_days == a.after_days && b.after_s <= a.after_s);
  }
  // A working day is at most a day long, working hours are never faster than the clock's.
  if (a.clock == rules::Clock::working_hours && b.clock == rules::Clock::elapsed)
    return b.after_s <= a.after_s;
  if (a.clock == rules::Clock::working_hours) return b.after_days * day_s <= a.after_s;
  return false;
}

void check_steps(Loader& l, const RuleSpec& spec, const rules::KindInfo& kind) {
  std::vector<std::string> told;
  for (const Action& a : spec.then) {
    if (tells(a)) told.push_back(a.step.role);
  }
  for (std::size_t i = 0; i < spec.escalate.size(); ++i) {
    const Action& a = spec.escalate[i];
    if (a.step.kind != StepKind::notify) {
      l.add(a.place, a.path, "an escalation step that tells nobody", "write notify: with a role");
      continue;
    }
    if (a.step.at_once()) {
      l.add(a.place, a.path, "does not say after how long",
            "add after: such as \"4 working hours\"");
    }
    if (told.empty()) {
      l.add(a.place, a.path,
            "is unreachable: no step of then tells anybody who could fail to answer",
            "add {notify: ...} to then");
    } else if (kind.one_shot) {
      l.add(a.place, a.path,
            fmt::format("is unreachable: {} acts once and leaves nothing open", spec.kind),
            "remove escalate");
    } else if (i > 0 && not_later(spec.escalate[i - 1].step, a.step)) {
      l.add(a.place, a.path, "is unreachable: it is due no later than the step before it",
            "write a longer after");
    } else if (std::find(told.begin(), told.end(), a.step.role) != told.end()) {
      l.add(a.place, a.path, fmt::format("loops: {} has been told already", a.step.role),
            "pass the alert on to somebody else");
    }
    told.push_back(a.step.role);
  }
  if (spec.urgent && (spec.escalate.empty() || spec.escalate.back().step.role != "duty")) {
    l.add(spec.place, spec.path, "an urgent rule whose escalation does not end at duty",
          "add escalate: [{after: \"15m\", notify: duty, template: ...}]");
  }
}

/// What a friend is told is a sentence of its own: agreed and ended apart from all others.
void check_friend(Loader& l, const RuleSpec& spec) {
  const auto roles = spec.roles();
  if (std::find(roles.begin(), roles.end(), "friend") == roles.end()) return;
  if (roles.size() > 1) {
    l.add(spec.place, spec.path, "tells a friend and somebody who works for the service",
          "write a rule of its own for the friend, so that each can be agreed and ended alone");
  }
  if (spec.urgent || !spec.escalate.empty()) {
    l.add(spec.place, spec.path, "leaves somebody in danger to a friend",
          "tell the friend without urgent and escalate, and have another rule for duty");
  }
}

/// Ids of those who fill a role for somebody.
std::vector<std::string> fillers(const Service& s, const std::string& role) {
  std::vector<std::string> out;
  const auto put = [&](const std::string& id) {
    if (!id.empty() && std::find(out.begin(), out.end(), id) == out.end()) out.push_back(id);
  };
  if (role == "duty") put(s.settings.contacts.duty);
  if (role == "admin") put(s.settings.contacts.admin);
  for (const Practitioner& p : s.practitioners) {
    if (role == "friend" && is_friend(p)) put(p.id);
    const bool sees_people =
        std::find(p.roles.begin(), p.roles.end(), "practitioner") != p.roles.end();
    if (!sees_people) continue;
    if (role == "practitioner") put(p.id);
    if (role == "deputy") put(p.deputy);
    if (role == "lead") put(p.lead);
  }
  return out;
}

/// First hour of the week ("sat 00:00") without hours; empty where there is none.
std::string uncovered(const Practitioner& p) {
  for (int d = 0; d < 7; ++d) {
    const auto day = static_cast<Weekday>(d);
    const auto it = p.hours.find(day);
    std::int32_t reached = 0;
    if (it != p.hours.end()) {
      for (const HoursSpan& span : it->second) {
        if (span.opens.s > reached) break;
        reached = span.closes.s;
      }
    }
    if (reached < day_s) return fmt::format("{} {}", short_name(day), to_hm(TimeOfDay{reached}));
  }
  return {};
}

void check_cover(Loader& l, const RuleSpec& spec) {
  std::vector<const Action*> chain;
  for (const auto* list : {&spec.then, &spec.escalate}) {
    for (const Action& a : *list) {
      if (tells(a)) chain.push_back(&a);
    }
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Action& a = *chain[i];
    if (!l.whole("practitioners.yaml") || !l.whole("service.yaml")) return;
    const std::vector<std::string> who = fillers(l.service, a.step.role);
    if (who.empty()) {
      l.add(a.place, a.path, fmt::format("is unreachable: nobody is {}", a.step.role),
            "name somebody in practitioners.yaml or under contacts");
    }
    for (const std::string& id : who) {
      const Practitioner* p = l.service.practitioner(id);
      if (p == nullptr) continue;
      const std::string gap = uncovered(*p);
      const bool behind =
          is_friend(*p) || !p->deputy.empty() || !p->lead.empty() || i + 1 < chain.size();
      if (a.step.kind == StepKind::notify && !gap.empty() && !behind && !spec.urgent) {
        l.add(a.place, a.path,
              fmt::format("tells {} ({}), who has no cover from {} and nobody behind them", id,
                          a.step.role, gap),
              "name a deputy or lead in practitioners.yaml, or add an escalate step");
      }
    }
  }
}
}  // namespace

void check_rules(Loader& l) {
  for (const RuleSpec& spec : l.service.rules) {
    const rules::KindInfo* kind = rules::kind_named(spec.kind);
    if (kind == nullptr) continue;
    check_measure(l, spec, *kind);
    check_numbers(l, spec, *kind);
    check_templates(l, spec);
    check_steps(l, spec, *kind);
    check_friend(l, spec);
    check_cover(l, spec);
  }
}

}  // namespace moodline::config
