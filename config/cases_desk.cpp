#include "config/cases_desk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace moodline::config {

using namespace rules;  // NOLINT: the whole file speaks of them

namespace {

// State first (clear, withdraw, fire), then the rest in a fixed order.
int rank(const std::string& what) {
  static const std::vector<std::string> order{"clear", "withdraw", "fire", "stale", "close"};
  const auto it = std::find(order.begin(), order.end(), what);
  return static_cast<int>(it - order.begin());
}

}  // namespace

void sort_lines(std::vector<CaseLine>& lines) {
  std::stable_sort(lines.begin(), lines.end(), [](const CaseLine& a, const CaseLine& b) {
    if (a.at != b.at) return a.at < b.at;
    return rank(a.what) != rank(b.what) ? rank(a.what) < rank(b.what) : a.what < b.what;
  });
}

std::string shown(const std::vector<CaseLine>& lines) {
  std::string out;
  for (const CaseLine& line : lines) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", line.what, to_iso(line.at));
  }
  return out.empty() ? "nothing" : out;
}

bool same(const std::vector<CaseLine>& a, const std::vector<CaseLine>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const CaseLine& x, const CaseLine& y) { return x.at == y.at && x.what == y.what; });
}

namespace {

[[noreturn]] void bad_recipient(const YAML::Node& node, const std::string& what) {
  throw std::runtime_error(fmt::format("line {}: {}", node.Mark().line + 1, what));
}

}  // namespace

