// The tool's side of the control socket: one blocking call a command.
#pragma once
#include <string>

#include "providers/provider.hpp"
#include "rules/base/result.hpp"

namespace moodline::net {

/// JSON over HTTP on a Unix socket. `json` may be empty. Any status is a reply.
/// Faults: "daemon_not_running" (no socket, or nobody listens), "not_permitted", "timeout",
/// "control_failed". Blocks for at most `timeout_s`. Thread: any.
Result<providers::HttpReply> control_call(const std::string& socket_path, const std::string& method,
                                          const std::string& path, const std::string& json,
                                          int timeout_s = 60);

}  // namespace moodline::net
