// The alert's page, the series' page, and the page of a person's own data.
#include <fmt/format.h>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "daemon/pages/html.hpp"
#include "daemon/pages/pages.hpp"
#include "daemon/pages/view.hpp"

namespace moodline::pages {
namespace {

using checkins::Setting;
using store::Access;
using store::Alert;
using store::AlertStatus;
using store::Person;

constexpr int views_read_max = 2000;

// The reader's own zone: a practitioner's, else the service's.
Zone zone_of(const Setting& s, const Access& link, const Person& person) {
  if (const auto* p = s.service.practitioner(link.name)) {
    return Zone::find(p->timezone).value_or(Zone::utc());
  }
  return Zone::find(person.zone).value_or(Zone::utc());
}

std::string time_html(const Zone& zone, Instant t) {
  return fmt::format("<time datetime=\"{}\">{}</time>", to_iso(t), moment_words(zone, t));
}

std::string row(std::string_view name, std::string_view html) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>", escape(name), html);
}

std::string quote(const store::Agreement& a, const Person& person, const Zone& zone) {
  return fmt::format(
      "<blockquote lang=\"{}\">{}</blockquote><p class=\"soft\">{}, agreed {}</p>",
      escape(person.language), escape(a.sentence), escape(a.code),
      a.answered_at ? "on " + day_words(zone.local(*a.answered_at).date) : "before this alert");
}

std::string status_chip(const Setting& s, const Alert& a) {
  if (a.done_at) {
    return fmt::format("<span class=\"chip done\">closed by {}</span>",
                       escape(called(s.service, a.done_by)));
  }
  if (a.status != AlertStatus::open) return "<span class=\"chip done\">over</span>";
  if (a.acked_at) {
    return fmt::format("<span class=\"chip\">{} is looking</span>",
                       escape(called(s.service, a.acked_by)));
  }
  return "<span class=\"chip open\">waiting for an answer</span>";
}

// When the first text about it reached whoever opens the page; until one has, when the line was
// crossed.
Instant told_at(store::ReadTx& tx, const Alert& a, const std::string& whom) {
  std::optional<Instant> first;
  for (const store::Message& m : tx.messages_of_alert(a.id)) {
    if (m.practitioner != whom || !m.accepted_at) continue;
    first = first ? std::min(*first, *m.accepted_at) : *m.accepted_at;
  }
  return first.value_or(a.fired_at);
}

std::string head(store::ReadTx& tx, const Setting& s, const Access& link, const Alert& a,
                 const Person& person, const Zone& zone) {
  std::string rows = row("Who", escape(person.display));
  if (a.onset) rows += row("Since", day_words(*a.onset));
  rows += row("Told", time_html(zone, told_at(tx, a, link.name)));
  if (!person.needs.empty()) rows += row("Agreed needs", escape(person.needs));
  if (!a.note.empty()) rows += row("Note", "<span class=\"words\">" + escape(a.note) + "</span>");
  return fmt::format("<header class=\"card\"><p>{}</p><h1>Alert {}{}</h1><dl>{}</dl></header>\n",
                     status_chip(s, a), escape(a.code), a.urgent ? ", urgent" : "", rows);
}

std::string answers(store::ReadTx& tx, const Setting& s, const Access& link, const Alert& a) {
  if (a.done_at) return {};
  const auto* me = s.service.practitioner(link.name);
  const auto* deputy = me == nullptr ? nullptr : s.service.practitioner(me->deputy);
  std::string out = "<div class=\"actions\">";
  if (!a.acked_at) out += button(tx, link, "ack", "ACK: I am looking", true);
  if (deputy != nullptr) out += button(tx, link, "pass", "PASS to " + deputy->name, false);
  out += "</div>\n";
  return out + card("When you have looked",
                    button(tx, link, "done", "DONE: close it", a.acked_at.has_value(),
                           "<label for=\"note\">What was done, in a few words (may stay "
                           "empty)</label><textarea id=\"note\" name=\"note\" rows=\"2\" "
                           "maxlength=\"500\"></textarea>"));
}

std::string arithmetic(store::ReadTx& tx, const Alert& a) {
  for (const checkins::Standing& st : checkins::standing_of(tx, a.person)) {
    if (st.row.rule != a.rule) continue;
    const rules::Explained x = rules::explain(st.state);
    std::string out = "<p>" + escape(x.arithmetic) + ".</p>";
    if (x.items.empty()) return out;
    std::string rows;
    for (auto i = x.items.rbegin(); i != x.items.rend(); ++i) {
      rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
                          day_words(i->day), escape(i->shown), i->hit ? "counts" : "");
    }
    return out +
           "<details><summary>Day by day</summary><table><caption>What the rule looked at, newest "
           "first</caption><thead><tr><th scope=\"col\">day</th><th scope=\"col\">answer</th>"
           "<th scope=\"col\">for the line</th></tr></thead><tbody>" +
           rows + "</tbody></table></details>";
  }
  return "<p>The rule is not in force any more; its sums are gone with it.</p>";
}

