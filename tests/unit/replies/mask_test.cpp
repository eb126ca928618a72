// Numbers a note must not keep, and numbers it must.
#include "daemon/replies/mask.hpp"

#include <doctest/doctest.h>

#include <string>

using moodline::replies::mask_note;

namespace {
struct Row {
  const char* note;
  const char* kept;
};
}  // namespace

TEST_CASE("card numbers, NHS numbers and codes become stars; all else stays") {
  const Row rows[] = {
      // Cards: test numbers that the networks publish.
      {"my card is 4111 1111 1111 1111 ok", "my card is **** **** **** **** ok"},
      {"5555-5555-5555-4444", "****-****-****-****"},
      {"378282246310005", "***************"},
      {"4111 1111 1111 1112", "4111 1111 1111 1112"},  // fails its check
      // NHS numbers of the reserved test range.
      {"nhs 999 000 0018", "nhs *** *** ****"},
      {"9990000018.", "**********."},
      {"NHS no 999-000-0018 thanks", "NHS no ***-***-**** thanks"},
      {"999 000 0019", "999 000 0019"},
      // Codes, before and after the word that names them.
      {"Your verification code is 481 207", "Your verification code is *** ***"},
      {"pin 4821 dont tell", "pin **** dont tell"},
      {"my PIN: 0000", "my PIN: ****"},
      {"481207 is your passcode", "****** is your passcode"},
      {"kod 739201", "kod ******"},
      {"رمز ٤٨١٢", "رمز ****"},
      // Kept.
      {"7", "7"},
      {"128/82 pulse 70", "128/82 pulse 70"},
      {"ring me on 07700 900123", "ring me on 07700 900123"},
      {"+44 7700 900123", "+44 7700 900123"},
      {"walked 10482 steps on 14/11/2026", "walked 10482 steps on 14/11/2026"},
      {"code red at work. mood 4", "code red at work. mood 4"},
      {"0000000000", "0000000000"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.note);
    CHECK(mask_note(row.note).text == row.kept);
    CHECK((mask_note(row.note).numbers > 0) == (std::string(row.note) != row.kept));
  }
}

TEST_CASE("bytes that are no UTF-8 come back as they were received") {
  const std::string bytes = "\xff\xfe pin 1234 \xc3";
  CHECK(mask_note(bytes).text == "\xff\xfe pin **** \xc3");
}
