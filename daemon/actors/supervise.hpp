// Every long task is spawned here: it has a name, no exception of it is ever lost, and what
// happens after a failure is its policy: start again (slower each time) or stop the process.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/ports/clock.hpp"

namespace moodline::actors {

namespace asio = boost::asio;

enum class OnFailure {
  restart,       // for tasks that keep all their state in the store
  stop_process,  // for tasks without which the daemon would only seem to work
  give_up,       // for one-shot tasks such as one connection: log and count
};

struct TaskPolicy {
  OnFailure on_failure = OnFailure::restart;
  Millis backoff_first{500};
  Millis backoff_max{60'000};
  Millis healthy_after{60'000};  // a run this long forgets earlier failures
};

enum class TaskEvent { started, finished, failed, restarting, cancelled };
std::string_view to_text(TaskEvent e);

struct SupervisorHooks {
  /// Counts for metrics; every event of every task. May be empty.
  std::function<void(std::string_view task, TaskEvent event)> on_event;
  /// A stop_process task failed: ask the process to stop. May be empty.
  std::function<void(std::string_view task)> on_fatal;
};

/// Thread: io. The tasks share its state, so it may be destroyed before the io_context.
class Supervisor {
 public:
  /// `monotonic` must outlive the tasks; it times the back-off.
  Supervisor(asio::any_io_executor io, ports::Monotonic& monotonic, SupervisorHooks hooks);

  /// `make` starts the task, once or again after each failure; it must not be a coroutine lambda
  /// with captures (return the awaitable of a member function instead):
  /// `tasks.supervise("outbox", [&outbox] { return outbox.run(); });`
  /// A task that returns has finished and is not started again.
  void supervise(std::string name, std::function<asio::awaitable<void>()> make,
                 TaskPolicy policy = {});
  /// One-shot form, for OnFailure::give_up and stop_process.
  void supervise(std::string name, asio::awaitable<void> task, OnFailure on_failure);

  /// Cancels every task (asio terminal cancellation) and starts none again.
  void stop();
  /// Runs `then` once no task is left; at once when there is none.
  void when_idle(std::function<void()> then);
  [[nodiscard]] std::vector<std::string> running() const;

 private:
  struct Core;
  struct Task;
  static asio::awaitable<void> run(std::shared_ptr<Core> core, std::shared_ptr<Task> task);
  void spawn(std::shared_ptr<Task> task);

  std::shared_ptr<Core> core_;
};

}  // namespace moodline::actors
