// Records out and in: CSV that no spreadsheet runs, JSON and FHIR of one person, an evaluation
// table that names nobody, CSV files as spreadsheets really save them.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "daemon/records/csv.hpp"
#include "daemon/records/person_data.hpp"
#include "tests/support/sample_world.hpp"

namespace moodline::records {
namespace {

namespace json = boost::json;

std::string utf16(std::string_view ascii, bool big, bool bom) {
  std::string out;
  if (bom) out = big ? "\xFE\xFF" : "\xFF\xFE";
  for (const char c : ascii) {
    if (big) out += '\0';
    out += c;
    if (!big) out += '\0';
  }
  return out;
}

}  // namespace

TEST_CASE("cells as written") {
  const std::pair<const char*, const char*> rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"a,b", "\"a,b\""},
      {"a;b", "\"a;b\""},
      {"say \"hi\"", "\"say \"\"hi\"\"\""},
      {"two\nlines", "\"two\nlines\""},
      {"=1+1", "'=1+1"},
      {"+447700900123", "+447700900123"},
      {"-6.5", "-6.5"},
      {"-6.5+2", "'-6.5+2"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"\t=1", "\"'\t=1\""},
      {"  =cmd|' /C calc'!A0", "'  =cmd|' /C calc'!A0"},
      {"+ 1", "'+ 1"},
  };
  for (const auto& [in, out] : rows) {
    CAPTURE(in);
    CHECK(csv_cell(in) == out);
  }
}

TEST_CASE("files as spreadsheets save them") {
  const std::string plain = "number,as\r\n07700 900123,MJ\r\n";
  const std::string files[] = {plain,
                               "\xEF\xBB\xBF" + plain,
                               utf16(plain, false, true),
                               utf16(plain, true, true),
                               utf16(plain, false, false),
                               "number;as\n07700 900123;MJ\n",
                               "number\tas\n07700 900123\tMJ",
                               "\"number\",\"as\"\n\n\"07700 900123\",\"MJ\"\n ,\n"};
  for (const std::string& f : files) {
    const auto rows = read_csv(f);
    REQUIRE(rows);
    REQUIRE(rows->size() == 2);
    CHECK((*rows)[0].cells == std::vector<std::string>{"number", "as"});
    CHECK((*rows)[1].cells == std::vector<std::string>{"07700 900123", "MJ"});
  }
  const auto quoted = read_csv("a,b\n\"x \"\"y\"\", z\",\"two\nlines\"\nlast,\n");
  REQUIRE(quoted);
  REQUIRE(quoted->size() == 3);
  CHECK((*quoted)[1].cells == std::vector<std::string>{"x \"y\", z", "two\nlines"});
  CHECK((*quoted)[2].line == 4);
  CHECK((*quoted)[2].cells == std::vector<std::string>{"last", ""});
}

TEST_CASE("files that cannot be read say where and why") {
  const std::pair<std::string, const char*> rows[] = {
      {"a,b\n\"never ends", "bad_csv"},
      {"a,b\nx\"y\",z\n", "bad_csv"},
      {"a,b\n\"x\"y,z\n", "bad_csv"},
      {"a,b\n\xC3\x28,z\n", "bad_encoding"},
      {std::string("a,b\nx\0y,z", 9), "bad_encoding"},
      {utf16(std::string("a,b\nx\0y,z", 9), true, true), "bad_encoding"},
      {utf16("abc", true, true) + "x", "bad_encoding"},
      {"\xFF\xFE" + std::string("\x00\xD8", 2), "bad_encoding"},
  };
  for (const auto& [text, code] : rows) {
    const auto r = read_csv(text);
    REQUIRE_FALSE(r);
    CHECK(r.error().code == code);
    CHECK_FALSE(r.error().message.empty());
  }
}

