// What a state keeps of a long life: enough to say what the oracle says, and not a row more than it
// did.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "rules/engine/engine.hpp"

using namespace moodline;
using namespace moodline::rules;

namespace {

constexpr int life_days = 110;

Rule rule_of(Kind kind) {
  Rule r;
  r.id = "test";
  r.key = "test@1";
  r.when.kind = kind;
  r.when.line = {Test::below, Decimal::of(4)};
  r.when.n = 2;
  r.clear.line = Line{Test::at_least, Decimal::of(5)};
  r.clear.n = 2;
  // Whole days: rows fall to the very edges of what is kept.
  r.reply_window = TimeSpan::of_hours(24);
  return r;
}

Instant at(int day, int hour, int minute = 0) {
  return *from_iso("2026-01-01T00:00:00Z") +
         std::chrono::minutes{(day * 24 + hour) * std::int64_t{60} + minute};
}

struct Life {
  std::vector<Event> log;

  void ask(int day, int hour, PromptStatus status) {
    const Instant t = at(day, hour);
    log.push_back({t, PromptEvent{"p" + std::to_string(log.size()), t, status}});
  }
  void say(Instant stamp, int value, Instant learned, bool corrects = false) {
    Inbound text;
    text.id = "r" + std::to_string(log.size());
    text.at = stamp;
    text.value = Decimal::of(value);
    text.corrects = corrects;
    log.push_back({learned, text});
  }
};

// Low days in pairs, missed and unsent ones, two questions on some days, corrections after an hour
// and after a week, texts that come a week late, a reading outside every window, a month without
// anything.
Life life(int days = life_days) {
  Life out;
  for (int d = 0; d < days; ++d) {
    if (d >= 60 && d < 90) continue;
    const bool sent = d % 9 != 4;
    out.ask(d, 18, sent ? PromptStatus::sent : PromptStatus::not_sent);
    if (sent && d % 7 != 3) {
      out.say(at(d, 18, 5), d % 5 < 2 ? 3 : 6, at(d, 18, 5));
      if (d % 6 == 1) out.say(at(d, 19), 4, at(d, 19), true);
      if (d % 8 == 5) out.say(at(d, 18, 5), 5, at(d + 7, 18), true);
    } else if (d % 2 == 0) {
      out.say(at(d, 18, 30), 3, at(d + 7, 18));
    }
    if (d % 10 == 0) out.ask(d, 21, PromptStatus::sent);
  }
  std::stable_sort(out.log.begin(), out.log.end(),
                   [](const Event& a, const Event& b) { return a.learned < b.learned; });
  return out;
}

struct Kept {
  std::int64_t rows = 0;   // kept, summed over every step
  std::int64_t bytes = 0;  // of the stored text, summed
  std::string said;
};

std::string shown(const Emitted& e) {
  return std::string(name_of(e.type)) + " " + to_iso(e.at) + "\n";
}

Kept live(const Rule& rule, const Life& life, const RulePtr& waiting = nullptr) {
  Kept out;
  const auto first = std::make_shared<const Rule>(rule);
  State state = begin(first, Instant::min(), Zone::utc());
  if (waiting) step(state, {life.log.front().learned, Edit{waiting, false}});
  for (std::size_t i = 0; i < life.log.size();) {
    std::size_t end = i;
    while (end < life.log.size() && life.log[end].learned == life.log[i].learned) ++end;
    const Instant now = life.log[i].learned;
    for (const Emitted& e : step(state, std::span(life.log).subspan(i, end - i), now).emitted) {
      if (e.type != EmitType::unstale) out.said += shown(e);
    }
    out.rows += static_cast<std::int64_t>(state.slots.size() + state.prompts.size() +
                                          state.gaps.size() + state.corrections.size());
    out.bytes += static_cast<std::int64_t>(to_text(state).size());
    i = end;
  }
  return out;
}

std::string oracle_says(const Rule& rule, const Life& life) {
  std::string out;
  const Instant last = life.log.back().learned;
  for (const Emitted& e : evaluate_from_scratch(std::make_shared<const Rule>(rule), Instant::min(),
                                                Zone::utc(), life.log, last)) {
    if (e.type != EmitType::unstale) out += shown(e);
  }
  return out;
}

std::map<std::string, Rule> every_rule() {
  std::map<std::string, Rule> all;
  all["streak"] = rule_of(Kind::streak);
  all["streak, break"] = rule_of(Kind::streak);
  all["streak, break"].missing = Missing::brk;
  all["streak by day end"] = rule_of(Kind::streak);
  all["streak by day end"].decide = Decide::day_end;
  all["long streak"] = rule_of(Kind::streak);
  all["long streak"].when.n = 20;
  all["long streak"].when.line.value = Decimal::of(9);
  all["long streak"].max_gap = 2;
  all["streak by question"] = rule_of(Kind::streak);
  all["streak by question"].unit = Unit::prompt;
  all["hits by question"] = rule_of(Kind::n_of_m);
  all["hits by question"].unit = Unit::prompt;
  all["hits by question"].when.n = 3;
  all["hits by question"].when.m = 40;
  all["hits"] = rule_of(Kind::n_of_m);
  all["hits"].when.n = 3;
  all["hits"].when.m = 30;
  all["average"] = rule_of(Kind::average);
  all["average"].when.days = 28;
  all["average"].when.min_days = 4;
  all["drop"] = rule_of(Kind::baseline_drop);
  all["drop"].when.baseline = 28;
  all["drop"].when.gap = 3;
  all["drop"].when.recent = 3;
  all["drop"].when.min_baseline = 5;
  all["drop"].when.min_recent = 1;
  all["drop"].when.amount = Decimal::of(2);
  all["drop"].clear.within = Decimal::of(1);
  all["silence"] = rule_of(Kind::silence);
  all["silence"].when.prompts = 2;
  all["undelivered"] = rule_of(Kind::undelivered);
  all["undelivered"].when.prompts = 2;
  return all;
}

}  // namespace

