// moodline-sim: the production actors and SQLite on a virtual clock against a simulated world. The
// same seed gives the same trace; a failure prints the one command that repeats it.
#include <fmt/format.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "daemon/checkins/enrolment.hpp"
#include "daemon/control/actions.hpp"
#include "tests/sim/erased.hpp"
#include "tests/sim/process.hpp"
#include "tests/sim/promises.hpp"
#include "tests/sim/service.hpp"
#include "tests/sim/trouble.hpp"

namespace moodline::sim {
namespace {

constexpr int drain_days = 9;
constexpr int steps_a_day_max = 200'000;
constexpr const char* plan_text = "walk to the harbour";
constexpr const char* goal_text = "to see what helps";

// Every log line, for the search for numbers and words.
class Kept final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::string text;
  bool echo = false;

 private:
  void sink_it_(const spdlog::details::log_msg& m) override {
    const std::string line(m.payload.begin(), m.payload.end());
    text += line + "\n";
    if (echo) std::cout << "  log: " << line << "\n";
  }
  void flush_() override {}
};

struct Plan {
  int days = 14;
  int people = 8;
  int crashes = 15;  // of ten thousand visits of a named point
  bool faults = true;
  bool verbose = false;
};

struct Outcome {
  std::uint64_t hash = 0;
  std::uint64_t traced = 0;
  std::size_t texts = 0, replies = 0, crashes = 0, alerts = 0;
  Struck struck;
  std::vector<std::string> broken;
};

class Run {
 public:
  Run(Service& service, Kept& log, std::uint64_t seed, const Plan& plan)
      : service_(service),
        log_(log),
        seed_(seed),
        plan_(plan),
        disk_("sim", seed),
        world_(seed, start_of(seed), plan.people),
        trouble_(world_, disk_, service, seed) {
    world_.faults = plan.faults;
    trouble_.process = [this] {
      return process_ && !process_->crashed() ? process_.get() : nullptr;
    };
    world_.carry = [this](Hook h) {
      if (process_ && !process_->crashed()) {
        process_->carry(std::move(h));
      } else {
        world_.unanswered(std::move(h));
      }
    };
    world_.deleted = [this](const std::string& number) { deleted(number); };
    world_.leaving = [this](const std::string& number) { return leaving(number); };
  }

  Outcome go() {
    log_.text.clear();
    crash_chance_ = plan_.crashes;
    if (plan_.faults) {
      trouble_.before_first_start();
      trouble_.begin();
    }
    boot();
    const Instant end = world_.now + Millis{plan_.days * day_ms};
    enrol();
    daily();
    until(end);
    world_.faults = false;
    world_.people_answer = false;
    crash_chance_ = 0;
    trouble_.end();
    if (process_) process_->set_plan({0});
    until(end + Millis{drain_days * day_ms});
    return judge();
  }

 private:
  // Seeds begin all over the year, so that nights of clock changes are met.
  static Instant start_of(std::uint64_t seed) {
    Dice d(seed ^ 0xDA7EU);
    return Instant{date_of(2026, 1, 5).days * day_ms + 9 * hour_ms +
                   static_cast<std::int64_t>(d.below(360)) * day_ms};
  }

  void boot() {
    process_ =
        std::make_unique<Process>(world_, disk_, service_.wire, trouble_.live(), world_.dice.next(),
                                  CrashPlan{crash_chance_}, trouble_.clock_off());
    if (plan_.faults) {
      process_->on_point = [this](std::string_view name) { trouble_.at_point(name); };
    }
    trouble_.before_start();
    const bool started = process_->start();
    if (plan_.faults) trouble_.after_start();
    if (!started) after_crash();
    look_whether_erased();
  }

  void after_crash() {
    world_.crashes.push_back(world_.now);
    if (plan_.verbose) {
      std::cout << to_iso(world_.now) << " crash at " << process_->crashed_at() << "\n";
    }
    gather();
    process_.reset();
    const auto down = Millis{1 + static_cast<std::int64_t>(world_.dice.below(10)) * minute_ms};
    world_.at(world_.now + down, [this] { boot(); });
  }

  void enrol() {
    for (int i = 0; i < plan_.people; ++i) {
      world_.at(world_.now + Millis{i * minute_ms}, [this, i] { enrol_one(i); });
    }
  }

