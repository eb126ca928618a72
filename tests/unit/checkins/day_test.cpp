// Which day a text belongs to: until four in the morning it is still the evening before.
#include <doctest/doctest.h>

#include "daemon/checkins/desk.hpp"

#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

TEST_CASE("day: before 04:00 the evening before, on every wall clock") {
  struct Row {
    const char* zone;
    const char* at;
    const char* day;
  };
  for (const Row& row : {Row{"Europe/London", "2026-03-03T03:59:59Z", "2026-03-02"},
                         {"Europe/London", "2026-03-03T04:00:00Z", "2026-03-03"},
                         {"Europe/London", "2026-03-03T23:59:59Z", "2026-03-03"},
                         {"Europe/London", "2026-03-04T00:00:00Z", "2026-03-03"},
                         {"Europe/London", "2026-03-29T02:59:59Z", "2026-03-28"},  // 03:59:59 BST
                         {"Europe/London", "2026-03-29T03:00:00Z", "2026-03-29"},
                         {"Europe/London", "2026-10-25T03:59:59Z", "2026-10-24"},  // GMT again
                         {"Pacific/Auckland", "2026-03-02T14:59:59Z", "2026-03-02"},
                         {"Pacific/Auckland", "2026-03-02T15:00:00Z", "2026-03-03"},
                         {"America/Los_Angeles", "2026-03-03T11:59:59Z", "2026-03-02"}}) {
    CAPTURE(row.zone);
    CAPTURE(row.at);
    CHECK(to_iso(checkins::day_of(*Zone::find(row.zone), *from_iso(row.at))) == row.day);
  }
}

TEST_CASE("day: an answer of nobody's asking, at half past one, is the evening's") {
  Rig r;
  const auto p = r.join(r.someone());
  r.until(TimeOfDay::hm(20, 0));
  r.says(mj, "6");
  r.until(TimeOfDay::hm(1, 30));
  r.says(mj, "sorry meant 3");
  const LocalDate evening = Zone::find("Europe/London")->local(r.now()).date - 1;
  std::multimap<LocalDate, std::string> standing;
  r.read([&](store::ReadTx& tx) {
    for (const auto& one : tx.readings_of(p.id, Instant::min())) {
      if (one.corrected_by == 0) standing.emplace(one.local_day, to_text(one.value));
    }
  });
  // What it takes the place of stands no more.
  CHECK(standing == std::multimap<LocalDate, std::string>{{evening, "3"}});
}
