// Tiers, effects, vetoes, exclusions and bounds of the safety scan.
#include "daemon/replies/safety.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <set>

#include "daemon/replies/safety_pattern.hpp"
#include "safety_support.hpp"

using namespace moodline;
using replies::Tier;
using testing::scan;

namespace {

config::PackNode word_node(std::string text) {
  config::PackNode out;
  out.kind = config::PackNode::Kind::scalar;
  out.text = std::move(text);
  return out;
}

config::PackNode map_node(std::vector<std::pair<std::string, config::PackNode>> entries) {
  config::PackNode out;
  out.kind = config::PackNode::Kind::map;
  out.entries = std::move(entries);
  return out;
}

std::vector<config::PackProblem> problems_of(config::PackNode safety) {
  config::LanguagePacks packs;
  packs.packs.push_back({});
  packs.packs.back().code = "xx";
  packs.packs.back().safety = std::move(safety);
  std::vector<config::PackProblem> problems;
  (void)replies::SafetyScanner::compile(packs, problems);
  return problems;
}

}  // namespace

TEST_CASE("danger over direct over indirect, and every span is kept") {
  const auto found = scan("i cant go on, i want to die, i took 30 paracetamol").safety;
  CHECK(found.tier == Tier::danger);
  std::set<Tier> tiers;
  for (const auto& hit : found.hits) tiers.insert(hit.tier);
  CHECK(tiers == std::set<Tier>{Tier::indirect, Tier::direct, Tier::danger});
  CHECK(std::is_sorted(found.hits.begin(), found.hits.end(),
                       [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; }));
}

TEST_CASE("a hit names its rule and the bytes of the original") {
  const std::string text = "\u2018Hi\u2019 7 \u2013 I WANT TO DIE";
  const auto found = scan(text).safety;
  REQUIRE_FALSE(found.hits.empty());
  const auto& hit = found.hits.front();
  CHECK(hit.rule == "en/direct/wish-die");
  CHECK(text.substr(hit.span.begin, hit.span.end - hit.span.begin).find("WANT TO DIE") !=
        std::string::npos);
}

TEST_CASE("strong verbs with me or myself have no veto; accidents lower but never clear") {
  for (const std::string text :
       {"kill myself", "gonna kill myself laughing", "hang myself out to dry",
        "drown myself in work", "top myself", "end myself", "kill me now"}) {
    CAPTURE(text);
    CHECK(scan(text).safety.tier == Tier::direct);
  }
  for (const std::string text : {"cut myself shaving", "burnt myself on the oven",
                                 "hurt myself at football", "burned myself cooking dinner lol 7"}) {
    CAPTURE(text);
    CHECK(scan(text).safety.tier == Tier::indirect);
  }
  CHECK(scan("cut myself").safety.tier == Tier::direct);
  for (const std::string text :
       {"did it all by myself", "not feeling myself", "treated myself 8"}) {
    CAPTURE(text);
    CHECK_FALSE(scan(text).safety.flagged());
  }
}

TEST_CASE("a phone that others read, and asking for no answer, silence us") {
  for (const std::string text :
       {"please dont reply he reads my phone", "my husband checks my phone",
        "someone else reads these texts", "dont text back hes here", "dont reply",
        "STOP. dont reply, my dad reads my messages"}) {
    CAPTURE(text);
    CHECK(scan(text).safety.do_not_reply);
  }
  for (const std::string text : {"sorry i dont reply much", "i didnt reply yesterday",
                                 "my son fixed my phone", "dont text me before 9"}) {
    CAPTURE(text);
    CHECK_FALSE(scan(text).safety.do_not_reply);
  }
  CHECK(scan("my husband checks my phone").safety.tier == Tier::danger);
}

TEST_CASE("wanting out is held for a human; news of a death is told apart from bereavement") {
  for (const std::string text :
       {"leave me alone", "no more", "im out", "koniec", "basta", "go away"}) {
    CAPTURE(text);
    CHECK(scan(text).hold);
  }
  CHECK_FALSE(scan("no more rain please 6").hold);
  for (const std::string text :
       {"this is his wife. he died on friday", "im her daughter, mum passed away last week",
        "the owner of this phone has died", "please stop texting, he passed away"}) {
    CAPTURE(text);
    CHECK(scan(text).deceased);
  }
  for (const std::string text : {"my nan passed away on sunday", "my dog died", "my phone died",
                                 "grandad died in march 4"}) {
    CAPTURE(text);
    CHECK_FALSE(scan(text).deceased);
  }
}

TEST_CASE("a yes-or-no question explains what it explains, and no more") {
  replies::SafetyContext asked;
  asked.yes_no_asked = true;
  CHECK_FALSE(scan("took all of them", asked).safety.flagged());
  CHECK(scan("took all of them").safety.tier == Tier::danger);
  CHECK(scan("took all my tablets and i want to die", asked).safety.tier >= Tier::direct);
}

