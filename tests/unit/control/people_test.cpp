// What an admin does to a person: looking leaves a row, erasing wants its word.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "tests/unit/checkins/rig.hpp"

namespace moodline::rig {

TEST_CASE("a look at a record or a series is in the trail each time") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  for (const char* action : {"person.show", "person.series"}) {
    CAPTURE(action);
    for (int looks = 1; looks <= 2; ++looks) {
      REQUIRE(r.act(action, {{"person", "MJ"}}).has_value());
      int rows = 0;
      r.read([&](store::ReadTx& tx) {
        for (const store::AuditRow& row : tx.audit(0, 10'000)) rows += row.action == action ? 1 : 0;
      });
      CHECK(rows == looks);
    }
  }
}

TEST_CASE("nobody is erased without the word that confirms it") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  for (const char* word : {"", "yes", "MJ"}) {
    const auto done = r.act("person.erase", {{"person", "MJ"}, {"confirm", word}});
    REQUIRE_FALSE(done.has_value());
    CHECK(done.error().code == "not_confirmed");
  }
  CHECK(r.act("person.show", {{"person", "MJ"}}).has_value());
}

}  // namespace moodline::rig
