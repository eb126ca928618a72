// Random rules and logs from a seed: everything a person, a network and an admin may do.
#pragma once
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "rules/engine/edits.hpp"
#include "rules/engine/engine.hpp"

namespace moodline::rules::testing {

struct RandomCase {
  RulePtr rule;
  std::optional<Instant> agreed_at;
  Zone zone = Zone::utc();
  std::vector<Event> log;
  Instant until;
  std::map<std::string, RulePtr, std::less<>> versions;
};

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  RandomCase make(Kind kind) {
    RandomCase c;
    static const char* zones[] = {"Europe/London", "America/New_York", "Asia/Kathmandu",
                                  "Australia/Lord_Howe", "UTC"};
    c.zone = *Zone::find(zones[below(5)]);
    c.rule = version(c, random_rule(kind));
    const LocalDate first = date_of(2026, 2 + below(9), 1 + below(25));
    const int days = 20 + below(60);
    c.agreed_at = Instant::min();
    if (chance(30)) {
      c.agreed_at.reset();
      if (chance(85)) c.log.push_back({at(c, first + below(20), below(86'400)), Agree{}});
    }
    for (int d = 0; d < days; ++d) add_day(c, first + d);
    add_controls(c, first, days);
    std::stable_sort(c.log.begin(), c.log.end(),
                     [](const Event& a, const Event& b) { return a.learned < b.learned; });
    c.until = at(c, first + days + 30, 0);
    return c;
  }

  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint32_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }

 private:
  static Instant at(const RandomCase& c, LocalDate d, int s) {
    return c.zone.resolve_or_next(d, TimeOfDay{s});
  }

  static RulePtr version(RandomCase& c, Rule rule) {
    rule.version = static_cast<int>(c.versions.size()) + 1;
    rule.key = "r@" + std::to_string(rule.version);
    auto made = std::make_shared<const Rule>(std::move(rule));
    c.versions[made->key] = made;
    return made;
  }

  Rule random_rule(Kind kind) {
    Rule r;
    r.id = "r";
    r.measure = "mood";
    Condition& c = r.when;
    c.kind = kind;
    const bool high = chance(20);
    c.line = high ? rules::Line{chance(50) ? Test::above : Test::at_least, Decimal::of(6)}
                  : rules::Line{chance(70) ? Test::below : Test::at_most, Decimal::of(4)};
    c.n = 1 + below(4);
    c.m = c.n + below(5);
    c.days = 2 + below(7);
    c.min_days = 1 + below(c.days);
    c.amount = Decimal::of(1 + below(2));
    c.baseline = 5 + below(15);
    c.gap = below(6);
    c.recent = 1 + below(4);
    c.min_baseline = 1 + below(c.baseline);
    c.min_recent = 1 + below(c.recent);
    c.prompts = 1 + below(4);
    if (kind == Kind::silence && chance(40)) {
      c.prompts = 0;
      c.hours = TimeSpan::of_hours(20 + below(100));
    }
    c.list = "safety";
    if (chance(70)) c.every = static_cast<Weekday>(below(7));
    c.at = TimeOfDay::hm(below(24), below(60));
    r.clear.line = high ? rules::Line{Test::at_most, Decimal::of(4)}
                        : rules::Line{Test::at_least, Decimal::of(5)};
    r.clear.n = 1 + below(3);
    r.clear.within = Decimal::of(c.amount.micro > Decimal::one ? 1 : 0);
    r.per_day = static_cast<PerDay>(below(5));
    r.decide = chance(35) ? Decide::day_end : Decide::reply;
    r.unit =
        chance(25) && (kind == Kind::streak || kind == Kind::n_of_m) ? Unit::prompt : Unit::day;
    r.missing = chance(30) ? Missing::brk : Missing::skip;
    r.max_gap = below(3);
    r.max_excluded = below(4);
    r.reply_window = TimeSpan::of_hours(chance(20) ? 60 : 6 + below(18));
    r.settle = chance(50)   ? TimeSpan{}
               : chance(50) ? TimeSpan::of_minutes(10)
                            : TimeSpan::of_hours(30);
    r.stale = chance(50) ? TimeSpan::of_days(2 + below(10)) : TimeSpan::of_days(14);
    r.late_limit = chance(50) ? TimeSpan::of_days(3) : TimeSpan::of_days(14);
    r.low_mark = chance(50);
    r.use_history = chance(20);
    r.urgent = kind == Kind::phrase;
    if (r.urgent) r.settle = {};
    return r;
  }

  PromptStatus status() {
    static const PromptStatus list[] = {PromptStatus::undelivered, PromptStatus::not_sent,
                                        PromptStatus::paused,      PromptStatus::held,
                                        PromptStatus::unknown,     PromptStatus::accepted};
    return chance(75) ? PromptStatus::sent : list[below(6)];
  }

  void add_prompt(RandomCase& c, LocalDate day, int s) {
    const std::string id = "p" + std::to_string(++count_);
    const Instant when = at(c, day, s);
    c.log.push_back({when, PromptEvent{id, when, status()}});
    if (chance(15)) {  // a receipt or a failure, learned later
      const Instant learned = when + std::chrono::minutes{1 + below(chance(10) ? 30'000 : 600)};
      const PromptStatus then = chance(50) ? PromptStatus::undelivered : PromptStatus::delivered;
      c.log.push_back({learned, PromptEvent{id, when, then}});
    }
  }

  void add_text(RandomCase& c, Instant when, LocalDate day) {
    Inbound t;
    t.at = when;
    t.id = "t" + std::to_string(1000 + ++count_);
    if (chance(85))
      t.value = Decimal{(calm_ ? 5 + below(4) : below(6)) * Decimal::one +
                        (chance(20) ? Decimal::one / 2 : 0)};
    else if (chance(40))
      t.low = true;
    if (chance(12)) t.corrects = true;
    if (chance(6)) t.for_day = day - below(4);
    if (chance(8)) t.lists.emplace_back("safety");
    Instant learned = when;
    if (chance(15)) learned = when + std::chrono::minutes{below(chance(20) ? 40'000 : 2'000)};
    c.log.push_back({learned, t});
    if (chance(5)) c.log.push_back({learned + std::chrono::minutes{below(3'000)}, t});
    if (chance(6)) {  // taken back
      const auto later = std::chrono::minutes{1 + below(chance(20) ? 40'000 : 2'000)};
      c.log.push_back({learned + later, Undo{t.id, t.at}});
    }
  }

  void add_day(RandomCase& c, LocalDate day) {
    if (chance(8)) calm_ = !calm_;
    if (chance(4)) quiet_ = 1 + below(15);
    if (chance(85)) add_prompt(c, day, 9 * 3600);
    if (chance(30)) add_prompt(c, day, 19 * 3600);
    if (quiet_ > 0) {
      --quiet_;
      return;
    }
    const int texts = chance(70) ? 1 : below(4);
    for (int i = 0; i < texts; ++i) {
      const int s = chance(80) ? 9 * 3600 + below(15 * 3600) : below(86'400);
      add_text(c, at(c, day, s), day);
    }
  }

  What control(RandomCase& c) {
    switch (below(10)) {
      case 0:
        return Stop{};
      case 1:
      case 2:
      case 3:
        return Agree{};
      case 4:
        return Done{};
      case 5:
        return ClockJump{};
      case 6:
        return ClockOk{};
      case 7:
        return Disagree{};
      default: {
        Rule r = *c.versions.rbegin()->second;
        if (chance(60)) {
          r.when.n += 1;
          r.when.m += chance(50) ? 1 : 0;
        }
        if (chance(30)) r.when.line.value = Decimal::of(3 + below(3));
        if (chance(30)) r.settle = TimeSpan::of_minutes(below(90));
        if (chance(20)) r.max_gap = below(3);
        return Edit{version(c, r), chance(50)};
      }
    }
  }

  void add_controls(RandomCase& c, LocalDate first, int days) {
    const int n = chance(50) ? 0 : below(5);
    for (int i = 0; i < n; ++i) {
      c.log.push_back({at(c, first + below(days), below(86'400)), control(c)});
    }
  }

  std::mt19937 random_;
  int count_ = 0;
  int quiet_ = 0;
  bool calm_ = true;
};

}  // namespace moodline::rules::testing
