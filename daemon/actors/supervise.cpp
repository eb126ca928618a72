#include "daemon/actors/supervise.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <list>
#include <optional>
#include <utility>

namespace moodline::actors {

std::string_view to_text(TaskEvent e) {
  switch (e) {
    case TaskEvent::started:
      return "started";
    case TaskEvent::finished:
      return "finished";
    case TaskEvent::failed:
      return "failed";
    case TaskEvent::restarting:
      return "restarting";
    case TaskEvent::cancelled:
      return "cancelled";
  }
  return "";
}

struct Supervisor::Task {
  std::string name;
  std::function<asio::awaitable<void>()> make;
  std::optional<asio::awaitable<void>> once;
  TaskPolicy policy;
  asio::cancellation_signal cancel;
};

struct Supervisor::Core {
  asio::any_io_executor io;
  ports::Monotonic& monotonic;
  SupervisorHooks hooks;
  bool stopping = false;
  std::list<std::shared_ptr<Task>> tasks;
  std::function<void()> idle;

  void tell(const Task& task, TaskEvent event) const {
    if (hooks.on_event) hooks.on_event(task.name, event);
  }
  void ended(const std::shared_ptr<Task>& task) {
    tasks.remove(task);
    if (tasks.empty() && idle) std::exchange(idle, nullptr)();
  }
};

namespace {

struct Outcome {
  TaskEvent event = TaskEvent::finished;
  std::string what;
};

/// What an exception means; cancellation is how tasks end on a stop, not a failure.
Outcome outcome_of(const std::exception_ptr& error) {
  if (!error) return {};
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) return {TaskEvent::cancelled, {}};
    return {TaskEvent::failed, e.what()};
  } catch (const std::exception& e) {
    return {TaskEvent::failed, e.what()};
  } catch (...) {
    return {TaskEvent::failed, "an exception that is not a std::exception"};
  }
}

}  // namespace

Supervisor::Supervisor(asio::any_io_executor io, ports::Monotonic& monotonic, SupervisorHooks hooks)
    : core_(
          std::make_shared<Core>(Core{std::move(io), monotonic, std::move(hooks), false, {}, {}})) {
}

asio::awaitable<void> Supervisor::run(std::shared_ptr<Core> core, std::shared_ptr<Task> task) {
  Millis backoff = task->policy.backoff_first;
  for (;;) {
    const auto began = core->monotonic.elapsed();
    core->tell(*task, TaskEvent::started);
    std::exception_ptr error;
    try {
      if (task->once) {
        co_await std::move(*task->once);
      } else {
        co_await task->make();
      }
    } catch (...) {
      error = std::current_exception();
    }
    const Outcome outcome = outcome_of(error);
    core->tell(*task, outcome.event);
    const bool failed = outcome.event == TaskEvent::failed ||
                        (outcome.event == TaskEvent::cancelled && !core->stopping);
    if (!failed || core->stopping) co_return;
    spdlog::error("task {} {}: {}", task->name, to_text(outcome.event), outcome.what);
    if (task->policy.on_failure == OnFailure::stop_process) {
      if (core->hooks.on_fatal) core->hooks.on_fatal(task->name);
      co_return;
    }
    if (task->policy.on_failure == OnFailure::give_up) co_return;
    if (core->monotonic.elapsed() - began >= task->policy.healthy_after) {
      backoff = task->policy.backoff_first;
    }
    spdlog::warn("task {} starts again in {} ms", task->name, backoff.count());
    co_await core->monotonic.sleep_for(backoff);
    if (core->stopping) co_return;
    core->tell(*task, TaskEvent::restarting);
    backoff = std::min(backoff * 2, task->policy.backoff_max);
  }
}

void Supervisor::spawn(std::shared_ptr<Task> task) {
  if (core_->stopping) return;
  core_->tasks.push_back(task);
  auto core = core_;
  asio::co_spawn(core_->io, run(core, task),
                 asio::bind_cancellation_slot(
                     task->cancel.slot(), [core, task](const std::exception_ptr& error) {
                       const Outcome outcome = outcome_of(error);
                       if (outcome.event == TaskEvent::failed) {
                         spdlog::error("task {}: its supervisor failed: {}", task->name,
                                       outcome.what);
                         if (core->hooks.on_fatal) core->hooks.on_fatal(task->name);
                       }
                       core->ended(task);
                     }));
}

void Supervisor::supervise(std::string name, std::function<asio::awaitable<void>()> make,
                           TaskPolicy policy) {
  auto task = std::make_shared<Task>();
  task->name = std::move(name);
  task->make = std::move(make);
  task->policy = policy;
  spawn(std::move(task));
}

void Supervisor::supervise(std::string name, asio::awaitable<void> once, OnFailure on_failure) {
  auto task = std::make_shared<Task>();
  task->name = std::move(name);
  task->once = std::move(once);
  task->policy.on_failure = on_failure == OnFailure::restart ? OnFailure::give_up : on_failure;
  spawn(std::move(task));
}

void Supervisor::stop() {
  core_->stopping = true;
  // A copy: a task may end, and leave the list, while it is being cancelled.
  for (const auto& task : std::list(core_->tasks)) {
    task->cancel.emit(asio::cancellation_type::terminal);
  }
}

void Supervisor::when_idle(std::function<void()> then) {
  if (core_->tasks.empty()) {
    then();
  } else {
    core_->idle = std::move(then);
  }
}

std::vector<std::string> Supervisor::running() const {
  std::vector<std::string> names;
  for (const auto& task : core_->tasks) names.push_back(task->name);
  return names;
}

}  // namespace moodline::actors
