// The other two kinds of neutral cases through the daemon: prompts of a schedule, and alerts of
// several people who share a practitioner.
#pragma once
#include <yaml-cpp/yaml.h>

#include <string>

#include "tests/cases/daemon/feed.hpp"

namespace moodline::casetest {

/// Empty where it passes, else what was expected and what came.
std::string run_schedule_case(const YAML::Node& node, std::shared_ptr<const actors::Live> sample,
                              Wire& wire, bool restart, int& starts);
/// Each alert is a person of its own; what the case states is brought about by texts and prompts.
std::string run_notify_case(const YAML::Node& node, std::shared_ptr<const actors::Live> sample,
                            Wire& wire, bool restart, int& starts);

}  // namespace moodline::casetest
