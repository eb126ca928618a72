#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "daemon/checkins/access.hpp"
#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/commands.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"

namespace moodline::checkins {
namespace {

constexpr Millis view_day{86'400'000};
constexpr int week_days = 7;
constexpr int month_days = 28;
constexpr int log_lines_max = 6;
constexpr int audit_read_max = 20'000;

const store::Reading* last_on(const std::vector<store::Reading>& readings, LocalDate d,
                              std::string_view component) {
  const store::Reading* last = nullptr;
  for (const store::Reading& r : readings) {
    if (r.component != component || r.local_day != d || r.corrected_by != 0 || r.low_mark) continue;
    if (last == nullptr || r.at >= last->at) last = &r;
  }
  return last;
}

std::string cell(const std::vector<store::Reading>& readings, const config::Measure& m,
                 LocalDate d) {
  const store::Reading* first = last_on(readings, d, m.components.front().id);
  if (first == nullptr) return "-";
  if (m.components.size() == 2) {
    const store::Reading* second = last_on(readings, d, m.components.back().id);
    return to_text(first->value) + "/" + (second == nullptr ? "-" : to_text(second->value));
  }
  const std::int64_t whole = first->value.micro / Decimal::one;
  if (whole >= 0 && whole <= 9) return std::string(1, static_cast<char>('0' + whole));
  return whole == 10 ? "X" : to_text(first->value);
}

// One character a day, oldest first: the value, "-" where it is missing; 10 is shown as "X". A
// longer value, or the pair of a blood pressure, stands between spaces; so does each week.
std::string picture(const std::vector<store::Reading>& readings, const config::Measure& m,
                    LocalDate from, int days) {
  std::string out;
  bool after_long = false;
  for (int i = 0; i < days; ++i) {
    const std::string one = cell(readings, m, from + i);
    const bool is_long = one.size() > 1;
    const bool gap = i > 0 && (i % week_days == 0 || is_long || after_long);
    out += (gap ? " " : "") + one;
    after_long = is_long;
  }
  return out;
}

std::string recipients_text(const Desk& d, const store::Agreement& a) {
  std::string out;
  const auto* pal = d.s.service.practitioner(friend_of(d.s.service, d.person));
  for (const std::string& role : a.recipients) {
    const bool by_name = role == friend_role && pal != nullptr;
    out += (out.empty() ? "" : ", ") + (by_name ? pal->name : d.words().role(role));
  }
  return out;
}

std::string short_date(const Desk& d, Instant t) {
  const CivilDate c = civil(d.zone().local(t).date);
  const auto i = static_cast<std::size_t>(c.month - 1);
  const auto& months = d.words().months_short;
  return fmt::format("{} {}", c.day, i < months.size() ? months[i] : std::to_string(c.month));
}

// "HISTORY 28", "last 28 days", "month": said in the text itself.
bool wants_month(Desk& d, const Request& r) {
  const auto in = d.tx.inbound(r.inbound);
  if (!in) return false;
  std::string low;
  for (const char c : in->text) {
    low += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return low.find("28") != std::string::npos || low.find("month") != std::string::npos;
}

std::string told_name(const Desk& d, const std::string& who) {
  const config::Practitioner* p = d.s.service.practitioner(who);
  return p != nullptr ? p->name : d.words().role("admin");
}

// Whom a text about this alert reached or may have reached, each once.
std::string told(Desk& d, const store::Alert& a) {
  std::set<std::string> names;
  for (const store::Message& m : d.tx.messages_of_alert(a.id)) {
    if (!m.practitioner.empty() && m.claimed_at) names.insert(told_name(d, m.practitioner));
  }
  std::string out;
  for (const std::string& n : names) out += (out.empty() ? "" : ", ") + n;
  return out;
}

// Who looked at a page or a record of theirs, how often and when last: "Sam Reed 2x 16 Mar".
std::string looked(const Desk& d) {
  std::map<std::string, std::pair<int, Instant>> looks;
  for (const store::AuditRow& row : d.tx.audit_of(d.person.id, 0, audit_read_max)) {
    const bool look = row.action == "page.view" || row.action == "person.show" ||
                      row.action == "person.series" || row.action == "person.export" ||
                      row.action == "explain" || row.action == "agreement.show" ||
                      row.action == "replies.unread";
    if (!look || row.actor == "person") continue;
    const auto colon = row.actor.find(':');
    const std::string id = colon == std::string::npos ? row.actor : row.actor.substr(colon + 1);
    auto& [times, last] = looks[told_name(d, id)];
    ++times;
    last = std::max(last, row.at);
  }
  std::string out;
  for (const auto& [who, look] : looks) {
    out += fmt::format("{}{} {}x {}", out.empty() ? "" : ", ", who, look.first,
                       short_date(d, look.second));
  }
  return out;
}

}  // namespace

void do_history(Desk& d, const Request& r) {
  const int days = wants_month(d, r) ? month_days : week_days;
  const LocalDate from = d.today() - (days - 1);
  const auto readings = d.tx.readings_of(d.person.id, d.s.now - view_day * (days + 2));
  std::string lines;
  std::string names;
  const bool several = d.person.measures.size() > 1;
  for (const store::TrackedMeasure& m : d.person.measures) {
    const config::Measure* measure = d.s.service.measure(m.measure);
    if (measure == nullptr || measure->components.empty()) continue;
    names += (names.empty() ? "" : ", ") + d.measure_name(m.measure);
    lines += (lines.empty() ? "" : "\n") + (several ? d.measure_name(m.measure) + " " : "") +
             picture(readings, *measure, from, days);
  }
  d.note("person.history");
  const bool none = readings.empty() && d.tx.readings_of(d.person.id, Instant::min()).empty();
  if (lines.empty() || none) {
    d.reply("history-empty");
    return;
  }
  d.reply("history", {{"measure", std::move(names)}, {"list", lines}});
}

void do_why(Desk& d, const Request&) {
  if (d.person.measures.empty()) {
    d.reply("why-none");
    return;
  }
  std::string names;
  std::string goals;
  for (const store::TrackedMeasure& m : d.person.measures) {
    names += (names.empty() ? "" : ", ") + d.measure_name(m.measure);
    goals += (goals.empty() ? "" : "; ") + m.goal;
  }
  d.reply("why", {{"measure", names}, {"goal", goals}});
}

// A plan is kept in their own words, capitals and all, to the last emoji; the reader's argument is
// folded and ends where a clause does.
std::string plan_words(Desk& d, const Request& r) {
  const auto in = d.tx.inbound(r.inbound);
  const bool known = in && r.words_at > 0 && r.words_at < in->text.size();
  std::string words = known ? in->text.substr(r.words_at) : r.arg;
  for (char& c : words) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  constexpr std::string_view between = " :;,.-=";
  words.erase(0, std::min(words.find_first_not_of(between), words.size()));
  while (!words.empty() && words.back() == ' ') words.pop_back();
  return words.empty() ? r.arg : words;
}

void do_plan(Desk& d, const Request& r) {
  if (!r.arg.empty()) {
    d.person.plan = plan_words(d, r);
    d.note("person.plan");
    d.reply("plan-set", {{"plan", d.person.plan}});
    return;
  }
  d.reply(d.person.plan.empty() ? "plan-none" : "plan", {{"plan", d.person.plan}});
}

void do_who(Desk& d, const Request&) {
  const auto force = in_force(d.tx, d.person.id);
  std::string seen;
  for (const store::Agreement& a : force) {
    seen += (seen.empty() ? "" : "; ") + a.code + " " + recipients_text(d, a);
    if (a.answered_at) seen += " " + short_date(d, *a.answered_at);
  }
  const config::Practitioner* p = d.s.service.practitioner(d.person.practitioner);
  if (p != nullptr) seen = p->name + ": " + seen;
  std::string looks = looked(d);
  d.note("person.who");
  const bool nobody = force.empty() || !d.person.sharing;
  if (nobody && looks.empty()) {
    d.reply("who-nobody");
    return;
  }
  if (nobody) seen = d.words().word("nobody");
  if (!looks.empty()) seen += ". " + d.words().word("looked") + ": " + looks;
  d.reply("who", {{"list", seen}});
}

void do_log(Desk& d, const Request&) {
  std::string lines;
  int shown = 0;
  auto alerts = d.tx.alerts_of(d.person.id);
  std::reverse(alerts.begin(), alerts.end());
  for (const store::Alert& a : alerts) {
    const std::string to = told(d, a);
    if (to.empty()) continue;  // nothing left about it
    if (shown++ >= log_lines_max) break;
    std::string what = a.code + " " + short_date(d, a.fired_at) + " " + a.agreement_code + " " + to;
    if (a.done_at) {
      what += ", " + d.words().word("closed") + " " + told_name(d, a.done_by);
    } else if (a.acked_at) {
      what += ", " + d.words().word("acknowledged") + " " + told_name(d, a.acked_by);
    } else if (a.status == store::AlertStatus::open) {
      what += ", " + d.words().word("open");
    }
    lines += (lines.empty() ? "" : "; ") + what;
  }
  if (const std::string looks = looked(d); !looks.empty()) {
    lines += (lines.empty() ? "" : "; ") + d.words().word("looked") + ": " + looks;
  }
  d.note("person.log");
  d.reply(lines.empty() ? "log-empty" : "log", {{"list", lines}});
}

void do_data(Desk& d, const Request&) {
  d.note("person.data");
  tell_admin(d.tx, d.s, "admin-data-wanted", {{"person", d.person.display}}, "data:" + d.person.key,
             d.person.id);
  // Both ways at once, so that no second text has to choose: a link that opens once, and a name.
  if (d.s.service.settings.pages.public_url.empty()) {
    d.reply("data-choice");
    return;
  }
  const std::string link = make_link(d.tx, d.s, {LinkKind::data, "person", d.person.id, 0});
  d.reply("data-link", {{"link", link}, {"hours", std::to_string(link_hours)}});
}

}  // namespace moodline::checkins
