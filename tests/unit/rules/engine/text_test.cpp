// Rows as text, lengths of time as rules write them, and how texts are told apart.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rules/engine/engine.hpp"
#include "rules/engine/pack.hpp"

using namespace moodline;
using namespace moodline::rules;

TEST_CASE("whole numbers of a row, wide ones too") {
  const __int128 large = static_cast<__int128>(1'000'000'000'000'000'000) * 1'000'000'000'000;
  for (const __int128 n : {__int128{0}, __int128{1}, __int128{-1}, __int128{90}, large, -large}) {
    Packer p;
    p.put(n);
    p.put(std::string_view("x"));
    const std::string text = p.take();
    Unpacker u(text);
    CHECK((u.wide() == n));
    CHECK(u.text() == "x");
    CHECK(u.complete());
  }
  Packer zero;
  zero.put(__int128{0});
  CHECK(zero.take() == "0");
  for (const char* bad : {"12x", "x", "", "99999999999999999999"}) {
    CAPTURE(bad);
    Unpacker u(bad);
    CHECK(u.number() == 0);
    CHECK(u.bad());
  }
  for (const char* bad : {"-", "1a", "1/", "1:", "100000000000000000000000000000000000000"}) {
    CAPTURE(bad);
    Unpacker u(bad);
    (void)u.wide();
    CHECK(u.bad());
  }
  Unpacker longest("99999999999999999999999999999999999999");
  CHECK((longest.wide() > large));
  CHECK(longest.complete());
}

TEST_CASE("texts and lists of a row know their length") {
  Unpacker exact("2 ab");
  CHECK(exact.text() == "ab");
  CHECK(exact.complete());
  for (const char* bad : {"5 ab", "-1 ab", "2 abc", "x ab"}) {
    CAPTURE(bad);
    Unpacker u(bad);
    const std::string text = u.text();
    CHECK(u.bad());
    if (std::string_view(bad) != "2 abc") CHECK(text.empty());
  }
  const auto count = [](const std::string& text) {
    int n = 0;
    Unpacker u(text);
    u.list([&] { ++n; });
    return u.bad() ? -1 : n;
  };
  CHECK(count("0") == 0);
  CHECK(count("3") == 3);
  CHECK(count("-1") == -1);
  CHECK(count(std::to_string(pack_list_max)) == pack_list_max);
  CHECK(count(std::to_string(pack_list_max + 1)) == -1);
}

