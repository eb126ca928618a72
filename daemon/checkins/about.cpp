#include "daemon/checkins/about.hpp"

#include <algorithm>
#include <set>

#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/digest.hpp"
#include "daemon/checkins/friends.hpp"

namespace moodline::checkins {
namespace {

using store::PersonStatus;

constexpr int cover_max = 5;

bool has_gone(store::ReadTx& tx, const store::Person& p) {
  return p.status == PersonStatus::stopped || p.status == PersonStatus::erased ||
         p.status == PersonStatus::wrong_number || p.status == PersonStatus::deceased ||
         p.status == PersonStatus::discharged || tx.opt_out(p.number).has_value();
}

// The roles of an agreement as people: each named one, whoever covers for them, and the admin.
bool stands_for(const config::Service& service, const store::Person& p,
                const store::Agreement& agreement, const std::string& recipient) {
  if (recipient == service.settings.contacts.admin) return true;
  for (const std::string& role : agreement.recipients) {
    std::string id = recipient_of(service, p, role);
    for (int i = 0; i < cover_max && !id.empty(); ++i) {
      if (id == recipient) return true;
      const config::Practitioner* who = service.practitioner(id);
      id = who == nullptr ? std::string{} : who->deputy;
    }
  }
  return false;
}

}  // namespace

std::string short_day(const config::Service& service, const std::string& language, LocalDate d) {
  const auto it = service.texts.languages.find(service.language_or_default(language));
  const auto i = static_cast<std::size_t>(d.weekday());
  if (it == service.texts.languages.end() || i >= it->second.weekdays_short.size()) {
    return std::string(short_name(d.weekday()));
  }
  return it->second.weekdays_short[i];
}

std::string alert_item(const config::Service& service, const store::Alert& alert,
                       const std::string& language) {
  std::string item = alert.code + " " + alert.agreement_code;
  if (alert.onset) item += " " + short_day(service, language, *alert.onset);
  if (alert.status == store::AlertStatus::cleared) {
    item += " " + service.words(language).word("cleared");
  }
  return item;
}

bool may_be_told(store::ReadTx& tx, const config::Service& service, const store::Alert& alert,
                 const std::string& recipient) {
  const auto person = tx.person(alert.person);
  if (!person) return false;
  const bool duty = alert.urgent && recipient == service.settings.contacts.duty;
  // Closed by DONE, STOP, UNSHARE or DISAGREE: a later yes starts from nothing.
  const bool closed = alert.status == store::AlertStatus::closed;
  if (closed || has_gone(tx, *person) || !person->sharing) return duty;
  for (const store::Agreement& a : tx.agreements_of(person->id)) {
    if (a.rule != alert.rule || a.status != store::AgreementStatus::agreed) continue;
    if (stands_for(service, *person, a, recipient)) return true;
  }
  return duty;
}

bool told_to_staff(store::ReadTx& tx, const store::Alert& alert) {
  for (const store::Agreement& a : tx.agreements_of(alert.person)) {
    if (a.rule != alert.rule || a.code != alert.agreement_code) continue;
    return !a.recipients.empty() && !names_friend(a.recipients);
  }
  return alert.urgent;
}

bool refresh_list(store::Tx& tx, const Setting& s, store::Message& m) {
  std::vector<store::RowId> kept;
  std::string items;
  for (const store::RowId id : m.alerts) {
    const auto a = tx.alert(id);
    if (!a || !may_be_told(tx, s.service, *a, m.practitioner)) continue;
    kept.push_back(id);
    items += (items.empty() ? "" : "; ") + alert_item(s.service, *a, m.language);
  }
  if (kept.empty()) return false;
  m.alerts = kept;
  if (m.template_name == "digest") items = digest_list(tx, s, kept, m.language);
  if (m.template_name == "friend-digest") items = friend_digest_list(tx, kept);
  m.values["list"] = std::move(items);
  m.values["count"] = std::to_string(kept.size());
  return true;
}

}  // namespace moodline::checkins
