// Inside the case runner: one case of the neutral form as engine input.
#pragma once
#include <yaml-cpp/yaml.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/cases_rule.hpp"
#include "rules/engine/engine.hpp"
#include "rules/notify/desk.hpp"

namespace moodline::config {

/// What a case says happened to somebody else than the engine: acknowledgements and the like.
struct DeskCaseEvent {
  Instant at;
  std::string type;
};

struct CaseInput {
  std::string name;
  Zone zone = Zone::utc();
  rules::RulePtr rule;
  std::optional<Instant> agreed_at;
  std::vector<rules::Event> log;    // by learned instant
  std::vector<DeskCaseEvent> desk;  // ack, done, pass, pause, ...
  std::optional<rules::Recipient> practitioner;
  std::vector<std::pair<Instant, Instant>> down;  // [down, up)
  Instant until;
  std::map<std::string, rules::RulePtr, std::less<>> versions;  // by key
};

/// Throws std::runtime_error with what is wrong and where.
CaseInput read_case(const YAML::Node& node);
rules::Recipient read_recipient(const YAML::Node& node, const std::string& id);
Instant read_instant(const YAML::Node& node);

}  // namespace moodline::config