TEST_CASE("a long life is judged as by the oracle, from what is kept") {
  for (const auto& [name, rule] : every_rule()) {
    CAPTURE(name);
    const Life log = life();
    const Kept kept = live(rule, log);
    CHECK(kept.said == oracle_says(rule, log));
  }
}

// A row more or less at any one step changes these sums. Where pruning is changed on purpose, so
// are they.
TEST_CASE("what is kept of a long life, to the row and the byte") {
  struct Row {
    const char* name;
    std::int64_t rows;
    std::int64_t bytes;
  };
  const Row table[] = {
      {"average", 7790, 423906},
      {"drop", 8040, 355099},
      {"hits", 8075, 408572},
      {"hits by question", 9269, 519720},
      {"long streak", 9676, 443016},
      {"silence", 2895, 120165},
      {"streak", 7081, 326874},
      {"streak by day end", 7165, 333021},
      {"streak by question", 7026, 336957},
      {"streak, break", 6228, 293538},
      {"undelivered", 3967, 149476},
  };
  const auto all = every_rule();
  CHECK(all.size() == std::size(table));
  for (const Row& row : table) {
    CAPTURE(row.name);
    const Kept kept = live(all.at(row.name), life());
    CHECK(kept.rows == row.rows);
    CHECK(kept.bytes == row.bytes);
  }
}

// What waits for a yes and would count what came before keeps what it needs; nothing else that
// waits does.
TEST_CASE("what is kept for a version that waits") {
  const Rule rule = every_rule().at("streak");
  Rule wider = rule;
  wider.key = "test@2";
  wider.version = 2;
  wider.when.n = 1;
  wider.when.kind = Kind::n_of_m;
  wider.when.m = 60;
  const auto rows = [&](const Rule& waiting) {
    return live(rule, life(), std::make_shared<const Rule>(waiting)).rows;
  };
  CHECK(rows(wider) == 7081);
  wider.use_history = true;
  CHECK(rows(wider) == 9335);
  wider.late_limit = TimeSpan::of_days(30);
  CHECK(rows(wider) == 9805);
  wider.key = rule.key;
  CHECK(rows(wider) == 8688);
}

// Silence by the hour counts from the first question after the last contact, however long ago.
TEST_CASE("a long silence keeps the question that it counts from, and few others") {
  Rule rule = rule_of(Kind::silence);
  rule.when.prompts = 0;
  rule.when.hours = TimeSpan::of_hours(24 * 90);
  const auto silent = [&](Instant agreed, Instant contact) {
    Life log;
    for (int d = 0; d < 120; ++d) log.ask(d, 18, PromptStatus::sent);
    log.say(contact, 6, contact);
    std::stable_sort(log.log.begin(), log.log.end(),
                     [](const Event& a, const Event& b) { return a.learned < b.learned; });
    const auto first = std::make_shared<const Rule>(rule);
    State state = begin(first, agreed, Zone::utc());
    std::string said;
    std::size_t most = 0;
    for (const Event& e : log.log) {
      for (const Emitted& what : step(state, e).emitted) said += shown(what);
      most = std::max(most, state.prompts.size());
    }
    std::string oracle;
    for (const Emitted& what :
         evaluate_from_scratch(first, agreed, Zone::utc(), log.log, log.log.back().learned)) {
      oracle += shown(what);
    }
    CHECK(said == oracle);
    CHECK(most < 50);
    return said;
  };
  // A text in the very instant of a question ends the silence up to there, that question included.
  CHECK(silent(Instant::min(), at(0, 18)) == "fire " + to_iso(at(91, 18, 10)) + "\n");
  // A question in the very instant of the yes counts, one before it does not.
  CHECK(silent(at(0, 18), at(0, 17)) == "fire " + to_iso(at(90, 18, 10)) + "\n");
  CHECK(silent(at(1, 18), at(0, 17)) == "fire " + to_iso(at(91, 18, 10)) + "\n");
}

