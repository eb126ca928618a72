#include "daemon/pages/view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/person_log.hpp"

namespace moodline::pages {
namespace {

using checkins::Setting;
using store::Alert;
using store::Person;
using store::Prompt;
using store::PromptStatus;
using store::Reading;

constexpr Millis day{86'400'000};
constexpr int trail_audit_max = 2000;
constexpr int trail_lines_max = 60;

DayMark mark_of(PromptStatus status) {
  switch (status) {
    case PromptStatus::sent:
    case PromptStatus::delivered:
    case PromptStatus::unknown:
      return DayMark::missing;
    case PromptStatus::undelivered:
      return DayMark::undelivered;
    case PromptStatus::not_sent:
    case PromptStatus::paused:
    case PromptStatus::held:
      return DayMark::not_sent;
    case PromptStatus::due:
    case PromptStatus::sending:
      return DayMark::none;
  }
  return DayMark::none;
}

// Of several questions on one day the worst news that still is true: an answer that never came
// counts only where one of them arrived.
int weight(DayMark m) {
  switch (m) {
    case DayMark::waiting:
      return 4;
    case DayMark::missing:
      return 3;
    case DayMark::undelivered:
      return 2;
    case DayMark::not_sent:
      return 1;
    default:
      return 0;
  }
}

struct Facts {
  std::vector<Reading> readings;
  std::vector<Prompt> prompts;
};

void fill_day(ChartDay& out, const Facts& facts, const std::string& component,
              const std::string& measure, const Setting& s) {
  const Reading* last = nullptr;
  bool low = false;
  for (const Reading& r : facts.readings) {
    if (r.component != component || r.local_day != out.day || r.corrected_by != 0) continue;
    if (r.low_mark) {
      low = true;
    } else if (last == nullptr || r.at >= last->at) {
      last = &r;
    }
  }
  if (last != nullptr) {
    out.mark = DayMark::reading;
    out.value = last->value;
    return;
  }
  if (low) {
    out.mark = DayMark::low_word;
    return;
  }
  for (const Prompt& p : facts.prompts) {
    if (p.local_date != out.day) continue;
    if (std::find(p.measures.begin(), p.measures.end(), measure) == p.measures.end()) continue;
    DayMark m = mark_of(p.status);
    if (m == DayMark::missing && s.now < p.expires_at + Millis{18LL * 3'600'000} &&
        p.sent_at.value_or(p.due_at) + Millis{18LL * 3'600'000} > s.now) {
      m = DayMark::waiting;
    }
    if (weight(m) > weight(out.mark)) out.mark = m;
  }
}

std::string measure_name(const config::Measure& m) {
  const auto it = m.name.find("en");
  return it != m.name.end() ? it->second : m.id;
}

bool has_line(rules::Kind k) {
  return k == rules::Kind::streak || k == rules::Kind::n_of_m || k == rules::Kind::average;
}

const char* status_words(store::MessageStatus s) {
  static constexpr const char* names[] = {
      "waiting to be sent", "being sent", "handed to the network", "delivered",
      "not delivered",      "failed",     "sent, fate not known",  "cancelled before it left",
      "too late to send"};
  return names[static_cast<int>(s)];
}

// "practitioner:sam" -> "Sam Reed"; others as they are known.
std::string actor_words(const config::Service& service, std::string_view actor) {
  if (actor.starts_with("practitioner:")) return called(service, actor.substr(13));
  if (actor == "person") return "the person";
  if (actor.starts_with("admin")) return "the admin";
  if (actor.starts_with("api:")) return "another system";
  return "Moodline";
}

std::string action_words(std::string_view action) {
  if (action == "alert.open") return "the alert opened";
  if (action == "alert.ack") return "acknowledged";
  if (action == "alert.done") return "closed it as done";
  if (action == "alert.pass") return "passed it on";
  if (action == "page.view") return "looked at this page";
  if (action == "link.make") return "was given a link to this page";
  if (action == "alert.cleared") return "the readings came back over the line";
  if (action == "alert.withdrawn") return "the alert was taken back";
  if (action == "alert.closed") return "the alert closed";
  return {};
}

}  // namespace

std::string called(const config::Service& service, std::string_view recipient) {
  if (const auto* p = service.practitioner(recipient)) return p->name;
  if (recipient == "person") return "the person";
  return recipient.empty() ? std::string("nobody") : std::string(recipient);
}

std::string moment_words(const Zone& zone, Instant t) {
  const LocalTime l = zone.local(t);
  return day_words(l.date) + ", " + to_hm({l.time.s / 60 * 60});
}

rules::RulePtr rule_of(store::ReadTx& tx, const Alert& alert, store::Agreement& agreement) {
  for (store::Agreement& a : tx.agreements_of(alert.person)) {
    if (a.rule != alert.rule || a.code != alert.agreement_code) continue;
    agreement = a;
    auto rule = checkins::rule_from_text(a.snapshot);
    if (rule) return std::make_shared<const rules::Rule>(std::move(*rule));
  }
  return nullptr;
}

std::vector<Chart> charts_of(store::ReadTx& tx, const Setting& s, const Person& person) {
  const Zone zone = Zone::find(person.zone).value_or(Zone::utc());
  const LocalDate today = checkins::day_of(zone, s.now);
  const Facts facts{tx.readings_of(person.id, s.now - day * (chart_days + 3)),
                    tx.prompts_of(person.id, s.now - day * (chart_days + 3))};
  const auto force = checkins::in_force(tx, person.id);
  std::vector<Chart> out;
  for (const store::TrackedMeasure& t : person.measures) {
    const config::Measure* m = s.service.measure(t.measure);
    if (m == nullptr) continue;
    for (const config::Component& part : m->components) {
      Chart c;
      c.id = "c" + std::to_string(out.size() + 1);
      c.measure = m->id;
      c.name = measure_name(*m);
      if (m->components.size() > 1) c.name += " " + part.id.substr(part.id.rfind('.') + 1);
      if (const auto unit = m->unit.find("en"); unit != m->unit.end()) c.unit = unit->second;
      c.low = part.min;
      c.high = part.max;
      for (int i = chart_days - 1; i >= 0; --i) {
        ChartDay d{today - i, DayMark::none, std::nullopt};
        fill_day(d, facts, part.id, m->id, s);
        c.days.push_back(d);
      }
      for (const store::Agreement& a : force) {
        const auto rule = checkins::rule_from_text(a.snapshot);
        if (rule && rule->measure == part.id && has_line(rule->when.kind)) {
          c.line = rule->when.line;
          break;
        }
      }
      for (const Alert& a : tx.alerts_of(person.id)) {
        if (a.status != store::AlertStatus::open || !a.onset) continue;
        store::Agreement agreement;
        const auto rule = rule_of(tx, a, agreement);
        if (!rule || rule->measure != part.id) continue;
        c.episode_from = a.onset;
        if (has_line(rule->when.kind)) c.line = rule->when.line;
      }
      out.push_back(std::move(c));
    }
  }
  return out;
}

std::set<std::string> shared_measures(store::ReadTx& tx, const Setting& s, const Person& person,
                                      const std::string& practitioner) {
  std::set<std::string> out;
  for (const store::Agreement& a : checkins::in_force(tx, person.id)) {
    const bool named =
        std::any_of(a.recipients.begin(), a.recipients.end(), [&](const std::string& role) {
          return checkins::recipient_of(s.service, person, role) == practitioner;
        });
    const auto rule = checkins::rule_from_text(a.snapshot);
    if (!named || !rule) continue;
    if (const auto* m = s.service.measure_of_component(rule->measure)) out.insert(m->id);
  }
  return out;
}

std::vector<TrailLine> trail_of(store::ReadTx& tx, const Setting& s, const Alert& alert) {
  std::vector<TrailLine> out;
  for (const store::Message& m : tx.messages_of_alert(alert.id)) {
    const std::string whom = m.practitioner.empty() ? "person" : m.practitioner;
    const std::string how = m.to.find('@') != std::string::npos ? "email" : "text";
    const Instant at = m.accepted_at.value_or(m.settled_at.value_or(m.due_at));
    out.push_back(
        {at, fmt::format("{} to {}: {}", how, called(s.service, whom), status_words(m.status))});
  }
  for (const store::AuditRow& r : tx.audit_of(alert.person, 0, trail_audit_max)) {
    if (r.subject != alert.code || r.at < alert.fired_at) continue;
    const std::string words = action_words(r.action);
    if (words.empty()) continue;
    const std::string who =
        r.action == "link.make" ? called(s.service, r.detail) : actor_words(s.service, r.actor);
    out.push_back({r.at, who == "Moodline" ? words : who + " " + words});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const TrailLine& a, const TrailLine& b) { return a.at < b.at; });
  if (out.size() > trail_lines_max) out.erase(out.begin(), out.end() - trail_lines_max);
  return out;
}

