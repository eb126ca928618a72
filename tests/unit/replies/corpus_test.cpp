// The measured bars of docs/replies.md on the labelled corpora, counted as score_replies.py counts.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/unit/replies/support.hpp"

namespace moodline::replies::test {
namespace {

namespace json = boost::json;

// Rows whose label and the definition differ; docs/replies.md gives the reasons.
const std::set<std::string> page_over_label = {"t1281", "d0745"};

struct Figures {
  int emitted = 0, right = 0, must = 0, must_hit = 0;
  int stop_emitted = 0, stop_false = 0, stop_must = 0, stop_hit = 0;
  std::map<std::string, std::pair<int, int>> tiers;  // expected, found
  int negatives = 0, false_flags = 0;
};

double number(const json::value& v) {
  return v.is_double() ? v.as_double() : static_cast<double>(v.to_number<std::int64_t>());
}

bool is_reading(std::string_view kind) {
  return kind == "reading" || kind == "readings" || kind == "correction";
}

std::map<std::string, double> expected_values(const Row& row) {
  std::map<std::string, double> out;
  if (!is_reading(row.expect.at("kind").as_string())) return out;
  if (const auto* values = row.expect.if_contains("values")) {
    for (const auto& [name, v] : values->as_object()) out[std::string(name)] = number(v);
  } else if (const auto* value = row.expect.if_contains("value")) {
    const auto* measure = row.prompt.if_contains("measure");
    out[measure != nullptr ? std::string(measure->as_string()) : "?"] = number(*value);
  }
  return out;
}

std::map<std::string, double> read_values(const Row& row, const Verdict& v) {
  std::map<std::string, double> out;
  if (!is_reading(name_of(v.kind))) return out;
  for (const auto& [name, d] : v.values) out[name] = static_cast<double>(d.micro) / 1e6;
  if (v.values.empty() && v.value) {
    const auto* measure = row.prompt.if_contains("measure");
    out[measure != nullptr ? std::string(measure->as_string()) : "?"] =
        static_cast<double>(v.value->micro) / 1e6;
  }
  return out;
}

bool listed(const json::object& expect, std::string_view list, std::string_view word) {
  const auto* v = expect.if_contains(list);
  if (v == nullptr) return false;
  for (const auto& entry : v->as_array()) {
    if (entry.as_string() == word) return true;
  }
  return false;
}

void count_values(const Row& row, const Verdict& v, Figures& f) {
  const bool expects = is_reading(row.expect.at("kind").as_string());
  const auto want = expected_values(row);
  const auto got = read_values(row, v);
  if (expects || !listed(row.expect, "also", "reading")) {
    for (const auto& [name, value] : got) {
      const auto it = want.find(name);
      const bool right = it != want.end() && std::abs(it->second - value) < 1e-9;
      ++f.emitted;
      f.right += right ? 1 : 0;
      if (!right) MESSAGE("wrong reading: ", row.id, " ", row.text, " rule ", v.rule);
    }
  }
  if (listed(row.expect, "also", "unclear")) return;
  for (const auto& [name, value] : want) {
    const auto it = got.find(name);
    ++f.must;
    const bool hit = it != got.end() && std::abs(it->second - value) < 1e-9;
    f.must_hit += hit ? 1 : 0;
    if (!hit) MESSAGE("missed reading: ", row.id, " ", row.text, " rule ", v.rule);
  }
}

void count_stop(const Row& row, const Verdict& v, Figures& f) {
  const auto& e = row.expect;
  const bool said = v.kind == Kind::command && v.command == Command::stop;
  const bool due = e.at("kind").as_string() == "command" && e.at("command").as_string() == "STOP";
  const bool allowed = due || listed(e, "also", "command") || listed(e, "command_also", "STOP") ||
                       listed(e, "command_any", "STOP");
  f.stop_emitted += said ? 1 : 0;
  f.stop_false += said && !allowed ? 1 : 0;
  const bool must =
      due && !e.contains("also") && !e.contains("command_any") && !e.contains("command_also");
  f.stop_must += must ? 1 : 0;
  f.stop_hit += must && said ? 1 : 0;
  if ((must && !said) || (said && !allowed)) MESSAGE("STOP: ", row.id, " ", row.text);
}

void count_safety(const Row& row, const Verdict& v, Figures& f) {
  if (row.expect.contains("safety_any") || !row.expect.contains("safety")) return;
  if (!row.expect.at("safety").as_bool()) {
    ++f.negatives;
    f.false_flags += v.safety.flagged() ? 1 : 0;
    return;
  }
  const auto* tier = row.expect.if_contains("tier");
  auto& [due, found] = f.tiers[tier != nullptr ? std::string(tier->as_string()) : "direct"];
  ++due;
  found += v.safety.flagged() ? 1 : 0;
}

Figures measure(const std::string& name) {
  Figures f;
  for (const Row& row : corpus(name)) {
    if (page_over_label.contains(row.id)) continue;
    const Verdict v = reader().read(row.text, row.context);
    count_values(row, v, f);
    count_stop(row, v, f);
    count_safety(row, v, f);
  }
  MESSAGE(name, ": reading precision ", f.right, "/", f.emitted, ", recall ", f.must_hit, "/",
          f.must, "; STOP recall ", f.stop_hit, "/", f.stop_must, ", false STOP ", f.stop_false,
          "; false safety flags ", f.false_flags, "/", f.negatives);
  for (const auto& [tier, counts] : f.tiers) {
    MESSAGE("  safety ", tier, " ", counts.second, "/", counts.first);
  }
  return f;
}

}  // namespace

TEST_CASE("the bars hold on both corpora") {
  for (const char* name : {"replies_dev.jsonl", "replies_dev2.jsonl"}) {
    const Figures f = measure(name);
    REQUIRE(f.emitted > 250);
    CHECK(f.right == f.emitted);
    CHECK(100 * f.must_hit >= 97 * f.must);
    CHECK(f.stop_false == 0);
    CHECK(f.stop_hit == f.stop_must);
  }
}

TEST_CASE("rows written blind, by class and persona, before the rules were mended on them") {
  const Figures f = measure("blind.jsonl");
  REQUIRE(f.emitted > 500);
  CHECK(f.right == f.emitted);
  CHECK(100 * f.must_hit >= 97 * f.must);
  CHECK(f.stop_false == 0);
  CHECK(f.stop_hit == f.stop_must);
  CHECK(100 * f.false_flags <= 2 * f.negatives);
  for (const auto& [tier, counts] : f.tiers) {
    CAPTURE(tier);
    CHECK(100 * counts.second >= 95 * counts.first);
  }
  for (const Row& row : corpus("blind.jsonl")) {
    CAPTURE(row.text);
    const Verdict v = reader().read(row.text, row.context);
    if (row.expect.contains("auto")) CHECK(v.auto_reply);
    if (row.expect.contains("do_not_reply")) CHECK(v.do_not_reply);
    CHECK(row.expect.contains("deceased") == v.deceased);
    CHECK_FALSE(v.rule.empty());
  }
}

TEST_CASE("later rows written blind, harder on purpose: the bars of unseen replies") {
  const Figures f = measure("blind2.jsonl");
  REQUIRE(f.emitted > 800);
  CHECK(1000 * f.right >= 985 * f.emitted);
  CHECK(100 * f.must_hit >= 92 * f.must);
  CHECK(100 * f.stop_hit >= 95 * f.stop_must);
  CHECK(f.stop_false <= 1);
  CHECK(100 * f.false_flags <= 2 * f.negatives);
  for (const auto& [tier, counts] : f.tiers) {
    CAPTURE(tier);
    CHECK(100 * counts.second >= 95 * counts.first);
  }
}

TEST_CASE("rows by pairs of hands that had not seen the reader: the bars of unseen replies") {
  // The last pair's readings were not mended on: what is wrong of them is as it was.
  const std::string last = "blind9.jsonl";
  for (const std::string& name : {std::string("blind3.jsonl"), std::string("blind4.jsonl"),
                                  std::string("blind5.jsonl"), std::string("blind6.jsonl"), last}) {
    CAPTURE(name);
    const Figures f = measure(name);
    REQUIRE(f.emitted > 500);
    CHECK(1000 * f.right >= (name == last ? 985 : 995) * f.emitted);
    CHECK(100 * f.must_hit >= 92 * f.must);
    CHECK(100 * f.stop_hit >= 95 * f.stop_must);
    CHECK(f.stop_false == 0);
    CHECK(100 * f.false_flags <= 2 * f.negatives);
    const std::map<std::string, int> recall = {{"direct", 95}, {"danger", 85}, {"indirect", 80}};
    for (const auto& [tier, counts] : f.tiers) {
      CAPTURE(tier);
      CHECK(100 * counts.second >= recall.at(tier) * counts.first);
    }
  }
}

TEST_CASE("requests to stop of 68 kinds by another hand, near misses and narrowed ones") {
  const Figures f = measure("blind8.jsonl");
  REQUIRE(f.stop_must > 400);
  CHECK(100 * f.stop_hit >= 97 * f.stop_must);
  CHECK(f.stop_false == 0);
  CHECK(100 * f.false_flags <= f.negatives);
}

TEST_CASE("our own rows, of classes the corpora lack") {
  const auto rows = corpus("own.jsonl");
  CHECK(rows.size() >= 300);
  for (const Row& row : rows) {
    CAPTURE(row.id);
    CAPTURE(row.text);
    const Verdict v = reader().read(row.text, row.context);
    CAPTURE(v.rule);
    const std::string_view want = row.expect.at("kind").as_string();
    const std::string_view got = name_of(v.kind);
    if (listed(row.expect, "also", got) && want != got) continue;
    CHECK((want == got || (is_reading(want) && is_reading(got))));
    if (is_reading(want)) {
      CHECK(read_values(row, v) == expected_values(row));
    } else if (want == "command") {
      CHECK(name_of(v.command) == std::string_view(row.expect.at("command").as_string()));
    }
    if (!is_reading(want) && row.expect.contains("value") && got != "unclear") {
      REQUIRE(v.value.has_value());
      CHECK(static_cast<double>(v.value->micro) / 1e6 == number(row.expect.at("value")));
    }
  }
}

}  // namespace moodline::replies::test
