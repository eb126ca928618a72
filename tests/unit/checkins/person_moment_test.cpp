// The person's lines about bad moments, wrong phones and other readers.
#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

TEST_CASE("person: HELP") {
  Rig r;
  r.join(r.someone());
  const std::string help = r.answer(mj, "HELP");
  const auto crisis = help.find("116 123");
  const auto name = help.find("Ana 07700 900102");
  const auto stop = help.find("STOP");
  REQUIRE(crisis != std::string::npos);
  REQUIRE(name != std::string::npos);
  REQUIRE(stop != std::string::npos);
  CHECK(crisis < name);  // crisis numbers first, then one name and one number, then how to stop
  CHECK(name < stop);
  CHECK(segments(help) <= 2);
  // At any hour, and after STOP too.
  r.until(TimeOfDay::hm(3, 0));
  CHECK(r.answer(mj, "help") == help);
  r.says(mj, "STOP");
  CHECK(r.answer(mj, "HELP") == help);
}

TEST_CASE("person: WRONG") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.evenings(mj, {"2", "2"});
  r.forget();
  r.says(mj, "WRONG NUMBER");
  for (const auto& t : r.sent_to(mj)) {
    for (const char* health : {"mood", "check-in", "Northside", "answer"})
      CHECK_FALSE(has(t, health));
  }
  CHECK(any_has(r.sent_to(gwen), "MJ: the number belongs to somebody else"));
  r.forget();
  r.says(mj, "2");
  r.advance(24 * 3);
  CHECK(r.sent_to(mj).empty());
  CHECK(r.sent_to(sam).empty());
  SUBCASE("recycled: its new owner may be enrolled once they ask for it") {
    CHECK(r.try_enrol(r.someone(mj, "NEW")).error().code == "opted_out");
    r.says(mj, "START");
    CHECK(any_has(r.sent_to(gwen), "START"));
    CHECK(r.sent_to(mj).empty());
    const auto p = r.enrol(r.someone(mj, "NEW"));
    r.says(mj, "AGREE " + p.agree_code);
    CHECK(r.person(mj).display == "NEW");
    CHECK(has(r.answer(mj, "HISTORY"), "no answers yet"));  // nothing of the one before
  }
}

TEST_CASE("person: shared, landline and unreachable numbers") {
  Rig r;
  SUBCASE("shared: a second person on the same phone is refused") {
    r.join(r.someone());
    CHECK(r.try_enrol(r.someone(mj, "KT")).error().code == "number_in_use");
    CHECK(r.try_enrol(r.someone(sam, "KT")).error().code == "number_in_use");
  }
  SUBCASE("landline: the invitation comes back, the admin is told") {
    r.unreachable.insert(mj);
    r.enrol(r.someone());
    CHECK(any_has(r.sent_to(gwen), "MJ: texts cannot be delivered"));
  }
  SUBCASE("unreachable later: noticed after three") {
    r.join(r.someone());
    r.forget();
    r.unreachable.insert(mj);
    r.advance(24 * 4);
    CHECK(count_has(r.sent_to(gwen), "MJ: texts cannot be delivered") >= 1);
  }
}