std::vector<std::string> ladder_of(const config::Service& service, const Person& person,
                                   const rules::Rule& rule) {
  std::vector<std::string> out;
  for (const rules::Step& step : rule.escalate) {
    if (step.kind != rules::StepKind::notify && step.kind != rules::StepKind::digest) continue;
    const std::string who = checkins::recipient_of(service, person, step.role);
    std::string after;
    if (step.clock == rules::Clock::working_days) {
      after = fmt::format("{} working day{}", step.after_days, step.after_days == 1 ? "" : "s");
    } else {
      const std::int64_t minutes = step.after_s / 60;
      const bool hours = minutes % 60 == 0;
      const std::int64_t n = hours ? minutes / 60 : minutes;
      after =
          fmt::format("{}{} {}{}", n, step.clock == rules::Clock::working_hours ? " working" : "",
                      hours ? "hour" : "minute", n == 1 ? "" : "s");
    }
    out.push_back(fmt::format("{} is told {} after the first message",
                              who.empty() ? "the " + step.role : called(service, who), after));
  }
  return out;
}

bool may_see(store::ReadTx& tx, const Setting& s, const Person& person,
             const std::string& practitioner, const Alert* alert) {
  using store::PersonStatus;
  if (person.status != PersonStatus::active) return false;
  const bool works_here = !checkins::is_friend(s.service, practitioner);
  if (alert != nullptr && alert->urgent && works_here) return true;
  if (!person.sharing) return false;
  for (const store::Agreement& a : checkins::in_force(tx, person.id)) {
    if (alert != nullptr && a.rule != alert->rule) continue;
    for (const std::string& role : a.recipients) {
      if (checkins::recipient_of(s.service, person, role) == practitioner) return true;
    }
  }
  return false;
}

}  // namespace moodline::pages
