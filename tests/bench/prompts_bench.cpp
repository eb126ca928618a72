// How many prompts that are due at once are planned and queued a second: the timers of so many
// people are due, and each transaction takes as many as the daemon's own does, writes slot, text
// and next timer, sealed and with their unique rows.
//
// Usage: prompts_bench SOURCE_DIR [--people N] [--rounds N]
// Beside it, alternately in the same process, the bare minimum: plain SQLite that claims due rows,
// inserts into an outbox with a unique index and moves the timer on, a thousand a transaction.
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "config/load.hpp"
#include "daemon/actors/deadlines.hpp"
#include "daemon/actors/live.hpp"
#include "daemon/checkins/slots.hpp"
#include "daemon/store/open.hpp"

namespace {

using namespace moodline;
using Clock = std::chrono::steady_clock;

constexpr int people_max = 1'000'000;
constexpr int people_a_write = 500;
constexpr int bare_batch = 1'000;
constexpr Instant noon{1'772'452'800'000LL};     // 2 March 2026 12:00 UTC: everybody is planned
constexpr Instant evening{1'772'476'200'000LL};  // 18:30 UTC: everybody is due

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "prompts_bench: %s\n", why.c_str());
  std::exit(1);
}

class Bare {
 public:
  explicit Bare(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) stop("no database at " + path);
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    run("CREATE TABLE timer(id INTEGER PRIMARY KEY, due INTEGER NOT NULL, person INTEGER NOT "
        "NULL)");
    run("CREATE INDEX timer_due ON timer(due)");
    run("CREATE TABLE outbox(id INTEGER PRIMARY KEY, person INTEGER NOT NULL, slot INTEGER NOT "
        "NULL,"
        " state INTEGER NOT NULL, number TEXT NOT NULL, words TEXT NOT NULL, UNIQUE(person, "
        "slot))");
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;
  ~Bare() { sqlite3_close(db_); }

  void fill(int first, int people) {
    run("BEGIN");
    sqlite3_stmt* s = prepare("INSERT INTO timer(due, person) VALUES(1, ?)");
    for (int i = 0; i < people; ++i) {
      sqlite3_bind_int(s, 1, first + i);
      step(s);
    }
    sqlite3_finalize(s);
    run("COMMIT");
  }

  // Rows a second.
  double plan(int people) {
    sqlite3_stmt* due = prepare("SELECT id, person FROM timer WHERE due <= 1 ORDER BY due LIMIT ?");
    sqlite3_stmt* put =
        prepare("INSERT INTO outbox(person, slot, state, number, words) VALUES(?, 1, 0, ?, ?)");
    sqlite3_stmt* move = prepare("UPDATE timer SET due = 2 WHERE id = ?");
    const std::string words = "How is your mood right now, from 1 (low) to 10 (great)?";
    const auto start = Clock::now();
    for (int done = 0; done < people;) {
      run("BEGIN IMMEDIATE");
      std::vector<std::pair<sqlite3_int64, sqlite3_int64>> rows;
      sqlite3_bind_int(due, 1, bare_batch);
      while (sqlite3_step(due) == SQLITE_ROW) {
        rows.emplace_back(sqlite3_column_int64(due, 0), sqlite3_column_int64(due, 1));
      }
      sqlite3_reset(due);
      if (rows.empty()) stop("the bare schedule ran dry");
      for (const auto& [id, person] : rows) {
        const std::string number = "+44770090" + std::to_string(1'000'000 + person);
        sqlite3_bind_int64(put, 1, person);
        sqlite3_bind_text(put, 2, number.c_str(), -1, SQLITE_TRANSIENT);
        sqlite3_bind_text(put, 3, words.c_str(), -1, SQLITE_STATIC);
        step(put);
        sqlite3_bind_int64(move, 1, id);
        step(move);
      }
      run("COMMIT");
      done += static_cast<int>(rows.size());
    }
    const double took = seconds_since(start);
    for (sqlite3_stmt* s : {due, put, move}) sqlite3_finalize(s);
    return people / took;
  }

 private:
  void run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(db_));
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* s = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &s, nullptr) != SQLITE_OK) stop(sqlite3_errmsg(db_));
    return s;
  }
  void step(sqlite3_stmt* s) {
    if (sqlite3_step(s) != SQLITE_DONE) stop(sqlite3_errmsg(db_));
    sqlite3_reset(s);
  }
  sqlite3* db_ = nullptr;
};

