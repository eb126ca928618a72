// Runs one test: the engine over its log, then the desk over what the engine said.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/cases_desk.hpp"
#include "config/friends.hpp"
#include "config/rule_test_case.hpp"

namespace moodline::config {
namespace {
using rules::DeskEvent;
using rules::Emitted;
using rules::EmitType;
using rules::LineKind;

// What an alert says in a test that stands alone, without texts.
constexpr std::string_view alone_words =
    "Check-in {code}: agreed line crossed {since}. Reply ACK {code}. Not live monitored.";

rules::Calendar calendar_of(const Practitioner& p) {
  rules::Calendar c;
  c.zone = Zone::find(p.timezone).value_or(Zone::utc());
  for (const auto& [day, spans] : p.hours) {
    for (const HoursSpan& s : spans) {
      c.week.at(static_cast<std::size_t>(day)).push_back({s.opens, s.closes});
    }
  }
  c.holidays = p.holidays;
  for (const Leave& l : p.leave) c.leave.push_back({l.from, l.to});
  return c;
}

std::vector<rules::Recipient> recipients_of(const Service& service, const Zone& zone) {
  std::vector<rules::Recipient> out;
  for (const Practitioner& p : service.practitioners) {
    out.push_back({p.id, calendar_of(p), p.deputy, p.daily_cap, false});
  }
  rules::Recipient person{"person", rules::Calendar::always(zone), "", 0, true};
  const SendingWindow& w = service.settings.sending;
  person.calendar.week.fill({{w.opens, w.closes}});
  out.push_back(std::move(person));
  return out;
}

/// The first practitioner of the service, and who stands behind them.
std::map<std::string, std::string> roles_of(const Service& service) {
  std::map<std::string, std::string> out = {{"person", "person"},
                                            {"duty", service.settings.contacts.duty},
                                            {"admin", service.settings.contacts.admin}};
  for (const Practitioner& p : service.practitioners) {
    if (is_friend(p)) out.try_emplace("friend", p.id);
  }
  for (const Practitioner& p : service.practitioners) {
    if (std::find(p.roles.begin(), p.roles.end(), "practitioner") == p.roles.end()) continue;
    out["practitioner"] = p.id;
    out["deputy"] = p.deputy;
    out["lead"] = p.lead;
    break;
  }
  return out;
}

std::vector<Emitted> run_engine(const TestCase& test) {
  std::vector<Emitted> all;
  const auto keep = [&](rules::Outcome outcome) {
    for (Emitted& e : outcome.emitted) all.push_back(std::move(e));
  };
  rules::State state = rules::begin(test.rule, test.agreed_at, test.zone);
  for (std::size_t i = 0; i < test.log.size() && test.log[i].learned <= test.until;) {
    std::size_t end = i;
    while (end < test.log.size() && test.log[end].learned == test.log[i].learned) ++end;
    keep(rules::step(state, std::span(test.log).subspan(i, end - i), test.log[i].learned));
    i = end;
  }
  keep(rules::advance(state, test.until));
  return all;
}

std::string alert_id(std::uint32_t n) {
  return fmt::format("K{}", n + 6);  // the first is K7, as in the documents
}

std::optional<DeskEvent> desk_event(const Emitted& e,
                                    const std::map<std::string, std::string>& roles) {
  const std::string id = alert_id(e.alert);
  switch (e.type) {
    case EmitType::fire:
      return rules::AlertFired{{id, "person", e.rule, roles}, e.at};
    case EmitType::clear:
      return rules::AlertCleared{id, e.at};
    case EmitType::withdraw:
      return rules::AlertWithdrawn{id, e.at};
    case EmitType::match:
      return rules::AlertMatched{id};
    case EmitType::close:
      if (e.reason == "stop" || e.reason == "unshare" || e.reason == "erase") return std::nullopt;
      return rules::AlertClosed{id, e.reason == "done"};
    default:
      return std::nullopt;
  }
}

std::optional<DeskEvent> desk_event(const DeskInput& in, std::uint32_t newest) {
  const std::string id = alert_id(newest);
  if (in.what == "ack") return rules::AckedAlert{id};
  if (in.what == "pass") return rules::PassedAlert{id};
  if (in.what == "failed") return rules::MessageFailed{id, ""};
  if (in.what == "stop" || in.what == "unshare" || in.what == "erase") {
    return rules::PersonGone{"person"};
  }
  if (in.what == "pause") return rules::PersonPaused{"person", true};
  if (in.what == "resume") return rules::PersonPaused{"person", false};
  return std::nullopt;
}

bool is_escalation(const rules::Rule& rule, const rules::MessageLine& line) {
  const auto same = [&](const rules::Step& s) {
    return s.role == line.role && s.template_id == line.template_id;
  };
  return std::any_of(rule.escalate.begin(), rule.escalate.end(), same) &&
         std::none_of(rule.then.begin(), rule.then.end(), same);
}

std::string what_of(const rules::Rule& rule, const rules::MessageLine& line, bool to_person) {
  if (line.kind == LineKind::alert || line.kind == LineKind::step) {
    if (to_person) return "text_person";
    const bool digest = std::any_of(rule.then.begin(), rule.then.end(), [&](const rules::Step& s) {
      return s.kind == rules::StepKind::digest && s.role == line.role;
    });
    if (digest) return "digest";
    return is_escalation(rule, line) ? "escalate" : "notify";
  }
  return std::string(rules::name_of(line.kind));
}

/// The words of a line as the practitioner reads them, with the codes that tests use.
std::string words_of(const Service& service, const TestCase& test, const rules::MessageLine& line,
                     const std::vector<Emitted>& emitted, const std::string& language) {
  Values values = {
      {"code", line.alert}, {"who", "AB"}, {"rule", "L3"}, {"service", service.settings.name}};
  for (const Emitted& e : emitted) {
    if (e.type != EmitType::fire || alert_id(e.alert) != line.alert) continue;
    const auto day = static_cast<std::size_t>(test.zone.local(e.at).date.weekday());
    const auto it = service.texts.languages.find(service.language_or_default(language));
    const bool known =
        it != service.texts.languages.end() && day < it->second.weekdays_short.size();
    static constexpr std::array<std::string_view, 7> english = {"Mon", "Tue", "Wed", "Thu",
                                                                "Fri", "Sat", "Sun"};
    values["since"] = known ? it->second.weekdays_short[day] : std::string(english.at(day));
  }
  if (service.texts.find(line.template_id) == nullptr) return render(alone_words, values);
  return render(service, line.template_id, language, values);
}

void add_messages(const Service& service, const TestCase& test, const std::vector<Emitted>& emitted,
                  const std::vector<rules::Message>& messages, std::vector<TestLine>& out) {
  for (const rules::Message& m : messages) {
    for (const rules::MessageLine& line : m.lines) {
      if (m.at > test.until) continue;
      const bool person = m.to == "person";
      const Practitioner* p = service.practitioner(m.to);
      const std::string language = p == nullptr || p->languages.empty() ? "" : p->languages.front();
      out.push_back({m.at, what_of(*test.rule, line, person), person ? line.template_id : m.to,
                     words_of(service, test, line, emitted, language)});
    }
  }
}

std::vector<rules::Message> run_desk(const Service& service, const TestCase& test,
                                     const std::vector<Emitted>& emitted) {
  DeskRun run(recipients_of(service, test.zone), {}, false);
  run.down = test.down;
  const auto roles = roles_of(service);
  std::map<Instant, std::pair<std::vector<DeskEvent>, bool>> timeline;
  std::map<Instant, std::uint32_t> newest;
  for (const Emitted& e : emitted) {
    const Instant at = run.up_after(e.at);
    if (e.type == EmitType::fire) newest[at] = e.alert;
    auto event = desk_event(e, roles);
    if (!event) continue;
    auto& slot = timeline[at];
    slot.first.push_back(std::move(*event));
    slot.second |= at != e.at;
  }
  for (const DeskInput& in : test.desk) {
    const auto it = newest.upper_bound(in.at);
    const std::uint32_t alert = it == newest.begin() ? 0 : std::prev(it)->second;
    if (auto event = desk_event(in, alert)) timeline[in.at].first.push_back(std::move(*event));
  }
  for (auto& [at, slot] : timeline) {
    if (at <= test.until) run.at(at, std::move(slot.first), slot.second);
  }
  run.until(test.until, true);
  return run.messages;
}
}  // namespace

std::vector<TestLine> run_test(const Service& service, const TestCase& test) {
  const std::vector<Emitted> emitted = run_engine(test);
  std::vector<TestLine> out;
  for (const Emitted& e : emitted) {
    if (e.at > test.until || e.type == EmitType::unstale || e.type == EmitType::match) continue;
    out.push_back({e.at, std::string(rules::name_of(e.type)), test.spec->id, {}});
  }
  add_messages(service, test, emitted, run_desk(service, test, emitted), out);
  std::stable_sort(out.begin(), out.end(),
                   [](const TestLine& a, const TestLine& b) { return a.at < b.at; });
  return out;
}

}  // namespace moodline::config
