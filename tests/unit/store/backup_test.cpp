// Backups are online and proved; a damaged one is refused. The audit trail shows tampering.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <utime.h>

#include <atomic>
#include <thread>

#include "tests/unit/store/conformance.hpp"
#include "tests/unit/store/support.hpp"

using namespace moodline;
using namespace moodline::store;
using namespace moodline::store::testing;

namespace {

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  char* error = nullptr;
  const int rc = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &error);
  INFO(sql << ": " << (error == nullptr ? "" : error));
  CHECK(rc == SQLITE_OK);
  sqlite3_free(error);
  sqlite3_close(db);
}

void some_rows(Store& store, int persons) {
  store.write([&](Tx& tx) {
    for (int i = 1; i <= persons; ++i) {
      Person p = some_person(i);
      tx.put(p);
      tx.append(AuditRow{0, Instant{i}, "system", "person.add", p.key, p.id, "detail"});
    }
  });
}

}  // namespace

TEST_CASE("a backup made while writing is whole") {
  const TempDir dir, backups;
  const auto options = options_in(dir, Executor::background);
  const auto store = open_sqlite(options);
  some_rows(*store, 20);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; !stop && i < 100'000; ++i)
      store->write([&](Tx& tx) { tx.put_setting("n", std::to_string(i)); });
  });
  for (int i = 0; i < 5; ++i) {
    const std::string path = backups.file("b" + std::to_string(i));
    const auto made = store->backup(path);
    CHECK_MESSAGE(made, (made ? "" : made.error().message));
    const auto report = restore_check(path, options);
    REQUIRE_MESSAGE(report, (report ? "" : report.error().message));
    CHECK(report->persons == 20);
    CHECK(report->audit_rows == 20);
    CHECK(report->persons_without_key == 0);
    CHECK(report->keys_copy);
    CHECK(report->schema == schema_version());
  }
  stop = true;
  writer.join();
  CHECK_FALSE(std::filesystem::exists(backups.file("b0.partial")));
  CHECK(store->backup(backups.file("b0")).error().code == "backup_failed");  // never replaced
  CHECK(store->backup(options.path).error().code == "backup_failed");
  CHECK(store->backup("/nowhere/b").error().code == "backup_failed");
}

TEST_CASE("a damaged backup is refused") {
  const TempDir dir, backups;
  const auto options = options_in(dir);
  {
    const auto store = open_sqlite(options);
    some_rows(*store, 30);
    REQUIRE(store->backup(backups.file("b")));
  }
  const auto path = backups.file("b");
  auto wrong = options;
  SUBCASE("missing") {
    std::filesystem::remove(path);
    CHECK(restore_check(path, options).error().code == "backup_missing");
    CHECK(restore(path, options).error().code == "backup_missing");
    return;
  }
  SUBCASE("cut short") {
    std::filesystem::resize_file(path, 8192);
  }
  SUBCASE("not a database") {
    std::ofstream(path) << "hello hello hello hello";
  }
  SUBCASE("another program's") {
    std::filesystem::remove(path);
    run_sql(path, "CREATE TABLE x(y)");
  }
  SUBCASE("a page overwritten") {
    std::fstream f(path, std::ios::in | std::ios::out | std::ios::binary);
    f.seekp(4096 * 3);
    f << std::string(4096, '\x55');
  }
  SUBCASE("a sealed field changed") {
    run_sql(path, "UPDATE person SET number = zeroblob(60) WHERE id = 3");
  }
  SUBCASE("two persons' fields exchanged") {
    run_sql(path,
            "UPDATE person SET number = (SELECT number FROM person WHERE id = 4) "
            "WHERE id = 3");
  }
  SUBCASE("an audit row changed") {
    run_sql(path, "DROP TRIGGER audit_is_fixed; UPDATE audit SET actor = 'nobody' WHERE seq = 9");
  }
  SUBCASE("a newer schema") {
    run_sql(path, "PRAGMA user_version = 999");
  }
  SUBCASE("other keys") {
    wrong.master_key = random_key_ring();
  }
  const auto checked = restore_check(path, wrong);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == "backup_bad");
  const auto before = bytes_of(options.path);
  CHECK_FALSE(restore(path, wrong));
  CHECK(bytes_of(options.path) == before);  // the present store is left as it was
}

