// Actions for an admin who wants to know before: plan (a new set of files beside what runs, for
// everybody) and the histories that a backtest walks. Both go some people a call, so that no text
// that comes meanwhile is kept waiting.
#include <boost/json.hpp>
#include <filesystem>
#include <iterator>
#include <sstream>

#include "config/load.hpp"
#include "config/plan.hpp"
#include "daemon/actors/live.hpp"
#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/person_log.hpp"
#include "daemon/control/actions.hpp"

namespace moodline::control {
namespace {

constexpr std::int64_t people_at_once = 200;
constexpr int log_page = 1000;
constexpr const char* history_field = "history_use";

config::ParamValues numbers_of(const std::map<std::string, std::string>& texts) {
  config::ParamValues out;
  for (const auto& [name, text] : texts) {
    if (const auto value = decimal_from(text)) out[name] = *value;
  }
  return out;
}

config::PlanAsked asked(const store::Agreement& a) {
  using Status = store::AgreementStatus;
  using Answer = config::PlanAsked::Answer;
  const Answer answer = a.status == Status::offered     ? Answer::none
                        : a.status == Status::agreed    ? Answer::yes
                        : a.status == Status::disagreed ? Answer::no
                                                        : Answer::ended;
  return {a.rule, a.hash, answer};
}

config::PlanPerson plan_person(ActionContext& c, const store::Person& p,
                               const config::Service& to) {
  config::PlanPerson out;
  out.display = p.display;
  out.key = p.key;
  out.programme = p.programme;
  out.practitioner = p.practitioner;
  out.language = p.language;
  out.zone = Zone::find(p.zone).value_or(Zone::utc());
  out.own = {p.times, p.days};
  out.own_by_prompt = p.own_times;
  for (const store::TrackedMeasure& m : p.measures) out.measures.push_back(m.measure);
  if (const auto* who = to.practitioner(p.practitioner)) out.names["practitioner"] = who->name;
  if (const auto* pal = to.practitioner(checkins::friend_of(to, p)))
    out.names["friend"] = pal->name;
  for (const auto& [rule, texts] : p.rule_params) out.numbers[rule] = numbers_of(texts);
  for (const store::Agreement& a : c.tx.agreements_of(p.id)) out.asked.push_back(asked(a));
  if (const auto it = p.extra.find("rules"); it != p.extra.end()) {
    std::istringstream words(it->second);
    out.offered_only.emplace(std::istream_iterator<std::string>(words),
                             std::istream_iterator<std::string>());
  }
  for (const store::Agreement& a : checkins::in_force(c.tx, p.id)) {
    config::PlanAgreement agreed;
    agreed.rule = {a.rule, a.version, {}};
    if (const auto it = out.numbers.find(a.rule); it != out.numbers.end()) {
      agreed.chosen = it->second;
    }
    if (auto rule = checkins::rule_from_text(a.snapshot)) {
      agreed.snapshot = std::make_shared<const rules::Rule>(std::move(*rule));
    }
    out.agreed.push_back(std::move(agreed));
  }
  return out;
}

// {dir, after}: what the files in `dir` (on the daemon's machine) would change for the people after
// this id. `next` is where to go on, 0 at the end.
Result<json::value> plan(ActionContext& c, const json::object& args) {
  const auto dir = needed_arg(args, "dir");
  if (!dir) return tl::unexpected(dir.error());
  std::error_code ec;
  if (!std::filesystem::is_directory(*dir, ec)) {
    return fault("no_such_dir", "the daemon cannot read a folder " + *dir +
                                    "; give a folder that its user may read, such as one under "
                                    "/etc or /srv");
  }
  const config::Loaded loaded = config::load(*dir, actors::registries());
  if (!loaded.service) return fault("bad_config", config::to_text(loaded.problems));
  const std::int64_t after = number_arg(args, "after", 0);
  const auto ids = c.tx.person_ids(after, static_cast<int>(people_at_once));
  std::vector<config::PlanPerson> people;
  for (const store::RowId id : ids) {
    const auto p = c.tx.person(id);
    if (!p || p->status != store::PersonStatus::active) continue;
    people.push_back(plan_person(c, *p, *loaded.service));
  }
  const config::Plan found = config::plan(c.s.service, *loaded.service, people, c.s.now);
  json::object out = json::parse(found.json()).as_object();
  out["people"] = people.size();
  out["next"] = static_cast<std::int64_t>(ids.size()) == people_at_once ? ids.back() : 0;
  return json::value(std::move(out));
}

bool allows_history(ActionContext& c, const store::Person& p) {
  if (const auto it = p.extra.find(history_field); it != p.extra.end()) return it->second == "yes";
  for (const store::Agreement& a : checkins::in_force(c.tx, p.id)) {
    const auto rule = checkins::rule_from_text(a.snapshot);
    if (rule && rule->use_history) return true;
  }
  return false;
}

json::array log_of(ActionContext& c, store::RowId person) {
  json::array log;
  store::RowId after = 0;
  for (auto rows = c.tx.log_of(person, after, log_page); !rows.empty();
       rows = c.tx.log_of(person, after, log_page)) {
    after = rows.back().id;
    for (const store::LogEntry& row : rows)
      log.push_back({{"learned", row.ingested.ms}, {"entry", row.payload}});
  }
  return log;
}

// {after}: the logs of people who allow their history to be used, by nobody's name.
Result<json::value> history(ActionContext& c, const json::object& args) {
  const std::int64_t after = number_arg(args, "after", 0);
  if (after == 0) checkins::audit(c.tx, c.s, c.actor, "history.read", "backtest", 0);
  constexpr std::int64_t logs_at_once = 20;
  const auto ids = c.tx.person_ids(after, static_cast<int>(logs_at_once));
  json::array people;
  std::int64_t left_out = 0;
  for (const store::RowId id : ids) {
    const auto p = c.tx.person(id);
    if (!p || p->status == store::PersonStatus::erased) continue;
    if (!allows_history(c, *p)) {
      ++left_out;
      continue;
    }
    json::object numbers;
    for (const auto& [rule, texts] : p->rule_params) numbers[rule] = json::value_from(texts);
    people.push_back({{"person", p->key},
                      {"practitioner", p->practitioner},
                      {"zone", p->zone},
                      {"numbers", std::move(numbers)},
                      {"log", log_of(c, id)}});
  }
  json::object out{{"people", std::move(people)}, {"left_out", left_out}};
  out["next"] = static_cast<std::int64_t>(ids.size()) == logs_at_once ? ids.back() : 0;
  return json::value(std::move(out));
}

Result<json::value> allow_history(ActionContext& c, const json::object& args) {
  auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  const auto allow = needed_arg(args, "allow");
  if (!allow) return tl::unexpected(allow.error());
  if (*allow != "yes" && *allow != "no") {
    return fault("bad_argument", "say yes or no: may their past replies be used in rehearsals?");
  }
  p->extra[history_field] = *allow;
  c.tx.put(*p);
  checkins::audit(c.tx, c.s, c.actor, "person.history_use", p->key, p->id, *allow);
  return json::value{{"person", p->key}, {"history_use", *allow}};
}

}  // namespace

std::vector<Action> rehearse_actions() {
  return {
      {"plan", "what new files would change, for whom", true, plan},
      {"history.logs", "logs of people who allow it, for a backtest", true, history},
      {"person.history", "whether a person's past may be used in rehearsals", true, allow_history}};
}

}  // namespace moodline::control
