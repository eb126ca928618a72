// A friend or carer: chosen by the person, told less than a practitioner, and withdrawn by a text.
#include "daemon/net/message.hpp"
#include "daemon/pages/pages.hpp"
#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

namespace {

const std::string jo = "+447700900104";

// Joins with Jo as their friend, needs and a plan; agrees to these rules and refuses all others.
void join_with_friend(Rig& r, const std::set<std::string>& rules) {
  auto n = r.someone();
  n.needs = "text only, deaf";
  n.plan = "walk to the harbour";
  const auto p = r.enrol(n);
  REQUIRE(r.act("person.set", {{"person", "MJ"}, {"friend", "jo"}}));
  r.says(mj, "AGREE " + p.agree_code);
  r.answer_offers(mj, rules);
}

// What stands behind a friend's link: the page after Show.
std::string page_behind(Rig& r, const std::string& link) {
  pages::PageRequest request;
  request.kind = link.find("/a/") != std::string::npos ? checkins::LinkKind::alert
                                                       : checkins::LinkKind::series;
  request.token = link.substr(link.rfind('/') + 1);
  request.token = request.token.substr(0, request.token.find_first_of(" \n"));
  std::string html;
  r.with([&](store::Tx& tx, const checkins::Setting& s) {
    const std::string cover = pages::cover(tx, s, request).body;
    const std::string field = "name=\"form\" value=\"";
    const auto at = cover.find(field);
    REQUIRE(at != std::string::npos);
    const auto from = at + field.size();
    request.form = {{"do", "show"}, {"form", cover.substr(from, cover.find('"', from) - from)}};
    html = pages::open(tx, s, request).body;
  });
  return html;
}

}  // namespace

TEST_CASE("person: a friend or carer is told less than a practitioner") {
  Rig r;
  join_with_friend(r, {"friend-in-touch", "low-streak"});
  const std::string line = r.agreement(mj, "friend-in-touch");
  REQUIRE_FALSE(line.empty());
  CHECK(has(r.answer(mj, "WHO"), line + " Jo Hill"));  // by name
  r.forget();
  low_streak(r);
  next_morning(r);
  std::string code;
  for (const auto& a : r.alerts_of(mj)) code = a.rule == "friend-in-touch" ? a.code : code;
  REQUIRE_FALSE(code.empty());
  REQUIRE(r.sent_to(jo).size() == 1);
  const std::string text = r.last_to(jo);
  SUBCASE("the text: who, be in touch, how to answer; no need, line, reading or why") {
    CHECK(has(text, "MJ"));
    CHECK(has(text, "OK " + code));
    CHECK(segments(text) == 1);
    for (const char* less : {"Needs", "deaf", "line", "L1", "mood", "score", "low", "crossed"}) {
      CHECK_MESSAGE(!has(text, less), less << " in " << text);
    }
    CHECK(has(r.last_to(sam), "Needs: text only"));  // a practitioner is told them
  }
  SUBCASE("the page: the sentence and one button; no reading, sum, plan, need or trail") {
    const std::string link = r.answer(jo, "LINK " + code);
    REQUIRE(has(link, "/a/"));
    const std::string page = page_behind(r, link.substr(link.find("http")));
    CHECK(has(page, "MJ"));
    CHECK(has(page, "If I score below 4"));
    CHECK(has(page, "value=\"done\""));
    for (const char* less :
         {"<svg", "harbour", "deaf", "Sam", "What has happened", "Why now", "value=\"pass\""}) {
      CHECK_MESSAGE(!has(page, less), less);
    }
    CHECK(has(r.answer(mj, "WHO"), "Looked at by: Jo Hill 1x"));
    // The series, which shows readings, opens for no friend, and no link to it is made.
    CHECK(r.act("link.make", {{"person", "MJ"}, {"to", "jo"}}).error().code == "friend_sees_less");
  }
  SUBCASE("OK: been in touch; nobody is chased, whatever they do") {
    CHECK(has(r.answer(jo, "ok"), "Thank you"));
    r.advance(24 * 3);
    CHECK(r.sent_to(jo).size() == 2);
    CHECK_FALSE(any_has(r.sent_to(gwen), code));
    CHECK(has(r.answer(mj, "LOG"), "Jo Hill"));
  }
  SUBCASE("silence of a friend is no alarm: no deputy, no lead, no admin") {
    r.advance(24 * 4);
    CHECK(r.sent_to(jo).size() == 1);
    CHECK_FALSE(any_has(r.sent_to(ana), code));
    CHECK_FALSE(any_has(r.sent_to(gwen), code));
    CHECK_FALSE(any_has(r.sent_to(sam), code));
  }
  SUBCASE("no word of a friend passes it on; nonsense is answered in one text") {
    CHECK(has(r.answer(jo, "PASS " + code), "never shown"));
    CHECK(has(r.answer(jo, "what did she score?"), "never shown"));
    r.advance(24);
    CHECK_FALSE(any_has(r.sent_to(ana), code));
  }
  SUBCASE("over: they hear that nothing is needed, and not why") {
    r.evenings(mj, {"8", "8"});
    r.advance(24);
    CHECK(any_has(r.sent_to(jo), "nothing is needed from you about " + code));
  }
}

