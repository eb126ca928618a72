// What a case file says and the runner does not know is refused, with its line and the cure.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "config/cases.hpp"

using namespace moodline;
using namespace moodline::config;

namespace {
// One case a line, so that the line of each is known: the first stands on line 3.
std::string refused(const std::string& list, const std::string& one) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("moodline-cases-" + std::to_string(getpid()) + ".yaml");
  std::ofstream(path) << "format: 1\n" << list << ":\n- " << one << "\n";
  const auto report = run_case_files({path.string()});
  std::filesystem::remove(path);
  REQUIRE(report);
  REQUIRE(report->lines.size() == 1);
  CHECK(report->failed == 1);
  return report->lines.front();
}
}  // namespace

TEST_CASE("a case that cannot be read whole is a failed case, with its line and the cure") {
  struct Row {
    std::string rule;
    std::string rest;
    std::string says;
  };
  const std::string until = "until: \"2026-03-05T11:00:00Z\"";
  const std::string none = until + ", expect: []";
  const std::string streak = "kind: streak, n: 2";
  const Row rows[] = {
      {"kind: streek", none,
       "no rule kind is named \"streek\"; the kinds are safety_phrase, streak"},
      {"kind: streak, n: two", none, "n is no whole number: \"two\""},
      {"kind: streak, days: 2", none, "rule key days is unknown; the keys are kind, test"},
      {"kind: streak, missing: brake", none, "missing cannot be brake; write skip, break"},
      {"kind: streak, per_day: latest", none, "per_day cannot be latest; write last, first"},
      {"kind: streak, decide: later", none,
       "decide cannot be later; write on_reply, reply, day_end"},
      {"kind: streak, test: under", none, "test cannot be under; write below, at_most"},
      {"kind: streak, threshold: low", none, "threshold is no number: \"low\""},
      {"kind: streak, day_start: \"4\"", none, "day_start is no time; write it like \"04:00\""},
      {"kind: silence", none, "silence counts prompts or hours: write one of the two"},
      {streak, "expect: []", "until is missing"},
      {streak, until, "expect is missing; write expect: [] where nothing happens"},
      {streak, none + ", weather: fine", "case key weather is unknown"},
      {streak, none + ", prompts: [{at: \"2026-03-05T11:00:00Z\", status: snt}]",
       "prompt status \"snt\" is unknown; write one of accepted, delivered"},
      {streak, none + ", readings: [{at: \"2026-03-05T11:00:00Z\", valu: 3}]",
       "reading key valu is unknown; the keys are at, value"},
      {streak, none + ", readings: [{at: \"5 March\", value: 3}]",
       "at is no instant: \"5 March\"; write it like 2026-03-02T18:05:00Z"},
      {streak, none + ", events: [{at: \"2026-03-05T11:00:00Z\", type: stopp}]",
       "event type \"stopp\" is unknown; write ack, agree"},
      {streak, none + ", practitioner: {timezone: Europe/London, hour: 3}",
       "practitioner key hour is unknown"},
      {streak, until + ", expect: [{at: \"2026-03-05T11:00:00Z\", event: fires}]",
       "event cannot be fires; write fire, clear"},
  };
  for (const Row& row : rows) {
    const std::string line = refused("cases", "{name: one, timezone: Europe/London, rule: {" +
                                                  row.rule + "}, " + row.rest + "}");
    CHECK_MESSAGE(line.find("one: line 3: " + row.says) == 0, line);
  }
  CHECK(refused("cases", "only words") == "case 1: line 3: case is a map of keys and values");
  CHECK(refused("notify_cases", "{name: one, alerts: []}") ==
        "one: line 3: practitioner is missing");
  CHECK(refused("schedule_cases", "{name: one, weekly_at: \"10:00\"}")
            .find("one: line 3: schedule case key weekly_at is unknown") == 0);
}
