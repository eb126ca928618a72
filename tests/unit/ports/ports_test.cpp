// The ports: clocks wake in order and on time, randomness repeats by seed, crash points refuse.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <vector>

#include "daemon/ports/clock_sync.hpp"
#include "daemon/ports/clocks.hpp"
#include "daemon/ports/crash_points.hpp"
#include "daemon/ports/http_client.hpp"
#include "daemon/ports/random.hpp"

using namespace moodline;
using namespace moodline::ports;

namespace {

constexpr Instant start{1'772'000'000'000};

asio::awaitable<void> note(ServiceClock& clock, Instant t, int id, std::vector<int>& seen,
                           Wakeup* wakeup = nullptr) {
  const Wake w = co_await clock.sleep_until(t, wakeup);
  seen.push_back(w == Wake::called ? -id : id);
}

asio::awaitable<void> note_mono(Monotonic& mono, Millis d, int id, std::vector<int>& seen) {
  co_await mono.sleep_for(d);
  seen.push_back(id);
}

void settle(asio::io_context& io) {
  io.restart();
  io.poll();
}

}  // namespace

TEST_CASE("virtual time wakes sleepers in order of due, then of falling asleep") {
  asio::io_context io;
  VirtualTime time(start);
  VirtualClock clock(time);
  std::vector<int> seen;
  asio::co_spawn(io, note(clock, start + Millis{20}, 1, seen), asio::detached);
  asio::co_spawn(io, note(clock, start + Millis{10}, 2, seen), asio::detached);
  asio::co_spawn(io, note(clock, start + Millis{20}, 3, seen), asio::detached);
  asio::co_spawn(io, note(clock, start, 4, seen), asio::detached);
  settle(io);
  CHECK(seen == std::vector<int>{4});
  CHECK(time.next_due() == start + Millis{10});
  CHECK(time.advance_to_next());
  settle(io);
  CHECK(seen == std::vector<int>{4, 2});
  CHECK(time.advance_to_next());
  settle(io);
  CHECK(seen == std::vector<int>{4, 2, 1, 3});
  CHECK_FALSE(time.advance_to_next());
  CHECK(clock.now() == start + Millis{20});
}

TEST_CASE("a wake-up ends a sleep, and one made beforehand is kept") {
  asio::io_context io;
  VirtualTime time(start);
  VirtualClock clock(time);
  std::vector<int> seen;
  Wakeup wakeup;
  asio::co_spawn(io, note(clock, Instant::max(), 1, seen, &wakeup), asio::detached);
  settle(io);
  CHECK(seen.empty());
  CHECK_FALSE(time.next_due().has_value());
  wakeup.call();
  settle(io);
  CHECK(seen == std::vector<int>{-1});
  wakeup.call();
  asio::co_spawn(io, note(clock, Instant::max(), 2, seen, &wakeup), asio::detached);
  settle(io);
  CHECK(seen == std::vector<int>{-1, -2});
  asio::co_spawn(io, note(clock, Instant::max(), 3, seen, &wakeup), asio::detached);
  settle(io);
  CHECK(seen.size() == 2);  // the earlier call was used up
  wakeup.call();
  settle(io);
}

