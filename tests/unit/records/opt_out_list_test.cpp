#include "daemon/records/opt_out_list.hpp"

#include <doctest/doctest.h>

namespace moodline::records {
namespace {

OptOutListFormat gb() {
  return {.plan = *number_plan("GB")};
}

const std::string mj = "+447700900123";
const std::string kit = "+447700900124";

TEST_CASE("lists as providers and spreadsheets write them") {
  struct Row {
    const char* what;
    std::string bytes;
    std::size_t numbers;
    std::size_t unread = 0;
    const char* column = "";
  };
  const std::vector<Row> rows{
      {"one a line", "+447700900123\n+447700900124\n", 2},
      {"one a line, national, CRLF", "07700 900123\r\n07700900124\r\n", 2},
      {"the same number twice", "+447700900123\n07700900123\n", 1},
      {"a header", "Phone Number,Opted out at\n+447700900123,2026-01-02 10:00\n", 1, 0,
       "Phone Number"},
      {"semicolons and quotes", "\"msisdn\";\"date\"\n\"447700900123\";\"2026-01-02\"\n", 1, 0,
       "msisdn"},
      {"an apostrophe against spreadsheets", "number\n'+447700900123\n", 1, 0, "number"},
      {"a line that is no number", "number\n+447700900123\n4.477E+11\nn/a\n", 1, 2, "number"},
      {"a byte order mark", "\xEF\xBB\xBFnumber\n+447700900123\n", 1, 0, "number"},
      {"UTF-16",
       std::string("\xFF\xFE+\0"
                   "4\0"
                   "4\0"
                   "7\0"
                   "7\0"
                   "0\0"
                   "0\0"
                   "9\0"
                   "0\0"
                   "0\0"
                   "1\0"
                   "2\0"
                   "3\0",
                   28),
       1},
      {"the header's names tell nothing, its cells do", "who,when\n+447700900123,May 2\n", 1, 0,
       "who"},
      {"JSON, texts", R"(["+447700900123", "+447700900124"])", 2},
      {"JSON as the AWS tool writes it",
       R"({"OptOutListName":"Default","OptedOutNumbers":[{"OptedOutNumber":"+447700900123",)"
       R"("OptedOutTimestamp":1795290000.1,"EndUserOptedOut":true},)"
       R"({"OptedOutNumber":"+447700900124","EndUserOptedOut":false}]})",
       2, 0, "OptedOutNumber"},
      {"JSON with numbers as numbers", R"({"data":[{"msisdn":447700900123}]})", 1, 0, "msisdn"}};
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const auto list = read_opt_out_list(row.bytes, gb());
    REQUIRE_MESSAGE(list.has_value(), list.error().message);
    CHECK(list->numbers.size() == row.numbers);
    CHECK(list->numbers.contains(mj));
    CHECK(list->numbers.contains(kit) == (row.numbers == 2));
    CHECK(list->unread.size() == row.unread);
    CHECK(list->column == row.column);
  }
}

TEST_CASE("which column, where several could be meant") {
  const std::string both = "from,to,keyword\n+447700900000,+447700900123,STOP\n";
  const auto asked = read_opt_out_list(both, gb());
  REQUIRE_FALSE(asked.has_value());
  CHECK(asked.error().message.find("--column and one of: from, to, keyword") != std::string::npos);
  auto format = gb();
  format.column = "TO";
  const auto list = read_opt_out_list(both, format);
  REQUIRE(list.has_value());
  CHECK(list->numbers == std::set<std::string>{mj});
  format.column = "nobody";
  CHECK(read_opt_out_list(both, format).error().code == "bad_list");
}

TEST_CASE("digits alone: of this country, or with their country code") {
  auto format = gb();
  CHECK(read_opt_out_list("15550100123\n", format)->numbers.contains("+4415550100123"));
  format.international = true;
  CHECK(read_opt_out_list("15550100123\n", format)->numbers.contains("+15550100123"));
  CHECK(read_opt_out_list("07700900123\n", format)->numbers.contains(mj));
}

TEST_CASE("what is no list is refused, never half read") {
  for (const char* bytes : {"", "\n\n", "hello\nworld\n", "{}", "{\"data\": 4}", "[1,", "[]",
                            "number\n\n", "\"never closed", "number\nn/a\n"}) {
    CAPTURE(bytes);
    CHECK_FALSE(read_opt_out_list(bytes, gb()).has_value());
  }
  CHECK_FALSE(read_opt_out_list(std::string(200, '[') + std::string(200, ']'), gb()).has_value());
}

}  // namespace
}  // namespace moodline::records
