// Actions about who gets in without an account: links of pages, tokens of the API.
#include "daemon/checkins/access.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "daemon/checkins/consequences.hpp"
#include "daemon/checkins/friends.hpp"
#include "daemon/control/actions.hpp"

namespace moodline::control {
namespace {

constexpr int tokens_max = 1'000;
constexpr Millis day{86'400'000};
constexpr std::size_t name_bytes_max = 60;

Result<json::value> link(ActionContext& c, const json::object& args) {
  checkins::LinkFor what;
  what.name = text_arg(args, "to");
  std::string subject;
  if (const std::string code = text_arg(args, "alert"); !code.empty()) {
    const auto a = c.tx.alert_by_code(code);
    if (!a) return fault("no_such_alert", fmt::format("no alert has the code {}", code));
    what.kind = checkins::LinkKind::alert;
    what.person = a->person;
    what.alert = a->id;
    subject = a->code;
  } else {
    const auto p = person_arg(c, args);
    if (!p) return tl::unexpected(p.error());
    what.kind = flag_arg(args, "data") ? checkins::LinkKind::data : checkins::LinkKind::series;
    what.person = p->id;
    subject = p->key;
    if (what.kind == checkins::LinkKind::data) what.name = "person";
  }
  if (what.name != "person" && c.s.service.practitioner(what.name) == nullptr) {
    return fault("unknown_practitioner",
                 "say who the link is for: \"to\" is a practitioner's id, or person");
  }
  if (what.kind != checkins::LinkKind::alert && checkins::is_friend(c.s.service, what.name)) {
    return fault("friend_sees_less", "\"" + what.name +
                                         "\" is a friend, who is shown no readings; link an alert "
                                         "they were told of");
  }
  if (c.s.service.settings.pages.public_url.empty()) {
    return fault("no_public_url", "listeners.pages in service.yaml has no public_url");
  }
  const std::string url = checkins::make_link(c.tx, c.s, what);
  checkins::audit(c.tx, c.s, c.actor, "link.make", subject, what.person, what.name);
  return json::value{{"link", url}, {"hours", checkins::link_hours}};
}

Result<json::value> unlink(ActionContext& c, const json::object& args) {
  const auto p = person_arg(c, args);
  if (!p) return tl::unexpected(p.error());
  checkins::revoke_links(c.tx, c.s, p->id, text_arg(args, "to"));
  checkins::audit(c.tx, c.s, c.actor, "link.revoke", p->key, p->id, text_arg(args, "to"));
  return json::value{{"revoked", p->key}};
}

json::object form(const store::Access& a) {
  json::object o{{"id", a.hash.substr(0, 12)},
                 {"name", a.name},
                 {"scopes", a.scopes},
                 {"made", to_iso(a.created_at)}};
  o["expires"] = or_null(a.expires_at);
  o["last_used"] = or_null(a.used_at);
  o["revoked"] = or_null(a.ended_at);
  return o;
}

Result<json::value> add(ActionContext& c, const json::object& args) {
  const auto name = needed_arg(args, "name");
  if (!name) return tl::unexpected(name.error());
  const auto scopes = needed_arg(args, "scopes");
  if (!scopes) return tl::unexpected(scopes.error());
  if (name->size() > name_bytes_max) return fault("bad_argument", "name: at most 60 characters");
  std::istringstream words(*scopes);
  for (std::string w; words >> w;) {
    if (std::find(std::begin(scope_names), std::end(scope_names), w) == std::end(scope_names)) {
      return fault("bad_argument",
                   fmt::format("scope \"{}\" is unknown; read, alerts, people, texts, "
                               "service, export or all",
                               w));
    }
  }
  const std::int64_t days = number_arg(args, "days", 365);
  if (days < 1 || days > 3650) return fault("bad_argument", "days: 1 to 3650");
  const std::string token =
      checkins::make_api_token(c.tx, c.s, *name, *scopes, c.s.now + days * day);
  checkins::audit(c.tx, c.s, c.actor, "token.add", *name, 0, *scopes);
  return json::value{{"token", token},
                     {"name", *name},
                     {"scopes", *scopes},
                     {"note", "shown once; only its hash is kept"}};
}

Result<json::value> list(ActionContext& c, const json::object&) {
  json::array out;
  for (const store::Access& a : c.tx.accesses("api", tokens_max)) out.push_back(form(a));
  return json::value(std::move(out));
}

Result<json::value> revoke(ActionContext& c, const json::object& args) {
  const auto id = needed_arg(args, "id");
  if (!id) return tl::unexpected(id.error());
  json::array out;
  for (store::Access& a : c.tx.accesses("api", tokens_max)) {
    if (a.ended_at || (a.name != *id && a.hash.substr(0, 12) != *id)) continue;
    a.ended_at = c.s.now;
    c.tx.put(a);
    out.push_back(form(a));
  }
  if (out.empty())
    return fault("no_such_token", "no live token has that id or name; see `moodline token list`");
  checkins::audit(c.tx, c.s, c.actor, "token.revoke", *id, 0);
  return json::value(std::move(out));
}

}  // namespace

std::string_view scope_of(const Action& action) {
  const auto starts = [&](std::string_view p) { return action.name.starts_with(p); };
  if (starts("token.") || starts("audit.export")) return "admin";
  if (starts("person.export") || starts("export.") || starts("history.")) return "export";
  // What holds readings, words or sentences of somebody is no plain reading of the service.
  if (starts("person.series") || starts("person.show") || starts("explain")) return "people";
  if (starts("agreement.")) return "people";
  if (starts("replies.")) return "texts";
  if (!action.writes) return "read";
  if (starts("alert.") || starts("link.")) return "alerts";
  if (starts("outbox.")) return "texts";
  if (starts("person.") || starts("practitioner.")) return "people";
  return "service";
}

bool allows(std::string_view scopes, std::string_view scope) {
  // Making tokens and reading the whole trail stays with this machine's own admins.
  if (scope == "admin") return false;
  std::istringstream words{std::string(scopes)};
  for (std::string w; words >> w;) {
    if (w == "all" || w == scope) return true;
  }
  return false;
}

std::vector<Action> access_actions() {
  return {{"link.make", "a link to an alert's page, a person's series, or their data", true, link},
          {"link.revoke", "end every link to a person's pages", true, unlink},
          {"token.add", "a new token of the HTTP API; shown once", true, add},
          {"token.list", "tokens of the HTTP API", false, list},
          {"token.revoke", "end a token at once", true, revoke}};
}

}  // namespace moodline::control
