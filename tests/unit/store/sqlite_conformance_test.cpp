// The suite on every way a SQLite store can run.
#include <doctest/doctest.h>

#include "tests/unit/store/conformance.hpp"
#include "tests/unit/store/support.hpp"

using namespace moodline::store;
using namespace moodline::store::testing;

namespace {

struct Held {
  TempDir dir;
  std::unique_ptr<Store> store;
};

Factory factory(Executor executor, std::size_t keys_max) {
  return [=] {
    auto held = std::make_shared<Held>();
    auto options = options_in(held->dir, executor);
    options.unwrapped_keys_max = keys_max;
    held->store = open_sqlite(options);
    return std::shared_ptr<Store>(held, held->store.get());
  };
}

}  // namespace

TEST_CASE("sqlite, a thread of its own") {
  conformance(factory(Executor::background, 4096));
}
TEST_CASE("sqlite, on the caller's thread") {
  conformance(factory(Executor::inline_, 4096));
}
TEST_CASE("sqlite, one unwrapped key at a time") {
  conformance(factory(Executor::inline_, 1));
}
