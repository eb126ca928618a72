// Faults of the disk, a step at a time: what was acknowledged is there, what failed left nothing,
// and the store goes on when the disk does.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <set>

#include "tests/support/fault_disk.hpp"
#include "tests/unit/store/conformance.hpp"
#include "tests/unit/store/support.hpp"

using namespace moodline;
using namespace moodline::store;
using namespace moodline::store::testing;
using moodline::testing::DiskFault;
using moodline::testing::DiskOp;
using moodline::testing::FaultDisk;

namespace {

StoreOptions options_on(const FaultDisk& disk) {
  static const TempDir unused;
  StoreOptions o = options_in(unused);
  o.path = "moodline.db";
  o.vfs = disk.vfs();
  o.checkpoint_pages = 12;  // write back often, so that faults meet checkpoints too
  return o;
}

/// What a run was told: numbers acknowledged, and those that failed (there or not, but whole).
struct Told {
  std::set<int> acknowledged, failed;
  std::set<int> erased;  // acknowledged erasures
  std::string last_code;
};

/// One write: a person, a text of theirs and two settings that must come and go together.
bool write_number(Store& store, int n, Told& told) {
  try {
    store.write([&](Tx& tx) {
      tx.put_setting("a" + std::to_string(n), "x");
      if (n % 3 == 0) {
        Person p = some_person(n);
        Inbound in;
        in.person = tx.put(p);
        in.event_id = std::to_string(n);
        in.text = std::string(300, 't');
        if (!tx.put(in)) throw std::logic_error("duplicate");
      }
      tx.put_setting("b" + std::to_string(n), "x");
    });
    told.acknowledged.insert(n);
    return true;
  } catch (const StoreError& e) {
    told.failed.insert(n);
    told.last_code = e.code();
    return false;
  }
}

bool erase_number(Store& store, int n, Told& told) {
  try {
    store.write([&](Tx& tx) {
      const auto p = tx.person_by_number(number_of(n));
      if (p) tx.erase_person(p->id, Instant{n});
    });
    told.erased.insert(n);
    return true;
  } catch (const StoreError& e) {
    told.last_code = e.code();
    return false;
  }
}

/// `maybe_erased`: persons whose erasure failed half-way, gone or whole.
void check(Store& store, const Told& told, const std::set<int>& maybe_erased = {}) {
  store.read([&](ReadTx& tx) {
    for (const int n : told.acknowledged) {
      CAPTURE(n);
      CHECK(tx.setting("a" + std::to_string(n)));
      if (n % 3 != 0) continue;
      const auto p = tx.person_by_number(number_of(n));
      if (told.erased.contains(n)) {
        CHECK_FALSE(p);
        CHECK(tx.opt_out(number_of(n)));
      } else if (!maybe_erased.contains(n) || p) {
        REQUIRE(p);
        CHECK(p->plan == some_person(n).plan);
        REQUIRE(tx.inbound_of(p->id, {}).size() == 1);
        CHECK(tx.inbound_of(p->id, {})[0].text == std::string(300, 't'));
      }
    }
    for (const auto* all : {&told.acknowledged, &told.failed})
      for (const int n : *all) {
        CAPTURE(n);
        const bool there = tx.setting("a" + std::to_string(n)).has_value();
        CHECK(there == tx.setting("b" + std::to_string(n)).has_value());
        if (n % 3 == 0)
          CHECK(there == (tx.inbound_known("", std::to_string(n)) || told.erased.contains(n) ||
                          maybe_erased.contains(n)));
      }
    CHECK_FALSE(tx.audit_broken_at());
  });
}

void check_pages(const FaultDisk& disk) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open_v2("moodline.db", &db, SQLITE_OPEN_READWRITE, disk.vfs().c_str()) ==
          SQLITE_OK);
  sqlite3_stmt* s = nullptr;
  REQUIRE(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &s, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(s) == SQLITE_ROW);
  CHECK(std::string(reinterpret_cast<const char*>(sqlite3_column_text(s, 0))) == "ok");
  sqlite3_finalize(s);
  sqlite3_close(db);
}

}  // namespace

TEST_CASE("the suite runs on the disk in memory") {
  struct Held {
    FaultDisk disk{"conformance"};
    std::unique_ptr<Store> store;
  };
  conformance([] {
    auto held = std::make_shared<Held>();
    held->store = open_sqlite(options_on(held->disk));
    return std::shared_ptr<Store>(held, held->store.get());
  });
}

