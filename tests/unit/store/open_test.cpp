// Opening: schema versions, locks, read-only tools, group commit, the posted executor.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <deque>
#include <thread>

#include "tests/unit/store/conformance.hpp"
#include "tests/unit/store/support.hpp"

using namespace moodline;
using namespace moodline::store;
using namespace moodline::store::testing;

namespace {

std::string code_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const StoreError& e) {
    return e.code();
  }
  return "";
}

void sql(const std::string& path, const std::string& text) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

std::string pragma(const std::string& path, const std::string& name) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  sqlite3_stmt* s = nullptr;
  sqlite3_prepare_v2(db, ("PRAGMA " + name).c_str(), -1, &s, nullptr);
  std::string out;
  if (sqlite3_step(s) == SQLITE_ROW) out = reinterpret_cast<const char*>(sqlite3_column_text(s, 0));
  sqlite3_finalize(s);
  sqlite3_close(db);
  return out;
}

}  // namespace

TEST_CASE("what a fresh file is like") {
  const TempDir dir;
  const auto options = options_in(dir);
  open_sqlite(options);
  CHECK(pragma(options.path, "journal_mode") == "wal");
  CHECK(pragma(options.path, "user_version") == std::to_string(schema_version()));
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(options.path.c_str(), &db) == SQLITE_OK);
  sqlite3_stmt* s = nullptr;
  sqlite3_prepare_v2(db,
                     "SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND "
                     "name NOT LIKE 'sqlite_%'",
                     -1, &s, nullptr);
  int tables = 0;
  for (; sqlite3_step(s) == SQLITE_ROW; ++tables) {
    CAPTURE(reinterpret_cast<const char*>(sqlite3_column_text(s, 0)));
    CHECK(sqlite3_column_int(s, 1) == 1);
  }
  CHECK(tables > 15);
  sqlite3_finalize(s);
  sqlite3_close(db);
}

TEST_CASE("files that are not ours, or not yet ours, are refused and left alone") {
  const TempDir dir;
  const auto options = options_in(dir);
  const struct {
    const char* what;
    std::function<void()> spoil;
    const char* code;
  } table[] = {
      {"newer schema", [&] { sql(options.path, "PRAGMA user_version = 999"); }, "newer_schema"},
      {"newer keys", [&] { sql(options.path + ".keys", "PRAGMA user_version = 9"); },
       "newer_schema"},
      {"another program's", [&] { sql(options.path, "PRAGMA application_id = 5"); },
       "not_moodline"},
      {"another program's, no version",
       [&] { sql(options.path, "PRAGMA application_id = 0; PRAGMA user_version = 0"); },
       "not_moodline"},
      {"keys and database exchanged",
       [&] {
         std::filesystem::copy_file(options.path, options.path + ".keys",
                                    std::filesystem::copy_options::overwrite_existing);
       },
       "not_moodline"},
      {"text", [&] { std::ofstream(options.path) << std::string(5000, 'x'); }, "corrupt"},
      {"a folder",
       [&] {
         std::filesystem::remove(options.path);
         std::filesystem::create_directory(options.path);
       },
       "cannot_open"},
  };
  for (const auto& row : table) {
    CAPTURE(row.what);
    for (const auto& f : std::filesystem::directory_iterator(dir.path))
      std::filesystem::remove_all(f.path());
    open_sqlite(options);
    row.spoil();
    const auto before = bytes_of(options.path);
    CHECK(code_of([&] { open_sqlite(options); }) == row.code);
    CHECK(bytes_of(options.path) == before);
  }
  auto nowhere = options;
  nowhere.path = dir.file("no/such/folder.db");
  CHECK(code_of([&] { open_sqlite(nowhere); }) == "cannot_open");
}

TEST_CASE("a file of the first schema is migrated with its rows; a reading tool waits for that") {
  const TempDir dir;
  auto options = options_in(dir);
  Message m;
  m.to = "+447700900123";
  m.dedupe = "kept";
  open_sqlite(options)->write([&](Tx& tx) { tx.put(m); });
  sql(options.path,
      "DROP TABLE access; ALTER TABLE message DROP COLUMN unknowns; ALTER TABLE person DROP COLUMN "
      "own_times; PRAGMA user_version = 1");
  auto tool = options;
  tool.read_only = true;
  CHECK(code_of([&] { open_sqlite(tool); }) == "older_schema");
  open_sqlite(options)->read([](ReadTx& tx) {
    const auto found = tx.message(1);
    REQUIRE(found);
    CHECK(found->to == "+447700900123");
    CHECK(found->unknowns == 0);
  });
  open_sqlite(tool);
}

TEST_CASE("one writer; reading tools beside it") {
  const TempDir dir;
  auto options = options_in(dir, Executor::background);
  const auto store = open_sqlite(options);
  store->write([](Tx& tx) { tx.put_setting("a", "1"); });
  CHECK(code_of([&] { open_sqlite(options); }) == "in_use");
  options.read_only = true;
  const auto tool = open_sqlite(options);
  tool->read([](ReadTx& tx) { CHECK(tx.setting("a") == "1"); });
  CHECK(code_of([&] { tool->write([](Tx&) {}); }) == "read_only");
  CHECK(code_of([&] { tool->submit([](Tx&) {}, [](const std::exception_ptr&) {}); }) ==
        "read_only");
  options.path = dir.file("none.db");
  CHECK(code_of([&] { open_sqlite(options); }) == "cannot_open");
}

