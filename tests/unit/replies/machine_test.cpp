// Every phone reaction form around every text of ours, in every language: nothing is read and
// nothing is sent back.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/unit/replies/support.hpp"

namespace moodline::replies::test {
namespace {

void scalars(const config::PackNode& node, std::vector<std::string>& out) {
  if (node.kind == config::PackNode::Kind::scalar && node.text.size() > 12)
    out.push_back(node.text);
  for (const auto& item : node.items) scalars(item, out);
  for (const auto& [name, value] : node.entries) scalars(value, out);
}

// The sample service's templates with their places filled, as a phone would quote them.
std::vector<std::string> our_texts() {
  std::vector<std::string> raw = {"How is your mood today? Reply 1 (very low) to 10 (very good)",
                                  "Got 7 for Tuesday. Text again to change.",
                                  "Reply STOP to opt out. Sleep last night, in hours?"};
  std::vector<config::PackProblem> problems;
  const auto dir = std::string(MOODLINE_SOURCE_DIR) + "/config/sample/texts";
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (entry.path().extension() == ".yaml") {
      scalars(config::read_pack_file(entry.path(), problems), raw);
    }
  }
  for (std::string& text : raw) {
    for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{')) {
      const std::size_t end = text.find('}', at);
      if (end == std::string::npos) break;
      text.replace(at, end - at + 1, "7");
    }
  }
  return raw;
}

std::string with_picture(std::string form) {
  for (std::size_t at = form.find('_'); at != std::string::npos; at = form.find('_')) {
    form.replace(at, 1, "👍");
  }
  return form;
}

}  // namespace

TEST_CASE("reactions around our texts store nothing and are never answered") {
  const std::vector<std::string> texts = our_texts();
  CHECK(texts.size() >= 3);
  const std::pair<const char*, const char*> quotes[] = {
      {" \"", "\""}, {" “", "”"}, {" « ", " »"}, {" “ ", " ”"}};
  std::size_t tried = 0;
  for (const auto& pack : packs().packs) {
    for (const char* list : {"machine.reactions", "machine.unreactions"}) {
      for (const auto& form : pack.list(list)) {
        for (const std::string& text : texts) {
          const auto& [open, close] = quotes[tried % 4];
          const std::string reply = with_picture(form.written) + open + text + close;
          const Verdict v = reader().read(reply, mood(pack.code));
          const bool silent = v.kind == Kind::unclear && v.auto_reply && v.reaction &&
                              !v.value.has_value() && v.values.empty() &&
                              v.command == Command::none && !v.safety.flagged();
          if (!silent) {
            CAPTURE(reply);
            CHECK(silent);
          }
          ++tried;
        }
      }
    }
  }
  MESSAGE(tried, " reactions");
  CHECK(tried > 500);
}

TEST_CASE("machines are known whole; people who press buttons are people") {
  const char* machines[] = {
      "I'm driving with Do Not Disturb While Driving turned on. I'll see your message later.",
      "Automatic reply: I am out of the office until 4 June.",
      "This mailbox is not monitored. 7",
      "Message to 07700900555 could not be delivered: absent subscriber (27)",
      "Your verification code is 4821",
  };
  for (const char* text : machines) {
    CAPTURE(text);
    const Verdict v = reader().read(text, mood());
    CHECK(v.kind == Kind::unclear);
    CHECK(v.auto_reply);
  }
  CHECK_FALSE(reader().read("Can't talk now, call you later", mood()).auto_reply);
  CHECK_FALSE(reader().read("driving home now, 6", mood()).auto_reply);
}

TEST_CASE("our own texts inside a reply are not the reply") {
  Context c = mood();
  c.sent = {"How was your day, 1 (very low) to 10 (very good)? Text 5 for so-so."};
  const Verdict copy = reader().read(c.sent[0], c);
  CHECK(copy.auto_reply);
  const Verdict answered = reader().read(c.sent[0] + "\n8", c);
  CHECK(answered.value == Decimal::of(8));
  const Verdict edited = reader().read("Edited to “6”", c);
  CHECK(edited.kind == Kind::correction);
  CHECK(edited.value == Decimal::of(6));
}

TEST_CASE("a meter's word for what it cannot show has no value and raises the alarm") {
  const Context c = context_of_prompt(R"({"measure":"glucose","min":1,"max":35,"unit":"mmol/L"})");
  for (const char* text : {"HI", "LO", "lo", "meter just says LO", "it says HI", "sugar is LO"}) {
    CAPTURE(text);
    const Verdict v = reader().read(text, c);
    CHECK(v.kind == Kind::unclear);
    CHECK(v.alarm);
    CHECK_FALSE(v.value.has_value());
  }
  for (const char* text : {"hi", "hi there", "feeling low", "7.2"}) {
    CAPTURE(text);
    CHECK_FALSE(reader().read(text, c).alarm);
  }
  CHECK_FALSE(reader().read("HI", mood()).alarm);
}

}  // namespace moodline::replies::test
