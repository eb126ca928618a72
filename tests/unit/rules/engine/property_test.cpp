// The fold, the fold with a restart between every two calls, and the oracle say the same, whatever
// happens. MOODLINE_SEEDS=N runs N seeds a kind instead of the usual few.
#include <doctest/doctest.h>

#include <cstdlib>

#include "rules/engine/log.hpp"
#include "tests/unit/rules/engine/random_log.hpp"

namespace moodline::rules {
namespace {

using testing::Generator;
using testing::RandomCase;

std::string shown(const std::vector<Emitted>& events) {
  std::string out;
  for (const Emitted& e : events) {
    out += std::string(name_of(e.type)) + " " + std::to_string(e.alert) + " " + to_iso(e.at) + " " +
           e.reason + "\n";
  }
  return out;
}

std::vector<Emitted> run_fold(const RandomCase& c, bool restart) {
  std::vector<Emitted> all;
  State state = begin(c.rule, c.agreed_at, c.zone);
  const auto source = [&](std::string_view key) { return c.versions.find(key)->second; };
  const auto keep = [&](Outcome outcome) {
    for (Emitted& e : outcome.emitted) all.push_back(std::move(e));
    CHECK(outcome.next_deadline == next_deadline(state));
    if (!restart) return;
    const std::string text = to_text(state);
    auto read = state_from_text(text, source);
    REQUIRE(read.has_value());
    REQUIRE(to_text(*read) == text);
    state = std::move(*read);
  };
  for (std::size_t i = 0; i < c.log.size() && c.log[i].learned <= c.until;) {
    std::size_t end = i;
    while (end < c.log.size() && c.log[end].learned == c.log[i].learned) ++end;
    while (restart && next_deadline(state) && *next_deadline(state) < c.log[i].learned) {
      keep(advance(state, *next_deadline(state)));
    }
    keep(step(state, std::span(c.log).subspan(i, end - i), c.log[i].learned));
    i = end;
  }
  keep(advance(state, c.until));
  return all;
}

int seeds() {
  const char* text = std::getenv("MOODLINE_SEEDS");
  return text == nullptr ? 25 : std::atoi(text);
}

TEST_CASE("fold, restarted fold and oracle agree on random logs") {
  int events = 0;
  for (int k = 0; k < 9; ++k) {
    const Kind kind = static_cast<Kind>(k);
    for (int seed = 1; seed <= seeds(); ++seed) {
      CAPTURE(name_of(kind));
      CAPTURE(seed);
      const RandomCase c = Generator(static_cast<std::uint32_t>(seed * 16 + k)).make(kind);
      const auto oracle = evaluate_from_scratch(c.rule, c.agreed_at, c.zone, c.log, c.until);
      const std::string expected = shown(oracle);
      CHECK(shown(run_fold(c, false)) == expected);
      CHECK(shown(run_fold(c, true)) == expected);
      events += static_cast<int>(oracle.size());
    }
  }
  MESSAGE("events compared: " << events);
  CHECK(events > 9 * seeds());
}

}  // namespace
}  // namespace moodline::rules
