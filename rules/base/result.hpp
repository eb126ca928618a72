// Result: an expected failure is returned, not thrown. Broken machinery throws; our own bugs
// assert.
#pragma once
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace moodline {

/// Why something could not be done. `code` is stable and short (for metrics and tests);
/// `message` is one plain English sentence that says what to do. Neither holds a phone number,
/// a secret or a word of a reply.
struct Fault {
  std::string code;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Fault>;

inline tl::unexpected<Fault> fault(std::string code, std::string message) {
  return tl::unexpected<Fault>(Fault{std::move(code), std::move(message)});
}

}  // namespace moodline
