// What `explain` shows an admin: each day as it counts, and the arithmetic of each kind.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rules/engine/engine.hpp"

using namespace moodline;
using namespace moodline::rules;

namespace {

Rule rule_of(Kind kind) {
  Rule r;
  r.id = r.key = "test";
  r.when.kind = kind;
  r.when.line = {Test::at_most, Decimal::of(3)};
  r.clear.line = Line{Test::at_least, Decimal::of(5)};
  r.settle = {};
  return r;
}

Instant day(int n, int hour) {
  return *from_iso("2026-03-01T00:00:00Z") + std::chrono::hours{24 * n + hour};
}

class Life {
 public:
  explicit Life(Rule rule)
      : state_(begin(std::make_shared<const Rule>(std::move(rule)), Instant::min(), Zone::utc())) {}
  Life& ask(int n, PromptStatus status = PromptStatus::delivered) {
    step(state_, {day(n, 18), PromptEvent{"p" + std::to_string(n), day(n, 18), status}});
    return *this;
  }
  Life& say(int n, const char* value) {
    Inbound text;
    text.id = "r" + std::to_string(n);
    text.at = day(n, 19);
    text.value = decimal_from(value);
    step(state_, {text.at, text});
    return *this;
  }
  Life& each_day(const std::vector<const char*>& values) {
    for (std::size_t n = 0; n < values.size(); ++n) {
      ask(static_cast<int>(n)).say(static_cast<int>(n), values[n]);
    }
    return *this;
  }
  Life& until(Instant t) {
    advance(state_, t);
    return *this;
  }
  [[nodiscard]] Explained explained() const { return explain(state_); }
  [[nodiscard]] std::string arithmetic() const { return explained().arithmetic; }
  State& state() { return state_; }

 private:
  State state_;
};

std::string items(const Explained& e) {
  std::string out;
  for (const auto& item : e.items) {
    out += to_iso(item.day).substr(8) + " " + item.shown + (item.hit ? " hit; " : "; ");
  }
  return out;
}

}  // namespace

TEST_CASE("a streak: each day as it counts, and how many of how many") {
  Rule rule = rule_of(Kind::streak);
  rule.when.n = 3;
  Life life(rule);
  life.ask(0).say(0, "5").ask(1).say(1, "3").ask(2, PromptStatus::not_sent).ask(3);
  life.until(day(4, 13)).ask(4).say(4, "2.5").ask(5);
  const Explained e = life.explained();
  CHECK(items(e) ==
        "01 5; 02 3 hit; 03 not asked or not delivered; 04 missed; 05 2.5 hit; 06 still open; ");
  CHECK(e.arithmetic == "2 days running at most 3; 3 are needed");
  CHECK_FALSE(e.holds);
  CHECK_FALSE(e.open_alert);
  // Time alone: the last window closes, though no text came since.
  CHECK(items(life.until(day(6, 12)).explained()).ends_with("06 missed; "));
  const Explained fired = life.ask(6).say(6, "1").explained();
  CHECK(fired.holds);
  CHECK(fired.open_alert == 1);
  CHECK(fired.fired_at == day(6, 19));
}

TEST_CASE("days of an episode that is over are no hits any more") {
  Rule rule = rule_of(Kind::streak);
  rule.when.n = 1;
  rule.unit = Unit::prompt;
  Life life(rule);
  life.each_day({"3", "6"});
  CHECK(items(life.explained()) == "01 3; 02 6; ");
  CHECK(life.arithmetic() == "0 prompts running at most 3; 1 are needed");
}

TEST_CASE("the day on which an alert cleared is used up, a low one after it is a hit") {
  Rule rule = rule_of(Kind::n_of_m);
  rule.when.n = 2;
  rule.when.m = 4;
  Life life(rule);
  life.each_day({"3", "3", "6", "2"});
  const Explained e = life.explained();
  CHECK(items(e) == "01 3; 02 3; 03 6; 04 2 hit; ");
  CHECK(e.arithmetic == "1 of the last 4 days at most 3; 2 are needed");
  // The clearing day itself, changed to a low value afterwards, stays used.
  Inbound text;
  text.id = "c";
  text.at = day(2, 20);
  text.value = Decimal::of(1);
  text.corrects = true;
  step(life.state(), {day(3, 20), text});
  CHECK(items(life.explained()) == "01 3; 02 3; 03 1; 04 2 hit; ");
  CHECK(life.arithmetic() == "1 of the last 4 days at most 3; 2 are needed");
}

TEST_CASE("windows: means and medians, exact or about") {
  Rule average = rule_of(Kind::average);
  average.when.days = 3;
  average.when.min_days = 2;
  Life mean(average);
  CHECK(mean.ask(0).arithmetic() == "no reading yet");
  CHECK(mean.say(0, "9").arithmetic() == "mean of 3 days: too little data; the line is at most 3");
  mean.ask(1).say(1, "4").ask(2).say(2, "5").ask(3).say(3, "5");
  CHECK(mean.arithmetic() == "mean of 3 days: about 4.66; the line is at most 3");
  CHECK(items(mean.explained()) == "01 9; 02 4; 03 5; 04 5; ");
  Rule rise = rule_of(Kind::rise);
  rise.when.days = 2;
  rise.when.min_days = 2;
  rise.when.amount = Decimal::of(2);
  CHECK(Life(rise).each_day({"9", "4", "5", "5", "6"}).arithmetic() ==
        "mean of the last 2 days: 5.5; of the 2 before: 4.5; a rise of 2 acts");
  Rule drop = rule_of(Kind::baseline_drop);
  drop.when.baseline = 3;
  drop.when.gap = 1;
  drop.when.recent = 2;
  drop.when.min_baseline = 3;
  drop.when.min_recent = 1;
  drop.when.amount = Decimal::of(2);
  drop.clear.within = Decimal::of(1);
  CHECK(Life(drop).each_day({"9", "7", "8", "6"}).arithmetic() ==
        "usual (median): 8; mean of the last 2 days: 7; a drop of 2 acts");
  CHECK(Life(drop).each_day({"9", "7"}).arithmetic() ==
        "usual (median): not ready; mean of the last 2 days: 8; a drop of 2 acts");
}

TEST_CASE("questions: unanswered, undelivered, by the hour") {
  Rule silence = rule_of(Kind::silence);
  silence.when.prompts = 3;
  Life quiet(silence);
  quiet.ask(0).ask(1).ask(2).until(day(3, 11));
  CHECK(quiet.arithmetic() == "2 prompts in a row unanswered; 3 are needed");
  CHECK_FALSE(quiet.explained().holds);
  CHECK(quiet.until(day(3, 12)).explained().holds);
  CHECK(quiet.explained().items.empty());
  Rule failed = rule_of(Kind::undelivered);
  failed.when.prompts = 2;
  Life lost(failed);
  lost.ask(0, PromptStatus::undelivered);
  CHECK(lost.arithmetic() == "1 prompts in a row undelivered; 2 are needed");
  CHECK(lost.explained().items.empty());
  Rule hours = rule_of(Kind::silence);
  hours.when.hours = TimeSpan::of_hours(72);
  CHECK(Life(hours).ask(0).arithmetic() == "72 hours without a text after a prompt act");
}

TEST_CASE("without a yes there is nothing to show") {
  State state =
      begin(std::make_shared<const Rule>(rule_of(Kind::streak)), std::nullopt, Zone::utc());
  CHECK(explain(state).arithmetic == "not agreed: this rule looks at nothing");
  Life phrase(rule_of(Kind::phrase));
  CHECK(phrase.explained().items.empty());
  CHECK(phrase.arithmetic().empty());
}
