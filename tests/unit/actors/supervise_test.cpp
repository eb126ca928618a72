// Supervision: no exception is lost, restarts back off, a stop ends everything.
#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <stdexcept>

#include "daemon/actors/supervise.hpp"
#include "daemon/ports/clocks.hpp"

using namespace moodline;
using namespace moodline::actors;

namespace {

struct World {
  asio::io_context io;
  ports::VirtualTime time{Instant{1'772'000'000'000}};
  ports::VirtualMonotonic mono{time};
  std::vector<std::string> events;
  std::vector<std::string> fatal;
  Supervisor tasks{io.get_executor(),
                   mono,
                   {[this](std::string_view task, TaskEvent e) {
                      events.push_back(std::string(task) + " " + std::string(to_text(e)));
                    },
                    [this](std::string_view task) { fatal.emplace_back(task); }}};
  void settle() {
    io.restart();
    io.poll();
  }
};

asio::awaitable<void> fail(int& runs, int failures) {
  if (++runs <= failures) throw std::runtime_error("broken");
  co_return;
}

asio::awaitable<void> wait_long(ports::Monotonic& mono) {
  co_await mono.sleep_for(Millis{1'000'000});
}

}  // namespace

TEST_CASE("a failing task starts again, later each time, until it finishes") {
  World w;
  int runs = 0;
  const Instant began = w.time.now();
  w.tasks.supervise("planner", [&runs] { return fail(runs, 3); });
  w.settle();
  CHECK(runs == 1);
  std::vector<std::int64_t> waits;
  Instant last = began;
  while (w.time.advance_to_next()) {
    waits.push_back((w.time.now() - last).count());
    last = w.time.now();
    w.settle();
  }
  CHECK(waits == std::vector<std::int64_t>{500, 1000, 2000});
  CHECK(runs == 4);
  CHECK(w.events.back() == "planner finished");
  CHECK(w.tasks.running().empty());
  CHECK(w.fatal.empty());
}

TEST_CASE("back-off stops growing at its bound") {
  World w;
  int runs = 0;
  TaskPolicy policy;
  policy.backoff_max = Millis{1500};
  w.tasks.supervise(
      "x", [&runs] { return fail(runs, 6); }, policy);
  w.settle();
  Millis longest{};
  Instant last = w.time.now();
  while (w.time.advance_to_next()) {
    longest = std::max(longest, w.time.now() - last);
    last = w.time.now();
    w.settle();
  }
  CHECK(runs == 7);
  CHECK(longest == Millis{1500});
}

TEST_CASE("a task that the daemon cannot do without stops the process") {
  World w;
  int runs = 0;
  TaskPolicy policy;
  policy.on_failure = OnFailure::stop_process;
  w.tasks.supervise(
      "store", [&runs] { return fail(runs, 9); }, policy);
  w.settle();
  CHECK(runs == 1);
  CHECK(w.fatal == std::vector<std::string>{"store"});
}

TEST_CASE("a one-shot task's failure is counted and costs nothing else") {
  World w;
  int runs = 0;
  w.tasks.supervise("connection", fail(runs, 9), OnFailure::give_up);
  w.tasks.supervise("wait", [&w] { return wait_long(w.mono); });
  w.settle();
  CHECK(w.events ==
        std::vector<std::string>{"connection started", "connection failed", "wait started"});
  CHECK(w.tasks.running() == std::vector<std::string>{"wait"});
}

TEST_CASE("stop cancels every task, back-offs included, and then says so") {
  World w;
  int runs = 0;
  bool idle = false;
  w.tasks.supervise("wait", [&w] { return wait_long(w.mono); });
  w.tasks.supervise("retry", [&runs] { return fail(runs, 99); });
  w.settle();
  w.tasks.when_idle([&idle] { idle = true; });
  w.settle();
  CHECK_FALSE(idle);
  w.tasks.stop();
  w.settle();
  CHECK(idle);
  CHECK(runs == 1);
  CHECK(w.tasks.running().empty());
  w.tasks.supervise("late", [&runs] { return fail(runs, 99); });
  w.settle();
  CHECK(runs == 1);
}