TEST_CASE("a store in use is not restored over") {
  const TempDir dir, backups;
  const auto options = options_in(dir);
  const auto store = open_sqlite(options);
  REQUIRE(store->backup(backups.file("b")));
  CHECK(restore(backups.file("b"), options).error().code == "restore_failed");
}

TEST_CASE("copies of keys go after 7 days, and nothing else does") {
  const TempDir dir;
  const auto make = [&](const char* name, std::int64_t age_s) {
    std::ofstream(dir.file(name)) << "x";
    const utimbuf times{1'772'400'000 - age_s, 1'772'400'000 - age_s};
    ::utime(dir.file(name).c_str(), &times);
  };
  make("a.keys-copy", 8 * 86'400);
  make("b.keys-copy", 6 * 86'400);
  make("killed.keys-copy.partial", 8 * 86'400);
  make("running.keys-copy.partial", 60);
  make("moodline.db.keys", 90 * 86'400);
  make("a", 90 * 86'400);
  CHECK(drop_old_key_copies(dir.path, Instant{1'772'400'000'000}).value() == 2);
  CHECK_FALSE(std::filesystem::exists(dir.file("a.keys-copy")));
  CHECK_FALSE(std::filesystem::exists(dir.file("killed.keys-copy.partial")));
  CHECK(std::filesystem::exists(dir.file("running.keys-copy.partial")));
  CHECK(std::filesystem::exists(dir.file("b.keys-copy")));
  CHECK(std::filesystem::exists(dir.file("moodline.db.keys")));
  CHECK_FALSE(drop_old_key_copies(dir.file("none"), Instant{0}));
}

TEST_CASE("the audit trail shows where it was tampered with") {
  const TempDir dir;
  const auto options = options_in(dir);
  some_rows(*open_sqlite(options), 10);
  std::string sql;
  RowId broken = 0;
  SUBCASE("untouched") {}
  SUBCASE("actor") {
    sql = "UPDATE audit SET actor = 'admin' WHERE seq = 4";
    broken = 4;
  }
  SUBCASE("time") {
    sql = "UPDATE audit SET at = at + 1 WHERE seq = 10";
    broken = 10;
  }
  SUBCASE("detail") {
    sql = "UPDATE audit SET detail = (SELECT detail FROM audit WHERE seq = 5) WHERE seq = 6";
    broken = 6;
  }
  SUBCASE("a row taken out") {
    sql = "DELETE FROM audit WHERE seq = 7";
    broken = 7;
  }
  SUBCASE("the last rows taken off") {
    sql = "DELETE FROM audit WHERE seq > 8";
    broken = 9;
  }
  SUBCASE("two rows exchanged") {
    sql =
        "UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3;"
        "UPDATE audit SET seq = 3 WHERE seq = 99";
    broken = 2;
  }
  if (!sql.empty())
    run_sql(options.path, "DROP TRIGGER audit_is_kept; DROP TRIGGER audit_is_fixed; " + sql);
  open_sqlite(options)->read(
      [&](ReadTx& tx) { CHECK(tx.audit_broken_at().value_or(0) == broken); });
}

TEST_CASE("the schema itself refuses to change the trail") {
  const TempDir dir;
  const auto options = options_in(dir);
  some_rows(*open_sqlite(options), 2);
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(options.path.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db, "DELETE FROM audit", nullptr, nullptr, nullptr) == SQLITE_CONSTRAINT);
  CHECK(sqlite3_exec(db, "UPDATE audit SET actor = ''", nullptr, nullptr, nullptr) ==
        SQLITE_CONSTRAINT);
  sqlite3_close(db);
}
