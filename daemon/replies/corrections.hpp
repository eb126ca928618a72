// Corrections: a marker next to a value, "A not B", "from A to B", "*4". One value comes out, or
// an honest question.
#pragma once
#include <optional>

#include "daemon/replies/scene.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::replies {

/// Run after the masks. Keeps the number that is meant and masks the ones it replaces. Returns
/// true when the text is a correction whose value the resolver may now read; a verdict when it is
/// decided already (a marker without a value).
struct CorrectionResult {
  bool correction = false;
  std::optional<Verdict> decided;
  Span span;
};
CorrectionResult read_correction(Scene& scene);

}  // namespace moodline::replies
