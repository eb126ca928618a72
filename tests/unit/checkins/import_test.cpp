// The admin's CSV of people: every bad row with its line, all of it or none, and what a spreadsheet
// would run is taken for the text it is.
#include <boost/json/serialize.hpp>

#include "daemon/records/csv.hpp"
#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

namespace {

const std::string header =
    "number,as,programme,practitioner,track,agreed_with,agreed_on,times,needs,safe,friend,"
    "discreet\n";

std::string row(const std::string& number, const std::string& as,
                const std::string& track = "mood=to sleep",
                const std::string& rest = "Sam Reed,2026-03-01,,,,,") {
  return number + "," + as + ",evening-mood,sam," + track + "," + rest + "\n";
}

std::string utf16(const std::string& ascii, bool big) {
  std::string out = big ? "\xFE\xFF" : "\xFF\xFE";
  for (const char c : ascii) {
    if (big) out += '\0';
    out += c;
    if (!big) out += '\0';
  }
  return out;
}

std::size_t people(Rig& r) {
  return r.act("person.list")->as_array().size();
}

}  // namespace

TEST_CASE("admin: import reports every bad row with its line, and then enrols nobody") {
  Rig r;
  const std::string csv = header + row("07700 900210", "A1") + row("12", "A2") +
                          row("07700 900211", "A3", "mood") + row("07700 900212", "A4", "joy=x") +
                          row("07700 900213", "A5", "mood=y", ",,,,,,") +
                          row("07700 900214", "A6", "mood=y", "Sam Reed,2026-03-01,25:00,,,,") +
                          row("07700 900210", "A7") +
                          row("07700 900215", "A8", "mood=y", "Sam Reed,2026-03-01,,,8-9,,") +
                          row("07700 900216", "A9", "mood=y", "Sam Reed,2026-03-01,,,,sam,") +
                          row("07700 900217", "B1", "mood=y", "Sam Reed,2026-03-01,,,,,maybe") +
                          row("07700 900218", "B2", "mood=y", "Sam Reed,2026-03-01,,,,,,,,");
  for (const bool dry : {true, false}) {
    const auto out = r.act("person.import", {{"csv", csv}, {"dry_run", dry}});
    REQUIRE(out);
    CHECK(out->at("rows") == 11);
    CHECK(out->at("enrolled") == 0);
    std::vector<std::pair<std::int64_t, std::string>> bad;
    for (const json::value& p : out->at("problems").as_array()) {
      bad.emplace_back(p.at("line").as_int64(), std::string(p.at("code").as_string()));
      CHECK(p.at("problem").as_string().size() > 10);
      CHECK(p.at("problem").as_string().find("90021") == std::string::npos);  // nobody's number
    }
    REQUIRE_MESSAGE(bad.size() == 10, json::serialize(*out));
    for (std::size_t i = 0; i < bad.size(); ++i) CHECK(bad[i].first == 3 + std::int64_t(i));
    CHECK(bad[1].second == "no_goal");
    CHECK(bad[2].second == "unknown_measure");
    CHECK(bad[3].second == "no_consent");
    CHECK(bad[4].second == "bad_argument");
    CHECK(bad[5].second == "number_in_use");
    CHECK(bad[7].second == "unknown_friend");
    CHECK(bad[9].second == "bad_csv");
    CHECK(people(r) == 0);
    CHECK(r.texts().empty());
  }
}

TEST_CASE("admin: import reads UTF-16 as a spreadsheet saves it, and takes formulas for text") {
  const std::string csv = header + row("'+447700900210", "=A1", "mood='=cmd|calc",
                                       "Sam Reed,2026-03-01,19:30;21:00,"
                                       "'-text only,18:00-22:00,jo,no");
  for (const bool big : {true, false}) {
    Rig r;
    const auto text = records::utf8_from(utf16(csv, big));
    REQUIRE(text);
    CHECK(r.act("person.import", {{"csv", *text}, {"dry_run", true}})->at("bad") == 0);
    CHECK(people(r) == 0);  // dry
    REQUIRE(r.act("person.import", {{"csv", *text}})->at("enrolled") == 1);
    const auto p = r.act("person.show", {{"person", "+447700900210"}});
    REQUIRE(p);
    CHECK(p->at("as") == "=A1");
    CHECK(p->at("needs") == "-text only");
    CHECK(p->at("safe") == "18:00-22:00");
    CHECK(p->at("friend") == "jo");
    CHECK(p->at("discreet") == false);
    CHECK(p->at("times").as_array().size() == 2);
    // Out again: no cell of it runs.
    const auto out = r.act("person.export", {{"person", "=A1"}, {"format", "csv"}});
    REQUIRE(out);
    const auto rows = records::read_csv(std::string(out->at("text").as_string()));
    REQUIRE(rows);
    bool neutralised = false;
    for (const auto& line : *rows) {
      for (const std::string& cell : line.cells) {
        if (cell.empty() || cell == "+447700900210") continue;  // a plain number does not run
        CHECK_MESSAGE(std::string_view("=+-@\t\r").find(cell[0]) == std::string::npos, cell);
        neutralised = neutralised || cell == "'=A1";
      }
    }
    CHECK(neutralised);
  }
}

TEST_CASE("admin: import refuses a file that is no table of people, with what to write instead") {
  Rig r;
  for (const auto& [csv, word] : {std::pair<std::string, std::string>{"", "empty"},
                                  {"number,telephone\n1,2\n", "telephone"},
                                  {"number,number\n1,2\n", "twice"}}) {
    const auto out = r.act("person.import", {{"csv", csv}});
    REQUIRE_FALSE(out);
    CHECK(out.error().code == "bad_csv");
    CHECK_MESSAGE(has(out.error().message, word), out.error().message);
  }
}
