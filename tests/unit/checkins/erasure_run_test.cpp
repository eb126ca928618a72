// DELETE after a whole run: what was erased is in no file, no log, and no backup made after.
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/unit/checkins/support.hpp"

using namespace moodline;
using namespace moodline::rig;

namespace {

constexpr std::size_t blob_bytes_min = 24;  // shorter ones may be there by chance

std::vector<std::string> column(sqlite3* db, const std::string& sql) {
  std::vector<std::string> out;
  sqlite3_stmt* s = nullptr;
  REQUIRE_MESSAGE(sqlite3_prepare_v2(db, sql.c_str(), -1, &s, nullptr) == SQLITE_OK, sql);
  while (sqlite3_step(s) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(s); ++i) {
      if (sqlite3_column_type(s, i) == SQLITE_NULL) continue;
      out.emplace_back(static_cast<const char*>(sqlite3_column_blob(s, i)),
                       static_cast<std::size_t>(sqlite3_column_bytes(s, i)));
    }
  }
  sqlite3_finalize(s);
  return out;
}

sqlite3* open_raw(Rig& r, const char* file) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, r.disk().vfs().c_str()) == SQLITE_OK);
  return db;
}

// Every sealed field of one person, as it lies in the files, and their wrapped key.
std::vector<std::string> sealed_of(Rig& r, store::RowId person) {
  const std::string id = std::to_string(person);
  std::vector<std::string> out;
  sqlite3* db = open_raw(r, "moodline.db");
  for (const std::string& table :
       column(db,
              "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
              "ON c.name = 'person' WHERE m.type = 'table' AND m.name <> 'audit'")) {
    for (std::string& v : column(db, "SELECT * FROM " + table + " WHERE person = " + id)) {
      out.push_back(std::move(v));
    }
  }
  for (std::string& v : column(db, "SELECT * FROM person WHERE id = " + id)) out.push_back(v);
  // Of their own number: the tombstone. Of their practitioner's: also in rows about others.
  const auto hashes = column(db, "SELECT DISTINCT to_hash FROM message");
  sqlite3_close(db);
  db = open_raw(r, "moodline.db.keys");
  for (std::string& v : column(db, "SELECT wrapped FROM person_key WHERE person = " + id)) {
    out.push_back(std::move(v));
  }
  sqlite3_close(db);
  // Words of the service's own (template and rule names, hashes of files) are no one's.
  std::erase_if(out, [&](const std::string& v) {
    const bool binary = std::any_of(v.begin(), v.end(), [](char c) {
      return static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126;
    });
    const bool number = std::find(hashes.begin(), hashes.end(), v) != hashes.end();
    return v.size() < blob_bytes_min || !binary || number;
  });
  return out;
}

std::string file_with(Rig& r, const std::string& needle) {
  for (const std::string& f : r.disk().files()) {
    if (r.disk().bytes(f).find(needle) != std::string::npos) return f;
  }
  return has(r.log(), needle) ? "the log" : "";
}

std::ptrdiff_t left_of(Rig& r, const std::vector<std::string>& sealed) {
  return std::count_if(sealed.begin(), sealed.end(), [&](const std::string& v) {
    const std::string where = file_with(r, v);
    CHECK_MESSAGE(where.empty(), "still in " << where << ": " << v.size() << " bytes");
    return !where.empty();
  });
}

}  // namespace

TEST_CASE("erasure: after DELETE nothing of a whole run is in database, WAL, backups or logs") {
  Rig r;
  auto n = r.someone();
  n.needs = "wombat interpreter";
  const auto p = r.join(n, {"low-streak", "weekly-digest"});
  r.join(r.someone(kit, "KT"), {"low-streak", "weekly-digest"});
  r.says(mj, "PLAN ring the wombat keeper");
  for (int i = 0; i < 3; ++i) {
    r.until(TimeOfDay::hm(19, 0));
    r.says(mj, "2 the wombat is ill");
    r.says(kit, "2");
  }
  next_morning(r);
  r.says(sam, "ACK " + r.code_of(mj));
  r.says(sam, "DONE " + r.code_of(mj) + " wombat fed");
  r.says(sam, "SEEN MJ dear wombat");
  r.advance(24 * 7);
  auto sealed = sealed_of(r, p.id);
  // A few lie in two pieces, over two pages: the search is for what it can find.
  std::erase_if(sealed, [&](const std::string& v) { return file_with(r, v).empty(); });
  REQUIRE(sealed.size() > 60);

  const std::string ask = r.answer(mj, "DELETE");
  const auto at = ask.find("text DELETE ");
  REQUIRE(at != std::string::npos);
  r.says(mj, "DELETE " + ask.substr(at + 12, 4));
  r.advance(1);
  r.read([&](store::ReadTx& tx) { REQUIRE_FALSE(tx.person(p.id)); });
  REQUIRE(r.store().backup("after.db"));
  CHECK(left_of(r, sealed) == 0);
  for (const char* clear : {"wombat", "7700900200", "harbour keeper"}) {
    CHECK_MESSAGE(file_with(r, clear) == "", clear);
  }
  r.read([&](store::ReadTx& tx) {
    CHECK(tx.opt_out(mj));
    CHECK_FALSE(tx.audit_broken_at());
    CHECK(tx.person_by_number(kit));
    // What the service sent about several people does not name them any more.
    for (const auto status : {store::MessageStatus::delivered, store::MessageStatus::accepted}) {
      for (const store::Message& m : tx.messages_in(status, 1000)) {
        CHECK_FALSE(has(m.text, "MJ"));
        for (const auto& [k, v] : m.values) CHECK_FALSE(has(v, "MJ"));
      }
    }
    for (const auto& row : tx.audit(0, 10'000)) CHECK_FALSE(has(row.detail, "wombat"));
  });
  // And after a restart, over the same files.
  r.restart();
  CHECK(left_of(r, sealed) == 0);
}
