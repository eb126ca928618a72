#include "daemon/checkins/email.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "daemon/checkins/about.hpp"
#include "daemon/checkins/access.hpp"
#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/desk.hpp"
#include "rules/text/html.hpp"

namespace moodline::checkins {
namespace {

constexpr Millis webhook_lives{3LL * 86'400'000};

std::string html_of(const std::string& service, const std::string& words, const std::string& link) {
  const std::string button =
      link.empty() ? std::string{}
                   : fmt::format(
                         "<p style=\"margin:24px 0\"><a href=\"{0}\" "
                         "style=\"background:#24596b;color:#ffffff;padding:12px 20px;"
                         "border-radius:8px;text-decoration:none;font-weight:bold\">Open the "
                         "page</a></p><p style=\"color:#566066\">The page is for you alone "
                         "and opens within {1} hours. Opening it is written down.</p>",
                         text::escape_html(link), link_hours);
  return fmt::format(
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title></head>"
      "<body style=\"margin:0;background:#f7f5f1;color:#22282b;font:16px/1.5 sans-serif\">"
      "<div style=\"max-width:560px;margin:0 auto;padding:24px\"><p style=\"font-size:18px;"
      "white-space:pre-line\">{1}</p>{2}<p style=\"color:#566066\">{0}. Answer by text, or on the "
      "page; this address is not read.</p></div></body></html>",
      text::escape_html(service), text::escape_html(words), button);
}

bool wanted(const config::OutgoingWebhook& w, std::string_view action) {
  return w.events.empty() || std::find(w.events.begin(), w.events.end(), action) != w.events.end();
}

}  // namespace

Way way_of(const store::Message& m) {
  if (m.to.starts_with("http://") || m.to.starts_with("https://")) return Way::webhook;
  return m.to.find('@') == std::string::npos ? Way::text : Way::email;
}

bool carries_way(const config::Route& route, const store::Message& m) {
  switch (way_of(m)) {
    case Way::email:
      return route.provider == "email";
    case Way::webhook:
      return route.provider == "webhook-" + m.template_name;
    case Way::text:
      break;
  }
  return route.provider != "email" && !route.provider.starts_with("webhook-");
}

bool queue_for_staff(store::Tx& tx, const Setting& s, store::Message m) {
  const config::Practitioner* to = s.service.practitioner(m.practitioner);
  if (to == nullptr) return false;
  const bool email = !to->email.empty() && !s.service.settings.email.smtp_url.empty();
  if (email) {
    store::Message copy = m;
    copy.to = to->email;
    // The desk chases the text; where there is none, it chases the email.
    if (to->number) copy.alert = 0;
    if (!copy.dedupe.empty()) copy.dedupe += ":email";
    queue(tx, std::move(copy));
  }
  if (!to->number) return email;
  m.to = to->number->str();
  return queue(tx, std::move(m));
}

std::string render_email(store::Tx& tx, const Setting& s, store::Message& m, std::string words) {
  std::string link;
  const store::RowId about = m.alert != 0 ? m.alert : m.alerts.size() == 1 ? m.alerts.front() : 0;
  const auto alert = about == 0 ? std::nullopt : tx.alert(about);
  if (alert && alert->person != 0 && !s.service.settings.pages.public_url.empty()) {
    link = make_link(tx, s, {LinkKind::alert, m.practitioner, alert->person, alert->id});
  }
  // A subject is read over shoulders: nothing in it but a code.
  m.values["subject"] = alert ? "Check-in " + alert->code : "Check-ins";
  m.values["html"] = html_of(s.service.settings.name, words, link);
  if (!link.empty()) {
    words += fmt::format("\n\nThe page, for you alone, within {} hours:\n{}", link_hours, link);
  }
  return words + "\n\n" + s.service.settings.name +
         ". Answer by text, or on the page; this address is not read.\n";
}

void queue_webhooks(store::Tx& tx, const Setting& s, std::string_view action,
                    std::string_view subject, store::RowId person) {
  if (s.service.settings.outgoing.empty() || !action.starts_with("alert.")) return;
  const auto alert = tx.alert_by_code(subject);
  const auto p = tx.person(person);
  if (!alert || !p || !told_to_staff(tx, *alert)) return;
  for (const config::OutgoingWebhook& w : s.service.settings.outgoing) {
    if (!wanted(w, action)) continue;
    boost::json::object data{{"alert", alert->code},
                             {"person", p->key},
                             {"agreement", alert->agreement_code},
                             {"rule", alert->rule},
                             {"urgent", alert->urgent}};
    const boost::json::object body{
        {"type", action}, {"timestamp", to_iso(s.now)}, {"data", std::move(data)}};
    store::Message m;
    m.person = person;
    m.practitioner = "webhook:" + w.name;
    m.purpose = store::Purpose::webhook;
    m.to = w.url;
    m.template_name = w.name;
    m.values["body"] = boost::json::serialize(body);
    m.due_at = s.now;
    m.created_at = s.now;
    m.expires_at = s.now + webhook_lives;
    queue(tx, std::move(m));
  }
}

}  // namespace moodline::checkins
