// A practitioner's text: short words and codes, from their registered number only.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/checkins/about.hpp"
#include "daemon/checkins/access.hpp"
#include "daemon/checkins/alert_desk.hpp"
#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/checkins/inbound.hpp"
#include "daemon/checkins/kind_word.hpp"
#include "daemon/checkins/person_log.hpp"
#include "daemon/checkins/practitioners.hpp"

namespace moodline::checkins {
namespace {

using config::Practitioner;
using store::Alert;

struct Words {
  std::string verb;  // upper case
  std::string code;  // upper case, may be empty
  std::string rest;  // as written
};

std::string upper(std::string_view s) {
  std::string out;
  for (const char c : s) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

std::string next_word(std::string_view& text) {
  constexpr std::string_view gap = " \t\r\n.,!:;-";
  const auto from = text.find_first_not_of(gap);
  if (from == std::string_view::npos) {
    text = {};
    return {};
  }
  const auto to = std::min(text.find_first_of(gap, from), text.size());
  std::string word(text.substr(from, to - from));
  text.remove_prefix(to);
  return word;
}

bool looks_like_code(std::string_view w) {
  return w.size() >= 2 && w.size() <= 4 && w[0] >= 'A' && w[0] <= 'Z' &&
         std::all_of(w.begin() + 1, w.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Words words_of(std::string_view text) {
  Words w;
  w.verb = upper(next_word(text));
  std::string_view ahead = text;
  const std::string code = upper(next_word(ahead));
  if (looks_like_code(code)) {
    w.code = code;
    text = ahead;
  } else if (looks_like_code(w.verb)) {  // "K7 ack"
    w.code = w.verb;
    w.verb = code;
    text = ahead;
  }
  const auto from = text.find_first_not_of(" \t\r\n.,:-");
  if (from != std::string_view::npos) w.rest = text.substr(from);
  return w;
}

struct Reply {
  store::Tx& tx;
  const Setting& s;
  const Practitioner& who;
  // An answer that names a person is sealed with their key and goes with their erasure.
  void operator()(std::string_view template_name, TextValues values = {},
                  store::RowId person = 0) const {
    store::Message m;
    m.person = person;
    m.practitioner = who.id;
    m.purpose = store::Purpose::practitioner_reply;
    m.to = who.number->str();
    m.language = who.languages.empty() ? std::string("en") : who.languages.front();
    m.template_name = template_name;
    m.values = common_values(s.service, m.language);
    for (auto& [k, v] : values) m.values[k] = std::move(v);
    m.due_at = s.now;
    m.created_at = s.now;
    queue(tx, std::move(m));
  }
};

std::string codes(const std::vector<Alert>& alerts) {
  std::string out;
  for (const Alert& a : alerts) out += (out.empty() ? "" : " ") + a.code;
  return out.empty() ? "-" : out;
}

// The code meant: the one given, or the only one open. Nothing: answered with the list.
std::optional<std::string> meant(const Reply& reply, const Words& w) {
  const auto open = told_and_open(reply.tx, reply.who.id);
  if (!w.code.empty()) {
    const bool mine =
        std::any_of(open.begin(), open.end(), [&](const Alert& a) { return a.code == w.code; });
    if (mine) return w.code;
    reply(open.empty() ? "no-open" : "unknown-code", {{"list", codes(open)}});
    return std::nullopt;
  }
  if (open.size() == 1) return open.front().code;
  reply(open.empty() ? "no-open" : "which-code", {{"list", codes(open)}});
  return std::nullopt;
}

std::string language_of(const Practitioner& who) {
  return who.languages.empty() ? std::string("en") : who.languages.front();
}

std::string local_hm(const config::Service& service, const Practitioner& who, Instant t) {
  const Zone zone = Zone::find(who.timezone).value_or(Zone::utc());
  const LocalTime l = zone.local(t);
  return fmt::format("{} {}", short_day(service, language_of(who), l.date),
                     to_hm({l.time.s / 60 * 60}));
}

// When an acknowledgement given now runs out, as the agreed rule says.
Instant ack_ends(const Reply& reply, const store::Alert& a) {
  rules::TimeSpan span = rules::Rule{}.ack_expires;
  for (const store::Agreement& agreed : reply.tx.agreements_of(a.person)) {
    if (agreed.rule != a.rule || agreed.snapshot.empty()) continue;
    if (const auto rule = rule_from_text(agreed.snapshot)) span = rule->ack_expires;
  }
  return reply.s.now + std::chrono::seconds{span.days * std::int64_t{86'400} + span.s};
}

void do_ack(const Reply& reply, const Words& w) {
  const auto code = meant(reply, w);
  if (!code) return;
  const auto a =
      acknowledge(reply.tx, reply.s, *code, reply.who.id, "practitioner:" + reply.who.id);
  if (!a) {
    reply("no-open");
    return;
  }
  reply("ack-ok",
        {{"code", *code}, {"until", local_hm(reply.s.service, reply.who, ack_ends(reply, *a))}});
}

void do_done(const Reply& reply, const Words& w) {
  const auto code = meant(reply, w);
  if (!code) return;
  const auto a =
      finish(reply.tx, reply.s, *code, reply.who.id, "practitioner:" + reply.who.id, w.rest);
  if (a) {
    reply("done-ok", {{"code", *code}});
  } else {
    reply("no-open");
  }
}

void do_pass(const Reply& reply, const Words& w) {
  const auto code = meant(reply, w);
  if (!code) return;
  const auto a = pass_on(reply.tx, reply.s, *code, reply.who.id, "practitioner:" + reply.who.id);
  const Practitioner* deputy = reply.s.service.practitioner(reply.who.deputy);
  if (a) {
    reply("pass-ok", {{"code", *code}, {"name", deputy == nullptr ? "-" : deputy->name}});
  } else {
    reply("no-open");
  }
}

// LINK K7: a page for this practitioner alone. The trail says that it was made, never the link.
void do_link(const Reply& reply, const Words& w) {
  const auto code = meant(reply, w);
  if (!code) return;
  const auto a = reply.tx.alert_by_code(*code);
  if (!a) return;
  const std::string link =
      make_link(reply.tx, reply.s, {LinkKind::alert, reply.who.id, a->person, a->id});
  audit(reply.tx, reply.s, "practitioner:" + reply.who.id, "link.make", a->code, a->person,
        reply.who.id);
  reply("link", {{"code", a->code}, {"link", link}, {"hours", std::to_string(link_hours)}});
}

void do_status(const Reply& reply) {
  const auto open = told_and_open(reply.tx, reply.who.id);
  if (open.empty()) {
    reply("status-none");
    return;
  }
  std::string list;
  for (const Alert& a : open) {
    list +=
        (list.empty() ? "" : "; ") + a.code + " " + a.agreement_code + (a.acked_at ? " ACK" : "");
  }
  reply("status", {{"list", list}});
}

// SEEN MJ well done: a kind word from a human, passed on.
void do_seen(const Reply& reply, std::string_view text) {
  next_word(text);
  const std::string who = next_word(text);
  auto person = person_meant(reply.tx, reply.s.service, reply.who.id, who);
  if (!person) {
    reply("seen-who");
    return;
  }
  const auto from = text.find_first_not_of(" \t\r\n.,:-");
  std::string words(from == std::string_view::npos ? std::string_view{} : text.substr(from));
  const std::string display = person->display;
  const store::RowId id = person->id;
  if (config::is_friend(reply.who)) {
    if (words.empty()) return reply("friend-help");
    relay_word(reply.tx, reply.s, std::move(*person), reply.who, std::move(words));
    return reply("seen-ok", {{"who", display}}, id);
  }
  relay_seen(reply.tx, reply.s, std::move(*person), reply.who, std::move(words),
             "practitioner:" + reply.who.id);
  reply("seen-ok", {{"who", display}}, id);
}

// OFF, OFF UNTIL MONDAY, STOP: open alerts go to the deputy at once; ON ends it.
void do_off(const Reply& reply, std::string_view rest, bool without_end) {
  store::PractitionerState st =
      reply.tx.practitioner(reply.who.id)
          .value_or(store::PractitionerState{reply.who.id, {}, {}, {}, {}});
  const Zone zone = Zone::find(reply.who.timezone).value_or(Zone::utc());
  const LocalDate today = zone.local(reply.s.now).date;
  std::optional<LocalDate> until;
  std::string word;
  while (!without_end && !(word = upper(next_word(rest))).empty()) {
    std::string low;
    for (const char c : word) low += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (low == "tomorrow") until = today + 1;
    if (const auto d = weekday_from_name(std::string_view(low).substr(0, 3)); d && low.size() > 2) {
      const int ahead = static_cast<int>(*d) - static_cast<int>(today.weekday());
      until = today + (ahead <= 0 ? ahead + 7 : ahead);
    }
    if (const auto iso = date_from_iso(low)) until = iso;
  }
  st.off_until = until ? zone.resolve_or_next(*until, {0}) : Instant::max();
  reply.tx.put(st);
  audit(reply.tx, reply.s, "practitioner:" + reply.who.id, "practitioner.off", reply.who.id, 0);
  if (config::is_friend(reply.who)) return reply("friend-off");  // nobody stands in for them
  AlertEvents pass;
  for (const Alert& a : told_and_open(reply.tx, reply.who.id)) {
    if (!a.acked_at) pass.emplace_back(rules::PassedAlert{std::to_string(a.id)});
  }
  take_alert_events(reply.tx, reply.s, pass, false);
  const Practitioner* deputy = reply.s.service.practitioner(reply.who.deputy);
  const std::string name = deputy == nullptr ? "-" : deputy->name;
  if (until) {
    reply("staff-off",
          {{"until", short_day(reply.s.service, language_of(reply.who), *until)}, {"name", name}});
  } else {
    reply("staff-off-open", {{"name", name}});
  }
}

void do_on(const Reply& reply) {
  auto st = reply.tx.practitioner(reply.who.id);
  if (st) {
    st->off_until.reset();
    reply.tx.put(*st);
  }
  reply("staff-on");
}

// As the request of the role says it; the texts' own words for roles speak to the person.
std::string role_of(const Practitioner& who) {
  return who.roles.empty() ? "practitioner" : who.roles.front();
}

void answer_role(const Reply& reply, bool yes) {
  auto st = reply.tx.practitioner(reply.who.id)
                .value_or(store::PractitionerState{reply.who.id, {}, {}, {}, {}});
  if (yes) {
    st.accepted_at = reply.s.now;
  } else {
    st.accepted_at.reset();
    st.off_until = Instant::max();  // not asked again until they text ON
  }
  reply.tx.put(st);
  audit(reply.tx, reply.s, "practitioner:" + reply.who.id,
        yes ? "practitioner.accept" : "practitioner.decline", reply.who.id, 0);
  reply(yes ? "role-accepted" : "role-declined", {{"role", role_of(reply.who)}});
  // What waited for somebody to accept may go now.
  desk_again(reply.tx, reply.s);
}

// Who asks: the admin by name; to the admin themself the service's own word for one.
std::string inviter_of(const Setting& s, const Practitioner& who) {
  const Practitioner* admin = s.service.practitioner(s.service.settings.contacts.admin);
  if (admin != nullptr && admin->id != who.id) return admin->name;
  const std::string language = who.languages.empty() ? std::string("en") : who.languages.front();
  return s.service.words(language).role("admin");
}

}  // namespace

void invite_practitioner(store::Tx& tx, const Setting& s, const Practitioner& who,
                         const std::string& actor) {
  if (!who.number) return;
  auto st = tx.practitioner(who.id).value_or(store::PractitionerState{who.id, {}, {}, {}, {}});
  // The one text may have been lost: asked again each morning until it is answered.
  constexpr Millis patience{20LL * 3'600'000};
  if (st.off_until == Instant::max()) return;
  if (st.accepted_at || (st.invited_at && s.now - *st.invited_at < patience)) return;
  if (st.invited_at) {
    tell_admin(tx, s, "admin-unaccepted", {{"name", who.name}, {"role", role_of(who)}},
               "unaccepted:" + who.id);
  }
  st.invited_at = s.now;
  tx.put(st);
  audit(tx, s, actor, "practitioner.invite", who.id, 0);
  const Reply reply{tx, s, who};
  reply("role-request",
        {{"inviter", inviter_of(s, who)}, {"role", role_of(who)}, {"code", role_code(who)}});
}

std::string role_code(const Practitioner& who) {
  std::uint32_t h = 2166136261U;
  for (const char c : who.id) h = (h ^ static_cast<unsigned char>(c)) * 16777619U;
  return std::to_string(10 + h % 90);
}

namespace {

// A friend hears little and does little: they have been in touch, a kind word, OFF and ON.
bool take_from_friend(const Reply& reply, const Words& w) {
  if (w.verb == "OK" || w.verb == "ACK" || w.verb == "DONE") {
    const auto code = meant(reply, w);
    if (!code) return true;
    const auto a =
        finish(reply.tx, reply.s, *code, reply.who.id, "practitioner:" + reply.who.id, w.rest);
    reply(a ? "friend-ok" : "no-open", {{"code", *code}});
    return true;
  }
  constexpr std::array known{"ACCEPT", "DECLINE", "SEEN", "STATUS", "LINK",
                             "OFF",    "STOP",    "ON",   "START"};
  if (std::find(known.begin(), known.end(), w.verb) != known.end()) return false;
  reply("friend-help");
  return true;
}

}  // namespace

void take_from_practitioner(store::Tx& tx, const Setting& s, const Practitioner& who,
                            store::Inbound& in) {
  in.kind = "practitioner";
  const Words w = words_of(in.text);
  const Reply reply{tx, s, who};
  if (config::is_friend(who) && take_from_friend(reply, w)) {
    // answered
  } else if (w.verb == "ACCEPT" || w.verb == "DECLINE") {
    if (w.rest.starts_with(role_code(who))) {
      answer_role(reply, w.verb == "ACCEPT");
    } else {
      reply("staff-help");
    }
  } else if (w.verb == "ACK" || w.verb == "OK") {
    do_ack(reply, w);
  } else if (w.verb == "DONE") {
    do_done(reply, w);
  } else if (w.verb == "PASS") {
    do_pass(reply, w);
  } else if (w.verb == "LINK") {
    do_link(reply, w);
  } else if (w.verb == "STATUS") {
    do_status(reply);
  } else if (w.verb == "SEEN") {
    do_seen(reply, in.text);
  } else if (w.verb == "OFF" || w.verb == "STOP") {
    do_off(reply, w.rest, w.verb == "STOP");
  } else if (w.verb == "ON" || w.verb == "START") {
    do_on(reply);
  } else {
    reply("staff-help");
  }
  // Words about a person stand in their alert's note or the text to them, under their own key.
  const bool note = w.verb == "DONE" || w.verb == "SEEN" || config::is_friend(who);
  if (note) in.text.clear();
  if (!tx.put(in)) throw store::StoreError("inbound_update", "row clash");
}

}  // namespace moodline::checkins