TEST_CASE("a clock step moves service time and not time-outs") {
  asio::io_context io;
  VirtualTime time(start);
  VirtualClock clock(time);
  VirtualMonotonic mono(time);
  std::vector<int> seen;
  asio::co_spawn(io, note(clock, start + Millis{3600'000}, 1, seen), asio::detached);
  asio::co_spawn(io, note_mono(mono, Millis{5000}, 2, seen), asio::detached);
  settle(io);
  time.step(Millis{3600'000});
  settle(io);
  CHECK(seen == std::vector<int>{1});
  CHECK(time.advance_to_next());
  settle(io);
  CHECK(seen == std::vector<int>{1, 2});
  CHECK(mono.elapsed() == Millis{start.ms + 5000});
}

TEST_CASE("a cancelled sleep throws, and frames may outlive their clock") {
  asio::io_context io;
  std::vector<int> seen;
  std::exception_ptr error;
  asio::cancellation_signal stop;
  {
    VirtualTime time(start);
    VirtualClock clock(time);
    Wakeup wakeup;
    asio::co_spawn(
        io, note(clock, Instant::max(), 1, seen),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) { error = e; }));
    asio::co_spawn(io, note(clock, Instant::max(), 2, seen, &wakeup), asio::detached);
    settle(io);
    stop.emit(asio::cancellation_type::terminal);
    settle(io);
    CHECK(error != nullptr);
  }
  CHECK(seen.empty());
}

TEST_CASE("a scaled clock runs fast, can be steered and maps provider timestamps") {
  asio::io_context io;
  ScaledClock clock(start, 3600.0 * 24);
  RealWireClock wire;
  std::vector<int> seen;
  asio::co_spawn(io, note(clock, start + Millis{24 * 3600 * 1000}, 1, seen), asio::detached);
  io.run_for(std::chrono::seconds(20));
  CHECK(seen == std::vector<int>{1});
  const Instant mapped = clock.at(wire.now());
  CHECK(std::abs((mapped - clock.now()).count()) < 3600'000);  // 40 ms of real time
  clock.set_factor(0);
  const Instant still = clock.now();
  asio::co_spawn(io, note(clock, still + Millis{1000}, 2, seen), asio::detached);
  settle(io);
  CHECK(clock.now() == still);
  clock.jump_to(still + Millis{1000});
  settle(io);
  CHECK(seen == std::vector<int>{1, 2});
  clock.jump_to(start);
  CHECK(clock.now() == still + Millis{1000});
}

TEST_CASE("the real clock sleeps about as long as asked") {
  asio::io_context io;
  RealClock clock;
  RealMonotonic mono;
  std::vector<int> seen;
  const auto before = mono.elapsed();
  asio::co_spawn(io, note(clock, clock.now() + Millis{30}, 1, seen), asio::detached);
  asio::co_spawn(io, note_mono(mono, Millis{10}, 2, seen), asio::detached);
  io.run_for(std::chrono::seconds(20));
  CHECK(seen == std::vector<int>{2, 1});
  CHECK(mono.elapsed() - before >= Millis{29});
}

TEST_CASE("seeded randomness repeats, and uniform stays in range") {
  SeededRandom a(42);
  SeededRandom b(42);
  SeededRandom c(43);
  std::uint8_t x[21];
  std::uint8_t y[21];
  std::uint8_t z[21];
  a.bytes(x);
  b.bytes(y);
  c.bytes(z);
  CHECK(std::equal(std::begin(x), std::end(x), std::begin(y)));
  CHECK_FALSE(std::equal(std::begin(x), std::end(x), std::begin(z)));
  int count[6] = {};
  for (int i = 0; i < 6000; ++i) ++count[a.uniform(6)];
  for (const int n : count) CHECK((n > 850 && n < 1150));
  CHECK(a.uniform(0) == 0);
  CHECK(a.uniform(1) == 0);
  SystemRandom real;
  CHECK(real.uniform(UINT64_MAX) != real.uniform(UINT64_MAX));
}

TEST_CASE("crash points") {
  CHECK(crash_points_from(nullptr, false).has_value());
  CHECK(crash_points_from("", false).has_value());
  CHECK(crash_points_from("outbox.claimed", false).error().code == "crash_points_refused");
  for (const char* bad : {"a:", "a:0", "a:x", "a:1x", "a:-1"}) {
    CAPTURE(bad);
    CHECK(crash_points_from(bad, true).error().code == "crash_points_malformed");
  }
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto points = crash_points_from("b:2", true);
    (*points)->at("a");
    (*points)->at("b");
    (*points)->at("a");
    if (::alarm(0) == 0) (*points)->at("b");
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGKILL);
}

TEST_CASE("whether the clock is kept right: by timesyncd's mark, else by the kernel") {
  const auto dir =
      std::filesystem::temp_directory_path() / ("moodline-timesync-" + std::to_string(::getpid()));
  const ClockSync kernel = clock_sync((dir / "nothing").string());
  std::filesystem::create_directories(dir);
  const ClockSync unmarked = clock_sync(dir.string());
  CHECK((unmarked == kernel || kernel == ClockSync::unknown));
  CHECK(unmarked != ClockSync::unknown);  // timesyncd runs here and has not said so yet
  std::ofstream(dir / "synchronized") << "";
  CHECK(clock_sync(dir.string()) == ClockSync::synchronised);
  std::filesystem::remove_all(dir);
}
