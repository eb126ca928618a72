// The person's lines about who is told: sharing, agreements, leaving.
#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;
using store::AgreementStatus;

TEST_CASE("person: SHARE, UNSHARE <name>") {
  Rig r;
  SUBCASE("off until turned on: three low evenings tell nobody") {
    r.join(r.someone());
    CHECK_FALSE(r.person(mj).sharing);
    low_streak(r);
    r.advance(24 * 3);
    CHECK(r.sent_to(sam).empty());
    CHECK(r.sent_to(ana).empty());
    CHECK(r.alerts_of(mj).empty());
  }
  SUBCASE("tracking for oneself alone is fully supported") {
    auto n = r.someone();
    n.practitioner.clear();
    r.join(n, {"my-plan"});
    r.evenings(mj, {"7"});
    CHECK(has(r.answer(mj, "HISTORY"), "7"));
    CHECK(has(r.answer(mj, "WHO"), "Nobody"));
    CHECK(r.answer(mj, "SHARE") != "");
    CHECK(segments(r.last_to(mj)) <= 2);
  }
  SUBCASE("off is immediate and cancels queued alerts") {
    r.join(r.someone(), {"low-streak"});
    low_streak(r);  // Wednesday 19:00: Sam reads on Thursday at 09:00
    r.advance(0.2);
    CHECK(r.alerts_of(mj).size() == 1);
    CHECK(has(r.answer(mj, "UNSHARE Sam"), "Told nothing from now on: Sam Reed"));
    r.forget();
    r.advance(24 * 4);
    CHECK(r.sent_to(sam).empty());
    CHECK(r.sent_to(ana).empty());
    CHECK_FALSE(any_has(r.sent_to(gwen), "MJ"));
    CHECK(has(r.answer(mj, "WHO"), "Nobody"));
    CHECK(any_has(r.sent_to(mj), "How has your mood"));  // check-ins go on
  }
  SUBCASE("a name nobody has is asked about, and nothing changes") {
    r.join(r.someone(), {"low-streak"});
    CHECK(has(r.answer(mj, "UNSHARE Bob"), "Sam Reed"));
    CHECK(r.person(mj).sharing);
  }
}

TEST_CASE("person: AGREE L3, DISAGREE L3") {
  Rig r;
  const auto p = r.enrol(r.someone());
  r.says(mj, "AGREE " + p.agree_code);
  SUBCASE("each rule is its own sentence, with its numbers and every role named") {
    const std::string offer = r.last_to(mj);
    CHECK(has(offer, "If I score below 4 for 3 days running"));
    CHECK(has(offer, "Sam Reed"));
    CHECK(has(offer, "deputy"));
    CHECK(has(offer, "team lead"));
    CHECK(has(offer, "AGREE L1"));
    CHECK(segments(offer) <= 2);
    r.says(mj, "AGREE L1");
    CHECK(r.agreements_of(mj)[0].status == AgreementStatus::agreed);
    REQUIRE(r.agreements_of(mj).size() == 2);  // the next is a question of its own
    CHECK(r.agreements_of(mj)[1].status == AgreementStatus::offered);
    r.says(mj, "DISAGREE L2");
    CHECK(r.agreements_of(mj)[1].status == AgreementStatus::disagreed);
    const auto a = r.agreements_of(mj)[0];
    CHECK(a.answered_at);
    REQUIRE(a.review_at);
    CHECK((*a.review_at - r.now()).count() > 181 * day.count());
  }
  SUBCASE("nothing acts before its sentence is agreed") {
    low_streak(r);
    r.advance(48);
    CHECK(r.alerts_of(mj).empty());
    CHECK(r.sent_to(sam).empty());
  }
  SUBCASE("a code nobody offered is answered, and agrees to nothing") {
    CHECK(has(r.answer(mj, "AGREE L9"), "L1"));
    CHECK(r.agreements_of(mj)[0].status == AgreementStatus::offered);
  }
  SUBCASE("DISAGREE ends it at once, with what was on its way") {
    r.answer_offers(mj, {"low-streak"});
    low_streak(r);
    const std::string code = r.agreement(mj, "low-streak");
    CHECK(has(r.answer(mj, "DISAGREE " + code), "Ended"));
    r.forget();
    r.advance(24 * 3);
    CHECK(r.sent_to(sam).empty());
    CHECK(r.sent_to(ana).empty());
  }
}

