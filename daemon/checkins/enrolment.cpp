#include "daemon/checkins/enrolment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/sending_steps.hpp"
#include "daemon/checkins/slots.hpp"
#include "rules/base/e164.hpp"

namespace moodline::checkins {
namespace {

using store::Person;
using store::PersonStatus;

constexpr std::size_t key_length = 10;
constexpr std::size_t display_bytes_max = 20;

std::optional<Fault> consent_problem(const NewPerson& n, Instant now) {
  if (n.agreed_with.empty() || !n.agreed_on) {
    return Fault{"no_consent",
                 "say who agreed this with the person and when (--agreed-with NAME --agreed-on "
                 "DATE); nobody is texted without it"};
  }
  if (*n.agreed_on > now) {
    return Fault{"no_consent", "the day it was agreed lies in the future; write the real one"};
  }
  if (n.measures.empty()) {
    return Fault{"no_goal", "say what they chose to track and why (--track mood=\"their goal\")"};
  }
  for (const store::TrackedMeasure& m : n.measures) {
    if (m.goal.empty()) {
      return Fault{"no_goal", fmt::format("say in their words why they track {} (--track "
                                          "{}=\"their goal\")",
                                          m.measure, m.measure)};
    }
  }
  if (n.display.empty() || n.display.size() > display_bytes_max) {
    return Fault{"no_display",
                 "say the code or initials they agreed to be called by (--as MJ), at "
                 "most 20 characters"};
  }
  return std::nullopt;
}

std::optional<Fault> reference_problem(const config::Service& service, const NewPerson& n) {
  const config::Programme* programme = service.programme(n.programme);
  if (programme == nullptr) {
    return Fault{"unknown_programme",
                 fmt::format("programme \"{}\" is not in programmes/; name the "
                             "id: of one of its files",
                             n.programme)};
  }
  for (const store::TrackedMeasure& m : n.measures) {
    const bool asked = std::any_of(
        programme->prompts.begin(), programme->prompts.end(), [&](const config::Prompt& p) {
          return std::find(p.measures.begin(), p.measures.end(), m.measure) != p.measures.end();
        });
    if (service.measure(m.measure) == nullptr || !asked) {
      return Fault{"unknown_measure",
                   fmt::format("programme \"{}\" does not ask for \"{}\"", n.programme, m.measure)};
    }
  }
  for (const std::string& r : n.rules) {
    const bool known = std::any_of(programme->rules.begin(), programme->rules.end(),
                                   [&](const config::RuleRef& ref) { return ref.id == r; });
    if (!known) {
      return Fault{"unknown_rule",
                   fmt::format("programme \"{}\" has no rule \"{}\"", n.programme, r)};
    }
  }
  if (!n.practitioner.empty() &&
      (service.practitioner(n.practitioner) == nullptr || is_friend(service, n.practitioner))) {
    return Fault{"unknown_practitioner",
                 fmt::format("\"{}\" is no practitioner of practitioners.yaml", n.practitioner)};
  }
  const auto zone = Zone::find(n.zone.empty() ? service.settings.timezone : n.zone);
  if (!zone) return zone.error();
  const auto& languages = service.settings.languages;
  if (!n.language.empty() &&
      std::find(languages.begin(), languages.end(), n.language) == languages.end()) {
    return Fault{"unknown_language", fmt::format("the service has no texts in \"{}\"", n.language)};
  }
  return std::nullopt;
}

Result<std::string> free_number(store::Tx& tx, const config::Service& service,
                                const std::string& typed) {
  const auto plan = number_plan(service.settings.country);
  if (!plan) return tl::unexpected(plan.error());
  const auto number = E164::typed(typed, *plan);
  if (!number) return tl::unexpected(number.error());
  if (tx.opt_out(number->str())) {
    return fault("opted_out",
                 "this number has texted STOP; it is texted again only after it texts START");
  }
  if (const auto other = tx.person_by_number(number->str())) {
    const bool in_use =
        other->status == PersonStatus::active || other->status == PersonStatus::invited;
    if (in_use) {
      return fault("number_in_use",
                   fmt::format("this number belongs to {} already; a shared phone needs a person "
                               "each to agree who reads it",
                               other->key));
    }
  }
  for (const config::Practitioner& p : service.practitioners) {
    if (p.number && p.number->str() == number->str()) {
      return fault("number_in_use", fmt::format("this is the number of practitioner \"{}\"", p.id));
    }
  }
  return number->str();
}

Person record_of(const Setting& s, const NewPerson& n, const std::string& number) {
  Person p;
  p.key = "p-" + s.dice.word(key_length, clear_alphabet);
  p.number = number;
  p.display = n.display;
  p.programme = n.programme;
  p.practitioner = n.practitioner;
  p.zone = n.zone.empty() ? s.service.settings.timezone : n.zone;
  p.language = n.language.empty() ? s.service.settings.languages.front() : n.language;
  p.enrolled_by = n.agreed_with;
  p.enrolled_at = *n.agreed_on;
  p.agree_code = fmt::format("{}", 10 + s.dice.below(90));
  p.measures = n.measures;
  p.times = n.times;
  p.days = n.days;
  p.safe_from = n.safe_from;
  p.safe_to = n.safe_to;
  p.needs = n.needs;
  p.plan = n.plan;
  for (const std::string& r : n.rules) {
    std::string& chosen = p.extra["rules"];
    chosen += (chosen.empty() ? "" : " ") + r;
  }
  p.discreet = n.discreet;
  p.rule_params = n.rule_params;
  p.created_at = s.now;
  p.updated_at = s.now;
  return p;
}

}  // namespace

Result<std::string> check_new_person(store::Tx& tx, const Setting& s, const NewPerson& n) {
  if (auto f = consent_problem(n, s.now)) return tl::unexpected(*f);
  if (auto f = reference_problem(s.service, n)) return tl::unexpected(*f);
  return free_number(tx, s.service, n.number);
}

Result<Person> add_person(store::Tx& tx, const Setting& s, const NewPerson& n,
                          const std::string& actor) {
  const auto number = check_new_person(tx, s, n);
  if (!number) return tl::unexpected(number.error());
  Person p = record_of(s, n, *number);
  tx.put(p);
  audit(tx, s, actor, "person.add", p.key, p.id, n.agreed_with);
  Desk d(tx, s, p);
  invite(d, Asked::by_admin);
  return d.person;
}

void invite(Desk& d, Asked asked) {
  d.person.agree_code = fmt::format("{}", 10 + d.s.dice.below(90));
  TextValues values{{"code", d.person.agree_code}, {"inviter", d.person.enrolled_by}};
  if (asked == Asked::by_start) values[std::string(asked_back_note)] = "yes";
  d.tell("invitation", std::move(values), store::Purpose::invitation,
         fmt::format("invite:{}:{}", d.person.key, d.s.now.ms));
  d.save();
}

bool agree_to_join(Desk& d, std::string_view code) {
  if (d.person.status != PersonStatus::invited || code != d.person.agree_code) return false;
  d.person.status = PersonStatus::active;
  d.person.agreed_at = d.s.now;
  d.note("person.agree");
  d.save();
  plan_person(d);
  d.reply("welcome");
  offer_rules(d);
  return true;
}

}  // namespace moodline::checkins
