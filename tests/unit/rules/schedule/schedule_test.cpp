// Schedules: slots of ordinary and odd days, random times, moves across zones, verdicts.
#include "rules/schedule/schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace moodline;
using namespace moodline::schedule;

namespace {

PersonTime in(std::string_view zone, AllowedHours allowed = AllowedHours()) {
  return {"p-7f3k9q2m", *Zone::find(zone), std::move(allowed)};
}

Schedule at(std::vector<TimeOfDay> times) {
  Schedule s;
  s.id = "mood/evening";
  s.times = std::move(times);
  return s;
}

std::string show(const std::vector<Slot>& slots) {
  std::string out;
  for (const Slot& s : slots) {
    out += to_iso(s.id.date) + "#" + std::to_string(s.id.index) + "=" + to_iso(s.due) + " ";
  }
  return out;
}

Instant utc(std::string_view text) {
  return *from_iso(text);
}

LocalDate day(std::string_view text) {
  return *date_from_iso(text);
}

constexpr auto hm = TimeOfDay::hm;

}  // namespace

TEST_CASE("fixed times: clock changes, skipped dates, weekdays, first and last day") {
  struct Case {
    const char* name;
    const char* zone;
    Schedule schedule;
    const char* from;
    const char* to;
    const char* slots;
  };
  Schedule weekdays = at({hm(19, 30)});
  weekdays.days = {Weekday::mon, Weekday::fri};
  Schedule bounded = at({hm(12, 0)});
  bounded.starts = day("2026-03-02");
  bounded.ends = day("2026-03-03");
  for (const Case& c : std::vector<Case>{
           {"plain", "Europe/London", at({hm(9, 0), hm(19, 30)}), "2026-07-01", "2026-07-01",
            "2026-07-01#0=2026-07-01T08:00:00Z 2026-07-01#1=2026-07-01T18:30:00Z "},
           {"gap shifts forward", "Europe/London", at({hm(1, 30)}), "2026-03-29", "2026-03-29",
            "2026-03-29#0=2026-03-29T01:30:00Z "},
           {"overlap takes the first", "Europe/London", at({hm(1, 30)}), "2026-10-25", "2026-10-25",
            "2026-10-25#0=2026-10-25T00:30:00Z "},
           {"a gap carries one time past another; identity stays", "Europe/London",
            at({hm(1, 30), hm(2, 0)}), "2026-03-29", "2026-03-29",
            "2026-03-29#1=2026-03-29T01:00:00Z 2026-03-29#0=2026-03-29T01:30:00Z "},
           {"a date that does not exist", "Pacific/Apia", at({hm(12, 0)}), "2011-12-29",
            "2011-12-31", "2011-12-29#0=2011-12-29T22:00:00Z 2011-12-31#0=2011-12-30T22:00:00Z "},
           {"half-hour change", "Australia/Lord_Howe", at({hm(2, 15)}), "2026-10-04", "2026-10-04",
            "2026-10-04#0=2026-10-03T15:45:00Z "},
           {"weekdays", "UTC", weekdays, "2026-03-01", "2026-03-08",
            "2026-03-02#0=2026-03-02T19:30:00Z 2026-03-06#0=2026-03-06T19:30:00Z "},
           {"first and last day", "UTC", bounded, "2026-02-01", "2026-04-01",
            "2026-03-02#0=2026-03-02T12:00:00Z 2026-03-03#0=2026-03-03T12:00:00Z "},
           {"nothing to ask", "UTC", at({}), "2026-03-01", "2026-03-08", ""},
           {"days the wrong way round", "UTC", at({hm(12, 0)}), "2026-03-08", "2026-03-01", ""},
       }) {
    CAPTURE(c.name);
    CHECK(show(slots(c.schedule, in(c.zone), day(c.from), day(c.to))) == c.slots);
  }
  Schedule shelf = at({hm(12, 0)});
  shelf.shelf_life = std::chrono::minutes(90);
  const auto one = slots(shelf, in("UTC"), day("2026-03-01"), day("2026-03-01"));
  CHECK(one[0].expires - one[0].due == Millis{90 * 60 * 1000});
  CHECK(slots(at({hm(12, 0)}), in("UTC"), day("1990-01-01"), day("2037-01-01")).size() ==
        dates_at_once_max);
}

