// The provider's own opt-out list against ours, both ways.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "tests/unit/checkins/rig.hpp"

namespace moodline::rig {
namespace {

const std::string stranger = "+447700900555";

json::object list_of(const std::string& numbers, bool apply = false) {
  return {{"provider", "phones"}, {"list", numbers}, {"apply", apply}};
}

std::optional<store::OptOut> ours(Rig& r, const std::string& number) {
  std::optional<store::OptOut> out;
  r.read([&](store::ReadTx& tx) { out = tx.opt_out(number); });
  return out;
}

std::int64_t count(const json::value& v, const char* name) {
  return v.at(name).to_number<std::int64_t>();
}

TEST_CASE("numbers on the provider's list alone") {
  Rig r;
  r.join(r.someone());
  const auto seen = r.act("person.opt_outs", list_of(mj + "\n" + stranger + "\n"));
  REQUIRE(seen.has_value());
  CHECK(count(*seen, "numbers") == 2);
  CHECK(count(*seen, "on_theirs_alone") == 2);
  CHECK(seen->at("people_on_theirs_alone").as_array().size() == 1);
  CHECK(seen->at("people_on_theirs_alone").at(0).at("as").as_string() == "MJ");
  CHECK_FALSE(seen->at("applied").as_bool());
  CHECK_FALSE(ours(r, mj).has_value());  // looking changes nothing
  CHECK(r.person(mj).status == store::PersonStatus::active);

  REQUIRE(r.act("person.opt_outs", list_of(mj + "\n" + stranger + "\n", true)).has_value());
  CHECK(r.person(mj).status == store::PersonStatus::stopped);
  CHECK(ours(r, mj)->source == "provider");
  CHECK(ours(r, stranger)->source == "provider");
  r.forget();
  r.advance(24 * 2);
  CHECK(r.sent_to(mj).empty());
  const auto again = r.act("person.opt_outs", list_of(mj + "\n" + stranger + "\n", true));
  CHECK(count(*again, "on_both") == 2);
  CHECK(count(*again, "on_theirs_alone") == 0);
}

TEST_CASE("people on our list alone") {
  Rig r;
  r.join(r.someone());
  r.join(r.someone(kit, "KT"));
  r.says(mj, "STOP");
  r.provider_says("opt_out", kit);
  const auto seen = r.act("person.opt_outs", list_of(stranger + "\n"));
  REQUIRE(seen.has_value());
  const auto& people = seen->at("people_on_ours_alone").as_array();
  REQUIRE(people.size() == 2);
  CHECK(people[0].at("number").as_string() == mj);
  CHECK(people[0].at("why").as_string() == "text");
  CHECK(people[1].at("why").as_string() == "the provider's block, which is gone");
  CHECK(count(*seen, "their_block_gone") == 1);

  SUBCASE("a block that is gone becomes our own STOP: nothing resumes by itself") {
    REQUIRE(r.act("person.opt_outs", list_of(stranger + "\n", true)).has_value());
    CHECK(ours(r, kit)->source == "text");
    r.forget();
    r.advance(24);
    CHECK(r.sent_to(kit).empty());
    r.says(kit, "START");
    CHECK_FALSE(ours(r, kit).has_value());
    CHECK_FALSE(r.sent_to(kit).empty());
  }
  SUBCASE("a list with a line that cannot be read says nobody is gone from it") {
    const auto partly = r.act("person.opt_outs", list_of(stranger + "\nn/a\n", true));
    REQUIRE(partly.has_value());
    CHECK(count(*partly, "their_block_gone") == 0);
    CHECK(partly->at("lines_without_a_number").as_array().size() == 1);
    CHECK(ours(r, kit)->source == "provider");
  }
}

TEST_CASE("a block that outlives START: the admin hears where to mend it") {
  Rig r;
  r.join(r.someone());
  r.provider_says("opt_out", mj);
  r.advance(30);
  r.forget();
  r.says(mj, "START");
  REQUIRE(r.person(mj).status == store::PersonStatus::invited);
  r.provider_says("opt_out", mj);  // what a refused invitation comes to as well
  CHECK(r.person(mj).status == store::PersonStatus::stopped);
  r.advance(1);
  bool told = false;
  for (const auto& text : r.sent_to(gwen)) told |= text.find("blocks this number") != text.npos;
  CHECK(told);
}

TEST_CASE("whether a number has said STOP, as somebody asks who would text it by hand") {
  Rig r;
  r.join(r.someone());
  const auto before = r.act("person.opted_out", {{"number", "07700 900200"}});
  REQUIRE(before.has_value());
  CHECK_FALSE(before->at("opted_out").as_bool());
  CHECK(before->at("since").is_null());
  r.says(mj, "STOP");
  const auto after = r.act("person.opted_out", {{"number", mj}});
  REQUIRE(after.has_value());
  CHECK(after->at("opted_out").as_bool());
  CHECK(after->at("since").is_string());
  CHECK(r.act("person.opted_out", {{"number", "0770"}}).error().code == "bad_number");
  CHECK(r.act("person.opted_out").error().code == "bad_argument");
}

TEST_CASE("what is refused") {
  Rig r;
  CHECK(r.act("person.opt_outs", {{"provider", "nobody"}, {"list", mj}}).error().code ==
        "no_such_provider");
  CHECK(r.act("person.opt_outs", {{"provider", "phones"}}).error().code == "bad_argument");
  CHECK(r.act("person.opt_outs", list_of("hello\n", true)).error().code == "bad_list");
}

}  // namespace
}  // namespace moodline::rig
