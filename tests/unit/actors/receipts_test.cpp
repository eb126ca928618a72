// Receipts and the provider's own STOP list, over real SQLite.
#include "daemon/checkins/inbound.hpp"
#include "tests/unit/actors/script.hpp"

namespace moodline::actors::test {
namespace {

using providers::DeliveryStatus;
using providers::Event;
using providers::EventType;
using store::MessageStatus;

const Instant start{1'795'290'000'000};

struct Scene {
  Script script;
  std::shared_ptr<Live> live = sample_with([](config::Service& s) {
    plain_texts(s);
    s.routes = {route("main")};
  });
  Rig rig{live, script, start};

  store::RowId text(int segments, std::vector<std::string> ids,
                    MessageStatus status = MessageStatus::accepted) {
    store::Message m;
    m.practitioner = "sam";
    m.purpose = store::Purpose::notice;
    m.status = status;
    m.to = "+447700900123";
    m.provider = m.route = "main";
    m.reference = "r2";
    m.segments = segments;
    m.provider_ids = std::move(ids);
    rig.write([&](store::Tx& tx) { REQUIRE(tx.put(m).has_value()); });
    return m.id;
  }
  template <class F>
  void with(F&& f) {
    rig.write([&](store::Tx& tx) {
      Dice dice(1);
      const checkins::Setting s{*live->service, live->reader.get(), rig.time.now(), dice};
      f(tx, s);
    });
  }
  bool dlr(DeliveryStatus status, const std::string& id, const std::string& reference = "",
           const std::string& part = "", const std::string& to = "447700900123") {
    Event e{.type = EventType::dlr,
            .provider_message_id = id,
            .reference = reference,
            .to = to,
            .status = status};
    if (!part.empty()) e.detail.emplace_back("part", part);
    bool ours = false;
    with([&](store::Tx& tx, const checkins::Setting& s) {
      ours = checkins::receipt(tx, s, "main", e);
    });
    return ours;
  }
  void answered(store::RowId id, providers::SendReply r) {
    with([&](store::Tx& tx, const checkins::Setting& s) { checkins::settle(tx, s, id, r); });
  }
};

constexpr auto good = DeliveryStatus::delivered;
constexpr auto bad = DeliveryStatus::failed;

TEST_CASE("a text in parts is delivered when each part is") {
  Scene s;
  const auto id = s.text(3, {"a", "b", "c"});
  for (const char* part : {"b", "b", "a"}) CHECK(s.dlr(good, part, "", part));
  CHECK(s.rig.message(id).status == MessageStatus::accepted);
  CHECK(s.dlr(good, "c", "", "c"));
  CHECK(s.rig.message(id).status == MessageStatus::delivered);
}

TEST_CASE("one part that failed fails the text, until it comes after all") {
  Scene s;
  const auto id = s.text(2, {"a", "b"});
  s.dlr(good, "a", "", "a");
  s.dlr(bad, "b", "", "b");
  CHECK(s.rig.message(id).status == MessageStatus::undelivered);
  s.dlr(good, "a", "", "a");
  CHECK(s.rig.message(id).status == MessageStatus::undelivered);
  s.dlr(good, "b", "", "b");
  CHECK(s.rig.message(id).status == MessageStatus::delivered);
}

TEST_CASE("parts are counted where the answer that names them was lost, or names the whole") {
  Scene s;
  const auto lost = s.text(2, {}, MessageStatus::unknown);
  s.dlr(good, "p1", "r2", "p1");
  s.dlr(good, "p1", "r2", "p1");
  CHECK(s.rig.message(lost).status == MessageStatus::accepted);
  s.dlr(good, "p2", "r2", "p2");
  CHECK(s.rig.message(lost).status == MessageStatus::delivered);
  Scene whole;
  const auto id = whole.text(2, {"parent"});
  whole.dlr(good, "parent", "", "child-1");
  CHECK(whole.rig.message(id).status == MessageStatus::accepted);
  whole.dlr(good, "parent", "", "child-2");
  CHECK(whole.rig.message(id).status == MessageStatus::delivered);
}

TEST_CASE("receipts of all parts before the answer: the answer finds it delivered") {
  Scene s;
  const auto id = s.text(3, {}, MessageStatus::sending);
  s.dlr(good, "a", "r2", "a");
  s.dlr(good, "b", "r2", "b");
  s.answered(id, {.outcome = providers::SendOutcome::accepted, .provider_message_ids = {"a", "b"}});
  CHECK(s.rig.message(id).status == MessageStatus::delivered);
}

TEST_CASE("an earlier attempt brings good news and no bad") {
  Scene s;
  const auto id = s.text(1, {"old"});
  s.rig.write([&](store::Tx& tx) {  // a second attempt under another reference
    auto m = *tx.message(id);
    m.reference = "r3";
    m.provider_ids = {"new"};
    REQUIRE(tx.put(m).has_value());
  });
  CHECK(s.dlr(bad, "x", "r2"));
  CHECK(s.dlr(bad, "old"));
  CHECK(s.rig.message(id).status == MessageStatus::accepted);
  CHECK(s.dlr(good, "", "r2"));
  CHECK(s.rig.message(id).status == MessageStatus::delivered);
}

TEST_CASE("a text from nobody, of nothing and without an id is counted, never kept") {
  Scene s;
  const auto take = [&s](const Event& e) {
    s.with([&](store::Tx& tx, const checkins::Setting& setting) {
      take_event(tx, setting, "main", e, s.rig.metrics);
    });
  };
  const auto counted = [&s](const char* sample) {
    return s.rig.metrics.text().find(sample) != std::string::npos;
  };
  take({.type = EventType::mo});
  take({.type = EventType::mo, .to = "447700900100"});
  CHECK(counted("moodline_events_ignored_total{provider=\"main\"} 2"));
  CHECK_FALSE(counted("moodline_texts_in_total{"));
  take({.type = EventType::mo, .event_id = "e1", .from = "+447700900199", .text = "hi"});
  take({.type = EventType::mo, .from = "+447700900199", .text = "who is this"});
  take({.type = EventType::mo, .from = "+447700900198"});  // an empty text is somebody's
  CHECK(counted("moodline_texts_in_total{provider=\"main\",what=\"stranger\"} 3"));
}

TEST_CASE("an id that comes round again is ours only with our number") {
  Scene s;
  const auto id = s.text(1, {"17"});
  CHECK(!s.dlr(good, "17", "", "", "+447700900999"));
  CHECK(s.rig.message(id).status == MessageStatus::accepted);
  CHECK(s.dlr(good, "17", "", "", "07700900123"));
  CHECK(s.rig.message(id).status == MessageStatus::delivered);
  CHECK(!s.dlr(good, "18"));
}

TEST_CASE("a spool program names the text when it hands it over, and its report finds it") {
  Scene s;
  const auto id = s.text(1, {}, MessageStatus::accepted);
  const Event handed{.type = EventType::submit_result,
                     .provider_message_id = "203",
                     .reference = "r2",
                     .to = "447700900123",
                     .status = DeliveryStatus::sent};
  s.with([&](store::Tx& tx, const checkins::Setting& setting) {
    CHECK(checkins::receipt(tx, setting, "main", handed));
  });
  CHECK(s.dlr(good, "203"));
  CHECK(s.rig.message(id).status == MessageStatus::delivered);
}

struct Status {
  store::PersonStatus person;
  std::string source;
};

Status after_text(const std::string& words, bool taken_as_stop) {
  Scene s;
  store::Person p;
  p.key = "p-one";
  p.status = store::PersonStatus::active;
  p.number = "+447700900123";
  p.zone = "UTC";
  p.language = "en";
  p.programme = "evening-mood";
  s.rig.write([&](store::Tx& tx) { tx.put(p); });
  const Event e{.type = EventType::mo,
                .event_id = "e1",
                .from = "+447700900123",
                .text = words,
                .opted_out = taken_as_stop};
  Status out{};
  s.with([&](store::Tx& tx, const checkins::Setting& setting) {
    CHECK(checkins::take_inbound(tx, setting, "main", e) == checkins::Taken::stored);
  });
  s.rig.read([&](store::ReadTx& tx) {
    out.person = tx.person_by_key("p-one")->status;
    const auto o = tx.opt_out("+447700900123");
    if (o) out.source = o->source;
  });
  s.rig.start();
  s.rig.pass(Millis{60'000});
  // Where the provider blocks, a confirmation of ours would only be refused.
  if (taken_as_stop) CHECK(s.script.calls.empty());
  return out;
}

TEST_CASE("a text that the provider took as STOP stops, whatever we read in it") {
  CHECK(after_text("STOP", true).source == "provider");
  CHECK(after_text("STOP", true).person == store::PersonStatus::stopped);
  CHECK(after_text("QUIT", true).person == store::PersonStatus::stopped);
  CHECK(after_text("arret", true).person == store::PersonStatus::stopped);
  CHECK(after_text("3", false).person == store::PersonStatus::active);
  CHECK(after_text("3", false).source.empty());
}

TEST_CASE(
    "a stranger's STOP at the provider is kept; lifting it there lifts nothing here, START does") {
  Scene s;
  const Event mo{.type = EventType::mo,
                 .event_id = "e1",
                 .from = "+447700900555",
                 .text = "unsub me",
                 .opted_out = true};
  s.with([&](store::Tx& tx, const checkins::Setting& setting) {
    CHECK(checkins::take_inbound(tx, setting, "main", mo) == checkins::Taken::stranger);
    CHECK(tx.opt_out("+447700900555")->source == "provider");
    checkins::take_opt_event(tx, setting, {.type = EventType::opt_in, .from = "+447700900555"});
    CHECK(tx.opt_out("+447700900555")->source == "text");
    checkins::take_opt_event(tx, setting, {.type = EventType::opt_out, .from = "+447700900777"});
    Event lifting{.type = EventType::mo, .event_id = "e2", .from = "+447700900777", .text = "yes"};
    lifting.detail.emplace_back("opt_out_type", "START");
    CHECK(tx.opt_out("+447700900777")->source == "provider");
    (void)checkins::take_inbound(tx, setting, "main", lifting);
    REQUIRE(tx.opt_out("+447700900777"));
    CHECK(tx.opt_out("+447700900777")->source == "text");
    lifting.event_id = "e3";
    lifting.text = "unstop";  // their own word, which a yes to the provider is not
    (void)checkins::take_inbound(tx, setting, "main", lifting);
    CHECK_FALSE(tx.opt_out("+447700900777"));
    checkins::take_opt_event(tx, setting, {.type = EventType::opt_out, .from = "+447700900777"});
    CHECK(tx.opt_out("+447700900777")->source == "provider");
  });
}

}  // namespace
}  // namespace moodline::actors::test
