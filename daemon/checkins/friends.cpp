#include "daemon/checkins/friends.hpp"

#include <algorithm>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/consequences.hpp"

namespace moodline::checkins {
namespace {

constexpr const char* friend_field = "friend";

bool open_or_agreed(const store::Agreement& a) {
  return a.status == store::AgreementStatus::agreed || a.status == store::AgreementStatus::offered;
}

}  // namespace

bool is_friend(const config::Service& service, std::string_view id) {
  const config::Practitioner* p = service.practitioner(id);
  return p != nullptr && config::is_friend(*p);
}

std::string friend_of(const config::Service& service, const store::Person& p) {
  const auto it = p.extra.find(friend_field);
  return it == p.extra.end() || !is_friend(service, it->second) ? std::string{} : it->second;
}

bool names_friend(const std::vector<std::string>& roles) {
  return std::find(roles.begin(), roles.end(), friend_role) != roles.end();
}

Result<void> check_friend(const config::Service& service, const std::string& id) {
  if (!id.empty() && id != "none" && !is_friend(service, id)) {
    return fault("unknown_friend", "\"" + id +
                                       "\" is nobody with roles: [friend] in practitioners.yaml; "
                                       "name one, or none");
  }
  return {};
}

Result<void> set_friend(Desk& d, const std::string& id) {
  if (auto ok = check_friend(d.s.service, id); !ok) return ok;
  const bool none = id.empty() || id == "none";
  if (friend_of(d.s.service, d.person) == (none ? std::string{} : id)) return {};
  end_told(d, true, 0);
  if (none) {
    d.person.extra.erase(friend_field);
  } else {
    d.person.extra[friend_field] = id;
  }
  d.save();
  if (d.person.status == store::PersonStatus::active) offer_rules(d);
  return {};
}

void end_told(Desk& d, bool the_friend, store::RowId inbound) {
  for (const store::Agreement& a : d.tx.agreements_of(d.person.id)) {
    if (!open_or_agreed(a) || a.recipients.empty()) continue;
    if (names_friend(a.recipients) == the_friend) refuse_rule(d, a.code, inbound);
  }
  const auto left = in_force(d.tx, d.person.id);
  d.person.sharing = std::any_of(left.begin(), left.end(),
                                 [](const store::Agreement& a) { return !a.recipients.empty(); });
  d.save();
}

void relay_word(store::Tx& tx, const Setting& s, store::Person person,
                const config::Practitioner& by, std::string words) {
  Desk d(tx, s, std::move(person));
  const std::string first = by.name.substr(0, by.name.find(' '));
  d.tell("friend-word", {{"name", first}, {"words", std::move(words)}},
         store::Purpose::person_notice,
         "word:" + d.person.key + ":" + by.id + ":" + std::to_string(s.now.ms));
  audit(tx, s, "practitioner:" + by.id, "friend.word", d.person.key, d.person.id, by.id);
}

}  // namespace moodline::checkins
