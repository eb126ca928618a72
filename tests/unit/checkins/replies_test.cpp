// Replies through the real inbox: where each number goes, what is asked back, when we fall silent,
// and what words of risk set off. Each case is a short story in texts.
#include <doctest/doctest.h>

#include "daemon/checkins/inbound.hpp"
#include "providers/provider.hpp"
#include "tests/unit/checkins/rig.hpp"

using namespace moodline;
using namespace moodline::rig;

namespace {

// A joined person on the evening of Monday 2 March 2026, just asked.
struct Asked : Rig {
  explicit Asked(Options options = {}) : Rig(std::move(options)) {
    join(someone());
    until(TimeOfDay::hm(18, 1));
    forget();
  }
  std::vector<store::Reading> readings() {
    std::vector<store::Reading> out;
    const auto id = person(mj).id;
    read([&](store::ReadTx& tx) { out = tx.readings_of(id, {0}); });
    return out;
  }
  /// The value that counts for a day and component; -1 where there is none.
  double value(LocalDate on, const std::string& component = "mood") {
    double found = -1;
    for (const store::Reading& r : readings()) {
      if (r.local_day == on && r.component == component && r.corrected_by == 0 && !r.low_mark) {
        found = static_cast<double>(r.value.micro) / 1e6;
      }
    }
    return found;
  }
  std::vector<store::Inbound> inbound() {
    std::vector<store::Inbound> out;
    const auto id = person(mj).id;
    read([&](store::ReadTx& tx) { out = tx.inbound_of(id, {0}); });
    return out;
  }
  std::size_t unread() { return act("replies.unread").value().as_array().size(); }
  checkins::Taken part(const std::string& text, int which, int of, int ref = 7) {
    providers::Event e;
    e.type = providers::EventType::mo;
    e.event_id = "part" + std::to_string(ref) + "-" + std::to_string(which);
    e.from = mj;
    e.to = "+447700900000";
    e.text = text;
    e.at = now();
    e.concat_ref = ref;
    e.concat_total = of;
    e.concat_part = which;
    checkins::Taken taken{};
    with([&](store::Tx& tx, const checkins::Setting& s) {
      taken = checkins::take_inbound(tx, s, "phones", e);
    });
    advance(0.01);
    return taken;
  }
};

const LocalDate monday = *date_from_iso("2026-03-02");

Options three_questions() {
  Options o;
  o.edit = [](Files& files) {
    replace_in(files, "programmes/evening-mood.yaml", "measures: [mood]",
               "measures: [mood, sleep, anxiety]");
  };
  return o;
}

checkins::NewPerson with_measures(checkins::NewPerson n, const std::vector<std::string>& names) {
  const store::TrackedMeasure first = n.measures.front();
  n.measures.clear();
  for (const std::string& name : names) {
    store::TrackedMeasure m = first;
    m.measure = name;
    n.measures.push_back(m);
  }
  return n;
}

}  // namespace

TEST_CASE("a number in the prompt's window is stored for its day and echoed with it") {
  Asked r;
  CHECK(r.answer(mj, "7") == "Got 7 for today. Text again to change.");
  CHECK(r.value(monday) == 7);
}

TEST_CASE("late: the morning after, it is still the evening's answer") {
  Asked r;
  r.until(TimeOfDay::hm(9, 0));
  CHECK(r.answer(mj, "sorry so late 6") == "Got 6 for Monday. Text again to change.");
  CHECK(r.value(monday) == 6);
}

TEST_CASE("early: before the prompt, it belongs to its own day") {
  Asked r;
  r.until(TimeOfDay::hm(15, 0));  // Monday's window is over
  CHECK(r.answer(mj, "5").find("Got 5 for today") == 0);
  CHECK(r.value(monday + 1) == 5);
  CHECK(r.value(monday) == -1);
}

TEST_CASE("doubled: a text delivered twice is one reading and one answer") {
  Asked r;
  r.says_twice(mj, "7");
  CHECK(r.sent_to(mj).size() == 1);
  CHECK(r.readings().size() == 1);
}

TEST_CASE("corrected: the value is replaced, the old one is kept, the echo says so") {
  Asked r;
  r.says(mj, "7");
  CHECK(r.answer(mj, "sorry meant 4") == "Changed to 4 for today.");
  CHECK(r.value(monday) == 4);
  CHECK(r.readings().size() == 2);
}

TEST_CASE("yesterday 3: replaces what stands there, fills what is empty") {
  Asked r;
  r.says(mj, "7");
  r.advance(24);  // Tuesday, asked again
  CHECK(r.answer(mj, "yesterday 3") == "Changed to 3 for Monday.");
  CHECK(r.value(monday) == 3);
  r.advance(24);  // Wednesday; Tuesday was left empty
  CHECK(r.answer(mj, "yesterday 5").find("Got 5 for Tuesday") == 0);
  CHECK(r.value(monday + 1) == 5);
}

