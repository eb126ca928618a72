#include "daemon/pages/pages.hpp"

#include <fmt/format.h>

#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/pages/html.hpp"
#include "daemon/pages/view.hpp"
#include "daemon/records/person_data.hpp"

namespace moodline::pages {
namespace {

using checkins::LinkKind;
using checkins::Setting;
using store::Access;
using store::Alert;
using store::Person;

constexpr std::size_t note_bytes_max = 2000;

net::Response opens_nothing(const Fault& why) {
  const bool gone = why.code == "link_expired" || why.code == "link_used";
  return page(gone ? 410 : 404, "This link opens nothing",
              fmt::format("<div class=\"card\"><h1>This link opens nothing</h1><p>{}</p>"
                          "<p class=\"soft\">Links open for a day, for the one they were made for. "
                          "Ask for a new one by text.</p></div>",
                          why.code == "link_expired" ? "It has run out."
                          : why.code == "link_used"  ? "It has been used up or taken back."
                                                     : "It may have been cut short on the way."));
}

net::Response no_longer() {
  return page(403, "No longer shared",
              "<div class=\"card\"><h1>No longer shared</h1><p>What this link opened is not shared "
              "with you now. Nothing is shown, and nothing needs to be done here.</p></div>");
}

net::Response form_refused() {
  return page(403, "Please try again",
              "<div class=\"card\"><h1>Please try again</h1><p>That button was not pressed on a "
              "page of ours, or the page was too old. Open your link again and press Show.</p>"
              "</div>");
}

std::string actor_of(const Access& link) {
  return link.name == "person" ? std::string("person") : "practitioner:" + link.name;
}

void note_view(store::Tx& tx, const Setting& s, Access& link, std::string_view subject) {
  checkins::audit(tx, s, actor_of(link), "page.view", subject, link.person, link.kind);
  link.used_at = link.used_at.value_or(s.now);
  tx.put(link);
}

// ACK, DONE, PASS: the same functions as by text. Returns what the page says of it.
Notice act(store::Tx& tx, const Setting& s, const Access& link, const Alert& alert,
           const std::string& what, std::string note) {
  const std::string actor = actor_of(link);
  if (alert.done_at) return {"This alert was closed already. Nothing was changed."};
  if (what == "ack" && alert.acked_at) {
    return {"This alert was acknowledged already. Nothing was changed."};
  }
  if (note.size() > note_bytes_max) note.resize(note_bytes_max);
  Result<Alert> done = fault("unknown_button", "");
  if (what == "ack") done = checkins::acknowledge(tx, s, alert.code, link.name, actor);
  if (what == "done") done = checkins::finish(tx, s, alert.code, link.name, actor, note);
  const bool may_pass = !checkins::is_friend(s.service, link.name);
  if (what == "pass" && may_pass) done = checkins::pass_on(tx, s, alert.code, link.name, actor);
  if (!done) return {"That could not be done: " + done.error().message + "."};
  if (what == "ack") {
    return {
        "You have acknowledged it. Nobody else is chased while you look; text or press DONE "
        "when you have looked."};
  }
  return {what == "done" ? "Closed as done. Thank you." : "Passed on. The next in line is told."};
}

net::Response open_alert(store::Tx& tx, const Setting& s, Access& link, const Person& person,
                         const std::string& what, const PageRequest& r) {
  auto alert = tx.alert(link.alert);
  if (!alert || alert->person != person.id) return no_longer();
  if (!may_see(tx, s, person, link.name, &*alert)) return no_longer();
  Notice notice;
  if (what == "show") {
    note_view(tx, s, link, alert->code);
  } else {
    notice = act(tx, s, link, *alert, what, net::value_of(r.form, "note").value_or(""));
    alert = tx.alert(link.alert);
  }
  return alert_page(tx, s, link, person, *alert, notice);
}

net::Response open_series(store::Tx& tx, const Setting& s, Access& link, const Person& person) {
  // A friend is shown no readings, whatever was agreed.
  if (checkins::is_friend(s.service, link.name)) return no_longer();
  if (link.name != "person" && !may_see(tx, s, person, link.name, nullptr)) return no_longer();
  note_view(tx, s, link, person.key);
  return series_page(tx, s, link, person);
}

// Opened once; the two buttons work for a while after, then the link is used up.
net::Response open_data(store::Tx& tx, const Setting& s, Access& link, const Person& person,
                        const std::string& what) {
  if (link.used_at && s.now >= *link.used_at + checkins::once_opened_lives) {
    link.ended_at = s.now;
    tx.put(link);
    return opens_nothing({"link_used", "used"});
  }
  if (what == "csv" || what == "json") {
    checkins::audit(tx, s, "person", "data.download", person.key, person.id, what);
    if (what == "csv") {
      return download("my-data.csv", "text/csv; charset=utf-8", records::person_csv(tx, s, person));
    }
    return download("my-data.json", "application/json", records::person_json(tx, s, person));
  }
  if (link.used_at) return opens_nothing({"link_used", "used"});
  note_view(tx, s, link, person.key);
  return data_page(tx, s, link, person);
}

bool known_button(LinkKind kind, std::string_view what) {
  if (what == "show") return true;
  if (kind == LinkKind::alert) return what == "ack" || what == "done" || what == "pass";
  return kind == LinkKind::data && (what == "csv" || what == "json");
}

}  // namespace

std::string card(std::string_view heading, std::string_view html) {
  return fmt::format("<section class=\"card\"><h2>{}</h2>{}</section>\n", escape(heading), html);
}

std::string button(store::ReadTx& tx, const Access& link, std::string_view what,
                   std::string_view words, bool first, std::string_view fields) {
  return fmt::format(
      "<form method=\"post\"><input type=\"hidden\" name=\"form\" value=\"{}\">"
      "<input type=\"hidden\" name=\"do\" value=\"{}\">{}<button{}>{}</button></form>",
      checkins::form_token(tx, link, what), what, fields, first ? " class=\"first\"" : "",
      escape(words));
}

net::Response cover(store::ReadTx& tx, const Setting& s, const PageRequest& r) {
  const auto link = checkins::open_link(tx, r.kind, r.token, s.now);
  if (!link) return opens_nothing(link.error());
  if (r.kind == LinkKind::data && link->used_at) return opens_nothing({"link_used", "used"});
  return page(
      200, "A private page",
      fmt::format("<div class=\"card\"><h1>A private page</h1>"
                  "<p>This page was made for one reader. Press Show to open it.</p>"
                  "<p class=\"soft\">Opening it is written down, and the person it is about "
                  "can ask who has looked.</p>{}</div>",
                  button(tx, *link, "show", "Show", true)));
}

net::Response open(store::Tx& tx, const Setting& s, const PageRequest& r) {
  auto link = checkins::open_link(tx, r.kind, r.token, s.now);
  if (!link) return opens_nothing(link.error());
  const std::string what = net::value_of(r.form, "do").value_or("");
  const std::string proof = net::value_of(r.form, "form").value_or("");
  if (!known_button(r.kind, what) || !checkins::form_token_ok(tx, *link, what, proof)) {
    return form_refused();
  }
  const auto person = tx.person(link->person);
  if (!person) return opens_nothing({"link_unknown", "erased"});
  switch (r.kind) {
    case LinkKind::alert:
      return open_alert(tx, s, *link, *person, what, r);
    case LinkKind::series:
      return open_series(tx, s, *link, *person);
    case LinkKind::data:
      return open_data(tx, s, *link, *person, what);
  }
  return form_refused();
}

}  // namespace moodline::pages
