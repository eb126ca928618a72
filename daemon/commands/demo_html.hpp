// The demo page's HTML, style and script: no third party, no build step.
#pragma once
#include <string>

#include "daemon/net/message.hpp"

namespace moodline::commands {
std::string demo_html();
std::string demo_script();
net::Headers demo_headers();
}  // namespace moodline::commands
