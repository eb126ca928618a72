#include "tests/cases/daemon/notify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "config/resolve.hpp"
#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/enrolment.hpp"
#include "daemon/checkins/slots.hpp"
#include "daemon/control/actions.hpp"

namespace moodline::casetest {
namespace {

using config::CaseLine;
using config::scalar;
using rules::Kind;

constexpr Millis hour{3'600'000};
constexpr Millis day{24 * 3'600'000};

store::RowId enrol(Town& town, const std::string& number, const std::string& display,
                   const std::string& zone) {
  store::RowId id = 0;
  std::string code;
  town.write([&](store::Tx& tx, const checkins::Setting& s) {
    for (const config::Practitioner& p : s.service.practitioners) {
      store::PractitionerState st = tx.practitioner(p.id).value_or(store::PractitionerState{});
      st.id = p.id;
      st.invited_at = st.accepted_at = s.now;
      tx.put(st);
    }
    checkins::NewPerson n;
    n.number = number;
    n.display = display;
    n.programme = "case";
    n.practitioner = "practitioner";
    n.zone = zone;
    n.agreed_with = "Sam Reed";
    n.agreed_on = s.now;
    n.measures = {{"mood", "to see what helps", {}}};
    const auto added = checkins::add_person(tx, s, n, "admin:case");
    if (!added) throw std::runtime_error(added.error().message);
    id = added->id;
    code = added->agree_code;
  });
  town.text(number, "AGREE " + code, town.now(), {});
  return id;
}

rules::RulePtr rule_for(const std::string& id, const std::string& kind) {
  rules::Rule r;
  r.id = id;
  r.key = id + "@1";
  r.measure = kind == "streak" ? "mood" : "";
  r.says = r.says_text = "The case's sentence.";
  r.settle = {};
  r.cooldown = {};
  if (kind == "silence") {
    r.when.kind = Kind::silence;
    r.when.hours = rules::TimeSpan::of_hours(1);
  } else if (kind == "safety_phrase") {
    r.when.kind = Kind::phrase;
    r.when.list = "safety";
    r.urgent = true;
  } else {
    r.when.kind = Kind::streak;
    r.when.line = {rules::Test::below, Decimal::of(4)};
    r.when.n = 1;
    r.clear.line = rules::Line{rules::Test::at_least, Decimal::of(5)};
  }
  rules::Step tell;
  tell.role = "practitioner";
  tell.template_id = "please-look";
  r.then = {tell};
  return std::make_shared<const rules::Rule>(std::move(r));
}

struct Someone {
  std::string alert;
  std::string kind;
  std::string number;
  store::RowId id = 0;
};

class NotifyRun {
 public:
  NotifyRun(const YAML::Node& node, std::shared_ptr<const actors::Live> sample, Wire& wire,
            bool restart)
      : node_(node) {
    const auto recipient = config::read_recipient(node["practitioner"], "practitioner");
    Instant first = config::read_instant(node["alerts"][0]["fire"]);
    for (const auto& a : node["alerts"]) first = std::min(first, config::read_instant(a["fire"]));
    const auto live = live_for(*sample, recipient, Zone::find("Europe/London").value(), false);
    town_ = std::make_unique<Town>(live, wire, first - 3 * hour, restart);
  }

