// planted: which of the bugs of faults.yaml this process has. Only the copy of the tree that
// planted.py makes includes this; nothing else does.
#pragma once
#include <cstdlib>
#include <cstring>

namespace moodline {

/// Whether MOODLINE_PLANTED names this bug. One at a time.
inline bool planted(const char* name) {
  static const char* const wanted = std::getenv("MOODLINE_PLANTED");
  return wanted != nullptr && std::strcmp(wanted, name) == 0;
}

}  // namespace moodline
