// A token of the HTTP API opens from its making until it is taken back or runs out, and at no other
// time; nor does one that was changed.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "daemon/checkins/access.hpp"
#include "tests/unit/checkins/rig.hpp"

namespace moodline::rig {
namespace {

std::string made(Rig& r, const char* name, int days) {
  const auto answer = r.act("token.add", {{"name", name}, {"scopes", "read"}, {"days", days}});
  REQUIRE(answer.has_value());
  return std::string(answer->at("token").as_string());
}

// "" where it opens, else the code of the refusal.
std::string refusal(Rig& r, const std::string& token, Instant at) {
  std::string code;
  r.read([&](store::ReadTx& tx) {
    const auto opened = checkins::open_api_token(tx, token, at);
    if (!opened) code = opened.error().code;
  });
  return code;
}

}  // namespace

TEST_CASE("a token opens until it is taken back or runs out") {
  constexpr Millis whole_day{86'400'000};
  Rig r;
  std::string token = made(r, "records", 2);
  const std::string other = made(r, "reports", 30);
  CHECK(refusal(r, token, r.now()).empty());
  CHECK(refusal(r, token, r.now() + 3 * whole_day) == "token_expired");
  REQUIRE(r.act("token.revoke", {{"id", "records"}}).has_value());
  CHECK(refusal(r, token, r.now()) == "token_revoked");
  CHECK(refusal(r, other, r.now()).empty());
  token.back() = token.back() == 'A' ? 'B' : 'A';
  CHECK(refusal(r, token, r.now()) == "token_unknown");
  CHECK(refusal(r, "mdl_", r.now()) == "token_unknown");
}

}  // namespace moodline::rig