TEST_CASE("lengths of time") {
  const auto s = [](std::int64_t n) { return std::optional(TimeSpan{0, n}); };
  CHECK(span_from("0m") == s(0));
  CHECK(span_from("90s") == s(90));
  CHECK(span_from("10m") == s(600));
  CHECK(span_from("18h") == s(64'800));
  CHECK(span_from("3d") == std::optional(TimeSpan::of_days(3)));
  CHECK(span_from("4000d") == std::optional(TimeSpan::of_days(4000)));
  CHECK(span_from("96000h") == s(345'600'000));
  CHECK(span_from("345600000s") == s(345'600'000));
  for (const char* bad : {"", "m", "5", "xm", "1xm", "-5m", "1.5h", "3w", "4001d", "96001h",
                          "345600001s", "99999999999999999999m"}) {
    CAPTURE(bad);
    CHECK_FALSE(span_from(bad));
  }
  CHECK(to_text(TimeSpan{}) == "0m");
  CHECK(to_text(TimeSpan::of_days(2)) == "2d");
  CHECK(to_text(TimeSpan{0, 3600}) == "1h");
  CHECK(to_text(TimeSpan{0, 5400}) == "90m");
  CHECK(to_text(TimeSpan{0, 61}) == "61s");
}

TEST_CASE("delays of a step") {
  struct Row {
    const char* text;
    Clock clock;
    std::int64_t s;
    int days;
  };
  const Row rows[] = {{"15m", Clock::elapsed, 900, 0},
                      {"24h", Clock::elapsed, 86'400, 0},
                      {"2d", Clock::elapsed, 172'800, 0},
                      {"1 working hour", Clock::working_hours, 3600, 0},
                      {"4 working hours", Clock::working_hours, 14'400, 0},
                      {"4000 working hours", Clock::working_hours, 14'400'000, 0},
                      {"1 working day", Clock::working_days, 0, 1},
                      {"4000 working days", Clock::working_days, 0, 4000}};
  for (const Row& row : rows) {
    CAPTURE(row.text);
    Step step;
    REQUIRE(set_after(step, row.text));
    CHECK(step.clock == row.clock);
    CHECK(step.after_s == row.s);
    CHECK(step.after_days == row.days);
    CHECK_FALSE(step.at_once());
  }
  for (const char* bad : {"", "0m", "soon", "0 working hours", "0 working days",
                          "4001 working hours", "4001 working days", "x working hours",
                          "x working days", "4 hours", "-1 working days", "4 working weeks"}) {
    CAPTURE(bad);
    Step step;
    const auto done = set_after(step, bad);
    REQUIRE(!done);
    CHECK(done.error().code == "bad_after");
    CHECK(step.at_once());
  }
}

namespace {

State streak() {
  Rule r;
  r.id = r.key = "test";
  r.when.n = 5;
  r.clear.line = Line{Test::at_least, Decimal::of(5)};
  return begin(std::make_shared<const Rule>(std::move(r)), Instant::min(), Zone::utc());
}

Event said(const char* id, const char* text, std::optional<int> value) {
  Inbound in;
  in.id = id;
  in.at = *from_iso("2026-03-02T18:00:00Z");
  in.text_key = text;
  if (value) in.value = Decimal::of(*value);
  return {in.at, in};
}

}  // namespace

TEST_CASE("without a provider's id, sender, time and text tell texts apart") {
  State state = streak();
  const auto slots_after = [&](const Event& e) {
    step(state, e);
    return state.slots.size();
  };
  CHECK(slots_after(said("", "3", 3)) == 1);
  CHECK(slots_after(said("", "3", 3)) == 1);      // the same again
  CHECK(slots_after(said("", "three", 3)) == 2);  // other words
  CHECK(slots_after(said("", "", 3)) == 2);       // no words: its value
  CHECK(slots_after(said("", "", 4)) == 3);
  CHECK(slots_after(said("", "", std::nullopt)) == 3);
  CHECK(slots_after(said("x", "3", 3)) == 4);
}

TEST_CASE("UNDO takes back what came in one text, and no other") {
  State state = streak();
  for (const char* id : {"i1", "i1.d1", "i12", "i2"}) step(state, said(id, "", 3));
  REQUIRE(state.slots.size() == 4);
  const Instant at = *from_iso("2026-03-02T18:00:00Z");
  step(state, {at, Undo{"i1", at}});
  REQUIRE(state.slots.size() == 2);
  CHECK(state.slots[0].id == "i12");
  CHECK(state.slots[1].id == "i2");
}

TEST_CASE("a state asks for the rules that it names, and for no other") {
  std::vector<std::string> asked;
  const RuleSource source = [&](std::string_view key) {
    asked.emplace_back(key);
    Rule r;
    r.key = key;
    return std::make_shared<const Rule>(std::move(r));
  };
  REQUIRE(state_from_text(to_text(State{}), source));
  CHECK(asked.empty());
  const std::string text = to_text(streak());
  REQUIRE(state_from_text(text, source));
  CHECK(asked == std::vector<std::string>{"test", "test"});
  asked.clear();
  for (std::size_t n = 0; n < text.size(); ++n) {
    const auto half = state_from_text(text.substr(0, n), source);
    REQUIRE(!half);
    CHECK(half.error().code != "unknown_rule");
  }
  for (const std::string& key : asked) CHECK(key == "test");
  CHECK(state_from_text(text, [](std::string_view) { return RulePtr(); }).error().code ==
        "unknown_rule");
}

TEST_CASE("the same rule: the same object, or the same key") {
  const auto make = [](const char* key) {
    Rule r;
    r.key = key;
    return std::make_shared<const Rule>(std::move(r));
  };
  const RulePtr a = make("");
  const RulePtr b = make("x@1");
  CHECK(same_rule(a, a));
  CHECK(same_rule(b, b));
  CHECK(same_rule(b, make("x@1")));
  CHECK_FALSE(same_rule(a, make("")));
  CHECK_FALSE(same_rule(b, make("x@2")));
  CHECK_FALSE(same_rule(b, nullptr));
  CHECK_FALSE(same_rule(nullptr, b));
}