std::string plan_card(const Person& person) {
  if (person.plan.empty()) return {};
  return card("Their own plan", fmt::format("<p class=\"words\" lang=\"{}\">{}</p>",
                                            escape(person.language), escape(person.plan)));
}

// `shown`: ids of measures; null: every one.
std::string charts(store::ReadTx& tx, const Setting& s, const Person& person,
                   const std::set<std::string>* shown) {
  std::string out;
  for (const Chart& c : charts_of(tx, s, person)) {
    if (shown != nullptr && !shown->contains(c.measure)) continue;
    out += card(c.name + ", the last four weeks", figure(c));
  }
  return out;
}

// An alert shows the measure it is about; where it is about silence, what its reader may see.
std::set<std::string> measures_of(store::ReadTx& tx, const Setting& s, const Access& link,
                                  const Person& person, const rules::Rule* rule) {
  const auto* m = rule == nullptr ? nullptr : s.service.measure_of_component(rule->measure);
  if (m != nullptr && !rule->measure.empty()) return {m->id};
  return shared_measures(tx, s, person, link.name);
}

std::string trail_card(store::ReadTx& tx, const Setting& s, const Alert& a, const Zone& zone) {
  std::string lines;
  for (const TrailLine& l : trail_of(tx, s, a)) {
    lines += "<li>" + time_html(zone, l.at) + "<span>" + escape(l.words) + "</span></li>";
  }
  return card("What has happened", "<ol class=\"trail\">" + lines + "</ol>");
}

std::string ladder_card(const Setting& s, const Person& person, const rules::Rule& rule) {
  const auto steps = ladder_of(s.service, person, rule);
  std::string out;
  for (const std::string& step : steps) out += "<li>" + escape(step) + "</li>";
  if (steps.empty()) return card("If nobody answers", "<p>Nobody else was agreed.</p>");
  return card("If nobody answers", "<ul>" + out + "</ul>");
}

}  // namespace

namespace {

// Who, the agreed sentence, and one button: no readings, sums, plan, needs, or what others did.
net::Response friend_page(store::Tx& tx, const Access& link, const Person& person,
                          const Alert& alert, const store::Agreement& agreement, const Zone& zone,
                          const Notice& notice) {
  std::string main;
  if (!notice.words.empty()) {
    main +=
        "<div class=\"card notice\" role=\"status\"><p>" + escape(notice.words) + "</p></div>\n";
  }
  main += fmt::format(
      "<header class=\"card\"><h1>{}</h1><p>agreed that you are asked to be in touch.</p>"
      "<dl>{}</dl></header>\n",
      escape(person.display), row("Told", time_html(zone, told_at(tx, alert, link.name))));
  if (agreement.id != 0) main += card("What was agreed", quote(agreement, person, zone));
  if (!alert.done_at) {
    main += card("When you have been in touch", button(tx, link, "done", "Done", true));
  }
  main +=
      "<p class=\"soft\">Answers are not shown to you. That you looked is written down; the "
      "person can read it.</p>";
  return page(200, "Check-in " + alert.code, main);
}

}  // namespace