  void enrol_one(int i) {
    if (gone(World::number_of(i))) return;
    if (!process_ || process_->crashed()) {
      world_.at(world_.now + Millis{hour_ms}, [this, i] { enrol_one(i); });
      return;
    }
    checkins::NewPerson n;
    n.number = World::number_of(i);
    n.display = "P" + std::to_string(i);
    n.programme = i % 4 == 3 ? "day-samples" : "evening-mood";
    n.practitioner = i % 2 == 0 ? "sam" : "ana";
    n.agreed_with = "Sam Reed";
    n.agreed_on = world_.now - Millis{day_ms};
    n.measures = {{"mood", goal_text, {}}};
    n.language = World::welsh(i) ? "cy" : "";
    n.zone = i % 5 == 4 ? "America/New_York" : "";
    n.plan = plan_text;
    const auto live = trouble_.live();
    const auto now = world_.now + trouble_.clock_off();
    process_->admin([n, live, now, seed = world_.dice.next()](store::Tx& tx) {
      Dice dice(seed);
      const auto done =
          checkins::add_person(tx, {*live->service, live->reader.get(), now, dice}, n, "admin:sim");
      if (!done && done.error().code != "number_in_use" && done.error().code != "opted_out") {
        throw std::runtime_error(done.error().code + ": " + done.error().message);
      }
    });
    // A crash may have undone it: asked again, it is refused as already there.
    if (world_.faults && tries_[i]++ < 3) {
      world_.at(world_.now + Millis{6 * hour_ms}, [this, i] { enrol_one(i); });
    }
  }

  [[nodiscard]] bool gone(const std::string& number) const {
    return std::any_of(world_.erased.begin(), world_.erased.end(),
                       [&](const Erased& e) { return e.number == number; });
  }

  // Between a DELETE with its code and the erasure lie some minutes, and what comes in them is
  // erased too.
  bool leaving(const std::string& number) {
    bool there = false;
    if (!gone(number)) return there;
    disk_.hold(true);
    process_->store().read(
        [&](store::ReadTx& tx) { there = tx.person_by_number(number).has_value(); });
    disk_.hold(false);
    return there;
  }

  // A DELETE with a code got its 2xx: from here they are gone, where the code was theirs.
  void deleted(const std::string& number) {
    Erased e{world_.now, number, 0, {}};
    bool is_so = true;
    disk_.hold(true);
    process_->store().read([&](store::ReadTx& tx) {
      const auto p = tx.person_by_number(number);
      if (!p) return;
      is_so = p->extra.contains("erase_now");
      e.person = p->id;
    });
    disk_.hold(false);
    if (!is_so || gone(number)) return;
    if (e.person != 0) e.sealed = sealed_of(disk_, e.person);
    erased("erasure.by_person", std::move(e));
  }

  void erased(const std::string& how, Erased e) {
    trouble_.count(how);
    world_.phone_of_erased(e.number);
    world_.erased.push_back(std::move(e));
    if (world_.faults) enrol_one(world_.newcomer());
  }

  // Now and then an admin erases somebody who asked on paper.
  void erase_one() {
    if (!world_.people_answer || !world_.chance(80)) return;
    const std::string number =
        World::number_of(static_cast<int>(world_.dice.below(std::size_t(world_.people()))));
    std::string key;
    Erased e{world_.now, number, 0, {}};
    disk_.hold(true);
    process_->store().read([&](store::ReadTx& tx) {
      const auto p = tx.person_by_number(number);
      if (!p || p->extra.contains("erase_now")) return;
      key = p->key;
      e.person = p->id;
    });
    disk_.hold(false);
    if (key.empty() || gone(number)) return;
    e.sealed = sealed_of(disk_, e.person);
    asked_ = e;
    const auto live = trouble_.live();
    const auto now = world_.now + trouble_.clock_off();
    process_->admin(
        [live, now, key, seed = world_.dice.next()](store::Tx& tx) {
          Dice dice(seed);
          const checkins::Setting s{*live->service, live->reader.get(), now, dice};
          control::ActionContext c{tx, s, "admin:sim"};
          const auto done =
              control::run_action(c, "person.erase", {{"person", key}, {"confirm", key}});
          if (!done) throw std::runtime_error(done.error().message);
        },
        [this] { erased_as_asked(); });
  }

  // The admin's write was committed; where the process ended before it could say so, it is seen
  // later.
  void erased_as_asked() {
    if (!asked_) return;
    Erased e = *std::exchange(asked_, std::nullopt);
    e.at = world_.now;
    if (!gone(e.number)) erased("erasure.by_admin", std::move(e));
  }

  void look_whether_erased() {
    if (!asked_ || !process_ || process_->crashed()) return;
    bool there = true;
    disk_.hold(true);
    process_->store().read(
        [&](store::ReadTx& tx) { there = tx.person_by_number(asked_->number).has_value(); });
    disk_.hold(false);
    there ? asked_.reset() : erased_as_asked();
  }

