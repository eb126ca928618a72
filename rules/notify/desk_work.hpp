// Inside the desk: one call's work at one instant.
#pragma once
#include <string>
#include <vector>

#include "rules/notify/desk.hpp"

namespace moodline::rules {

class DeskWork {
 public:
  DeskWork(Desk& desk, Instant now, bool late) : d_(desk), now_(now), late_(late) {}

  // desk_events.cpp
  void apply(const DeskEvent& event);
  // desk_send.cpp: everything due at `now`.
  void run();
  std::vector<Message> take() { return std::move(out_); }

  // Shared with the const queries of Desk.
  [[nodiscard]] std::optional<Instant> queue_due(const Queue& queue) const;
  [[nodiscard]] std::optional<Instant> line_due(const Queue& queue, const Waiting& w) const;
  /// When what waits here goes to the cover: its recipient is on leave before they would be told.
  [[nodiscard]] std::optional<Instant> cover_due(const Queue& queue) const;
  [[nodiscard]] std::optional<Instant> chase_due(const Chase& chase) const;

 private:
  void on(const AlertFired& e);
  void on(const AlertCleared& e);
  void on(const AlertWithdrawn& e);
  void on(const AlertClosed& e);
  void on(const AlertMatched& e);
  void on(const AckedAlert& e);
  void on(const PassedAlert& e);
  void on(const MessageFailed& e);
  void on(const PersonGone& e);
  void on(const PersonPaused& e);
  void on(const MassSilenceReleased& e);
  void on(const MassSilenceDropped& e);

  // desk_events.cpp
  void start(Chase& chase, Instant arose);
  void count_fire(Chase& chase);
  void restart(Chase& chase);
  void tell_told(Chase& chase, LineKind kind, Instant arose);
  void keep_only_duty(Chase& chase);

  // desk_send.cpp
  void enqueue(Chase& chase, const Step& step, LineKind kind, Instant arose);
  struct Wait {
    Instant arose;
    bool silence = false;
    bool at_once = false;
  };
  void enqueue_line(const std::string& to, MessageLine line, Wait wait);
  void send_urgent(Chase& chase, const Step& step, LineKind kind);
  void sent(const MessageLine& line, const std::string& to);
  void drop_lines(const std::string& alert, bool steps_only);
  void run_step(Chase& chase, Instant due);
  void schedule_step(Chase& chase);
  bool run_chase(Chase& chase);
  void nobody_left(Chase& chase);
  bool flush(Queue& queue);
  bool closed_now(Queue& queue);
  void flush_lines(Queue& queue, std::vector<MessageLine> lines, const Recipient& to);
  [[nodiscard]] std::vector<MessageLine> take_lines(Queue& queue);
  void check_mass_silence();
  void move_covered();
  [[nodiscard]] bool held_back(const Queue& queue, const Waiting& w) const;
  [[nodiscard]] std::optional<Instant> cooldown_end(const Waiting& w) const;
  [[nodiscard]] bool low_alert_open(const std::string& person) const;

  Chase* chase(const std::string& alert);
  Queue& queue(const std::string& recipient);
  Talk& talk(const Chase& chase);
  const Recipient& recipient(const std::string& id) const;
  [[nodiscard]] std::string route(const Chase& chase, const std::string& role) const;
  void touch(const Chase& chase) { d_.dirty_.chases.insert(chase.facts.id); }
  void touch(const Queue& queue) { d_.dirty_.queues.insert(queue.recipient); }

  Desk& d_;
  Instant now_;
  bool late_;
  std::vector<Message> out_;
};

/// then + escalate, the order of the chase.
std::vector<Step> steps_of(const Rule& rule);
constexpr std::string_view role_person = "person";
constexpr std::string_view role_duty = "duty";
constexpr std::string_view role_deputy = "deputy";

}  // namespace moodline::rules