TEST_CASE("random times: inside the window and the allowed hours, apart, the same every time") {
  Schedule s;
  s.id = "mood/random";
  s.random = RandomWindow{4, {hm(7, 0), hm(22, 0)}, std::chrono::minutes(90)};
  const auto allowed = AllowedHours::of({hm(8, 0), hm(21, 0)});
  const auto person = in("Europe/London", allowed);
  std::map<int, int> hours;
  std::set<std::string> distinct;
  for (LocalDate d = day("2026-01-01"); d < day("2028-01-01"); d = d + 1) {
    const auto got = slots(s, person, d, d);
    REQUIRE(got.size() == 4);
    CHECK(got == slots(s, person, d, d));
    for (std::size_t i = 0; i < got.size(); ++i) {
      const TimeOfDay t = person.zone.local(got[i].due).time;
      CHECK(allowed.contains(t));
      CHECK(t.s % 60 == 0);
      CHECK(got[i].id.index == static_cast<int>(i));
      if (i > 0) CHECK(got[i].due - got[i - 1].due >= Millis{90 * 60 * 1000});
      ++hours[t.s / 3600];
    }
    distinct.insert(show(got).substr(10));
  }
  CHECK(distinct.size() > 700);
  CHECK(hours.size() == 13);
  for (const auto& [hour, n] : hours) CHECK(n > 100);  // 2,920 draws over 13 hours
  auto other = person;
  other.person = "p-other";
  CHECK(slots(s, person, day("2026-01-01"), day("2026-01-01")) !=
        slots(s, other, day("2026-01-01"), day("2026-01-01")));
  s.random->min_gap = std::chrono::hours(10);  // does not fit: shortened, never dropped
  CHECK(slots(s, person, day("2026-01-01"), day("2026-01-01")).size() == 4);
  s.random->window = {hm(22, 0), hm(23, 0)};
  CHECK(slots(s, person, day("2026-01-01"), day("2026-01-01")).empty());
}

TEST_CASE("the documented hash and generator") {
  CHECK(day_seed("", "", day("1970-01-01")) != day_seed("", "\n", day("1970-01-01")));
  // FNV-1a of "p-1\nmood\n2026-03-02", computed elsewhere.
  CHECK(day_seed("p-1", "mood", day("2026-03-02")) == 0x2d35686f4f08338dULL);
}

TEST_CASE("allowed hours: windows over midnight, safe windows, when they open") {
  struct Case {
    HoursOfDay sending;
    std::optional<HoursOfDay> safe;
    const char* open;   // hours of the day at which one may text
    const char* opens;  // from 2026-03-02T05:00Z on, in UTC
  };
  for (const Case& c : std::vector<Case>{
           {{hm(8, 0), hm(21, 0)}, {}, "8-20", "2026-03-02T08:00:00Z"},
           {{hm(8, 0), hm(21, 0)}, {{hm(18, 0), hm(23, 0)}}, "18-20", "2026-03-02T18:00:00Z"},
           {{hm(8, 0), hm(21, 0)}, {{hm(20, 0), hm(10, 0)}}, "8-9,20-20", "2026-03-02T08:00:00Z"},
           {{hm(22, 0), hm(2, 0)}, {}, "0-1,22-23", "2026-03-02T22:00:00Z"},
           {{hm(22, 0), hm(2, 0)}, {{hm(0, 0), hm(1, 0)}}, "0-0", "2026-03-03T00:00:00Z"},
           {{hm(0, 0), hm(0, 0)}, {}, "0-23", "2026-03-02T05:00:00Z"},
           {{hm(0, 0), {86400}}, {}, "0-23", "2026-03-02T05:00:00Z"},
           {{hm(8, 0), hm(12, 0)}, {{hm(13, 0), hm(14, 0)}}, "", ""}}) {
    const auto allowed = AllowedHours::of(c.sending, c.safe);
    std::string open;
    for (int h = 0; h < 24; ++h) {
      if (!allowed.contains(hm(h, 0))) continue;
      if (h == 0 || !allowed.contains(hm(h - 1, 0))) {
        open += (open.empty() ? "" : ",") + std::to_string(h) + "-";
      }
      if (h == 23 || !allowed.contains(hm(h + 1, 0))) open += std::to_string(h);
    }
    CAPTURE(open);
    CHECK(open == c.open);
    const auto opens = allowed.next_open(Zone::utc(), utc("2026-03-02T05:00:00Z"));
    CHECK((opens ? to_iso(*opens) : "") == c.opens);
  }
  // Opens in a gap, and on the day after a date that does not exist.
  const auto early = AllowedHours::of({hm(1, 30), hm(3, 0)});
  CHECK(to_iso(*early.next_open(*Zone::find("Europe/London"), utc("2026-03-29T00:30:00Z"))) ==
        "2026-03-29T01:30:00Z");
  const auto noon = AllowedHours::of({hm(12, 0), hm(13, 0)});
  CHECK(to_iso(*noon.next_open(*Zone::find("Pacific/Apia"), utc("2011-12-30T00:00:00Z"))) ==
        "2011-12-30T22:00:00Z");
}