net::Response alert_page(store::Tx& tx, const Setting& s, const Access& link, const Person& person,
                         const Alert& alert, const Notice& notice) {
  const Zone zone = zone_of(s, link, person);
  store::Agreement agreement;
  const rules::RulePtr rule = rule_of(tx, alert, agreement);
  if (checkins::is_friend(s.service, link.name)) {
    return friend_page(tx, link, person, alert, agreement, zone, notice);
  }
  std::string main;
  if (!notice.words.empty()) {
    main +=
        "<div class=\"card notice\" role=\"status\"><p>" + escape(notice.words) + "</p></div>\n";
  }
  main += head(tx, s, link, alert, person, zone);
  if (agreement.id != 0) main += card("What was agreed", quote(agreement, person, zone));
  main += answers(tx, s, link, alert);
  main += card("Why now", arithmetic(tx, alert));
  const auto shown = measures_of(tx, s, link, person, rule.get());
  main += charts(tx, s, person, &shown);
  main += plan_card(person);
  if (rule != nullptr && !alert.done_at && !alert.acked_at) {
    main += ladder_card(s, person, *rule);
  }
  main += trail_card(tx, s, alert, zone);
  main +=
      "<p class=\"soft\">You saw this because it was agreed. That you looked is written down; the "
      "person can read it.</p>";
  return page(200, "Alert " + alert.code, main);
}

net::Response series_page(store::Tx& tx, const Setting& s, const Access& link,
                          const Person& person) {
  const Zone zone = zone_of(s, link, person);
  std::string main = fmt::format(
      "<header class=\"card\"><h1>{}</h1><p class=\"soft\">The last four weeks, as of {}.</p>"
      "</header>\n",
      escape(person.display), time_html(zone, s.now));
  const bool own = link.name == "person";
  const auto shown = shared_measures(tx, s, person, link.name);
  main += charts(tx, s, person, own ? nullptr : &shown);
  std::string agreed;
  for (const store::Agreement& a : checkins::in_force(tx, person.id)) {
    agreed += quote(a, person, zone);
  }
  main += card("What was agreed", agreed.empty() ? "<p>Nothing is agreed now.</p>" : agreed);
  main += plan_card(person);
  std::string looks;
  for (const store::AuditRow& r : tx.audit_of(person.id, 0, views_read_max)) {
    if (r.action != "page.view") continue;
    std::string_view who = r.actor;
    if (who.starts_with("practitioner:")) who.remove_prefix(13);
    looks +=
        "<li>" + time_html(zone, r.at) + "<span>" + escape(called(s.service, who)) + "</span></li>";
  }
  main += card("Who has looked", "<ol class=\"trail\">" + looks + "</ol>");
  return page(200, "Check-ins", main);
}

net::Response data_page(store::Tx& tx, const Setting& s, const Access& link, const Person& person) {
  std::string main =
      "<header class=\"card\"><h1>Everything held about you</h1><p>Save it now: the buttons work "
      "for half an hour, and this link does not open again.</p></header>\n<div "
      "class=\"actions\">";
  main += button(tx, link, "csv", "Save as CSV", true);
  main += button(tx, link, "json", "Save as JSON", false);
  main += "</div>\n" + charts(tx, s, person, nullptr);
  main += card("What the files hold",
               "<p>Your record, goals and plan; every reading; every question and whether it "
               "arrived; what you texted and what was texted to you, as far back as texts are "
               "kept; what you agreed to; alerts about you, who was told and who looked.</p>");
  return page(200, "Your data", main);
}

}  // namespace moodline::pages