TEST_CASE("disk full, I/O errors, short writes, read-only: named, whole, and over when they are") {
  const struct {
    const char* name;
    DiskFault fault;
    std::set<std::string> codes;
  } table[] = {
      {"disk full, log", {DiskOp::write, "-wal", 0, UINT64_MAX, SQLITE_FULL}, {"disk_full"}},
      {"disk full, half written",
       {DiskOp::write, "-wal", 0, UINT64_MAX, SQLITE_FULL, true},
       {"disk_full"}},
      {"disk full, once, later", {DiskOp::write, "-wal", 5, 1, SQLITE_FULL, true}, {"disk_full"}},
      {"I/O error writing", {DiskOp::write, "-wal", 2, 3, SQLITE_IOERR_WRITE}, {"io_error"}},
      {"I/O error, half written",
       {DiskOp::write, "-wal", 3, 2, SQLITE_IOERR_WRITE, true},
       {"io_error"}},
      {"sync fails once", {DiskOp::sync, "-wal", 1, 1, SQLITE_IOERR_FSYNC}, {"io_error"}},
      {"sync fails", {DiskOp::sync, "-wal", 0, UINT64_MAX, SQLITE_IOERR_FSYNC}, {"io_error"}},
      {"read-only", {DiskOp::write, "", 0, UINT64_MAX, SQLITE_READONLY}, {"read_only"}},
      {"keys: disk full", {DiskOp::write, ".keys", 0, UINT64_MAX, SQLITE_FULL}, {"disk_full", ""}},
      {"keys' journal: I/O error",
       {DiskOp::write, ".keys-journal", 0, UINT64_MAX, SQLITE_IOERR_WRITE},
       {"io_error", ""}},
      {"keys: sync fails",
       {DiskOp::sync, ".keys", 0, UINT64_MAX, SQLITE_IOERR_FSYNC},
       {"io_error", ""}},
      {"write-back: disk full", {DiskOp::write, "moodline.db", 0, UINT64_MAX, SQLITE_FULL}, {""}},
      {"write-back: I/O error",
       {DiskOp::write, "moodline.db", 1, UINT64_MAX, SQLITE_IOERR_WRITE, true},
       {""}},
      {"write-back: sync fails",
       {DiskOp::sync, "moodline.db", 0, UINT64_MAX, SQLITE_IOERR_FSYNC},
       {""}},
  };
  for (const auto& row : table) {
    CAPTURE(row.name);
    FaultDisk disk("faults");
    const auto options = options_on(disk);
    Told told;
    {
      const auto store = open_sqlite(options);
      int n = 1;
      for (; n <= 6; ++n) REQUIRE(write_number(*store, n, told));
      disk.fail(row.fault);
      for (; n <= 60; ++n) write_number(*store, n, told);
      CHECK(row.codes.contains(told.last_code));
      CHECK(told.failed.empty() == told.last_code.empty());
      disk.heal();
      check(*store, told);
      // Failed ones may now be tried again, and the rest goes on.
      const auto failed = told.failed;
      for (const int again : failed) {
        CAPTURE(again);
        store->read([&](ReadTx& tx) { CHECK_FALSE(tx.setting("a" + std::to_string(again))); });
        REQUIRE(write_number(*store, again, told));
      }
      told.failed.clear();
      for (; n <= 80; ++n) REQUIRE(write_number(*store, n, told));
      check(*store, told);
    }
    check_pages(disk);
    disk.cut(7);
    check(*open_sqlite(options), told);
  }
}

TEST_CASE("the power goes at any instant: acknowledged stays, the rest is whole or absent") {
  // One run without faults says how many operations there are to be cut at.
  const auto run = [](Store& store, Told& told, std::set<int>& maybe_erased) {
    for (int n = 1; n <= 24; ++n) {
      if (!write_number(store, n, told)) return;
      if (n % 6 != 0) continue;
      if (!erase_number(store, n - 3, told)) {
        maybe_erased.insert(n - 3);
        return;
      }
    }
  };
  std::uint64_t total = 0;
  {
    FaultDisk disk("cut");
    Told told;
    std::set<int> maybe;
    run(*open_sqlite(options_on(disk)), told, maybe);
    REQUIRE(told.acknowledged.size() == 24);
    REQUIRE(told.erased.size() == 4);
    total = disk.ops();
  }
  REQUIRE(total > 300);
  int cuts = 0;
  for (std::uint64_t at = 0; at < total; at += 3, ++cuts) {
    CAPTURE(at);
    FaultDisk disk("cut", at + 1);
    const auto options = options_on(disk);
    Told told;
    std::set<int> maybe;
    disk.freeze_after(at);
    try {
      const auto store = open_sqlite(options);
      run(*store, told, maybe);
      if (at % 2 == 0) disk.cut(at);  // with the old process's handles still open
    } catch (const StoreError&) {
      CHECK(told.acknowledged.empty());  // cut while it was being made
    }
    disk.cut(at);
    const auto store = open_sqlite(options);
    check(*store, told, maybe);
    told.failed.clear();
    for (int n = 100; n < 106; ++n) CHECK(write_number(*store, n, told));
    check(*store, told, maybe);
  }
  MESSAGE(cuts << " power cuts over " << total << " operations");
}

