#include "tests/sim/erased.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>

namespace moodline::sim {
namespace {

constexpr std::size_t blob_bytes_min = 24;  // shorter ones may be there by chance

/// A connection of our own, whatever trouble the disk is in.
class Raw {
 public:
  Raw(testing::FaultDisk& disk, const char* file) : disk_(disk) {
    disk_.hold(true);
    if (sqlite3_open_v2(file, &db_, SQLITE_OPEN_READONLY, disk.vfs().c_str()) != SQLITE_OK) {
      throw std::runtime_error(std::string("cannot open ") + file);
    }
  }
  ~Raw() {
    sqlite3_close(db_);
    disk_.hold(false);
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  std::vector<std::string> values(const std::string& sql) {
    std::vector<std::string> out;
    each(sql, [&](const char*, std::string v) { out.push_back(std::move(v)); });
    return out;
  }

  template <class Take>
  void each(const std::string& sql, Take take) {
    sqlite3_stmt* s = nullptr;
    if (sqlite3_prepare_v2(db_, sql.c_str(), -1, &s, nullptr) != SQLITE_OK) {
      throw std::runtime_error(sql + ": " + sqlite3_errmsg(db_));
    }
    while (sqlite3_step(s) == SQLITE_ROW) {
      for (int i = 0; i < sqlite3_column_count(s); ++i) {
        if (sqlite3_column_type(s, i) == SQLITE_NULL) continue;
        take(sqlite3_column_name(s, i),
             std::string(static_cast<const char*>(sqlite3_column_blob(s, i)),
                         static_cast<std::size_t>(sqlite3_column_bytes(s, i))));
      }
    }
    sqlite3_finalize(s);
  }

 private:
  testing::FaultDisk& disk_;
  sqlite3* db_ = nullptr;
};

constexpr const char* database = "moodline.db";
constexpr const char* tables_of_persons =
    "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'person' "
    "WHERE m.type = 'table' AND m.name <> 'audit' ORDER BY m.name";

bool binary(const std::string& v) {
  return std::any_of(v.begin(), v.end(), [](char c) {
    return static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126;
  });
}

}  // namespace

Bytes::Bytes(const testing::FaultDisk& disk) {
  for (const std::string& f : disk.files()) files_.emplace_back(f, disk.bytes(f));
}

std::string Bytes::file_with(const std::string& bytes) const {
  for (const auto& [name, content] : files_) {
    const auto at = content.find(bytes);
    if (at != std::string::npos) return fmt::format("{} at {} of {}", name, at, content.size());
  }
  return {};
}

std::map<std::string, std::string> sealed_of(testing::FaultDisk& disk, std::int64_t person) {
  std::map<std::string, std::string> out;
  std::vector<std::string> hashes;
  const auto take = [&](Raw& db, const std::string& table, const char* key, const char* columns) {
    db.each(fmt::format("SELECT {} FROM {} WHERE {} = {}", columns, table, key, person),
            [&](const char* column, std::string v) {
              out.emplace(std::move(v), fmt::format("{}.{}", table, column));
            });
  };
  {
    Raw db(disk, database);
    for (const std::string& table : db.values(tables_of_persons)) take(db, table, "person", "*");
    take(db, "person", "id", "*");
    // Of their own number: the tombstone. Of their practitioner's: also in rows about others.
    hashes = db.values("SELECT DISTINCT to_hash FROM message");
  }
  {
    Raw keys(disk, "moodline.db.keys");
    take(keys, "person_key", "person", "wrapped");
  }
  const Bytes now(disk);
  std::erase_if(out, [&](const auto& row) {
    const std::string& v = row.first;
    return v.size() < blob_bytes_min || !binary(v) ||
           std::find(hashes.begin(), hashes.end(), v) != hashes.end() || now.file_with(v).empty();
  });
  return out;
}

std::vector<std::string> tables_with(testing::FaultDisk& disk, std::int64_t person) {
  std::vector<std::string> out;
  Raw db(disk, database);
  for (const std::string& table : db.values(tables_of_persons)) {
    const auto n =
        db.values(fmt::format("SELECT count(*) FROM {} WHERE person = {}", table, person));
    if (n.at(0) != "0") out.push_back(table);
  }
  return out;
}

}  // namespace moodline::sim
