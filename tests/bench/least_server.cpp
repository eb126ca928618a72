// The baseline: the smallest Beast server that commits one row to SQLite (WAL, FULL) before each
// 200. No authenticity, no reading, no bound. Usage: least_server PORT DATABASE
#include <sqlite3.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "tests/bench/small_server.hpp"

using namespace moodline;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

struct Table {
  sqlite3* db = nullptr;
  sqlite3_stmt* insert = nullptr;
  explicit Table(const char* path) {
    const char* schema =
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE IF NOT EXISTS reply(id INTEGER PRIMARY KEY, body TEXT NOT NULL)";
    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(db, schema, nullptr, nullptr, nullptr) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "INSERT INTO reply(body) VALUES(?)", -1, &insert, nullptr) !=
            SQLITE_OK) {
      throw std::runtime_error(sqlite3_errmsg(db));
    }
  }
  void add(const std::string& body) {
    sqlite3_bind_text(insert, 1, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db));
    sqlite3_reset(insert);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  asio::io_context io{1};
  Table table(argv[2]);
  const auto port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
  const bench::Answer answer = [&](const bench::Request& request, bench::Response& response) {
    table.add(request.body());
    response.body() = "ok";
  };
  bench::serve(acceptor, answer);
  io.run();
}
