// Requests that are none of ours are held, never carried out; what narrows to a measure is SKIP.
#include <doctest/doctest.h>

#include <string_view>

#include "support.hpp"

namespace moodline::replies::test {
namespace {

Verdict read(std::string_view text) {
  return reader().read(text, mood());
}

constexpr std::string_view never_stop[] = {
    // The object is another.
    "stop sending them to bed hungry",
    "stop sending rockets please",
    "stop sending dick pics",
    "stop calling me names",
    "stop asking me to lend money",
    "need to stop sending money to my ex",
    "remove me from the will",
    "end my membership at the gym",
    "cancel the service on the car",
    "turn off notifications for facebook",
    "bin the reminders on my fridge",
    // Somebody else's wish, and not of us.
    "my wife wants to leave the programme",
    "dad wants to leave the list",
    "he wants out of the programme",
    "the school should stop sending them home early",
    // Reported, supposed, asked, sung.
    "stop asking me to smile he said",
    "what if i want to stop the texts",
    "how would i stop these if i wanted",
    "i was going to stop the texts but they help",
    "stop texting while driving",
    "end the service with a hymn",
};

constexpr std::string_view still_stop[] = {
    "stop sending them to me",
    "stop sending these please",
    "stop asking me",
    "remove me from the list",
    "cancel the service",
    "turn off the notifications",
    "i want to leave the programme",
    "my mum wants you to stop texting her",
    "he wants to stop these",
    "can you stop the texts",
    "stop texting me bab",
    "stop texting me my husband is dying and i cant be doing with it",
    "i want to stop these",
    "stop messaging this number",
};

constexpr std::string_view skips[] = {
    "no more sleep questions",     "stop the sleep one", "drop the weight question",
    "dont ask about sleep",        "no more pain texts", "please turn off the mood reminders",
    "stop sending the steps ones",
};

}  // namespace

TEST_CASE("what is no request of ours is never STOP; what is, still is") {
  for (const std::string_view text : never_stop) {
    CAPTURE(text);
    CHECK(read(text).command != Command::stop);
  }
  for (const std::string_view text : still_stop) {
    CAPTURE(text);
    CHECK(read(text).command == Command::stop);
  }
}

TEST_CASE("a doubtful request is held for a human, and does not hide a sure one") {
  CHECK(read("stop sending rockets please").hold);
  CHECK(read("my wife wants to leave the programme").hold);
  CHECK(read("stop calling me names. stop texting me").command == Command::stop);
}

TEST_CASE("a request that names one measure skips that measure") {
  for (const std::string_view text : skips) {
    CAPTURE(text);
    CHECK(read(text).command == Command::skip);
  }
  CHECK(read("no more sleep questions").arg == "sleep questions");
}

}  // namespace moodline::replies::test