TEST_CASE("person: write something worrying") {
  Rig r;
  SUBCASE("an instant crisis reply and a human look, at any hour") {
    r.join(r.someone());
    r.until(TimeOfDay::hm(3, 0));
    r.forget();
    const Instant then = r.now();
    r.says(mj, "i want to kill myself");
    REQUIRE(r.sent_to(mj).size() == 1);
    CHECK(has(r.last_to(mj), "116 123"));
    CHECK(has(r.last_to(mj), "Ana: 07700 900102"));
    CHECK(r.texts_to(mj)[0].at - then < minute);
    REQUIRE(r.sent_to(gwen).size() == 1);
    CHECK(has(r.last_to(gwen), "MJ"));
    CHECK_FALSE(has(r.last_to(gwen), "kill"));
  }
  SUBCASE("whatever else the text held") {
    r.join(r.someone());
    r.until(TimeOfDay::hm(18, 1));
    r.forget();
    r.says(mj, "1 want to die");
    CHECK(any_has(r.sent_to(mj), "116 123"));
    CHECK(any_has(r.sent_to(gwen), "MJ"));
    CHECK(has(r.answer(mj, "HISTORY"), "1"));
  }
  SUBCASE("with STOP: silence after the crisis text, and duty still looks") {
    r.join(r.someone(), {"safety-words"});
    r.forget();
    r.says(mj, "STOP i want to kill myself");
    REQUIRE(r.sent_to(mj).size() == 1);
    CHECK(has(r.last_to(mj), "116 123"));
    CHECK_FALSE(r.sent_to(gwen).empty());
    r.forget();
    r.advance(24 * 3);
    CHECK(r.sent_to(mj).empty());
  }
  SUBCASE("under the agreed rule, practitioner at once, duty after 15 minutes") {
    r.join(r.someone(), {"safety-words"});
    r.until(TimeOfDay::hm(3, 0));
    r.forget();
    r.says(mj, "i want to kill myself");
    CHECK(any_has(r.sent_to(sam), "URGENT"));
    r.advance(0.5);
    CHECK(any_has(r.sent_to(gwen), "URGENT"));
  }
}

TEST_CASE("person: say someone else reads the phone") {
  Rig r;
  r.join(r.someone());
  r.forget();
  r.says(mj, "dont text back he reads my phone");
  CHECK(r.sent_to(mj).empty());
  CHECK(any_has(r.sent_to(gwen), "MJ: somebody else may read this phone"));
  r.says(mj, "4");
  r.says(mj, "HELP");
  r.advance(24 * 3);
  CHECK(r.sent_to(mj).empty());
  SUBCASE("until a human has looked") {
    REQUIRE(r.act("person.release", {{"person", "MJ"}}));
    r.advance(24);
    CHECK(any_has(r.sent_to(mj), "mood"));
  }
  SUBCASE("an opt-out in the same text is honoured silently") {
    r.says(mj, "STOP dont reply my partner sees this");
    r.advance(24);
    CHECK(r.sent_to(mj).empty());
    CHECK(r.person(mj).status == store::PersonStatus::stopped);
  }
}

TEST_CASE("person: seem to want out, or to despair") {
  Rig r;
  r.join(r.someone());
  r.forget();
  r.says(mj, "leave me alone");
  REQUIRE(r.sent_to(mj).size() == 1);
  CHECK(has(r.last_to(mj), "STOP"));
  CHECK(has(r.last_to(mj), "116 123"));
  r.forget();
  r.advance(24 * 3);
  CHECK(r.sent_to(mj).empty());  // no further prompt until a human has read it
  CHECK(any_has(r.sent_to(gwen), "nobody has read it"));
  REQUIRE(r.act("person.release", {{"person", "MJ"}}));
  r.advance(24);
  CHECK(any_has(r.sent_to(mj), "mood"));
}

TEST_CASE("person: have died, says whoever answers") {
  Rig r;
  r.join(r.someone(), {"low-streak", "gone-quiet"});
  r.until(TimeOfDay::hm(18, 1));
  r.forget();
  r.says(mj, "hi this is his sister, MJ passed away last week");
  CHECK(any_has(r.sent_to(gwen), "MJ: we were told that they have died"));
  r.says(mj, "please stop these");
  r.advance(24 * 9);
  CHECK(r.sent_to(mj).empty());  // every send stops at once, nothing automatic answers
  CHECK(r.sent_to(sam).empty());
}

TEST_CASE("person: write words with no number") {
  Rig r;
  r.join(r.someone());
  r.until(TimeOfDay::hm(18, 1));
  r.forget();
  const std::string a = r.answer(mj, "had a long walk with the dog");
  CHECK(has(a, "Noted for"));
  CHECK(has(a, "Mon to Fri 9 to 5"));  // when it is read
  const auto unread = r.act("replies.unread");
  REQUIRE(unread);
  REQUIRE(unread->as_array().size() == 1);
  CHECK(unread->at(0).at("kind") == "note_only");
  r.advance(24 * 5);
  CHECK(any_has(r.sent_to(gwen), "not been looked at for 3 days"));
}