TEST_CASE("the process is killed at any instant: the same") {
  for (std::uint64_t at = 0; at < 400; at += 7) {
    CAPTURE(at);
    FaultDisk disk("kill", at + 1);
    const auto options = options_on(disk);
    Told told;
    disk.freeze_after(at);
    try {
      const auto store = open_sqlite(options);
      for (int n = 1; n <= 30 && write_number(*store, n, told); ++n) {
      }
    } catch (const StoreError&) {
      CHECK(told.acknowledged.empty());
    }
    disk.kill();
    check(*open_sqlite(options), told);
    check_pages(disk);
  }
}

TEST_CASE("a log cut short anywhere gives the writes before it, whole") {
  FaultDisk disk("shortlog");
  auto options = options_on(disk);
  options.checkpoint_pages = 100'000;
  Told told;
  auto store = open_sqlite(options);
  for (int n = 1; n <= 12; ++n) REQUIRE(write_number(*store, n, told));
  const auto log = disk.bytes("moodline.db-wal");
  const auto main = disk.bytes("moodline.db");
  disk.kill();
  store.reset();
  REQUIRE(log.size() > 50'000);
  for (std::size_t size = 0; size < log.size(); size += 3'001) {
    CAPTURE(size);
    disk.set_bytes("moodline.db", main);
    disk.set_bytes("moodline.db-wal", log.substr(0, size));
    try {
      const auto again = open_sqlite(options);
      int present = 0;
      again->read([&](ReadTx& tx) {
        for (int n = 1; n <= 12; ++n) {
          const bool there = tx.setting("a" + std::to_string(n)).has_value();
          CHECK(there == tx.setting("b" + std::to_string(n)).has_value());
          if (there) {
            CHECK(present == n - 1);  // no gap
            ++present;
          }
        }
      });
    } catch (const StoreError& e) {
      FAIL("a short log must open: " << e.what());
    }
    disk.kill();
  }
}

TEST_CASE("a corrupt page is named as such, and nothing is acknowledged on top of it") {
  FaultDisk disk("corrupt");
  const auto options = options_on(disk);
  Told told;
  {
    const auto store = open_sqlite(options);
    for (int n = 1; n <= 60; ++n) REQUIRE(write_number(*store, n, told));
  }
  const auto good = disk.bytes("moodline.db");
  int named = 0;
  for (std::size_t page = 0; page * 4096 < good.size(); ++page) {
    CAPTURE(page);
    auto bad = good;
    bad.replace(page * 4096 + (page == 0 ? 100 : 0), 512, 512, '\x5a');
    disk.set_bytes("moodline.db", bad);
    try {
      const auto store = open_sqlite(options);
      store->read([&](ReadTx& tx) {
        for (const RowId id : tx.person_ids(0, 100)) {
          (void)tx.person(id);
          (void)tx.inbound_of(id, {});
        }
        for (int n = 1; n <= 60; ++n) (void)tx.setting("a" + std::to_string(n));
      });
    } catch (const StoreError& e) {
      CHECK((e.code() == "corrupt" || e.code() == "not_moodline" || e.code() == "io_error"));
      ++named;
    }
    disk.kill();
  }
  CHECK(named > 10);
  disk.set_bytes("moodline.db", good);
  check(*open_sqlite(options), told);
}

TEST_CASE("files that cannot be opened or locked") {
  FaultDisk disk("opening");
  const auto options = options_on(disk);
  const auto code_of_open = [&] {
    try {
      open_sqlite(options);
    } catch (const StoreError& e) {
      return e.code();
    }
    return std::string();
  };
  Told told;
  const struct {
    const char* name;
    DiskFault fault;
    const char* code;
  } table[] = {
      {"cannot open", {DiskOp::open, "moodline.db", 0, UINT64_MAX, SQLITE_CANTOPEN}, "cannot_open"},
      {"cannot open keys", {DiskOp::open, ".keys", 0, UINT64_MAX, SQLITE_CANTOPEN}, "cannot_open"},
      {"cannot open the journal",
       {DiskOp::open, ".erased", 0, UINT64_MAX, SQLITE_CANTOPEN},
       "cannot_open"},
      {"locks fail", {DiskOp::lock, "moodline.db", 0, UINT64_MAX, SQLITE_IOERR_LOCK}, "io_error"},
      {"reads fail", {DiskOp::read, "moodline.db", 0, UINT64_MAX, SQLITE_IOERR_READ}, "io_error"},
      {"full while made", {DiskOp::write, "-wal", 3, UINT64_MAX, SQLITE_FULL}, "disk_full"},
  };
  for (const auto& row : table) {
    CAPTURE(row.name);
    for (const auto& f : disk.files()) disk.set_bytes(f, "");
    disk.fail(row.fault);
    CHECK(code_of_open() == row.code);
    disk.heal();
    CHECK(code_of_open().empty());
    write_number(*open_sqlite(options), 1, told);
    CHECK(told.failed.empty());
  }
}
