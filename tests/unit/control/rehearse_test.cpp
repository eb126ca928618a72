// plan, the logs behind a backtest, and agreements as an admin sees them.
#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "tests/unit/checkins/rig.hpp"

namespace moodline::rig {
namespace {

namespace fs = std::filesystem;

/// The sample's files, edited, in a folder of their own.
class Folder {
 public:
  explicit Folder(const std::function<void(Files&)>& edit) {
    Files files = sample_files();
    edit(files);
    std::string name = (fs::temp_directory_path() / "moodline-plan-XXXXXX").string();
    path = ::mkdtemp(name.data()) == nullptr ? "" : name;
    for (const auto& [file, text] : files) {
      fs::create_directories((fs::path(path) / file).parent_path());
      std::ofstream(fs::path(path) / file) << text;
    }
  }
  ~Folder() {
    std::error_code ec;
    fs::remove_all(path, ec);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path;
};

const char* low = "rules/low-mood.yaml";
void wider(Files& f) {
  replace_in(f, low, "days: {default: 3,", "days: {default: 2,");
}
void narrower(Files& f) {
  replace_in(f, low, "below: {default: 4, allow: [2, 4]}\n    days",
             "below: {default: 3, allow: [2, 4]}\n    days");
}

int offers(Rig& r, const std::string& number) {
  int n = 0;
  for (const auto& a : r.agreements_of(number)) {
    n += a.status == store::AgreementStatus::offered && a.rule == "low-streak" ? 1 : 0;
  }
  return n;
}

TEST_CASE("plan says beforehand what a reload then does") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.join(r.someone(kit, "KT"), {"low-streak"});
  SUBCASE("a widening") {
    const Folder dir(wider);
    const auto plan = r.act("plan", {{"dir", dir.path}});
    REQUIRE(plan.has_value());
    CHECK(plan->at("extra_texts_today") == 2);  // the two requests
    CHECK(plan->at("must_agree_again") == 2);
    CHECK(plan->at("people") == 2);
    CHECK(plan->at("next") == 0);
    CHECK(json::serialize(*plan).find("low-streak@2 waits for a new yes") != std::string::npos);
    CHECK(offers(r, mj) == 0);  // planning changes nothing
    r.forget();
    r.reload(wider);
    CHECK(offers(r, mj) + offers(r, kit) == 2);
    CHECK(r.texts().size() == 2);
  }
  SUBCASE("a narrowing applies, also while an alert is open") {
    r.evenings(mj, {"2", "2", "2"});
    r.advance(0.5);  // ten minutes to settle
    REQUIRE(r.alerts_of(mj).size() == 1);
    const Folder dir(narrower);
    const auto plan = r.act("plan", {{"dir", dir.path}});
    REQUIRE(plan.has_value());
    CHECK(plan->at("must_agree_again") == 0);
    CHECK(json::serialize(*plan).find("narrows and applies at once") != std::string::npos);
    r.reload(narrower);
    CHECK(offers(r, mj) == 0);
    r.evenings(mj, {"8", "8"});  // the open alert ends under its own words
    CHECK(r.alerts_of(mj).front().status == store::AlertStatus::cleared);
  }
  SUBCASE("files with a problem, and no files") {
    const Folder dir([](Files& f) { replace_in(f, low, "format:", "fromat:"); });
    const auto bad = r.act("plan", {{"dir", dir.path}});
    REQUIRE(!bad.has_value());
    CHECK(bad.error().code == "bad_config");
    CHECK(bad.error().message.find("low-mood.yaml:") != std::string::npos);
    const auto none = r.act("plan", {{"dir", "/nowhere"}});
    REQUIRE(!none.has_value());
    CHECK(none.error().code == "no_such_dir");
  }
}

// Extra texts as planned, and as a reload then sends them.
void planned_and_sent(Rig& r, const std::function<void(Files&)>& edit, std::size_t texts) {
  const Folder dir(edit);
  const auto plan = r.act("plan", {{"dir", dir.path}});
  REQUIRE(plan.has_value());
  CHECK(plan->at("extra_texts_today") == texts);
  r.forget();
  r.reload(edit);
  CHECK(r.texts().size() == texts);
}

void reworded(Files& f) {
  replace_in(f, "texts/en.yaml", "Skipped.", "Left out.");
}
void without_digest(Files& f) {
  replace_in(f, "programmes/evening-mood.yaml", ", weekly-digest@1", "");
}

TEST_CASE("the texts of a reload are those of the plan") {
  SUBCASE("a narrowing is told") {
    Rig r;
    r.join(r.someone(), {"low-streak"});
    planned_and_sent(r, narrower, 1);
  }
  SUBCASE("other words of the service send nothing") {
    Rig r;
    r.join(r.someone(), {"low-streak"});
    planned_and_sent(r, reworded, 0);
  }
  SUBCASE("a new rule is one question, and not for those who chose others") {
    Rig r({.edit = without_digest});
    r.join(r.someone(), {"low-streak"});
    auto chooses = r.someone(kit, "KT");
    chooses.rules = {"low-streak"};
    r.join(chooses, {"low-streak"});
    planned_and_sent(
        r,
        [](Files& f) {
          if (f["programmes/evening-mood.yaml"].find("weekly-digest") != std::string::npos) return;
          replace_in(f, "programmes/evening-mood.yaml", "safety-words@1",
                     "safety-words@1, weekly-digest@1");
        },
        1);
  }
  SUBCASE("what somebody ended is not asked about again") {
    Rig r;
    r.join(r.someone(), {"low-streak"});
    r.says(mj, "DISAGREE " + r.agreement(mj, "low-streak"));
    planned_and_sent(r, reworded, 0);
  }
}

TEST_CASE("a rule that has left its programme is retired with notice") {
  Rig r;
  r.join(r.someone(), {"low-streak"});
  r.join(r.someone(kit, "KT"), {"low-streak"});
  r.evenings(mj, {"2", "2", "2"});
  r.advance(0.5);
  REQUIRE(r.alerts_of(mj).size() == 1);
  const auto early = r.act("rules.retire", {{"rule", "low-streak"}});
  REQUIRE(!early.has_value());
  CHECK(early.error().code == "still_offered");
  CHECK(early.error().message.find("evening-mood") != std::string::npos);
  CHECK(r.act("rules.retire", {{"rule", "low-streak@2"}}).error().code == "bad_argument");
  r.reload([](Files& f) { replace_in(f, "programmes/evening-mood.yaml", "[low-streak@2, ", "["); });
  CHECK(r.alerts_of(mj).front().status == store::AlertStatus::open);  // it runs on as agreed
  r.forget();
  const auto done = r.act("rules.retire", {{"rule", "low-streak"}});
  REQUIRE(done.has_value());
  CHECK(done->at("people") == 2);
  CHECK(done->at("next") == 0);
  r.advance(0.1);
  for (const std::string& number : {std::string(mj), std::string(kit)}) {
    REQUIRE(r.sent_to(number).size() == 1);
    CHECK(r.last_to(number).find("has ended for everybody") != std::string::npos);
  }
  CHECK(r.alerts_of(mj).front().status == store::AlertStatus::closed);
  r.evenings(mj, {"2", "2", "2", "2"});
  r.advance(0.5);
  CHECK(r.alerts_of(mj).size() == 1);
  CHECK(r.act("rules.retire", {{"rule", "low-streak"}})->at("people") == 0);
}

TEST_CASE("only people who allow it are in a backtest") {
  Rig r;
  const auto p = r.join(r.someone(), {"low-streak"});
  r.join(r.someone(kit, "KT"), {});
  r.evenings(mj, {"2", "3"});
  const auto before = r.act("history.logs");
  REQUIRE(before.has_value());
  CHECK(before->at("people").as_array().empty());
  CHECK(before->at("left_out") == 2);
  REQUIRE(r.act("person.history", {{"person", p.key}, {"allow", "yes"}}).has_value());
  CHECK(!r.act("person.history", {{"person", p.key}, {"allow", "perhaps"}}).has_value());
  const auto after = r.act("history.logs");
  REQUIRE(after.has_value());
  REQUIRE(after->at("people").as_array().size() == 1);
  CHECK(after->at("left_out") == 1);
  const json::value& one = after->at("people").as_array().front();
  CHECK(std::string(one.at("person").as_string()) == p.key);
  CHECK(one.at("numbers").is_object());
  CHECK(one.at("log").as_array().size() > 4);  // two prompts with receipts, two replies
  const std::string text = json::serialize(*after);
  CHECK(text.find("447700") == std::string::npos);
  REQUIRE(r.act("person.history", {{"person", p.key}, {"allow", "no"}}).has_value());
  CHECK(r.act("history.logs")->at("left_out") == 2);
}

TEST_CASE("an agreement is shown with wording, version, hash, recipients, times and message") {
  Rig r;
  const auto p = r.join(r.someone(), {"low-streak"});
  const std::string code = r.agreement(mj, "low-streak");
  const auto one = r.act("agreement.show", {{"person", p.key}, {"agreement", code}});
  REQUIRE(one.has_value());
  CHECK(one->at("rule") == "low-streak");
  CHECK(one->at("version") == 2);
  CHECK(one->at("status") == "agreed");
  CHECK(one->at("hash").as_string().size() == 64);
  CHECK(one->at("message").is_int64());
  CHECK(one->at("recipients").as_array().size() > 1);
  CHECK(one->at("review").as_string() > one->at("answered").as_string());
  CHECK(one->at("sentence").as_string().find("Sam Reed") != std::string_view::npos);
  const auto mine = r.act("agreement.list", {{"person", p.key}});
  REQUIRE(mine.has_value());
  CHECK(mine->as_array().size() >= 1);
}

}  // namespace
}  // namespace moodline::rig