class Ours {
 public:
  Ours(const std::string& path, const std::filesystem::path& source) {
    auto loaded = config::load(source / "config/sample", actors::registries());
    if (!loaded.service) stop(config::to_text(loaded.problems));
    service_ = loaded.service;
    store::StoreOptions options;
    options.path = path;
    options.master_key = store::random_key_ring();
    options.lookup_key = store::random_key_ring();
    store_ = store::open_sqlite(options);
  }

  // People as enrolment leaves them, with a daily question; their timers are set by the planner.
  void fill(int first, int people) {
    for (int at = 0; at < people; at += people_a_write) {
      store_->write([&](store::Tx& tx) {
        Dice dice(1);
        const checkins::Setting s{*service_, nullptr, noon, dice};
        for (int i = at; i < std::min(people, at + people_a_write); ++i) {
          checkins::Desk desk(tx, s, person(tx, first + i));
          checkins::plan_person(desk);
        }
      });
    }
  }

  double plan(int people) {
    const auto start = Clock::now();
    for (int done = 0; done < people;) {
      int some = 0;
      store_->write([&](store::Tx& tx) {
        Dice dice(1);
        const checkins::Setting s{*service_, nullptr, evening, dice};
        for (const store::Timer& t : tx.timers_due(evening, actors::Deadlines::batch_max)) {
          actors::timer_due(tx, s, t);
          ++some;
        }
      });
      if (some == 0) stop("fewer prompts were due than there are people");
      done += some;
    }
    return people / seconds_since(start);
  }

  std::size_t queued() {
    std::size_t n = 0;
    store_->read([&](store::ReadTx& tx) {
      n = tx.messages_in(store::MessageStatus::queued, people_max).size();
    });
    return n;
  }

 private:
  static store::Person person(store::Tx& tx, int n) {
    store::Person p;
    p.key = "p-" + std::to_string(n);
    p.status = store::PersonStatus::active;
    p.number = "+44770090" + std::to_string(1'000'000 + n);
    p.display = "AB";
    p.programme = "evening-mood";
    p.practitioner = "sam";
    p.zone = "Europe/London";
    p.language = "en";
    p.agreed_at = p.enrolled_at = p.created_at = noon;
    p.measures.push_back({});
    p.measures.back().measure = "mood";
    tx.put(p);
    return p;
  }
  std::shared_ptr<const config::Service> service_;
  std::unique_ptr<store::Store> store_;
};

long number(int argc, char** argv, const char* name, long fallback) {
  for (int i = 2; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return std::strtol(argv[i + 1], nullptr, 10);
  }
  return fallback;
}

int run(const std::string& dir, const std::string& source, int people, int rounds) {
  Bare bare(dir + "/bare.db");
  Ours ours(dir + "/ours.db", source);
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    const int some = people / rounds;
    bare.fill(round * some, some);
    ours.fill(round * some, some);
    const double b = bare.plan(some);
    const double o = ours.plan(some);
    ratios.push_back(o / b);
    std::printf("%d due at once: %.0f prompts/s, bare %.0f rows/s: x%.2f\n", some, o, b, o / b);
    std::fflush(stdout);
  }
  const std::size_t queued = ours.queued();
  if (queued != static_cast<std::size_t>(people / rounds * rounds))
    stop("not one text each is queued");
  std::sort(ratios.begin(), ratios.end());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("median x%.2f; %zu texts queued, one each; at most %ld MB\n",
              ratios[ratios.size() / 2], queued, usage.ru_maxrss / 1024);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const long people = number(argc, argv, "--people", 100'000);
  const long rounds = number(argc, argv, "--rounds", 1);
  if (argc < 2 || people < 1 || people > people_max || rounds < 1 || rounds > people) {
    stop("usage: prompts_bench SOURCE_DIR [--people N] [--rounds N]");
  }
  std::string dir = (std::filesystem::temp_directory_path() / "moodline-bench-XXXXXX").string();
  if (::mkdtemp(dir.data()) == nullptr) stop("no temporary folder");
  const int code = run(dir, argv[1], static_cast<int>(people), static_cast<int>(rounds));
  std::error_code ignored;
  std::filesystem::remove_all(dir, ignored);
  return code;
}
