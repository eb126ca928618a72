// The provider's own block of somebody who has texted START: lifted once, for them alone.
#include <sqlite3.h>

#include "daemon/checkins/enrolment.hpp"
#include "daemon/checkins/inbound.hpp"
#include "tests/unit/actors/script.hpp"

namespace moodline::actors::test {
namespace {

using providers::Event;
using providers::EventType;
using providers::SendOutcome;
using providers::SendReply;

const std::string mj = "+447700900123";

/// Blocks everybody until it is asked to lift, if it can.
struct Blocking final : Carrier {
  bool can_lift = true;
  bool blocks = true;
  std::vector<std::string> submitted, lifted;
  std::function<void()> meanwhile_submitting, meanwhile_lifting;  // what comes before the answer
  [[nodiscard]] providers::Capabilities capabilities() const override { return {}; }
  asio::awaitable<SendReply> submit(providers::Sms sms) override {
    submitted.push_back(sms.to);
    if (sms.to == mj && meanwhile_submitting) std::exchange(meanwhile_submitting, {})();
    SendReply r;
    r.outcome = blocks ? SendOutcome::rejected : SendOutcome::accepted;
    r.opted_out = blocks;
    r.code = blocks ? "blocked" : "";
    if (!blocks) r.provider_message_ids = {"p1"};
    co_return r;
  }
  asio::awaitable<bool> lift(std::string to) override {
    lifted.push_back(std::move(to));
    if (meanwhile_lifting) std::exchange(meanwhile_lifting, {})();
    if (can_lift) blocks = false;
    co_return can_lift;
  }
};

struct Scene {
  std::shared_ptr<Blocking> carrier = std::make_shared<Blocking>();
  std::shared_ptr<Live> live = sample_with([](config::Service& s) {
    s.routes = {route("main")};
    s.settings.sending = {TimeOfDay{0}, TimeOfDay{86'400}};
  });
  Script script;
  std::optional<Rig> rig;

  explicit Scene(store::PersonStatus status) {
    live->providers["main"] = {"main", "simulated", handsets(), carrier, nullptr};
    rig.emplace(live, script, Instant{1'795'290'000'000});
    store::Person p;
    p.key = "p-one";
    p.status = status;
    p.number = mj;
    p.display = "MJ";
    p.zone = "UTC";
    p.language = "en";
    p.programme = "evening-mood";
    p.enrolled_by = "Sam Reed";
    rig->write([&](store::Tx& tx) {
      tx.put(p);
      if (status == store::PersonStatus::stopped) tx.put_opt_out(mj, {"text", {}});
    });
    rig->start();
  }
  void with(const std::function<void(store::Tx&, const checkins::Setting&)>& f) {
    rig->write([&](store::Tx& tx) {
      Dice dice(1);
      f(tx, {*live->service, live->reader.get(), rig->time.now(), dice});
    });
    rig->pass(Millis{30'000});
  }
  [[nodiscard]] auto tries() const {  // the admin's texts go the same way
    return std::count(carrier->submitted.begin(), carrier->submitted.end(), mj);
  }
  void texts(const std::string& words) {
    static int n = 0;
    const Event e{
        .type = EventType::mo, .event_id = "e" + std::to_string(++n), .from = mj, .text = words};
    with([&](store::Tx& tx, const checkins::Setting& s) {
      CHECK(checkins::take_inbound(tx, s, "main", e) == checkins::Taken::stored);
    });
  }
  /// Their STOP is stored while a call is under way: no time passes for it.
  void stop_comes() {
    rig->store->write([&](store::Tx& tx) {
      Dice dice(1);
      const checkins::Setting s{*live->service, live->reader.get(), rig->time.now(), dice};
      const Event e{.type = EventType::mo, .event_id = "stop", .from = mj, .text = "STOP"};
      CHECK(checkins::take_inbound(tx, s, "main", e) == checkins::Taken::stored);
    });
  }
  store::Person person() {
    store::Person out;
    rig->read([&](store::ReadTx& tx) { out = *tx.person_by_key("p-one"); });
    return out;
  }
  bool opted_out() {
    bool out = false;
    rig->read([&](store::ReadTx& tx) { out = tx.opt_out(mj).has_value(); });
    return out;
  }
};

}  // namespace

TEST_CASE("after START the provider's block is lifted, and the invitation goes") {
  Scene s(store::PersonStatus::stopped);
  s.texts("START");
  CHECK(s.carrier->lifted == std::vector<std::string>{mj});
  CHECK(s.tries() == 2);  // refused, then taken
  CHECK_FALSE(s.opted_out());
  CHECK(s.person().status == store::PersonStatus::invited);
  bool told = false;
  s.rig->read([&](store::ReadTx& tx) {
    for (const auto& a : tx.audit(0, 100)) told |= a.action == "provider.block_lifted";
  });
  CHECK(told);
}

TEST_CASE("a block that cannot be lifted opts out again, and is tried once") {
  Scene s(store::PersonStatus::stopped);
  s.carrier->can_lift = false;
  s.texts("START");
  CHECK(s.carrier->lifted.size() == 1);
  CHECK(s.tries() == 1);
  CHECK(s.opted_out());
  CHECK(s.person().status == store::PersonStatus::stopped);
}

TEST_CASE("a STOP while the invitation is handed over leaves the provider's block as it is") {
  Scene s(store::PersonStatus::stopped);
  s.carrier->meanwhile_submitting = [&] { s.stop_comes(); };
  s.texts("START");
  CHECK(s.tries() == 1);
  CHECK(s.carrier->lifted.empty());
  CHECK(s.opted_out());
  CHECK(s.person().status == store::PersonStatus::stopped);
}

TEST_CASE("a STOP while the block is being lifted: the invitation does not go") {
  Scene s(store::PersonStatus::stopped);
  s.carrier->meanwhile_lifting = [&] { s.stop_comes(); };
  s.texts("START");
  CHECK(s.carrier->lifted.size() == 1);
  CHECK(s.tries() == 1);
  CHECK(s.opted_out());
  CHECK(s.person().status == store::PersonStatus::stopped);
}

TEST_CASE("where the store cannot say whether the invitation may go again, the answer is kept") {
  Scene s(store::PersonStatus::stopped);
  s.carrier->meanwhile_submitting = [&] {
    testing::DiskFault broken;
    broken.op = testing::DiskOp::read;
    broken.rc = SQLITE_IOERR_READ;
    s.rig->disk.fail(broken);
  };
  s.texts("START");
  CHECK(s.rig->metrics.text().find("store_errors_total") != std::string::npos);
  s.rig->disk.heal();
  s.rig->pass(Millis{60'000});
  CHECK(s.tries() == 1);
  CHECK(s.carrier->lifted.empty());
  CHECK(s.opted_out());
}

TEST_CASE("nobody's block is lifted for an admin, nor for another text than the invitation") {
  Scene invited(store::PersonStatus::invited);
  invited.with([&](store::Tx& tx, const checkins::Setting& s) {
    checkins::Desk d(tx, s, *tx.person_by_key("p-one"));
    checkins::invite(d, checkins::Asked::by_admin);
  });
  CHECK(invited.tries() == 1);
  CHECK(invited.carrier->lifted.empty());
  CHECK(invited.opted_out());

  Scene active(store::PersonStatus::active);
  active.texts("WHY");
  CHECK(active.tries() == 1);
  CHECK(active.carrier->lifted.empty());
  CHECK(active.opted_out());
}

}  // namespace moodline::actors::test