TEST_CASE("next due: every slot once and in order, from any starting point") {
  Schedule s = at({hm(1, 30), hm(2, 0), hm(19, 30)});
  const auto person = in("Europe/London");
  const auto all = slots(s, person, day("2026-03-27"), day("2026-03-31"));
  std::optional<SlotId> last;
  for (const Slot& expected : all) {
    const auto next = next_due(s, person, all.front().due, last);
    REQUIRE(next.has_value());
    CHECK(*next == expected);
    last = next->id;
  }
  CHECK(next_due(s, person, all[2].due, std::nullopt) == all[2]);
  CHECK(next_due(s, person, all[2].due + Millis{1}, std::nullopt) == all[3]);
  s.ends = day("2026-03-27");
  CHECK_FALSE(next_due(s, person, all[3].due, std::nullopt).has_value());
  s.ends.reset();
  s.starts = day("2026-06-01");
  CHECK(next_due(s, person, all[0].due, std::nullopt)->id == SlotId{day("2026-06-01"), 0});
  s.starts = day("2030-06-01");
  const auto far = next_due(s, person, all[0].due, std::nullopt);
  CHECK(far->id == SlotId{day("2030-06-01"), 0});
  CHECK_FALSE(next_due(at({}), person, all[0].due, std::nullopt).has_value());
}

TEST_CASE("a change of zone, time or wording never asks a date twice") {
  const Schedule s = at({hm(19, 30)});
  const std::vector<const char*> zones{"Pacific/Auckland",   "Asia/Kolkata",
                                       "Europe/London",      "America/Los_Angeles",
                                       "Pacific/Kiritimati", "Pacific/Pago_Pago"};
  for (const char* before : zones) {
    for (const char* after : zones) {
      CAPTURE(before);
      CAPTURE(after);
      std::set<LocalDate> asked;
      std::optional<SlotId> last;
      Instant now = utc("2026-03-01T00:00:00Z");
      for (int i = 0; i < 12; ++i) {
        // Moves to and fro every third prompt.
        const auto next = next_due(s, in(i / 3 % 2 == 0 ? before : after), now, last);
        REQUIRE(next.has_value());
        CHECK(asked.insert(next->id.date).second);
        CHECK(next->due >= now);
        last = next->id;
        now = next->due;
      }
    }
  }
  // The time moves to later on a day that was asked: that day stays asked.
  const auto person = in("Europe/London");
  const SlotId done{day("2026-03-02"), 0};
  CHECK(next_due(at({hm(20, 30)}), person, utc("2026-03-02T19:31:00Z"), done)->id.date ==
        day("2026-03-03"));
  // Fewer slots a day than when it was last asked: the date counts as asked.
  CHECK(
      next_due(at({hm(20, 30)}), person, utc("2026-03-02T19:31:00Z"), SlotId{day("2026-03-02"), 2})
          ->id.date == day("2026-03-03"));
}

TEST_CASE("what to do with a slot now") {
  const auto person = in("Europe/London", AllowedHours::of({hm(8, 0), hm(21, 0)}));
  const Slot slot{{day("2026-03-02"), 0}, utc("2026-03-02T20:00:00Z"), utc("2026-03-02T22:00:00Z")};
  const Slot night{
      {day("2026-03-02"), 0}, utc("2026-03-02T06:00:00Z"), utc("2026-03-02T09:00:00Z")};
  struct Case {
    Slot slot;
    const char* now;
    const char* paused_until;
    std::string_view verdict;
  };
  for (const Case& c :
       std::vector<Case>{{slot, "2026-03-02T19:59:59.999Z", "", "too_early"},
                         {slot, "2026-03-02T20:00:00Z", "", "send"},
                         {slot, "2026-03-02T20:59:59Z", "", "send"},
                         {slot, "2026-03-02T21:00:00Z", "", "quiet"},
                         {slot, "2026-03-02T22:00:00Z", "", "expired"},
                         {slot, "2026-03-02T20:30:00Z", "2026-03-02T20:30:00Z", "send"},
                         {slot, "2026-03-02T20:30:00Z", "2026-03-02T20:31:00Z", "paused"},
                         {slot, "2026-03-02T23:30:00Z", "2026-03-05T20:31:00Z", "expired"},
                         {night, "2026-03-02T06:00:00Z", "", "quiet"},
                         {night, "2026-03-02T08:00:00Z", "", "send"}}) {
    CAPTURE(c.now);
    CHECK(to_text(decide(c.slot, person, from_iso(c.paused_until), utc(c.now))) == c.verdict);
  }
}

