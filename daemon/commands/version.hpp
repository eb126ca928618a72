// What --version says: the program, the store's schema, the time-zone database.
#pragma once
#include <string>

namespace moodline::commands {
std::string version_text();
}
