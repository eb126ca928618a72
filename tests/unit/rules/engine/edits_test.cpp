// What narrows, what is hashed, and how kinds read their fields.
#include <doctest/doctest.h>

#include <functional>

#include "rules/engine/edits.hpp"
#include "rules/engine/engine.hpp"
#include "rules/kinds/kind.hpp"

namespace moodline::rules {
namespace {

Rule agreed() {
  Rule r;
  r.id = "low";
  r.says = "If I score below {below}, text {practitioner}; if no answer {deputy}.";
  r.when.line = {Test::below, Decimal::of(4)};
  r.when.n = 3;
  r.when.m = 7;
  r.clear.line = Line{Test::at_least, Decimal::of(5)};
  Step tell;
  tell.role = "practitioner";
  r.then = {tell};
  Step more = tell;
  more.role = "deputy";
  more.after_s = 3600;
  r.escalate = {more};
  return r;
}

TEST_CASE("narrowing: only what can tell less") {
  using Change = std::function<void(Rule&)>;
  const std::vector<std::pair<bool, Change>> table{
      {true, [](Rule&) {}},
      {true, [](Rule& r) { r.version = 9; }},
      {true, [](Rule& r) { r.when.line.value = Decimal::of(3); }},
      {false, [](Rule& r) { r.when.line.value = Decimal::of(5); }},
      {false, [](Rule& r) { r.when.line.test = Test::at_most; }},
      {true, [](Rule& r) { r.when.n = 4; }},
      {false, [](Rule& r) { r.when.n = 2; }},
      {true, [](Rule& r) { r.when.m = 6; }},
      {false, [](Rule& r) { r.when.m = 8; }},
      {true, [](Rule& r) { r.settle = TimeSpan::of_minutes(20); }},
      {false, [](Rule& r) { r.settle = TimeSpan::of_minutes(5); }},
      {false, [](Rule& r) { r.settle = TimeSpan::of_days(1); }},  // not comparable
      {true, [](Rule& r) { r.escalate.clear(); }},
      {false, [](Rule& r) { r.escalate.push_back(r.escalate[0]); }},
      {false, [](Rule& r) { r.escalate[0].role = "lead"; }},
      {false, [](Rule& r) { r.escalate[0].after_s = 1800; }},
      {false, [](Rule& r) { r.per_day = PerDay::min; }},
      {false, [](Rule& r) { r.clear.line->value = Decimal::of(6); }},
      {false, [](Rule& r) { r.max_gap = 0; }},
      {false, [](Rule& r) { r.day_start = TimeOfDay::hm(5, 0); }},
      {false, [](Rule& r) { r.reply_window = TimeSpan::of_hours(17); }},
      {false, [](Rule& r) { r.low_mark = true; }},
      {false, [](Rule& r) { r.says += " "; }},
      {false, [](Rule& r) { r.when.n = 4, r.when.line.value = Decimal::of(5); }},
  };
  for (std::size_t i = 0; i < table.size(); ++i) {
    CAPTURE(i);
    Rule edited = agreed();
    table[i].second(edited);
    CHECK(is_narrowing(agreed(), edited) == table[i].first);
  }
  Rule high = agreed();
  high.when.line = {Test::at_least, Decimal::of(10)};
  Rule higher = high;
  higher.when.line.value = Decimal::of(11);
  CHECK(is_narrowing(high, higher));
  CHECK_FALSE(is_narrowing(higher, high));
  Rule rarer = high;  // the same line, more days
  rarer.when.n = 4;
  CHECK(is_narrowing(high, rarer));
  Rule some = agreed();
  some.when.kind = Kind::n_of_m;
  Rule more = some;
  more.when.n = 4;
  CHECK(is_narrowing(some, more));
  CHECK_FALSE(is_narrowing(more, some));
  Rule settled = agreed();
  settled.settle = TimeSpan::of_days(1);
  Rule longer = settled;
  longer.settle = TimeSpan::of_days(2);
  CHECK(is_narrowing(settled, longer));
  CHECK_FALSE(is_narrowing(longer, settled));
  Rule drop = agreed();
  drop.when.kind = Kind::baseline_drop;
  drop.when.amount = Decimal::of(2);
  Rule larger = drop;
  larger.when.amount = Decimal::of(3);
  CHECK(is_narrowing(drop, larger));
  CHECK_FALSE(is_narrowing(larger, drop));
  Rule quiet = agreed();
  quiet.when.kind = Kind::silence;
  quiet.when.prompts = 3;
  Rule hours = quiet;
  hours.when.prompts = 0;
  hours.when.hours = TimeSpan::of_hours(72);
  CHECK_FALSE(is_narrowing(quiet, hours));
}

TEST_CASE("canonical text changes with every field but the key") {
  const std::string before = canonical(agreed());
  Rule same = agreed();
  same.key = "other";
  CHECK(canonical(same) == before);
  const std::vector<std::function<void(Rule&)>> changes{
      [](Rule& r) { r.version = 2; },         [](Rule& r) { r.stale = TimeSpan::of_days(13); },
      [](Rule& r) { r.urgent = true; },       [](Rule& r) { r.use_history = true; },
      [](Rule& r) { r.cooldown = {}; },       [](Rule& r) { r.day_start = TimeOfDay::hm(3, 0); },
      [](Rule& r) { r.measure = "sleep"; },   [](Rule& r) { r.then[0].template_id = "x"; },
      [](Rule& r) { r.unit = Unit::prompt; }, [](Rule& r) { r.says += "\nx=y"; }};
  for (const auto& change : changes) {
    Rule r = agreed();
    change(r);
    CHECK(canonical(r) != before);
  }
}

TEST_CASE("phrase reads its word list") {
  Rule r;
  const KindInfo* kind = kind_named("phrase");
  REQUIRE(kind != nullptr);
  CHECK(kind->read({{"list", "safety"}}, {}, r).has_value());
  CHECK(r.when.list == "safety");
  const auto none = kind->read({}, {}, r);
  REQUIRE(!none.has_value());
  CHECK(none.error().code == "bad_condition");
}

TEST_CASE("canonical text keeps a value on its line, and plain words plain") {
  Rule r = agreed();
  r.says = "plain words";
  r.says_text = "two\nlines, one \\";
  const std::string text = canonical(r);
  CHECK(text.find("\nsays=plain words\n") != std::string::npos);
  CHECK(text.find("\nsays_text=two\\nlines, one \\\\\n") != std::string::npos);
}

TEST_CASE("canonical text names how a day is decided and what a missing one does") {
  Rule r = agreed();
  CHECK(canonical(r).find("\ndecide=reply\n") != std::string::npos);
  CHECK(canonical(r).find("\nmissing=skip\n") != std::string::npos);
  r.decide = Decide::day_end;
  r.missing = Missing::brk;
  CHECK(canonical(r).find("\ndecide=day_end\n") != std::string::npos);
  CHECK(canonical(r).find("\nmissing=break\n") != std::string::npos);
}

TEST_CASE("canonical text says by which clock a step waits") {
  Rule r = agreed();
  Step step;
  step.role = "lead";
  step.template_id = "look";
  step.after_s = 3600;
  r.escalate = {step, step, step};
  r.escalate[1].clock = Clock::working_hours;
  r.escalate[2].clock = Clock::working_days;
  r.escalate[2].after_s = 0;
  r.escalate[2].after_days = 2;
  CHECK(
      canonical(r).ends_with("escalate=notify lead look after elapsed 3600 0\n"
                             "escalate=notify lead look after working 3600 0\n"
                             "escalate=notify lead look after days 0 2\n"));
}

TEST_CASE("silence by hours counts from the prompt sent at the very yes, however long ago") {
  Rule r = agreed();
  r.when = {};
  r.when.kind = Kind::silence;
  r.when.hours = TimeSpan::of_hours(600);  // longer than anything else is kept
  r.settle = {};
  const Instant yes = *from_iso("2026-03-02T18:00:00Z");
  State state = begin(std::make_shared<const Rule>(std::move(r)), yes, Zone::utc());
  std::vector<Emitted> all;
  for (int d = 0; d < 26; ++d) {
    const Instant sent = yes + std::chrono::hours{24 * d};
    const Event prompt{sent, PromptEvent{"p" + std::to_string(d), sent, PromptStatus::delivered}};
    for (const Emitted& e : step(state, prompt).emitted) all.push_back(e);
  }
  REQUIRE(all.size() == 1);
  CHECK(all[0].type == EmitType::fire);
  CHECK(all[0].at == yes + std::chrono::hours{600});
}

TEST_CASE("sentence") {
  const std::map<std::string, std::string> names{{"below", "4"}, {"practitioner", "Sam"}};
  CHECK(*sentence("Below {below}, text {practitioner}.", names) == "Below 4, text Sam.");
  CHECK(sentence("{nobody}", names).error().code == "unknown_param");
  CHECK(sentence("{below", names).error().code == "unknown_param");
}

TEST_CASE("kinds read their fields and refuse the impossible") {
  struct Row {
    const char* kind;
    Values when;
    Values clear;
    const char* fault;  // empty: accepted
  };
  const Values up{{"at_least", "5"}, {"days", "2"}};
  const std::vector<Row> table{
      {"streak", {{"below", "4"}, {"days", "3"}}, up, ""},
      {"streak", {{"days", "3"}}, up, "bad_condition"},
      {"streak", {{"below", "4"}, {"above", "9"}, {"days", "3"}}, up, "bad_condition"},
      {"streak", {{"below", "4"}, {"days", "3"}}, {{"at_least", "4"}}, ""},
      {"streak", {{"at_most", "4"}, {"days", "3"}}, {{"at_least", "4"}}, "bad_clear"},
      {"streak", {{"below", "4"}, {"days", "3"}}, {{"at_most", "3"}}, "bad_clear"},
      {"streak", {{"above", "9"}, {"days", "3"}}, {{"at_most", "9"}}, ""},
      {"streak", {{"below", "4"}, {"days", "3"}}, {}, "bad_clear"},
      {"n_of_m", {{"below", "4"}, {"n", "4"}, {"m", "7"}}, up, ""},
      {"n_of_m", {{"below", "4"}, {"n", "8"}, {"m", "7"}}, up, "bad_condition"},
      {"average", {{"below", "4"}, {"days", "7"}, {"min_days", "8"}}, up, "bad_condition"},
      {"average",
       {{"below", "4"}, {"days", "7"}, {"min_days", "4"}},
       {{"average_at_least", "5"}},
       ""},
      {"baseline_drop",
       {{"drop", "2"}, {"baseline", "9"}, {"recent", "3"}},
       {{"within", "2"}},
       "bad_clear"},
      {"baseline_drop",
       {{"drop", "2"}, {"baseline", "9"}, {"recent", "3"}},
       {{"within", "1.9"}},
       ""},
      {"silence", {{"prompts", "3"}}, {}, ""},
      {"silence", {{"prompts", "3"}, {"hours", "72"}}, {}, "bad_condition"},
      {"silence", {}, {}, "bad_condition"},
      {"schedule", {{"every", "mon"}, {"at", "09:30"}}, {}, ""},
      {"schedule", {{"every", "moon"}, {"at", "09:30"}}, {}, "bad_condition"},
  };
  for (const Row& row : table) {
    CAPTURE(row.kind);
    const KindInfo* kind = kind_named(row.kind);
    REQUIRE(kind != nullptr);
    Rule r;
    r.when.kind = kind->kind;
    const auto ok = kind->read(row.when, row.clear, r);
    CHECK((ok ? std::string() : ok.error().code) == row.fault);
  }
  for (const KindInfo& kind : kinds()) CHECK(info(kind.kind).name == kind.name);
}

TEST_CASE("common fields") {
  Rule missing;
  REQUIRE(read_common({{"missing", "break"}}, missing));
  CHECK(missing.missing == Missing::brk);
  REQUIRE(read_common({{"missing", "skip"}}, missing));
  CHECK(missing.missing == Missing::skip);
  Rule r;
  REQUIRE(read_common({{"per_day", "mean"}, {"settle", "5m"}, {"stale", "72h"}}, r));
  CHECK(r.decide == Decide::day_end);
  CHECK(r.settle == TimeSpan::of_minutes(5));
  CHECK(r.stale == TimeSpan::of_hours(72));
  for (const auto& [name, decide] :
       {std::pair{"last", Decide::reply}, std::pair{"min", Decide::reply},
        std::pair{"first", Decide::reply}, std::pair{"max", Decide::day_end}}) {
    REQUIRE(read_common({{"per_day", name}}, r));
    CHECK(r.decide == decide);
  }
  REQUIRE(read_common({{"per_day", "mean"}, {"decide", "reply"}}, r));
  CHECK(r.decide == Decide::reply);
  CHECK(read_common({{"settle", "soon"}}, r).error().code == "bad_field");
  Rule urgent;
  urgent.urgent = true;
  REQUIRE(read_common({}, urgent));
  CHECK(urgent.settle.zero());
  CHECK(read_common({{"cooldown", "3d"}}, urgent).error().code == "urgent_key");
}

}  // namespace
}  // namespace moodline::rules
