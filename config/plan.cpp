#include "config/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "config/resolve.hpp"
#include "rules/engine/edits.hpp"

namespace moodline::config {
namespace {
constexpr std::size_t people_shown_max = 20;

/// Changes by what they are, with everybody they concern.
using Found = std::map<std::string, std::vector<std::string>>;

bool tracks_any(const PlanPerson& p, const Prompt& prompt) {
  return std::any_of(prompt.measures.begin(), prompt.measures.end(), [&](const std::string& m) {
    return std::find(p.measures.begin(), p.measures.end(), m) != p.measures.end();
  });
}

/// Prompts still to come today: (prompt, slot) -> due.
std::map<std::pair<std::string, int>, Instant> today(const Service& s, const PlanPerson& p,
                                                     Instant now) {
  std::map<std::pair<std::string, int>, Instant> out;
  const Programme* programme = s.programme(p.programme);
  if (programme == nullptr) return out;
  const SendingWindow& w = s.settings.sending;
  const schedule::PersonTime when{p.key, p.zone, schedule::AllowedHours::of({w.opens, w.closes})};
  const LocalDate date = p.zone.local(now).date;
  for (const Prompt& prompt : programme->prompts) {
    if (!tracks_any(p, prompt)) continue;
    for (const schedule::Slot& slot :
         schedule::slots(schedule_of(prompt, p.own, p.own_by_prompt), when, date, date)) {
      if (slot.due > now) out[{prompt.id, slot.id.index}] = slot.due;
    }
  }
  return out;
}

void count_texts(const Service& from, const Service& to, const PlanPerson& p, Instant now,
                 Plan& plan, Found& found) {
  const auto before = today(from, p, now);
  const auto after = today(to, p, now);
  for (const auto& [slot, due] : after) {
    const auto it = before.find(slot);
    if (it == before.end()) {
      ++plan.extra_texts_today;
      found[fmt::format("prompt {} of {} would also go today", slot.first, p.programme)].push_back(
          p.display);
    } else if (it->second != due) {
      found[fmt::format("prompt {} of {} moves from {} to {}", slot.first, p.programme,
                        to_hm(p.zone.local(it->second).time), to_hm(p.zone.local(due).time))]
          .push_back(p.display);
    }
  }
  for (const auto& [slot, due] : before) {
    if (after.contains(slot)) continue;
    ++plan.fewer_texts_today;
    found[fmt::format("prompt {} of {} would no longer go today", slot.first, p.programme)]
        .push_back(p.display);
  }
}

std::optional<RuleRef> offered(const Service& s, const PlanPerson& p, const std::string& id) {
  const Programme* programme = s.programme(p.programme);
  if (programme == nullptr) return std::nullopt;
  std::optional<RuleRef> newest;
  for (const RuleRef& r : programme->rules) {
    if (r.id == id && (!newest || r.version > newest->version)) newest = r;
  }
  return newest;
}

struct Verdicts {
  bool again = false;
  bool snapshot = false;
  bool pending = false;  // a question is open: new rules wait for its answer
  int texts = 0;         // what the reload says to this person about rules
};

// A sentence is not sent a second time while it waits, runs, or was refused.
bool asked_already(const PlanPerson& p, const std::string& rule, const std::string& hash) {
  return std::any_of(p.asked.begin(), p.asked.end(), [&](const PlanAsked& a) {
    return a.rule == rule && a.hash == hash && a.answer != PlanAsked::Answer::ended;
  });
}

// A sentence that names a friend is offered to those who chose one.
bool has_whom_it_names(const PlanPerson& p, const RuleSpec* spec) {
  if (spec == nullptr) return true;
  const auto roles = spec->roles();
  const bool a_friend = std::find(roles.begin(), roles.end(), "friend") != roles.end();
  return !a_friend || p.names.contains("friend");
}

bool chosen_for(const PlanPerson& p, const std::string& rule) {
  const auto& only = p.offered_only;
  return !only || std::find(only->begin(), only->end(), rule) != only->end();
}

void ask(const PlanPerson& p, const std::string& rule, const std::string& hash, Verdicts& v) {
  if (asked_already(p, rule, hash)) return;
  ++v.texts;
  v.pending = true;
}

void judge(const Service& from, const Service& to, const PlanPerson& p, const PlanAgreement& a,
           Found& found, Verdicts& v) {
  const std::string old_name = fmt::format("{}@{}", a.rule.id, a.rule.version);
  const auto next = offered(to, p, a.rule.id);
  const RuleSpec* was = from.rule(a.rule.id, a.rule.version);
  const RuleSpec* is = next ? to.rule(next->id, next->version) : nullptr;
  if (is == nullptr) {
    v.snapshot = true;
    found[fmt::format("rule {} is no longer offered; it runs on as agreed until you run "
                      "`moodline rules retire {}`",
                      old_name, a.rule.id)]
        .push_back(p.display);
    return;
  }
  if (was == nullptr && a.snapshot == nullptr) return;
  const auto before = a.snapshot != nullptr ? Result<rules::Rule>(*a.snapshot)
                                            : resolve(from, *was, a.chosen, p.language, p.names);
  const auto after = resolve(to, *is, a.chosen, p.language, p.names);
  if (before && !after) {
    v.again = true;
    found[fmt::format("rule {} no longer allows the numbers agreed; it waits for a new yes",
                      is->ref())]
        .push_back(p.display);
    return;
  }
  if (!before || !after || rule_hash(*before) == rule_hash(*after)) return;
  const std::string name = old_name == is->ref() ? old_name : old_name + " -> " + is->ref();
  if (rules::is_narrowing(*before, *after)) {
    ++v.texts;
    found[fmt::format("rule {} narrows and applies at once", name)].push_back(p.display);
  } else {
    v.again = true;
    ask(p, a.rule.id, rule_hash(*after), v);
    found[fmt::format("rule {} waits for a new yes; the agreed one runs meanwhile", name)]
        .push_back(p.display);
  }
}

// What a reload asks of rules that do not run: a new wording of an open or refused question, and
// of the rules never asked about the first, once nothing else is open.
void requests(const Service& to, const PlanPerson& p, Verdicts& v) {
  const Programme* programme = to.programme(p.programme);
  if (programme == nullptr) return;
  using Answer = PlanAsked::Answer;
  for (const PlanAsked& a : p.asked) v.pending |= a.answer == Answer::none;
  std::vector<const RuleSpec*> fresh;
  for (const RuleRef& r : programme->rules) {
    const RuleSpec* spec = to.rule(r.id, r.version);
    const bool runs = std::any_of(p.agreed.begin(), p.agreed.end(),
                                  [&](const PlanAgreement& a) { return a.rule.id == r.id; });
    if (spec == nullptr || runs) continue;
    bool asked = false;
    bool open = false;
    for (const PlanAsked& a : p.asked) {
      if (a.rule != r.id) continue;
      asked = true;
      open |= a.answer == Answer::none || a.answer == Answer::no;
    }
    if (!asked && has_whom_it_names(p, spec)) fresh.push_back(spec);
    if (!open) continue;
    const auto it = p.numbers.find(r.id);
    const auto resolved =
        resolve(to, *spec, it == p.numbers.end() ? ParamValues{} : it->second, p.language, p.names);
    if (resolved) ask(p, r.id, rule_hash(*resolved), v);
  }
  for (const RuleSpec* spec : fresh) {
    if (v.pending) return;
    if (!chosen_for(p, spec->id)) continue;
    ++v.texts;
    v.pending = true;
  }
}

void new_offers(const Service& to, const PlanPerson& p, Found& found) {
  const Programme* programme = to.programme(p.programme);
  if (programme == nullptr) {
    found[fmt::format("programme {} is gone; they are asked nothing", p.programme)].push_back(
        p.display);
    return;
  }
  for (const RuleRef& r : programme->rules) {
    const bool known = std::any_of(p.agreed.begin(), p.agreed.end(),
                                   [&](const PlanAgreement& a) { return a.rule.id == r.id; }) ||
                       std::any_of(p.asked.begin(), p.asked.end(),
                                   [&](const PlanAsked& a) { return a.rule == r.id; });
    if (!known && chosen_for(p, r.id) && has_whom_it_names(p, to.rule(r.id, r.version))) {
      found[fmt::format("rule {}@{} may be offered; nothing acts before a yes", r.id, r.version)]
          .push_back(p.display);
    }
  }
}

/// What is stored cannot be read with other decimals or a lost component.
void check_stored(const Service& from, const Service& to, Plan& plan) {
  for (const Measure& m : from.measures) {
    for (const Component& c : m.components) {
      const Measure* owner = to.measure_of_component(c.id);
      const Component* now = owner == nullptr ? nullptr : owner->component(c.id);
      if (now == nullptr) {
        plan.refused.push_back(fmt::format(
            "component {} is gone, but readings of it are kept; leave it in measures.yaml", c.id));
      } else if (now->decimals != c.decimals) {
        plan.refused.push_back(
            fmt::format("{} has {} decimals, readings were kept with {}; keep {}", c.id,
                        now->decimals, c.decimals, c.decimals));
      }
    }
  }
}

void check_people(const Service& to, const PlanPerson& p, Found& found) {
  if (!p.practitioner.empty() && to.practitioner(p.practitioner) == nullptr) {
    found[fmt::format("practitioner {} is gone; hand their people over first", p.practitioner)]
        .push_back(p.display);
  }
  const auto& languages = to.settings.languages;
  if (std::find(languages.begin(), languages.end(), p.language) == languages.end()) {
    found[fmt::format("language {} is gone; they would be texted in {}", p.language,
                      to.language_or_default(p.language))]
        .push_back(p.display);
  }
}

void check_texts(const Service& from, const Service& to, Plan& plan) {
  int changed = 0;
  for (const auto& [name, t] : to.texts.templates) {
    const Template* was = from.texts.find(name);
    if (was == nullptr || was->words != t.words) ++changed;
  }
  if (changed > 0) {
    plan.changes.push_back(
        {fmt::format("{} texts change; none is sent again for it", changed), {}});
  }
}

std::string names_of(const std::vector<std::string>& people) {
  std::string out;
  for (std::size_t i = 0; i < people.size() && i < people_shown_max; ++i) {
    out += (i > 0 ? ", " : "") + people[i];
  }
  if (people.size() > people_shown_max)
    out += fmt::format(" and {} more", people.size() - people_shown_max);
  return out;
}
}  // namespace

Plan plan(const Service& from, const Service& to, const std::vector<PlanPerson>& people,
          Instant now) {
  Plan out;
  Found found;
  check_stored(from, to, out);
  for (const PlanPerson& p : people) {
    count_texts(from, to, p, now, out, found);
    Verdicts v;
    for (const PlanAgreement& a : p.agreed) judge(from, to, p, a, found, v);
    requests(to, p, v);
    out.agreement_texts += v.texts;
    out.extra_texts_today += v.texts;
    out.must_agree_again += v.again ? 1 : 0;
    out.stays_on_snapshot += v.snapshot ? 1 : 0;
    new_offers(to, p, found);
    check_people(to, p, found);
  }
  for (auto& [what, who] : found) out.changes.push_back({what, std::move(who)});
  check_texts(from, to, out);
  return out;
}

std::string plan_sum(std::int64_t extra, std::int64_t about_rules, std::int64_t again) {
  const std::string of = extra == 0 ? std::string{}
                                    : fmt::format(" ({} questions, {} about agreements)",
                                                  extra - about_rules, about_rules);
  return fmt::format("extra texts today: {}{}; people who must agree again: {}\n", extra, of,
                     again);
}

std::string Plan::text() const {
  std::string out;
  for (const std::string& why : refused) out += "refused: " + why + "\n";
  for (const PlanChange& c : changes) {
    out += c.people.empty()
               ? c.what + "\n"
               : fmt::format("{}: {} ({})\n", c.what, c.people.size(), names_of(c.people));
  }
  return out + plan_sum(extra_texts_today, agreement_texts, must_agree_again);
}

std::string Plan::json() const {
  boost::json::array list;
  for (const PlanChange& c : changes) {
    boost::json::array who;
    for (const std::string& p : c.people) who.push_back(boost::json::string(p));
    list.push_back({{"what", c.what}, {"people", who}});
  }
  boost::json::array why;
  for (const std::string& r : refused) why.push_back(boost::json::string(r));
  return boost::json::serialize(boost::json::object{{"extra_texts_today", extra_texts_today},
                                                    {"agreement_texts", agreement_texts},
                                                    {"fewer_texts_today", fewer_texts_today},
                                                    {"must_agree_again", must_agree_again},
                                                    {"stays_on_snapshot", stays_on_snapshot},
                                                    {"changes", list},
                                                    {"refused", why}}) +
         "\n";
}

}  // namespace moodline::config
