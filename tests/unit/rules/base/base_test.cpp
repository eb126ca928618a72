#include <doctest/doctest.h>

#include "rules/base/decimal.hpp"
#include "rules/base/e164.hpp"
#include "rules/base/instant.hpp"
#include "rules/base/zones.hpp"

using namespace moodline;

TEST_CASE("instants read and write RFC 3339") {
  CHECK(to_iso(*from_iso("2026-03-29T02:00:00+01:00")) == "2026-03-29T01:00:00Z");
  CHECK(to_iso(*from_iso("2019-11-09T16:00:00.250+0000")) == "2019-11-09T16:00:00.250Z");
  CHECK(to_iso(*from_iso("1969-12-31T23:59:59Z")) == "1969-12-31T23:59:59Z");
  for (const char* bad : {"", "2026-02-30T00:00:00Z", "2026-03-29", "2026-03-29T25:00:00Z",
                          "2026-03-29T01:00:00", "2026-03-29T01:00:00Zx"}) {
    CHECK_MESSAGE(!from_iso(bad), bad);
  }
}

TEST_CASE("weekdays") {
  CHECK(date_of(1970, 1, 1).weekday() == Weekday::thu);
  CHECK(date_of(2026, 3, 2).weekday() == Weekday::mon);
  CHECK(date_of(1969, 12, 31).weekday() == Weekday::wed);
}

TEST_CASE("zones: gap, overlap and a date that does not exist") {
  const Zone london = *Zone::find("Europe/London");
  CHECK(to_iso(*london.resolve(date_of(2026, 3, 29), TimeOfDay::hm(1, 30))) ==
        "2026-03-29T01:30:00Z");
  CHECK(to_iso(*london.resolve(date_of(2026, 10, 25), TimeOfDay::hm(1, 30))) ==
        "2026-10-25T00:30:00Z");
  const Zone apia = *Zone::find("Pacific/Apia");
  CHECK(!apia.exists(date_of(2011, 12, 30)));
  CHECK(!apia.resolve(date_of(2011, 12, 30), TimeOfDay::hm(12, 0)));
  CHECK(apia.exists(date_of(2011, 12, 31)));
  CHECK(to_iso(apia.resolve_or_next(date_of(2011, 12, 30), TimeOfDay::hm(12, 0))) ==
        "2011-12-30T10:00:00Z");
  const auto missing = Zone::find("Europe/Dubln");
  REQUIRE(!missing);
  CHECK(missing.error().message == "zone \"Europe/Dubln\" is unknown; did you mean Europe/Dublin?");
}

TEST_CASE("decimals are exact") {
  CHECK(to_text(*decimal_from("6.50")) == "6.5");
  CHECK(to_text(*decimal_from("-0.25")) == "-0.25");
  CHECK(to_text(*decimal_from("07")) == "7");
  for (const char* bad : {"", ".", "1.", ".5", "1e3", "1.1234567", "1234567890123"}) {
    CHECK_MESSAGE(!decimal_from(bad), bad);
  }
}

TEST_CASE("phone numbers") {
  const NumberPlan gb = *number_plan("GB");
  CHECK(E164::parse("07700 900123", gb)->str() == "+447700900123");
  CHECK(E164::parse("00447700900123", gb)->str() == "+447700900123");
  CHECK(E164::parse("447700900123", gb)->str() == "+447700900123");
  CHECK(E164::parse("+1 (555) 555-0123")->str() == "+15555550123");
  for (const char* bad : {"", "+", "12", "+0123456789", "0770090012x", "+12345678901234567"}) {
    CHECK_MESSAGE(!E164::parse(bad), bad);
  }
  CHECK(E164::typed("07700 900123", gb)->str() == "+447700900123");
  CHECK(E164::typed("+353 85 012 3456")->str() == "+353850123456");
  CHECK(E164::typed("020 7946 0123", gb)->str() == "+442079460123");
  for (const char* bad : {"07700 90012", "07700 9001234", "+1 555 555 012", "+15555550123 4"}) {
    CHECK_MESSAGE(!E164::typed(bad, gb), bad);
  }
  CHECK(E164::typed("07700 90012", gb).error().message.find("1 digit(s) short") !=
        std::string::npos);
}
