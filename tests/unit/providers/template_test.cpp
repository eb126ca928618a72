#include <doctest/doctest.h>

#include "providers/kit/extract.hpp"
#include "providers/kit/json.hpp"
#include "providers/kit/template.hpp"

namespace moodline::providers::kit {
namespace {

constexpr std::string_view known[] = {"to", "text", "n", "b"};

TEST_CASE("templates escape for where they stand") {
  const Values v{{"to", "+1 5"}, {"text", "<a&'\"\r\nX: y\x01>"}};
  struct Row {
    const char* what;
    const char* text;
    Escape how;
    const char* out;
  };
  for (const Row& row : std::vector<Row>{
           {"nothing to fill", "x}}{y", Escape::url, "x}}{y"},
           {"url", "to={{to}}&x", Escape::url, "to=%2B1%205&x"},
           {"blanks in the braces", "{{ to }}", Escape::none, "+1 5"},
           {"xml", "<t>{{text}}</t>", Escape::xml, "<t>&lt;a&amp;&apos;&quot;\r\nX: y&gt;</t>"},
           {"header", "a {{text}}", Escape::header, "a <a&'\"X: y>"},
           {"unknown value", "[{{var.none}}]", Escape::none, "[]"},
           {"twice", "{{to}}{{to}}", Escape::none, "+1 5+1 5"}}) {
    CAPTURE(row.what);
    const auto t = Template::parse(row.text, known);
    REQUIRE(t.has_value());
    CHECK(t->render(v, row.how) == row.out);
  }
  for (const char* bad : {"{{to", "{{nobody}}", "{{}}", "{{to:date}}", "a {{ to } }"})
    CHECK_MESSAGE(!Template::parse(bad, known), bad);
}

TEST_CASE("values cannot break out of a JSON template") {
  const auto t = JsonTemplate::parse(
      R"({"to":["{{to}}"],"t":"say {{text}}!","n":"{{n:number}}","b":"{{b:boolean}}","k":1})",
      known);
  REQUIRE(t.has_value());
  CHECK(t->render(
            {{"to", "+1"}, {"text", "\",\"admin\":true,\"x\":\""}, {"n", "7"}, {"b", "true"}}) ==
        R"({"to":["+1"],"t":"say \",\"admin\":true,\"x\":\"!","n":7,"b":true,"k":1})");
  CHECK(t->render({{"n", "seven"}, {"text", "{{to}}"}}) == R"({"to":[],"t":"say {{to}}!","k":1})");
  CHECK(t->unrender(*read_json(R"({"to":["+44"],"t":"say x!","n":3})")) ==
        Values{{"to", "+44"}, {"n", "3"}});
  for (const char* bad : {"{", R"({"a":"{{x}}"})", R"({"a":{{n}}})", R"({"a":["{{to"]})", "1e999"})
    CHECK_MESSAGE(!JsonTemplate::parse(bad, known), bad);
}

TEST_CASE("extraction rules") {
  Webhook hook{"POST",
               "https://x/y?q=7&f=query",
               {{"content-type", "application/json"}, {"x-id", "h1"}},
               R"({"a":{"b":[{"c":5}]},"s":"id=42;"})"};
  const Source json = Source::of(hook);
  hook.headers[0].second = "application/x-www-form-urlencoded";
  hook.body = "f=form&g=%2B1";
  const Source form = Source::of(hook);
  struct Row {
    const char* rule;
    const Source* source;
    const char* out;
  };
  for (const Row& row : std::vector<Row>{{"/a/b/0/c", &json, "5"},
                                         {"/a/b/1/c", &json, ""},
                                         {"/a/b", &json, ""},
                                         {"/a/b", &form, ""},
                                         {"query:q", &json, "7"},
                                         {"form:f", &form, "form"},
                                         {"form:q", &form, "7"},
                                         {"form:g", &form, "+1"},
                                         {"header:X-Id", &form, "h1"},
                                         {"regex:id=([0-9]+);", &json, "42"},
                                         {"regex:[0-9]{2}", &json, "42"},
                                         {"regex:none(x)", &json, ""},
                                         {"text:always", &json, "always"},
                                         {"", &json, ""}}) {
    CAPTURE(row.rule);
    const auto e = Extract::parse(row.rule);
    REQUIRE(e.has_value());
    CHECK(e->from(*row.source) == row.out);
  }
  for (const char* bad : {"a", "/a~2", "regex:(", "regex:[", "json:/a"})
    CHECK_MESSAGE(!Extract::parse(bad), bad);
  CHECK(!Extract::parse("regex:" + std::string(regex_pattern_bytes_max + 1, 'a')));

  const auto holds = [&](const char* text) { return Condition::parse(text)->holds(json); };
  CHECK(holds("/a/b/0/c"));
  CHECK(holds("/a/b/0/c = 5"));
  CHECK(!holds("/a/b/0/c = 6"));
  CHECK(holds("/a/b/0/c != 6"));
  CHECK(!holds("/nothing"));
  CHECK(holds("regex:id=42"));
  CHECK(!Condition::parse("  "));
  CHECK(!Condition::parse("nonsense = 1"));
  CHECK(!Conditions{}.hold(json));
}

TEST_CASE("a pattern that explodes ends, and matches nothing") {
  Webhook hook{"POST", "https://x/", {}, std::string(60'000, 'a') + "!"};
  const Source source = Source::of(hook);
  for (const char* evil : {"regex:(a+)+$", "regex:(a|aa)+$", "regex:(.*)*x", "regex:^(a?){40}b"}) {
    const auto e = Extract::parse(evil);
    REQUIRE(e.has_value());
    CHECK(e->from(source).size() <= regex_subject_bytes_max);
  }
}

}  // namespace
}  // namespace moodline::providers::kit