TEST_CASE("person: a friend is asked by text once somebody agreed that they be told") {
  Options o;
  o.staff_accept = false;
  Rig r(o);
  r.advance(24);
  CHECK(r.sent_to(jo).empty());  // nobody chose them
  CHECK_FALSE(any_has(r.sent_to(gwen), "Jo Hill"));
  SUBCASE("the morning after, and again until they answer; the admin hears that they have not") {
    join_with_friend(r, {"friend-in-touch"});
    CHECK(r.sent_to(jo).empty());
    r.advance(24);
    REQUIRE(r.sent_to(jo).size() == 1);
    CHECK(has(r.last_to(jo), "friend"));
    CHECK(has(r.last_to(jo), "ACCEPT "));
    r.advance(24);
    CHECK(r.sent_to(jo).size() == 2);
    CHECK(any_has(r.sent_to(gwen), "Jo Hill has not accepted"));
    const std::string request = r.last_to(jo);
    r.says(jo, request.substr(request.find("ACCEPT "), 9));
    const auto before = r.sent_to(jo).size();
    r.advance(24);
    CHECK(r.sent_to(jo).size() == before);
  }
  SUBCASE("never where the person refused every sentence that names them") {
    join_with_friend(r, {"low-streak"});
    r.advance(24);
    CHECK(r.sent_to(jo).empty());
  }
}

TEST_CASE("person: progress reaches a chosen friend, with a kind word back, and is withdrawn") {
  Rig r;
  join_with_friend(r, {"friend-week", "low-streak", "weekly-digest"});
  r.forget();
  r.evenings(mj, {"7", "nothing much", "6", "5"});
  r.until(TimeOfDay::hm(12, 30));  // Friday; the friend's week is told on Sunday at noon
  r.advance(24 * 2);
  REQUIRE(r.sent_to(jo).size() == 1);
  const std::string week = r.last_to(jo);
  CHECK_MESSAGE(has(week, "answered this week: MJ 4/6"), week);
  CHECK(segments(week) == 1);
  SUBCASE("a kind word goes back; nothing counts as read by it") {
    const auto unread = r.act("replies.unread")->as_array().size();
    CHECK(has(r.answer(jo, "SEEN MJ proud of you"), "MJ"));
    CHECK(r.last_to(mj) == "Jo says: proud of you");
    CHECK(r.act("replies.unread")->as_array().size() == unread);
    CHECK(has(r.answer(jo, "SEEN KT hello"), "Whose answers?"));  // somebody else's
  }
  SUBCASE("UNSHARE and the friend's name: at once, and only the friend") {
    CHECK(has(r.answer(mj, "UNSHARE Jo"), "Told nothing from now on: Jo Hill"));
    CHECK(r.person(mj).sharing);
    r.forget();
    r.advance(24 * 8);
    CHECK(r.sent_to(jo).empty());
    CHECK(has(r.answer(jo, "SEEN MJ are you there"), "Whose answers?"));
    low_streak(r);
    next_morning(r);
    CHECK(any_has(r.sent_to(sam), "MJ"));  // what was agreed with Sam stands
  }
  SUBCASE("UNSHARE and the practitioner's name leaves the friend theirs") {
    CHECK(has(r.answer(mj, "UNSHARE Sam"), "Sam Reed"));
    r.forget();
    r.evenings(mj, {"2", "2", "2"});
    r.advance(24 * 5);
    CHECK(r.sent_to(sam).empty());
    CHECK(count_has(r.sent_to(jo), "answered this week") == 1);
  }
  SUBCASE("UNSHARE alone ends both") {
    r.says(mj, "UNSHARE");
    r.forget();
    r.advance(24 * 8);
    CHECK(r.sent_to(jo).empty());
    CHECK(r.sent_to(sam).empty());
    CHECK_FALSE(r.person(mj).sharing);
  }
  SUBCASE("OFF by the friend ends their texts, and nobody gets them instead") {
    CHECK(has(r.answer(jo, "OFF"), "until you text ON"));
    r.forget();
    r.advance(24 * 8);
    for (const std::string& t : r.sent_to(jo)) FAIL_CHECK(t);
    CHECK_FALSE(any_has(r.sent_to(ana), "answered this week"));
  }
  SUBCASE("a friend taken away by the admin, as agreed: their sentences end") {
    REQUIRE(r.act("person.set", {{"person", "MJ"}, {"friend", "none"}}));
    r.forget();
    r.advance(24 * 8);
    CHECK(r.sent_to(jo).empty());
    CHECK(r.act("person.show", {{"person", "MJ"}})->at("friend").is_null());
  }
}

TEST_CASE("person: a friend's sentence is offered only to who chose a friend, and agreed alone") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  CHECK(r.agreement(mj, "friend-week").empty());
  r.forget();
  REQUIRE(r.act("person.set", {{"person", "MJ"}, {"friend", "jo"}}));
  CHECK(any_has(r.sent_to(mj), "Jo Hill"));  // the sentence names them
  CHECK(r.sent_to(jo).empty());
  r.evenings(mj, {"2", "2", "2"});
  r.advance(24 * 5);
  CHECK(r.sent_to(jo).empty());  // offered is not agreed
  CHECK(r.act("person.set", {{"person", "MJ"}, {"friend", "sam"}}).error().code ==
        "unknown_friend");
  CHECK(r.act("person.transfer", {{"person", "MJ"}, {"to", "jo"}}).error().code ==
        "unknown_practitioner");
  auto n = r.someone(kit, "KT");
  n.practitioner = "jo";
  CHECK(r.try_enrol(n).error().code == "unknown_practitioner");
}
