// Labels: the words of the scale as an answer, and numbers that their words contradict.
#pragma once
#include <optional>

#include "daemon/replies/scene.hpp"
#include "daemon/replies/verdict.hpp"

namespace moodline::replies {

/// The whole message less filler equals a label of the one open question.
std::optional<Verdict> read_label(const Scene& scene, std::size_t q);

/// A label of another value stands beside the number, or a very bad word beside a top value.
bool label_disagrees(const Scene& scene, std::size_t q, Decimal value, std::size_t item);

/// Who speaks: "she says 5" marks the verdict as by another; a helper's guess makes it unclear.
void apply_speaker(const Scene& scene, std::size_t item, Verdict& v);

/// "LO", "meter says HI": a meter's word for what lies beyond its range. No value, and an alarm.
std::optional<Verdict> read_meter_word(const Scene& s);

}  // namespace moodline::replies
