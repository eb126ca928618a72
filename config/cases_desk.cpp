#include "config/cases_desk.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/kinds/kind.hpp"

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

void read_hours(const YAML::Node& hours, Calendar& calendar) {
  only_keys(hours, "hours", "days from to");
  const auto from = time_from_hm(scalar(hours, "from"));
  const std::string end = scalar(hours, "to");
  const auto to = end == "24:00" ? std::optional(TimeOfDay{86'400}) : time_from_hm(end);
  if (!from || !to) bad_case(hours, "hours need from and to");
  for (const auto& day : hours["days"]) {
    const auto weekday = weekday_from_name(day.Scalar());
    if (!weekday) bad_case(day, day.Scalar() + " is no weekday");
    calendar.week[static_cast<std::size_t>(*weekday)] = {OpenHours{*from, *to}};
  }
}

}  // namespace

constexpr std::string_view practitioner_keys =
    "timezone hours holidays leave daily_cap cap escalate_after_h escalate_after_min "
    "escalate_after_days escalate_clock ack_expires_h ack_expires_min ack_expires_days";

Recipient read_recipient(const YAML::Node& node, const std::string& id) {
  only_keys(node, "practitioner", practitioner_keys);
  Recipient r;
  r.id = id;
  const auto zone = Zone::find(scalar(node, "timezone"));
  if (!zone) bad_case(node, zone.error().message);
  r.calendar.zone = *zone;
  if (node["hours"]) {
    read_hours(node["hours"], r.calendar);
  } else {
    r.calendar = Calendar::always(*zone);
  }
  for (const char* key : {"holidays", "leave"}) {
    for (const auto& day : node[key]) {
      const auto date = date_from_iso(day.Scalar());
      if (!date) bad_case(day, day.Scalar() + " is no date");
      r.calendar.holidays.push_back(*date);
    }
  }
  r.texts_a_day = number(node, "daily_cap", number(node, "cap", 0));
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
  const KindInfo* known = kind_named(kind == "safety_phrase" ? "phrase" : kind);
  if (known == nullptr) bad_case(alert, "no rule kind is named " + kind);
  rule.when.kind = known->kind;
  rule.urgent = yes(alert, "urgent");
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

using Timeline = std::map<Instant, std::vector<DeskEvent>>;

// An alert may carry what happens to it beside its fire.
void read_alert(const YAML::Node& a, Timeline& timeline) {
  only_keys(a, "alert", "id person kind urgent fire clear withdraw ack done");
  const std::string id = scalar(a, "id");
  const std::string person = scalar(a, "person", id);
  timeline[instant_at(a, "fire")].push_back(AlertFired{{id, person, notify_rule(a), case_roles()}});
  if (given(a, "clear")) timeline[instant_at(a, "clear")].push_back(AlertCleared{id});
  if (given(a, "withdraw")) timeline[instant_at(a, "withdraw")].push_back(AlertWithdrawn{id});
  if (given(a, "ack")) timeline[instant_at(a, "ack")].push_back(AckedAlert{id});
  if (given(a, "done")) timeline[instant_at(a, "done")].push_back(AlertClosed{id, true});
}

void read_event(const YAML::Node& e, Timeline& timeline) {
  only_keys(e, "event", "at type id person");
  const std::string id = scalar(e, "id");
  const std::string person = scalar(e, "person", id);
  const std::map<std::string, DeskEvent> known{{"release", MassSilenceReleased{}},
                                               {"drop", MassSilenceDropped{}},
                                               {"ack", AckedAlert{id}},
                                               {"done", AlertClosed{id, true}},
                                               {"pass", PassedAlert{id}},
                                               {"failed", MessageFailed{id, ""}},
                                               {"clear", AlertCleared{id}},
                                               {"withdraw", AlertWithdrawn{id}},
                                               {"match", AlertMatched{id}},
                                               {"pause", PersonPaused{person, true}},
                                               {"resume", PersonPaused{person, false}},
                                               {"stop", PersonGone{person}},
                                               {"unshare", PersonGone{person}},
                                               {"erase", PersonGone{person}}};
  const auto it = known.find(scalar(e, "type"));
  if (it == known.end()) {
    std::string names;
    for (const auto& [name, event] : known) names += (names.empty() ? "" : ", ") + name;
    bad_case(
        e, fmt::format("event type \"{}\" is unknown; write one of {}", scalar(e, "type"), names));
  }
  timeline[instant_at(e, "at")].push_back(it->second);
}

}  // namespace

std::string run_notify_case(const YAML::Node& node, CaseEngine engine) {
  only_keys(
      node, "notify case",
      "practitioner group_wait_min group_interval_min silence_wait_min urgent_repeat_min alerts "
      "events until expect");
  DeskSettings settings;
  const auto minutes = [&](const char* key, Millis& out) {
    if (given(node, key)) out = std::chrono::minutes{number(node, key, 0)};
  };
  minutes("group_wait_min", settings.group_wait);
  minutes("group_interval_min", settings.group_interval);
  minutes("silence_wait_min", settings.silence_wait);
  minutes("urgent_repeat_min", settings.urgent_repeat);
  if (!given(node, "practitioner")) bad_case(node, "practitioner is missing");
  DeskRun run(everybody(read_recipient(node["practitioner"], "practitioner")), settings,
              engine == CaseEngine::restart);
  Timeline timeline;
  for (const auto& a : node["alerts"]) read_alert(a, timeline);
  for (const auto& e : node["events"]) read_event(e, timeline);
  std::vector<CaseLine> expected;
  for (const auto& e : node["expect"]) {
    only_keys(e, "expect", "at to ids");
    std::vector<std::string> ids;
    for (const auto& id : e["ids"]) ids.push_back(id.Scalar());
    expected.push_back(
        {instant_at(e, "at"), fmt::format("to {} [{}]", scalar(e, "to"), fmt::join(ids, ","))});
  }
  sort_lines(expected);
  constexpr int settled_days = 7;  // long enough for anything that waits to leave
  const Instant last = timeline.empty() ? Instant{} : timeline.rbegin()->first;
  const Instant until = given(node, "until") ? instant_at(node, "until")
                                             : last + std::chrono::hours{24 * settled_days};
  for (auto& [at, events] : timeline) run.at(at, std::move(events));
  run.until(until, true);
  const auto actual = grouped(run.messages, until);
  if (same(actual, expected)) return {};
  return fmt::format("expected {}; actual {}", shown(expected), shown(actual));
}

}  // namespace moodline::config
