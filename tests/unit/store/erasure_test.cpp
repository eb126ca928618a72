// What was erased is in no file: the bytes of every file are searched.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include "tests/unit/store/conformance.hpp"
#include "tests/unit/store/support.hpp"

using namespace moodline;
using namespace moodline::store;
using namespace moodline::store::testing;

namespace {

constexpr const char* words = "heartsease-and-quiet";

/// Raw bytes of the wrapped key and of one sealed field of a person, as they lie in the files.
struct Raw {
  std::string wrapped, sealed;
};

std::string blob_of(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  sqlite3_stmt* s = nullptr;
  REQUIRE(sqlite3_prepare_v2(db, sql.c_str(), -1, &s, nullptr) == SQLITE_OK);
  std::string out;
  if (sqlite3_step(s) == SQLITE_ROW)
    out.assign(static_cast<const char*>(sqlite3_column_blob(s, 0)),
               static_cast<std::size_t>(sqlite3_column_bytes(s, 0)));
  sqlite3_finalize(s);
  sqlite3_close(db);
  return out;
}

void fill(Tx& tx, RowId person) {
  for (int i = 0; i < 50; ++i) {
    Inbound in;
    in.person = person;
    in.provider = "kannel";
    in.event_id = std::to_string(person) + "-" + std::to_string(i);
    in.from = number_of(static_cast<int>(person));
    in.text = words;
    REQUIRE(tx.put(in));
    Message m;
    m.person = person;
    m.to = in.from;
    m.text = std::string("You said ") + words;
    REQUIRE(tx.put(m));
  }
}

bool in_any_file(const TempDir& dir, const std::string& needle) {
  for (const auto& f : std::filesystem::directory_iterator(dir.path))
    if (f.is_regular_file() && bytes_of(f.path().string()).find(needle) != std::string::npos)
      return true;
  return false;
}

}  // namespace

TEST_CASE("numbers and words lie in no file, before or after an erasure") {
  const TempDir dir;
  const auto options = options_in(dir);
  auto store = open_sqlite(options);
  RowId one = 0, two = 0;
  store->write([&](Tx& tx) {
    Person a = some_person(1), b = some_person(2);
    one = tx.put(a);
    two = tx.put(b);
    fill(tx, one);
    fill(tx, two);
    tx.append(AuditRow{0, Instant{1}, "system", "note", "p-test1", one, words});
  });
  for (const auto& clear : {number_of(1), number_of(1).substr(1), std::string(words)})
    CHECK_FALSE(in_any_file(dir, clear));
  const auto wrapped =
      blob_of(options.path + ".keys", "SELECT wrapped FROM person_key WHERE person = 1");
  const auto sealed = blob_of(options.path, "SELECT text FROM inbound WHERE person = 1");
  const auto hash = blob_of(options.path, "SELECT number_hash FROM person WHERE id = 1");
  REQUIRE(wrapped.size() > 40);
  REQUIRE(sealed.size() > 40);
  REQUIRE(in_any_file(dir, wrapped));  // the search finds what is there
  REQUIRE(in_any_file(dir, sealed));
  store->write([&](Tx& tx) { tx.erase_person(one, Instant{9}); });
  CHECK(std::filesystem::file_size(options.path + "-wal") == 0);
  CHECK_FALSE(in_any_file(dir, wrapped));
  CHECK_FALSE(in_any_file(dir, sealed));
  CHECK(in_any_file(dir, hash));  // the tombstone, so that STOP outlives the person's rows
  REQUIRE(store->backup(dir.file("copy")));
  store.reset();
  for (const auto& needle : {wrapped, sealed, number_of(1), std::string(words)})
    CHECK_FALSE(in_any_file(dir, needle));
  open_sqlite(options)->read([&](ReadTx& tx) {
    CHECK(tx.inbound_of(two, {}).size() == 50);
    CHECK(tx.opt_out(number_of(1)));
    CHECK_FALSE(tx.audit_broken_at());
  });
}

TEST_CASE("a write that throws after asking for an erasure erases nothing") {
  const TempDir dir;
  const auto store = open_sqlite(options_in(dir));
  RowId one = 0;
  store->write([&](Tx& tx) {
    Person a = some_person(1);
    one = tx.put(a);
  });
  CHECK_THROWS(store->write([&](Tx& tx) {
    tx.erase_person(one, Instant{9});
    throw std::runtime_error("no");
  }));
  store->read([&](ReadTx& tx) {
    REQUIRE(tx.person(one));
    CHECK(tx.person(one)->number == number_of(1));
    CHECK_FALSE(tx.opt_out(number_of(1)));
  });
}

TEST_CASE("an erasure cut short between key and rows is finished at the next opening") {
  const TempDir dir;
  auto options = options_in(dir);
  RowId one = 0;
  open_sqlite(options)->write([&](Tx& tx) {
    Person a = some_person(1);
    one = tx.put(a);
    fill(tx, one);
  });
  struct Cut {};
  options.fault_point = [](std::string_view point) {
    if (point == "before_commit") throw Cut{};
  };
  {
    const auto store = open_sqlite(options);
    CHECK_THROWS_AS(store->write([&](Tx& tx) { tx.erase_person(one, Instant{9}); }), Cut);
  }
  options.fault_point = nullptr;
  open_sqlite(options)->read([&](ReadTx& tx) {
    CHECK_FALSE(tx.person(one));
    CHECK(tx.inbound_of(one, {}).empty());
    CHECK(tx.opt_out(number_of(1))->source == "erased");
  });
}

TEST_CASE("a restored backup forgets again what was erased since, and reuses no id") {
  const TempDir dir, backups;
  const auto options = options_in(dir);
  RowId one = 0, two = 0;
  {
    const auto store = open_sqlite(options);
    store->write([&](Tx& tx) {
      Person a = some_person(1), b = some_person(2);
      one = tx.put(a);
      two = tx.put(b);
      fill(tx, one);
      fill(tx, two);
    });
    REQUIRE(store->backup(backups.file("b")));
    store->write([&](Tx& tx) {
      tx.erase_person(two, Instant{9});
      Person c = some_person(3);
      tx.put(c);
    });
  }
  SUBCASE("with the present keys") {}
  SUBCASE("with the keys file lost") {
    std::filesystem::remove(options.path + ".keys");
  }
  SUBCASE("on a machine where a fresh store was made, the journal carried over") {
    std::filesystem::remove(options.path + ".keys");
    std::filesystem::remove(options.path);
    const auto journal = bytes_of(options.path + ".erased");
    std::filesystem::remove(options.path + ".erased");
    open_sqlite(options);
    std::ofstream(options.path + ".erased", std::ios::binary) << journal;
  }
  const auto report = restore(backups.file("b"), options);
  REQUIRE_MESSAGE(report, (report ? "" : report.error().message));
  CHECK(report->persons == 2);
  CHECK(std::filesystem::exists(options.path + ".before-restore"));
  const auto store = open_sqlite(options);
  store->write([&](Tx& tx) {
    REQUIRE(tx.person(one));
    CHECK(tx.person(one)->number == number_of(1));
    CHECK(tx.inbound_of(one, {})[0].text == words);
    CHECK_FALSE(tx.person(two));
    CHECK(tx.inbound_of(two, {}).empty());
    CHECK(tx.opt_out(number_of(2))->source == "erased");
    Person d = some_person(4);
    CHECK(tx.put(d) > two);
  });
}