  // Once a day somebody reads what was held and lets prompts go again, and opens a route again
  // whose account was refused.
  void daily() {
    world_.at(world_.now + Millis{day_ms}, [this] {
      daily();
      if (!process_ || process_->crashed()) return;
      erase_one();
      const auto live = trouble_.live();
      const auto now = world_.now + trouble_.clock_off();
      process_->admin([live, now, seed = world_.dice.next()](store::Tx& tx) {
        Dice dice(seed);
        const checkins::Setting s{*live->service, live->reader.get(), now, dice};
        for (const store::RouteState& r : tx.route_states()) {
          if (!r.halted) continue;
          control::ActionContext c{tx, s, "admin:sim"};
          const auto done = control::run_action(c, "route.reopen", {{"route", r.route}});
          if (!done) throw std::runtime_error(done.error().message);
        }
        for (const store::RowId id : tx.person_ids(0, 10'000)) {
          const auto p = tx.person(id);
          if (!p || !p->hold) continue;
          control::ActionContext c{tx, s, "admin:sim"};
          const auto done = control::run_action(c, "person.release", {{"person", p->key}});
          if (!done) throw std::runtime_error(done.error().message);
        }
      });
    });
  }

  void until(Instant end) {
    const std::int64_t steps_max = (plan_.days + drain_days) * steps_a_day_max;
    for (std::int64_t i = 0; i < steps_max; ++i) {
      std::optional<Instant> next = world_.next();
      if (process_) {
        const auto due = process_->next_due();
        if (due && (!next || *due < *next)) next = due;
      }
      if (!next || *next > end) {
        world_.now = end;
        return;
      }
      world_.now = std::max(world_.now, *next);
      world_.run_due();
      if (process_) process_->run();
      if (process_ && process_->crashed()) after_crash();
    }
    throw std::runtime_error("time does not move on");
  }

  Outcome judge() {
    Outcome o;
    if (!process_) {
      o.broken.emplace_back("the process did not come back");
      return o;
    }
    o.broken = broken_promises(world_, process_->store(), *trouble_.live());
    o.broken.insert(o.broken.end(), trouble_.broken.begin(), trouble_.broken.end());
    o.struck = trouble_.struck;
    process_->store().read([&](store::ReadTx& tx) {
      for (const store::RowId id : tx.person_ids(0, 10'000)) o.alerts += tx.alerts_of(id).size();
    });
    for (const Erased& e : world_.erased) {
      for (const std::string& table : tables_with(disk_, e.person)) {
        o.broken.push_back("promise 8: rows of somebody erased are left in " + table);
      }
    }
    gather();
    process_.reset();
    const Bytes left(disk_);
    for (const Erased& e : world_.erased) left_of(e, left, o);
    search("a log", log_.text, o.broken);
    for (const std::string& file : disk_.files()) search(file, disk_.bytes(file), o.broken);
    o.hash = world_.hash();
    o.traced = world_.traced();
    o.texts = world_.handed.size();
    o.replies = world_.acknowledged.size();
    o.crashes = world_.crashes.size();
    return o;
  }

  // Metrics are read by others too.
  void gather() { log_.text += process_->metrics.text(); }

  // Their key lies nowhere. Of what it sealed SQLite may leave bytes in the empty part of a page
  // whose cells it moved, though it wipes what it deletes; nobody can read those: they are counted.
  static void left_of(const Erased& e, const Bytes& disk, Outcome& o) {
    for (const auto& [v, what] : e.sealed) {
      const std::string where = disk.file_with(v);
      if (where.empty()) continue;
      if (what.starts_with("person_key.")) {
        o.broken.push_back(fmt::format("promise 8: {} of somebody erased at {} is in {}", what,
                                       to_iso(e.at), where));
      } else {
        o.struck["erasure.bytes_left_in_a_page"] += 1;
      }
    }
  }

  // No number and no word of a reply, in logs or at rest.
  void search(const std::string& where, const std::string& bytes,
              std::vector<std::string>& broken) const {
    std::vector<std::string> needles = world_.secrets;
    needles.insert(needles.end(), {plan_text, goal_text});
    for (const std::string& needle : needles) {
      const auto at = bytes.find(needle);
      if (at == std::string::npos) continue;
      broken.push_back(fmt::format("promise 8: \"{}\" stands in {} at byte {}", needle, where, at));
    }
  }

  Service& service_;
  Kept& log_;
  std::uint64_t seed_;
  Plan plan_;
  testing::FaultDisk disk_;
  World world_;
  Trouble trouble_;
  std::unique_ptr<Process> process_;
  std::map<int, int> tries_;
  std::optional<Erased> asked_;  // an admin's erasure whose end is not known yet
  int crash_chance_ = 0;
};

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t seeds = 1;
  std::string seeds_file;
  std::string source = MOODLINE_SOURCE_DIR;
  bool twice = true;
  bool stop = false;
};

std::string command(std::uint64_t seed, const Plan& p) {
  return fmt::format("moodline-sim --seed {} --days {} --people {} --crashes {}{}", seed, p.days,
                     p.people, p.crashes, p.faults ? "" : " --no-faults");
}

int run_seed(Service& service, Kept& log, std::uint64_t seed, const Plan& plan, bool twice,
             Struck& struck) {
  Outcome o = Run(service, log, seed, plan).go();
  if (twice) {
    const Outcome again = Run(service, log, seed, plan).go();
    if (again.hash != o.hash) {
      o.broken.push_back(fmt::format("promise 7: two runs differ: {:016x} ({}) and {:016x} ({})",
                                     o.hash, o.traced, again.hash, again.traced));
    }
  }
  for (const auto& [name, n] : o.struck) struck[name] += n;
  std::cout << fmt::format("seed {} trace {:016x}: {} texts, {} replies, {} alerts, {} crashes{}\n",
                           seed, o.hash, o.texts, o.replies, o.alerts, o.crashes,
                           o.broken.empty() ? "" : " BROKEN")
            << std::flush;
  constexpr std::size_t shown_max = 20;
  for (std::size_t i = 0; i < std::min(o.broken.size(), shown_max); ++i) {
    std::cout << "  " << o.broken[i] << "\n";
  }
  if (!o.broken.empty()) std::cout << "  again: " << command(seed, plan) << "\n";
  return o.broken.empty() ? 0 : 1;
}

int main_of(int argc, char** argv) {
  CLI::App app{"The production actors on a virtual clock against a simulated world"};
  Plan plan;
  Options o;
  app.add_option("--seed", o.seed, "first seed");
  app.add_option("--seeds", o.seeds, "how many seeds");
  app.add_option("--days", plan.days, "simulated days before the drain");
  app.add_option("--people", plan.people, "people enrolled")->check(CLI::Range(1, 700));
  app.add_option("--crashes", plan.crashes, "chance of a crash at a point, in 10,000");
  app.add_option("--seeds-file", o.seeds_file,
                 "caught seeds, run first: lines of SEED DAYS PEOPLE [CRASHES]");
  app.add_option("--source", o.source, "the tree whose sample service it runs");
  app.add_flag("!--no-faults", plan.faults, "provider and network without faults");
  app.add_flag("!--once", o.twice, "each seed once, without comparing two traces");
  app.add_flag("--stop", o.stop, "end at the first broken seed");
  app.add_flag("--verbose", plan.verbose, "crashes and the log as they come");
  CLI11_PARSE(app, argc, argv);
  auto sink = std::make_shared<Kept>();
  sink->echo = plan.verbose;
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("sim", sink));
  Service service(o.source);
  const auto began = std::chrono::steady_clock::now();
  int bad = 0;
  std::uint64_t ran = 0;
  double days = 0;
  Struck struck;
  const auto one = [&](std::uint64_t seed, const Plan& p) {
    bad += run_seed(service, *sink, seed, p, o.twice, struck);
    ran += 1;
    days += static_cast<double>((p.days + drain_days) * (o.twice ? 2 : 1)) * p.people;
  };
  if (std::ifstream file(o.seeds_file); !o.seeds_file.empty()) {
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line.substr(0, line.find('#')));
      std::uint64_t seed = 0;
      Plan p = plan;
      if (words >> seed >> p.days >> p.people) {
        if (int crashes = 0; words >> crashes) p.crashes = crashes;
        one(seed, p);
      }
    }
  }
  for (std::uint64_t i = 0; i < o.seeds && !(o.stop && bad > 0); ++i) one(o.seed + i, plan);
  const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::cout << fmt::format(
      "{} seeds, {} broken, {:.1f} s, {:.2f} seeds/s, {:.0f} person-years/min\n", ran, bad, s,
      static_cast<double>(ran) / s, days / 365 / s * 60);
  for (const auto& [name, n] : struck) std::cout << fmt::format("  struck: {} {}\n", name, n);
  return bad == 0 ? 0 : 1;
}

}  // namespace
}  // namespace moodline::sim

int main(int argc, char** argv) {
  try {
    return moodline::sim::main_of(argc, argv);
  } catch (const std::exception& e) {
    std::cout << "moodline-sim: " << e.what() << "\n";
    return 2;
  }
}