TEST_CASE("only our own words and machine text are left out") {
  replies::SafetyContext context;
  context.sent.push_back(rules::normalise("If you want to end your life call 999 now."));
  const std::string ours = "If you want to END your life, call 999 now";
  CHECK_FALSE(scan(ours, context).safety.flagged());
  CHECK(scan(ours + ". i want to die", context).safety.tier == Tier::direct);
  CHECK(scan(ours).safety.flagged());
  context.machine = true;
  CHECK_FALSE(scan("i want to die", context).safety.flagged());
}

TEST_CASE("words are found drawn out, misspelt, spelled out and disguised") {
  for (const std::string text :
       {"i want to diiieeee", "suicidle", "su1c1de", "s u i c i d e", "k*ll myself",
        "killng myself", "i wanna unaliv", "K M S", "w\u200bant to d\u200bie i want to die",
        "\uff49 \uff57\uff41\uff4e\uff54 \uff54\uff4f \uff44\uff49\uff45"}) {
    CAPTURE(text);
    CHECK(scan(text).safety.flagged());
  }
}

TEST_CASE("every rule of every pack says which class it covers, and every pack has rules") {
  const auto packs = config::load_language_packs(MOODLINE_SOURCE_DIR "/config/languages");
  REQUIRE(packs.packs.size() >= 11);
  for (const auto& pack : packs.packs) {
    CAPTURE(pack.code);
    for (const std::string tier : {"danger", "direct", "indirect", "quiet", "hold", "deceased"}) {
      CAPTURE(tier);
      const auto* list = pack.safety.find(tier);
      REQUIRE(list != nullptr);
      CHECK_FALSE(list->entries.empty());
    }
    const auto* checked = pack.safety.find("checked");
    REQUIRE(checked != nullptr);
    CHECK((checked->text == "true") == false);
  }
}

TEST_CASE("faults of a pack are told with their cure") {
  const auto rule = [](const char* say, const char* unless) {
    return map_node({{"direct", map_node({{"r", map_node({{"covers", word_node("a class")},
                                                          {"unless", word_node(unless)},
                                                          {"say", word_node(say)}})}})}});
  };
  const std::pair<config::PackNode, const char*> rows[] = {
      {rule("<nobody> dies", ""), "class <nobody> is not in this pack's classes"},
      {rule("die", "sayings"), "veto \"sayings\" is not in this pack's vetoes"},
      {rule("~3 die", ""), "starts with a word"},
      {rule("die?", ""), "every word may be absent"},
      {rule("(die", ""), "has no ')'"},
      {rule("~9 die", ""), "1 to 6"},
      {rule("(a|$) die", ""), "last bracket"},
      {map_node({{"vetos", map_node({})}}), "is unknown here"},
      {map_node({{"direct", map_node({{"r", map_node({{"say", word_node("die")}})}})}}),
       "needs \"covers\""},
  };
  for (const auto& [node, message] : rows) {
    CAPTURE(std::string(message));
    const auto problems = problems_of(node);
    REQUIRE_FALSE(problems.empty());
    CHECK(problems[0].message.find(message) != std::string::npos);
  }
}

TEST_CASE("random and mutated texts: same verdict twice, spans inside the text, no time lost") {
  // Words of the rules themselves, letters, signs, other scripts and broken UTF-8.
  const char* parts[] = {"i",       "want", "to",    "die",   "kill", "myself", "not",
                         "anymore", "7",    ".",     "\n",    "\xff", "\xc3",   "😀",
                         "مرنا",    "চাই",  "pills", "took",  "all",  "me",     "phone",
                         "he",      "hit",  "lol",   "s u 1", "'",    "STOP"};
  std::mt19937 random(20260101);
  // 1 ms in the plain optimised build; builds without optimisation or with sanitizers take longer.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  constexpr double ms_max = 1.0;
#else
  constexpr double ms_max = 60.0;
#endif
  double best = 1e9;
  for (int round = 0; round < 300; ++round) {
    std::string text;
    while (text.size() < 1600) {
      if (random() % 4 == 0) {
        text.push_back(static_cast<char>(random() % 256));
      } else {
        text += parts[random() % std::size(parts)];
        text += ' ';
      }
    }
    text.resize(random() % 5 == 0 ? random() % 1600 : 1600);
    const auto normal = rules::normalise(text);
    const std::clock_t begin = std::clock();
    const auto found = testing::scanner().scan(normal);
    const double ms = 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    if (text.size() == 1600) best = std::min(best, ms);
    const auto again = testing::scanner().scan(normal);
    REQUIRE(found.safety.hits.size() == again.safety.hits.size());
    for (const auto& hit : found.safety.hits) REQUIRE(hit.span.end <= text.size());
    REQUIRE(found.safety.tier == again.safety.tier);
  }
  // The best of many: other programs on the machine must not fail this test.
  MESSAGE("1,600 characters in ", best, " ms, ", testing::scanner().patterns(), " patterns");
  CHECK(best <= ms_max);
}