  std::vector<CaseLine> run() {
    gather();
    std::stable_sort(todo_.begin(), todo_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    constexpr Millis settled{7LL * 24 * 3'600'000};  // long enough for anything that waits
    Instant until = todo_.empty() ? town_->now() : todo_.back().first;
    until = node_["until"] ? config::read_instant(node_["until"]) : until + settled;
    for (auto& [at, what] : todo_) {
      town_->go_to(at);
      what();
    }
    town_->go_to(until);
    town_->settle();
    return lines(until);
  }
  [[nodiscard]] int starts() const { return town_->starts; }

 private:
  void gather() {
    int n = 0;
    for (const auto& a : node_["alerts"]) {
      const std::string id = scalar(a, "id");
      const std::string name = scalar(a, "person", id);
      if (who_.contains(name)) throw std::runtime_error("one alert a person, please");
      Someone s{id, scalar(a, "kind", "streak"), fmt::format("+4477009002{:02}", ++n), 0};
      s.id = enrol(*town_, s.number, fmt::format("P{}", n), "Europe/London");
      agree(s);
      who_[name] = s;
      people_[id] = s;
      const Instant fire = config::read_instant(a["fire"]);
      if (s.kind == "silence") {
        at(fire - hour, [this, s] { ask(s); });
      } else {
        say(fire, s, s.kind == "safety_phrase" ? "I want to die" : "3");
      }
      if (a["clear"]) say(config::read_instant(a["clear"]), s, "8");
      if (a["withdraw"]) say(config::read_instant(a["withdraw"]), s, "sorry meant 8");
      if (a["ack"]) staff(config::read_instant(a["ack"]), s, "ACK");
      if (a["done"]) staff(config::read_instant(a["done"]), s, "DONE");
    }
    for (const auto& e : node_["events"]) event(e);
  }

  void event(const YAML::Node& e) {
    const std::string type = scalar(e, "type");
    const Instant when = config::read_instant(e["at"]);
    if (type == "release" || type == "drop") {
      at(when, [this, type] { admin("alert." + type); });
      return;
    }
    const Someone s = e["id"] ? people_.at(scalar(e, "id")) : who_.at(scalar(e, "person"));
    if (type == "ack") staff(when, s, "ACK");
    if (type == "clear") say(when, s, "8");
    if (type == "withdraw") say(when, s, "sorry meant 8");
    if (type == "match") say(when, s, "I want to die");
    if (type == "stop") say(when, s, "STOP");
  }

  void at(Instant t, std::function<void()> what) { todo_.emplace_back(t, std::move(what)); }
  void say(Instant t, const Someone& s, const std::string& words) {
    at(t, [this, s, words] { town_->text(s.number, words, town_->now(), {}); });
  }
  void staff(Instant t, const Someone& s, const std::string& verb) {
    at(t, [this, s, verb] {
      std::string code;
      town_->read([&](store::ReadTx& tx) { code = tx.alerts_of(s.id).back().code; });
      town_->text("+447700900101", verb + " " + code, town_->now(), {});
    });
  }
  void agree(const Someone& s) {
    std::string code;
    const auto rule = rule_for(s.alert, s.kind);
    town_->write([&](store::Tx& tx, const checkins::Setting& setting) {
      checkins::Desk d(tx, setting, tx.person(s.id).value());
      checkins::offer_resolved(d,
                               {rule, rule->says_text, config::rule_hash(*rule), {"practitioner"}});
      code = tx.agreements_of(s.id).back().code;
    });
    town_->text(s.number, "AGREE " + code, town_->now(), {});
  }
  void ask(const Someone& s) {
    town_->write([&](store::Tx& tx, const checkins::Setting& setting) {
      checkins::Desk d(tx, setting, tx.person(s.id).value());
      schedule::Slot slot;
      slot.id = {d.today(), 0};
      slot.due = setting.now;
      slot.expires = setting.now + hour;
      checkins::write_slot(d, d.programme()->prompts.front(), slot);
    });
  }
  void admin(const std::string& name) {
    town_->write([&](store::Tx& tx, const checkins::Setting& s) {
      control::ActionContext c{tx, s, "admin:case"};
      const auto done = control::run_action(c, name, {});
      if (!done) throw std::runtime_error(done.error().message);
    });
  }

  std::vector<CaseLine> lines(Instant until) {
    std::vector<CaseLine> all;
    for (const Sent& s : town_->sent) {
      if (s.message.practitioner.empty() || s.message.alerts.empty() || s.at > until) continue;
      std::vector<std::string> ids;
      town_->read([&](store::ReadTx& tx) {
        for (const store::RowId a : s.message.alerts) ids.push_back(tx.alert(a).value().rule);
      });
      all.push_back({s.at, fmt::format("to {} [{}]", s.message.practitioner, fmt::join(ids, ","))});
    }
    config::sort_lines(all);
    return all;
  }

  const YAML::Node& node_;
  std::unique_ptr<Town> town_;
  std::map<std::string, Someone> people_;  // by alert
  std::map<std::string, Someone> who_;     // by the case's person
  std::vector<std::pair<Instant, std::function<void()>>> todo_;
};

std::string compare(std::vector<CaseLine> expected, const std::vector<CaseLine>& actual) {
  config::sort_lines(expected);
  if (config::same(actual, expected)) return {};
  return fmt::format("expected {}; actual {}", config::shown(expected), config::shown(actual));
}

}  // namespace

std::string run_schedule_case(const YAML::Node& node, std::shared_ptr<const actors::Live> sample,
                              Wire& wire, bool restart, int& starts) {
  const Zone zone = Zone::find(scalar(node, "timezone")).value();
  const LocalDate from = date_from_iso(scalar(node, "from_day")).value();
  const LocalDate to = date_from_iso(scalar(node, "to_day")).value();
  const auto base = live_for(*sample, std::nullopt, zone, false);
  auto service = std::make_shared<config::Service>(*base->service);
  config::Schedule& when = service->programmes[0].prompts[0].schedule;
  for (int d = 0; d < 7; ++d) when.days.push_back(static_cast<Weekday>(d));
  when.times = {time_from_hm(scalar(node, "daily_at")).value()};
  auto live = std::make_shared<actors::Live>(*base);
  live->service = service;
  Town town(live, wire, zone.resolve_or_next(from - 1, TimeOfDay::hm(12, 0)), restart);
  enrol(town, person_number, "P1", zone.name());
  town.go_to(zone.resolve_or_next(to + 1, TimeOfDay{0}) + day);
  starts += town.starts;
  std::vector<CaseLine> actual;
  for (const Sent& s : town.sent) {
    if (s.message.purpose != store::Purpose::prompt) continue;
    LocalDate date;
    town.read([&](store::ReadTx& tx) { date = tx.prompt(s.message.prompt).value().local_date; });
    if (date >= from && date <= to) actual.push_back({s.at, "prompt"});
  }
  std::vector<CaseLine> expected;
  for (const auto& at : node["expect"]) expected.push_back({config::read_instant(at), "prompt"});
  return compare(expected, actual);
}

std::string run_notify_case(const YAML::Node& node, std::shared_ptr<const actors::Live> sample,
                            Wire& wire, bool restart, int& starts) {
  NotifyRun run(node, std::move(sample), wire, restart);
  const auto actual = run.run();
  starts += run.starts();
  std::vector<CaseLine> expected;
  for (const auto& e : node["expect"]) {
    std::vector<std::string> ids;
    for (const auto& id : e["ids"]) ids.push_back(id.Scalar());
    expected.push_back({config::read_instant(e["at"]),
                        fmt::format("to {} [{}]", scalar(e, "to"), fmt::join(ids, ","))});
  }
  return compare(expected, actual);
}

}  // namespace moodline::casetest
