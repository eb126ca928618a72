// Numbers as providers write them, to the person they belong to: a text is never another's, and
// never lost for want of a plus.
#include <doctest/doctest.h>

#include "daemon/checkins/inbound.hpp"
#include "providers/kit/parts.hpp"
#include "tests/unit/checkins/rig.hpp"

namespace moodline::rig {
namespace {

const std::string american = "+15550100123";

std::vector<std::pair<std::string, std::string>> how(bool bare) {
  if (!bare) return {};
  return {{std::string(providers::kit::bare_numbers_detail), "true"}};
}

checkins::Taken taken(Rig& r, const std::string& from, bool bare) {
  static int ids = 0;
  checkins::Taken out{};
  r.with([&](store::Tx& tx, const checkins::Setting& s) {
    out = checkins::take_inbound(tx, s, "phones",
                                 {.type = providers::EventType::mo,
                                  .event_id = "n" + std::to_string(++ids),
                                  .from = from,
                                  .text = "4",
                                  .detail = how(bare)});
  });
  return out;
}

TEST_CASE("whose text it is, however the provider writes the number") {
  Rig r;  // a service in the United Kingdom
  r.join(r.someone());
  r.join(r.someone(american, "AM"));
  struct Row {
    const char* from;
    bool bare;
    checkins::Taken taken;
  };
  using checkins::Taken;
  for (const Row& row : std::initializer_list<Row>{
           {"+447700900200", false, Taken::stored},
           {"+447700900200", true, Taken::stored},
           {"447700900200", true, Taken::stored},
           {"447700900200", false, Taken::stored},
           {"07700900200", false, Taken::stored},
           {"07700900200", true, Taken::stored},
           {"00447700900200", true, Taken::stored},
           {"+15550100123", false, Taken::stored},
           {"15550100123", true, Taken::stored},
           {"15550100123", false, Taken::stranger},  // +44 15550100123, for all we know
           {"12345", true, Taken::stranger},         // a short code
           {"12345", false, Taken::stranger},
           {"Clinic", true, Taken::stranger},
           {"", true, Taken::stranger}}) {
    CAPTURE(row.from);
    CAPTURE(row.bare);
    CHECK(static_cast<int>(taken(r, row.from, row.bare)) == static_cast<int>(row.taken));
  }
}

TEST_CASE("a provider's own opt-out reaches the number it means") {
  Rig r;
  r.join(r.someone(american, "AM"));
  r.with([&](store::Tx& tx, const checkins::Setting& s) {
    checkins::take_opt_event(
        tx, s, {.type = providers::EventType::opt_out, .from = "15550100123", .detail = how(true)});
  });
  CHECK(r.person(american).status == store::PersonStatus::stopped);
}

TEST_CASE("a provider's clock: a stamp too far ahead is replaced by ours, an old one is kept") {
  Rig r;
  const auto p = r.join(r.someone());
  const auto kept_at = [&](std::optional<Instant> stamp) {
    static int ids = 0;
    Instant at;
    r.with([&](store::Tx& tx, const checkins::Setting& s) {
      (void)checkins::take_inbound(tx, s, "phones",
                                   {.type = providers::EventType::mo,
                                    .event_id = "c" + std::to_string(++ids),
                                    .from = p.number,
                                    .text = "4",
                                    .at = stamp});
      for (const auto& in : tx.inbound_of(p.id, Instant::min())) {
        if (in.event_id == "c" + std::to_string(ids)) at = in.at;
      }
    });
    return at;
  };
  const Instant now = r.now();
  CHECK(kept_at({}) == now);
  CHECK(kept_at(now + checkins::ahead_max) == now + checkins::ahead_max);
  CHECK(kept_at(now + checkins::ahead_max + Millis{1}) == now);
  CHECK(kept_at(now + Millis{400LL * 86'400'000}) == now);  // a year that has not come
  CHECK(kept_at(now - Millis{3'600'000}) == now - Millis{3'600'000});
}

}  // namespace
}  // namespace moodline::rig