TEST_CASE("zones: links are zones, odd files are not") {
  for (const char* name : {"GB", "Asia/Calcutta", "US/Eastern", "UTC", "Etc/GMT+12", "Zulu",
                           "America/Argentina/ComodRivadavia", "EST5EDT"}) {
    CAPTURE(name);
    CHECK(Zone::find(name).has_value());
  }
  for (const char* name : {"right/Europe/London", "posix/Europe/London", "posixrules", "localtime",
                           "Europe", "", "../etc/passwd", "/usr/share/zoneinfo/UTC", "zone.tab",
                           "Europe/London/", "europe/london", "leapseconds"}) {
    CAPTURE(name);
    CHECK_FALSE(Zone::find(name).has_value());
  }
  const auto names = zone_names();
  CHECK(names.size() > 500);
  CHECK(std::find(names.begin(), names.end(), "GB") != names.end());
  CHECK(std::none_of(names.begin(), names.end(),
                     [](const std::string& n) { return n.starts_with("right/"); }));
}

TEST_CASE("allowed hours are spans of a day: apart, and none empty") {
  const auto spans = [](HoursOfDay sending, std::optional<HoursOfDay> safe = std::nullopt) {
    return AllowedHours::of(sending, safe).spans();
  };
  using Spans = std::vector<HoursOfDay>;
  const TimeOfDay midnight{86'400};
  CHECK(spans({hm(22, 0), hm(0, 0)}) == Spans{{hm(22, 0), midnight}});
  CHECK(spans({midnight, hm(2, 0)}) == Spans{{hm(0, 0), hm(2, 0)}});
  CHECK(spans({hm(8, 0), hm(12, 0)}, HoursOfDay{hm(12, 0), hm(14, 0)}).empty());
  // An opening that the clock carries out of the window is none.
  const auto short_one = AllowedHours::of({hm(1, 30), hm(1, 45)});
  CHECK(to_iso(*short_one.next_open(*Zone::find("Europe/London"), utc("2026-03-29T00:00:00Z"))) ==
        "2026-03-30T00:30:00Z");
}

TEST_CASE("random times: a window as small as what is asked in it is filled") {
  Schedule s;
  s.id = "mood/random";
  s.random = RandomWindow{20, {hm(23, 50), hm(0, 10)}, std::chrono::minutes(1)};
  std::string got;
  for (const Slot& slot : slots(s, in("UTC"), day("2026-01-01"), day("2026-01-01"))) {
    got += to_iso(slot.due).substr(11, 5) + " ";
  }
  CHECK(got ==
        "00:00 00:01 00:02 00:03 00:04 00:05 00:06 00:07 00:08 00:09 "
        "23:50 23:51 23:52 23:53 23:54 23:55 23:56 23:57 23:58 23:59 ");
  s.random = RandomWindow{1, {hm(9, 0), hm(9, 1)}, std::chrono::minutes(60)};
  const auto one = slots(s, in("UTC"), day("2026-01-01"), day("2026-01-01"));
  REQUIRE(one.size() == 1);
  CHECK(to_iso(one[0].due) == "2026-01-01T09:00:00Z");
}

TEST_CASE("next due: a slot that a gap carries past midnight, and a date asked long ago") {
  // Greenland's clock skips the last hour of Saturday.
  const auto next = next_due(at({hm(23, 30)}), in("America/Nuuk"), utc("2026-03-29T01:10:00Z"), {});
  REQUIRE(next.has_value());
  CHECK(next->id == SlotId{day("2026-03-28"), 0});
  CHECK(to_iso(next->due) == "2026-03-29T01:30:00Z");
  const auto later = next_due(at({hm(12, 0)}), in("UTC"), utc("2026-03-02T00:00:00Z"),
                              SlotId{day("2024-01-01"), 0});
  REQUIRE(later.has_value());
  CHECK(later->id == SlotId{day("2026-03-02"), 0});
}
