// The scan's recall and false flags on every labelled corpus, printed and held to their bars.
#include <doctest/doctest.h>

#include <array>
#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "safety_support.hpp"

using namespace moodline;

namespace {

struct Share {
  int hit = 0;
  int of = 0;
  [[nodiscard]] double percent() const { return of == 0 ? 100.0 : 100.0 * hit / of; }
};

struct Tally {
  std::map<std::string, Share> by;  // tiers, "negatives", "hard negatives"
  std::vector<std::string> missed;  // ids
  std::vector<std::string> wrong;
};

bool is_hard(const boost::json::object& row) {
  for (const auto& tag : row.at("tags").as_array()) {
    if (tag.as_string() == "safety-neg" || tag.as_string() == "safety_negative") return true;
  }
  return false;
}

replies::SafetyContext context_of(const boost::json::object& row) {
  replies::SafetyContext out;
  const auto& expect = row.at("expect").as_object();
  out.machine = expect.contains("auto") && expect.at("auto").as_bool();
  return out;
}

Tally tally_of(const std::string& file) {
  Tally out;
  std::ifstream in(std::string(MOODLINE_SOURCE_DIR) + "/tests/corpus/" + file);
  REQUIRE_MESSAGE(in.good(), "tests/corpus/", file, " cannot be read");
  for (std::string line; std::getline(in, line);) {
    const auto row = boost::json::parse(line).as_object();
    const auto& expect = row.at("expect").as_object();
    if (expect.contains("safety_any")) continue;
    const std::string id(row.at("id").as_string());
    const auto found = testing::scanner().scan(
        rules::normalise(std::string(row.at("text").as_string())), context_of(row));
    const bool flagged = found.safety.flagged();
    if (expect.at("safety").as_bool()) {
      const auto* tier = expect.if_contains("tier");
      Share& share = out.by[tier == nullptr ? "direct" : std::string(tier->as_string())];
      ++share.of;
      share.hit += flagged ? 1 : 0;
      if (!flagged) out.missed.push_back(id);
      continue;
    }
    for (const char* kind : {"negatives", "hard negatives"}) {
      if (std::string(kind) == "hard negatives" && !is_hard(row)) continue;
      ++out.by[kind].of;
      out.by[kind].hit += flagged ? 1 : 0;
    }
    if (flagged) out.wrong.push_back(id);
  }
  return out;
}

}  // namespace

TEST_CASE("recall of each tier and false flags meet their bars on every corpus") {
  for (const std::string file : {"replies_dev.jsonl", "replies_dev2.jsonl", "safety_own.jsonl"}) {
    CAPTURE(file);
    Tally t = tally_of(file);
    for (const auto& [kind, share] : t.by) {
      MESSAGE(file, ": ", kind, " ", share.hit, "/", share.of, " = ", share.percent(), " %");
    }
    for (const std::string& id : t.missed) MESSAGE("missed ", id);
    for (const std::string& id : t.wrong) MESSAGE("false flag ", id);
    CHECK(t.by["direct"].percent() == doctest::Approx(100.0));
    CHECK(t.by["danger"].percent() == doctest::Approx(100.0));
    CHECK(t.by["indirect"].percent() >= 95.0);
    CHECK(t.by["hard negatives"].percent() <= 10.0);
    // A corpus of hard negatives alone says nothing of ordinary replies.
    if (t.by["hard negatives"].of < t.by["negatives"].of) CHECK(t.by["negatives"].percent() <= 2.0);
  }
}

TEST_CASE("nothing added to a flagged text clears its flag or lowers its tier") {
  std::ifstream in(std::string(MOODLINE_SOURCE_DIR) + "/tests/corpus/safety_own.jsonl");
  constexpr std::array before = {"7 ", "7. ", "STOP ", "stop. ", "lol ", "im fine "};
  constexpr std::array after = {" 7",        ". 8",         " lol",
                                " STOP",     ". stop",      " jk",
                                ". im fine", " not really", ". no plans to do anything, just tired",
                                " 😂",        " haha 9/10",  ". dont worry"};
  std::size_t texts = 0;
  for (std::string line; std::getline(in, line);) {
    const auto row = boost::json::parse(line).as_object();
    const std::string text(row.at("text").as_string());
    const auto plain = testing::scan(text).safety;
    if (!plain.flagged()) continue;
    ++texts;
    CAPTURE(text);
    for (const std::string b : before) {
      CAPTURE(b);
      CHECK(testing::scan(b + text).safety.tier >= plain.tier);
    }
    for (const std::string a : after) {
      CAPTURE(a);
      CHECK(testing::scan(text + a).safety.tier >= plain.tier);
    }
  }
  CHECK(texts >= 200);
}
