// Access: links that open a page without an account, and tokens of the API. A token is random-
// looking, made for one purpose, expires, and is kept only as a hash; a forged one is refused
// before any row is looked at. Never log a token or the address it stands in. Thread: the store's.
#pragma once
#include <string>
#include <string_view>

#include "daemon/checkins/setting.hpp"

namespace moodline::checkins {

/// How long a link opens its page, in the service's time.
constexpr Millis link_lives{24LL * 3'600'000};
constexpr int link_hours = 24;
/// A one-time link is used up this long after it was first opened: time to press both buttons.
constexpr Millis once_opened_lives{30LL * 60'000};

/// What a link opens; each stands in an address of its own, and a token fits no other.
enum class LinkKind { alert, series, data };
std::string_view name_of(LinkKind kind);

struct LinkFor {
  LinkKind kind = LinkKind::alert;
  std::string name;         // the practitioner's id; "person" for the person themself
  store::RowId person = 0;  // whom it is about
  store::RowId alert = 0;
};

/// Makes a link and returns its whole address ("https://care.example/a/TOKEN").
std::string make_link(store::Tx& tx, const Setting& s, const LinkFor& what);
/// The row of a link's token. Faults: "link_unknown" (forged, for another purpose, or erased),
/// "link_expired", "link_used" (used up or revoked).
Result<store::Access> open_link(store::ReadTx& tx, LinkKind kind, std::string_view token,
                                Instant now);
/// Every link to this person's pages given to `name` ends now (all of them where it is empty).
void revoke_links(store::Tx& tx, const Setting& s, store::RowId person, std::string_view name);

/// The hidden field of a form: proves that the form came from a page of ours behind this link.
std::string form_token(store::ReadTx& tx, const store::Access& link, std::string_view form);
bool form_token_ok(store::ReadTx& tx, const store::Access& link, std::string_view form,
                   std::string_view token);

/// A new token of the API, shown once. `scopes`, by spaces: read, alerts, people, texts, service,
/// export, or all.
std::string make_api_token(store::Tx& tx, const Setting& s, const std::string& name,
                           const std::string& scopes, std::optional<Instant> expires_at);
/// Faults: "token_unknown", "token_expired", "token_revoked".
Result<store::Access> open_api_token(store::ReadTx& tx, std::string_view token, Instant now);

/// What a row is kept under: a hash of the token.
std::string access_hash(std::string_view token);

}  // namespace moodline::checkins