namespace {

void read_hours(const YAML::Node& hours, Calendar& calendar) {
  const auto from = time_from_hm(scalar(hours, "from"));
  const std::string end = scalar(hours, "to");
  const auto to = end == "24:00" ? std::optional(TimeOfDay{86'400}) : time_from_hm(end);
  if (!from || !to) bad_recipient(hours, "hours need from and to");
  for (const auto& day : hours["days"]) {
    const auto weekday = weekday_from_name(day.Scalar());
    if (!weekday) bad_recipient(day, day.Scalar() + " is no weekday");
    calendar.week[static_cast<std::size_t>(*weekday)] = {OpenHours{*from, *to}};
  }
}

}  // namespace

Recipient read_recipient(const YAML::Node& node, const std::string& id) {
  Recipient r;
  r.id = id;
  const auto zone = Zone::find(scalar(node, "timezone"));
  if (!zone) bad_recipient(node, zone.error().message);
  r.calendar.zone = *zone;
  if (node["hours"]) {
    read_hours(node["hours"], r.calendar);
  } else {
    r.calendar = Calendar::always(*zone);
  }
  for (const char* key : {"holidays", "leave"}) {
    for (const auto& day : node[key]) {
      const auto date = date_from_iso(day.Scalar());
      if (!date) bad_recipient(day, day.Scalar() + " is no date");
      r.calendar.holidays.push_back(*date);
    }
  }
  r.texts_a_day = node["daily_cap"] ? node["daily_cap"].as<int>() : node["cap"].as<int>(0);
  return r;
}

DeskRun::DeskRun(std::vector<Recipient> recipients, DeskSettings settings, bool restart)
    : settings_(std::move(settings)), recipients_(std::move(recipients)), restart_(restart) {
  desk_ = fresh();
}

void DeskRun::at(Instant t, std::vector<DeskEvent> events, bool late) {
  until(t, false);
  keep(desk_.take(events, t, late));
}

void DeskRun::until(Instant end, bool inclusive) {
  constexpr int messages_max = 100'000;
  for (int i = 0; i < messages_max; ++i) {
    const auto due = desk_.next_deadline();
    if (!due || *due > end || (*due == end && !inclusive)) return;
    // What fell due while the daemon was off goes when it is back.
    const Instant now = up_after(*due);
    if (now > end || (now == end && !inclusive)) return;
    keep(desk_.advance(now, now != *due));
  }
}

Instant DeskRun::up_after(Instant t) const {
  for (const auto& [from, to] : down) {
    if (t >= from && t < to) return to;
  }
  return t;
}

Desk DeskRun::fresh() const {
  Desk desk(settings_);
  for (const Recipient& r : recipients_) desk.put(r);
  return desk;
}

void DeskRun::keep(std::vector<Message> out) {
  for (Message& m : out) messages.push_back(std::move(m));
  if (restart_) reload();
}

void DeskRun::reload() {
  std::map<std::string, RulePtr, std::less<>> rules;
  for (const auto& [id, c] : desk_.chases()) rules[c.facts.rule->key] = c.facts.rule;
  const auto source = [&](std::string_view key) { return rules.find(key)->second; };
  Desk desk = fresh();
  for (const auto& [id, c] : desk_.chases()) desk.put(reread(chase_from_text(to_text(c), source)));
  for (const auto& [id, q] : desk_.queues()) desk.put(reread(queue_from_text(to_text(q))));
  for (const auto& [id, t] : desk_.talks()) desk.put(reread(talk_from_text(to_text(t))));
  desk.put(reread(mass_from_text(to_text(desk_.mass()))));
  desk_ = std::move(desk);
}

std::vector<Recipient> everybody(const Recipient& practitioner) {
  std::vector<Recipient> all{practitioner};
  for (const char* id : {"deputy", "lead", "duty"}) {
    all.push_back(practitioner);
    all.back().id = id;
  }
  all.push_back({"admin", Calendar::always(Zone::utc()), "", 0, false});
  return all;
}

const std::map<std::string, std::string>& case_roles() {
  static const std::map<std::string, std::string> same{
      {"practitioner", "practitioner"}, {"deputy", "deputy"}, {"lead", "lead"}, {"duty", "duty"}};
  return same;
}

namespace {

RulePtr notify_rule(const YAML::Node& alert) {
  Rule rule;
  rule.id = scalar(alert, "id");
  rule.key = rule.id;
  const std::string kind = scalar(alert, "kind", "streak");
  rule.when.kind = kind == "silence"         ? Kind::silence
                   : kind == "safety_phrase" ? Kind::phrase
                                             : Kind::streak;
  rule.urgent = scalar(alert, "urgent") == "true";
  rule.cooldown = {};
  Step tell;
  tell.role = "practitioner";
  rule.then = {tell};
  return std::make_shared<const Rule>(std::move(rule));
}

std::vector<CaseLine> grouped(const std::vector<Message>& messages, Instant until) {
  std::vector<CaseLine> lines;
  for (const Message& m : messages) {
    if (m.at > until) continue;
    std::vector<std::string> ids;
    for (const MessageLine& line : m.lines) ids.push_back(line.alert);
    lines.push_back({m.at, fmt::format("to {} [{}]", m.to, fmt::join(ids, ","))});
  }
  sort_lines(lines);
  return lines;
}

}  // namespace

std::string run_notify_case(const YAML::Node& node, CaseEngine engine) {
  DeskSettings settings;
  const auto minutes = [&](const char* key, Millis& out) {
    if (node[key]) out = std::chrono::minutes{node[key].as<int>()};
  };
  minutes("group_wait_min", settings.group_wait);
  minutes("group_interval_min", settings.group_interval);
  minutes("silence_wait_min", settings.silence_wait);
  DeskRun run(everybody(read_recipient(node["practitioner"], "practitioner")), settings,
              engine == CaseEngine::restart);
  std::map<Instant, std::vector<DeskEvent>> timeline;
  for (const auto& a : node["alerts"]) {
    const std::string id = scalar(a, "id");
    const std::string person = scalar(a, "person", id);
    timeline[read_instant(a["fire"])].push_back(
        AlertFired{{id, person, notify_rule(a), case_roles()}});
    if (a["clear"]) timeline[read_instant(a["clear"])].push_back(AlertCleared{id});
    if (a["withdraw"]) timeline[read_instant(a["withdraw"])].push_back(AlertWithdrawn{id});
    if (a["ack"]) timeline[read_instant(a["ack"])].push_back(AckedAlert{id});
    if (a["done"]) timeline[read_instant(a["done"])].push_back(AlertClosed{id, true});
  }
  for (const auto& e : node["events"]) {
    const std::string type = scalar(e, "type");
    const Instant at = read_instant(e["at"]);
    const std::string id = scalar(e, "id");
    if (type == "release") timeline[at].push_back(MassSilenceReleased{});
    if (type == "drop") timeline[at].push_back(MassSilenceDropped{});
    if (type == "ack") timeline[at].push_back(AckedAlert{id});
    if (type == "clear") timeline[at].push_back(AlertCleared{id});
    if (type == "withdraw") timeline[at].push_back(AlertWithdrawn{id});
    if (type == "match") timeline[at].push_back(AlertMatched{id});
    if (type == "stop") timeline[at].push_back(PersonGone{scalar(e, "person", id)});
  }
  std::vector<CaseLine> expected;
  for (const auto& e : node["expect"]) {
    std::vector<std::string> ids;
    for (const auto& id : e["ids"]) ids.push_back(id.Scalar());
    expected.push_back(
        {read_instant(e["at"]), fmt::format("to {} [{}]", scalar(e, "to"), fmt::join(ids, ","))});
  }
  sort_lines(expected);
  Instant until = timeline.empty() ? Instant{} : timeline.rbegin()->first;
  constexpr int settled_days = 7;  // long enough for anything that waits to leave
  until =
      node["until"] ? read_instant(node["until"]) : until + std::chrono::hours{24 * settled_days};
  for (auto& [at, events] : timeline) run.at(at, std::move(events));
  run.until(until, true);
  const auto actual = grouped(run.messages, until);
  if (same(actual, expected)) return {};
  return fmt::format("expected {}; actual {}", shown(expected), shown(actual));
}

}  // namespace moodline::config
