// Actions about agreements and rules.
#include "daemon/checkins/agreements.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/consequences.hpp"
#include "daemon/control/actions.hpp"

namespace moodline::control {
namespace {

constexpr const char* names[] = {"offered", "agreed",     "disagreed", "withdrawn",
                                 "lapsed",  "superseded", "retired"};
constexpr int people_max = 100'000;

json::object form(const store::Person& p, const store::Agreement& a) {
  json::object o{{"person", p.key},
                 {"agreement", a.code},
                 {"rule", a.rule},
                 {"version", a.version},
                 {"status", names[static_cast<int>(a.status)]},
                 {"hash", a.hash},
                 {"offered", to_iso(a.offered_at)}};
  o["answered"] = or_null(a.answered_at);
  o["review"] = or_null(a.review_at);
  o["message"] = a.inbound == 0 ? json::value(nullptr) : json::value(a.inbound);
  json::array roles;
  for (const std::string& r : a.recipients) roles.emplace_back(r);
  o["recipients"] = std::move(roles);
  return o;
}

Result<json::value> list(ActionContext& c, const json::object& args) {
  json::array out;
  if (!text_arg(args, "person").empty()) {
    const auto p = person_arg(c, args);
    if (!p) return tl::unexpected(p.error());
    for (const store::Agreement& a : c.tx.agreements_of(p->id)) out.push_back(form(*p, a));
    return json::value(std::move(out));
  }
  for (const store::RowId id : c.tx.person_ids(0, people_max)) {
    const auto p = c.tx.person(id);
    if (!p) continue;
    for (const store::Agreement& a : c.tx.agreements_of(id)) out.push_back(form(*p, a));
  }
  return json::value(std::move(out));
}

Result<json::value> show(ActionContext& c, const json::object& args) {
  const auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  const auto code = needed_arg(args, "agreement");
  if (!code) return tl::unexpected(code.error());
  // The newest of that code: an older one was superseded.
  const auto all = c.tx.agreements_of(p->id);
  const auto a = std::find_if(all.rbegin(), all.rend(),
                              [&](const store::Agreement& x) { return x.code == *code; });
  if (a == all.rend()) {
    return fault("no_such_agreement", "this person has no agreement with that code");
  }
  json::object o = form(*p, *a);
  o["sentence"] = a->sentence;
  looked(c, *p, "agreement.show");
  return json::value(std::move(o));
}

Result<json::value> rules(ActionContext& c, const json::object&) {
  json::array out;
  for (const config::RuleSpec& r : c.s.service.rules) {
    const auto says = r.says.find(c.s.service.settings.languages.front());
    out.push_back({{"rule", r.ref()},
                   {"kind", r.kind},
                   {"measure", r.measure},
                   {"urgent", r.urgent},
                   {"says", says == r.says.end() ? std::string{} : says->second}});
  }
  return json::value(std::move(out));
}

// {rule, after}: ends a rule that no programme offers any more, for the people after this id.
Result<json::value> retire(ActionContext& c, const json::object& args) {
  constexpr int people_at_once = 200;
  const auto rule = needed_arg(args, "rule");
  if (!rule) return tl::unexpected(rule.error());
  if (rule->find('@') != std::string::npos) {
    return fault("bad_argument",
                 "write the rule's name without its version: every version of it ends");
  }
  for (const config::Programme& p : c.s.service.programmes) {
    for (const config::RuleRef& ref : p.rules) {
      if (ref.id != *rule) continue;
      return fault("still_offered", fmt::format("{} is still offered by programme {}; take it out "
                                                "of its `rules:`, reload, and retire it then",
                                                *rule, p.id));
    }
  }
  const std::int64_t after = number_arg(args, "after", 0);
  const auto page = checkins::retire_rule_for(c.tx, c.s, *rule, after, people_at_once);
  if (after == 0) checkins::audit(c.tx, c.s, c.actor, "rules.retire", *rule, 0);
  return json::value{{"rule", *rule}, {"people", page.people}, {"next", page.next}};
}

}  // namespace

std::vector<Action> agreement_actions() {
  return {
      {"agreement.list", "who agreed to what", false, list},
      {"agreement.show", "one agreement with its exact wording", false, show},
      {"rules.list", "every rule and what it says", false, rules},
      {"rules.retire", "end a rule that no programme offers any more, with notice", true, retire}};
}

}  // namespace moodline::control