TEST_CASE("yesterday 4, today 6: today's counts, and yesterday's only where it was empty") {
  Asked r;
  r.says(mj, "8");
  r.advance(24);
  r.says(mj, "yesterday 4, today 6");
  CHECK(r.value(monday + 1) == 6);
  CHECK(r.value(monday) == 8);
  r.advance(48);  // Thursday: Wednesday is empty
  r.says(mj, "yesterday 4, today 6");
  CHECK(r.value(monday + 2) == 4);
  CHECK(r.value(monday + 3) == 6);
}

TEST_CASE("UNDO takes the last reading back") {
  Asked r;
  r.says(mj, "7");
  r.says(mj, "UNDO");
  CHECK(r.value(monday) == -1);
}

TEST_CASE("several measures: what is said is kept, the rest is asked for once") {
  Rig made(three_questions());
  made.join(with_measures(made.someone(), {"mood", "sleep", "anxiety"}));
  made.until(TimeOfDay::hm(18, 1));
  made.forget();
  const std::string asked = made.answer(mj, "mood 4");
  CHECK(asked.find("Got 4. And your sleep, anxiety?") == 0);
  // A number that two questions could claim is not guessed, and nothing more is asked.
  CHECK(made.answer(mj, "6").empty());
  CHECK(made.answer(mj, "7 8").find("Got ") == 0);
  double sleep = -1;
  double anxiety = -1;
  const auto id = made.person(mj).id;
  made.read([&](store::ReadTx& tx) {
    for (const store::Reading& x : tx.readings_of(id, {0})) {
      if (x.component == "sleep") sleep = static_cast<double>(x.value.micro) / 1e6;
      if (x.component == "anxiety") anxiety = static_cast<double>(x.value.micro) / 1e6;
    }
  });
  CHECK(sleep == 7);
  CHECK(anxiety == 8);
}

TEST_CASE("several measures: the last one open takes a bare number, a named one changes") {
  Rig made(three_questions());
  made.join(with_measures(made.someone(), {"mood", "sleep"}));
  made.until(TimeOfDay::hm(18, 1));
  made.forget();
  CHECK(made.answer(mj, "slept 6 hours").find("Got 6. And your mood?") == 0);
  CHECK(made.answer(mj, "3").find("Got 3 for today") == 0);
  CHECK(made.answer(mj, "sorry mood 5").find("Changed to 5") == 0);
}

TEST_CASE("one question about a prompt, then silence and a human") {
  Asked r;
  CHECK(r.answer(mj, "5 or 6").find("Is it 5 or 6?") != std::string::npos);
  CHECK(r.answer(mj, "dunno, 3 or 4").empty());
  CHECK(r.unread() == 1);
  CHECK(r.answer(mj, "5").find("Got 5 for today") == 0);
}

TEST_CASE("parts of one text that come apart are read as one") {
  Asked r;
  CHECK(r.part("wasted, but i would say 7 out", 1, 2) == checkins::Taken::part);
  CHECK(r.sent_to(mj).empty());
  CHECK(r.part(" of 10 today", 2, 2) == checkins::Taken::stored);
  CHECK(r.value(monday) == 7);
  CHECK(r.sent_to(mj).size() == 1);
}

TEST_CASE("parts in the wrong order, and one that never comes") {
  Asked r;
  r.part("0", 2, 2, 8);
  r.part("mood 1", 1, 2, 8);
  CHECK(r.value(monday) == 10);
  r.part("i want to di", 1, 2, 9);
  r.part("nothing of that", 1, 3, 10);
  r.advance(0.1);  // waited long enough for the rest
  CHECK(r.inbound().size() >= 4);
  CHECK(r.unread() >= 1);
}

TEST_CASE("words of risk in two parts are found in the whole") {
  Asked r;
  r.part("i want to", 1, 2);
  r.part(" die", 2, 2);
  CHECK(r.last_to(mj).find("You don't have to carry this alone") != std::string::npos);
}

TEST_CASE("nothing goes to a machine; three in a row are told to a human") {
  Asked r;
  for (const char* text : {"I'm driving with Do Not Disturb While Driving turned on.",
                           "Automatic reply: I am out of the office until Monday.",
                           "This mailbox is not monitored."}) {
    CHECK(r.answer(mj, text).empty());
  }
  CHECK(r.person(mj).hold);
  CHECK(r.last_to(gwen).find("MJ") != std::string::npos);
  CHECK(r.readings().empty());
}

TEST_CASE("a tap on our text stores nothing; the reminder says that taps do not reach us") {
  Asked r;
  CHECK(r.answer(mj, "Liked “How has your mood been today, 0 to 10?”").empty());
  CHECK(r.readings().empty());
  r.until(TimeOfDay::hm(20, 5));
  CHECK(r.last_to(mj).find("A tap on our text does not reach us") == 0);
}

TEST_CASE("the reminder goes once to whom said nothing, and never to whom answered") {
  Asked r;
  r.until(TimeOfDay::hm(20, 5));
  CHECK(r.sent_to(mj) ==
        std::vector<std::string>{"If you like, there is still time to answer for today."});
  r.advance(22);
  r.says(mj, "6");
  r.forget();
  r.until(TimeOfDay::hm(20, 30));
  CHECK(r.sent_to(mj).empty());
}