TEST_CASE("everything held about a person") {
  testing::SampleWorld w;
  w.enrol("MJ", "=sleep better", "walk to the harbour");
  w.write([&](store::Tx& tx, const checkins::Setting& s) {
    const auto p = *tx.person(w.person);
    const json::object all = person_data(tx, s, p);
    CHECK(all.at("record").at("plan").as_string() == "walk to the harbour");
    CHECK(all.at("record").at("number").as_string() == "+447700900123");
    CHECK(all.at("readings").as_array().size() == 17);
    CHECK(all.at("questions").as_array().size() >= 20);
    CHECK(all.at("alerts").as_array().size() == 1);
    CHECK(all.at("agreements").as_array().size() >= 1);
    CHECK(all.at("texts_about_you").as_array().size() >= 2);
    CHECK(all.at("trail").as_array().size() >= 2);
    CHECK(json::parse(person_json(tx, s, p)) == json::value(all));
    const std::string csv = person_csv(tx, s, p);
    CHECK(csv.starts_with("\xEF\xBB\xBFkind,at,day,name,value,detail\r\n"));
    const auto rows = read_csv(csv);
    REQUIRE(rows);
    int readings = 0;
    for (const CsvRow& r : *rows) {
      REQUIRE(r.cells.size() == 6);
      readings += r.cells[0] == "reading" ? 1 : 0;
      for (const std::string& c : r.cells) CHECK_FALSE(c.starts_with("="));
    }
    CHECK(readings == 17);
  });
}

TEST_CASE("a FHIR bundle of observations") {
  testing::SampleWorld w;
  w.enrol();
  w.write([&](store::Tx& tx, const checkins::Setting& s) {
    auto p = *tx.person(w.person);
    for (const auto& [component, value] : {std::pair{"bp.systolic", 128}, {"bp.diastolic", 82}}) {
      store::Reading r;
      r.person = p.id;
      r.component = component;
      r.value = Decimal::of(value);
      r.at = s.now;
      r.inbound = 0;
      tx.put(r);
    }
    const json::object b = fhir_bundle(tx, s, p);
    CHECK(b.at("resourceType").as_string() == "Bundle");
    const json::array& entries = b.at("entry").as_array();
    REQUIRE(entries.size() == 1 + 17 + 1);
    CHECK(entries[0].at("resource").at("resourceType").as_string() == "Patient");
    const std::string text = json::serialize(b);
    for (const char* name : {"MJ", "7700900123", "harbour", "sleep better"}) {
      CHECK(text.find(name) == std::string::npos);
    }
    for (std::size_t i = 1; i < entries.size(); ++i) {
      const auto& o = entries[i].at("resource").as_object();
      CHECK(o.at("status").as_string() == "final");
      CHECK(o.at("subject").at("reference") == entries[0].at("fullUrl"));
      CHECK(o.contains("code"));
    }
    const auto& pressure = entries.back().at("resource").as_object();
    CHECK(pressure.at("component").as_array().size() == 2);
  });
}

TEST_CASE("an evaluation table names nobody") {
  testing::SampleWorld w;
  w.enrol();
  w.store->write([&](store::Tx& tx) {
    Dice dice(7);
    const std::string csv = evaluation_csv(tx, dice);
    CHECK(csv == evaluation_csv(tx, dice));  // pseudonyms stay, whatever is drawn and keyed
    CHECK(tx.person(w.person)->extra.at("pseudonym").size() >= 12);
    const auto rows = read_csv(csv);
    REQUIRE(rows);
    REQUIRE(rows->size() == 2);
    const auto& cells = (*rows)[1].cells;
    REQUIRE(cells.size() == 15);
    CHECK(cells[3] == "active");
    CHECK(cells[10] == "17");
    CHECK(cells[12] == "1");
    for (const std::string& secret : {std::string("MJ"), std::string("7700900123"),
                                      tx.person(w.person)->key, std::string("K7")}) {
      CHECK(csv.find(secret) == std::string::npos);
    }
  });
}

}  // namespace moodline::records