TEST_CASE("person: AGREE L3: a change that widens it waits for a new agreement") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.forget();
  SUBCASE("wider: asked anew, the old one acts meanwhile") {
    r.reload([](Files& f) {
      replace_in(f, "rules/low-mood.yaml", "days: {default: 3, allow: [2, 14]}",
                 "days: {default: 2, allow: [2, 14]}");
    });
    REQUIRE(r.sent_to(mj).size() == 1);
    CHECK(has(r.last_to(mj), "2 days"));
    r.evenings(mj, {"2", "2"});
    r.advance(0.2);
    CHECK(r.alerts_of(mj).empty());
    r.evenings(mj, {"2"});
    r.advance(0.2);
    CHECK(r.alerts_of(mj).size() == 1);
  }
  SUBCASE("narrower: applies at once, and they are told") {
    r.reload([](Files& f) {
      replace_in(f, "rules/low-mood.yaml", "days: {default: 3, allow: [2, 14]}",
                 "days: {default: 4, allow: [2, 14]}");
    });
    r.evenings(mj, {"2", "2", "2"});
    r.advance(0.2);
    CHECK(r.alerts_of(mj).empty());
    r.evenings(mj, {"2"});
    r.advance(0.2);
    CHECK(r.alerts_of(mj).size() == 1);
  }
}

TEST_CASE("person: AGREE L3: six-monthly same plan, two reminders, then it lapses") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.says(mj, "PAUSE");  // only the plan is of interest here
  r.forget();
  const auto asked = [&] { return count_has(r.sent_to(mj), "Same plan?"); };
  r.advance(24 * 181);
  CHECK(asked() == 0);
  r.advance(24 * 2);
  CHECK(asked() == 1);
  CHECK(has(r.last_to(mj), "AGREE L1 to keep it"));
  SUBCASE("kept") {
    CHECK(r.answer(mj, "AGREE L1") != "");
    r.forget();
    r.advance(24 * 30);
    CHECK(asked() == 0);
    CHECK(r.agreements_of(mj)[0].status == AgreementStatus::agreed);
  }
  SUBCASE("not answered: two reminders a week apart, then the practitioner is told") {
    r.advance(24 * 7);
    CHECK(asked() == 2);
    r.advance(24 * 7);
    CHECK(asked() == 3);
    CHECK(r.agreements_of(mj)[0].status == AgreementStatus::agreed);
    r.advance(24 * 7);
    CHECK(asked() == 3);
    CHECK(r.agreements_of(mj)[0].status == AgreementStatus::lapsed);
    CHECK(any_has(r.sent_to(sam), "has not agreed L1 again"));
    CHECK(any_has(r.sent_to(mj), "L1 is paused"));
    r.says(mj, "RESUME");
    low_streak(r);
    r.advance(48);
    CHECK(r.alerts_of(mj).empty());
    CHECK(r.answer(mj, "AGREE L1") != "");
    CHECK(r.agreements_of(mj)[0].status == AgreementStatus::agreed);
  }
}