TEST_CASE("loops end: our own words come back, and a machine that always answers the same") {
  Asked r;
  const std::string echo = r.answer(mj, "7");
  CHECK(r.answer(mj, echo).empty());
  int answers = 0;
  for (int i = 0; i < 60; ++i) answers += r.answer(mj, "ok then 5").empty() ? 0 : 1;
  CHECK(answers <= 3);
  for (int i = 0; i < 90; ++i) {
    answers += r.answer(mj, "number " + std::to_string(i % 11) + " it is, said for the " +
                                std::to_string(i) + "th time")
                       .empty()
                   ? 0
                   : 1;
  }
  CHECK(answers <= 40);
  CHECK(r.answer(mj, "HELP").find("STOP") != std::string::npos);
}

TEST_CASE("words of risk: the crisis reply at once, at any hour, and a human look") {
  Asked r;
  r.until(TimeOfDay::hm(3, 10));
  r.forget();
  CHECK(r.answer(mj, "7 lol. i want to kill myself").find("carry this alone") != std::string::npos);
  CHECK(r.value(monday) == 7);
  CHECK(r.unread() == 1);
  const auto row = r.act("replies.unread").value().as_array()[0].as_object();
  CHECK(row.at("safety").as_string() == "direct");
  CHECK(r.act("replies.seen", {{"id", row.at("id").to_number<std::int64_t>()}}).has_value());
  CHECK(r.unread() == 0);
  CHECK_FALSE(r.sent_to(gwen).empty());
  CHECK(r.gateway().metrics.text().find("moodline_replies_total{what=\"safety_direct\"} 1") !=
        std::string::npos);
}

TEST_CASE("STOP beside words of risk: the opt-out is honoured and a human is told") {
  Asked r;
  r.says(mj, "STOP texting me. i am going to end my life");
  CHECK(r.person(mj).status == store::PersonStatus::stopped);
  bool crisis = false;
  for (const std::string& t : r.sent_to(mj)) crisis |= t.find("carry this alone") != t.npos;
  CHECK(crisis);
  CHECK_FALSE(r.sent_to(gwen).empty());
}

TEST_CASE("somebody else reads the phone: nothing automatic, and STOP is silent") {
  Asked r;
  CHECK(r.answer(mj, "7. dont text back, he reads my phone").empty());
  CHECK(r.person(mj).do_not_reply);
  CHECK(r.value(monday) == 7);
  CHECK(r.answer(mj, "i want to die").empty());
  CHECK(r.answer(mj, "STOP").empty());
  CHECK(r.person(mj).status == store::PersonStatus::stopped);
  CHECK(r.unread() >= 2);
}

TEST_CASE("news of a death stops every send and is told the same day") {
  Asked r;
  CHECK(r.answer(mj, "This is her husband. She passed away on Sunday.").empty());
  CHECK(r.person(mj).status == store::PersonStatus::deceased);
  CHECK_FALSE(r.sent_to(gwen).empty());
  r.forget();
  r.advance(48);
  CHECK(r.sent_to(mj).empty());
}

TEST_CASE("may want out: held, one neutral text, no prompt until a human has looked") {
  Asked r;
  CHECK(r.answer(mj, "leave me alone").find("To end all texts, text STOP") != std::string::npos);
  CHECK(r.person(mj).hold);
  r.forget();
  r.until(TimeOfDay::hm(18, 30));
  CHECK(r.sent_to(mj).empty());
}

TEST_CASE("two requests in one text are both carried out") {
  Asked r;
  r.says(mj, "6. pause 3 days");
  CHECK(r.value(monday) == 6);
  CHECK(r.person(mj).paused_until.has_value());
}

TEST_CASE("words without a number are kept and read by a human, codes masked where shown") {
  Asked r;
  CHECK(r.answer(mj, "long day, my bank pin is 4321 now").find("Noted for today") == 0);
  const auto rows = r.act("replies.unread").value().as_array();
  REQUIRE(rows.size() == 1);
  const std::string shown = rows[0].at("text").as_string().c_str();
  CHECK(shown.find("4321") == std::string::npos);
  CHECK(shown.find("long day") == 0);
}

TEST_CASE("every form of broken UTF-8 survives storage and comes back as received") {
  Asked r;
  const std::string broken[] = {"7 \xFF",
                                "\xC3",
                                "a\x80z",
                                "\xED\xA0\x80",
                                "\xC0\xAF",
                                "\xF8\x88",
                                std::string("nul\0in", 6),
                                "\xEF\xBF\xBE",
                                "\xF4\x90\x80\x80"};
  int n = 0;
  for (const std::string& text : broken) {
    providers::Event e;
    e.type = providers::EventType::mo;
    e.event_id = "broken" + std::to_string(++n);
    e.from = mj;
    e.text = text;
    e.at = r.now();
    r.with([&](store::Tx& tx, const checkins::Setting& s) {
      checkins::take_inbound(tx, s, "phones", e);
    });
    bool found = false;
    for (const store::Inbound& in : r.inbound()) found |= in.text == text;
    CHECK(found);
  }
}
