// Inside the case runner: lines that are compared, and the desk on a case's clock.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "config/cases.hpp"
#include "config/cases_read.hpp"

namespace moodline::config {

/// One event of a case, as expected or as it came.
struct CaseLine {
  Instant at;
  std::string what;
};
void sort_lines(std::vector<CaseLine>& lines);
std::string shown(const std::vector<CaseLine>& lines);
bool same(const std::vector<CaseLine>& a, const std::vector<CaseLine>& b);

template <class T>
T reread(const Result<T>& row) {
  if (!row) throw std::runtime_error(row.error().message);
  return *row;
}

/// Runs the desk over what the engine said and what people did.
class DeskRun {
 public:
  DeskRun(std::vector<rules::Recipient> recipients, rules::DeskSettings settings, bool restart);
  void at(Instant t, std::vector<rules::DeskEvent> events, bool late = false);
  void until(Instant end, bool inclusive);
  [[nodiscard]] Instant up_after(Instant t) const;

  std::vector<rules::Message> messages;
  std::vector<std::pair<Instant, Instant>> down;

 private:
  [[nodiscard]] rules::Desk fresh() const;
  void keep(std::vector<rules::Message> out);
  void reload();

  rules::DeskSettings settings_;
  std::vector<rules::Recipient> recipients_;
  bool restart_;
  rules::Desk desk_;
};

/// The practitioner of the form also stands for deputy, lead and duty, each with a queue.
std::vector<rules::Recipient> everybody(const rules::Recipient& practitioner);
const std::map<std::string, std::string>& case_roles();

std::string run_notify_case(const YAML::Node& node, CaseEngine engine);

}  // namespace moodline::config
