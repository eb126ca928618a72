// What several things learned at one instant come to, and what is not kept.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rules/engine/engine.hpp"

using namespace moodline;
using namespace moodline::rules;

namespace {

State state_of(Kind kind) {
  Rule r;
  r.id = r.key = "test";
  r.when.kind = kind;
  r.when.n = 2;
  r.when.prompts = 3;
  r.clear.line = Line{Test::at_least, Decimal::of(5)};
  return begin(std::make_shared<const Rule>(std::move(r)), Instant::min(), Zone::utc());
}

const Instant six = *from_iso("2026-03-02T18:00:00Z");
const Instant minute_past = *from_iso("2026-03-02T18:01:00Z");

}  // namespace

TEST_CASE("what became of a question, learned in one instant, is taken by its own time") {
  State state = state_of(Kind::streak);
  const std::vector<Event> together{
      {minute_past, PromptEvent{"p", minute_past, PromptStatus::sent}},
      {minute_past, PromptEvent{"p", six, PromptStatus::due}}};
  step(state, together, minute_past);
  REQUIRE(state.prompts.size() == 1);
  CHECK(state.prompts[0].at == minute_past);
  CHECK(state.prompts[0].status == PromptStatus::sent);
  const std::vector<Event> receipts{
      {minute_past, PromptEvent{"p", minute_past, PromptStatus::accepted}},
      {minute_past, PromptEvent{"p", minute_past, PromptStatus::delivered}}};
  step(state, receipts, minute_past);
  REQUIRE(state.prompts.size() == 1);
  CHECK(state.prompts[0].status == PromptStatus::delivered);
}

TEST_CASE("a rule that does not look at readings keeps none") {
  for (const auto& [kind, kept] : {std::pair{Kind::silence, 0U}, std::pair{Kind::streak, 1U}}) {
    State state = state_of(kind);
    Inbound text;
    text.id = "r";
    text.at = six;
    text.value = Decimal::of(3);
    step(state, {six, text});
    CHECK(state.slots.size() == kept);
    CHECK(state.last_contact == six);
  }
}

TEST_CASE("a rule of words or of the calendar keeps no questions") {
  for (const auto& [kind, kept] :
       {std::pair{Kind::phrase, 0U}, std::pair{Kind::schedule, 0U}, std::pair{Kind::silence, 1U}}) {
    State state = state_of(kind);
    step(state, {six, PromptEvent{"p", six, PromptStatus::delivered}});
    CHECK(state.prompts.size() == kept);
  }
}

TEST_CASE("two events are one where type, instant, alert and reason are") {
  const Emitted event{EmitType::close, six, 1, nullptr, {}, "stop"};
  CHECK(event == Emitted{event});
  Emitted other = event;
  other.type = EmitType::fire;
  CHECK_FALSE(event == other);
  other = event;
  other.at = minute_past;
  CHECK_FALSE(event == other);
  other = event;
  other.alert = 2;
  CHECK_FALSE(event == other);
  other = event;
  other.reason = "done";
  CHECK_FALSE(event == other);
}
