// The packs of the repository, compiled once for every safety test.
#pragma once
#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "daemon/replies/safety.hpp"

namespace moodline::testing {

inline const replies::SafetyScanner& scanner() {
  static const replies::SafetyScanner one = [] {
    const auto packs = config::load_language_packs(MOODLINE_SOURCE_DIR "/config/languages");
    std::vector<config::PackProblem> problems = packs.problems;
    auto made = replies::SafetyScanner::compile(packs, problems);
    for (const auto& p : problems) FAIL(config::to_text(p));
    return made;
  }();
  return one;
}

inline replies::SafetyScan scan(std::string_view text, const replies::SafetyContext& context = {}) {
  return scanner().scan(rules::normalise(text), context);
}

}  // namespace moodline::testing
