// The strict reader: what it refuses, where it says so, and what it suggests.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "config/block_reader.hpp"
#include "config/yaml.hpp"

using namespace moodline;
using namespace moodline::config;

namespace {
std::string told(const std::string& bytes) {
  Problems p;
  read_yaml("f.yaml", bytes, p);
  return to_text(p.sorted());
}

struct Row {
  const char* bytes;
  const char* expect;
};
}  // namespace

TEST_CASE("what YAML would quietly retype is refused with its cure") {
  const std::vector<Row> rows = {
      {"a: 15:00\n",
       "f.yaml:1:4: a: unquoted time 15:00 is the number 900 to YAML 1.1; write it in quotes: "
       "\"15:00\"\n"},
      {"a: 1:30:15\n",
       "f.yaml:1:4: a: unquoted time 1:30:15 is the number 5415 to YAML 1.1; write it in quotes: "
       "\"1:30:15\"\n"},
      {"a: no\n",
       "f.yaml:1:4: a: no unquoted is false to YAML 1.1; write \"no\" for the word, or false\n"},
      {"a: OFF\n",
       "f.yaml:1:4: a: OFF unquoted is false to YAML 1.1; write \"OFF\" for the word, or false\n"},
      {"a: [en, no]\n",
       "f.yaml:1:9: a[1]: no unquoted is false to YAML 1.1; write \"no\" for the word, or false\n"},
      {"a: On\n",
       "f.yaml:1:4: a: On unquoted is true to YAML 1.1; write \"On\" for the word, or true\n"},
      {"on: 1\n",
       "f.yaml:1:1: on unquoted is true to YAML 1.1; write \"on\" for the word, or true\n"},
      {"a: y\n",
       "f.yaml:1:4: a: y unquoted is true to YAML 1.1; write \"y\" for the word, or true\n"},
      {"a: True\n", "f.yaml:1:4: a: True is not how a truth value is written here; write true\n"},
      {"a: 010\n",
       "f.yaml:1:4: a: 010 unquoted begins with 0 and is read in eights; write 10 for the number, "
       "or \"010\" for the text\n"},
      {"a: 089\n",
       "f.yaml:1:4: a: 089 unquoted begins with 0 and is read in eights; write 89 for the number, "
       "or \"089\" for the text\n"},
      {"a: 0x1F\n",
       "f.yaml:1:4: a: 0x1F unquoted is a number in another base; write it in tens, or \"0x1F\" "
       "for the text\n"},
      {"a: 1_000\n",
       "f.yaml:1:4: a: 1_000 unquoted is a number with its _ left out; write it without _, or "
       "\"1_000\" for the text\n"},
      {"a: 1e3\n",
       "f.yaml:1:4: a: 1e3 unquoted is a number with an exponent; write the number in full, or "
       "\"1e3\" for the text\n"},
      {"a: .inf\n", "f.yaml:1:4: a: .inf unquoted is not a finite number; write a number\n"},
      {"a: 2026-03-02\n",
       "f.yaml:1:4: a: 2026-03-02 unquoted is a timestamp to YAML 1.1; write it in quotes: "
       "\"2026-03-02\"\n"},
      {"a: +447700900123\n",
       "f.yaml:1:4: a: +447700900123 unquoted loses its plus; write it in quotes: "
       "\"+447700900123\"\n"},
  };
  for (const Row& r : rows) CHECK(told(r.bytes) == r.expect);
}

TEST_CASE("values that mislead nobody pass") {
  for (const char* ok :
       {"a: \"15:00\"\n", "a: 'no'\n", "a: 0\n", "a: 0.5\n", "a: -2.5\n", "a: true\n", "a: 10\n",
        "a: http://example.org:80/x\n", "a: nobody\n", "a: 18h\n", "a: x 010\n", "a: ŵ\n",
        "a: low-streak@2\n", "a: $below\n", "n: 4\n", "# c\na: |\n  no\n  15:00\n"}) {
    CAPTURE(ok);
    CHECK(told(ok).empty());
  }
}

TEST_CASE("structure that hides meaning is refused") {
  const std::vector<Row> rows = {
      {"a: 1\nb: 2\na: 3\n",
       "f.yaml:3:1: a: key \"a\" stands twice, first on line 1; keep one of them\n"},
      {"r:\n- {x: 1, x: 2}\n",
       "f.yaml:2:10: r[0].x: key \"x\" stands twice, first on line 2; keep one of them\n"},
      {"a: &q 1\nb: *q\n",
       "f.yaml:1:4: a: has an anchor (&name); write the value out where it is needed\n"
       "f.yaml:2:4: b: uses an alias (*name); write the value out where it is needed\n"},
      {"a: !!str 1\n", "f.yaml:1:4: a: has a tag (!name); write the value alone\n"},
      {"b: {<<: {x: 1}, y1: 2}\n", "f.yaml:1:5: b: uses a merge key (<<); write the keys out\n"},
      {"a: 1\n---\nb: 2\n",
       "f.yaml:3:1: holds several documents (---); keep one document a file\n"},
      {"", "f.yaml:1:1: is empty; write its keys, or remove the file\n"},
      {"a:\n\tb: 1\n", "f.yaml:2:1: has a tab in the indentation; indent with spaces\n"},
      {"a: \"\xff\"\n", "f.yaml:1:5: has bytes that are not UTF-8; save it as UTF-8\n"},
      {"\xEF\xBB\xBF"
       "a: 1\n",
       "f.yaml:1:1: begins with a byte order mark; save it as plain UTF-8\n"},
      {"a: \x01\n", "f.yaml:1:4: has a control character; remove it\n"},
      {"ŵŵ: {x: 1, x: 2}\n",
       "f.yaml:1:12: ŵŵ.x: key \"x\" stands twice, first on line 1; keep one of them\n"},
      {"a: b: c\n",
       "f.yaml:1:5: is not YAML: a second \":\" stands on this line; put the text in quotes\n"},
      {"{[a]: 1}\n", "f.yaml:1:2: has a key that is not a word; write a plain key\n"},
  };
  for (const Row& r : rows) CHECK(told(r.bytes) == r.expect);
}

