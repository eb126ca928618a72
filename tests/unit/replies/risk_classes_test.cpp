// Classes of risk that a text names by other words than the plainest, beside their near misses.
#include <doctest/doctest.h>

#include <string_view>

#include "support.hpp"

namespace moodline::replies::test {
namespace {

struct Pair {
  Tier tier;
  std::string_view risk;
  std::string_view near_miss;
};

constexpr Pair pairs[] = {
    {Tier::direct, "6. killmyself", "6. killed it at bingo"},
    {Tier::direct, "idontwanttobehere", "dont want to be here in the rain"},
    {Tier::direct, "keeping the sleepers by for when the day comes",
     "keeping the tablets in the tin"},
    {Tier::direct, "got loads of aspirin and its not for my head", "got aspirin for my head"},
    {Tier::direct, "thinking about crashing my van", "thinking about selling my van"},
    {Tier::direct, "since mam passed i dream of joining her", "thinking of joining her at zumba"},
    {Tier::direct, "lost all wish to live", "lost all wish to cook"},
    {Tier::danger, "took about 24 of my mirtaz", "took 2 of my mirtaz"},
    {Tier::danger, "she swallowed the whole packet", "she posted the whole packet"},
    {Tier::danger, "injected 40 instead of 4", "paid 40 instead of 4"},
    {Tier::danger, "bump hasnt moved since breakfast", "felt the baby kick at breakfast"},
    {Tier::danger, "i shook the baby", "i shook the rug"},
    {Tier::danger, "my mum hasnt come home since last night", "my mum came home last night"},
    {Tier::indirect, "what is left to go on for", "what is left to pack"},
    {Tier::indirect, "im only a bother to everybody", "im only a mile away"},
    {Tier::indirect, "family would be better off with the insurance", "better off with the bus"},
    {Tier::indirect, "tell the grandkids grandad always loved them", "the grandkids loved the zoo"},
};

}  // namespace

TEST_CASE("each class of risk, and what only looks like it") {
  for (const Pair& p : pairs) {
    CAPTURE(p.risk);
    const Verdict v = reader().read(p.risk, mood());
    CHECK(v.safety.tier == p.tier);
    CAPTURE(p.near_miss);
    CHECK(reader().read(p.near_miss, mood()).safety.tier == Tier::none);
  }
}

TEST_CASE("everyday sentences in the same words") {
  for (const char* text :
       {"bus took 40 instead of 20 minutes", "thinking of joining them tonight",
        "thinking of joining him soon at the pub", "put my tablets by for later",
        "keeping tablets by for when the pain is bad", "put my meds away until tonight",
        "no wish to live in leeds", "no morning left"}) {
    CAPTURE(text);
    CHECK(reader().read(text, mood()).safety.tier == Tier::none);
  }
}

TEST_CASE("who reads our texts over a shoulder silences us, and a human is told") {
  const Verdict v = reader().read("stop texting she is reading my messages", mood());
  CHECK(v.command == Command::stop);
  CHECK(v.safety.tier == Tier::danger);
  CHECK(v.safety.do_not_reply);
  CHECK_FALSE(reader().read("she is reading her book", mood()).safety.do_not_reply);
}

}  // namespace moodline::replies::test
