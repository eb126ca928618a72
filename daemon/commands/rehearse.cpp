// moodline plan, backtest.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "config/backtest.hpp"
#include "config/load.hpp"
#include "config/plan.hpp"
#include "config/resolve.hpp"
#include "daemon/actors/live.hpp"
#include "daemon/checkins/person_log.hpp"
#include "daemon/commands/command.hpp"

namespace moodline::commands {
namespace {

constexpr int calls_max = 100'000;  // pages of people
constexpr std::size_t names_shown_max = 20;

// ---- plan ----

struct PlanSum {
  std::int64_t extra = 0, about_rules = 0, fewer = 0, again = 0, snapshot = 0, people = 0;
  std::map<std::string, json::array> changes;
  std::vector<std::string> refused;

  void add(const json::object& page) {
    const auto n = [&](const char* name) { return page.at(name).to_number<std::int64_t>(); };
    extra += n("extra_texts_today");
    about_rules += n("agreement_texts");
    fewer += n("fewer_texts_today");
    again += n("must_agree_again");
    snapshot += n("stays_on_snapshot");
    people += n("people");
    for (const json::value& change : page.at("changes").as_array()) {
      json::array& who = changes[std::string(change.at("what").as_string())];
      for (const json::value& name : change.at("people").as_array()) who.push_back(name);
    }
    for (const json::value& why : page.at("refused").as_array()) {
      const std::string text(why.as_string());
      if (std::find(refused.begin(), refused.end(), text) == refused.end()) refused.push_back(text);
    }
  }