TEST_CASE("person: STOP") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.forget();
  SUBCASE("at once, exactly one confirmation") {
    r.says(mj, "STOP");
    r.says(mj, "stop");
    r.says_twice(mj, "Stop.");
    REQUIRE(r.sent_to(mj).size() == 1);
    CHECK(has(r.last_to(mj), "no more check-ins"));
    CHECK(has(r.last_to(mj), "116 123"));
    CHECK(segments(r.last_to(mj)) <= 2);
    r.forget();
    r.advance(24 * 9);
    CHECK(r.sent_to(mj).empty());
  }
  SUBCASE("checked again at the moment of sending") {
    r.provider_down = true;
    r.until(TimeOfDay::hm(18, 1));
    r.says(mj, "STOP");
    r.provider_down = false;
    r.advance(2);
    CHECK(r.sent_to(mj).size() == 1);
    CHECK_FALSE(any_has(r.sent_to(mj), "mood been"));
  }
  SUBCASE("the provider's own opt-out is respected, and not answered") {
    r.provider_says("opt_out", mj);
    r.advance(24 * 3);
    CHECK(r.sent_to(mj).empty());
    CHECK(r.person(mj).status == store::PersonStatus::stopped);
    CHECK(any_has(r.sent_to(gwen), "MJ has opted out"));
  }
  SUBCASE("by somebody invited, who never agreed") {
    r.enrol(r.someone(kit, "KT"));
    r.says(kit, "STOP");
    CHECK(r.sent_to(kit).size() == 2);
    r.advance(24 * 3);
    CHECK(r.sent_to(kit).size() == 2);
  }
}

TEST_CASE("person: START after STOP") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.says(mj, "STOP");
  r.forget();
  r.says(mj, "START");
  REQUIRE(r.sent_to(mj).size() == 1);
  CHECK(has(r.last_to(mj), "invited you"));
  r.advance(48);
  CHECK(r.sent_to(mj).size() == 1);  // nothing resumes by itself
  r.says(mj, "AGREE " + r.person(mj).agree_code);
  CHECK(r.person(mj).status == store::PersonStatus::active);
  for (const auto& a : r.agreements_of(mj)) CHECK(a.status != AgreementStatus::agreed);
  CHECK(any_has(r.sent_to(mj), "AGREE L"));  // asked anew
  CHECK_FALSE(r.person(mj).sharing);
}

TEST_CASE("person: leave: discharged") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  low_streak(r);
  r.forget();
  REQUIRE(r.act("person.discharge", {{"person", "MJ"}, {"holder", "Dr Lee's surgery"}}));
  CHECK_FALSE(r.act("person.discharge", {{"person", "MJ"}}));
  r.advance(24 * 9);
  REQUIRE(r.sent_to(mj).size() == 1);  // once
  CHECK(has(r.last_to(mj), "Dr Lee's surgery holds your record now"));
  CHECK(has(r.last_to(mj), "DELETE"));
  CHECK(r.sent_to(sam).empty());
  CHECK(r.sent_to(ana).empty());
  CHECK(r.person(mj).status == store::PersonStatus::discharged);
  r.forget();
  CHECK(has(r.answer(mj, "DELETE"), "DELETE "));
}

TEST_CASE("person: leave: handed over to another practitioner") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  low_streak(r);
  r.forget();
  CHECK_FALSE(r.act("person.transfer", {{"person", "MJ"}, {"to", "nobody"}}));
  REQUIRE(r.act("person.transfer", {{"person", "MJ"}, {"to", "ana"}}));
  CHECK(count_has(r.sent_to(mj), "Ana Price looks after them now") == 1);
  r.advance(24 * 2);
  CHECK(r.sent_to(sam).empty());  // what waited for Sam is not told
  CHECK(r.sent_to(ana).empty());  // and Ana only after a new agreement
  CHECK(any_has(r.sent_to(mj), "Ana Price"));
  r.answer_offers(mj, {"low-streak"});
  low_streak(r);
  next_morning(r);
  CHECK(any_has(r.sent_to(ana), "MJ"));
  CHECK_FALSE(any_has(r.sent_to(sam), "MJ"));
}

TEST_CASE("person: leave: a practitioner leaves, everybody is handed over") {
  Rig r;
  r.join(r.someone(), {});
  r.join(r.someone(kit, "KT"), {});
  r.forget();
  const auto done = r.act("practitioner.handover", {{"from", "sam"}, {"to", "ana"}});
  REQUIRE(done);
  CHECK(done->at("moved") == 2);
  CHECK(any_has(r.sent_to(ana), "2 people of Sam Reed"));
  CHECK(count_has(r.sent_to(kit), "Ana Price looks after") == 1);
}