// Three unsent days, a missed one and three more are bridged; the fourth behind them is what says
// that this gap cannot be.
TEST_CASE("of the days behind the newest reading as many stay as tell a gap too long") {
  for (const int unsent : {3, 4}) {
    CAPTURE(unsent);
    Life log;
    const Rule rule = rule_of(Kind::streak);
    log.ask(0, 18, PromptStatus::sent);
    log.say(at(0, 18, 5), 3, at(0, 18, 5));
    for (int d = 1; d < 5 + unsent; ++d) {
      log.ask(d, 18, d == 4 ? PromptStatus::sent : PromptStatus::not_sent);
    }
    log.ask(60, 18, PromptStatus::sent);
    log.say(at(60, 18, 5), 3, at(60, 18, 5));
    log.ask(61, 18, PromptStatus::sent);
    const std::string said = live(rule, log).said;
    CHECK(said == oracle_says(rule, log));
    CHECK(said == (unsent == 3 ? "fire " + to_iso(at(60, 18, 15)) + "\n" : ""));
  }
}

// Somebody who moves round the world and back may be asked for the days 10, 9 and 10.
TEST_CASE("missed days become gaps in their order, each once, in whatever order they were asked") {
  Rule rule = rule_of(Kind::streak);
  rule.when.n = 40;
  State state =
      begin(std::make_shared<const Rule>(rule), Instant::min(), *Zone::find("Pacific/Kiritimati"));
  const auto learn = [&](Instant t, auto what) { step(state, {t, std::move(what)}); };
  const auto ask = [&](const char* id, Instant t) {
    learn(t, PromptEvent{id, t, PromptStatus::sent});
  };
  const Instant first = at(10, 0);
  ask("old", at(3, 0));
  Inbound low;
  low.id = "low";
  low.at = at(3, 0, 5);
  low.value = Decimal::of(3);
  learn(low.at, low);
  ask("a", first);
  learn(first + Millis{1000}, MoveZone{*Zone::find("Pacific/Pago_Pago")});
  ask("b", first + Millis{2000});
  learn(first + Millis{3000}, MoveZone{*Zone::find("Pacific/Kiritimati")});
  ask("c", first + Millis{4000});
  // Between the first and the second of them lies what is final by now: late limit, the window
  // twice and three days ago.
  ask("d", first + std::chrono::hours{24 * 19} + Millis{1000});
  REQUIRE(state.gaps.size() == 1);
  for (int d = 36; d < 60; ++d) ask(("e" + std::to_string(d)).c_str(), at(d, 0));
  std::vector<std::int64_t> days;
  for (const FrozenGap& gap : state.gaps) days.push_back(gap.cell.order);
  CHECK(std::is_sorted(days.begin(), days.end()));
  CHECK(std::adjacent_find(days.begin(), days.end()) == days.end());
  CHECK(std::find(days.begin(), days.end(), date_of(2026, 1, 10).days) != days.end());
  CHECK(std::find(days.begin(), days.end(), date_of(2026, 1, 11).days) != days.end());
}

// Readings alone, outside every window: pruned a week after they have become final, not before.
TEST_CASE("readings without questions are settled too") {
  Life log;
  for (int d = 0; d < 40; ++d) log.say(at(d, 18), 6, at(d, 18));
  log.ask(20, 12, PromptStatus::sent);
  std::stable_sort(log.log.begin(), log.log.end(),
                   [](const Event& a, const Event& b) { return a.learned < b.learned; });
  State state =
      begin(std::make_shared<const Rule>(rule_of(Kind::streak)), Instant::min(), Zone::utc());
  // The late limit, the window, three days and a week after the first, at that very moment.
  const Instant whole = at(14 + 1 + 3 + 7, 18);
  for (const Event& e : log.log) {
    step(state, e);
    const bool any = std::any_of(state.slots.begin(), state.slots.end(),
                                 [](const Slot& slot) { return slot.fixed; });
    CAPTURE(to_iso(e.learned));
    CHECK(any == (e.learned > whole));
  }
}

// The cost of a step is that of the rows it looks at: a second year keeps no more than the first.
TEST_CASE("what is kept does not grow with the length of a life") {
  const Life log = life(730);
  for (const auto& [name, rule] : every_rule()) {
    CAPTURE(name);
    State state = begin(std::make_shared<const Rule>(rule), Instant::min(), Zone::utc());
    std::size_t most[2] = {0, 0};
    for (const Event& e : log.log) {
      step(state, e);
      const auto rows = state.slots.size() + state.prompts.size() + state.gaps.size() +
                        state.corrections.size() + state.left_out.size() + state.words_seen.size();
      std::size_t& year = most[e.learned < at(365, 0) ? 0 : 1];
      year = std::max(year, rows);
    }
    CHECK(most[1] > 0);
    CHECK(most[1] <= most[0] + 2);  // the rhythms of a year do not all end with it
  }
}