  [[nodiscard]] json::object as_json() const {
    json::array list;
    for (const auto& [what, who] : changes) list.push_back({{"what", what}, {"people", who}});
    return {{"extra_texts_today", extra},    {"agreement_texts", about_rules},
            {"fewer_texts_today", fewer},    {"must_agree_again", again},
            {"stays_on_snapshot", snapshot}, {"people", people},
            {"changes", std::move(list)},    {"refused", json::value_from(refused)}};
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const std::string& why : refused) out += "refused: " + why + "\n";
    json::array rows;
    for (const auto& [what, who] : changes) {
      std::string names;
      for (std::size_t i = 0; i < who.size() && i < names_shown_max; ++i) {
        names += (i > 0 ? " " : "") + std::string(who[i].as_string());
      }
      if (who.size() > names_shown_max) names += fmt::format(" +{}", who.size() - names_shown_max);
      rows.push_back({{"people", who.size()}, {"what", what}, {"who", names}});
    }
    out += rows.empty() ? "nothing changes for anybody\n" : table(rows);
    if (fewer > 0) out += fmt::format("{} fewer texts today\n", fewer);
    return out + config::plan_sum(extra, about_rules, again);
  }
};

void run_plan(Common& c, const std::string& dir) {
  const std::string full = std::filesystem::absolute(dir).lexically_normal().string();
  PlanSum sum;
  std::int64_t after = 0;
  for (int i = 0; i < calls_max; ++i) {
    const auto page = act(c, "plan", {{"dir", full}, {"after", after}});
    if (!page) return show(c, page);
    sum.add(page->as_object());
    after = page->at("next").to_number<std::int64_t>();
    if (after == 0) break;
  }
  std::cout << (c.json ? json::serialize(sum.as_json()) + "\n" : sum.text());
  c.exit_code = sum.refused.empty() ? exit_ok : exit_refused;
}

// ---- backtest ----

struct BacktestArgs {
  std::string rule, against, from, csv;
  std::vector<std::string> with;  // NAME=NUMBER, for whoever has no number of their own
  bool shared = false;
  bool defaults = false;  // the rule's own numbers for everybody
};

void refuse(Common& c, const std::string& message, const char* code, int exit_code) {
  show(c, fault(code, message));
  c.exit_code = exit_code;
}

Result<rules::RulePtr> resolved(const config::Service& service, const config::RuleSpec& spec,
                                const config::ParamValues& numbers) {
  auto rule = config::resolve(service, spec, numbers, service.settings.languages.front(), {});
  if (!rule) return tl::unexpected(rule.error());
  return std::make_shared<const rules::Rule>(std::move(*rule));
}

/// A rule of the files as it is rehearsed.
struct Rehearsed {
  const config::RuleSpec* spec = nullptr;
  rules::RulePtr rule;
  config::ParamValues with;  // what is chosen for everybody who has nothing else
};

// "days=5" of --with, for the params that this version has.
Result<config::ParamValues> numbers_for(const config::RuleSpec& spec,
                                        const std::vector<std::string>& with) {
  config::ParamValues out;
  for (const std::string& one : with) {
    const auto sign = one.find('=');
    const auto value =
        sign == std::string::npos ? std::nullopt : decimal_from(one.substr(sign + 1));
    if (!value) {
      return fault("bad_argument",
                   "--with " + one + " is no number of a rule; write it like --with days=5");
    }
    out[one.substr(0, sign)] = *value;
  }
  if (const auto all = config::params_of(spec, out); !all) return tl::unexpected(all.error());
  return out;
}

// "low-streak@2", or its newest version.
Result<Rehearsed> rule_named(const config::Service& service, const std::string& name,
                             const std::vector<std::string>& with) {
  const auto sign = name.find('@');
  const std::string id = name.substr(0, sign);
  const config::RuleSpec* spec = sign == std::string::npos
                                     ? service.rule(id)
                                     : service.rule(id, std::atoi(name.c_str() + sign + 1));
  if (spec == nullptr) {
    std::string known;
    for (const config::RuleSpec& r : service.rules) known += (known.empty() ? "" : ", ") + r.ref();
    return fault("no_such_rule", fmt::format("no rule is {}; there are {}", name, known));
  }
  auto numbers = numbers_for(*spec, with);
  if (!numbers) return tl::unexpected(numbers.error());
  auto rule = resolved(service, *spec, *numbers);
  if (!rule) return tl::unexpected(rule.error());
  return Rehearsed{spec, std::move(*rule), std::move(*numbers)};
}

// The rule by the numbers of one person; null where none of them is this version's.
rules::RulePtr by_numbers(const config::Service& service, const Rehearsed& what,
                          const config::ParamValues& own) {
  if (what.spec == nullptr) return nullptr;
  config::ParamValues chosen = what.with;
  bool any = false;
  for (const auto& [name, value] : own) {
    if (!config::params_of(*what.spec, {{name, value}})) continue;
    chosen[name] = value;
    any = true;
  }
  if (!any) return nullptr;
  auto rule = resolved(service, *what.spec, chosen);
  return rule ? std::move(*rule) : nullptr;
}

// The numbers chosen for this person. Names that this version does not have, and numbers it does
// not allow, are left at its defaults.
rules::RulePtr with_own_numbers(const config::Service& service, const Rehearsed& what,
                                const json::object& numbers) {
  if (what.spec == nullptr) return nullptr;
  const auto* mine = numbers.if_contains(what.spec->id);
  if (mine == nullptr) return nullptr;
  config::ParamValues own;
  for (const auto& [name, text] : mine->as_object()) {
    if (const auto value = decimal_from(std::string(text.as_string()))) {
      own[std::string(name)] = *value;
    }
  }
  return by_numbers(service, what, own);
}

std::string measure_of(const config::Service& service, const rules::Rule& rule) {
  const config::Measure* m = service.measure_of_component(rule.measure);
  return rule.measure.empty() || m == nullptr ? rule.measure : m->id;
}

// Only what a rehearsal is about: what they said and what they were asked.
bool rehearsed(const checkins::PersonEvent& e) {
  return e.type == "prompt" || e.type == "inbound" || e.type == "undo" || e.type == "zone";
}

Result<std::vector<config::History>> from_store(const Common& c, const config::Service& service,
                                                const Rehearsed& what, const Rehearsed& against,
                                                bool defaults, std::int64_t& left_out) {
  std::vector<config::History> all;
  const rules::Rule& rule = *what.rule;
  const std::string measure = measure_of(service, rule);
  std::int64_t after = 0;
  for (int i = 0; i < calls_max; ++i) {
    const auto page = act(c, "history.logs", {{"after", after}});
    if (!page) return tl::unexpected(page.error());
    left_out += page->at("left_out").to_number<std::int64_t>();
    for (const json::value& p : page->at("people").as_array()) {
      config::History h;
      h.person = p.at("person").as_string();
      h.practitioner = p.at("practitioner").as_string();
      h.zone = Zone::find(std::string(p.at("zone").as_string())).value_or(Zone::utc());
      if (!defaults) {
        h.own = with_own_numbers(service, what, p.at("numbers").as_object());
        h.own_against = with_own_numbers(service, against, p.at("numbers").as_object());
      }
      bool moved = false;  // the zone given is the newest
      for (const json::value& row : p.at("log").as_array()) {
        const auto e = checkins::person_event_from(std::string(row.at("entry").as_string()));
        if (!e) return tl::unexpected(e.error());
        const Instant learned{row.at("learned").to_number<std::int64_t>()};
        if (!rehearsed(*e)) continue;
        if (e->type == "zone" && !moved) h.zone = Zone::find(e->was).value_or(h.zone);
        moved |= e->type == "zone";
        if (auto seen = checkins::as_rule_sees(*e, rule, measure, learned)) {
          h.log.push_back(std::move(*seen));
        }
      }
      all.push_back(std::move(h));
    }
    after = page->at("next").to_number<std::int64_t>();
    if (after == 0) break;
  }
  return all;
}

// A number that the rehearsed version does not allow is a bad row; the other version leaves it at
// its default.
void use_numbers(const config::Service& service, const Rehearsed& what, const Rehearsed& against,
                 const std::string& path, config::History& h, config::Problems& problems) {
  config::ParamValues own;
  for (const auto& [name, chosen] : h.numbers) {
    own[name] = chosen.value;
    for (const config::Param& p : what.spec->params) {
      if (p.name != name || (chosen.value >= p.low && chosen.value <= p.high)) continue;
      problems.add({path, chosen.line, chosen.column}, "with." + name,
                   fmt::format("of {} cannot be {}", what.spec->ref(), to_text(chosen.value)),
                   fmt::format("write {} to {}", to_text(p.low), to_text(p.high)));
    }
  }
  h.own = by_numbers(service, what, own);
  h.own_against = by_numbers(service, against, own);
}

struct CsvUse {
  const config::Service& service;
  const Rehearsed& what;
  const Rehearsed& against;
  bool defaults;
};

std::optional<std::vector<config::History>> from_csv(Common& c, const std::string& path,
                                                     const Zone& zone, const CsvUse& use) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    refuse(c, path + " cannot be read; check its name and its permissions", "no_such_file",
           exit_refused);
    return std::nullopt;
  }
  const std::string csv{std::istreambuf_iterator<char>(in), {}};
  config::Problems problems;
  std::vector<std::string> params;
  for (const config::RuleSpec* spec : {use.what.spec, use.against.spec}) {
    if (spec == nullptr) continue;
    for (const config::Param& p : spec->params) params.push_back(p.name);
  }
  auto all = config::read_history_csv(path, csv, zone, problems, params);
  for (config::History& h : all) {
    if (!use.defaults) use_numbers(use.service, use.what, use.against, path, h, problems);
  }
  if (!problems.has_errors()) return all;
  std::cerr << config::to_text(problems.sorted());
  std::cerr << "moodline: nothing was counted; mend these rows [bad_csv]\n";
  c.exit_code = exit_refused;
  return std::nullopt;
}

