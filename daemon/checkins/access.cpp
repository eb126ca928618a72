#include "daemon/checkins/access.hpp"

#include "providers/kit/bytes.hpp"

namespace moodline::checkins {
namespace {

namespace kit = providers::kit;

// The nonce makes tokens differ; that nobody can guess one is the keyed code's matter.
constexpr std::size_t nonce_bytes = 8;
constexpr std::size_t link_mac_bytes = 12;
constexpr std::size_t api_mac_bytes = 24;
constexpr std::string_view api_prefix = "mdl_";
constexpr int accesses_read_max = 10'000;

std::string nonce_of(Dice& dice) {
  std::uint64_t n = dice.next();
  std::string out(nonce_bytes, '\0');
  for (char& c : out) {
    c = static_cast<char>(n & 0xFFU);
    n >>= 8U;
  }
  return out;
}

std::string token_of(store::ReadTx& tx, Dice& dice, std::string_view purpose, std::size_t mac) {
  const std::string nonce = nonce_of(dice);
  const std::string code = tx.token_mac(std::string(purpose) + ":" + nonce);
  return kit::to_base64url(nonce + code.substr(0, mac));
}

bool ours(store::ReadTx& tx, std::string_view token, std::string_view purpose, std::size_t mac) {
  const auto bytes = kit::from_base64url(token);
  if (!bytes || bytes->size() != nonce_bytes + mac) return false;
  return tx.token_mac_ok(std::string(purpose) + ":" + bytes->substr(0, nonce_bytes),
                         bytes->substr(nonce_bytes));
}

std::string_view letter(LinkKind kind) {
  return name_of(kind).substr(0, 1);
}

}  // namespace

std::string_view name_of(LinkKind kind) {
  switch (kind) {
    case LinkKind::alert:
      return "alert";
    case LinkKind::series:
      return "series";
    case LinkKind::data:
      return "data";
  }
  return "alert";
}

std::string access_hash(std::string_view token) {
  return kit::to_hex(kit::digest(kit::Digest::sha256, token));
}

std::string make_link(store::Tx& tx, const Setting& s, const LinkFor& what) {
  const std::string token = token_of(tx, s.dice, name_of(what.kind), link_mac_bytes);
  store::Access row;
  row.hash = access_hash(token);
  row.kind = name_of(what.kind);
  row.name = what.name;
  row.person = what.person;
  row.alert = what.alert;
  row.created_at = s.now;
  row.expires_at = s.now + link_lives;
  tx.put(row);
  std::string base = s.service.settings.pages.public_url;
  while (!base.empty() && base.back() == '/') base.pop_back();
  return base + "/" + std::string(letter(what.kind)) + "/" + token;
}

Result<store::Access> open_link(store::ReadTx& tx, LinkKind kind, std::string_view token,
                                Instant now) {
  const auto unknown = [] { return fault("link_unknown", "this link opens nothing"); };
  if (!ours(tx, token, name_of(kind), link_mac_bytes)) return unknown();
  auto row = tx.access(access_hash(token));
  if (!row || row->kind != name_of(kind)) return unknown();
  if (row->ended_at) return fault("link_used", "this link has been used up or taken back");
  if (row->expires_at && now >= *row->expires_at) {
    return fault("link_expired", "this link has run out");
  }
  return std::move(*row);
}

void revoke_links(store::Tx& tx, const Setting& s, store::RowId person, std::string_view name) {
  for (const auto kind : {LinkKind::alert, LinkKind::series, LinkKind::data}) {
    for (store::Access& row : tx.accesses(name_of(kind), accesses_read_max)) {
      if (row.person != person || row.ended_at) continue;
      if (!name.empty() && row.name != name) continue;
      row.ended_at = s.now;
      tx.put(row);
    }
  }
}

std::string form_token(store::ReadTx& tx, const store::Access& link, std::string_view form) {
  const std::string code = tx.token_mac("form:" + std::string(form) + ":" + link.hash);
  return kit::to_base64url(code.substr(0, link_mac_bytes));
}

bool form_token_ok(store::ReadTx& tx, const store::Access& link, std::string_view form,
                   std::string_view token) {
  const auto bytes = kit::from_base64url(token);
  return bytes && bytes->size() == link_mac_bytes &&
         tx.token_mac_ok("form:" + std::string(form) + ":" + link.hash, *bytes);
}

std::string make_api_token(store::Tx& tx, const Setting& s, const std::string& name,
                           const std::string& scopes, std::optional<Instant> expires_at) {
  const std::string token = std::string(api_prefix) + token_of(tx, s.dice, "api", api_mac_bytes);
  store::Access row;
  row.hash = access_hash(token);
  row.kind = "api";
  row.name = name;
  row.scopes = scopes;
  row.created_at = s.now;
  row.expires_at = expires_at;
  tx.put(row);
  return token;
}

Result<store::Access> open_api_token(store::ReadTx& tx, std::string_view token, Instant now) {
  const auto unknown = [] { return fault("token_unknown", "this token is not known here"); };
  if (!token.starts_with(api_prefix)) return unknown();
  if (!ours(tx, token.substr(api_prefix.size()), "api", api_mac_bytes)) return unknown();
  auto row = tx.access(access_hash(token));
  if (!row || row->kind != "api") return unknown();
  if (row->ended_at) return fault("token_revoked", "this token was taken back");
  if (row->expires_at && now >= *row->expires_at) {
    return fault("token_expired", "this token has run out");
  }
  return std::move(*row);
}

}  // namespace moodline::checkins