TEST_CASE("writes that wait together share a commit") {
  const TempDir dir;
  auto options = options_in(dir, Executor::background);
  std::atomic<bool> slow{true};
  options.fault_point = [&](std::string_view point) {
    if (point == "before_commit" && slow) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  const auto store = open_sqlite(options);
  constexpr int writers = 32, each = 20;
  std::vector<std::thread> threads;
  for (int w = 0; w < writers; ++w)
    threads.emplace_back([&, w] {
      for (int i = 0; i < each; ++i)
        store->write(
            [&](Tx& tx) { tx.put_setting(std::to_string(w) + "/" + std::to_string(i), "x"); });
    });
  for (auto& t : threads) t.join();
  const auto stats = store->stats();
  CHECK(stats.writes == writers * each);
  CHECK(stats.commits * 8 < stats.writes);
  store->read([&](ReadTx& tx) {
    for (int w = 0; w < writers; ++w)
      for (int i = 0; i < each; ++i) CHECK(tx.setting(std::to_string(w) + "/" + std::to_string(i)));
  });
}

TEST_CASE("a batch is bounded by count and by time") {
  const TempDir dir;
  auto options = options_in(dir);
  std::deque<std::function<void()>> loop;
  options.post = [&](std::function<void()> f) { loop.push_back(std::move(f)); };
  options.batch_writes_max = 10;
  std::int64_t now = 0;
  SUBCASE("count") {}
  SUBCASE("time") {
    options.batch_us_max = 5'000;
    options.monotonic_us = [&] { return now += 1'000; };
  }
  const auto store = open_sqlite(options);
  int done = 0;
  for (int i = 0; i < 40; ++i)
    store->submit([](Tx&) {},
                  [&](const std::exception_ptr& error) {
                    CHECK_FALSE(error);
                    ++done;
                  });
  CHECK(loop.size() == 1);  // one wake-up, whatever waits
  CHECK(store->stats().commits == 0);
  for (int i = 0; i < 1'000 && !loop.empty(); ++i) {
    auto f = std::move(loop.front());
    loop.pop_front();
    f();
  }
  CHECK(done == 40);
  CHECK(store->stats().commits == (options.monotonic_us ? 8 : 4));
}

TEST_CASE("completions come after the commit, in order, and never before submit returns") {
  const TempDir dir;
  auto options = options_in(dir);
  std::deque<std::function<void()>> loop;
  options.post = [&](std::function<void()> f) { loop.push_back(std::move(f)); };
  std::vector<std::string> trace;
  options.fault_point = [&](std::string_view point) { trace.emplace_back(point); };
  auto store = open_sqlite(options);
  for (const char* name : {"a", "b"})
    store->submit(
        [&, name](Tx&) { trace.push_back(std::string("run ") + name); },
        [&, name](const std::exception_ptr&) { trace.push_back(std::string("done ") + name); });
  while (!loop.empty()) {
    auto f = std::move(loop.front());
    loop.pop_front();
    f();
  }
  CHECK(trace == std::vector<std::string>{"run a", "run b", "before_commit", "after_commit",
                                          "before_done", "done a", "done b"});
  // A post that outlives the store does nothing.
  store->submit([](Tx&) { FAIL("ran after its store went"); }, nullptr);
  store.reset();
  REQUIRE(loop.size() == 1);
  loop.front()();
}

TEST_CASE("a full queue refuses") {
  const TempDir dir;
  auto options = options_in(dir);
  options.post = [](const std::function<void()>&) {};
  options.queue_max = 3;
  const auto store = open_sqlite(options);
  for (int i = 0; i < 3; ++i) store->submit([](Tx&) {}, nullptr);
  CHECK(code_of([&] { store->submit([](Tx&) {}, nullptr); }) == "overloaded");
  CHECK(store->run_pending());
  CHECK_FALSE(store->run_pending());
  CHECK(store->stats().writes == 3);
}

TEST_CASE("a lock held by another process is waited for, then named") {
  const TempDir dir;
  auto options = options_in(dir);
  options.busy_timeout_ms = 50;
  const auto store = open_sqlite(options);
  sqlite3* other = nullptr;
  REQUIRE(sqlite3_open(options.path.c_str(), &other) == SQLITE_OK);
  REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  CHECK(code_of([&] { store->write([](Tx&) {}); }) == "locked");
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  store->write([](Tx& tx) { tx.put_setting("a", "1"); });
  store->read([](ReadTx& tx) { CHECK(tx.setting("a")); });
}

TEST_CASE("closing a store with a thread finishes what waits") {
  const TempDir dir;
  const auto options = options_in(dir, Executor::background);
  std::atomic<int> done{0};
  {
    const auto store = open_sqlite(options);
    for (int i = 0; i < 1'000; ++i)
      store->submit([i](Tx& tx) { tx.put_setting(std::to_string(i), "x"); },
                    [&](const std::exception_ptr& e) { done += e ? 0 : 1; });
  }
  CHECK(done == 1'000);
  open_sqlite(options)->read([](ReadTx& tx) { CHECK(tx.setting("999")); });
}