void run_backtest(Common& c, const BacktestArgs& a) {
  const config::Loaded loaded = config::load(c.config_dir, actors::registries());
  if (!loaded.service) {
    return refuse(c,
                  "the configuration in " + c.config_dir + " has problems:\n" +
                      config::to_text(loaded.problems),
                  "bad_config", exit_config);
  }
  const config::Service& service = *loaded.service;
  const auto rule = rule_named(service, a.rule, a.with);
  if (!rule) return show(c, tl::unexpected(rule.error()));
  Rehearsed against;
  if (!a.against.empty()) {
    auto other = rule_named(service, a.against, a.with);
    if (!other) return show(c, tl::unexpected(other.error()));
    against = *other;
    if (against.rule->measure != rule->rule->measure) {
      return refuse(c, "the two rules judge different measures; compare two of one measure",
                    "not_comparable", exit_refused);
    }
  }
  const Zone zone = Zone::find(service.settings.timezone).value_or(Zone::utc());
  std::optional<Instant> from;
  if (!a.from.empty()) {
    const auto date = date_from_iso(a.from);
    if (!date) {
      return refuse(c, "\"" + a.from + "\" is not a date; write one such as 2026-03-02",
                    "bad_argument", exit_usage);
    }
    from = zone.resolve_or_next(*date, {0});
  }
  std::int64_t left_out = 0;
  std::vector<config::History> histories;
  if (!a.csv.empty()) {
    auto all = from_csv(c, a.csv, zone, {service, *rule, against, a.defaults});
    if (!all) return;
    histories = std::move(*all);
  } else {
    auto all = from_store(c, service, *rule, against, a.defaults, left_out);
    if (!all) return show(c, tl::unexpected(all.error()));
    histories = std::move(*all);
  }
  const auto report = config::backtest(rule->rule, against.rule, histories, from);
  if (c.json) {
    json::object out = json::parse(report.json(a.shared)).as_object();
    if (a.csv.empty()) {
      const bool small = a.shared && left_out > 0 && left_out <= config::small_count_max;
      out["left_out"] = small ? json::value(nullptr) : json::value(left_out);
    }
    std::cout << json::serialize(out) << "\n";
    return;
  }
  std::cout << report.text(a.shared);
  if (left_out > 0) {
    const bool small = a.shared && left_out <= config::small_count_max;
    std::cout << (small ? std::string("under 5") : std::to_string(left_out))
              << " people left out: they have not allowed their history to be used\n";
  }
}

}  // namespace

void add_rehearse(CLI::App& app, Common& c) {
  auto* plan = app.add_subcommand("plan", "what new files would change, for whom, before a reload");
  auto dir = std::make_shared<std::string>();
  plan->add_option("dir", *dir, "folder with the new files, which the daemon can read")->required();
  plan->footer("Example: moodline plan /etc/moodline");
  plan->callback([&c, dir] { run_plan(c, *dir); });
  auto* back = app.add_subcommand("backtest", "how often a rule would have fired, on past data");
  auto a = std::make_shared<BacktestArgs>();
  back->add_option("rule", a->rule, "such as low-streak@2; without @ the newest")->required();
  back->add_option("--against", a->against, "another version to compare with");
  back->add_option("--from", a->from, "count fires from this date on: 2026-03-02");
  back->add_option("--csv", a->csv, "past data from a file instead of the store");
  back->add_option("--with", a->with, "a number for whoever has none of their own: days=5");
  back->add_flag("--defaults", a->defaults, "the rule's own numbers for everybody");
  back->add_flag("--shared", a->shared, "for others' eyes: no small counts, no single dates");
  back->footer("Example: moodline backtest low-streak@2 --from 2026-01-01 --shared");
  back->callback([&c, a] { run_backtest(c, *a); });
}

}  // namespace moodline::commands
