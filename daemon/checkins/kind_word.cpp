#include "daemon/checkins/kind_word.hpp"

#include <algorithm>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/consequences.hpp"

namespace moodline::checkins {
namespace {

constexpr int people_searched_max = 100'000;
constexpr int unread_max = 1000;

std::string lower_case(std::string_view s) {
  std::string out;
  for (const char c : s) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// Named, by themself or by their role, in an agreement that is in force.
bool may_hear_of(store::ReadTx& tx, const config::Service& service, const store::Person& p,
                 const std::string& practitioner) {
  if (p.status != store::PersonStatus::active || !p.sharing) return false;
  for (const store::Agreement& a : in_force(tx, p.id)) {
    for (const std::string& role : a.recipients) {
      if (recipient_of(service, p, role) == practitioner) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<store::Person> person_meant(store::ReadTx& tx, const config::Service& service,
                                          const std::string& practitioner, std::string_view who) {
  std::optional<store::Person> found;
  const std::string wanted = lower_case(who);
  for (const store::RowId id : tx.person_ids(0, people_searched_max)) {
    auto p = tx.person(id);
    if (!p || (!wanted.empty() && lower_case(p->display) != wanted)) continue;
    if (!may_hear_of(tx, service, *p, practitioner)) continue;
    if (found) return std::nullopt;
    found = std::move(p);
  }
  return found;
}

int relay_seen(store::Tx& tx, const Setting& s, store::Person person,
               const config::Practitioner& by, std::string words, const std::string& actor) {
  int seen = 0;
  for (store::Inbound& in : tx.inbound_unseen(unread_max)) {
    if (in.person != person.id) continue;
    in.seen_at = s.now;
    in.seen_by = actor;
    in.needs_human = false;
    if (auto put = tx.put(in); !put) throw store::StoreError("inbound_update", "row clash");
    ++seen;
  }
  Desk d(tx, s, std::move(person));
  const std::string first = by.name.substr(0, by.name.find(' '));
  const char* name = words.empty() ? "seen-plain" : "seen";
  d.tell(name, {{"name", first}, {"words", std::move(words)}}, store::Purpose::person_notice,
         "seen:" + d.person.key + ":" + by.id + ":" + std::to_string(s.now.ms));
  audit(tx, s, actor, "person.seen", d.person.key, d.person.id, by.id);
  return seen;
}

}  // namespace moodline::checkins
