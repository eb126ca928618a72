#include <fmt/format.h>

#include <algorithm>

#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/alerts.hpp"
#include "daemon/checkins/commands.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/enrolment.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/rule_steps.hpp"

namespace moodline::checkins {
namespace {

using store::PersonStatus;

constexpr Millis erase_code_lives{24LL * 3'600'000};

std::string upper(std::string s) {
  for (char& c : s) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return s;
}

bool all_digits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void end_sharing(Desk& d, const std::string& rule) {
  PersonEvent e;
  e.type = "unshare";
  e.rule = rule;
  e.at = d.s.now;
  learn(d, {e});
}

// A service whose only agreements tell this named practitioner: matched by id, name or first name.
bool names(const config::Service& service, const std::string& recipient, const std::string& who) {
  const config::Practitioner* p = service.practitioner(recipient);
  if (p == nullptr) return false;
  const std::string wanted = upper(who);
  const std::string full = upper(p->name);
  return wanted == upper(p->id) || wanted == full ||
         (full.starts_with(wanted) && full.size() > wanted.size() && full[wanted.size()] == ' ');
}

std::string practitioner_name(const Desk& d) {
  const config::Practitioner* p = d.s.service.practitioner(d.person.practitioner);
  return p == nullptr ? std::string{} : p->name;
}

// Codes this person may say AGREE to now.
std::string open_codes(Desk& d) {
  if (d.person.status == PersonStatus::invited) return d.person.agree_code;
  std::string codes;
  for (const store::Agreement& a : d.tx.agreements_of(d.person.id)) {
    if (a.status != store::AgreementStatus::offered) continue;
    codes += (codes.empty() ? "" : " ") + a.code;
  }
  return codes.empty() ? "-" : codes;
}

}  // namespace

void do_agree(Desk& d, const Request& r) {
  const std::string code = upper(r.arg);
  if (all_digits(code)) {
    if (agree_to_join(d, code)) return;
    if (d.person.status == PersonStatus::invited) {
      d.reply("agree-unknown", {{"list", open_codes(d)}});
    } else {
      d.reply("already-on");
    }
    return;
  }
  if (d.person.status != PersonStatus::active) {
    d.reply("agree-unknown", {{"list", open_codes(d)}});
    return;
  }
  if (agree_to_rule(d, code, r.inbound)) {
    d.reply("rule-agreed", {{"rule", code}});
    offer_rules(d);
  } else {
    d.reply("agree-unknown", {{"list", open_codes(d)}});
  }
}

void do_disagree(Desk& d, const Request& r) {
  const std::string code = upper(r.arg);
  if (all_digits(code) && d.person.status == PersonStatus::invited && code == d.person.agree_code) {
    d.note("person.declined");
    d.person.status = PersonStatus::stopped;
    d.reply("stop-confirmed", {}, store::Purpose::stop_confirmation);
    return;
  }
  if (refuse_rule(d, code, r.inbound)) {
    d.reply("rule-disagreed", {{"rule", code}});
    offer_rules(d);
  } else {
    d.reply("agree-unknown", {{"list", open_codes(d)}});
  }
}

void do_share(Desk& d, const Request&) {
  d.person.sharing = true;
  d.note("person.share");
  d.save();
  offer_rules(d);
  d.reply("share-on", {{"name", practitioner_name(d)}});
}

void do_unshare(Desk& d, const Request& r) {
  const auto force = in_force(d.tx, d.person.id);
  const config::Practitioner* pal = d.s.service.practitioner(friend_of(d.s.service, d.person));
  const bool with_friend =
      pal != nullptr && std::any_of(force.begin(), force.end(), [](const store::Agreement& a) {
        return names_friend(a.recipients);
      });
  if (pal != nullptr && !r.arg.empty() && names(d.s.service, pal->id, r.arg)) {
    end_told(d, true, r.inbound);
    d.note("person.unshare", pal->id);
    d.reply("unshared", {{"name", pal->name}});
    return;
  }
  if (with_friend && !r.arg.empty() && names(d.s.service, d.person.practitioner, r.arg)) {
    end_told(d, false, r.inbound);  // their friend goes on hearing what was agreed for them
    d.note("person.unshare", d.person.practitioner);
    d.reply("unshared", {{"name", practitioner_name(d)}});
    return;
  }
  if (r.arg.empty() || names(d.s.service, d.person.practitioner, r.arg)) {
    d.person.sharing = false;
    d.save();
    end_sharing(d, {});
    for (store::Agreement a : force) {
      a.status = store::AgreementStatus::withdrawn;
      a.answered_at = d.s.now;
      d.tx.put(a);
    }
    cancel_about(d.tx, d.s, d.person);
    take_alert_events(d.tx, d.s, {rules::PersonGone{d.person.key}}, false);
    d.note("person.unshare");
    const bool both = with_friend && !practitioner_name(d).empty();
    const std::string last = with_friend ? pal->name : practitioner_name(d);
    d.reply("unshared", {{"name", both ? practitioner_name(d) + ", " + last : last}});
    return;
  }
  d.note("person.unshare_unknown", r.arg);
  std::string list = practitioner_name(d);
  if (pal != nullptr) list += (list.empty() ? "" : ", ") + pal->name;
  d.reply("unshare-who", {{"list", list}});
}

void do_erase(Desk& d, const Request& r) {
  const auto code = d.person.extra.find("erase_code");
  const auto asked = d.person.extra.find("erase_asked_ms");
  const bool fresh = asked != d.person.extra.end() &&
                     d.s.now - Instant{std::stoll(asked->second)} < erase_code_lives;
  if (fresh && code != d.person.extra.end() && r.arg == code->second) {
    d.note("person.erase");
    // The answer leaves before the number is gone; it names nothing.
    d.person.extra["erase_now"] = "yes";
    d.reply("delete-done", {}, store::Purpose::stop_confirmation);
    opt_out(d.tx, d.s, d.person, "erased");
    d.tx.put(store::Timer{0, "erase", d.person.key, d.person.id, d.s.now + erase_after});
    return;
  }
  if (fresh && !r.arg.empty()) {
    d.reply("delete-wrong-code");
    return;
  }
  const std::string fresh_code = std::to_string(1000 + d.s.dice.below(9000));
  d.person.extra["erase_code"] = fresh_code;
  d.person.extra["erase_asked_ms"] = std::to_string(d.s.now.ms);
  d.note("person.erase_asked");
  d.reply("delete-code", {{"code", fresh_code}, {"kept", d.words().word("kept")}});
}

}  // namespace moodline::checkins