TEST_CASE("sizes and depth are bounded") {
  CHECK(told(std::string(yaml_bytes_max + 1, ' ')).find("split it") != std::string::npos);
  CHECK(told(std::string(2000, '[')).find("is nested over 24 deep") != std::string::npos);
  std::string many = "a: [";
  for (std::size_t i = 0; i <= yaml_nodes_max; ++i) many += "1,";
  CHECK(told(many + "1]\n").find("has over 100000 values") != std::string::npos);
}

TEST_CASE("a block is read through its table, every problem at once") {
  const FieldTable table = {
      {"mode", FieldType::word, true, "", "", {}, {}, {"live", "demo"}},
      {"count", FieldType::integer, false, "3", "", Decimal::of(1), Decimal::of(9), {}},
      {"rate", FieldType::decimal, false, "", "", {}, {}, {}},
      {"loud", FieldType::boolean, false, "", "", {}, {}, {}},
      {"wait", FieldType::duration, false, "", "", {}, {}, {}},
      {"at", FieldType::time, false, "", "", {}, {}, {}},
      {"day", FieldType::date, false, "", "", {}, {}, {}},
      {"site", FieldType::url, false, "", "", {}, {}, {}},
      {"token", FieldType::secret, false, "", "", {}, {}, {}},
      {"phone", FieldType::number, false, "", "", {}, {}, {}},
      {"tags", FieldType::texts, false, "", "", {}, {}, {}},
      {"map", FieldType::mapping, false, "", "", {}, {}, {}},
  };
  SUBCASE("good") {
    Problems p;
    const auto n = read_yaml("f.yaml",
                             "mode: demo\nrate: 2.5\nloud: true\nwait: 10m\nat: \"07:30\"\n"
                             "day: \"2026-03-02\"\nsite: \"https://a.example\"\ntoken: api-key\n"
                             "phone: \"+447700900123\"\ntags: [a, b]\nmap: {en: x}\n",
                             p);
    REQUIRE(n);
    const Block b = read_block(*n, table, p);
    CHECK(to_text(p.sorted()).empty());
    CHECK(b.integer("count") == 3);
    CHECK(b.decimal("rate").micro == 2'500'000);
    CHECK(b.boolean("loud"));
    CHECK(b.duration("wait").count() == 600);
    CHECK(b.time("at") == TimeOfDay::hm(7, 30));
    CHECK(b.texts("tags") == std::vector<std::string>{"a", "b"});
    CHECK(b.mapping("map").at("en") == "x");
    CHECK(b.place("wait").line == 4);
  }
  SUBCASE("bad") {
    Problems p;
    const auto n = read_yaml("f.yaml",
                             "mod: demo\ncount: 10\nrate: \"2\"\nloud: maybe\nwait: 600\n"
                             "at: \"25:00\"\nday: \"2026-02-30\"\nsite: example.org\n"
                             "token: \"hunter two!\"\nphone: \"07700\"\ntags: a\nmap: [x]\n",
                             p);
    REQUIRE(n);
    read_block(*n, table, p);
    const std::string text = to_text(p.sorted());
    CHECK(text.find("f.yaml:1:1: key \"mod\" is unknown; did you mean mode?\n") !=
          std::string::npos);
    CHECK(text.find("f.yaml:1:1: has no mode; add mode: one of live, demo\n") != std::string::npos);
    CHECK(text.find("f.yaml:2:8: count: \"10\" does not fit; write a whole number from 1 to 9") !=
          std::string::npos);
    for (const char* key : {"rate", "loud", "wait", "at", "day", "site", "phone", "tags", "map"}) {
      CAPTURE(key);
      CHECK(text.find(std::string(": ") + key + ": ") != std::string::npos);
    }
    CHECK(text.find("hunter") == std::string::npos);
    CHECK(p.errors() == 13);
  }
}

TEST_CASE("problems print as JSON too") {
  Problems p;
  p.add({"a.yaml", 2, 3}, "x.y", "is \"odd\"", "write z");
  CHECK(to_json(p.sorted()) ==
        "{\"problems\":[{\"file\":\"a.yaml\",\"line\":2,\"column\":3,\"path\":\"x.y\",\"what\":"
        "\"is \\\"odd\\\"\",\"cure\":\"write z\",\"severity\":\"error\"}],\"errors\":1,"
        "\"warnings\":0}");
}
