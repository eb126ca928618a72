// Plan and backtest: what an admin asks before a change goes live.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "config/backtest.hpp"
#include "config/load.hpp"
#include "config/plan.hpp"
#include "config/resolve.hpp"

using namespace moodline;
using namespace moodline::config;
namespace fs = std::filesystem;

namespace {
using Files = std::map<std::string, std::string>;
const Registries all{{{"simulated", {}, true, false, true}}};

Files sample_files() {
  Files files;
  const fs::path dir = fs::path(MOODLINE_SOURCE_DIR) / "config/sample";
  for (const auto& e : fs::recursive_directory_iterator(dir)) {
    if (e.path().extension() != ".yaml") continue;
    std::ifstream in(e.path(), std::ios::binary);
    files[fs::relative(e.path(), dir).generic_string()].assign(std::istreambuf_iterator<char>(in),
                                                               {});
  }
  return files;
}

std::shared_ptr<const Service> changed(const std::string& file, const std::string& from,
                                       const std::string& to) {
  Files files = sample_files();
  if (!file.empty()) {
    const auto at = files[file].find(from);
    REQUIRE(at != std::string::npos);
    files[file].replace(at, from.size(), to);
  }
  const Loaded loaded = load_files(files, all);
  CHECK(to_text(loaded.problems) == "");
  REQUIRE(loaded.service);
  return loaded.service;
}

PlanPerson person(const std::string& name) {
  PlanPerson p;
  p.display = name;
  p.key = name;
  p.programme = "evening-mood";
  p.practitioner = "sam";
  p.language = "en";
  p.zone = *Zone::find("Europe/London");
  p.measures = {"mood"};
  p.agreed = {{{"low-streak", 2, {}}, {}}};
  for (const char* rule :
       {"low-some-days", "week-average", "own-drop", "gone-quiet", "cannot-reach", "brighter",
        "my-plan", "safety-words", "weekly-digest"}) {
    p.asked.push_back({rule, "", PlanAsked::Answer::ended});
  }
  return p;
}

const Instant morning = *from_iso("2026-03-03T09:00:00Z");

std::string planned(const std::string& file, const std::string& from, const std::string& to) {
  const auto before = changed("", "", "");
  return plan(*before, *changed(file, from, to), {person("AB"), person("CD")}, morning).text();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
}  // namespace

TEST_CASE("a plan says what would change for whom") {
  const std::string low = "rules/low-mood.yaml";
  CHECK(has(planned("", "", ""), "extra texts today: 0; people who must agree again: 0\n"));
  const std::string wider = planned(low, "days: {default: 3,", "days: {default: 2,");
  CHECK(has(wider,
            "rule low-streak@2 waits for a new yes; the agreed one runs meanwhile: 2 (AB, CD)"));
  CHECK(has(wider,
            "extra texts today: 2 (0 questions, 2 about agreements); "
            "people who must agree again: 2\n"));
  const std::string narrower = planned(low, "below: {default: 4, allow: [2, 4]}\n    days",
                                       "below: {default: 3, allow: [2, 4]}\n    days");
  CHECK(has(narrower, "rule low-streak@2 narrows and applies at once: 2 (AB, CD)"));
  CHECK(has(narrower, "2 about agreements); people who must agree again: 0\n"));
  const std::string comment = planned(low, "rules:\n", "rules:  # a comment\n");
  CHECK(has(comment, "people who must agree again: 0\n"));
  const std::string gone = planned("programmes/evening-mood.yaml", "[low-streak@2, ", "[");
  CHECK(has(gone, "rule low-streak@2 is no longer offered"));
  CHECK(has(gone, "`moodline rules retire low-streak`"));
  CHECK(has(gone, "extra texts today: 0;"));
  const std::string later = planned("programmes/evening-mood.yaml", "\"18:00\"", "\"19:00\"");
  CHECK(has(later, "prompt evening of evening-mood moves from 18:00 to 19:00: 2 (AB, CD)"));
  CHECK(has(later, "extra texts today: 0;"));
  const std::string twice =
      planned("programmes/evening-mood.yaml", "daily: \"18:00\"", "times: [\"10:00\", \"18:00\"]");
  CHECK(has(twice, "extra texts today: 2 (2 questions, 0 about agreements)"));
  CHECK(has(planned("measures.yaml", "decimals: 1\n  labels", "decimals: 2\n  labels"),
            "refused: mood has 2 decimals, readings were kept with 1; keep 1"));
  CHECK(has(planned("texts/en.yaml", "Skipped.", "Left out."), "1 texts change"));
}

TEST_CASE("a plan counts what a reload asks") {
  const auto s = changed("", "", "");
  const auto texts = [&](const PlanPerson& p) {
    return plan(*s, *s, {p}, morning).agreement_texts;
  };
  using Answer = PlanAsked::Answer;
  PlanPerson p = person("AB");
  CHECK(texts(p) == 0);
  p.asked.pop_back();
  p.asked.pop_back();
  CHECK(texts(p) == 1);  // two rules never asked about: one question at a time
  p.offered_only = std::vector<std::string>{"low-streak"};
  CHECK(texts(p) == 0);  // chosen for them: only this one
  p.offered_only = std::vector<std::string>{"weekly-digest"};
  CHECK(texts(p) == 1);
  p.asked.push_back({"my-plan", "an older wording", Answer::none});
  CHECK(texts(p) == 1);  // the open question in its new words; the next waits for its answer
  const auto now = resolve(*s, *s->rule("my-plan"), {}, "en", {});
  REQUIRE(now);
  p.asked.back().hash = rule_hash(*now);
  CHECK(texts(p) == 0);  // open as it is
  p.asked.back().answer = Answer::no;
  CHECK(texts(p) == 1);  // refused: the next rule is asked about
  p.asked.back().answer = Answer::ended;
  p.offered_only = std::vector<std::string>{"my-plan"};
  CHECK(texts(p) == 0);  // what they ended is not asked about again
}

TEST_CASE("a plan as JSON") {
  const auto s = changed("", "", "");
  CHECK(has(plan(*s, *s, {}, morning).json(), "\"extra_texts_today\":0"));
}

TEST_CASE("history is read from CSV; each bad row has its place and cure") {
  Problems p;
  const auto good = read_history_csv("h.csv",
                                     "person,at,what,value,learned,timezone\n"
                                     "a,2026-03-02T18:00:00Z,sent,,,Europe/London\n"
                                     "a,2026-03-02T18:05:00Z,reply,3,2026-03-03T09:00:00Z,\n"
                                     "\"b, c\",2026-03-02T18:00:00Z,sent,,,\n",
                                     Zone::utc(), p);
  CHECK(to_text(p.sorted()) == "");
  REQUIRE(good.size() == 2);
  CHECK(good[0].log.size() == 2);
  CHECK(good[0].log[1].learned == *from_iso("2026-03-03T09:00:00Z"));
  CHECK(good[0].zone.name() == "Europe/London");
  CHECK(good[1].person == "b, c");
  read_history_csv("h.csv",
                   "person,at,what,value\na,soon,reply,3\na,2026-03-02T18:05:00Z,reply,three\n"
                   "a,2026-03-02T18:05:00Z,replie,3\n,2026-03-02T18:05:00Z,reply,3\n\"a,b\n",
                   Zone::utc(), p);
  CHECK(to_text(p.sorted()) ==
        "h.csv:2:3: at: \"soon\" is not an instant; write one such as 2026-03-02T18:05:00Z\n"
        "h.csv:3:30: value: \"three\" is not a number; write a number such as 4 or 6.5\n"
        "h.csv:4:24: what: \"replie\" is unknown; did you mean reply?\n"
        "h.csv:5:1: has no person, at or what; fill all three in\n"
        "h.csv:6:1: has a quote that does not close; double the quotes inside a value\n");
  Problems q;
  read_history_csv("h.csv", "persn,at,what\n", Zone::utc(), q);
  CHECK(to_text(q.sorted()) == "h.csv:1:1: column \"persn\" is unknown; did you mean person?\n");
}

TEST_CASE("a CSV may carry each person's own numbers") {
  const std::vector<std::string> params = {"below", "days"};
  Problems p;
  const auto all = read_history_csv("h.csv",
                                    "person,at,what,value,with.days,with.below\n"
                                    "a,2026-03-02T18:05:00Z,reply,3,5,\n"
                                    "a,2026-03-03T18:05:00Z,reply,3,4,3.5\n"
                                    "a,2026-03-04T18:05:00Z,reply,3\n"
                                    "b,2026-03-02T18:05:00Z,reply,3,,\n",
                                    Zone::utc(), p, params);
  CHECK(to_text(p.sorted()) == "");
  REQUIRE(all.size() == 2);
  REQUIRE(all[0].numbers.size() == 2);
  CHECK(all[0].numbers.at("days").value == Decimal::of(4));
  CHECK(all[0].numbers.at("days").line == 3);
  CHECK(all[0].numbers.at("days").column == 32);
  CHECK(all[0].numbers.at("below").value == *decimal_from("3.5"));
  CHECK(all[1].numbers.empty());
  Problems bad;
  read_history_csv("h.csv",
                   "person,at,what,value,with.days\n"
                   "a,2026-03-02T18:05:00Z,reply,3,five\n",
                   Zone::utc(), bad, params);
  CHECK(to_text(bad.sorted()) ==
        "h.csv:2:32: with.days: \"five\" is not a number; write a number such as 4 or 6.5\n");
  Problems other;
  read_history_csv("h.csv", "person,at,what,with.dasy\n", Zone::utc(), other, params);
  CHECK(to_text(other.sorted()) ==
        "h.csv:1:16: column \"with.dasy\" is unknown; did you mean with.days?\n");
}

TEST_CASE("a backtest counts fires, burden and the dates that differ") {
  const auto s = changed("", "", "");
  const auto rule_with = [&](int days) {
    return std::make_shared<const rules::Rule>(
        *resolve(*s, *s->rule("low-streak"), {{"days", Decimal::of(days)}}, "en", {}));
  };
  std::string csv = "person,at,what,value,practitioner\n";
  const int values[] = {6, 3, 3, 6, 6, 3, 3, 3, 5, 5, 6, 6};
  for (int who = 0; who < 2; ++who) {
    for (int d = 0; d < 12; ++d) {
      const std::string day = (d < 9 ? "0" : "") + std::to_string(d + 1);
      const std::string name = who == 0 ? "a" : "b";
      csv += name + ",2026-03-" + day + "T18:00:00Z,sent,,sam\n";
      const int value = who == 0 ? values[d] : 7;
      csv += name + ",2026-03-" + day + "T18:05:00Z,reply," + std::to_string(value) + ",sam\n";
    }
  }
  Problems p;
  const auto histories = read_history_csv("h.csv", csv, *Zone::find("Europe/London"), p);
  REQUIRE(to_text(p.sorted()) == "");
  const BacktestReport r = backtest(rule_with(3), rule_with(2), histories, std::nullopt);
  CHECK(r.counts.people == 2);
  CHECK(r.counts.fires == 1);
  CHECK(r.counts.people_with_fire == 1);
  CHECK(r.counts.cleared == 1);
  REQUIRE(r.counts.median_days_open);
  CHECK(*r.counts.median_days_open > 1.9);
  CHECK(*r.counts.median_days_open < 2.0);
  REQUIRE(r.against_counts);
  CHECK(r.against_counts->fires == 2);
  CHECK(has(r.text(false), "low-streak@2: 2 people, 0.7 person-months; fires 1 for 1 people"));
  CHECK(has(r.text(false), "2026-03-03 a: only low-streak@2"));
  CHECK(!has(r.text(true), "2026-03-03"));
  CHECK(has(r.text(true), "under 5"));
  CHECK(has(r.json(true), "\"people_with_fire\":null"));
  auto own = histories;
  own[0].own = rule_with(2);
  const BacktestReport mine = backtest(rule_with(3), nullptr, own, std::nullopt);
  CHECK(mine.counts.fires == 2);
  CHECK(mine.own_numbers == 1);
  CHECK(has(mine.text(false), "1 of them by numbers of their own"));
  CHECK(has(mine.text(true), "under 5 of them"));
  CHECK(has(mine.json(false), "\"own_numbers\":1"));
  own[0].own = nullptr;
  own[0].own_against = rule_with(4);
  const BacktestReport two = backtest(rule_with(3), rule_with(2), own, std::nullopt);
  CHECK(two.counts.fires == 1);
  CHECK(two.against_counts->fires == 0);
  const BacktestReport late =
      backtest(rule_with(3), nullptr, histories, from_iso("2026-03-10T00:00:00Z"));
  CHECK(late.counts.fires == 0);
}
