// Every command in every language pack's own words, each answered in one text of its length.
#include "config/language_pack.hpp"
#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

TEST_CASE("person: every command by plain text, in every language pack's words") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.says(mj, "PLAN walk to the harbour");
  r.evenings(mj, {"6"});
  struct Word {
    const char* language;
    const char* word;
    const char* answered_by;
  };
  // One word a command and language; the rest of the packs' words: unit_replies.
  const std::vector<Word> words{
      {"en", "HISTORY", "history"},    {"cy", "hanes", "history"},
      {"pl", "historia", "history"},   {"es", "historial", "history"},
      {"fr", "historique", "history"}, {"pt", "histórico", "history"},
      {"so", "taariikh", "history"},   {"ur", "tareekh", "history"},
      {"ar", "السجل", "history"},      {"bn", "ইতিহাস", "history"},
      {"pa", "ਇਤਿਹਾਸ", "history"},
  };
  for (const Word& w : words) {
    r.with([&](store::Tx& tx, const checkins::Setting&) {
      auto p = *tx.person_by_number(mj);
      p.language = w.language;
      tx.put(p);
    });
    r.forget();
    r.says(mj, w.word);
    REQUIRE_MESSAGE(r.texts_to(mj).size() == 1, w.word);
    CHECK_MESSAGE(r.texts_to(mj)[0].template_name == w.answered_by, w.word);
    CHECK(segments(r.last_to(mj)) == 1);
    r.forget();
    r.says(mj, std::string(w.word) + " 28");
    REQUIRE_MESSAGE(r.texts_to(mj).size() == 1, w.word);
    CHECK_MESSAGE(r.last_to(mj).size() > 30, r.last_to(mj));
  }
}

TEST_CASE("person: the first word of every command of every pack is answered, in one text") {
  const auto packs =
      config::load_language_packs(std::string(MOODLINE_SOURCE_DIR) + "/config/languages");
  Rig r;
  // Commands that end or begin something have tests of their own.
  const std::map<std::string, std::string> answered{
      {"HELP", "help"},     {"RESUME", "resumed"}, {"TIME", "time-how"},
      {"DAYS", "days-how"}, {"WHO", ""},           {"WHY", "why"},
      {"PLAN", ""},         {"LOG", ""},           {"SKIP", "skipped"}};
  r.join(r.someone(), {"low-streak"});
  int seen = 0;
  for (const auto& pack : packs.packs) {
    r.advance(2);  // answers are bounded by the hour
    for (const auto& [command, by] : answered) {
      const auto& whole = pack.list("commands." + command + ".whole");
      if (whole.empty()) continue;
      r.with([&](store::Tx& tx, const checkins::Setting&) {
        auto p = *tx.person_by_number(mj);
        p.language = pack.code;
        tx.put(p);
      });
      r.forget();
      r.says(mj, whole.front().written);
      const auto texts = r.texts_to(mj);
      REQUIRE_MESSAGE(texts.size() == 1, pack.code << " " << whole.front().written);
      if (!by.empty()) {
        CHECK_MESSAGE(texts[0].template_name == by,
                      pack.code << " " << whole.front().written << ": " << texts[0].template_name);
      }
      CHECK(texts[0].segments <= 3);
      ++seen;
    }
  }
  CHECK(seen >= 50);
}
