// A store in a folder that goes with the test, the sample service, and one person who agreed, has
// answered for three weeks and has an open alert. For tests of pages, records and actions.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

#include "config/load.hpp"
#include "daemon/checkins/agreements.hpp"
#include "daemon/checkins/enrolment.hpp"
#include "daemon/checkins/rule_steps.hpp"
#include "daemon/store/open.hpp"

namespace moodline::testing {

class SampleWorld {
 public:
  static constexpr Instant start{1'772'478'000'000};  // 2026-03-02T19:00:00Z, a Monday
  Instant now = start + Millis{21LL * 86'400'000};
  store::RowId person = 0;
  store::RowId alert = 0;

  SampleWorld() {
    std::string name = (std::filesystem::temp_directory_path() / "moodline-world-XXXXXX").string();
    dir_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
    const auto loaded = config::load(std::filesystem::path(MOODLINE_SOURCE_DIR) / "config/sample",
                                     {{{"simulated", {}, true, false, true}}});
    if (!loaded.service) throw std::runtime_error(config::to_text(loaded.problems));
    service = loaded.service;
    store::StoreOptions o;
    o.path = dir_ + "/moodline.db";
    o.master_key = store::random_key_ring();
    o.lookup_key = store::random_key_ring();
    o.executor = store::Executor::inline_;
    store = store::open_sqlite(std::move(o));
  }
  ~SampleWorld() {
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }
  SampleWorld(const SampleWorld&) = delete;
  SampleWorld& operator=(const SampleWorld&) = delete;

  std::shared_ptr<const config::Service> service;
  std::unique_ptr<store::Store> store;

  /// Runs one transaction at `now`.
  void write(const std::function<void(store::Tx&, const checkins::Setting&)>& f) {
    store->write([&](store::Tx& tx) {
      Dice dice(++seed_);
      f(tx, checkins::Setting{*service, nullptr, now, dice});
    });
  }

  /// MJ: enrolled, agreed to L1 (three days below 4), twenty days of answers, alert K7 open.
  void enrol(const std::string& display = "MJ", const std::string& goal = "sleep better",
             const std::string& plan = "walk to the harbour") {
    const Instant later = now;
    now = start;
    write([&](store::Tx& tx, const checkins::Setting& s) {
      checkins::NewPerson n;
      n.number = "07700 900123";
      n.display = display;
      n.programme = "evening-mood";
      n.practitioner = "sam";
      n.agreed_with = "Sam Reed";
      n.agreed_on = start;
      n.measures = {{"mood", goal, ""}};
      n.plan = plan;
      auto p = checkins::add_person(tx, s, n, "admin");
      if (!p) throw std::runtime_error(p.error().message);
      person = p->id;
      checkins::Desk d(tx, s, *p);
      if (!checkins::agree_to_join(d, p->agree_code)) throw std::runtime_error("not joined");
    });
    write([&](store::Tx& tx, const checkins::Setting& s) {
      checkins::Desk d(tx, s, *tx.person(person));
      for (const auto& a : tx.agreements_of(person)) {
        if (a.rule == "low-streak") checkins::agree_to_rule(d, a.code, 0);
      }
      d.save();
    });
    for (int i = 0; i < 20; ++i) day(i);
    now = later;
    write([&](store::Tx& tx, const checkins::Setting& s) { open_alert(tx, s); });
  }

 private:
  // Six, five, unanswered, undelivered and not sent days, then three low ones.
  void day(int i) {
    now = start + Millis{i * 86'400'000LL};
    write([&](store::Tx& tx, const checkins::Setting& s) {
      checkins::Desk d(tx, s, *tx.person(person));
      store::Prompt q;
      q.person = person;
      q.schedule = "test";
      q.local_date = d.today();
      q.due_at = s.now;
      q.sent_at = s.now;
      q.expires_at = s.now + Millis{7'200'000};
      q.measures = {"mood"};
      q.status = i == 9    ? store::PromptStatus::undelivered
                 : i == 10 ? store::PromptStatus::not_sent
                           : store::PromptStatus::delivered;
      if (!tx.put(q)) throw std::runtime_error("slot");
      std::vector<checkins::PersonEvent> learned{checkins::prompt_entry(q)};
      if (i != 8 && i != 9 && i != 10) {
        store::Reading r;
        r.person = person;
        r.component = "mood";
        r.value = i >= 17 ? Decimal::of(3) : Decimal{(5 + i % 3) * Decimal::one + Decimal::one / 2};
        r.at = s.now + Millis{600'000};
        r.local_day = d.today();
        tx.put(r);
        checkins::PersonEvent e;
        e.type = "inbound";
        e.id = "in" + std::to_string(i);
        e.at = s.now;
        e.values["mood"] = r.value;
        learned.push_back(e);
      }
      checkins::learn(d, learned);
      d.save();
    });
  }

  void open_alert(store::Tx& tx, const checkins::Setting& s) {
    store::Alert a;
    a.code = "K7";
    a.person = person;
    a.rule = "low-streak";
    for (const auto& g : tx.agreements_of(person)) {
      if (g.rule != "low-streak") continue;
      a.version = g.version;
      a.agreement_code = g.code;
    }
    const Zone zone = Zone::find("Europe/London").value_or(Zone::utc());
    a.onset = zone.local(start + Millis{17 * 86'400'000LL}).date;
    a.fired_at = s.now - Millis{3'600'000};
    alert = tx.put(a);
  }

  std::string dir_;
  std::uint64_t seed_ = 7;
};

}  // namespace moodline::testing
