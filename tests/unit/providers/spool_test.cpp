#include <doctest/doctest.h>

#include <map>

#include "providers/spool.hpp"

namespace moodline::providers {
namespace {

using namespace std::string_literals;

constexpr Instant noon{1'795'290'000'000};

std::unique_ptr<Spool> made(std::string_view name,
                            const std::map<std::string, std::string>& settings = {}) {
  const SpoolType* type = find_spool_type(name);
  REQUIRE(type != nullptr);
  auto spool = type->make(config::Block::of(settings));
  REQUIRE(spool.has_value());
  return std::move(*spool);
}

Event read_one(const Spool& spool, const std::string& name, const std::string& bytes) {
  const std::vector<SpoolFile> group{{name, bytes}};
  const auto events = spool.read_files(group);
  REQUIRE_MESSAGE(events.has_value(), (events ? "" : events.error().message));
  REQUIRE(events->size() == 1);
  return events->front();
}

bool refused(const Spool& spool, const std::string& name, const std::string& bytes) {
  const std::vector<SpoolFile> group{{name, bytes}};
  return !spool.read_files(group).has_value();
}

TEST_CASE("smstools3: the file that sends") {
  const auto spool = made("smstools3", {{"modem", "GSM1"}});
  const auto file =
      spool->send_file({.reference = "r-1", .to = "+15550101", .text = "caf\xC3\xA9\n\nx"}, noon);
  REQUIRE(file.has_value());
  CHECK(file->name == "outgoing/r-1");
  CHECK(file->bytes ==
        "To: 15550101\nAlphabet: UTF-8\nReport: yes\nProvider: GSM1\n\ncaf\xC3\xA9\n\nx");
  const auto wave =
      spool->send_file({.reference = "r-2", .to = "+1555", .text = "\xF0\x9F\x8C\x8A"}, noon);
  REQUIRE(wave.has_value());
  CHECK(wave->bytes == "To: 1555\nAlphabet: UCS2\nReport: yes\nProvider: GSM1\n\n\xD8\x3C\xDF\x0A");
  for (const Sms& bad : {Sms{.reference = "r", .to = "+1555\nFlash: yes", .text = "x"},
                         Sms{.reference = "../r", .to = "+1555", .text = "x"},
                         Sms{.reference = "", .to = "+1555", .text = "x"},
                         Sms{.reference = "r", .to = "", .text = "x"}})
    CHECK(!spool->send_file(bad, noon));
  CHECK(spool->folders().size() == 5);
}

TEST_CASE("smstools3: received texts") {
  const auto spool = made("smstools3");
  const std::string head = "From: 15550101\nSent: 26-11-21 19:40:00\n";
  struct Row {
    const char* what;
    std::string more;
    std::string text;
    int part = 0;
    int reference = 0;
  };
  for (const Row& row : std::vector<Row>{
           {"UTF-8", "Alphabet: UTF-8\n\ncaf\xC3\xA9", "caf\xC3\xA9"},
           {"Latin 9", "Alphabet: ISO\n\n5 \xA4", "5 \xE2\x82\xAC"},
           {"UCS-2", "Alphabet: UCS2\n\n"s + "\x00\x34\x00\x0a\x00\x0a"s, "4\n\n"},
           {"UCS-2, odd", "Alphabet: UCS2\n\n"s + "\x00\x34\x00"s, "4"},
           {"UCS-2, NULs", "Alphabet: UCS2\n\n"s + "\x00\x34\x00\x00"s, "4"},
           {"binary", "Alphabet: binary\n\n\x01\x02", ""},
           {"none said", "\n4", "4"},
           {"no body", "\n", ""},
           {"line ends of another system", "Alphabet: UTF-8\r\n\r\n4", "4"},
           {"a part", "Alphabet: UTF-8\nUDH-DATA: 05 00 03 A7 02 01\n\none, ", "one, ", 1, 0xA7},
           {"a part, length left out", "UDH-DATA: 00 03 A7 02 02\n\ntwo", "two", 2, 0xA7},
           {"a part, broken", "UDH-DATA: zz\n\nx", "x"}}) {
    CAPTURE(row.what);
    const Event e = read_one(*spool, "incoming/GSM1.a", head + row.more);
    CHECK(e.type == EventType::mo);
    CHECK(e.from == "15550101");
    CHECK(e.text == row.text);
    CHECK(e.concat_part == row.part);
    CHECK(e.concat_ref == row.reference);
    CHECK(e.at == noon);
    CHECK(e.event_id == "incoming/GSM1.a");
  }
}

TEST_CASE("smstools3: reports by TP-Status") {
  const auto spool = made("smstools3");
  struct Row {
    const char* status;
    DeliveryStatus is;
    std::optional<bool> permanent = std::nullopt;
  };
  for (const Row& row : std::vector<Row>{{"0", DeliveryStatus::delivered},
                                         {"31", DeliveryStatus::delivered},
                                         {"32", DeliveryStatus::sent},
                                         {"63", DeliveryStatus::sent},
                                         {"64", DeliveryStatus::failed, true},
                                         {"70", DeliveryStatus::failed, false},
                                         {"95", DeliveryStatus::failed, true},
                                         {"96", DeliveryStatus::failed, false},
                                         {"127", DeliveryStatus::failed, false},
                                         {"128", DeliveryStatus::unknown},
                                         {"-1", DeliveryStatus::unknown},
                                         {"x", DeliveryStatus::unknown},
                                         {"", DeliveryStatus::unknown}}) {
    CAPTURE(row.status);
    const Event e = read_one(*spool, "report/GSM1.a",
                             "From: 15550101\nAlphabet: UTF-8\n\nSMS STATUS REPORT\nMessage_id: 7\n"
                             "Discharge_timestamp: 26-11-21 19:40:00\nStatus: "s +
                                 row.status + ",words");
    CHECK(e.type == EventType::dlr);
    CHECK(e.provider_message_id == "7");
    CHECK(e.to == "15550101");
    CHECK(static_cast<int>(e.status) == static_cast<int>(row.is));
    CHECK(e.permanent.has_value() == row.permanent.has_value());
    if (row.permanent && e.permanent) CHECK(*e.permanent == *row.permanent);
    CHECK(e.at == noon);
  }
}

TEST_CASE("smstools3: what became of our files") {
  const auto spool = made("smstools3");
  const Event sent = read_one(*spool, "sent/r-1", "To: 15550101\nMessage_id: 9\n\nHi");
  CHECK(sent.type == EventType::submit_result);
  CHECK(sent.reference == "r-1");
  CHECK(sent.provider_message_id == "9");
  CHECK(sent.status == DeliveryStatus::sent);
  const Event failed = read_one(*spool, "failed/r-2", "To: 1\nFail_reason: Modem error\n\nHi");
  CHECK(failed.status == DeliveryStatus::failed);
  CHECK(failed.error_code == "Modem error");
  CHECK(read_one(*spool, "incoming/x", "Hello: there\n\n").type == EventType::ignored);
  CHECK(read_one(*spool, "incoming/x", "").type == EventType::ignored);
  CHECK(refused(*spool, "incoming/x", "no colon\n\n"));
  CHECK(refused(*spool, "incoming/x", std::string(spool_file_bytes_max + 1, 'a')));
  std::string many;
  for (int i = 0; i < 100; ++i) many += "h" + std::to_string(i) + ": x\n";
  CHECK(refused(*spool, "incoming/x", many));
}

TEST_CASE("gammu: the file that sends") {
  auto spool = made("gammu-smsd");
  auto file = spool->send_file({.reference = "r-1", .to = "+15550101", .text = "Hi"}, noon);
  REQUIRE(file.has_value());
  CHECK(file->name == "outbox/OUTA20261121_194000_00_+15550101_r-1.txtd");
  CHECK(file->bytes == "Hi");
  spool = made("gammu-smsd", {{"outbox", "o"}, {"priority", "C"}, {"report", "false"}});
  file = spool->send_file({.reference = "r-1", .to = "+15550101", .text = "\xC3\xA9"}, noon);
  CHECK(file->name == "o/OUTC20261121_194000_00_+15550101_r-1.txt");
  CHECK(file->bytes == "\xFE\xFF\x00\xE9"s);
  for (const Sms& bad : {Sms{.reference = "r_1", .to = "+1555", .text = "x"},
                         Sms{.reference = "r/1", .to = "+1555", .text = "x"},
                         Sms{.reference = "r.1", .to = "+1555", .text = "x"},
                         Sms{.reference = "r", .to = "../1555", .text = "x"}})
    CHECK(!spool->send_file(bad, noon));
  CHECK(!find_spool_type("gammu-smsd")->make(config::Block::of({{"priority", "first"}})));
}

TEST_CASE("gammu: received texts, parts together") {
  const auto spool = made("gammu-smsd");
  const std::string name = "inbox/IN20261121_194000_00_+15550101_0";
  CHECK(spool->group_key(name + "0.txt") == spool->group_key(name + "1.txt"));
  CHECK(spool->group_key(name + "0.txt") !=
        spool->group_key("inbox/IN20261121_194000_01_+15550101_00.txt"));
  CHECK(spool->group_key("odd") == "odd");
  const std::vector<SpoolFile> parts{{name + "0.txt", "\xFE\xFF\x00o\x00n\x00"s + "e\x00 "s},
                                     {name + "1.txt", "\xFE\xFF\xD8\x3D\xDE\x0A\x00\x00"s}};
  const auto events = spool->read_files(parts);
  REQUIRE(events.has_value());
  REQUIRE(events->size() == 1);
  CHECK(events->front().text == "one \xF0\x9F\x98\x8A");
  CHECK(events->front().from == "+15550101");
  CHECK(events->front().at == noon);
  CHECK(read_one(*spool, name + "0.txt", "plain \xC3\xA9").text == "plain \xC3\xA9");
  CHECK(read_one(*spool, name + "0.txt", "\xEF\xBB\xBFmarked").text == "marked");
  CHECK(read_one(*spool, name + "0.txt", "\xFF\xFEo\x00k\x00"s).text == "ok");
  CHECK(read_one(*spool, name + "0.txt", "").text.empty());
}

TEST_CASE("gammu: what became of our files, and rows of its database") {
  const auto spool = made("gammu-smsd");
  const Event sent = read_one(*spool, "sent/OUTA20261121_194000_00_+15550101_r-1.txtd", "Hi");
  CHECK(sent.type == EventType::submit_result);
  CHECK(sent.reference == "r-1");
  CHECK(sent.to == "+15550101");
  CHECK(read_one(*spool, "error/OUTA20261121_194000_00_+15550101_r-1.txtd", "Hi").permanent ==
        false);
  struct Row {
    const char* word;
    DeliveryStatus status;
  };
  for (const Row& row : std::vector<Row>{{"SendingOK", DeliveryStatus::sent},
                                         {"SendingOKNoReport", DeliveryStatus::sent},
                                         {"DeliveryPending", DeliveryStatus::sent},
                                         {"DeliveryUnknown", DeliveryStatus::sent},
                                         {"DeliveryOK", DeliveryStatus::delivered},
                                         {"DeliveryFailed", DeliveryStatus::failed},
                                         {"SendingError", DeliveryStatus::failed},
                                         {"Error", DeliveryStatus::failed},
                                         {"Other", DeliveryStatus::unknown}}) {
    const Event e = read_one(*spool, "sentitems",
                             R"({"ID":1,"Status":")"s + row.word + R"(","StatusError":5})");
    CHECK(static_cast<int>(e.status) == static_cast<int>(row.status));
    CHECK(e.error_code == "5");
  }
  for (const char* bad : {"", "{}", "[", "null", "{\"ID\":null}"})
    CHECK_MESSAGE(refused(*spool, "sentitems", bad), bad);
  for (const char* bad :
       {"inbox/x.txt", "inbox/IN_1_2_3_4.txt", "inbox", "", "inbox/IN1_2_3_4_5_6"})
    CHECK_MESSAGE(refused(*spool, bad, "4"), bad);
  CHECK(refused(*spool, "inbox/IN20261121_194000_00_+1_00.txt",
                std::string(spool_file_bytes_max + 1, 'a')));
  CHECK(spool->read_files({})->empty());
}

}  // namespace
}  // namespace moodline::providers
