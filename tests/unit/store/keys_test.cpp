// Key files, wrapping, rotation, the look-up key: what is refused, and in which words.
#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cstring>

#include "daemon/store/seal.hpp"
#include "tests/unit/store/conformance.hpp"
#include "tests/unit/store/support.hpp"

using namespace moodline;
using namespace moodline::store;
using namespace moodline::store::testing;

namespace {

constexpr const char* hex64 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

void put_file(const std::string& path, const std::string& text, mode_t mode) {
  std::ofstream(path, std::ios::binary) << text;
  ::chmod(path.c_str(), mode);
}

std::string code_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const StoreError& e) {
    CHECK_FALSE(std::string(e.what()).empty());
    return e.code();
  }
  return "";
}

KeyRingPtr ring(std::initializer_list<int> versions) {
  auto out = std::make_shared<KeyRing>();
  for (const int v : versions) {
    std::array<unsigned char, key_bytes> bytes{};
    bytes.fill(static_cast<unsigned char>(v));
    out->add(v, Secret::of(bytes));
  }
  return out;
}

}  // namespace

TEST_CASE("key files: good and bad") {
  const TempDir dir;
  const std::string good = std::string("master 1 ") + hex64 + "\n";
  const struct {
    const char* name;
    std::string text;
    mode_t mode;
    const char* code;  // empty: accepted
  } table[] = {
      {"good", good, 0600, ""},
      {"read-only", good, 0400, ""},
      {"comment, empty lines, CRLF", "# ours\n\nmaster 1 " + std::string(hex64) + "\r\n", 0600, ""},
      {"two versions", good + "master 2 " + hex64 + "\n", 0600, ""},
      {"no last line break", std::string("master 1 ") + hex64, 0600, ""},
      {"group may read", good, 0640, "key_readable"},
      {"others may read", good, 0604, "key_readable"},
      {"others may write", good, 0602, "key_readable"},
      {"empty", "", 0600, "key_bad"},
      {"short", "master 1 0001\n", 0600, "key_bad"},
      {"long", std::string("master 1 ") + hex64 + "00\n", 0600, "key_bad"},
      {"not hex", "master 1 " + std::string(64, 'z') + "\n", 0600, "key_bad"},
      {"another purpose", std::string("lookup 1 ") + hex64 + "\n", 0600, "key_bad"},
      {"version 0", std::string("master 0 ") + hex64 + "\n", 0600, "key_bad"},
      {"version 256", std::string("master 256 ") + hex64 + "\n", 0600, "key_bad"},
      {"version a word", std::string("master one ") + hex64 + "\n", 0600, "key_bad"},
      {"version twice", good + good, 0600, "key_bad"},
      {"two words", "master 1\n", 0600, "key_bad"},
      {"raw bytes", std::string(32, '\x01'), 0600, "key_bad"},
      {"huge", std::string(100'000, '#'), 0600, "key_bad"},
  };
  for (const auto& row : table) {
    CAPTURE(row.name);
    const auto path = dir.file("key");
    std::filesystem::remove(path);
    put_file(path, row.text, row.mode);
    const auto got = load_key_file(path, KeyPurpose::master);
    CHECK((got ? "" : got.error().code) == row.code);
    // Nothing of a key ever stands in a message.
    if (!got) CHECK(got.error().message.find("0001020304") == std::string::npos);
  }
  CHECK(load_key_file(dir.file("none"), KeyPurpose::master).error().code == "key_missing");
  CHECK(load_key_file(dir.path, KeyPurpose::master).error().code == "key_bad");
}

TEST_CASE("key files are made, grown and not replaced") {
  const TempDir dir;
  const auto path = dir.file("key");
  REQUIRE(new_key_file(path, KeyPurpose::lookup));
  struct stat st {};
  ::stat(path.c_str(), &st);
  CHECK((st.st_mode & 0777) == 0600);
  CHECK(new_key_file(path, KeyPurpose::lookup).error().code == "key_exists");
  CHECK(add_key_version(path, KeyPurpose::lookup).value() == 2);
  CHECK(add_key_version(path, KeyPurpose::master).error().code == "key_bad");
  const auto got = load_key_file(path, KeyPurpose::lookup);
  REQUIRE(got);
  CHECK((*got)->newest() == 2);
  CHECK(std::memcmp((*got)->find(1)->data(), (*got)->find(2)->data(), key_bytes) != 0);
  CHECK(new_key_file(dir.file("no/such"), KeyPurpose::lookup).error().code == "key_write");
}

TEST_CASE("sealed bytes open only whole, in their place, with their key") {
  const Secret key = Secret::random(), other = Secret::random();
  const std::string sealed = seal(key.data(), 7, "person.number", "+447700900123");
  CHECK(unseal(key.data(), 7, "person.number", sealed) == "+447700900123");
  CHECK(seal(key.data(), 7, "person.number", "+447700900123") != sealed);
  std::string out;
  CHECK_FALSE(unseal_into(other.data(), 7, "person.number", sealed, out));
  CHECK_FALSE(unseal_into(key.data(), 8, "person.number", sealed, out));
  CHECK_FALSE(unseal_into(key.data(), 7, "person.plan", sealed, out));
  CHECK_FALSE(unseal_into(key.data(), 7, "person.number", "", out));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(unseal_into(key.data(), 7, "person.number", changed, out));
    CHECK_FALSE(unseal_into(key.data(), 7, "person.number", sealed.substr(0, i), out));
  }
  CHECK(code_of([&] { (void)unseal(other.data(), 7, "person.number", sealed); }) == "corrupt");
}

TEST_CASE("a number's hash depends on number, key and version") {
  const Secret a = Secret::random(), b = Secret::random();
  const auto h = number_hash(1, a, number_of(1));
  CHECK(h == number_hash(1, a, number_of(1)));
  CHECK(h != number_hash(1, a, number_of(2)));
  CHECK(h != number_hash(1, b, number_of(1)));
  CHECK(number_hash(9, a, number_of(1))[0] == 9);
}

TEST_CASE("keys that do not belong are refused at opening") {
  const TempDir dir;
  auto options = options_in(dir);
  open_sqlite(options)->write([](Tx& tx) {
    Person p = some_person(1);
    tx.put(p);
  });
  auto wrong = options;
  wrong.master_key = random_key_ring();
  CHECK(code_of([&] { open_sqlite(wrong); }) == "wrong_key");
  wrong = options;
  wrong.lookup_key = random_key_ring();
  CHECK(code_of([&] { open_sqlite(wrong); }) == "wrong_lookup_key");
  wrong = options;
  wrong.master_key = nullptr;
  CHECK(code_of([&] { open_sqlite(wrong); }) == "key_missing");
  wrong = options;
  wrong.lookup_key = nullptr;
  CHECK(code_of([&] { open_sqlite(wrong); }) == "key_missing");
  open_sqlite(options)->read([](ReadTx& tx) { CHECK(tx.person_by_number(number_of(1))); });
}

TEST_CASE("a lost keys file is noticed, not papered over") {
  const TempDir dir;
  const auto options = options_in(dir);
  open_sqlite(options)->write([](Tx& tx) {
    Person p = some_person(1);
    tx.put(p);
  });
  std::filesystem::remove(options.path + ".keys");
  const auto store = open_sqlite(options);
  CHECK(code_of([&] { store->read([](ReadTx& tx) { (void)tx.person(1); }); }) == "key_missing");
}

TEST_CASE("rotation re-wraps keys and touches nothing else") {
  const TempDir dir;
  auto options = options_in(dir);
  options.master_key = ring({1});
  open_sqlite(options)->write([](Tx& tx) {
    for (int i = 1; i <= 40; ++i) {
      Person p = some_person(i);
      tx.put(p);
    }
  });
  const auto before = bytes_of(options.path);
  options.master_key = ring({1, 2});
  const auto changed = rotate_master(options);
  REQUIRE(changed);
  CHECK(*changed >= 41);  // 40 persons and the service
  CHECK(*rotate_master(options) == 0);
  CHECK(bytes_of(options.path) == before);
  options.master_key = ring({2});
  open_sqlite(options)->read([](ReadTx& tx) {
    for (int i = 1; i <= 40; ++i) CHECK(tx.person(i)->number == number_of(i));
  });
  options.master_key = ring({1});
  CHECK(code_of([&] { open_sqlite(options); }) == "wrong_key");
}

TEST_CASE("an old look-up version still finds persons and tombstones; none may go missing") {
  const TempDir dir;
  auto options = options_in(dir);
  options.lookup_key = ring({1});
  RowId first = 0;
  open_sqlite(options)->write([&](Tx& tx) {
    Person p = some_person(1), gone = some_person(2);
    first = tx.put(p);
    tx.erase_person(tx.put(gone), Instant{5});
    tx.put_opt_out(number_of(3), {"text", Instant{1}});
  });
  options.lookup_key = ring({1, 2});
  {
    const auto store = open_sqlite(options);
    store->write([&](Tx& tx) {
      CHECK(tx.person_by_number(number_of(1))->id == first);
      CHECK(tx.opt_out(number_of(2))->source == "erased");
      CHECK(tx.opt_out(number_of(3)));
      tx.drop_opt_out(number_of(3));
      CHECK_FALSE(tx.opt_out(number_of(3)));
      Person p = *tx.person(first);
      tx.put(p);  // now under version 2
      CHECK(tx.person_by_number(number_of(1))->id == first);
    });
  }
  options.lookup_key = ring({2});
  CHECK(code_of([&] { open_sqlite(options); }) == "wrong_lookup_key");
}
